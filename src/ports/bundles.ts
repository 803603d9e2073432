import type { WalkedFile } from '../base/local-files.ts'
import type { BundleFacts, BundleFile, BundleFormat, Digest, TreeKey } from '../domain/bundle.ts'

/** The list of a bundle's files, ordered by bucket and then by path; read piece by piece, never whole. */
export interface Manifest {
  readonly facts: BundleFacts
  /** 1,024 × 16 bytes, see `bucketText`. */
  readonly bucketHashes: Uint8Array
  bucket(index: number): BundleFile[]
  file(path: string): BundleFile | null
  files(): Iterable<BundleFile>
}

/** An archive that has arrived in staging and has been hashed, not yet looked into. */
export interface ReceivedArchive {
  digest: Digest
  size: number
  /** Folder of this upload below DATA/staging; `archive` in it is the file. */
  staging: string
}

export interface ReceiveOptions {
  /** From Content-Length, to refuse early; null when unknown. */
  announcedBytes: number | null
  /** A SHA-256 that the sender announced; checked when the last byte has come. */
  expectedDigest: Digest | null
  signal: AbortSignal
  /** Called with the bytes received so far. */
  onProgress?(bytes: number): void
}

export interface PrepareOptions {
  /** Also write the files, so that a tree can be had from it by `Trees.adopt`. */
  unpack: boolean
  /** Trees whose files may be hard-linked instead of written again, and whose archives may be compared. */
  bases: TreeKey[]
  signal: AbortSignal
}

/** An archive that was read from the first byte to the last and broke no rule. */
export interface PreparedBundle {
  received: ReceivedArchive
  facts: BundleFacts
  /** Whether `staging/tree` holds its files. */
  unpacked: boolean
}

/** The archives, by SHA-256, kept until somebody erases them. */
export interface Bundles {
  /** Streams to staging while hashing; memory is flat. Throws `too_large`, `digest_mismatch`, `disk_full`; leaves nothing behind then. */
  receive(body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedArchive>
  /** Judges the whole archive (THREATS §3.A). Throws `archive_refused`; nothing stays but the staging folder. */
  prepare(received: ReceivedArchive, options: PrepareOptions): Promise<PreparedBundle>
  /** Moves archive and manifest into place, durably. Twice is once. */
  keep(prepared: PreparedBundle): Promise<void>
  /** Moves an archive into place without a look into it: it was judged when it came first. Its manifest is rebuilt when asked for. */
  keepUnread(received: ReceivedArchive): Promise<void>
  /** Throws `disk_full` when so many bytes more would leave less free than the reserve. */
  requireSpace(bytes: number): void
  /** Throws a staging folder away, in whatever state. */
  discard(staging: string): Promise<void>
  /** Null when this instance holds no such bundle. */
  manifest(digest: Digest): Promise<Manifest | null>
  /** Where the archive's bytes are, for a download. */
  archive(digest: Digest): Promise<{ path: string; size: number; format: BundleFormat } | null>
  /** Deletes archive and manifest, and what the trash holds of them or of its trees; durable when it resolves. Absent is fine. */
  drop(digest: Digest): Promise<void>
  /** Every digest of which an archive or a manifest is on disk, for the sweep of strays. */
  list(): AsyncIterable<Digest>
}

export interface TreeStats {
  files: number
  /** How many were hard-linked from another tree. */
  linked: number
}

/** One file or folder of a tree that is not as its manifest says. */
export interface TreeDifference {
  /** Empty: the whole folder. */
  path: string
  /** In words; null: nothing. */
  wanted: string | null
  stands: string | null
}

export interface TreeComparison {
  /** Sorted by path, and not too many. */
  differences: TreeDifference[]
  /** Of all. */
  count: number
  /** Of all of them, with what stands there. */
  sha256: string
  /** Whether a bundle of what stands would hold something else: modes, times and compressed siblings are in none. */
  isOther: boolean
}

/** How much of the contents may be read; what is read is taken off. */
export interface ReadBudget {
  files: number
  bytes: number
}

export interface CompareOptions {
  key: TreeKey
  manifest: Manifest
  /** Paths whose content is read in any case. */
  again: ReadonlySet<string>
  budget: ReadBudget
  signal: AbortSignal
}

/** Unpacked bundles. A folder in DATA/trees is whole, durable and never changed. */
export interface Trees {
  has(key: TreeKey): Promise<boolean>
  /** Takes over what `Bundles.prepare` unpacked: flush, then rename. Twice is once. */
  adopt(key: TreeKey, prepared: PreparedBundle, signal: AbortSignal): Promise<void>
  /** Unpacks a kept bundle, unless the tree is there. Sizes of all files are read back. */
  put(key: TreeKey, bases: TreeKey[], signal: AbortSignal): Promise<TreeStats>
  /** Renames into the trash, which is emptied later. Absent is fine. */
  drop(key: TreeKey): Promise<void>
  list(): Promise<TreeKey[]>
  /**
   * What differs from the manifest: sizes, times and modes of everything, and contents as far as the budget goes, first
   * of what was touched lately. Everybody else has his turn meanwhile.
   */
  compare(options: CompareOptions): Promise<TreeComparison>
  /** Forgets what looks have remembered of all but these. */
  forgetOthers(keys: ReadonlySet<TreeKey>): void
  /**
   * Puts a tree right: unpacks its bundle beside it and moves in what differs, each name from one moment to the next;
   * files of other trees that were the same inodes too. Answers how many were not right. After a crash it is done again.
   */
  mend(key: TreeKey, signal: AbortSignal): Promise<number>
  /** What the folder holds now, without the compressed siblings that were made for it. */
  filesOf(key: TreeKey, manifest: Manifest): WalkedFile[]
  /** Where a file of a tree stands on disk, if the tree is there and has it. */
  fileAt(key: TreeKey, path: string): string
}
