import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { errnoOf } from '../../../base/fault.ts'

const FILE_MODE = 0o644
const FOLDER_MODE = 0o755
const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const OPEN_FOLDERS = 64

/**
 * Writes below one root, openat-style: every part of a path is opened by its parent's descriptor without following
 * links, so that nobody who swaps a folder for a link can lead a write out of the root (THREATS R13). Only new regular
 * files, 0644, and folders, 0755, whatever the umask. Synchronous: for worker threads. Linux, by /proc/self/fd.
 */
export class TreeWriter {
  readonly #root: number
  /** Descriptors of folders, the least recently used first. */
  readonly #folders = new Map<string, number>()
  #last: { path: string; fd: number }

  constructor(root: string) {
    this.#root = openSync(root, OPEN_FOLDER)
    this.#last = { path: '', fd: this.#root }
  }

  /** Makes a folder whose parent exists. */
  makeFolder(path: string): void {
    mkdirSync(this.#place(path), FOLDER_MODE)
    const fd = this.#folder(path)
    if ((fstatSync(fd).mode & 0o7777) !== FOLDER_MODE) fchmodSync(fd, FOLDER_MODE)
  }

  /** Opens a new file for writing; `complete` must follow. */
  create(path: string): number {
    return openSync(this.#place(path), NEW_FILE, FILE_MODE)
  }

  write(fd: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
  }

  /** Sets mode and time (seconds), reads the size back and closes. */
  complete(fd: number, size: number, mtime: number): void {
    try {
      futimesSync(fd, mtime, mtime)
      const stat = fstatSync(fd)
      if (stat.size !== size) throw new Error(`a file has ${stat.size} bytes on disk instead of ${size}`)
      if ((stat.mode & 0o7777) !== FILE_MODE) fchmodSync(fd, FILE_MODE)
    } finally {
      closeSync(fd)
    }
  }

  /** A whole small file at once. */
  file(path: string, bytes: Uint8Array, mtime: number): void {
    const fd = this.create(path)
    try {
      this.write(fd, bytes)
    } catch (error) {
      closeSync(fd)
      throw error
    }
    this.complete(fd, bytes.length, mtime)
  }

  /** Links an existing file; false when that can't be done (absent, too many links, another disk). */
  link(from: string, path: string): boolean {
    try {
      linkSync(from, this.#place(path))
      return true
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'EMLINK' || errno === 'EXDEV' || errno === 'EPERM') return false
      throw error
    }
  }

  remove(path: string): void {
    unlinkSync(this.#place(path))
  }

  close(): void {
    for (const fd of this.#folders.values()) closeSync(fd)
    this.#folders.clear()
    closeSync(this.#root)
  }

  #place(path: string): string {
    const slash = path.lastIndexOf('/')
    const parent = slash === -1 ? '' : path.slice(0, slash)
    return `/proc/self/fd/${this.#folder(parent)}/${path.slice(slash + 1)}`
  }

  #folder(path: string): number {
    if (path === '') return this.#root
    if (path === this.#last.path) return this.#last.fd
    let fd = this.#folders.get(path)
    if (fd === undefined) {
      fd = openSync(this.#place(path), OPEN_FOLDER)
      this.#makeRoom()
    } else this.#folders.delete(path)
    this.#folders.set(path, fd)
    this.#last = { path, fd }
    return fd
  }

  #makeRoom(): void {
    if (this.#folders.size < OPEN_FOLDERS) return
    for (const [path, fd] of this.#folders) {
      closeSync(fd)
      this.#folders.delete(path)
      return
    }
  }
}
