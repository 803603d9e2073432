/** One entry of a judged archive. Offsets are bytes from the beginning of the ZIP or of the plain tar. */
export interface ArchiveEntry {
  /** `/`-separated, relative, without trailing slash. */
  name: string
  directory: boolean
  /** Bytes unpacked, as declared; what comes out is compared with it. */
  size: number
  /** The bytes that belong to the entry, headers included. */
  start: number
  end: number
  /** Where its data begins; null for a ZIP until the local header has been read. */
  dataStart: number | null
  packedSize: number
  method: 'stored' | 'deflated'
  /** What a ZIP's central directory says beyond that; null for a tar, which has no checksums of data. */
  zip: { flags: number; crc: number } | null
}

/** The name as it stands in a ZIP, where folders end with a slash. */
export const storedName = (entry: ArchiveEntry): string => (entry.directory ? `${entry.name}/` : entry.name)

export interface ByteRange {
  start: number
  end: number
}
