import { closeSync, openSync } from 'node:fs'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { decodeName } from '../../../base/archive/names.ts'
import { refuseEntry } from '../../../base/archive/refusal.ts'
import { readExactly, readInto } from '../../../base/archive/window.ts'
import { checkLocalHeader } from '../../../base/archive/zip-local.ts'
import { LIMITS } from '../../../base/limits.ts'
import { contentMtime } from '../../../domain/bundle.ts'
import { Base, type PackedBytes } from './bases.ts'
import { gunzippedHash, gunzippedHashOfLarge, sha256, unpackWhole } from './content.ts'
import { type LargeEntry, writeLarge } from './large.ts'
import {
  checkpoint,
  type Extracted,
  NEXT,
  type Plan,
  planOf,
  type SharedPlan,
  type UnpackJob,
} from './messages.ts'
import { isLarge } from './plan.ts'
import { siblingOf, wantsSibling } from './sibling.ts'
import { TreeWriter } from './tree-writer.ts'

/** ZIP: 30 bytes, name and extra field of at most 64 KiB each. */
const HEADER_BYTES_MOST = 30 + 2 * 65_535
const TAIL_BYTES = 24

/** One worker's share of a job: takes batches from the common counter until none is left. */
export async function extract(job: UnpackJob, shared: SharedPlan): Promise<Extracted> {
  const extraction = new Extraction(job, shared)
  try {
    return await extraction.run()
  } finally {
    extraction.close()
  }
}

class Extraction {
  readonly #job: UnpackJob
  readonly #plan: Plan
  readonly #fd: number
  readonly #writer: TreeWriter | null
  readonly #bases: Base[]
  readonly #hashes: Buffer
  readonly #dataStarts: Float64Array
  readonly #plainOf: Map<number, { plain: number; slot: number }>
  #batch: Buffer = Buffer.alloc(0)
  readonly #hasOwnGzip: Set<number>
  readonly #extracted: Extracted = { linked: 0, headersText: null, redirectsText: null }

