import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, Fault } from './fault.ts'
import { LIMITS } from './limits.ts'
import { run } from './run.ts'

/** fsyncs a directory, so that the names in it survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Flushes the whole filesystem that holds `path`: one call for a tree of 21,000 files. */
export async function syncFilesystem(path: string, signal?: AbortSignal): Promise<void> {
  const result = await run(['sync', '-f', path], { deadlineMs: 5 * 60_000, ...(signal && { signal }) })
  if (result.code !== 0)
    throw new Fault(
      'unavailable',
      `The filesystem of the data folder could not be flushed: ${result.stderr.trim()}`,
    )
}

/**
 * Writes a file, 0600, so that after a power cut either the old or the new content stands, never a part.
 * `aside` is a folder on the same filesystem that is emptied at each start: what a kill leaves behind lies there.
 */
export const writeDurably = (path: string, data: string | Uint8Array, aside = dirname(path)): Promise<void> =>
  writeWhole(path, data, { aside, mode: 0o600 })

/** The same with 0644 whatever the umask, for what the workers of a gateway read. */
export const writeReadable = (path: string, data: string | Uint8Array, aside: string): Promise<void> =>
  writeWhole(path, data, { aside, mode: 0o644 })

async function writeWhole(
  path: string,
  data: string | Uint8Array,
  { aside, mode }: { aside: string; mode: number },
): Promise<void> {
  const draft = draftIn(aside)
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.chmod(mode)
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

const draftIn = (folder: string): string => join(folder, `${randomBytes(8).toString('hex')}.tmp`)

/** The target of a symlink; null when nothing stands there. */
export async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * Points a symlink at `target` by rename(2): readers see the old target or the new one. Durable when it resolves.
 * `aside` as in `writeDurably`.
 */
export async function pointLink(path: string, target: string, aside: string): Promise<void> {
  const draft = draftIn(aside)
  await symlink(target, draft)
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** Removes a file, link or folder; absent is fine. */
export async function removeAll(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

/** Creates a folder (and its parents) with exactly this mode, whatever the umask. */
export async function ensureFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode })
  fs.chmodSync(path, mode)
}

/** What must stay free on the disk: the larger of the two (DESIGN §4). */
export interface DiskReserve {
  bytes: number
  percent: number
}

export const DISK_RESERVE: DiskReserve = {
  bytes: LIMITS.disk.reserveBytes,
  percent: LIMITS.disk.reservePercent,
}

/** Refuses when writing `bytes` more would leave less free than the reserve. Throws `disk_full`. */
export function checkSpace(folder: string, bytes: number, reserve: DiskReserve = DISK_RESERVE): void {
  const disk = fs.statfsSync(folder)
  const free = disk.bavail * disk.bsize
  const kept = Math.max(reserve.bytes, (disk.blocks * disk.bsize * reserve.percent) / 100)
  if (free - bytes < kept)
    throw new Fault('disk_full', 'The disk that holds the data folder is too full for this archive.', {
      hint: `${mebibytes(free)} MiB are free and ${mebibytes(kept)} MiB must stay so; free some space and try again.`,
    })
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1_048_576)

/** A fresh private folder below `parent`, for work that is renamed into place or thrown away. */
export async function stagingFolder(parent: string): Promise<string> {
  const path = join(parent, randomBytes(10).toString('hex'))
  await mkdir(path, { mode: 0o700 })
  return path
}
