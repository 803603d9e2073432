/** Texts of TXT and their kin: strings of at most 255 bytes, and how master files write them (RFC 1035 §3.3, §5.1). */
import { MalformedMessage, WireReader } from './wire.ts'

const STRING_BYTES = 255

/** A text as it travels: as few strings as hold it, at least one. */
export function stringsOf(text: string): Uint8Array[] {
  const bytes = Buffer.from(text, 'utf8')
  const count = Math.max(1, Math.ceil(bytes.length / STRING_BYTES))
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * STRING_BYTES, (index + 1) * STRING_BYTES),
  )
}

/** The text that strings make together; what is no UTF-8 as RFC 3597 §5 writes bytes of unknown meaning. */
export function textOfStrings(strings: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(strings)
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : opaque(bytes)
}

export const opaque = (bytes: Uint8Array): string =>
  `\\# ${bytes.length} ${Buffer.from(bytes).toString('hex')}`

/** The strings of a TXT record's data. */
export function stringsIn(data: Uint8Array): Uint8Array[] {
  const reader = new WireReader(data)
  const strings: Uint8Array[] = []
  while (reader.at < data.length) strings.push(reader.take(reader.u8()))
  return strings
}

/** A text as a master file has it: quoted, and of its bytes escaped what isn't plain ASCII. */
export const quoted = (text: string): string =>
  stringsOf(text)
    .map((string) => `"${Array.from(string, escaped).join('')}"`)
    .join(' ')

function escaped(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
  return `\\${byte.toString().padStart(3, '0')}`
}

/** Quoted, or a word without spaces; in either a backslash before three digits or one character. */
const STRING = /\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+))/gsuy

/** The strings that a master file's text means. Throws MalformedMessage for what is none. */
export function unquoted(content: string): Uint8Array[] {
  const text = content.trimEnd()
  const strings: Uint8Array[] = []
  let end = 0
  for (const match of text.matchAll(STRING)) {
    strings.push(unescaped(match[1] ?? match[2] ?? ''))
    end = match.index + match[0].length
  }
  if (end !== text.length || strings.length === 0)
    throw new MalformedMessage('its text is not quoted as RFC 1035 says')
  return strings
}

const unescaped = (text: string): Uint8Array =>
  Buffer.concat(
    Array.from(text.matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gsu), ([, digits, char, plain]) =>
      digits === undefined ? Buffer.from(char ?? plain ?? '', 'utf8') : Buffer.of(Number(digits) & 0xff),
    ),
  )
