/** Domain names: labels of bytes on the wire (RFC 1035 §3.1), and their one spelling as text. */
import { Fault, shown } from '../fault.ts'

const LABEL_BYTES = 63
const NAME_BYTES = 255

/** Lower case, no trailing dot, and escaped (RFC 1035 §5.1) what is no plain character of a name. The root is empty. */
export function nameText(labels: readonly Uint8Array[]): string {
  return labels.map((label) => Array.from(label, character).join('')).join('.')
}

function character(byte: number): string {
  const char = String.fromCharCode(byte).toLowerCase()
  if (/[a-z0-9_*/+=@:-]/.test(char)) return char
  if (byte > 0x20 && byte < 0x7f) return `\\${char}`
  return `\\${byte.toString().padStart(3, '0')}`
}

/** The labels of a name in text, with or without its trailing dot. Throws `invalid` for what is no name. */
export function labelsOf(text: string): Uint8Array[] {
  if (text === '' || text === '.') return []
  const labels: number[][] = [[]]
  for (const [piece, digits, escaped, dot] of text.matchAll(/\\(\d{3})|\\([^\d])|(\.)|./gsu)) {
    if (piece === '\\') throw noName(text)
    if (dot !== undefined) labels.push([])
    else labels.at(-1)?.push(digits === undefined ? asciiOf(escaped ?? piece, text) : Number(digits))
  }
  if (labels.at(-1)?.length === 0) labels.pop()
  const isName =
    labels.every((label) => label.length > 0 && label.length <= LABEL_BYTES && label.every(isByte)) &&
    labels.reduce((size, label) => size + label.length + 1, 1) <= NAME_BYTES
  if (!isName) throw noName(text)
  return labels.map((label) => Uint8Array.from(label))
}

const isByte = (value: number): boolean => value < 256

function asciiOf(piece: string, text: string): number {
  const code = piece.codePointAt(0) ?? 0
  if (code > 0x7f) throw noName(text)
  return code
}

const noName = (text: string): Fault =>
  new Fault('invalid', `${shown(text, 100)} is no domain name.`, {
    hint: 'Labels have 1 to 63 bytes, the whole at most 253; names that are not ASCII are written in their xn-- form.',
  })

/** The one spelling of a name in text. Throws `invalid`. */
export const canonicalName = (text: string): string => nameText(labelsOf(text))

/** The name on the wire, uncompressed; as it is spelled. */
export function nameBytes(text: string): Uint8Array {
  return Buffer.concat([
    ...labelsOf(text).flatMap((label) => [Uint8Array.of(label.length), label]),
    Uint8Array.of(0),
  ])
}

/** Whether a canonical name lies in a zone, or is the zone; on label boundaries. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`)
