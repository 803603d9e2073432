/** The tar that a folder deploy sends: `entries.json`, then each missing content under the name of its SHA-256. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { FolderEntries } from '../contract/folder-entries.ts'
import { ENTRIES_NAME } from '../contract/folder-upload.ts'
import type { BundleFile, Digest } from '../domain/bundle.ts'
import { readTarHeader, TAR_BLOCK_BYTES } from '../domain/canonical-tar.ts'

/** The list of files, once it has come and before any content is read, answers which contents may follow. */
export type Expect = (entries: FolderEntries) => Promise<ReadonlyMap<Digest, BundleFile>>

/** Contents kept one after the other in one file of the staging folder, each found by its SHA-256. */
export class SentContents {
  private readonly places = new Map<Digest, { at: number; size: number }>()
  private readonly file: FileHandle
  private bytes = 0

  private constructor(file: FileHandle) {
    this.file = file
  }

  /** Throws `malformed`, `invalid`, `digest_mismatch` or what `expect` throws; the file is closed then. */
  static async read(body: AsyncIterable<Uint8Array>, folder: string, expect: Expect): Promise<SentContents> {
    const tar = new TarReader(unpacked(body))
    const contents = new SentContents(await open(join(folder, 'contents'), 'wx+', 0o600))
    try {
      await contents.take(tar, expect)
      return contents
    } catch (error) {
      await contents.close()
      throw error
    } finally {
      await tar.close()
    }
  }

  has(sha256: Digest): boolean {
    return this.places.has(sha256)
  }

  async *content(sha256: Digest): AsyncGenerator<Uint8Array> {
    const place = this.places.get(sha256)
    if (!place) throw new Error(`no content ${sha256} was sent`)
    yield* pieces(this.file, place.at, place.size)
  }

  close(): Promise<void> {
    return this.file.close()
  }

  private async take(tar: TarReader, expect: Expect): Promise<void> {
    const first = await tar.next()
    if (first?.name !== ENTRIES_NAME) throw unreadable(`its first member is not ${ENTRIES_NAME}`)
    const expected = await expect(parseEntries(await tar.whole(first.size, LIMITS.folder.entriesBytes)))
    for (let member = await tar.next(); member; member = await tar.next()) {
      const announced = expected.get(member.name)
      if (!announced || this.places.has(member.name))
        throw new Fault('invalid', `The content ${shown(member.name, 80)} was not asked for, or came twice.`)
      if (announced.size !== member.size)
        throw new Fault(
          'digest_mismatch',
          `The file ${shown(announced.path)} has another size than announced.`,
        )
      await this.keep(announced, tar)
    }
  }

  private async keep(announced: BundleFile, tar: TarReader): Promise<void> {
    const hash = createHash('sha256')
    const at = this.bytes
    for await (const chunk of tar.content(announced.size)) {
      hash.update(chunk)
      await this.file.write(chunk, 0, chunk.length, this.bytes)
      this.bytes += chunk.length
    }
    if (hash.digest('hex') !== announced.sha256)
      throw new Fault(
        'digest_mismatch',
        `The content of ${shown(announced.path)} is not the announced one.`,
        {
          hint: 'It may have changed while it was sent; deploy the folder again.',
        },
      )
    this.places.set(announced.sha256, { at, size: announced.size })
  }
}

const PIECE_BYTES = 256 * 1024

/** A part of a file, read by and by. A file that ends too early is an error. */
export async function* pieces(file: FileHandle, from: number, size: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size; ) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - done))
    const { bytesRead } = await file.read(piece, 0, piece.length, from + done)
    if (bytesRead === 0) throw new Error(`a file ended after ${done} of ${size} bytes`)
    yield piece.subarray(0, bytesRead)
    done += bytesRead
  }
}

function parseEntries(json: Buffer): FolderEntries {
  let value: unknown
  try {
    value = JSON.parse(json.toString('utf8'))
  } catch (cause) {
    throw new Fault('malformed', `${ENTRIES_NAME} is not JSON.`, { cause })
  }
  const parsed = FolderEntries.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault('invalid', `${ENTRIES_NAME} does not describe a folder.`, {
    errors: parsed.error.issues
      .slice(0, 20)
      .map((issue) => ({ field: shown(issue.path.join('.')), message: shown(issue.message) })),
  })
}

const unreadable = (why: string, cause?: unknown): Fault =>
  new Fault('malformed', `The tar of missing contents can't be read: ${why}.`, { cause })

/** The body as it is, or gunzipped when it begins as gzip does. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]()
  let first = await source.next()
  while (!first.done && first.value.length === 0) first = await source.next()
  const all = resumed(first, source)
  // No tar begins with this byte here: its first member is named `entries.json`.
  if (!first.done && first.value[0] === 0x1f) yield* gunzipped(all)
  else yield* all
}

async function* resumed(
  first: IteratorResult<Uint8Array>,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await source.next()) yield next.value
  } finally {
    await source.return?.()
  }
}

async function* gunzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(body, { objectMode: false })
  const gunzip = createGunzip()
  let lost: unknown
  packed.on('error', (error) => {
    lost = error
    gunzip.destroy(error)
  })
  try {
    yield* packed.pipe(gunzip)
  } catch (error) {
    throw lost ?? unreadable('it is not whole gzip data', error)
  } finally {
    packed.destroy()
    gunzip.destroy()
  }
}

/** Plain ustar files, as canonical-tar.ts and any tar program write them. */
class TarReader {
  private readonly source: AsyncIterator<Uint8Array>
  private rest: Uint8Array = new Uint8Array(0)
  private unread = 0

  constructor(body: AsyncIterable<Uint8Array>) {
    this.source = body[Symbol.asyncIterator]()
  }

  /** The next file; null at the end. The content before it has been read to its end. */
  async next(): Promise<{ name: string; size: number } | null> {
    await this.exactly(this.unread)
    const block = await this.exactly(TAR_BLOCK_BYTES)
    if (block.every((byte) => byte === 0)) return this.drain()
    const header = readTarHeader(block)
    if (!header) throw unreadable('a header is broken or no plain file')
    this.unread = 0
    return header
  }

  async whole(size: number, most: number): Promise<Buffer> {
    if (size > most) throw new Fault('too_large', `${ENTRIES_NAME} is larger than ${most} bytes.`)
    const parts: Uint8Array[] = []
    for await (const part of this.content(size)) parts.push(part)
    return Buffer.concat(parts)
  }

  async *content(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const part = await this.some(left)
      left -= part.length
      yield part
    }
    this.unread = (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES
  }

  private async exactly(size: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for (let left = size; left > 0; ) {
      const part = await this.some(left)
      left -= part.length
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  private async some(most: number): Promise<Uint8Array> {
    while (this.rest.length === 0) {
      const next = await this.source.next()
      if (next.done) throw unreadable('it ends too early')
      this.rest = next.value
    }
    const part = this.rest.subarray(0, most)
    this.rest = this.rest.subarray(part.length)
    return part
  }

  async close(): Promise<void> {
    await this.source.return?.()
  }

  /** Tar programs pad a tar to 10 KiB; anything longer is no end. */
  private async drain(): Promise<null> {
    let bytes = this.rest.length
    for (let next = await this.source.next(); !next.done; next = await this.source.next()) {
      bytes += next.value.length
      if (bytes > LIMITS.archive.tarHeaderBytes) throw unreadable('data follows its end')
    }
    return null
  }
}
