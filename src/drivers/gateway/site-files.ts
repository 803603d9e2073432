import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../base/fault.ts'

export interface OpenFile {
  descriptor: number
  size: number
  mtimeSeconds: number
}

/** What opening a name that is no file of the tree ends with. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'ENXIO', 'EISDIR'])

/**
 * The files that one request looks at, each opened once: what the rules decide by is what is sent, even when the tree
 * is retired or the link switched meanwhile. `close` ends what was not taken.
 */
export class SiteFiles {
  readonly #roots: readonly string[]
  readonly #seen = new Map<string, OpenFile | null>()
  readonly #mayBeInGrace: (name: string) => boolean

  /** `roots`: the tree and, if any, the grace folder; real absolute paths without symlinks. */
  constructor(roots: readonly string[], mayBeInGrace: (name: string) => boolean) {
    this.#roots = roots
    this.#mayBeInGrace = mayBeInGrace
  }

  has(name: string): boolean {
    return this.#find(name) !== null
  }

  /** The caller owns the descriptor from here on. Null: no such file. */
  take(name: string): OpenFile | null {
    const file = this.#find(name)
    this.#seen.set(name, null)
    return file
  }

  close(): void {
    for (const file of this.#seen.values()) if (file) closeSync(file.descriptor)
    this.#seen.clear()
  }

  #find(name: string): OpenFile | null {
    const seen = this.#seen.get(name)
    if (seen !== undefined) return seen
    const [tree = '', grace] = this.#roots
    let file = openInside(tree, name)
    if (file === null && grace !== undefined && this.#mayBeInGrace(name)) file = openInside(grace, name)
    this.#seen.set(name, file)
    return file
  }
}

/**
 * Opens a regular file below `root` and follows no symlink on the way (THREATS N15): the kernel tells under which
 * path the descriptor really lies, so nothing can change between the check and the use.
 */
export function openInside(root: string, name: string): OpenFile | null {
  const path = `${root}/${name}`
  let descriptor: number
  try {
    // Without O_NONBLOCK a planted FIFO would hold the whole server.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (ABSENT.has(errnoOf(error) ?? '')) return null
    throw error
  }
  try {
    const stats = fstatSync(descriptor)
    if (stats.isFile() && readlinkSync(`/proc/self/fd/${descriptor}`) === path)
      return { descriptor, size: stats.size, mtimeSeconds: Math.floor(stats.mtimeMs / 1000) }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  closeSync(descriptor)
  return null
}
