/** A tar written byte by byte, so that every field can lie. */
export interface TarPart {
  name: string | Buffer
  data?: Buffer | string
  /** One character; `0` is a regular file. */
  type?: string
  linkname?: string
  prefix?: string
  mode?: string
  mtime?: string | Buffer
  /** The 12 bytes of the size field instead of the true size. */
  size?: string | Buffer
  /** The 8 bytes of the checksum field instead of the true sum. */
  checksum?: string
  /** `ustar\x0000` by default; GNU's is `ustar  \0`, and the oldest have none. */
  magic?: string
  /** No bytes for the data, whatever the size says. */
  bodyless?: boolean
}

const BLOCK = 512

export function tarEntry(part: TarPart): Buffer {
  const data = Buffer.from(part.data ?? '')
  const header = Buffer.alloc(BLOCK)
  const put = (at: number, value: string | Buffer) => Buffer.from(value).copy(header, at)
  put(0, Buffer.from(part.name).subarray(0, 100))
  put(100, part.mode ?? '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, part.size ?? `${data.length.toString(8).padStart(11, '0')}\0`)
  put(136, part.mtime ?? '14000000000\0')
  put(156, part.type ?? '0')
  put(157, part.linkname ?? '')
  put(257, part.magic ?? 'ustar\x0000')
  put(345, part.prefix ?? '')
  put(148, '        ')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, part.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `)
  if (part.bodyless) return header
  return Buffer.concat([header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])
}

export const TAR_END = Buffer.alloc(2 * BLOCK)

export function forgeTar(parts: (TarPart | Buffer)[], end = TAR_END): Buffer {
  return Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : tarEntry(part))), end])
}

/** A pax header in front of a file: its records, or raw bytes. */
export function pax(records: Record<string, string> | string, type = 'x'): Buffer {
  const body =
    typeof records === 'string'
      ? records
      : Object.entries(records)
          .map(([key, value]) => paxRecord(key, value))
          .join('')
  return tarEntry({ name: 'PaxHeader', type, data: body })
}

export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest) + 1
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest)
  return `${length}${rest}`
}

/** GNU's long name in front of a file. */
export const longName = (name: string, type = 'L'): Buffer =>
  tarEntry({ name: '././@LongLink', type, data: `${name}\0`, magic: 'ustar  \0' })
