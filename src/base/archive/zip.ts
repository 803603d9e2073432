import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import { type ArchiveEntry, storedName } from './entry.ts'
import type { ArchiveGuard } from './guard.ts'
import { decodeName } from './names.ts'
import { refuseArchive, refuseEntry, refusePair } from './refusal.ts'
import { readExactly } from './window.ts'
import { findDirectory } from './zip-end.ts'

const LOCAL_HEADER_BYTES = 30
const PARSER_TAIL_BYTES = 20 + 22 + 0xffff
const FLAG_ENCRYPTED = 0x2041 // bit 0: encrypted, 6: strongly, 13: central directory masked
const FLAG_PATCH = 0x0020
const TYPE_REGULAR = 0x8
const TYPE_DIRECTORY = 0x4
const TYPE_LINK = 0xa

const METHODS: Record<number, string> = {
  1: 'shrink',
  6: 'implode',
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'zstd',
  95: 'xz',
  97: 'WavPack',
  98: 'PPMd',
  99: 'AES encryption',
}

/**
 * Reads and judges the central directory of the ZIP in `fd`, from one bounded read held in memory. Nothing is
 * unpacked. Entries come back in the order of their bytes, which lie end to end from 0 to the directory; each local
 * header must still be compared by `checkLocalHeader`. Throws `archive_refused`. Synchronous: for worker threads.
 */
export function readZip(fd: number, size: number, guard: ArchiveGuard): ArchiveEntry[] {
  const directory = findDirectory(fd, size, guard.limits)
  guard.announce(directory.entries)
  // The parser looks for the end record itself, in as much of the archive's end as a comment can fill.
  const from = Math.max(0, Math.min(directory.offset, size - PARSER_TAIL_BYTES))
  const bytes = readExactly(fd, from, size - from)
  const entries: ArchiveEntry[] = []
  let directoryBytes = 0
  for (const raw of rawEntries(bytes, from, size)) {
    directoryBytes += 46 + raw.fileNameLength + raw.extraFieldLength + raw.fileCommentLength
    const entry = judged(raw)
    if (entry === null) guard.link(decodeName(raw.fileNameRaw))
    else {
      if (entry.directory) guard.directory(entry.name)
      else guard.file(entry.name, entry.size)
      entries.push(entry)
    }
  }
  if (directory.offset + directoryBytes !== directory.end)
    throw refuseArchive('its end record counts fewer entries than its list of files holds')
  guard.finish()
  return layOut(entries, directory.offset)
}

/** yauzl parses the records; the reader below answers from memory, so that it never waits. */
function* rawEntries(bytes: Buffer, offset: number, size: number): Generator<yauzl.Entry> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const
  let zip: yauzl.ZipFile | undefined
  const problems: Error[] = []
  yauzl.fromRandomAccessReader(new MemoryReader(bytes, offset), size, options, (error, opened) => {
    if (error) problems.push(error)
    zip = opened
  })
  const found: yauzl.Entry[] = []
  zip?.on('error', (error: Error) => problems.push(error))
  zip?.on('entry', (entry) => found.push(entry))
  for (let count = zip?.entryCount ?? 0; count > 0 && problems.length === 0; count--) {
    zip?.readEntry()
    const entry = found.pop()
    if (entry) yield entry
    else if (problems.length === 0) throw refuseEntry('', 'is an entry without a name')
  }
  const [problem] = problems
  if (problem) throw refuseArchive(`its list of files is broken (${problem.message})`)
}

class MemoryReader extends yauzl.RandomAccessReader {
  readonly #bytes: Buffer
  readonly #offset: number

