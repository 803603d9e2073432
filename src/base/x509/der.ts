/** DER (X.690): what certificates, keys and requests are written in. Strict: one spelling of each value, nothing left over. */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalTime: 0x18,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** `[n]` of an ASN.1 module: around other values, or in place of a simple value's own tag. */
export const around = (n: number): number => 0xa0 + n
export const inPlace = (n: number): number => 0x80 + n

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One value as it stands in a text. */
export interface Der {
  tag: number
  content: Uint8Array
  /** With its tag and length. */
  whole: Uint8Array
}

/** The one value that these bytes are. Throws DerError. */
export function readDer(bytes: Uint8Array): Der {
  const value = valueAt(bytes, 0)
  if (value.whole.length !== bytes.length)
    throw new DerError(`${bytes.length - value.whole.length} bytes follow after its end`)
  return value
}

/** The values within one of the given kind; in order. Throws DerError. */
export function inside(value: Der | undefined, tag: number): Der[] {
  const { content } = expected(value, tag)
  const values: Der[] = []
  for (let at = 0; at < content.length; ) {
    const next = valueAt(content, at)
    values.push(next)
    at += next.whole.length
  }
  return values
}

/** The value, when it is there and of this kind. Throws DerError. */
export function expected(value: Der | undefined, tag: number): Der {
  if (value?.tag === tag) return value
  throw new DerError(`${value ? `tag ${value.tag}` : 'nothing'} stands where tag ${tag} belongs`)
}

function valueAt(bytes: Uint8Array, at: number): Der {
  const tag = byteAt(bytes, at)
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several bytes')
  const { length, from } = lengthAt(bytes, at + 1)
  if (from + length > bytes.length) throw new DerError('it ends too early')
  return { tag, content: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) }
}

/** The shortest form only, up to what fits into four bytes. */
function lengthAt(bytes: Uint8Array, at: number): { length: number; from: number } {
  const first = byteAt(bytes, at)
  if (first < 0x80) return { length: first, from: at + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 4) throw new DerError('a length without an end or beyond measure')
  let length = 0
  for (let index = 1; index <= count; index++) length = length * 256 + byteAt(bytes, at + index)
  if (length < 0x80 || length < 256 ** (count - 1))
    throw new DerError('a length that is longer than it has to be')
  return { length, from: at + 1 + count }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new DerError('it ends too early')
  return byte
}

/** Dotted decimal, as in `2.5.29.17`. */
export function oidOf(value: Der | undefined): string {
  const { content } = expected(value, TAG.oid)
  const arcs: number[] = []
  let arc = 0
  for (const [index, byte] of content.entries()) {
    if (arc === 0 && byte === 0x80) throw new DerError('an object identifier with a leading zero')
    arc = arc * 128 + (byte & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('an object identifier beyond measure')
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    } else if (index === content.length - 1) throw new DerError('half an object identifier')
  }
  const [first, ...more] = arcs
  if (first === undefined) throw new DerError('an empty object identifier')
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - 40 * root, ...more].join('.')
}

/** The bytes of a BIT STRING that has whole ones only. */
export function bitsOf(value: Der | undefined): Uint8Array {
  const { content } = expected(value, TAG.bits)
  if (content[0] !== 0) throw new DerError('a bit string with part of a byte')
  return content.subarray(1)
}

/** The bytes of an INTEGER, two's complement. */
export function integerOf(value: Der | undefined): Uint8Array {
  const { content } = expected(value, TAG.integer)
  const [first, second = 0] = content
  if (first === undefined) throw new DerError('an empty integer')
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError('an integer that is longer than it has to be')
  return content
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERAL_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** A time as RFC 5280 §4.1.2.5 has it, in ms since 1970. */
export function timeOf(value: Der | undefined): number {
  const text = latin1Of(value?.content)
  const parts =
    value?.tag === TAG.utcTime
      ? UTC_TIME.exec(text)
      : value?.tag === TAG.generalTime
        ? GENERAL_TIME.exec(text)
        : null
  if (!parts) throw new DerError('a time that is none')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const fullYear = value?.tag === TAG.generalTime ? year : year < 50 ? 2000 + year : 1900 + year
  const date = new Date(0)
  date.setUTCFullYear(fullYear, month - 1, day)
  date.setUTCHours(hour, minute, second)
  if (date.getUTCDate() !== day || date.getUTCHours() !== hour || date.getUTCMinutes() !== minute)
    throw new DerError('a time that is none')
  return date.getTime()
}

/** The text of any of the string types; null for what is none. */
export function textOf({ tag, content }: Der): string | null {
  if (tag === TAG.utf8) return Buffer.from(content).toString('utf8')
  if (tag === TAG.printable || tag === TAG.ia5 || tag === TAG.teletex) return latin1Of(content)
  if (tag === TAG.bmp && content.length % 2 === 0) return Buffer.from(content).swap16().toString('utf16le')
  return null
}

export const latin1Of = (bytes: Uint8Array = new Uint8Array()): string =>
  Buffer.from(bytes).toString('latin1')

export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, { length }) => sum + length, 0)
  const lengthBytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256)
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 + lengthBytes.length, ...lengthBytes]
  return Buffer.concat([Uint8Array.from(head), ...content])
}

export const sequence = (...content: readonly Uint8Array[]): Uint8Array => der(TAG.sequence, ...content)

export function oid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...more] = dotted.split('.').map(Number)
  return der(TAG.oid, Uint8Array.from([root * 40 + second, ...more].flatMap(base128)))
}

function base128(arc: number): number[] {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 + (rest % 128))
  return bytes
}

/** A whole number from its bytes, most significant first. */
export function positiveInteger(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 0)
  const significant = from < 0 ? Uint8Array.of(0) : bytes.subarray(from)
  const sign = (significant[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array()
  return der(TAG.integer, sign, significant)
}

export const bits = (bytes: Uint8Array): Uint8Array => der(TAG.bits, Uint8Array.of(0), bytes)

export const text = (value: string, tag: number = TAG.utf8): Uint8Array =>
  der(tag, Buffer.from(value, 'utf8'))

/** Of ms since 1970: whole seconds, in the type that RFC 5280 wants for the year. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  const isShort = digits >= '1950' && digits < '2050'
  return text(isShort ? digits.slice(2) : digits, isShort ? TAG.utcTime : TAG.generalTime)
}
