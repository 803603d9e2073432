/** An unpacked bundle put right file by file: each name has its right content from one moment to the next. */
import {
  closeSync,
  type Dirent,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
} from 'node:fs'
import { chmod, lstat, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { readExactly } from '../../base/archive/window.ts'
import { errnoOf } from '../../base/fault.ts'
import { Slices } from './slices.ts'
import type { Trash } from './trash.ts'
import { FOLDER_MODE, statOf } from './tree-stat.ts'

const PIECE_BYTES = 1_048_576

export interface MendOptions {
  /** The same bundle, unpacked anew; what is right of it moves from here. */
  fresh: string
  /** The tree that visitors see. */
  live: string
  /** Trees and folders of assets whose files may be the same inodes: one edit has changed them too. */
  siblings: string[]
  /** A private folder on the same filesystem. */
  scratch: string
  trash: Trash
  signal: AbortSignal
}

/** Answers how many files and folders were put right. What was added goes to the trash. */
export async function mendTree(options: MendOptions): Promise<number> {
  return await new Mending(options).run()
}

class Mending {
  readonly #options: MendOptions
  #mended = 0
  #aside = 0
  readonly #slices: Slices

  constructor(options: MendOptions) {
    this.#options = options
    this.#slices = new Slices(options.signal)
  }

  async run(): Promise<number> {
    const root = await lstat(this.#options.live).catch(absent)
    if (!root?.isDirectory()) {
      if (root) await this.#options.trash.take(this.#options.live)
      await rename(this.#options.fresh, this.#options.live)
      return 1
    }
    await this.#folder('')
    return this.#mended
  }

  async #folder(below: string): Promise<void> {
    const { fresh, live, trash } = this.#options
    const wanted = new Map<string, Dirent>()
    for (const entry of await readdir(join(fresh, below), { withFileTypes: true }))
      wanted.set(entry.name, entry)
    for (const [name, entry] of wanted) {
      const path = below === '' ? name : `${below}/${name}`
      if (entry.isDirectory()) await this.#seeFolder(path)
      else await this.#seeFile(path)
      if (this.#slices.isDue()) await this.#slices.letOthers()
    }
    for (const name of readdirSync(join(live, below))) {
      if (wanted.has(name)) continue
      await trash.take(join(live, below, name))
      this.#mended++
      if (this.#slices.isDue()) await this.#slices.letOthers()
    }
    const mode = lstatSync(join(live, below)).mode & 0o7777
    if (mode === FOLDER_MODE) return
    await chmod(join(live, below), FOLDER_MODE)
    this.#mended++
  }

  async #seeFolder(path: string): Promise<void> {
    const { fresh, live, trash } = this.#options
    const stands = statOf(join(live, path))
    if (stands?.isDirectory()) return await this.#folder(path)
    if (stands) await trash.take(join(live, path))
    // Whole, so that nobody sees it half filled.
    await rename(join(fresh, path), join(live, path))
    this.#mended++
  }

  async #seeFile(path: string): Promise<void> {
    const { fresh, live, trash } = this.#options
    const [from, to] = [join(fresh, path), join(live, path)]
    const stands = statOf(to)
    if (stands && isSame(from, to, stands)) return
    if (stands?.isDirectory()) await trash.take(to)
    renameSync(from, to)
    this.#mended++
    if (stands?.isFile() && stands.nlink > 1) this.#mendSiblings(path, stands)
  }

  /** Whoever was linked to the file that was changed is linked to the right one. */
  #mendSiblings(path: string, { dev, ino }: Stats): void {
    for (const sibling of this.#options.siblings) {
      const place = join(sibling, path)
      const stat = statOf(place)
      if (stat?.ino !== ino || stat.dev !== dev) continue
      const aside = join(this.#options.scratch, `link-${this.#aside++}`)
      linkSync(join(this.#options.live, path), aside)
      renameSync(aside, place)
    }
  }
}

/** Every byte is compared: sizes and times may be forged. */
function isSame(from: string, to: string, stands: Stats): boolean {
  const wanted = lstatSync(from)
  return (
    stands.isFile() &&
    stands.size === wanted.size &&
    stands.mode === wanted.mode &&
    stands.mtimeMs === wanted.mtimeMs &&
    haveSameContent(from, to, wanted.size)
  )
}

function haveSameContent(from: string, to: string, size: number): boolean {
  const fds = [openSync(from, 'r'), openSync(to, 'r')] as const
  try {
    for (let at = 0; at < size; at += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, size - at)
      if (!readExactly(fds[0], at, length).equals(readExactly(fds[1], at, length))) return false
    }
    return true
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

function absent(error: unknown): null {
  if (errnoOf(error) === 'ENOENT') return null
  throw error
}
