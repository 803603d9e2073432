import { refuseArchive } from './refusal.ts'

export type ArchiveFormat = 'zip' | 'tar' | 'tar.gz' | 'tar.zst'

/** Bytes from the start of a file that `sniffFormat` looks at; an ISO image tells its name at 32,769. */
export const SNIFF_BYTES = 33_280

type Kind = ArchiveFormat | { is: string }

/** What a file is, by its first bytes and never by its name (THREATS A32). Order matters where one holds another. */
const MAGIC: [kind: Kind, offset: number, bytes: string][] = [
  ['zip', 0, 'PK\x03\x04'],
  ['zip', 0, 'PK\x05\x06'],
  ['tar.gz', 0, '\x1f\x8b'],
  ['tar.zst', 0, '\x28\xb5\x2f\xfd'],
  ['tar', 257, 'ustar'],
  [{ is: 'a part of a split ZIP archive' }, 0, 'PK\x07\x08'],
  [{ is: 'a part of a split ZIP archive' }, 0, 'PK00PK'],
  [{ is: 'a RAR archive' }, 0, 'Rar!\x1a\x07'],
  [{ is: 'a 7-Zip archive' }, 0, '7z\xbc\xaf\x27\x1c'],
  [{ is: 'an xz file' }, 0, '\xfd7zXZ\x00'],
  [{ is: 'a bzip2 file' }, 0, 'BZh'],
  [{ is: 'an LZ4 file' }, 0, '\x04\x22\x4d\x18'],
  [{ is: 'an lzip file' }, 0, 'LZIP'],
  [{ is: 'a compress (.Z) file' }, 0, '\x1f\x9d'],
  [{ is: 'a cabinet file' }, 0, 'MSCF'],
  [{ is: 'an LHA archive' }, 2, '-lh'],
  [{ is: 'an ar archive or Debian package' }, 0, '!<arch>'],
  [{ is: 'an XAR package' }, 0, 'xar!'],
  [{ is: 'a cpio archive' }, 0, '07070'],
  [{ is: 'an ISO image' }, 32_769, 'CD001'],
  [{ is: 'a PDF document' }, 0, '%PDF-'],
  [{ is: 'a PNG image' }, 0, '\x89PNG'],
  [{ is: 'a JPEG image' }, 0, '\xff\xd8\xff'],
  [{ is: 'a GIF image' }, 0, 'GIF8'],
  [{ is: 'a Windows program' }, 0, 'MZ'],
  [{ is: 'a Linux program' }, 0, '\x7fELF'],
  [{ is: 'a WebAssembly module' }, 0, '\x00asm'],
]

const HINT = 'Send a ZIP, a tar, a tar.gz or a tar.zst of the built site.'

/**
 * The format of an archive from its first `SNIFF_BYTES` bytes (fewer when the file is shorter).
 * Throws `archive_refused`, saying what the file is instead.
 */
export function sniffFormat(head: Uint8Array): ArchiveFormat {
  if (head.length === 0) throw refuseArchive('it is empty: no byte arrived', HINT)
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  const found = MAGIC.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0]
  if (typeof found === 'string') return found
  if (found) throw refuseArchive(`this is ${found.is}`, HINT)
  if (isSkippableZstd(head)) return 'tar.zst'
  if (isOldTar(head)) return 'tar'
  if (/^\s*<(?:!doctype|html|\?xml|svg)/i.test(text.slice(0, 256)))
    throw refuseArchive('this is an HTML or XML document', HINT)
  throw refuseArchive('this is no archive that can be read here', HINT)
}

/** RFC 8878 §3.1.2: a zstd file may begin with a frame that decoders skip. */
function isSkippableZstd(head: Uint8Array): boolean {
  return head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18 && ((head[0] ?? 0) & 0xf0) === 0x50
}

/** A tar older than POSIX has no magic: its checksum speaks for it. An empty tar is nothing but zero blocks. */
function isOldTar(head: Uint8Array): boolean {
  if (head.length < 512) return false
  const block = head.subarray(0, 512)
  if (block.every((byte) => byte === 0)) return true
  return tarChecksum(block) === Number.parseInt(Buffer.from(block.subarray(148, 156)).toString('latin1'), 8)
}

/** The sum of a tar header's bytes with its checksum field read as blanks. */
export function tarChecksum(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (let index = 0; index < 512; index++) if (index < 148 || index >= 156) sum += block[index] ?? 0
  return sum
}
