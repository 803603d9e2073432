import type { ArchiveLimits } from '../limits.ts'
import { checkName, foldName } from './names.ts'
import { refuseAll, refuseArchive, refuseEntry, refusePair } from './refusal.ts'

type Standing = { name: string; kind: 'file' | 'directory' | 'implied' }

/**
 * The one policy for every kind of archive (THREATS §3.A). A reader tells it each entry in order and calls `finish`
 * when it has told all; the first violation throws `archive_refused` and names the entry.
 */
export class ArchiveGuard {
  readonly limits: ArchiveLimits
  readonly #packedBytes: number
  /** By folded name: what stands there, so that two spellings of one name are found in any order. */
  readonly #standing = new Map<string, Standing>()
  readonly #links: string[] = []
  #entries = 0
  #folders = 0
  #total = 0
  #largest = { name: '', size: -1 }
  #decomposed: string | null = null
  #lastParent = ''

  constructor(limits: ArchiveLimits, packedBytes: number) {
    this.limits = limits
    this.#packedBytes = packedBytes
  }

  /** Bytes that all files told so far unpack to. */
  get unpackedBytes(): number {
    return this.#total
  }

  /** For formats that announce their number of entries, before anything is allocated for them. */
  announce(entries: number): void {
    if (entries > this.limits.entries)
      throw refuseArchive(
        `it has more than ${this.limits.entries} entries`,
        'Split the site, or leave out what visitors never load.',
      )
  }

  file(name: string, size: number): void {
    this.#count(name)
    this.#enterParents(name)
    const folded = foldName(name)
    const other = this.#standing.get(folded)
    if (other) throw this.#collision(name, 'file', other)
    this.#standing.set(folded, { name, kind: 'file' })
    this.#addSize(name, size)
  }

  /** `name` without its trailing slash. */
  directory(name: string): void {
    this.#count(name)
    this.#enterParents(name)
    const folded = foldName(name)
    const other = this.#standing.get(folded)
    if (other && (other.kind !== 'implied' || other.name !== name))
      throw this.#collision(name, 'directory', other)
    if (!other) this.#countFolder()
    this.#standing.set(folded, { name, kind: 'directory' })
  }

  /** A symbolic or hard link: the archive will be refused, with all its links in the list. */
  link(name: string): void {
    this.announce(++this.#entries)
    this.#links.push(name)
  }

  finish(): void {
    if (this.#links.length > 0)
      throw refuseAll(
        this.#links,
        'is a link, and symbolic links and hard links are not allowed',
        'Put the files themselves into the archive (zip without -y, tar with -h --hard-dereference).',
      )
    if (this.#decomposed !== null)
      throw refuseEntry(
        this.#decomposed,
        'has a name that is not in Unicode normal form C, so browsers would not find it',
        'Rename it with composed letters (convmv -f utf8 -t utf8 --nfc), or make the archive on Linux.',
      )
    if (this.#total > this.limits.ratioFloorBytes && this.#total > this.limits.ratio * this.#packedBytes)
      throw refuseEntry(
        this.#largest.name,
        `and its neighbours unpack to more than ${this.limits.ratio} times the size of the archive`,
      )
  }

  #count(name: string): void {
    this.announce(++this.#entries)
    checkName(name, this.limits)
    this.#decomposed ??= name.normalize('NFC') === name ? null : name
  }

  #countFolder(): void {
    if (++this.#folders > this.limits.entries)
      throw refuseArchive(`it has more than ${this.limits.entries} folders`)
  }

  #enterParents(name: string): void {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    if (parent === '' || parent === this.#lastParent) return
    for (let at = parent.indexOf('/'); ; at = parent.indexOf('/', at + 1)) {
      this.#enterFolder(at === -1 ? parent : parent.slice(0, at), name)
      if (at === -1) break
    }
    this.#lastParent = parent
  }

  #enterFolder(folder: string, inner: string): void {
    const folded = foldName(folder)
    const other = this.#standing.get(folded)
    if (!other) {
      this.#countFolder()
      this.#standing.set(folded, { name: folder, kind: 'implied' })
    } else if (other.kind === 'file')
      throw refusePair(other.name, inner, 'use the same name as a file and as a folder')
    else if (other.name !== folder)
      throw refusePair(other.name, folder, 'differ only in upper and lower case or in Unicode form')
  }

  #addSize(name: string, size: number): void {
    if (size > this.limits.fileBytes)
      throw refuseEntry(name, `is larger than ${this.limits.fileBytes} bytes when unpacked`)
    this.#total += size
    if (size > this.#largest.size) this.#largest = { name, size }
    if (this.#total > this.limits.unpackedBytes)
      throw refuseEntry(name, `makes the archive unpack to more than ${this.limits.unpackedBytes} bytes`)
  }

  #collision(name: string, kind: 'file' | 'directory', other: Standing) {
    if (other.name !== name)
      return refusePair(other.name, name, 'differ only in upper and lower case or in Unicode form')
    if ((other.kind === 'file') === (kind === 'file')) return refuseEntry(name, 'stands in the archive twice')
    return refusePair(name, `${name}/`, 'use the same name as a file and as a folder')
  }
}
