/** Answers: one way to make them, with the same headers on all of them. */
import { createHash } from 'node:crypto'
import { asFault, Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import { problemOf } from '../contract/problem.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const EVERYWHERE: Record<string, string> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** The headers of every answer, errors too. What the answer says about caching stands. */
export function secured(response: Response): Response {
  for (const [name, value] of Object.entries(EVERYWHERE))
    if (!response.headers.has(name)) response.headers.set(name, value)
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  return response
}

export interface JsonReply<Value> {
  status: number
  value: Value
  /** Of things with settings: the part of the ETag that If-Match is compared with. */
  revision?: number
  location?: string
  headers?: Record<string, string>
}

/** JSON with its ETag; 304 when the reader of a GET has it already. */
export function jsonResponse(request: Request, reply: JsonReply<unknown>): Response {
  const text = JSON.stringify(reply.value)
  const etag = etagOf(text, reply.revision)
  const headers = {
    etag,
    ...(reply.location !== undefined && { location: reply.location }),
    ...reply.headers,
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && matches(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers })
  return textResponse(reply.status, text, { 'content-type': 'application/json', ...headers })
}

export function textResponse(status: number, text: string, headers: Record<string, string>): Response {
  // HEAD answers lose their text on the way out; the length has to be said here.
  return new Response(text, {
    status,
    headers: { 'content-length': String(Buffer.byteLength(text)), ...headers },
  })
}

/** A strong ETag: a hash of the bytes, after the revision of things that have one. */
export function etagOf(text: string, revision?: number): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return revision === undefined ? `"${hash}"` : `"${revision}-${hash}"`
}

/** RFC 9110 §13.1.2: the weak comparison, against a list or `*`. */
export function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()))
}

const carried = new WeakMap<Fault, Record<string, string>>()

/** What was thrown, with headers for its answer: kept beside the Fault, whose members are shown. */
export function carrying(headers: Record<string, string>, thrown: unknown): unknown {
  if (thrown instanceof Fault) carried.set(thrown, headers)
  return thrown
}

/** A Fault as problem+json. Causes of our own mistakes go to the log and never into the answer. */
export function problemResponse(thrown: unknown, log: Log): Response {
  const fault = asFault(thrown)
  const problem = problemOf(fault)
  if (problem.status >= 500 && problem.code !== 'standing_by')
    log.write(problem.code === 'internal' ? 'error' : 'warn', fault.message, { fault })
  return textResponse(problem.status, JSON.stringify(problem), {
    'content-type': 'application/problem+json',
    ...headersOf(fault),
    ...carried.get(fault),
  })
}

function headersOf(fault: Fault): Record<string, string> {
  const { allow, current, size, retryAfter } = fault.extra
  return {
    ...(typeof allow === 'string' && { allow }),
    ...(fault.code === 'range_not_satisfiable' && { 'content-range': `bytes */${String(size)}` }),
    // A body that does not come can't be waited for, so the connection can't be used again.
    ...(fault.code === 'too_slow' && { connection: 'close' }),
    ...(fault.code === 'unauthenticated' && { 'www-authenticate': 'Bearer realm="Fairlead"' }),
    ...(fault.code === 'busy' && { 'retry-after': '1' }),
    ...(typeof retryAfter === 'number' && { 'retry-after': String(retryAfter) }),
    ...(fault.code === 'precondition_failed' && current instanceof Object && { etag: currentEtag(current) }),
  }
}

const currentEtag = (current: object): string =>
  etagOf(
    JSON.stringify(current),
    'revision' in current && typeof current.revision === 'number' ? current.revision : undefined,
  )
