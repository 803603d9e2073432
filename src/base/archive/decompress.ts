import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, constants as zlib } from 'node:zlib'
import { errnoOf } from '../fault.ts'
import type { ArchiveLimits } from '../limits.ts'
import { refuseArchive } from './refusal.ts'
import { checkZstdFrames } from './zstd-frames.ts'

const CHUNK_BYTES = 262_144
const HEADER_BYTES_PER_ENTRY = 4096

export interface DecompressOptions {
  fd: number
  size: number
  format: 'tar.gz' | 'tar.zst'
  /** A file that doesn't exist yet. */
  target: string
  limits: ArchiveLimits
  /** Throws to stop. */
  checkpoint(): void
}

/**
 * Writes the plain tar inside of a .tar.gz or .tar.zst to `target` and returns its size. Several gzip members or zstd
 * frames are one stream; bytes behind the last are refused, as are streams that grow past the limits (THREATS A14,
 * A17). Memory is flat. Throws `archive_refused`.
 */
export async function decompressTar(options: DecompressOptions): Promise<number> {
  const { fd, size, format, limits } = options
  if (format === 'tar.zst') checkZstdFrames(fd, size, limits.zstdWindowLog)
  const decoder =
    format === 'tar.gz'
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : createZstdDecompress({
          chunkSize: CHUNK_BYTES,
          params: { [zlib.ZSTD_d_windowLogMax]: limits.zstdWindowLog },
        })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const out = openSync(options.target, flags, 0o600)
  try {
    return await pump(decoder, out, options)
  } catch (error) {
    if (errnoOf(error)?.startsWith('Z')) throw refuseArchive(`its ${word(format)} data is damaged or cut off`)
    throw error
  } finally {
    closeSync(out)
  }
}

async function pump(decoder: Transform & { bytesWritten: number }, out: number, options: DecompressOptions) {
  const { limits, size } = options
  const most = limits.unpackedBytes + limits.entries * HEADER_BYTES_PER_ENTRY
  let total = 0
  await pipeline(Readable.from(chunks(options.fd, size)), decoder, async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      options.checkpoint()
      total += piece.length
      if (total > most) throw refuseArchive(`it unpacks to more than ${limits.unpackedBytes} bytes`)
      if (total > limits.ratioFloorBytes && total > limits.ratio * size)
        throw refuseArchive(`it unpacks to more than ${limits.ratio} times its size`)
      for (let done = 0; done < piece.length; ) done += writeSync(out, piece, done)
    }
  })
  if (decoder.bytesWritten !== size)
    throw refuseArchive(`bytes that are no ${word(options.format)} follow behind its end`)
  return total
}

function* chunks(fd: number, size: number): Generator<Buffer> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at))
    const count = readSync(fd, chunk, 0, chunk.length, at)
    if (count === 0) return
    at += count
    yield chunk.subarray(0, count)
  }
}

const word = (format: 'tar.gz' | 'tar.zst'): string => (format === 'tar.gz' ? 'gzip' : 'zstd')
