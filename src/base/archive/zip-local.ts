import { type ArchiveEntry, storedName } from './entry.ts'
import { refuseEntry } from './refusal.ts'
import { checkExtraFields } from './zip.ts'
import { exact } from './zip-end.ts'

const SIGNATURE = 0x04034b50
const DESCRIPTOR = 0x08074b50
const FLAG_DESCRIPTOR = 0x0008
/** Encryption, data descriptor, UTF-8 name: bits whose difference could make two readers see two files. */
const FLAGS_COMPARED = 0x2869
const DESCRIPTOR_BYTES_MOST = 24
const UNSET = 0xffffffff

export interface LocalHeader {
  /** Offset of the data from the beginning of the entry. */
  dataOffset: number
}

/**
 * Compares the local header, and the data descriptor if there is one, with the central directory (THREATS A21):
 * name, method, flags, sizes and CRC must be the same, and the entry's bytes must be used up to the last.
 * `head` holds the entry's first bytes (at least its header), `tail` its last 24 or all of it. Throws `archive_refused`.
 */
export function checkLocalHeader(entry: ArchiveEntry, head: Buffer, tail: Buffer): LocalHeader {
  const zip = entry.zip
  if (!zip) throw new Error('only entries of a ZIP have a local header')
  if (head.length < 30 || head.readUInt32LE(0) !== SIGNATURE)
    throw refuseEntry(entry.name, 'has no header before its data')
  const nameBytes = head.readUInt16LE(26)
  const dataOffset = 30 + nameBytes + head.readUInt16LE(28)
  const gap = entry.end - entry.start - dataOffset - entry.packedSize
  if (dataOffset > head.length || gap < 0)
    throw refuseEntry(entry.name, 'reaches into the bytes of the next entry')
  const name = head.subarray(30, 30 + nameBytes)
  if (name.toString('utf8') !== storedName(entry))
    throw refuseEntry(entry.name, `has another name ("${name.toString('utf8')}") in front of its data`)
  const flags = head.readUInt16LE(6)
  const method = head.readUInt16LE(8)
  if (
    (flags & FLAGS_COMPARED) !== (zip.flags & FLAGS_COMPARED) ||
    method !== (entry.method === 'stored' ? 0 : 8)
  )
    throw refuseEntry(
      entry.name,
      'has another method or other flags in front of its data than in the list of files',
    )
  const extra = head.subarray(30 + nameBytes, dataOffset)
  checkExtraFields(extra, name)
  const local = localSizes(head, extra)
  const streamed = (flags & FLAG_DESCRIPTOR) !== 0
  const same = (mine: number, theirs: number) => mine === theirs || (streamed && mine === 0)
  if (!same(local.crc, zip.crc) || !same(local.packed, entry.packedSize) || !same(local.size, entry.size))
    throw refuseEntry(
      entry.name,
      'has other sizes or another CRC in front of its data than in the list of files',
    )
  const whole = local.crc === zip.crc && local.packed === entry.packedSize && local.size === entry.size
  const isUsedUp =
    gap === 0
      ? whole
      : gap <= DESCRIPTOR_BYTES_MOST && streamed && isDescriptor(entry, tail.subarray(tail.length - gap))
  if (!isUsedUp) throw refuseEntry(entry.name, 'is followed by bytes that belong to no entry')
  return { dataOffset }
}

function localSizes(head: Buffer, extra: Buffer): { crc: number; packed: number; size: number } {
  const crc = head.readUInt32LE(14)
  let packed = head.readUInt32LE(18)
  let size = head.readUInt32LE(22)
  const zip64 = zip64Field(extra)
  if (zip64 && size === UNSET && zip64.length >= 8) {
    size = exact(zip64, 0)
    if (packed === UNSET && zip64.length >= 16) packed = exact(zip64, 8)
  } else if (zip64 && packed === UNSET && zip64.length >= 8) packed = exact(zip64, 0)
  return { crc, packed, size }
}

function zip64Field(extra: Buffer): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 0x0001) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
  return null
}

/** APPNOTE 4.3.9: with or without its signature, with sizes of 4 or 8 bytes. */
function isDescriptor(entry: ArchiveEntry, bytes: Buffer): boolean {
  const signed = bytes.length === 16 || bytes.length === 24
  if (!signed && bytes.length !== 12 && bytes.length !== 20) return false
  if (signed && bytes.readUInt32LE(0) !== DESCRIPTOR) return false
  const body = bytes.subarray(signed ? 4 : 0)
  const [packed, size] =
    body.length === 12 ? [body.readUInt32LE(4), body.readUInt32LE(8)] : [exact(body, 4), exact(body, 12)]
  return body.readUInt32LE(0) === entry.zip?.crc && packed === entry.packedSize && size === entry.size
}
