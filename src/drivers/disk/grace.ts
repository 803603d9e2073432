import { randomBytes } from 'node:crypto'
import { link, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, shown } from '../../base/fault.ts'
import { ensureFolder, syncFolder } from '../../base/files.ts'
import type { Grace } from '../../ports/gateway.ts'
import { folders } from './folders.ts'
import type { Trash } from './trash.ts'

const ENVIRONMENT_ID = /^[a-z0-9]+$/

/** DATA/grace: hard links to fingerprinted files of trees that are no longer live, with their `.gz` siblings. */
export function diskGrace({ data, trash }: { data: string; trash: Trash }): Grace {
  const folderOf = (environmentId: string) => {
    if (!ENVIRONMENT_ID.test(environmentId)) throw new Error(`"${shown(environmentId)}" is no id`)
    return join(folders.grace(data), environmentId)
  }
  return {
    async add(environmentId, tree, paths) {
      const folder = folderOf(environmentId)
      const made = new Set<string>()
      for (const path of paths) {
        const target = join(folder, path)
        await makeParents(folder, dirname(path), made)
        const source = join(folders.tree(data, tree), path)
        // Without its sibling first, or the sibling of other content would answer for a moment.
        await rm(`${target}.gz`, { force: true })
        if (await replaceByLink(source, target)) await replaceByLink(`${source}.gz`, `${target}.gz`)
      }
    },

    async remove(environmentId, paths) {
      const folder = folderOf(environmentId)
      const parents = new Set<string>()
      for (const path of paths) {
        await rm(join(folder, path), { force: true })
        await rm(join(folder, `${path}.gz`), { force: true })
        parents.add(dirname(path))
      }
      const left = new Set<string>()
      for (const parent of parents) left.add(await pruneEmpty(folder, parent))
      for (const parent of left) await syncPresent(join(folder, parent))
    },

    async drop(environmentId) {
      await trash.take(folderOf(environmentId))
    },
  }
}

/** Readable by a web server of another user, whatever the umask: each folder gets its mode. */
async function makeParents(root: string, below: string, made: Set<string>): Promise<void> {
  if (made.has(below)) return
  if (below !== '.') await makeParents(root, dirname(below), made)
  await ensureFolder(join(root, below), 0o755)
  made.add(below)
}

/** False when the source does not exist. */
async function replaceByLink(source: string, target: string): Promise<boolean> {
  const aside = `${target}.${randomBytes(6).toString('hex')}`
  try {
    await link(source, aside)
    await rename(aside, target)
    return true
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    return false
  } finally {
    // rename(2) does nothing when both names are links to the same file.
    await rm(aside, { force: true })
  }
}

/** Removes folders that have become empty, from the deepest up; answers the first that stays. */
async function pruneEmpty(root: string, below: string): Promise<string> {
  for (let at = below; at !== '.'; at = dirname(at)) {
    try {
      await rmdir(join(root, at))
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOTEMPTY' || errno === 'EEXIST') return at
      if (errno !== 'ENOENT') throw error
    }
  }
  return '.'
}

/** Durable, unless the folder has gone meanwhile with all that was in it. */
async function syncPresent(folder: string): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
