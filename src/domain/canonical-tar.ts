/**
 * The one tar of a folder: regular files only, sorted by the UTF-8 bytes of their paths, mode 0644, owner 0 without a
 * name, mtime 0, ustar (POSIX.1-2024 pax, "ustar Interchange Format") with a pax `path` record where ustar can't hold
 * the path, two zero blocks at the end and nothing after them. Its SHA-256 is the digest of the folder.
 * For ASCII paths that fit ustar, GNU tar writes the same bytes:
 * `find … | LC_ALL=C sort | tar --format=ustar -b1 --no-recursion --mode=0644 --mtime=@0 --owner=0 --group=0 --numeric-owner -T -`.
 */
export const TAR_BLOCK_BYTES = 512
const NAME_BYTES = 100
const PREFIX_BYTES = 155
/** Eleven octal digits. */
const SIZE_MOST_BYTES = 8 ** 11 - 1

/** The two zero blocks that end a tar. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * TAR_BLOCK_BYTES)

/** The zero bytes that fill a content of `size` bytes up to whole blocks. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array(paddingBytes(size))

const paddingBytes = (size: number): number => (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES

/** Order of two paths by their UTF-8 bytes, which is the order of their code points. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** UTF-16 puts surrogates (code points from U+10000) before U+E000 to U+FFFF; UTF-8 puts them after. */
const codePointRank = (unit: number): number =>
  unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000

/** Bytes of the whole canonical tar. */
export function canonicalTarBytes(files: Iterable<{ path: string; size: number }>): number {
  let bytes = 2 * TAR_BLOCK_BYTES
  for (const { path, size } of files) bytes += headerBytes(path) + size + paddingBytes(size)
  return bytes
}

function headerBytes(path: string): number {
  if (ustarName(path) !== null) return TAR_BLOCK_BYTES
  const record = paxRecord(path).length
  return TAR_BLOCK_BYTES + record + paddingBytes(record) + TAR_BLOCK_BYTES
}

/** The header blocks of one file: one, or three and more with a pax record. Throws RangeError over 8 GiB. */
export function tarHeader(path: string, size: number): Uint8Array {
  if (!Number.isInteger(size) || size < 0 || size > SIZE_MOST_BYTES)
    throw new RangeError(`a tar can't hold a file of ${size} bytes`)
  const name = ustarName(path)
  if (name !== null) return ustarHeader({ ...name, size, type: '0' })
  const record = paxRecord(path)
  return joined([
    ustarHeader({ name: PAX_NAME, prefix: NOTHING, size: record.length, type: 'x' }),
    record,
    tarPadding(record.length),
    ustarHeader({ name: PAX_NAME, prefix: NOTHING, size, type: '0' }),
  ])
}

const encoder = new TextEncoder()
const NOTHING = new Uint8Array(0)
/** What a reader that knows no pax would see: constant, so that the digest depends on the path alone. */
const PAX_NAME = encoder.encode('PaxHeader')

interface UstarName {
  name: Uint8Array
  prefix: Uint8Array
}

/** The path in the two fields of ustar, or null when it needs a pax record: too long, or not printable ASCII. */
function ustarName(path: string): UstarName | null {
  if (!/^[ -~]+$/.test(path)) return null
  const bytes = encoder.encode(path)
  if (bytes.length <= NAME_BYTES) return { name: bytes, prefix: NOTHING }
  // As GNU tar does: the last slash that leaves a prefix of at most 155 bytes.
  const slash = path.lastIndexOf('/', PREFIX_BYTES)
  if (slash <= 0 || slash === path.length - 1 || path.length - slash - 1 > NAME_BYTES) return null
  return { name: bytes.subarray(slash + 1), prefix: bytes.subarray(0, slash) }
}

/** `<length> path=<path>\n`, where the length counts its own digits. */
function paxRecord(path: string): Uint8Array {
  const rest = encoder.encode(` path=${path}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return joined([encoder.encode(String(length)), rest])
}

interface UstarFields extends UstarName {
  size: number
  type: '0' | 'x'
}

/** What every header has in common; the checksum field holds spaces while the sum is made. */
const TEMPLATE = (() => {
  const block = new Uint8Array(TAR_BLOCK_BYTES)
  const put = (text: string, at: number) => block.set(encoder.encode(text), at)
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  put('00000000000\0', 136)
  put('        ', 148)
  put('ustar\x0000', 257)
  put('0000000\0', 329)
  put('0000000\0', 337)
  return block
})()

function ustarHeader(fields: UstarFields): Uint8Array {
  const block = TEMPLATE.slice()
  block.set(fields.name, 0)
  block.set(encoder.encode(`${fields.size.toString(8).padStart(11, '0')}\0`), 124)
  block.set(encoder.encode(fields.type), 156)
  block.set(fields.prefix, 345)
  block.set(encoder.encode(`${checksum(block).toString(8).padStart(6, '0')}\0 `), 148)
  return block
}

function checksum(block: Uint8Array): number {
  let sum = 0
  for (const byte of block) sum += byte
  return sum
}

/** The plain ustar header of a file: its name and size; null when the block is anything else. */
export function readTarHeader(block: Uint8Array): { name: string; size: number } | null {
  if (block.length !== TAR_BLOCK_BYTES || text(block, 257, 262) !== 'ustar') return null
  const type = block[156]
  const size = octal(block, 124, 136)
  const summed = new Uint8Array(block).fill(0x20, 148, 156)
  if ((type !== 0x30 && type !== 0) || size === null) return null
  if (octal(block, 148, 156) !== checksum(summed)) return null
  const prefix = text(block, 345, 500)
  const name = text(block, 0, 100)
  return { name: prefix === '' ? name : `${prefix}/${name}`, size }
}

const decoder = new TextDecoder()

function text(block: Uint8Array, from: number, to: number): string {
  const field = block.subarray(from, to)
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

function octal(block: Uint8Array, from: number, to: number): number | null {
  const digits = text(block, from, to).trim()
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : null
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
