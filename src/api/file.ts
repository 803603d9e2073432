/** A file as an answer: ETag, 304, HEAD and one byte range (RFC 9110 §14), all set by ourselves. */
import { Fault } from '../base/fault.ts'
import { fileBody } from '../base/platform.ts'
import { matches } from './reply.ts'

export interface FileAnswer {
  path: string
  size: number
  /** Strong. */
  etag: string
  headers: Record<string, string>
}

/** Throws `range_not_satisfiable`. */
export function fileResponse(request: Request, file: FileAnswer): Response {
  const headers = { etag: file.etag, 'accept-ranges': 'bytes', ...file.headers }
  if (matches(request.headers.get('if-none-match'), file.etag))
    return new Response(null, { status: 304, headers })
  const ifRange = request.headers.get('if-range')
  const isWanted = ifRange === null || ifRange === file.etag
  const range = isWanted ? rangeOf(request.headers.get('range'), file.size) : null
  if (range === 'unsatisfiable')
    throw new Fault('range_not_satisfiable', `The range lies behind the end, at ${file.size} bytes.`, {
      hint: 'Ask without Range, or for bytes that are there.',
      extra: { size: file.size },
    })
  const { start, end } = range ?? { start: 0, end: file.size }
  const length = { 'content-length': String(end - start) }
  const part = range && { 'content-range': `bytes ${start}-${end - 1}/${file.size}` }
  const body = request.method === 'HEAD' ? null : fileBody(file.path, start, end)
  return new Response(body, { status: range ? 206 : 200, headers: { ...headers, ...length, ...part } })
}

/** The one range that was asked for, its end exclusive; null to answer the whole (RFC 9110 §14.2 allows it). */
export function rangeOf(
  header: string | null,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  const [, first = '', last = ''] = match ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const suffix = Math.min(Number(last), size)
    return suffix === 0 ? 'unsatisfiable' : { start: size - suffix, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
