/** What differs between an unpacked bundle and its manifest: looked at often, so it costs as little as it can. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'
import { type BundleFile, contentMtime, type TreeKey } from '../../domain/bundle.ts'
import type { CompareOptions, TreeComparison, TreeDifference } from '../../ports/bundles.ts'
import { Slices } from './slices.ts'
import {
  entriesOf,
  FILE_MODE,
  FOLDER_MODE,
  gunzippedHash,
  hashOf,
  isRight,
  modeOf,
  statOf,
} from './tree-stat.ts'
import { wantsSibling } from './unpack/sibling.ts'

const PIECE_BYTES = 262_144

/** What is remembered of a tree from look to look. */
interface Memory {
  /** The generated `.gz` siblings that were there. */
  siblings: Set<string>
  /** What was found otherwise by reading it: it is so as long as it is the same inode, not changed since. */
  wrong: Map<string, { ino: number; ctimeMs: number; words: string }>
  /** Of the inode that was changed last, as far as all contents were read since. Nobody can set it by hand. */
  readUntil: number
  /** Where the next sample begins, and that inode's time when the first one did. */
  offset: number
  began: number
}

/** What stands right by its size and time, and whose content may be read as well. */
interface Candidate {
  path: string
  file: BundleFile
  isSibling: boolean
  ino: number
  ctimeMs: number
}

/** The trees of one data folder, as looks know them. */
export class TreeLooks {
  readonly #memories = new Map<TreeKey, Memory>()

  async compare(root: string, options: CompareOptions): Promise<TreeComparison> {
    const memory = this.#memories.get(options.key) ?? {
      siblings: new Set(),
      wrong: new Map(),
      readUntil: 0,
      offset: 0,
      began: 0,
    }
    this.#memories.set(options.key, memory)
    return await new TreeLook(root, options, memory).run()
  }

  /** Only what is looked at is remembered. */
  keepOnly(keys: ReadonlySet<TreeKey>): void {
    for (const key of this.#memories.keys()) if (!keys.has(key)) this.#memories.delete(key)
  }
}

class TreeLook {
  readonly #root: string
  readonly #options: CompareOptions
  readonly #memory: Memory
  readonly #expected = new Map<string, BundleFile>()
  readonly #folders = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #siblings = new Set<string>()
  readonly #candidates: Candidate[] = []
  readonly #differences: TreeDifference[] = []
  #readBytes: number = LIMITS.drift.readBytes
  /** Whether a bundle of what stands would hold something else. */
  #isOther = false
  readonly #slices: Slices

  constructor(root: string, options: CompareOptions, memory: Memory) {
    this.#root = root
    this.#options = options
    this.#slices = new Slices(options.signal)
    this.#memory = memory
  }