  constructor(job: UnpackJob, shared: SharedPlan) {
    this.#job = job
    this.#plan = planOf(job, shared)
    this.#hashes = Buffer.from(shared.hashes)
    this.#dataStarts = new Float64Array(shared.dataStarts)
    const { gzipPairs, entries } = this.#plan
    this.#plainOf = new Map(
      gzipPairs.map(({ packed, plain }, index) => [packed, { plain, slot: entries.length + index }]),
    )
    this.#hasOwnGzip = new Set(gzipPairs.map(({ plain }) => plain))
    this.#fd = openSync(this.#plan.source, 'r')
    this.#writer = job.tree === null ? null : new TreeWriter(job.tree)
    this.#bases = job.bases.flatMap((folder) => Base.open(folder) ?? [])
  }

  close(): void {
    closeSync(this.#fd)
    this.#writer?.close()
    for (const base of this.#bases) base.close()
  }

  async run(): Promise<Extracted> {
    const control = new Int32Array(this.#job.control)
    for (;;) {
      checkpoint(this.#job.control)
      const batch = this.#plan.batches[Atomics.add(control, NEXT, 1)]
      if (!batch) return this.#extracted
      const first = this.#plan.entries[batch[0]]
      if (first && isLarge(first)) await this.#takeLarge(batch[0], first)
      else this.#takeBatch(batch)
    }
  }

  #takeBatch([from, to]: [number, number]): void {
    const start = this.#plan.entries[from]?.start ?? 0
    const bytes = readInto(this.#room((this.#plan.entries[to - 1]?.end ?? start) - start), this.#fd, start)
    for (let index = from; index < to; index++) {
      const entry = this.#plan.entries[index]
      if (entry) this.#takeSmall(index, entry, bytes.subarray(entry.start - start, entry.end - start))
    }
  }

  /** One buffer for all batches: fresh memory for each would cost more than the reading. */
  #room(length: number): Buffer {
    if (this.#batch.length < length) this.#batch = Buffer.allocUnsafe(length)
    return this.#batch.subarray(0, length)
  }

  #takeSmall(index: number, entry: ArchiveEntry, bytes: Buffer): void {
    const offset =
      entry.dataStart === null
        ? checkLocalHeader(entry, bytes, bytes).dataOffset
        : entry.dataStart - entry.start
    const packed = bytes.subarray(offset, offset + entry.packedSize)
    this.#dataStarts[index] = entry.start + offset
    const path = this.#plan.placement.paths[index] ?? null
    if (path === null) return void unpackWhole(entry, packed)
    if (this.#takeSame({ index, entry, path }, (at, length) => packed.subarray(at, at + length))) return
    const content = unpackWhole(entry, packed)
    const digest = sha256(content)
    this.#note(index, digest)
    this.#notePair(index, (size) => gunzippedHash(content, size))
    this.#keepRules(path, content)
    if (!this.#writer || this.#linkFromBase(index, path, digest)) return
    const mtime = contentMtime(digest)
    this.#writer.file(path, content, mtime)
    const gzip = this.#wantsSibling(index, path) ? siblingOf(entry, content, packed) : null
    if (gzip) this.#writer.file(`${path}.gz`, gzip, mtime)
  }

  async #takeLarge(index: number, entry: ArchiveEntry): Promise<void> {
    const dataStart = entry.dataStart ?? entry.start + this.#checkLargeHeader(entry)
    this.#dataStarts[index] = dataStart
    const path = this.#plan.placement.paths[index] ?? null
    const packed: PackedBytes = (at, length) => readExactly(this.#fd, dataStart + at, length)
    if (path !== null && this.#takeSame({ index, entry, path }, packed)) return
    const large: LargeEntry = {
      entry,
      path,
      source: { fd: this.#fd, dataStart, checkpoint: () => checkpoint(this.#job.control) },
      wantsSibling: path !== null && this.#wantsSibling(index, path),
    }
    const digest = await writeLarge(large, path === null ? null : this.#writer)
    if (path === null) return
    this.#note(index, digest)
    const pair = this.#plainOf.get(index)
    const plain = pair && this.#plan.entries[pair.plain]
    if (pair && plain) this.#note(pair.slot, await gunzippedHashOfLarge(entry, large.source, plain.size))
    if (isRules(path)) throw refuseEntry(path, `is larger than ${LIMITS.archive.rulesFileBytes} bytes`)
  }

  #checkLargeHeader(entry: ArchiveEntry): number {
    const length = entry.end - entry.start
    const head = readExactly(this.#fd, entry.start, Math.min(HEADER_BYTES_MOST, length))
    const tail = readExactly(this.#fd, entry.end - Math.min(TAIL_BYTES, length), Math.min(TAIL_BYTES, length))
    return checkLocalHeader(entry, head, tail).dataOffset
  }

  /** The quick way: a base whose archive holds the same packed bytes already knows everything about this file. */
  #takeSame(place: { index: number; entry: ArchiveEntry; path: string }, packed: PackedBytes): boolean {
    const { index, entry, path } = place
    if (isRules(path) || this.#plainOf.has(index)) return false
    for (const base of this.#bases) {
      const digest = base.sameEntry(path, entry, packed)
      if (digest === null) continue
      if (this.#writer && !this.#link(base, { index, path, digest })) continue
      this.#note(index, digest)
      return true
    }
    return false
  }

  #linkFromBase(index: number, path: string, digest: string): boolean {
    return this.#bases.some((base) => base.has(path, digest) && this.#link(base, { index, path, digest }))
  }

  /** What somebody has changed by hand is not handed on. */
  #link(base: Base, { index, path, digest }: { index: number; path: string; digest: string }): boolean {
    const size = this.#plan.entries[index]?.size ?? 0
    const sibling = this.#wantsSibling(index, path) ? base.standsAt(`${path}.gz`, { digest }) : 'absent'
    if (base.standsAt(path, { digest, size }) !== 'right' || sibling === 'wrong') return false
    if (!this.#writer?.link(base.onDisk(path), path)) return false
    this.#extracted.linked++
    if (sibling === 'right') this.#writer.link(base.onDisk(`${path}.gz`), `${path}.gz`)
    return true
  }

  #wantsSibling(index: number, path: string): boolean {
    return !this.#hasOwnGzip.has(index) && wantsSibling(path, this.#plan.entries[index]?.size ?? 0)
  }

  /** All zeros, which no SHA-256 is, stands for null. */
  #note(slot: number, digest: string | null): void {
    if (digest !== null) this.#hashes.write(digest, slot * 32, 'hex')
  }

  #notePair(index: number, hashOf: (size: number) => string | null): void {
    const pair = this.#plainOf.get(index)
    const plain = pair && this.#plan.entries[pair.plain]
    if (pair && plain) this.#note(pair.slot, hashOf(plain.size))
  }

  #keepRules(path: string, content: Buffer): void {
    if (!isRules(path)) return
    if (content.length > LIMITS.archive.rulesFileBytes)
      throw refuseEntry(path, `is larger than ${LIMITS.archive.rulesFileBytes} bytes`)
    this.#extracted[path === '_headers' ? 'headersText' : 'redirectsText'] = readText(path, content)
  }
}

const isRules = (path: string): boolean => path === '_headers' || path === '_redirects'

function readText(path: string, content: Buffer): string {
  try {
    return decodeName(content)
  } catch {
    throw refuseEntry(path, 'is not UTF-8 text')
  }
}
