import { createHash } from 'node:crypto'
import { closeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { contentMtime } from '../../../domain/bundle.ts'
import { packedPieces, unpackPieces } from './content.ts'
import { isGoodStream, savesEnough, siblingHeader, trailer } from './sibling.ts'
import type { TreeWriter } from './tree-writer.ts'

export interface LargeEntry {
  entry: ArchiveEntry
  /** Null: checked, not written. */
  path: string | null
  source: { fd: number; dataStart: number; checkpoint(): void }
  wantsSibling: boolean
}

/** Unpacks, checks and writes one large file and its `.gz` sibling with flat memory. Returns its SHA-256. */
export async function writeLarge(large: LargeEntry, writer: TreeWriter | null): Promise<string> {
  const digest = createHash('sha256')
  if (!writer || large.path === null) {
    await unpackPieces(large.entry, large.source, (piece) => void digest.update(piece))
    return digest.digest('hex')
  }
  const fd = writer.create(large.path)
  try {
    await unpackPieces(large.entry, large.source, (piece) => {
      digest.update(piece)
      writer.write(fd, piece)
    })
  } catch (error) {
    closeSync(fd)
    throw error
  }
  const sha256 = digest.digest('hex')
  const mtime = contentMtime(sha256)
  writer.complete(fd, large.entry.size, mtime)
  if (large.wantsSibling) await writeSibling(large, writer, { path: `${large.path}.gz`, mtime })
  return sha256
}

async function writeSibling(
  large: LargeEntry,
  writer: TreeWriter,
  sibling: { path: string; mtime: number },
): Promise<void> {
  const { entry, source } = large
  if (entry.method === 'deflated' && !isGoodStream(entry)) return
  const fd = writer.create(sibling.path)
  let size = 0
  const append = (bytes: Uint8Array) => {
    writer.write(fd, bytes)
    size += bytes.length
  }
  try {
    if (entry.method === 'deflated') {
      append(siblingHeader())
      for (const piece of packedPieces(source.fd, source.dataStart, entry.packedSize)) append(piece)
      append(trailer(entry.zip?.crc ?? 0, entry.size))
    } else await compress(large, append)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  writer.complete(fd, size, sibling.mtime)
  if (!savesEnough(entry.size, size)) writer.remove(sibling.path)
}

async function compress({ entry, source }: LargeEntry, append: (bytes: Buffer) => void): Promise<void> {
  const pieces = Readable.from(packedPieces(source.fd, source.dataStart, entry.packedSize))
  await pipeline(pieces, createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const piece of packed) {
      source.checkpoint()
      append(piece)
    }
  })
}
