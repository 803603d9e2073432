import { open as openFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SNIFF_BYTES, sniffFormat } from '../../base/archive/sniff.ts'
import { errnoOf, Fault } from '../../base/fault.ts'
import {
  checkSpace,
  type DiskReserve,
  ensureFolder,
  removeAll,
  stagingFolder,
  syncFilesystem,
  syncFolder,
} from '../../base/files.ts'
import type { ArchiveLimits } from '../../base/limits.ts'
import { DIGEST_PATTERN, type Digest, type TreeKey } from '../../domain/bundle.ts'
import type { Bundles, Manifest, PrepareOptions, ReceivedArchive } from '../../ports/bundles.ts'
import type { Flushes } from './flushes.ts'
import { folders } from './folders.ts'
import { openManifest } from './manifest-file.ts'
import { receiveArchive } from './receive.ts'
import type { Trash } from './trash.ts'
import { basesOf } from './trees.ts'
import type { Unpackers } from './unpack/unpackers.ts'

/** The threads are started while an archive up to this arrives; a larger one has time enough afterwards. */
const WARM_BYTES = 67_108_864

export interface BundlesOptions {
  data: string
  unpackers: Unpackers
  flushes: Flushes
  trash: Trash
  limits: ArchiveLimits
  reserve: DiskReserve
}

/** DATA/bundles: archives by SHA-256, each with a manifest that can be derived from it. */
export function diskBundles(options: BundlesOptions): Bundles {
  return new DiskBundles(options)
}

class DiskBundles implements Bundles {
  readonly #options: BundlesOptions
  readonly #data: string
  /** Manifests that are being rebuilt: those who ask meanwhile wait for the same. */
  readonly #rebuilding = new Map<Digest, Promise<Manifest>>()

  constructor(options: BundlesOptions) {
    this.#options = options
    this.#data = options.data
  }

  receive(body: Parameters<Bundles['receive']>[0], options: Parameters<Bundles['receive']>[1]) {
    const { limits, reserve } = this.#options
    const stagingRoot = folders.staging(this.#data)
    if (options.announcedBytes !== null && options.announcedBytes <= WARM_BYTES)
      this.#options.unpackers.warm()
    return receiveArchive(body, options, {
      stagingRoot,
      limits,
      reserve,
      discard: (staging) => this.discard(staging),
    })
  }

  async prepare(received: ReceivedArchive, { unpack, bases, signal }: PrepareOptions) {
    const { limits, reserve } = this.#options
    // A second try in the same folder begins anew.
    for (const name of ['tree', 'plain.tar', 'manifest']) await removeAll(join(received.staging, name))
    const job = {
      archive: join(received.staging, 'archive'),
      size: received.size,
      digest: received.digest,
      limits,
      reserve,
      scratch: received.staging,
      tree: unpack ? join(received.staging, 'tree') : null,
      bases: this.#bases(received.digest, bases),
    }
    const { facts } = await this.#options.unpackers.run(job, signal)
    return { received, facts, unpacked: unpack }
  }

  async keep({ received }: { received: ReceivedArchive }): Promise<void> {
    await this.#moveIn(join(received.staging, 'manifest'), folders.manifest(this.#data, received.digest))
    await this.keepUnread(received)
  }

  async keepUnread({ digest, staging }: ReceivedArchive): Promise<void> {
    await this.#moveIn(join(staging, 'archive'), folders.archive(this.#data, digest))
    await syncFolder(folders.bundleFolder(this.#data, digest))
    await syncFolder(folders.bundles(this.#data))
  }

  requireSpace(bytes: number): void {
    checkSpace(this.#data, bytes, this.#options.reserve)
  }

  discard(staging: string): Promise<void> {
    const root = folders.staging(this.#data)
    if (dirname(staging) !== root) throw new Error(`"${basename(staging)}" is no staging folder`)
    this.#options.flushes.forget(join(staging, 'tree'))
    // Without a free file descriptor nothing can be removed, but a rename needs none.
    return removeAll(staging).catch(() => this.#options.trash.take(staging))
  }

  async manifest(digest: Digest): Promise<Manifest | null> {
    requireDigest(digest)
    const found = openManifest(folders.manifest(this.#data, digest))
    const archive = await sizeOf(folders.archive(this.#data, digest))
    if (archive === null) return null
    if (found) return found
    const rebuilt = this.#rebuilding.get(digest) ?? this.#rebuild(digest, archive)
    this.#rebuilding.set(digest, rebuilt)
    try {
      return await rebuilt
    } finally {
      this.#rebuilding.delete(digest)
    }
  }

  async archive(digest: Digest) {
    requireDigest(digest)
    const path = folders.archive(this.#data, digest)
    const size = await sizeOf(path)
    return size === null ? null : { path, size, format: await formatOf(path) }
  }

  async drop(digest: Digest): Promise<void> {
    requireDigest(digest)
    await rm(folders.archive(this.#data, digest), { force: true })
    // Whoever reads the archive for a new manifest would put that one there behind our back.
    await this.#rebuilding.get(digest)?.catch(() => {})
    await rm(folders.manifest(this.#data, digest), { force: true })
    await this.#options.trash.purge(digest)
    await syncFilesystem(folders.bundles(this.#data))
  }

  async *list(): AsyncGenerator<Digest> {
    const root = folders.bundles(this.#data)
    for (const folder of await readdir(root)) {
      const names = await readdir(join(root, folder))
      yield* new Set(
        names.map((name) => basename(name, '.manifest')).filter((name) => DIGEST_PATTERN.test(name)),
      )
    }
  }

  #bases(digest: Digest, bases: readonly TreeKey[]) {
    return basesOf(
      this.#data,
      bases.filter((key) => !key.startsWith(digest)),
    )
  }

  /** fsync, then rename. Absent is fine when it stands in its place already. */
  async #moveIn(from: string, to: string): Promise<void> {
    await ensureFolder(dirname(to), 0o700)
    try {
      const handle = await openFile(from, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(from, to)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || (await sizeOf(to)) === null) throw error
    }
  }

  async #rebuild(digest: Digest, size: number): Promise<Manifest> {
    const { limits, reserve, unpackers } = this.#options
    const scratch = await stagingFolder(folders.staging(this.#data))
    try {
      const archive = folders.archive(this.#data, digest)
      const job = { archive, size, digest, limits, reserve, scratch, tree: null, bases: [] }
      await unpackers.run(job, new AbortController().signal)
      await this.#moveIn(join(scratch, 'manifest'), folders.manifest(this.#data, digest))
      await syncFolder(folders.bundleFolder(this.#data, digest))
    } finally {
      await removeAll(scratch)
    }
    const made = openManifest(folders.manifest(this.#data, digest))
    if (!made) throw new Fault('broken_data', `The manifest of the bundle ${digest} can't be written.`)
    return made
  }
}

function requireDigest(digest: Digest): void {
  if (!DIGEST_PATTERN.test(digest)) throw new Error('not a digest')
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

async function formatOf(path: string) {
  const handle = await openFile(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0)
    return sniffFormat(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}
