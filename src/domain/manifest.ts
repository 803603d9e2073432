import { sha256Hex } from '../base/secrets.ts'
import {
  BUCKET_HASH_BYTES,
  BUCKETS,
  type BundleFacts,
  type BundleFile,
  bucketOf,
  bucketText,
} from './bundle.ts'

/**
 * The file format of a manifest, read piece by piece:
 *
 *     0   8  magic
 *     8   4  bytes of the header      12  4  bytes of all entries
 *     16  32 SHA-256 of header and table
 *     48     header: BundleFacts as JSON
 *            table: for each bucket u32 offset, u32 length, 16 bytes of the SHA-256 of its text
 *            entries: the texts of the buckets (`bucketText`), one after another
 *            origins: for a ZIP, 24 bytes a file: where its packed bytes lie; else nothing
 */
const MAGIC = 'FLMANI01'
export const MANIFEST_PREFIX_BYTES = 48
const ROW_BYTES = 8 + BUCKET_HASH_BYTES
const TABLE_BYTES = BUCKETS * ROW_BYTES
const ORIGIN_BYTES = 24

/** Where a file's packed bytes lie in its ZIP, so that the next archive can be compared with it. */
export interface FileOrigin {
  dataStart: number
  packedSize: number
  crc: number
  deflated: boolean
}

/** The bucket of a path, see `bucketOf`. */
export const bucketOfPath = (path: string): number => bucketOf(sha256Hex(path))

export interface ManifestEntry {
  file: BundleFile
  origin: FileOrigin | null
}

/** The bytes of a manifest. `compare` orders paths within a bucket. */
export function encodeManifest(
  facts: BundleFacts,
  entries: readonly ManifestEntry[],
  compare: (a: string, b: string) => number,
): Uint8Array {
  const buckets: ManifestEntry[][] = Array.from({ length: BUCKETS }, () => [])
  for (const entry of entries) buckets[bucketOfPath(entry.file.path)]?.push(entry)
  const table = Buffer.alloc(TABLE_BYTES)
  const texts: Buffer[] = []
  let offset = 0
  for (const [index, bucket] of buckets.entries()) {
    bucket.sort((a, b) => compare(a.file.path, b.file.path))
    const text = Buffer.from(bucketText(bucket.map((entry) => entry.file)))
    table.writeUInt32LE(offset, index * ROW_BYTES)
    table.writeUInt32LE(text.length, index * ROW_BYTES + 4)
    table.write(sha256Hex(text).slice(0, 2 * BUCKET_HASH_BYTES), index * ROW_BYTES + 8, 'hex')
    texts.push(text)
    offset += text.length
  }
  const header = Buffer.from(JSON.stringify(facts))
  const prefix = Buffer.alloc(MANIFEST_PREFIX_BYTES)
  prefix.write(MAGIC, 0, 'latin1')
  prefix.writeUInt32LE(header.length, 8)
  prefix.writeUInt32LE(offset, 12)
  prefix.write(sha256Hex(Buffer.concat([header, table])), 16, 'hex')
  return Buffer.concat([prefix, header, table, ...texts, encodeOrigins(buckets.flat())])
}

export interface ManifestHead {
  facts: BundleFacts
  bucketHashes: Uint8Array
  /** Where a bucket's text lies in the file. */
  bucketRange(index: number): { offset: number; length: number }
  entriesOffset: number
  entriesLength: number
}

/** Bytes from the start of the file that `decodeHead` needs; null when these are not a manifest's first bytes. */
export function headLength(prefix: Buffer): number | null {
  if (prefix.length < MANIFEST_PREFIX_BYTES || prefix.toString('latin1', 0, 8) !== MAGIC) return null
  return MANIFEST_PREFIX_BYTES + prefix.readUInt32LE(8) + TABLE_BYTES
}

/** Null when the bytes are damaged. */
export function decodeHead(bytes: Buffer): ManifestHead | null {
  const length = headLength(bytes)
  if (length === null || bytes.length < length) return null
  const body = bytes.subarray(MANIFEST_PREFIX_BYTES, length)
  if (sha256Hex(body) !== bytes.toString('hex', 16, MANIFEST_PREFIX_BYTES)) return null
  const table = body.subarray(body.length - TABLE_BYTES)
  const bucketHashes = new Uint8Array(BUCKETS * BUCKET_HASH_BYTES)
  for (let index = 0; index < BUCKETS; index++)
    bucketHashes.set(
      table.subarray(index * ROW_BYTES + 8, (index + 1) * ROW_BYTES),
      index * BUCKET_HASH_BYTES,
    )
  return {
    // The checksum above says that these are the very bytes which encodeManifest wrote.
    facts: JSON.parse(body.toString('utf8', 0, body.length - TABLE_BYTES)) as BundleFacts,
    bucketHashes,
    bucketRange: (index) => ({
      offset: length + table.readUInt32LE(index * ROW_BYTES),
      length: table.readUInt32LE(index * ROW_BYTES + 4),
    }),
    entriesOffset: length,
    entriesLength: bytes.readUInt32LE(12),
  }
}

/** The files of a bucket; null when its text is not what the table's hash says. */
export function decodeBucket(text: Buffer, hash: Uint8Array): BundleFile[] | null {
  const expected = Buffer.from(hash).toString('hex')
  return sha256Hex(text).startsWith(expected) ? decodeFiles(text) : null
}

/** The files of a text as `bucketText` writes it. Paths hold no line feed. */
export function decodeFiles(text: Buffer): BundleFile[] {
  const lines = text.toString('utf8').split('\n')
  lines.pop()
  return lines.map((line) => {
    const blank = line.indexOf(' ', 65)
    return { sha256: line.slice(0, 64), size: Number(line.slice(65, blank)), path: line.slice(blank + 1) }
  })
}

/** Of all files or of none: a bundle is a ZIP or it is not. */
function encodeOrigins(entries: readonly ManifestEntry[]): Buffer {
  if (entries.some(({ origin }) => origin === null)) return Buffer.alloc(0)
  const bytes = Buffer.alloc(entries.length * ORIGIN_BYTES)
  for (const [index, { origin }] of entries.entries()) {
    const at = index * ORIGIN_BYTES
    bytes.writeDoubleLE(origin?.dataStart ?? 0, at)
    bytes.writeDoubleLE(origin?.packedSize ?? 0, at + 8)
    bytes.writeUInt32LE(origin?.crc ?? 0, at + 16)
    bytes.writeUInt32LE(Number(origin?.deflated ?? false), at + 20)
  }
  return bytes
}

/** The origin of the file at this place of the manifest's order; null when the section holds none. */
export function decodeOrigin(origins: Buffer, index: number): FileOrigin | null {
  const at = index * ORIGIN_BYTES
  if (origins.length < at + ORIGIN_BYTES) return null
  return {
    dataStart: origins.readDoubleLE(at),
    packedSize: origins.readDoubleLE(at + 8),
    crc: origins.readUInt32LE(at + 16),
    deflated: origins.readUInt32LE(at + 20) === 1,
  }
}
