/** A bundle's name: the SHA-256 of the archive as it came, 64 lower-case hex digits. */
export type Digest = string
export const DIGEST_PATTERN = /^[0-9a-f]{64}$/

export const BUNDLE_FORMATS = ['zip', 'tar', 'tar.gz', 'tar.zst'] as const
export type BundleFormat = (typeof BUNDLE_FORMATS)[number]

/** A tree's name: the bundle and the version of the unpacker that made it. */
export type TreeKey = string
export const UNPACKER_VERSION = 1
export const treeKey = (digest: Digest): TreeKey => `${digest}-${UNPACKER_VERSION}`
export const digestOfTree = (key: TreeKey): Digest => key.slice(0, 64)

/** One file of a bundle: its place below the site's root, `/`-separated without a leading slash. */
export interface BundleFile {
  path: string
  size: number
  /** SHA-256 of the content, hex. */
  sha256: Digest
}

/** What is known of a bundle after its one full reading; kept beside it and derivable from it. */
export interface BundleFacts {
  digest: Digest
  format: BundleFormat
  /** Bytes of the archive. */
  size: number
  files: number
  /** Bytes of all files together. */
  unpackedSize: number
  /** The single top folder that held everything and was stripped; null when there was none. */
  strippedFolder: string | null
  /** Entries left out by DESIGN §4 (`__MACOSX/…`, `.DS_Store`), at most 100 of them, and how many in all. */
  dropped: string[]
  droppedCount: number
  /** Sentences for the log: no index.html, … */
  warnings: string[]
  /** The text of the bundle's own `_headers` and `_redirects`, already accepted by the parser; null when absent. */
  headersText: string | null
  redirectsText: string | null
  /** Paths `X.gz` that came with the bundle beside `X` and gunzip to it: they stay URLs, unlike generated siblings. */
  ownGzip: string[]
}

/** mtime of a file as a pure function of its content (DESIGN §4): seconds since 1970. */
export const contentMtime = (sha256: Digest): number =>
  1_000_000_000 + (Number.parseInt(sha256.slice(0, 8), 16) >>> 3)

/** Folders are compared by 1,024 buckets: a path's bucket is the first 10 bits of its SHA-256. */
export const BUCKETS = 1024
/** Bytes of SHA-256 kept for a bucket; enough to find differences, the digest proves the whole. */
export const BUCKET_HASH_BYTES = 16

/** The bucket of a path, by the SHA-256 (hex) of its UTF-8 bytes. */
export const bucketOf = (pathSha256: Digest): number => Number.parseInt(pathSha256.slice(0, 3), 16) >>> 2

/** The text whose SHA-256 is a bucket's hash: its files sorted by path (`comparePaths`), a line each. */
export const bucketText = (files: readonly BundleFile[]): string =>
  files.map((file) => `${file.sha256} ${file.size} ${file.path}\n`).join('')