  async run(): Promise<TreeComparison> {
    const root = statOf(this.#root)
    if (!root?.isDirectory()) {
      const stands = root && wordsOfOther(root)
      this.#isOther = true
      return this.#compared([{ path: '', wanted: 'the folder', stands }])
    }
    if (modeOf(root) !== FOLDER_MODE)
      this.#differ('.', 'the folder', `the folder, mode ${modeOf(root).toString(8)}`)
    for (const file of this.#options.manifest.files()) {
      this.#expected.set(file.path, file)
      this.#expectFolders(file.path)
      if (this.#slices.isDue()) await this.#slices.letOthers()
    }
    await this.#walk('')
    for (const [path, file] of this.#expected) {
      if (!this.#seen.has(path)) this.#differInContent(path, wordsOfFile(file), null)
      if (this.#slices.isDue()) await this.#slices.letOthers()
    }
    for (const path of this.#memory.siblings)
      if (!this.#siblings.has(path)) this.#differ(path, 'compressed anew', null)
    for (const path of this.#siblings) this.#memory.siblings.add(path)
    await this.#readSample()
    return this.#compared(this.#differences.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
  }

  #compared(differences: TreeDifference[]): TreeComparison {
    return {
      differences: differences.slice(0, LIMITS.drift.treeDifferences),
      count: differences.length,
      sha256: sha256Hex(JSON.stringify(differences)),
      isOther: this.#isOther,
    }
  }

  #expectFolders(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash)
      if (this.#folders.has(folder)) return
      this.#folders.add(folder)
    }
  }

  async #walk(below: string): Promise<void> {
    for (const entry of entriesOf(join(this.#root, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await this.#seeFolder(path)
      else this.#seeFile(path)
      if (this.#slices.isDue()) await this.#slices.letOthers()
    }
    for (const folder of below === '' ? this.#folders : [])
      if (!this.#seen.has(folder)) this.#differ(folder, 'a folder', null)
  }

  async #seeFolder(path: string): Promise<void> {
    const stat = statOf(join(this.#root, path))
    if (!stat) return
    if (this.#folders.has(path)) this.#seen.add(path)
    else this.#differ(path, this.#wantedAt(path), 'a folder')
    if (this.#folders.has(path) && modeOf(stat) !== FOLDER_MODE)
      this.#differ(path, 'a folder', `a folder, mode ${modeOf(stat).toString(8)}`)
    await this.#walk(path)
  }

  #seeFile(path: string): void {
    const stat = statOf(join(this.#root, path))
    if (!stat) return
    const file = this.#expected.get(path)
    const plain = file ? null : this.#plainOf(path)
    if (file) this.#seen.add(path)
    if (this.#folders.has(path)) this.#seen.add(path)
    if (plain) this.#siblings.add(path)
    const content = file ?? plain
    if (!content) this.#differInContent(path, this.#wantedAt(path), this.#wordsAt(path, stat))
    else if (!isRight(stat, content, file !== undefined)) this.#differAt(path, stat, { content, file })
    else
      this.#candidates.push({ path, file: content, isSibling: !file, ino: stat.ino, ctimeMs: stat.ctimeMs })
  }

  /** The file that a `.gz` beside it was made from. */
  #plainOf(path: string): BundleFile | null {
    if (!path.endsWith('.gz')) return null
    const plain = this.#expected.get(path.slice(0, -3))
    return plain && wantsSibling(plain.path, plain.size) ? plain : null
  }

  #wantedAt(path: string): string | null {
    const file = this.#expected.get(path)
    if (file) this.#seen.add(path)
    return file ? wordsOfFile(file) : this.#folders.has(path) ? 'a folder' : null
  }

  #differAt(
    path: string,
    stat: Stats,
    { content, file }: { content: BundleFile; file?: BundleFile | undefined },
  ): void {
    const words = this.#wordsAt(path, stat, content)
    const isSame = stat.isFile() && words.startsWith(wordsOfFile(content))
    if (!file) this.#differ(path, 'compressed', words)
    else if (isSame) this.#differ(path, wordsOfFile(file), words)
    else this.#differInContent(path, wordsOfFile(file), words)
  }

  #differInContent(path: string, wanted: string | null, stands: string | null): void {
    this.#isOther = true
    this.#differ(path, wanted, stands)
  }

  #differ(path: string, wanted: string | null, stands: string | null): void {
    this.#differences.push({ path, wanted, stands })
  }

  /** What stands, by its content as long as that is not too much to read. */
  #wordsAt(path: string, stat: Stats, wanted?: BundleFile): string {
    if (!stat.isFile()) return wordsOfOther(stat)
    this.#readBytes -= stat.size
    const sha256 = this.#readBytes < 0 ? null : hashOf(join(this.#root, path))
    const words = [bytes(stat.size), sha256?.slice(0, SHOWN) ?? `changed ${stat.ctimeMs}`]
    if (modeOf(stat) !== FILE_MODE) words.push(`mode ${modeOf(stat).toString(8)}`)
    if (wanted && stat.mtimeMs !== contentMtime(wanted.sha256) * 1000) words.push('another time')
    return words.join(', ')
  }

  /** Contents behind sizes and times that somebody may have forged: what was touched since first, then one after the other. */
  async #readSample(): Promise<void> {
    const { again, budget } = this.#options
    const known = this.#memory.wrong
    this.#memory.wrong = new Map()
    for (const candidate of this.#candidates) {
      const wrong = known.get(candidate.path)
      if (wrong?.ino === candidate.ino && wrong.ctimeMs === candidate.ctimeMs)
        this.#differAsRead(candidate, wrong.words)
    }
    const isDone = (candidate: Candidate) => this.#memory.wrong.has(candidate.path)
    const inAnyCase = this.#candidates.filter((one) => again.has(one.path) && !isDone(one))
    for (const candidate of inAnyCase) await this.#readOne(candidate)
    const { readUntil, offset } = this.#memory
    const touched = this.#candidates.filter(({ ctimeMs }) => ctimeMs > readUntil)
    const line = touched.length > 0 ? touched : this.#candidates
    let at = offset < line.length ? offset : 0
    if (at === 0)
      this.#memory.began = this.#candidates.reduce((most, { ctimeMs }) => Math.max(most, ctimeMs), 0)
    for (let read = 0; read < line.length && budget.files > 0 && budget.bytes > 0; read++, at++) {
      const candidate = line[at]
      if (!candidate) break
      budget.files--
      budget.bytes -= candidate.file.size
      if (!again.has(candidate.path) && !isDone(candidate)) await this.#readOne(candidate)
    }
    const isThrough = at >= line.length
    this.#memory.offset = isThrough ? 0 : at
    if (isThrough) this.#memory.readUntil = this.#memory.began
  }

  #differAsRead({ path, file, isSibling, ino, ctimeMs }: Candidate, words: string): void {
    this.#memory.wrong.set(path, { ino, ctimeMs, words })
    if (isSibling) this.#differ(path, 'compressed', words)
    else this.#differInContent(path, wordsOfFile(file), words)
  }

  async #readOne(candidate: Candidate): Promise<void> {
    const { path, file, isSibling } = candidate
    const place = join(this.#root, path)
    // It is unpacked in memory.
    if (isSibling && file.size > LIMITS.drift.readBytes) return
    try {
      const sha256 = isSibling ? gunzippedHash(place, file.size) : await this.#hash(place)
      if (sha256 === file.sha256) return
      this.#differAsRead(candidate, `${bytes(file.size)}, ${sha256?.slice(0, SHOWN) ?? 'damaged'}`)
    } catch (error) {
      // The next look tells that it is gone.
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    if (this.#slices.isDue()) await this.#slices.letOthers()
  }

  async #hash(path: string): Promise<string> {
    const fd = openSync(path, 'r')
    try {
      const hash = createHash('sha256')
      const piece = Buffer.allocUnsafe(PIECE_BYTES)
      for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) {
        hash.update(piece.subarray(0, count))
        if (this.#slices.isDue()) await this.#slices.letOthers()
      }
      return hash.digest('hex')
    } finally {
      closeSync(fd)
    }
  }
}

const SHOWN = 12
const bytes = (count: number): string => `${count} ${count === 1 ? 'byte' : 'bytes'}`
const wordsOfFile = ({ size, sha256 }: BundleFile): string => `${bytes(size)}, ${sha256.slice(0, SHOWN)}`
const wordsOfOther = (stat: Stats): string =>
  stat.isSymbolicLink() ? 'a link' : stat.isDirectory() ? 'a folder' : stat.isFile() ? 'a file' : 'no file'
