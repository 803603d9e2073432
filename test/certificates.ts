/** Certificates of tests, made without a program and without waiting for one. */
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'

export interface MadeCertificate {
  /** PKCS#8 PEM. */
  key: string
  /** PEM of the certificate alone. */
  chain: string
  /** SHA-256 (hex) of its DER. */
  sha256: string
}

interface Wishes {
  /** Ms since 1970; a day before and 90 days after now if they are not given. */
  notBefore?: number
  notAfter?: number
  /** Who signs it; itself if not given. Its chain becomes part of none. */
  issuer?: MadeCertificate & { name: string }
  isAuthority?: boolean
  /** P-256 if not given. */
  pair?: { privateKey: KeyObject; publicKey: KeyObject }
}

const DAY_MS = 24 * 3_600_000

/** For these names (the first one is its subject too), signed with SHA-256. */
export function makeCertificate(names: readonly string[], wishes: Wishes = {}): MadeCertificate {
  const now = Date.now()
  const { notBefore = now - DAY_MS, notAfter = now + 90 * DAY_MS, issuer, isAuthority = false } = wishes
  const { privateKey, publicKey } = wishes.pair ?? generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = issuer?.key ?? privateKey
  const subject = names[0] ?? ''
  const extensions = [
    extension('551d11', sequence(...names.map((name) => tlv(0x82, Buffer.from(name))))),
    extension('551d13', isAuthority ? sequence(tlv(0x01, [0xff])) : sequence()),
  ]
  const algorithm = sequence(oid(isRsa(signer) ? '2a864886f70d01010b' : '2a8648ce3d040302'))
  const body = sequence(
    tlv(0xa0, tlv(0x02, [2])),
    tlv(0x02, [0x40, ...randomBytes(8)]),
    algorithm,
    nameOf(issuer?.name ?? subject),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  )
  const der = sequence(body, algorithm, tlv(0x03, [0, ...sign('sha256', body, signer)]))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    chain: new X509Certificate(der).toString(),
    sha256: createHash('sha256').update(der).digest('hex'),
  }
}

const isRsa = (key: KeyObject | string): boolean => typeof key !== 'string' && key.asymmetricKeyType === 'rsa'

function tlv(tag: number, ...parts: (Uint8Array | number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts)
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'))
const nameOf = (text: string): Buffer =>
  sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(text)))))
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), tlv(0x04, value))
/** GeneralizedTime. */
const time = (ms: number): Buffer =>
  tlv(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')))
