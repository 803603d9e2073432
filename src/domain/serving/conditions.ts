/** What a request's conditions make of a file that was found (RFC 9110 §13, §14), as NGINX decides it. */

/** NGINX's ETag: modification time and size in hex. mtimes here are functions of the bytes (DESIGN §4). */
export const etagOf = (mtimeSeconds: number, size: number): string =>
  `"${mtimeSeconds.toString(16)}-${size.toString(16)}"`

/** Does If-None-Match name this ETag? Weak comparison; `*` names every one. */
export function namesEtag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((item) => {
    const text = item.trim()
    return text === '*' || text === etag || text === `W/${etag}`
  })
}

/** Does Accept-Encoding admit gzip? It does unless it is absent there or has the weight 0. */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  if (acceptEncoding === null) return false
  return acceptEncoding
    .toLowerCase()
    .split(',')
    .some((item) => {
      const [coding, ...parameters] = item.split(';').map((part) => part.trim())
      return coding === 'gzip' && !parameters.some((part) => /^q\s*=\s*0(\.0*)?$/.test(part))
    })
}

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * The part of a file that Range asks for; null: the whole file (no range, another unit, more than one part of the
 * file). `unsatisfiable` is 416, also for a range that can't be read. Decides as ngx_http_range_parse does.
 */
export function readRange(range: string | null, size: number): ByteRange | 'unsatisfiable' | null {
  if (range === null || !/^bytes=./i.test(range)) return null
  let found: ByteRange | null = null
  for (const item of range.slice('bytes='.length).trimEnd().split(',')) {
    const read = /^ *(\d{0,15}) *- *(\d{0,15}) *$/.exec(item)
    const [first, last] = [read?.[1] ?? '', read?.[2] ?? '']
    if (first === '' && last === '') return 'unsatisfiable'
    const start = first === '' ? Math.max(size - Number(last), 0) : Number(first)
    const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size)
    if (start < end && found !== null) return null
    if (start < end) found = { start, end }
    else if (start === 0) return null
  }
  return found ?? 'unsatisfiable'
}

/** Is a range to be honoured? If-Range must name this very file; a date can't, since none was ever sent. */
export const rangeHolds = (ifRange: string | null, etag: string): boolean =>
  ifRange === null || ifRange.trim() === etag
