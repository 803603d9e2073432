/** An authenticator in software: what a security key and a browser do together (WebAuthn level 3 §6, §7), and can do wrong. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { Assertion, Registration } from '../../src/contract/shapes/passkeys.ts'

export interface Asked {
  challenge: string
}

/** What is otherwise than it should be. */
export interface Wrong {
  challenge?: string
  origin?: string
  rpId?: string
  type?: string
  crossOrigin?: boolean
  /** Whether it says that somebody was there, and who it was. */
  present?: boolean
  verified?: boolean
  counter?: number
  userHandle?: string | null
  format?: string
}

const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const base64url = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])

export class Authenticator {
  counter = 0
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  private readonly id = randomBytes(16)
  private readonly origin: () => string
  private userId = ''

  /** `origin`: of the page that it is used on. */
  constructor(origin: () => string) {
    this.origin = origin
  }

  /** `navigator.credentials.create`. */
  register(options: Asked & { user: { id: string } }, wrong: Wrong = {}): Registration {
    this.userId = options.user.id
    const credential = Buffer.concat([Buffer.alloc(16), uint16(this.id.length), this.id, this.coseKey()])
    const data = Buffer.concat([this.head(wrong, 0x40), credential])
    const { format = 'none' } = wrong
    const object = Buffer.concat([
      Buffer.from([0xa3]),
      text('fmt'),
      text(format),
      text('attStmt'),
      Buffer.from([0xa0]),
      text('authData'),
      Buffer.from([0x59]),
      uint16(data.length),
      data,
    ])
    return {
      ...this.names(),
      response: {
        clientDataJSON: base64url(this.clientData('webauthn.create', options, wrong)),
        attestationObject: base64url(object),
        transports: ['internal'],
      },
    }
  }

  /** `navigator.credentials.get`. */
  sign(options: Asked, wrong: Wrong = {}): Assertion {
    const clientData = this.clientData('webauthn.get', options, wrong)
    const data = this.head(wrong, 0)
    const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), this.keys.privateKey)
    return {
      ...this.names(),
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(data),
        signature: base64url(signature),
        userHandle: wrong.userHandle === undefined ? this.userId : wrong.userHandle,
      },
    }
  }

  private names() {
    return { id: base64url(this.id), rawId: base64url(this.id), type: 'public-key' as const }
  }

  private clientData(type: string, { challenge }: Asked, wrong: Wrong): string {
    return JSON.stringify({ type, challenge, origin: this.origin(), crossOrigin: false, ...known(wrong) })
  }

  private head(
    { rpId = 'localhost', present = true, verified = true, counter = this.counter }: Wrong,
    flags: number,
  ): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const all = flags | (present ? 1 : 0) | (verified ? 4 : 0)
    return Buffer.concat([sha256(rpId), Buffer.from([all]), count])
  }

  /** ES256 in COSE (RFC 9053 §7.1.1). */
  private coseKey(): Buffer {
    const { x = '', y = '' } = this.keys.publicKey.export({ format: 'jwk' })
    const [X, Y] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
    const head = Buffer.from('a5010203262001215820', 'hex')
    return Buffer.concat([head, X, Buffer.from('225820', 'hex'), Y])
  }
}

/** What the browser writes, and not the authenticator. */
const known = ({ challenge, origin, type, crossOrigin }: Wrong): object => ({
  ...(challenge !== undefined && { challenge }),
  ...(origin !== undefined && { origin }),
  ...(type !== undefined && { type }),
  ...(crossOrigin !== undefined && { crossOrigin }),
})

/** A short text in CBOR. */
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
