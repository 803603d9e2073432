import type { ArchiveLimits } from '../limits.ts'
import { refuseArchive } from './refusal.ts'
import { readExactly } from './window.ts'

/** APPNOTE 4.3.16, 4.3.15 and 4.3.14: the records behind the central directory. */
const END = 0x06054b50
const END_BYTES = 22
const LOCATOR = 0x07064b50
const LOCATOR_BYTES = 20
const END64 = 0x06064b50
const END64_BYTES = 56
const COMMENT_BYTES = 0xffff

export interface CentralDirectory {
  offset: number
  /** Where the directory's last record ends: there the end records begin, or the archive is refused. */
  end: number
  entries: number
}

/**
 * Finds the one end record and checks everything it says against the file (THREATS A20, A22, A23): exactly one
 * candidate, nothing behind it, nothing between it and the directory, one disk, counts and offsets that agree.
 */
export function findDirectory(fd: number, size: number, limits: ArchiveLimits): CentralDirectory {
  const tailStart = Math.max(0, size - (END64_BYTES + LOCATOR_BYTES + END_BYTES + COMMENT_BYTES))
  const tail = readExactly(fd, tailStart, size - tailStart)
  const at = findEnd(tail)
  const end = tail.subarray(at)
  const small = {
    disk: end.readUInt16LE(4) + end.readUInt16LE(6),
    entriesHere: end.readUInt16LE(8),
    entries: end.readUInt16LE(10),
    bytes: end.readUInt32LE(12),
    offset: end.readUInt32LE(16),
  }
  const hasLocator = at >= LOCATOR_BYTES && tail.readUInt32LE(at - LOCATOR_BYTES) === LOCATOR
  const directory = hasLocator
    ? readEnd64(tail.subarray(0, at), tailStart, small)
    : { ...small, end: tailStart + at }
  if (directory.disk !== 0 || directory.entriesHere !== directory.entries)
    throw refuseArchive('it is one part of a ZIP that is split over several files')
  if (directory.entries > limits.entries) throw refuseArchive(`it has more than ${limits.entries} entries`)
  if (directory.bytes > limits.directoryBytes)
    throw refuseArchive(`its list of files is larger than ${limits.directoryBytes} bytes`)
  if (directory.offset + directory.bytes !== directory.end)
    throw refuseArchive(
      'its list of files does not stand where its end record says (bytes before or inside?)',
    )
  return { offset: directory.offset, end: directory.end, entries: directory.entries }
}

function findEnd(tail: Buffer): number {
  const found: number[] = []
  for (let at = tail.length - END_BYTES; at >= 0; at--)
    if (tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length)
      found.push(at)
  const [at] = found
  if (at === undefined)
    throw refuseArchive('its end record is missing: the file is cut off, or bytes follow the ZIP')
  const comment = tail.subarray(at + END_BYTES)
  if (found.length > 1 || comment.includes('PK\x05\x06', 0, 'latin1'))
    throw refuseArchive('it has more than one end record, so that two programs would see two archives')
  return at
}

interface Small {
  entriesHere: number
  entries: number
  bytes: number
  offset: number
}

function readEnd64(before: Buffer, tailStart: number, small: Small) {
  const locator = before.subarray(before.length - LOCATOR_BYTES)
  const at = before.length - LOCATOR_BYTES - END64_BYTES
  const disks = locator.readUInt32LE(4) + locator.readUInt32LE(16)
  if (at < 0 || exact(locator, 8) !== tailStart + at || before.readUInt32LE(at) !== END64 || disks !== 1)
    throw refuseArchive('its ZIP64 end record does not stand where it is said to be')
  const record = before.subarray(at)
  const large = {
    disk: record.readUInt32LE(16) + record.readUInt32LE(20),
    entriesHere: exact(record, 24),
    entries: exact(record, 32),
    bytes: exact(record, 40),
    offset: exact(record, 48),
    end: tailStart + at,
  }
  const agree =
    exact(record, 4) === END64_BYTES - 12 &&
    agrees(small.entriesHere, large.entriesHere, 0xffff) &&
    agrees(small.entries, large.entries, 0xffff) &&
    agrees(small.bytes, large.bytes, 0xffffffff) &&
    agrees(small.offset, large.offset, 0xffffffff)
  if (!agree) throw refuseArchive('its two end records contradict each other')
  return large
}

const agrees = (small: number, large: number, unset: number): boolean => small === unset || small === large

/** A 64-bit number; anything over 2^53 becomes Infinity, which no check lets through. */
export function exact(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}