  constructor(bytes: Buffer, offset: number) {
    super()
    this.#bytes = bytes
    this.#offset = offset
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const start = position - this.#offset
    if (start < 0 || start + length > this.#bytes.length)
      return callback(new Error('it points outside of the list'))
    this.#bytes.copy(buffer, offset, start, start + length)
    callback(null)
  }
}

/** One record as an entry; null for a link. Throws for everything that is neither file nor folder. */
function judged(raw: yauzl.Entry): ArchiveEntry | null {
  const name = decodeName(raw.fileNameRaw)
  const flags = raw.generalPurposeBitFlag
  if ((flags & FLAG_ENCRYPTED) !== 0 || raw.compressionMethod === 99)
    throw refuseEntry(name, 'is encrypted, and encrypted archives are not supported')
  if ((flags & FLAG_PATCH) !== 0) throw refuseEntry(name, 'is a patch, not a file')
  const directory = name.endsWith('/')
  const type = raw.externalFileAttributes >>> 28
  if (type === TYPE_LINK) return null
  if (type !== 0 && type !== TYPE_REGULAR && type !== TYPE_DIRECTORY)
    throw refuseEntry(name, 'is neither a file nor a folder (a device, pipe or socket)')
  if (type === TYPE_DIRECTORY && !directory)
    throw refuseEntry(name, 'says that it is a folder, but its name does not end with "/"')
  if (directory && raw.uncompressedSize !== 0) throw refuseEntry(name, 'is a folder with content')
  checkExtraFields(raw.extraFieldRaw, raw.fileNameRaw)
  return {
    name: directory ? name.slice(0, -1) : name,
    directory,
    size: raw.uncompressedSize,
    start: raw.relativeOffsetOfLocalHeader,
    end: 0,
    dataStart: null,
    packedSize: raw.compressedSize,
    method: methodOf(name, raw.compressionMethod),
    zip: { flags, crc: raw.crc32 },
  }
}

function methodOf(name: string, method: number): ArchiveEntry['method'] {
  if (method === 0) return 'stored'
  if (method === 8) return 'deflated'
  const word = METHODS[method] ?? `method ${method}`
  throw refuseEntry(name, `is packed with ${word}, and only store and deflate are read`)
}

/**
 * Extra fields must be whole, may hold ZIP64 sizes once, and must not give the entry another name
 * (Info-ZIP Unicode Path 0x7075, THREATS A20, A24).
 */
export function checkExtraFields(extra: Buffer, name: Buffer): void {
  let zip64 = 0
  let at = 0
  while (at + 4 <= extra.length) {
    const id = extra.readUInt16LE(at)
    const data = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
    if (at + 4 + extra.readUInt16LE(at + 2) > extra.length)
      throw refuseEntry(decodeName(name), 'has a broken extra field')
    if (id === 0x0001 && ++zip64 > 1) throw refuseEntry(decodeName(name), 'has two ZIP64 sizes')
    if (id === 0x7075 && !isSameName(data, name))
      throw refuseEntry(
        decodeName(name),
        'has another name in its Unicode path field',
        'Make the archive with names in UTF-8 (zip -UN=UTF8).',
      )
    at += 4 + data.length
  }
}

const isSameName = (field: Buffer, name: Buffer): boolean =>
  field.length >= 5 &&
  field[0] === 1 &&
  field.readUInt32LE(1) === crc32(name) &&
  field.subarray(5).equals(name)

/** Entries must lie end to end: no overlap (A15), no gap and nothing in front of the first (A22). */
function layOut(entries: ArchiveEntry[], directoryOffset: number): ArchiveEntry[] {
  entries.sort((a, b) => a.start - b.start)
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + 1]
    const before = entries[index - 1]
    if (before && before.start === entry.start)
      throw refusePair(before.name, entry.name, 'share the same bytes')
    entry.end = next?.start ?? directoryOffset
    const name = Buffer.byteLength(storedName(entry))
    if (entry.start + LOCAL_HEADER_BYTES + name + entry.packedSize > entry.end) {
      if (next) throw refusePair(entry.name, next.name, 'share the same bytes')
      throw refuseEntry(entry.name, 'reaches into the list of files')
    }
  }
  if (entries[0] && entries[0].start !== 0) throw refuseArchive('bytes stand before its first entry')
  return entries
}
