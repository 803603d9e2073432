/** A folder on the client's side of folder deploy (DESIGN §5): read once, it has the digest of its canonical tar. */
import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { BUCKET_HASH_BYTES, BUCKETS, type BundleFile, bucketOf, bucketText } from '../domain/bundle.ts'
import { canonicalTarBytes, comparePaths, tarEnd, tarHeader, tarPadding } from '../domain/canonical-tar.ts'

/** One file of a folder on the client's side. */
export interface FolderFile {
  /** Below the folder, `/`-separated, without a leading slash. */
  path: string
  size: number
  /** The content from its beginning; called once for the digest and once more if it has to travel. */
  read(): AsyncIterable<Uint8Array>
}

/** A running SHA-256; `hex` ends it and gives lower-case hex. */
export interface Sha256 {
  update(bytes: Uint8Array): void
  hex(): string | Promise<string>
}

export interface ScanOptions {
  sha256(): Sha256
  signal?: AbortSignal
  /** Called with the bytes of content read so far. */
  onProgress?(bytes: number): void
}

export interface ScannedFile extends FolderFile {
  sha256: string
  bucket: number
}

export interface Folder {
  /** SHA-256 of the canonical tar: the digest of the bundle that the folder becomes. */
  digest: string
  /** Bytes of the canonical tar. */
  tarBytes: number
  /** In the order of the canonical tar. */
  files: ScannedFile[]
  /** 1,024 × 16 bytes. */
  bucketHashes: Uint8Array
}

/** Folders and files that a version control system or a desktop leaves behind: no part of a site. */
const LITTER = /(^|\/)(\.git|\.hg|\.svn|__MACOSX|\.DS_Store|Thumbs\.db)(\/|$)/
export const isLitter = (path: string): boolean => LITTER.test(path)

/**
 * Reads every file once and computes the digest of the folder. Throws `invalid` for a folder without files, with one
 * path twice, or whose file changed while it was read; `too_large` over the limits of an archive.
 */
export async function scanFolder(files: readonly FolderFile[], options: ScanOptions): Promise<Folder> {
  const sorted = requireDeployable(files)
  const whole = options.sha256()
  const scanned: ScannedFile[] = []
  let bytes = 0
  for (const file of sorted) {
    options.signal?.throwIfAborted()
    whole.update(tarHeader(file.path, file.size))
    const own = options.sha256()
    for await (const chunk of exactly(file)) {
      whole.update(chunk)
      own.update(chunk)
      bytes += chunk.length
      options.onProgress?.(bytes)
    }
    whole.update(tarPadding(file.size))
    const bucket = bucketOf(await hashed(file.path, options))
    scanned.push({
      path: file.path,
      size: file.size,
      read: () => file.read(),
      sha256: await own.hex(),
      bucket,
    })
  }
  whole.update(tarEnd())
  return {
    digest: await whole.hex(),
    tarBytes: canonicalTarBytes(scanned),
    files: scanned,
    bucketHashes: await hashBuckets(scanned, options),
  }
}

function requireDeployable(files: readonly FolderFile[]): FolderFile[] {
  if (files.length === 0)
    throw new Fault('invalid', 'The folder has no files.', {
      hint: 'Deploy the folder that your build wrote, such as dist or build.',
    })
  if (files.length > LIMITS.archive.entries)
    throw new Fault('too_large', `The folder has ${files.length} files.`, {
      hint: `A bundle has at most ${LIMITS.archive.entries} files. Is this the folder that your build wrote?`,
    })
  const sorted = files.toSorted((a, b) => comparePaths(a.path, b.path))
  const twice = sorted.find((file, i) => sorted[i + 1]?.path === file.path)
  if (twice) throw new Fault('invalid', `The folder names ${shown(twice.path)} twice.`)
  if (canonicalTarBytes(files) > LIMITS.archive.packedBytes)
    throw new Fault('too_large', 'The folder is larger than 1 GiB.', {
      hint: 'Compress it and deploy the archive: a ZIP or tar.zst may hold up to 4 GiB of files.',
    })
  return sorted
}

async function hashed(text: string, options: ScanOptions): Promise<string> {
  const hash = options.sha256()
  hash.update(new TextEncoder().encode(text))
  return hash.hex()
}

async function hashBuckets(files: readonly ScannedFile[], options: ScanOptions): Promise<Uint8Array> {
  const buckets: BundleFile[][] = Array.from({ length: BUCKETS }, () => [])
  for (const file of files) buckets[file.bucket]?.push(file)
  const hashes = new Uint8Array(BUCKETS * BUCKET_HASH_BYTES)
  for (const [i, bucket] of buckets.entries())
    hashes.set(
      bytesOfHex(await hashed(bucketText(bucket), options), BUCKET_HASH_BYTES),
      i * BUCKET_HASH_BYTES,
    )
  return hashes
}

const bytesOfHex = (hex: string, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

/** The content of a file, which must have the size that was told when the folder was listed. */
export async function* exactly(file: FolderFile): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of file.read()) {
    bytes += chunk.length
    if (bytes > file.size) break
    yield chunk
  }
  if (bytes !== file.size)
    throw new Fault('invalid', `The file ${shown(file.path)} changed while it was read.`, {
      hint: 'Wait until the build has ended, then deploy again.',
    })
}
