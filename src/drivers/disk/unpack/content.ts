import { createHash, hash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { type InputType } from 'node:zlib'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { refuseEntry } from '../../../base/archive/refusal.ts'
import { readExactly } from '../../../base/archive/window.ts'
import { errnoOf } from '../../../base/fault.ts'

const CHUNK_BYTES = 262_144

export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

/**
 * The content of a small entry, checked: as many bytes as declared, from all its packed bytes, with its CRC (THREATS
 * A18, A19). Throws `archive_refused`.
 */
export function unpackWhole(entry: ArchiveEntry, packed: Buffer): Buffer {
  const content = entry.method === 'stored' || packed.length === 0 ? packed : inflate(entry, packed)
  if (content.length !== entry.size) throw wrongSize(entry)
  if (entry.zip && zlib.crc32(content) !== entry.zip.crc) throw wrongCrc(entry)
  return content
}

type WithInfo = (
  input: InputType,
  options: zlib.ZlibOptions,
) => { buffer: Buffer; engine: { bytesWritten: number } }
// The typings leave out what `info: true` changes about the result (Node's zlib documentation, "Options").
const inflateWithInfo = zlib.inflateRawSync as unknown as WithInfo
// As above.
const gunzipWithInfo = zlib.gunzipSync as unknown as WithInfo

function inflate(entry: ArchiveEntry, packed: Buffer): Buffer {
  try {
    const { buffer, engine } = inflateWithInfo(packed, {
      info: true,
      maxOutputLength: entry.size || 1,
      chunkSize: Math.min(entry.size + 64, CHUNK_BYTES),
    })
    if (engine.bytesWritten !== packed.length) throw wrongSize(entry)
    return buffer
  } catch (error) {
    throw damaged(entry, error)
  }
}

/** Feeds a large entry to `take` piece by piece, with the same checks; memory is flat. */
export async function unpackPieces(
  entry: ArchiveEntry,
  source: { fd: number; dataStart: number; checkpoint: () => void },
  take: (piece: Buffer) => void | Promise<void>,
): Promise<void> {
  let size = 0
  let crc = 0
  const takeChecked = async (piece: Buffer) => {
    source.checkpoint()
    size += piece.length
    if (size > entry.size) throw wrongSize(entry)
    crc = zlib.crc32(piece, crc)
    await take(piece)
  }
  const packed = packedPieces(source.fd, source.dataStart, entry.packedSize)
  if (entry.method === 'stored') for (const piece of packed) await takeChecked(piece)
  else await inflatePieces(entry, packed, takeChecked)
  if (size !== entry.size) throw wrongSize(entry)
  if (entry.zip && crc !== entry.zip.crc) throw wrongCrc(entry)
}

async function inflatePieces(
  entry: ArchiveEntry,
  packed: Iterable<Buffer>,
  take: (piece: Buffer) => Promise<void>,
) {
  const inflater = zlib.createInflateRaw({ chunkSize: CHUNK_BYTES })
  try {
    await pipeline(Readable.from(packed), inflater, async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) await take(piece)
    })
  } catch (error) {
    throw damaged(entry, error)
  }
  if (inflater.bytesWritten !== entry.packedSize) throw wrongSize(entry)
}

export function* packedPieces(fd: number, start: number, length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += CHUNK_BYTES)
    yield readExactly(fd, start + at, Math.min(CHUNK_BYTES, length - at))
}

/** SHA-256 of what a gzip file unpacks to; null when that is not exactly `size` bytes or no whole gzip. */
export function gunzippedHash(packed: Buffer, size: number): string | null {
  try {
    const { buffer, engine } = gunzipWithInfo(packed, { info: true, maxOutputLength: size || 1 })
    return buffer.length === size && engine.bytesWritten === packed.length ? sha256(buffer) : null
  } catch (error) {
    if (isZlibError(error)) return null
    throw error
  }
}

/** The same for a large entry that has been checked by `unpackPieces`; memory is flat. */
export async function gunzippedHashOfLarge(
  entry: ArchiveEntry,
  source: { fd: number; dataStart: number },
  size: number,
): Promise<string | null> {
  const packed = Readable.from(packedPieces(source.fd, source.dataStart, entry.packedSize))
  const unpacker = entry.method === 'stored' ? new PassThrough() : zlib.createInflateRaw()
  const digest = createHash('sha256')
  let total = 0
  try {
    await pipeline(packed, unpacker, zlib.createGunzip(), async (content: AsyncIterable<Buffer>) => {
      for await (const piece of content) {
        total += piece.length
        if (total > size) throw Object.assign(new Error('longer than its neighbour'), { code: 'Z_TOO_LONG' })
        digest.update(piece)
      }
    })
  } catch (error) {
    if (isZlibError(error)) return null
    throw error
  }
  return total === size ? digest.digest('hex') : null
}

function isZlibError(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ERR_BUFFER_TOO_LARGE' || errno?.startsWith('Z_') === true
}

function damaged(entry: ArchiveEntry, error: unknown): unknown {
  if (errnoOf(error) === 'ERR_BUFFER_TOO_LARGE') return wrongSize(entry)
  return isZlibError(error) ? refuseEntry(entry.name, 'has damaged packed data') : error
}

const wrongSize = (entry: ArchiveEntry) =>
  refuseEntry(entry.name, 'does not unpack to the size that it declares')
const wrongCrc = (entry: ArchiveEntry) =>
  refuseEntry(entry.name, 'has a wrong checksum (CRC-32): it is damaged')
