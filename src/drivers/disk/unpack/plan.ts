import { chmodSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { decompressTar } from '../../../base/archive/decompress.ts'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { ArchiveGuard } from '../../../base/archive/guard.ts'
import { refuseArchive } from '../../../base/archive/refusal.ts'
import { SNIFF_BYTES, sniffFormat } from '../../../base/archive/sniff.ts'
import { readTar } from '../../../base/archive/tar.ts'
import { readZip } from '../../../base/archive/zip.ts'
import { checkSpace } from '../../../base/files.ts'
import type { BundleFormat } from '../../../domain/bundle.ts'
import { placeEntries } from '../../../domain/site-path.ts'
import { checkpoint, type Plan, type UnpackJob } from './messages.ts'
import { TreeWriter } from './tree-writer.ts'

const BATCH_BYTES = 524_288
const BATCH_ENTRIES = 128
/** Entries over these are streamed, each a batch of its own. */
export const LARGE_PACKED_BYTES = 1_048_576
export const LARGE_BYTES = 8_388_608

export const isLarge = (entry: ArchiveEntry): boolean =>
  entry.packedSize > LARGE_PACKED_BYTES || entry.size > LARGE_BYTES

/** Judges the archive by its lists and headers, then makes the folders of the tree. No content is unpacked yet. */
export async function judge(job: UnpackJob): Promise<Plan> {
  const fd = openSync(job.archive, 'r')
  try {
    const format = sniffed(fd)
    const guard = new ArchiveGuard(job.limits, job.size)
    const { source, entries } = await listed(fd, format, { job, guard })
    const placement = placeEntries(entries)
    if (placement.paths.every((path) => path === null))
      throw refuseArchive(
        'the archive contains no files',
        'Put the built site into it, index.html at the top.',
      )
    const plan = {
      format,
      source,
      entries,
      placement,
      batches: batched(entries),
      gzipPairs: paired(placement.paths),
    }
    if (job.tree !== null) makeFolders(job, job.tree, { paths: placement.paths, bytes: guard.unpackedBytes })
    return plan
  } finally {
    closeSync(fd)
  }
}

function sniffed(fd: number): BundleFormat {
  const head = Buffer.alloc(SNIFF_BYTES)
  return sniffFormat(head.subarray(0, readSync(fd, head, 0, head.length, 0)))
}

async function listed(
  fd: number,
  format: BundleFormat,
  { job, guard }: { job: UnpackJob; guard: ArchiveGuard },
) {
  if (format === 'zip') return { source: job.archive, entries: readZip(fd, job.size, guard) }
  if (format === 'tar') return { source: job.archive, entries: readTar(fd, job.size, guard) }
  const source = join(job.scratch, 'plain.tar')
  const watched = spaceWatch(job)
  const size = await decompressTar({
    fd,
    size: job.size,
    format,
    target: source,
    limits: job.limits,
    checkpoint: watched,
  })
  const plain = openSync(source, 'r')
  try {
    requireTar(plain)
    return { source, entries: readTar(plain, size, guard) }
  } finally {
    closeSync(plain)
  }
}

/** A gzip of a gzip, or of a lone HTML file, says what it is instead of "wrong checksum". */
function requireTar(fd: number): void {
  const inner = sniffed(fd)
  if (inner !== 'tar')
    throw refuseArchive(
      `it holds a ${inner} and not a tar`,
      'Compress a tar once: tar czf site.tar.gz -C dist .',
    )
}

const SPACE_EVERY = 256

function spaceWatch(job: UnpackJob): () => void {
  let calls = 0
  return () => {
    checkpoint(job.control)
    if (calls++ % SPACE_EVERY === 0) checkSpace(job.scratch, 0, job.reserve)
  }
}

function batched(entries: readonly ArchiveEntry[]): Plan['batches'] {
  const batches: Plan['batches'] = []
  let from = 0
  for (let index = 0; index < entries.length; index++) {
    const first = entries[from]
    const entry = entries[index]
    if (!first || !entry) continue
    const isFull = index - from >= BATCH_ENTRIES || entry.end - first.start > BATCH_BYTES
    if (index > from && (isFull || isLarge(entry) || isLarge(first))) {
      batches.push([from, index])
      from = index
    }
  }
  if (from < entries.length) batches.push([from, entries.length])
  return batches
}

function paired(paths: readonly (string | null)[]): Plan['gzipPairs'] {
  const places = new Map(paths.map((path, index) => [path, index]))
  const pairs: Plan['gzipPairs'] = []
  for (const [packed, path] of paths.entries()) {
    const plain = path?.endsWith('.gz') ? places.get(path.slice(0, -3)) : undefined
    if (plain !== undefined) pairs.push({ packed, plain })
  }
  return pairs
}

/** Folders that hold files; empty ones are not made, since nothing serves them. */
function makeFolders(job: UnpackJob, root: string, site: { paths: (string | null)[]; bytes: number }): void {
  checkSpace(job.scratch, site.bytes, job.reserve)
  mkdirSync(root, 0o755)
  chmodSync(root, 0o755)
  const writer = new TreeWriter(root)
  try {
    const made = new Set<string>([''])
    for (const path of site.paths) if (path !== null) makeParents(writer, made, path)
  } finally {
    writer.close()
  }
}

function makeParents(writer: TreeWriter, made: Set<string>, path: string): void {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  if (made.has(parent)) return
  makeParents(writer, made, parent)
  writer.makeFolder(parent)
  made.add(parent)
}
