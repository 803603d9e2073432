import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { errnoOf, Fault } from '../../base/fault.ts'
import { BUCKET_HASH_BYTES, BUCKETS, type BundleFile } from '../../domain/bundle.ts'
import {
  bucketOfPath,
  decodeBucket,
  decodeHead,
  headLength,
  type ManifestHead,
} from '../../domain/manifest.ts'
import type { Manifest } from '../../ports/bundles.ts'

/** Header and table of most manifests fit into one read of this size. */
const HEAD_BYTES = 49_152

/** Opens a manifest by its head; null when it is absent or damaged, so that it should be rebuilt. */
export function openManifest(path: string): Manifest | null {
  try {
    const head = withFile(path, readHead)
    return head && new ManifestFile(path, head)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

function readHead(fd: number): ManifestHead | null {
  const first = readUpTo(fd, 0, HEAD_BYTES)
  const length = headLength(first)
  if (length === null || length > fstatSync(fd).size) return null
  return decodeHead(length <= first.length ? first : readUpTo(fd, 0, length))
}

class ManifestFile implements Manifest {
  readonly #path: string
  readonly #head: ManifestHead

  constructor(path: string, head: ManifestHead) {
    this.#path = path
    this.#head = head
  }

  get facts() {
    return this.#head.facts
  }

  get bucketHashes() {
    return this.#head.bucketHashes
  }

  bucket(index: number): BundleFile[] {
    return withFile(this.#path, (fd) => this.#readBucket(fd, index))
  }

  file(path: string): BundleFile | null {
    return this.bucket(bucketOfPath(path)).find((file) => file.path === path) ?? null
  }

  *files(): Generator<BundleFile> {
    const fd = openSync(this.#path, 'r')
    try {
      for (let index = 0; index < BUCKETS; index++) yield* this.#readBucket(fd, index)
    } finally {
      closeSync(fd)
    }
  }

  #readBucket(fd: number, index: number): BundleFile[] {
    const { offset, length } = this.#head.bucketRange(index)
    const hash = this.#head.bucketHashes.subarray(index * BUCKET_HASH_BYTES, (index + 1) * BUCKET_HASH_BYTES)
    const text = readUpTo(fd, offset, length)
    const files = text.length === length ? decodeBucket(text, hash) : null
    if (files) return files
    // It can be derived from its archive: without it, the next one who asks gets a new one.
    unlinkSync(this.#path)
    throw new Fault('broken_data', `The manifest of the bundle ${this.facts.digest} is damaged on disk.`, {
      hint: 'Try again: it is made anew from the archive. Check the disk.',
    })
  }
}

function withFile<T>(path: string, read: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return read(fd)
  } finally {
    closeSync(fd)
  }
}

function readUpTo(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, position + done)
    if (count === 0) break
    done += count
  }
  return buffer.subarray(0, done)
}
