/** The client's half of folder deploy (DESIGN §5), for the page and the CLI: only contents that the service lacks travel. */
import { LIMITS } from '../base/limits.ts'
import type { BundleFile } from '../domain/bundle.ts'
import { canonicalTarBytes, tarEnd, tarHeader, tarPadding } from '../domain/canonical-tar.ts'
import { ApiProblem, type Client } from './client.ts'
import { exactly, type Folder, type ScannedFile } from './folder.ts'

/** The first member of the tar that carries missing contents (`FolderEntries`); the others are named by their SHA-256. */
export const ENTRIES_NAME = 'entries.json'

export interface FolderTransport {
  client: Client
  service: string
  /**
   * Posts `body` (a gzipped tar of about `bytes` bytes before compression) to `path`; resolves when the server has
   * built the bundle, throws ApiProblem otherwise.
   */
  send(path: string, body: ReadableStream<Uint8Array>, bytes: number): Promise<void>
  signal?: AbortSignal
  /** Called with the bytes taken so far for the body, before compression. */
  onProgress?(bytes: number, ofBytes: number): void
}

export interface SentFolder {
  /** The service held the bundle already. */
  known: boolean
  /** How many contents travelled. */
  contents: number
}

/** A base may be retired between question and answer; the next round finds another. */
const ROUNDS = 3

/** Makes the service hold the bundle of the folder; afterwards it can be deployed by its digest. */
export async function sendFolder(folder: Folder, transport: FolderTransport): Promise<SentFolder> {
  for (let round = 1; ; round++) {
    try {
      return await sendOnce(folder, transport)
    } catch (error) {
      const isStale = error instanceof ApiProblem && error.problem.code === 'conflict'
      if (!isStale || round === ROUNDS) throw error
    }
  }
}

async function sendOnce(folder: Folder, transport: FolderTransport): Promise<SentFolder> {
  const { client, service } = transport
  const signal = transport.signal && { signal: transport.signal }
  const first = await client.call('bundles.diff', {
    params: { service },
    json: { digest: folder.digest, buckets: base64(folder.bucketHashes) },
    ...signal,
  })
  if (first.value.known) return { known: true, contents: 0 }
  const { base, buckets } = first.value
  const differing = new Set(buckets)
  const changed = folder.files.filter((file) => differing.has(file.bucket))
  // Without a base the service holds nothing to build on: everything is missing.
  const missing = new Set(base === null ? changed.map((file) => file.sha256) : [])
  for (const entries of base === null ? [] : batches(changed.map(entryOf))) {
    const answer = await client.call('bundles.diff', {
      params: { service },
      json: { digest: folder.digest, base, entries },
      ...signal,
    })
    for (const sha256 of answer.value.missing) missing.add(sha256)
  }
  const contents = withoutRepeats(changed.filter((file) => missing.has(file.sha256)))
  const list = new TextEncoder().encode(JSON.stringify({ base, buckets, entries: changed.map(entryOf) }))
  const bytes = canonicalTarBytes([
    { path: ENTRIES_NAME, size: list.length },
    ...contents.map((file) => ({ path: file.sha256, size: file.size })),
  ])
  const tar = inPieces(contentsTar(list, contents), (done) => transport.onProgress?.(done, bytes))
  const path = client.path('bundles.files', { params: { service, digest: folder.digest } })
  await transport.send(path, gzipped(streamOf(tar)), bytes)
  return { known: false, contents: contents.length }
}

const entryOf = ({ path, size, sha256 }: BundleFile): BundleFile => ({ path, size, sha256 })

function withoutRepeats(files: readonly ScannedFile[]): ScannedFile[] {
  const first = new Map(files.map((file) => [file.sha256, file]))
  return [...first.values()]
}

/** Entries in requests that stay below the limit of a JSON body. */
function* batches(entries: readonly BundleFile[]): Generator<BundleFile[]> {
  const most = LIMITS.http.jsonBodyBytes / 2
  let batch: BundleFile[] = []
  let bytes = 0
  for (const entry of entries) {
    // A character is at most three bytes of UTF-8, or six of an escape.
    const own = 160 + 6 * entry.path.length
    if (bytes + own > most && batch.length > 0) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(entry)
    bytes += own
  }
  if (batch.length > 0) yield batch
}

async function* contentsTar(list: Uint8Array, contents: readonly ScannedFile[]): AsyncGenerator<Uint8Array> {
  yield tarHeader(ENTRIES_NAME, list.length)
  yield list
  yield tarPadding(list.length)
  for (const file of contents) {
    yield tarHeader(file.sha256, file.size)
    yield* exactly(file)
    yield tarPadding(file.size)
  }
  yield tarEnd()
}

/** Larger pieces: a tar of small files is three pieces a file, and each costs a turn of every stream behind. */
async function* inPieces(
  chunks: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let size = 0
  let bytes = 0
  for await (const chunk of chunks) {
    pending.push(chunk)
    size += chunk.length
    if (size < PIECE_BYTES) continue
    yield joined(pending, size)
    tell((bytes += size))
    pending = []
    size = 0
  }
  yield joined(pending, size)
  tell(bytes + size)
}

const PIECE_BYTES = 256 * 1024

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** An async iterable as a stream that reads on demand. */
export function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>) // never a shared buffer here
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}

const gzipped = (stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> =>
  stream.pipeThrough(new CompressionStream('gzip'))

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
