import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import type { DiskReserve } from '../../../base/files.ts'
import type { ArchiveLimits } from '../../../base/limits.ts'
import type { BundleFacts, BundleFormat, Digest } from '../../../domain/bundle.ts'
import type { Placement } from '../../../domain/site-path.ts'

/** A bundle that is unpacked already: its files may be linked. Absent parts are fine. */
export interface BaseFolder {
  tree: string
  archive: string
  manifest: string
}

/** One full reading of one archive. */
export interface UnpackJob {
  archive: string
  size: number
  digest: Digest
  limits: ArchiveLimits
  reserve: DiskReserve
  /** A private folder; `manifest` is written into it, and the plain tar of a compressed one. */
  scratch: string
  /** The folder to make and to fill; null: read and judge only. */
  tree: string | null
  bases: BaseFolder[]
  control: SharedArrayBuffer
}

/** What the judge found, before anything is unpacked. Crosses threads as JSON in shared memory. */
export interface Plan {
  format: BundleFormat
  /** The file that holds the bytes of `entries`: the archive, or the plain tar. */
  source: string
  entries: ArchiveEntry[]
  placement: Placement
  /** Ranges of entries whose bytes lie together; the unit of work. */
  batches: [from: number, to: number][]
  /** Entries `X.gz` that stand beside an entry `X`. */
  gzipPairs: { packed: number; plain: number }[]
}

/** Memory that all workers of a job see. */
export interface SharedPlan {
  plan: SharedArrayBuffer
  /** 32 bytes an entry: SHA-256 of its content; then 32 a gzip pair: of what `X.gz` unpacks to. */
  hashes: SharedArrayBuffer
  /** 8 bytes an entry: where its data begins in the source, as a double. */
  dataStarts: SharedArrayBuffer
}

export interface Extracted {
  /** Files that were hard-linked from a base. */
  linked: number
  headersText: string | null
  redirectsText: string | null
}

export interface Finished {
  facts: BundleFacts
}

export type Request =
  | { step: 'judge'; job: UnpackJob }
  | { step: 'extract'; job: UnpackJob; shared: SharedPlan }
  | { step: 'finish'; job: UnpackJob; shared: SharedPlan; extracted: Extracted }

export type Answer = SharedPlan | Extracted | Finished

/** The words of `control`: the next batch to take, and whether to stop. */
export const NEXT = 0
export const STOP = 1
export const CONTROL_BYTES = 8

/** Thrown at a checkpoint after `STOP` was set: by the caller, or because the other worker found a violation. */
export class Stopped extends Error {}

export function checkpoint(control: SharedArrayBuffer): void {
  if (Atomics.load(new Int32Array(control), STOP) !== 0) throw new Stopped('stopped')
}

/** The thread that judged an archive needs not read its own plan again. */
let judged: { scratch: string; plan: Plan } | null = null

export function planOf(job: UnpackJob, shared: SharedPlan): Plan {
  if (judged?.scratch === job.scratch) return judged.plan
  // Written by shareable() of the same program a moment ago.
  return JSON.parse(Buffer.from(shared.plan).toString('utf8')) as Plan
}

export const forgetPlan = (): void => {
  judged = null
}

export function shareable(job: UnpackJob, plan: Plan): SharedPlan {
  judged = { scratch: job.scratch, plan }
  const text = Buffer.from(JSON.stringify(plan))
  const shared = new SharedArrayBuffer(text.length)
  text.copy(Buffer.from(shared))
  const count = plan.entries.length
  return {
    plan: shared,
    hashes: new SharedArrayBuffer((count + plan.gzipPairs.length) * 32),
    dataStarts: new SharedArrayBuffer(count * 8),
  }
}
