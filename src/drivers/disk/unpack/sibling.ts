import { gzipSync } from 'node:zlib'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { LIMITS } from '../../../base/limits.ts'
import { isCompressible } from '../../../domain/site-path.ts'

/** RFC 1952 §2.3: deflate, no flags, no time, unknown system. */
const HEADER = Buffer.from('1f8b08000000000000ff', 'hex')
const FRAME_BYTES = 18
const SEGMENT_BYTES = 255

/** Whether a file is of a kind and size that gets a `.gz` sibling if that saves enough (DESIGN §4). */
export function wantsSibling(path: string, size: number): boolean {
  const name = Buffer.byteLength(path.slice(path.lastIndexOf('/') + 1))
  return size >= LIMITS.gzip.minimumBytes && name + 3 <= SEGMENT_BYTES && isCompressible(path)
}

export const savesEnough = (size: number, gzipped: number): boolean =>
  gzipped * 100 <= size * (100 - LIMITS.gzip.minimumSavingPercent)

/** Whether the ZIP's own deflate stream makes a good sibling. */
export const isGoodStream = (entry: ArchiveEntry): boolean =>
  entry.method === 'deflated' && savesEnough(entry.size, entry.packedSize + FRAME_BYTES)

/** A gzip file around a raw deflate stream, without compressing anything. */
export function siblingFromStream(entry: ArchiveEntry, packed: Buffer): Buffer {
  return Buffer.concat([HEADER, packed, trailer(entry.zip?.crc ?? 0, entry.size)])
}

export const siblingHeader = (): Buffer => HEADER

export function trailer(crc: number, size: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(crc, 0)
  bytes.writeUInt32LE(size % 2 ** 32, 4)
  return bytes
}

/** The `.gz` sibling of a small file's content; null when it would not save enough. */
export function siblingOf(entry: ArchiveEntry, content: Buffer, packed: Buffer): Buffer | null {
  if (entry.method === 'deflated') return isGoodStream(entry) ? siblingFromStream(entry, packed) : null
  const gzipped = gzipSync(content)
  return savesEnough(content.length, gzipped.length) ? gzipped : null
}
