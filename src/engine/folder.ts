/** The server's half of folder deploy (DESIGN §5): a bundle is rebuilt from contents that the service holds already. */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { nextTurn } from '../base/clock.ts'
import { errnoOf, Fault, shown } from '../base/fault.ts'
import { removeAll, stagingFolder } from '../base/files.ts'
import { LIMITS } from '../base/limits.ts'
import type { FolderEntries } from '../contract/folder-entries.ts'
import type { BundleDiffAnswer, BundleDiffRequest } from '../contract/shapes.ts'
import { BUCKET_HASH_BYTES, BUCKETS, type BundleFile, type Digest, treeKey } from '../domain/bundle.ts'
import { canonicalTarBytes, comparePaths, tarEnd, tarHeader, tarPadding } from '../domain/canonical-tar.ts'
import { bucketOfPath } from '../domain/manifest.ts'
import type { Bundles, Manifest, ReceivedArchive, Trees } from '../ports/bundles.ts'
import { pieces, SentContents } from './sent-contents.ts'

export interface FolderWorld {
  bundles: Pick<Bundles, 'manifest' | 'receive' | 'requireSpace'>
  trees: Pick<Trees, 'has' | 'fileAt'>
  /** DATA/staging */
  staging: string
}

/** What one service holds; a digest that only another service knows opens nothing here. */
export interface ServiceBundles {
  holds(digest: Digest): boolean
  /** Bundles to compare with, likeliest first: what is live in its environments. The first few are looked at. */
  candidates(): Digest[]
}

/** Answers both questions of a client. Throws `conflict` when the base that it was told is gone. */
export async function diffFolder(
  world: FolderWorld,
  service: ServiceBundles,
  request: BundleDiffRequest,
): Promise<BundleDiffAnswer> {
  const nothing = { known: false, base: null, buckets: [], missing: [] }
  if (service.holds(request.digest) && (await world.bundles.manifest(request.digest)))
    return { ...nothing, known: true }
  if ('buckets' in request) return { ...nothing, ...(await nearest(world, service, request.buckets)) }
  const held = await heldContents(world, service, request)
  const missing = new Set(request.entries.map((entry) => entry.sha256).filter((sha256) => !held.has(sha256)))
  return { ...nothing, base: request.base, missing: [...missing] }
}

/** Only a bundle whose tree stands is a base: its contents can be read at once, whatever its archive's format is. */
async function bases(world: FolderWorld, service: ServiceBundles): Promise<Map<Digest, Manifest>> {
  const found = new Map<Digest, Manifest>()
  for (const digest of new Set(service.candidates().slice(0, LIMITS.folder.bases))) {
    const manifest = (await world.trees.has(treeKey(digest))) && (await world.bundles.manifest(digest))
    if (manifest) found.set(digest, manifest)
  }
  return found
}

async function nearest(
  world: FolderWorld,
  service: ServiceBundles,
  buckets: string,
): Promise<{ base: Digest | null; buckets: number[] }> {
  const hashes = Buffer.from(buckets, 'base64')
  if (hashes.length !== BUCKETS * BUCKET_HASH_BYTES)
    throw new Fault('invalid', 'The bucket hashes have a wrong length.', {
      errors: [{ field: 'buckets', message: `must be ${BUCKETS} × ${BUCKET_HASH_BYTES} bytes in base64` }],
    })
  let best: { base: Digest | null; buckets: number[] } | null = null
  for (const [base, manifest] of await bases(world, service)) {
    const differing = differingBuckets(hashes, manifest.bucketHashes)
    if (!best || differing.length < best.buckets.length) best = { base, buckets: differing }
  }
  return best ?? { base: null, buckets: Array.from({ length: BUCKETS }, (_, i) => i) }
}

function differingBuckets(a: Uint8Array, b: Uint8Array): number[] {
  const differing: number[] = []
  for (let i = 0; i < BUCKETS; i++) {
    const at = i * BUCKET_HASH_BYTES
    const end = at + BUCKET_HASH_BYTES
    if (Buffer.compare(a.subarray(at, end), b.subarray(at, end)) !== 0) differing.push(i)
  }
  return differing
}

/** Where each wanted content can be read: the file of a standing tree. */
async function heldContents(
  world: FolderWorld,
  service: ServiceBundles,
  wanted: { base: Digest | null; entries: readonly BundleFile[] },
): Promise<Map<Digest, string>> {
  const left = new Set(wanted.entries.map((entry) => entry.sha256))
  const held = new Map<Digest, string>()
  const manifests = await bases(world, service)
  if (wanted.base !== null && !manifests.has(wanted.base))
    manifests.set(wanted.base, await baseManifest(world, service, wanted.base))
  for (const [digest, manifest] of manifests)
    for (const file of left.size > 0 ? manifest.files() : [])
      if (left.delete(file.sha256)) held.set(file.sha256, world.trees.fileAt(treeKey(digest), file.path))
  return held
}

