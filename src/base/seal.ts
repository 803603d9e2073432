/** Sealing of secrets at rest: AES-256-GCM, bound to the place where the sealed value stands (DESIGN §4). */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Fault } from './fault.ts'

/** What the key of a data folder is used for: each use has a key of its own. */
export type KeyPurpose = 'seal' | 'seal key id' | 'access token'

/** 256 bits for one purpose (HKDF-SHA256, RFC 5869) out of the text of the key file. */
export const keyFor = (purpose: KeyPurpose, keyText: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', Buffer.from(keyText.trim(), 'hex'), '', `fairlead ${purpose}`, 32))

/** The cell of the database that holds a sealed value: anywhere else it can't be opened. */
export interface SealedPlace {
  table: string
  /** Its primary key. */
  row: string
  column: string
}

const CIPHER = 'aes-256-gcm'
const VERSION = 1
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + KEY_ID_BYTES

/** Base64url of: version 1, 4 bytes that tell one key from another, nonce, tag, ciphertext. */
export class Seal {
  private readonly key: Uint8Array
  private readonly head: Buffer

  /** `keyText`: what `DATA/key` holds. */
  constructor(keyText: string) {
    this.key = keyFor('seal', keyText)
    this.head = Buffer.from([VERSION, ...keyFor('seal key id', keyText).subarray(0, KEY_ID_BYTES)])
  }

  seal(secret: string, place: SealedPlace): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(this.bound(place))
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return Buffer.concat([this.head, nonce, cipher.getAuthTag(), sealed]).toString('base64url')
  }

  /** Throws `broken_data` when another key sealed it, or when it was altered or belongs elsewhere. */
  open(sealed: string, place: SealedPlace): string {
    const bytes = Buffer.from(sealed, 'base64url')
    const isWhole =
      bytes.length >= HEAD_BYTES + NONCE_BYTES + TAG_BYTES && bytes.toString('base64url') === sealed
    if (!isWhole) throw altered(place)
    if (bytes[0] !== VERSION) throw ofAnotherTime(place)
    if (!this.isOurs(bytes)) throw ofAnotherKey(place)
    const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
    const body = HEAD_BYTES + NONCE_BYTES + TAG_BYTES
    const cipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(this.bound(place))
    cipher.setAuthTag(bytes.subarray(HEAD_BYTES + NONCE_BYTES, body))
    try {
      return Buffer.concat([cipher.update(bytes.subarray(body)), cipher.final()]).toString('utf8')
    } catch (cause) {
      throw altered(place, cause)
    }
  }

  /** False for what another key sealed: after a restore without the key it has to be entered again. */
  canOpen(sealed: string): boolean {
    return this.isOurs(Buffer.from(sealed, 'base64url'))
  }

  private isOurs(bytes: Buffer): boolean {
    return this.head.equals(bytes.subarray(0, HEAD_BYTES))
  }

  /** A list in JSON has one reading only, whatever stands in its parts. */
  private bound({ table, row, column }: SealedPlace): Buffer {
    return Buffer.concat([this.head, Buffer.from(JSON.stringify([table, row, column]))])
  }
}

const named = ({ table, row, column }: SealedPlace): string => `The sealed ${column} of ${table} ${row}`

const ofAnotherKey = (place: SealedPlace): Fault =>
  new Fault('broken_data', `${named(place)} can't be opened: another key sealed it.`, {
    hint: 'Enter the secret again; the key that sealed it did not come along with a backup.',
  })

const ofAnotherTime = (place: SealedPlace): Fault =>
  new Fault('broken_data', `${named(place)} is of a form that this Fairlead does not know.`, {
    hint: 'Start the newer Fairlead that wrote it, or enter the secret again.',
  })

const altered = (place: SealedPlace, cause?: unknown): Fault =>
  new Fault('broken_data', `${named(place)} can't be opened: it was altered, or sealed for another place.`, {
    hint: 'Enter the secret again. If nobody has touched the database, check the disk.',
    cause,
  })
