import { closeSync, readSync } from 'node:fs'
import { LIMITS } from '../../base/limits.ts'
import { openFileBody } from '../../base/platform.ts'
import { acceptsGzip, etagOf, namesEtag, rangeHolds, readRange } from '../../domain/serving/conditions.ts'
import {
  type HeaderList,
  NEUTRAL_HEADERS,
  NEUTRAL_TYPE,
  type NeutralStatus,
  neutralPage,
} from '../../domain/serving/neutral.ts'
import type { Decision } from '../../domain/serving/resolve.ts'
import type { OpenFile, SiteFiles } from './site-files.ts'

/** The page for whatever no site answers; the same for every host name. */
export const neutralAnswer = (status: NeutralStatus, sentence?: string): Response =>
  new Response(neutralPage(status, sentence), {
    status,
    headers: [...NEUTRAL_HEADERS, ['content-type', NEUTRAL_TYPE]],
  })

/** A decision as a response. Takes the file it sends out of `files`. */
export function answerOf(decision: Decision, request: Request, files: SiteFiles): Response {
  if (decision.kind === 'redirect')
    return new Response(null, {
      status: decision.status,
      headers: withHeaders(decision.headers, [['location', decision.location]]),
    })
  if (decision.kind === 'page')
    return new Response(neutralPage(decision.status), {
      status: decision.status,
      headers: withHeaders(decision.headers, [['content-type', NEUTRAL_TYPE]]),
    })
  const zipped = acceptsGzip(request.headers.get('accept-encoding')) && files.has(`${decision.file}.gz`)
  const file = files.take(zipped ? `${decision.file}.gz` : decision.file)
  if (file === null) throw new Error('The rules decided for a file that is not there.')
  const headers = new Headers(decision.headers)
  if (!headers.has('content-type')) headers.set('content-type', 'application/octet-stream')
  if (zipped) headers.set('content-encoding', 'gzip')
  return fileAnswer({ status: decision.status, headers, file, request })
}

interface FileAnswer {
  status: 200 | 404
  headers: Headers
  file: OpenFile
  request: Request
}

function fileAnswer({ status, headers, file, request }: FileAnswer): Response {
  const whole = { start: 0, end: file.size }
  if (status !== 200) return sent({ status, headers, file, request, ...whole })
  const etag = etagOf(file.mtimeSeconds, file.size)
  headers.set('etag', etag)
  const ifNoneMatch = request.headers.get('if-none-match')
  if (ifNoneMatch !== null && namesEtag(ifNoneMatch, etag)) {
    headers.delete('content-type')
    headers.delete('content-encoding')
    return sent({ status: 304, headers, file, request, start: 0, end: 0 })
  }
  // What is compressed is sent whole, as NGINX sends it.
  if (headers.has('content-encoding')) return sent({ status, headers, file, request, ...whole })
  const asked = rangeHolds(request.headers.get('if-range'), etag) ? request.headers.get('range') : null
  const range = readRange(asked, file.size)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${file.size}`)
    return sent({ status: 416, headers, file, request, start: 0, end: 0 })
  }
  if (range === null) {
    headers.set('accept-ranges', 'bytes')
    return sent({ status, headers, file, request, ...whole })
  }
  headers.set('content-range', `bytes ${range.start}-${range.end - 1}/${file.size}`)
  return sent({ status: 206, headers, file, request, ...range })
}

interface Sent {
  status: number
  headers: Headers
  file: OpenFile
  request: Request
  start: number
  end: number
}

function sent({ status, headers, file, request, start, end }: Sent): Response {
  if (end - start > LIMITS.gateway.smallFileBytes && request.method === 'GET') {
    // Means what its absence means (RFC 6266 §4.2); Bun would otherwise suggest the descriptor as the file's name.
    if (!headers.has('content-disposition')) headers.set('content-disposition', 'inline')
    return new Response(openFileBody(file.descriptor, start, end), { status, headers })
  }
  try {
    if (request.method === 'GET')
      return new Response(status === 304 ? null : readPart(file.descriptor, start, end), { status, headers })
    if (status !== 304) headers.set('content-length', String(end - start))
    return new Response(null, { status, headers })
  } finally {
    closeSync(file.descriptor)
  }
}

function readPart(descriptor: number, start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start)
  let filled = 0
  while (filled < bytes.length) {
    const read = readSync(descriptor, bytes, filled, bytes.length - filled, start + filled)
    if (read === 0) throw new Error('A file of a tree has become shorter.')
    filled += read
  }
  return bytes
}

const withHeaders = (own: HeaderList, more: HeaderList): Headers => {
  const headers = new Headers(own)
  for (const [name, value] of more) headers.set(name, value)
  return headers
}