async function baseManifest(world: FolderWorld, service: ServiceBundles, base: Digest): Promise<Manifest> {
  const stands = service.holds(base) && (await world.trees.has(treeKey(base)))
  const manifest = stands ? await world.bundles.manifest(base) : null
  if (!manifest) throw baseGone()
  return manifest
}

const baseGone = (cause?: unknown): Fault =>
  new Fault('conflict', 'What the folder was compared with is no longer there.', {
    hint: 'Another deployment replaced it meanwhile: ask again with the bucket hashes.',
    cause,
  })

export interface FolderUpload {
  digest: Digest
  /** A tar, plain or gzipped, as `sendFolder` of the contract makes it. */
  body: AsyncIterable<Uint8Array>
  signal: AbortSignal
}

/**
 * Rebuilds the canonical tar in staging; from there it is an archive like any other. Throws `malformed`, `invalid`,
 * `digest_mismatch`, `too_large`, `disk_full`, or `conflict` when a content is neither sent nor held any more.
 */
export async function receiveFolder(
  world: FolderWorld,
  service: ServiceBundles,
  upload: FolderUpload,
): Promise<ReceivedArchive> {
  const scratch = await stagingFolder(world.staging)
  let sent: SentContents | null = null
  try {
    let base: Digest | null = null
    let files: BundleFile[] = []
    sent = await SentContents.read(upload.body, scratch, async (entries) => {
      base = entries.base
      files = await wholeFolder(world, service, entries)
      world.bundles.requireSpace(canonicalTarBytes(entries.entries) + canonicalTarBytes(files))
      return new Map(entries.entries.map((entry) => [entry.sha256, entry]))
    })
    const sources = await findSources({ world, service, base, files, sent })
    return await world.bundles.receive(canonicalTar(sources), {
      announcedBytes: canonicalTarBytes(files),
      expectedDigest: upload.digest,
      signal: upload.signal,
    })
  } finally {
    await sent?.close()
    await removeAll(scratch)
  }
}

/** Every file of the folder in the order of its tar: the base's outside the named buckets, the sent list's inside. */
async function wholeFolder(
  world: FolderWorld,
  service: ServiceBundles,
  sent: FolderEntries,
): Promise<BundleFile[]> {
  const replaced = new Set(sent.buckets)
  const files: BundleFile[] = []
  if (sent.base !== null) {
    const manifest = await baseManifest(world, service, sent.base)
    for (let i = 0; i < BUCKETS; i++) if (!replaced.has(i)) files.push(...manifest.bucket(i))
  }
  for (const entry of sent.entries) {
    requireEntry(entry, replaced)
    files.push(entry)
  }
  if (files.length > LIMITS.archive.entries || canonicalTarBytes(files) > LIMITS.archive.packedBytes)
    throw new Fault('too_large', 'The folder is larger than an archive may be.', {
      hint: `A bundle has at most ${LIMITS.archive.entries} files and 1 GiB.`,
    })
  return files.sort((a, b) => comparePaths(a.path, b.path))
}

/** What the archive policy could not see any more in a tar that we write ourselves. */
function requireEntry(entry: BundleFile, buckets: ReadonlySet<number>): void {
  const isText = entry.path !== '' && entry.path.isWellFormed() && !entry.path.includes('\0')
  if (!isText || !buckets.has(bucketOfPath(entry.path)))
    throw new Fault(
      'invalid',
      `The entry ${shown(entry.path)} is in none of the named buckets or is no path.`,
    )
}

type Source = BundleFile & { from: SentContents | string }

async function findSources(given: {
  world: FolderWorld
  service: ServiceBundles
  base: Digest | null
  files: BundleFile[]
  sent: SentContents
}): Promise<Source[]> {
  const { base, files, sent } = given
  const entries = files.filter((file) => !sent.has(file.sha256))
  const held = await heldContents(given.world, given.service, { base, entries })
  return files.map((file) => {
    const from = sent.has(file.sha256) ? sent : held.get(file.sha256)
    if (from === undefined) throw baseGone()
    return { ...file, from }
  })
}

const PIECE_BYTES = 256 * 1024

/** The canonical tar in pieces of some size, with a turn of the event loop after each. */
async function* canonicalTar(sources: readonly Source[]): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let bytes = 0
  for await (const part of parts(sources)) {
    pending.push(part)
    bytes += part.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(pending)
    pending = []
    bytes = 0
    await nextTurn()
  }
  yield Buffer.concat(pending)
}

async function* parts(sources: readonly Source[]): AsyncGenerator<Uint8Array> {
  for (const source of sources) {
    yield tarHeader(source.path, source.size)
    yield* content(source)
    yield tarPadding(source.size)
  }
  yield tarEnd()
}

/** Small files are read at once: thousands of them through streams take ten times as long. */
async function* content({ from, size, sha256 }: Source): AsyncGenerator<Uint8Array> {
  try {
    if (typeof from !== 'string') yield* from.content(sha256)
    else if (size <= PIECE_BYTES) yield readFileSync(from)
    else {
      await using file = await open(from, 'r')
      yield* pieces(file, 0, size)
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw baseGone(error)
    throw error
  }
}
