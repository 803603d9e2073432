/** A file or link that changes its place, and can come back. */
import { copyFile, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, Fault } from '../../base/fault.ts'
import { syncFolder } from '../../base/files.ts'

interface Placed {
  path: string
  kind: 'file' | 'link' | 'move'
  to?: string
}

export interface Move {
  from: string
  to: string
}

/**
 * Before the links change or after them: as long as can be both stand, what goes and what comes. What stands in the place of
 * a link makes room for it first, and comes back last.
 */
export function movesOf(changes: readonly Placed[], way: 'forth' | 'back'): { first: Move[]; last: Move[] } {
  const places = new Set(changes.flatMap(({ path, kind }) => (kind === 'link' ? [path] : [])))
  const moves = changes.flatMap(({ path, kind, to = '' }) => (kind === 'move' ? [{ path, to }] : []))
  const isInPlace = ({ path }: { path: string }) => places.has(path)
  const some = (isFirst: (one: { path: string }) => boolean) =>
    moves
      .filter(isFirst)
      .map(({ path, to }): Move => (way === 'forth' ? { from: path, to } : { from: to, to: path }))
  const isFirst = (one: { path: string }) => (way === 'forth') === isInPlace(one)
  return { first: some(isFirst), last: some((one) => !isFirst(one)) }
}

/** Twice is once: what is there already stays there. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    const found = await lstat(from).catch(absent)
    if (found === null) return
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await rename(from, to).catch(async (error: unknown) => {
      if (errnoOf(error) !== 'EXDEV') throw error
      await across(from, to)
    })
    for (const folder of new Set([dirname(from), dirname(to)])) await syncFolder(folder)
  } catch (cause) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(cause) ?? '')) throw cause
    throw new Fault('unavailable', `Fairlead may not take ${from} away.`, {
      hint: `Give its user the right to write in ${dirname(from)}; "fairlead doctor" prints the line.`,
      cause,
    })
  }
}

/** To another filesystem: the old one goes when the new one is whole. */
async function across(from: string, to: string): Promise<void> {
  const found = await lstat(from)
  await rm(to, { force: true })
  if (found.isSymbolicLink()) await symlink(await readlink(from), to)
  else {
    await copyFile(from, to)
    const handle = await open(to)
    try {
      await handle.chmod(found.mode & 0o777)
      // Whoever may not give files away has his own name on it.
      await handle.chown(found.uid, found.gid).catch(notAllowed)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await rm(from)
}

const notAllowed = (error: unknown): void => {
  if (errnoOf(error) !== 'EPERM') throw error
}

const absent = (error: unknown): null => {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null
  throw error
}
