import { crc32, deflateRawSync } from 'node:zlib'

/** A ZIP written byte by byte, so that every field can lie. */
export interface ZipPart {
  name: string | Buffer
  data?: Buffer | string
  method?: number
  flags?: number
  /** Unix mode in the external attributes; 0: none. */
  mode?: number
  extra?: Buffer
  /** What the central directory says instead of the truth. */
  central?: Partial<ZipFields>
  /** What the local header says instead of the truth. */
  local?: Partial<ZipFields> & { name?: string | Buffer; extra?: Buffer }
  /** Bytes of a data descriptor, or `true` for a right one with signature; sets bit 3. */
  descriptor?: Buffer | boolean
  /** The packed bytes instead of those made from `data`. */
  packed?: Buffer
  /** Bytes put in front of the entry. */
  gap?: Buffer
}

export interface ZipFields {
  flags: number
  method: number
  crc: number
  packedSize: number
  size: number
  offset: number
}

export interface ZipOptions {
  prefix?: Buffer
  suffix?: Buffer
  comment?: Buffer | string
  /** What the end record says instead of the truth. */
  end?: Partial<{ disk: number; entriesHere: number; entries: number; bytes: number; offset: number }>
  /** Also write ZIP64 end records, with these lies. */
  zip64?: Partial<{ entries: number; bytes: bigint; offset: bigint; locator: bigint }>
}

const EFS = 0x0800

export function forgeZip(parts: ZipPart[], options: ZipOptions = {}): Buffer {
  const bodies: Buffer[] = [options.prefix ?? Buffer.alloc(0)]
  const records: Buffer[] = []
  let position = bodies[0]?.length ?? 0
  for (const part of parts) {
    const { body, fields } = localPart(part, position + (part.gap?.length ?? 0))
    bodies.push(part.gap ?? Buffer.alloc(0), body)
    position += (part.gap?.length ?? 0) + body.length
    records.push(centralRecord(part, { ...fields, ...part.central }))
  }
  const directory = Buffer.concat(records)
  const truth = { entries: parts.length, bytes: directory.length, offset: position }
  const ends = endRecords(truth, options)
  return Buffer.concat([...bodies, directory, ends, options.suffix ?? Buffer.alloc(0)])
}

function localPart(part: ZipPart, offset: number): { body: Buffer; fields: ZipFields } {
  const data = Buffer.from(part.data ?? '')
  const method = part.method ?? 8
  const packed = part.packed ?? (method === 8 ? deflateRawSync(data) : data)
  const isAscii = Buffer.from(part.name).every((byte) => byte < 0x80)
  const flags = (part.flags ?? (isAscii ? 0 : EFS)) | (part.descriptor ? 8 : 0)
  const fields = { flags, method, crc: crc32(data), packedSize: packed.length, size: data.length, offset }
  const streamed = part.descriptor ? { crc: 0, packedSize: 0, size: 0 } : {}
  const local = { ...fields, ...streamed, ...part.local }
  const name = Buffer.from(part.local?.name ?? part.name)
  const extra = part.local?.extra ?? part.extra ?? Buffer.alloc(0)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(local.flags, 6)
  header.writeUInt16LE(local.method, 8)
  header.writeUInt32LE(local.crc, 14)
  header.writeUInt32LE(local.packedSize, 18)
  header.writeUInt32LE(local.size, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(extra.length, 28)
  const descriptor = part.descriptor === true ? descriptorOf(fields) : part.descriptor || Buffer.alloc(0)
  return { body: Buffer.concat([header, name, extra, packed, descriptor]), fields }
}

export function descriptorOf(fields: Pick<ZipFields, 'crc' | 'packedSize' | 'size'>): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(0x08074b50, 0)
  bytes.writeUInt32LE(fields.crc, 4)
  bytes.writeUInt32LE(fields.packedSize, 8)
  bytes.writeUInt32LE(fields.size, 12)
  return bytes
}

function centralRecord(part: ZipPart, fields: ZipFields): Buffer {
  const name = Buffer.from(part.name)
  const extra = part.extra ?? Buffer.alloc(0)
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(0x0314, 4)
  record.writeUInt16LE(20, 6)
  record.writeUInt16LE(fields.flags, 8)
  record.writeUInt16LE(fields.method, 10)
  record.writeUInt32LE(fields.crc, 16)
  record.writeUInt32LE(fields.packedSize, 20)
  record.writeUInt32LE(fields.size, 24)
  record.writeUInt16LE(name.length, 28)
  record.writeUInt16LE(extra.length, 30)
  const isFolder = name.at(-1) === 0x2f
  record.writeUInt32LE(((part.mode ?? (isFolder ? 0o040755 : 0o100644)) << 16) >>> 0, 38)
  record.writeUInt32LE(fields.offset, 42)
  return Buffer.concat([record, name, extra])
}

function endRecords(truth: { entries: number; bytes: number; offset: number }, options: ZipOptions): Buffer {
  const said = { disk: 0, entriesHere: options.end?.entries ?? truth.entries, ...truth, ...options.end }
  const comment = Buffer.from(options.comment ?? '')
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(said.disk, 4)
  const capped = (count: number) => (options.zip64 ? Math.min(count, 0xffff) : count % 65_536)
  end.writeUInt16LE(capped(said.entriesHere), 8)
  end.writeUInt16LE(capped(said.entries), 10)
  end.writeUInt32LE(said.bytes, 12)
  end.writeUInt32LE(said.offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([options.zip64 ? zip64Records(truth, options.zip64) : Buffer.alloc(0), end, comment])
}

function zip64Records(
  truth: { entries: number; bytes: number; offset: number },
  lies: NonNullable<ZipOptions['zip64']>,
): Buffer {
  const record = Buffer.alloc(56)
  record.writeUInt32LE(0x06064b50, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeBigUInt64LE(BigInt(lies.entries ?? truth.entries), 24)
  record.writeBigUInt64LE(BigInt(lies.entries ?? truth.entries), 32)
  record.writeBigUInt64LE(lies.bytes ?? BigInt(truth.bytes), 40)
  record.writeBigUInt64LE(lies.offset ?? BigInt(truth.offset), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(lies.locator ?? BigInt(truth.offset + truth.bytes), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([record, locator])
}

/** An extra field: id, length, data. */
export function extraField(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

/** Info-ZIP's Unicode Path field (0x7075) that gives `name` the name `other`. */
export function unicodePath(name: string, other: string): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(1, 0)
  head.writeUInt32LE(crc32(Buffer.from(name)), 1)
  return extraField(0x7075, Buffer.concat([head, Buffer.from(other)]))
}

/** A ZIP of so many empty files, made without a JavaScript object for each. */
export function zipOfEmptyFiles(count: number, entriesSaid = count): Buffer {
  const parts: Buffer[] = []
  const records: Buffer[] = []
  let position = 0
  for (let index = 0; index < count; index++) {
    const name = index.toString(36).padStart(5, '0')
    const local = Buffer.alloc(35)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(5, 26)
    local.write(name, 30)
    const record = Buffer.alloc(51)
    record.writeUInt32LE(0x02014b50, 0)
    record.writeUInt16LE(5, 28)
    record.writeUInt32LE(position, 42)
    record.write(name, 46)
    parts.push(local)
    records.push(record)
    position += local.length
  }
  const directory = Buffer.concat(records)
  const truth = { entries: entriesSaid, bytes: directory.length, offset: position }
  return Buffer.concat([...parts, directory, endRecords(truth, entriesSaid > 65_535 ? { zip64: {} } : {})])
}
