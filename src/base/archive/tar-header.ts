import { refuseEntry } from './refusal.ts'
import { tarChecksum } from './sniff.ts'

export const TAR_BLOCK_BYTES = 512

export type TarKind = 'file' | 'directory' | 'link' | 'pax' | 'global-pax' | 'long-name' | 'long-link'

export interface TarHeader {
  /** The name's bytes: undecoded, since a name that an extended header replaces may be cut inside of a letter. */
  rawName: Buffer
  /** The same for messages. */
  label: string
  kind: TarKind
  /** Bytes of data that follow, as this header says. */
  size: number
}

const KINDS: Record<string, TarKind> = {
  '0': 'file',
  '\0': 'file',
  '1': 'link',
  '2': 'link',
  '5': 'directory',
  x: 'pax',
  g: 'global-pax',
  L: 'long-name',
  K: 'long-link',
}

const REFUSED: Record<string, string> = {
  '3': 'is a character device',
  '4': 'is a block device',
  '6': 'is a named pipe',
  '7': 'is a contiguous file, a kind that is not supported',
  S: 'is a sparse file, and sparse files are not supported',
  D: 'is a folder dump, a kind that is not supported',
  M: 'is the rest of a file from another volume',
  V: 'is a volume label, a kind that is not supported',
  X: 'is an old Solaris header, a kind that is not supported',
}

/**
 * Reads one header block (POSIX ustar, GNU and the older form without magic). Owner, mode and times are ignored: ours
 * are forced. Throws `archive_refused` for a wrong checksum, an impossible size and every kind that is neither file
 * nor folder nor link (THREATS A12, A35); links are told apart so that all of them can be listed.
 */
export function readTarHeader(block: Buffer): TarHeader {
  const rawName = readName(block)
  const label = rawName.toString('utf8')
  if (readOctal(block, 148, 8) !== tarChecksum(block))
    throw refuseEntry(label, 'has a header with a wrong checksum: the archive is damaged')
  const size = readNumber(block, 124, 12)
  if (size === null) throw refuseEntry(label, 'has an impossible size in its header')
  const flag = String.fromCharCode(block[156] ?? 0)
  const kind = KINDS[flag]
  if (!kind) throw refuseEntry(label, REFUSED[flag] ?? 'is of an unknown kind, neither a file nor a folder')
  return { rawName, label, kind, size }
}

function readName(block: Buffer): Buffer {
  const name = readField(block, 0, 100)
  // GNU tar uses the prefix's bytes for other things; only POSIX's magic "ustar\0" gives them this meaning.
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return name
  const prefix = readField(block, 345, 155)
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name])
}

/** A field's bytes up to its first NUL. */
export function readField(bytes: Buffer, at: number, length: number): Buffer {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return end === -1 ? field : field.subarray(0, end)
}

/** Octal digits, or GNU's base-256 when the top bit is set; null when it is no number from 0 to 2^53. */
function readNumber(block: Buffer, at: number, length: number): number | null {
  const first = block[at] ?? 0
  if ((first & 0x80) === 0) return readOctal(block, at, length)
  if (first !== 0x80) return null
  let value = 0
  for (const byte of block.subarray(at + 1, at + length)) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : null
}

function readOctal(block: Buffer, at: number, length: number): number | null {
  const digits = block.toString('latin1', at, at + length).match(/^ *([0-7]*)[ \0]*$/)?.[1]
  return digits === undefined ? null : Number.parseInt(digits || '0', 8)
}
