import { access, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, Fault, shown } from '../../base/fault.ts'
import { type DiskReserve, removeAll, stagingFolder, syncFilesystem, syncFolder } from '../../base/files.ts'
import type { ArchiveLimits } from '../../base/limits.ts'
import { type WalkedFile, walkFolder } from '../../base/local-files.ts'
import { digestOfTree, type TreeKey } from '../../domain/bundle.ts'
import type { CompareOptions, Manifest, PreparedBundle, TreeComparison, Trees } from '../../ports/bundles.ts'
import type { Flushes } from './flushes.ts'
import { folders } from './folders.ts'
import { openManifest } from './manifest-file.ts'
import type { Trash } from './trash.ts'
import { TreeLooks } from './tree-look.ts'
import { mendTree } from './tree-mend.ts'
import type { BaseFolder } from './unpack/messages.ts'
import { wantsSibling } from './unpack/sibling.ts'
import type { Unpacked, Unpackers } from './unpack/unpackers.ts'

const KEY = /^[0-9a-f]{64}-[0-9]+$/

export interface TreesOptions {
  data: string
  unpackers: Unpackers
  flushes: Flushes
  trash: Trash
  limits: ArchiveLimits
  reserve: DiskReserve
}

/** DATA/trees: unpacked bundles. What stands under its name is whole and on the disk. */
export function diskTrees(options: TreesOptions): Trees {
  return new DiskTrees(options)
}

/** Where the bundles behind trees stand, for hard links; those that are gone are skipped by the reader. */
export function basesOf(data: string, keys: readonly TreeKey[]): BaseFolder[] {
  return keys.map((key) => ({
    tree: folders.tree(data, requireKey(key)),
    archive: folders.archive(data, digestOfTree(key)),
    manifest: folders.manifest(data, digestOfTree(key)),
  }))
}

class DiskTrees implements Trees {
  readonly #options: TreesOptions
  readonly #data: string
  readonly #looks = new TreeLooks()

  constructor(options: TreesOptions) {
    this.#options = options
    this.#data = options.data
  }

  async has(key: TreeKey): Promise<boolean> {
    try {
      await access(folders.tree(this.#data, requireKey(key)))
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false
      throw error
    }
  }

  async adopt(key: TreeKey, prepared: PreparedBundle, signal: AbortSignal): Promise<void> {
    if (await this.has(key)) return
    await this.#moveIn(key, prepared.received.staging, signal)
  }

  async put(key: TreeKey, bases: TreeKey[], signal: AbortSignal) {
    const digest = digestOfTree(requireKey(key))
    const facts = openManifest(folders.manifest(this.#data, digest))?.facts
    if (facts && (await this.has(key))) return { files: facts.files, linked: 0 }
    return await this.#unpacked({ key, bases, signal }, async ({ scratch, unpacked }) => {
      await this.#moveIn(key, scratch, signal)
      return { files: unpacked.facts.files, linked: unpacked.linked }
    })
  }

  async drop(key: TreeKey): Promise<void> {
    await this.#options.trash.take(folders.tree(this.#data, requireKey(key)))
  }

  async list(): Promise<TreeKey[]> {
    return (await readdir(folders.trees(this.#data))).filter((name) => KEY.test(name))
  }

  compare(options: CompareOptions): Promise<TreeComparison> {
    return this.#looks.compare(folders.tree(this.#data, requireKey(options.key)), options)
  }

  forgetOthers(keys: ReadonlySet<TreeKey>): void {
    this.#looks.keepOnly(keys)
  }

  async mend(key: TreeKey, signal: AbortSignal): Promise<number> {
    const { trash } = this.#options
    return await this.#unpacked({ key, bases: [], signal }, async ({ scratch }) => {
      await this.#options.flushes.end(join(scratch, 'tree'), signal)
      const mended = await mendTree({
        fresh: join(scratch, 'tree'),
        live: folders.tree(this.#data, key),
        siblings: await this.#foldersBeside(key),
        scratch,
        trash,
        signal,
      })
      await syncFilesystem(folders.trees(this.#data), signal)
      return mended
    })
  }

  filesOf(key: TreeKey, manifest: Manifest): WalkedFile[] {
    const isMade = (path: string): boolean => {
      const plain = path.endsWith('.gz') && !manifest.file(path) ? manifest.file(path.slice(0, -3)) : null
      return plain !== null && wantsSibling(plain.path, plain.size)
    }
    return [...walkFolder(folders.tree(this.#data, requireKey(key)), isMade)]
  }

  /** All that may share inodes with a tree. */
  async #foldersBeside(key: TreeKey): Promise<string[]> {
    const trees = (await this.list()).filter((other) => other !== key)
    const assets = await readdir(folders.grace(this.#data))
    return [
      ...trees.map((other) => folders.tree(this.#data, other)),
      ...assets.map((name) => join(folders.grace(this.#data), name)),
    ]
  }

  fileAt(key: TreeKey, path: string): string {
    return join(folders.tree(this.#data, requireKey(key)), path)
  }

  /** Does something with a bundle that was unpacked anew into a scratch folder. */
  async #unpacked<T>(
    { key, bases, signal }: { key: TreeKey; bases: TreeKey[]; signal: AbortSignal },
    work: (made: { scratch: string; unpacked: Unpacked }) => Promise<T>,
  ): Promise<T> {
    const digest = digestOfTree(requireKey(key))
    const scratch = await stagingFolder(folders.staging(this.#data))
    try {
      const { limits, reserve, unpackers } = this.#options
      const archive = folders.archive(this.#data, digest)
      const job = {
        archive,
        size: await requireArchive(archive, digest),
        digest,
        limits,
        reserve,
        scratch,
        tree: join(scratch, 'tree'),
        bases: basesOf(
          this.#data,
          bases.filter((base) => base !== key),
        ),
      }
      const unpacked = await unpackers.run(job, signal)
      this.#compare(digest, join(scratch, 'manifest'))
      return await work({ scratch, unpacked })
    } finally {
      this.#options.flushes.forget(join(scratch, 'tree'))
      await removeAll(scratch)
    }
  }

  /** One flush of the filesystem for the whole tree, then one rename: never a tree in part (LIBRARIES, power loss). */
  async #moveIn(key: TreeKey, staging: string, signal: AbortSignal): Promise<void> {
    const from = join(staging, 'tree')
    await this.#options.flushes.end(from, signal)
    try {
      await rename(from, folders.tree(this.#data, key))
    } catch (error) {
      const errno = errnoOf(error)
      const isThere = errno === 'ENOTEMPTY' || errno === 'EEXIST'
      if (!isThere) throw error
    }
    await syncFolder(folders.trees(this.#data))
  }

  /** The archive was read again from its first byte: it must say what it said when it came. */
  #compare(digest: string, made: string): void {
    const now = openManifest(made)
    const before = openManifest(folders.manifest(this.#data, digest))
    if (!now || !before || Buffer.from(now.bucketHashes).equals(Buffer.from(before.bucketHashes))) return
    throw new Fault('broken_data', `The archive of the bundle ${digest} has changed on disk.`, {
      hint: 'Upload it again, and check the disk.',
    })
  }
}

function requireKey(key: TreeKey): TreeKey {
  if (!KEY.test(key)) throw new Error(`"${shown(key)}" is no name of a tree`)
  return key
}

async function requireArchive(path: string, digest: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause
    throw new Fault('not_found', `The bundle ${digest} is not stored here.`, {
      hint: 'Upload the archive again.',
      cause,
    })
  }
}
