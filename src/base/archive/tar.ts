import type { ArchiveEntry } from './entry.ts'
import type { ArchiveGuard } from './guard.ts'
import { decodeName } from './names.ts'
import { checkGlobalPax, type PaxOverrides, readPax } from './pax.ts'
import { refuseArchive, refuseEntry } from './refusal.ts'
import { readField, readTarHeader, TAR_BLOCK_BYTES, type TarHeader } from './tar-header.ts'
import { FileWindow } from './window.ts'

/**
 * Reads and judges the headers of the plain tar in `fd`; nothing is unpacked. One strict reading where tar programs
 * differ: an extended header belongs to the entry right behind it, its size must equal the plain one, nothing follows
 * the end (THREATS A35–A37). Throws `archive_refused`. Synchronous: for worker threads.
 *
 * Own code, since the parsers at hand take an unknown kind for a file and skip a malformed pax record in silence.
 */
export function readTar(fd: number, size: number, guard: ArchiveGuard): ArchiveEntry[] {
  const reader = new TarReader(new FileWindow(fd, size), guard)
  const entries = reader.readAll()
  guard.finish()
  return entries
}

type Pending = { kind: 'pax'; overrides: PaxOverrides } | { kind: 'long-name'; name: string } | null

class TarReader {
  readonly #window: FileWindow
  readonly #guard: ArchiveGuard
  readonly #entries: ArchiveEntry[] = []
  #position = 0
  /** What the header before this entry said about it, and where that header began. */
  #pending: Pending = null
  #start: number | null = null

  constructor(window: FileWindow, guard: ArchiveGuard) {
    this.#window = window
    this.#guard = guard
  }

  readAll(): ArchiveEntry[] {
    for (;;) {
      const block = this.#window.read(this.#position, TAR_BLOCK_BYTES)
      if (isZero(block)) break
      const headerAt = this.#position
      this.#position += TAR_BLOCK_BYTES
      this.#take(readTarHeader(block), headerAt)
    }
    if (this.#pending) throw refuseArchive('it ends behind an extended header that belongs to no file')
    this.#checkEnd()
    return this.#entries
  }

  #take(header: TarHeader, headerAt: number): void {
    switch (header.kind) {
      case 'pax':
        return this.#expect(
          { kind: 'pax', overrides: readPax(this.#readBody(header), header.label) },
          headerAt,
        )
      case 'long-name':
        return this.#expect({ kind: 'long-name', name: this.#readLongName(header) }, headerAt)
      case 'long-link':
        // Only a link has a long target; the link itself follows and is listed.
        this.#readBody(header)
        return
      case 'global-pax':
        if (this.#pending) throw refuseEntry(header.label, 'stands between a header and its file')
        return checkGlobalPax(this.#readBody(header))
      default:
        return this.#takeEntry(header, headerAt)
    }
  }

  #expect(pending: Pending, headerAt: number): void {
    if (this.#pending) throw refuseArchive('two extended headers stand before one file')
    this.#pending = pending
    this.#start = headerAt
  }

  #takeEntry(header: TarHeader, headerAt: number): void {
    const pending = this.#pending
    const start = this.#start ?? headerAt
    this.#pending = null
    this.#start = null
    const overrides = pending?.kind === 'pax' ? pending.overrides : null
    const name =
      pending?.kind === 'long-name' ? pending.name : (overrides?.path ?? decodeName(header.rawName))
    if (overrides !== null && overrides.size !== null && overrides.size !== header.size)
      throw refuseEntry(name, 'has two different sizes')
    if (header.kind === 'link' || overrides?.isLink) return this.#takeLink(name, header)
    // The oldest tars have no kind for folders: a file whose name ends with a slash is one.
    const directory = header.kind === 'directory' || name.endsWith('/')
    if (directory && header.size !== 0) throw refuseEntry(name, 'is a folder with content')
    const plain = plainName(name, directory)
    if (plain === null) return
    if (directory) this.#guard.directory(plain)
    else this.#guard.file(plain, header.size)
    this.#add({ name: plain, directory, size: header.size, start })
  }

  /** A hard link may carry data (POSIX); it is skipped, since the archive is refused anyway. */
  #takeLink(name: string, header: TarHeader): void {
    this.#guard.link(name)
    this.#position += padded(Math.min(header.size, this.#window.size))
  }

  #add(entry: Pick<ArchiveEntry, 'name' | 'directory' | 'size' | 'start'>): void {
    const dataStart = this.#position
    const end = dataStart + padded(entry.size)
    if (end > this.#window.size) throw refuseEntry(entry.name, 'is cut off: the archive ends inside of it')
    this.#entries.push({ ...entry, end, dataStart, packedSize: entry.size, method: 'stored', zip: null })
    this.#position = end
  }

  #readBody(header: TarHeader): Buffer {
    if (header.size > this.#guard.limits.tarHeaderBytes)
      throw refuseEntry(
        header.label,
        `is an extended header of more than ${this.#guard.limits.tarHeaderBytes} bytes`,
      )
    const body = Buffer.from(this.#window.read(this.#position, header.size))
    this.#position += padded(header.size)
    return body
  }

  #readLongName(header: TarHeader): string {
    const body = this.#readBody(header)
    const name = readField(body, 0, body.length)
    if (body.subarray(name.length).some((byte) => byte !== 0))
      throw refuseEntry(decodeName(name), 'has bytes behind its name')
    return decodeName(name)
  }

  /** Two zero blocks, then zeros up to the last byte (GNU tar fills to 10,240). */
  #checkEnd(): void {
    const { size } = this.#window
    if (size - this.#position < 2 * TAR_BLOCK_BYTES || size % TAR_BLOCK_BYTES !== 0)
      throw refuseArchive('it is cut off: the end of the tar is missing')
    for (; this.#position < size; this.#position += TAR_BLOCK_BYTES)
      if (!isZero(this.#window.read(this.#position, TAR_BLOCK_BYTES)))
        throw refuseArchive('bytes follow behind the end of the tar')
  }
}

const padded = (size: number): number => Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES

const ZERO = Buffer.alloc(TAR_BLOCK_BYTES)
const isZero = (block: Buffer): boolean => block.equals(ZERO)

/** `./a/` as `a`: tar programs write the folder they were given as "." in front. Null for that folder itself. */
function plainName(name: string, directory: boolean): string | null {
  const whole = directory ? name.replace(/\/$/, '') : name
  if (directory && whole === '.') return null
  return whole.startsWith('./') && whole.length > 2 ? whole.slice(2) : whole
}
