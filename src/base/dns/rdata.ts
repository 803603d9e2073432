/** The data of records: on the wire, and as text that can be compared and shown. */
import { isIPv4, isIPv6 } from 'node:net'
import { Fault, shown } from '../fault.ts'
import { opaque, quoted, stringsIn, stringsOf, textOfStrings } from './character-string.ts'
import { nameBytes } from './name.ts'
import { MalformedMessage, WireReader, WireWriter } from './wire.ts'

const TYPES: Record<string, number> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  AXFR: 252,
  ANY: 255,
  URI: 256,
  CAA: 257,
}
const NAMES = new Map(Object.entries(TYPES).map(([name, number]) => [number, name]))

/** `TYPE65280` for those without a name (RFC 3597 §5). */
export const typeName = (type: number): string => NAMES.get(type) ?? `TYPE${type}`

export function typeNumber(name: string): number {
  const number = TYPES[name] ?? Number(/^TYPE(\d{1,5})$/.exec(name)?.[1])
  if (Number.isInteger(number) && number < 0x1_0000) return number
  throw new Fault('invalid', `${shown(name, 40)} is no type of record.`, {
    hint: 'Write it in capital letters, such as AAAA.',
  })
}

/** Of types whose names a server may compress: the bytes before them, and how many there are (RFC 3597 §4). */
const LAYOUTS: Record<number, { before: number; names: number }> = {
  2: { before: 0, names: 1 },
  5: { before: 0, names: 1 },
  6: { before: 0, names: 2 },
  12: { before: 0, names: 1 },
  15: { before: 2, names: 1 },
  17: { before: 0, names: 2 },
  18: { before: 2, names: 1 },
  33: { before: 6, names: 1 },
  36: { before: 2, names: 1 },
  39: { before: 0, names: 1 },
}

/** Data as it stands in a message, with its names written out. */
export function expandedData(
  type: number,
  { message, at, length }: { message: Uint8Array; at: number; length: number },
): Uint8Array {
  const layout = LAYOUTS[type]
  const end = at + length
  // An UPDATE has records without data.
  if (layout === undefined || length === 0) return Buffer.from(new WireReader(message, at).take(length))
  const reader = new WireReader(message.subarray(0, end), at)
  const writer = new WireWriter().add(reader.take(layout.before))
  for (let index = 0; index < layout.names; index++) writer.labels(reader.labels())
  return writer.add(message.subarray(reader.at, end)).done()
}

/**
 * Addresses and names in their canonical spelling, TXT as plain text, the rest as a master file would have it; what is no
 * data of its type as its bytes.
 */
export function dataText(type: number, data: Uint8Array): string {
  try {
    return textOfData(type, data)
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return opaque(data)
    throw thrown
  }
}

function textOfData(type: number, data: Uint8Array): string {
  const reader = new WireReader(data)
  const number = () => reader.u16()
  switch (typeName(type)) {
    case 'A':
      return Array.from(reader.take(4)).join('.')
    case 'AAAA':
      return ipv6Text(reader.take(16))
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return reader.name()
    case 'MX':
      return `${number()} ${reader.name()}`
    case 'SRV':
      return `${number()} ${number()} ${number()} ${reader.name()}`
    case 'SOA':
      return [reader.name(), reader.name(), ...Array.from({ length: 5 }, () => reader.u32())].join(' ')
    case 'TXT':
      return textOfStrings(stringsIn(data))
    case 'CAA': {
      const flags = reader.u8()
      const tag = Buffer.from(reader.take(reader.u8())).toString('latin1')
      return `${flags} ${shown(tag, 20)} ${quoted(textOfStrings([data.subarray(reader.at)]))}`
    }
    default:
      return opaque(data)
  }
}

/** The data of a type that is written. Throws `invalid`. */
export function dataBytes(type: string, value: string): Uint8Array {
  if (type === 'A' && isIPv4(value)) return Uint8Array.from(value.split('.').map(Number))
  if (type === 'AAAA' && isIPv6(value) && !value.includes('%')) return ipv6Bytes(value)
  if (type === 'CNAME' && value !== '') return nameBytes(value)
  if (type === 'TXT')
    return Buffer.concat(stringsOf(value).flatMap((string) => [Uint8Array.of(string.length), string]))
  throw new Fault('invalid', `${shown(value, 100)} is no value of a record of type ${shown(type, 20)}.`)
}

/** The shortest spelling (RFC 5952), which the URL standard has of a host. */
const ipv6Text = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString('hex')
  return new URL(`http://[${hex.replace(/(.{4})(?!$)/g, '$1:')}]/`).hostname.slice(1, -1)
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::')
  const left = groups(head)
  const right = groups(tail ?? '')
  const writer = new WireWriter()
  const middle = Array<number>(8 - left.length - right.length).fill(0)
  for (const group of [...left, ...middle, ...right]) writer.u16(group)
  return writer.done()
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))

/** The one spelling of an address of this very family; null for what is none. */
export function canonicalIp(type: 'A' | 'AAAA', text: string): string | null {
  if (type === 'A') return isIPv4(text) ? text : null
  return isIPv6(text) && !text.includes('%') ? ipv6Text(ipv6Bytes(text)) : null
}
