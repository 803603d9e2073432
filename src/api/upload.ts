/** An archive on its way in: one stream of bytes, whatever wrapped them. */
import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { Connection } from '../base/platform.ts'
import { DIGEST_PATTERN, type Digest } from '../domain/bundle.ts'
import { bodyChunks } from './body-chunks.ts'
import { isJson } from './json-body.ts'
import { archivePart, boundaryOf } from './multipart.ts'

export interface Upload {
  body: AsyncIterable<Uint8Array>
  /** Bytes of the archive, when the sender said so. */
  announcedBytes: number | null
  expectedDigest: Digest | null
  /** Fires when the sender goes away. */
  signal: AbortSignal
}

export interface UploadOptions {
  clock: Clock
  connection: Connection
  /** From `?sha256=`. */
  sha256?: Digest | undefined
  /** Asked after the last byte, which may come long after the first one: throws when the sender may no longer. */
  requireStill(): void
}

/** Judges the headers of an upload and opens its body. Throws `unsupported_media_type`, `malformed`, `invalid`. */
export function openUpload(request: Request, options: UploadOptions): Upload {
  const { clock, connection, sha256 } = options
  requirePlainCoding(request)
  const type = request.headers.get('content-type')
  if (isJson(type) || /^application\/([\w.+-]+\+)?json\b/i.test(type ?? ''))
    throw new Fault('unsupported_media_type', 'The body is announced as JSON, but an archive belongs here.', {
      hint: 'Send the archive with Content-Type: application/octet-stream.',
    })
  if (request.body === null)
    throw new Fault('malformed', 'The request has no body; an archive belongs there.', {
      hint: 'Send the archive itself, for example with curl -T site.zip.',
    })
  const boundary = boundaryOf(type)
  const contentDigest = contentDigestOf(request.headers.get('content-digest'))
  connection.keepOpen()
  const chunks = bodyChunks(request, { clock, bytes: LIMITS.http.uploadBytes, whole: false })
  const bytes = followedBy(chunks, () => options.requireStill())
  const length = request.headers.get('content-length')
  if (boundary === null)
    return {
      body: bytes,
      announcedBytes: length === null ? null : Number(length),
      expectedDigest: oneDigest(contentDigest, sha256),
      signal: request.signal,
    }
  // RFC 9530 §2: Content-Digest is of the content as sent, here of all parts with their headers.
  return {
    body: archivePart(contentDigest ? hashed(bytes, contentDigest) : bytes, boundary),
    announcedBytes: null,
    expectedDigest: sha256 ?? null,
    signal: request.signal,
  }
}

function requirePlainCoding(request: Request): void {
  const coding = request.headers.get('content-encoding')
  if (coding === null || coding.trim().toLowerCase() === 'identity') return
  throw new Fault(
    'unsupported_media_type',
    'The body has a Content-Encoding; archives are taken as they are.',
    {
      hint: 'Leave Content-Encoding out: a .tar.gz is an archive of its own.',
    },
  )
}

function oneDigest(fromHeader: Digest | null, fromQuery: Digest | undefined): Digest | null {
  if (fromHeader !== null && fromQuery !== undefined && fromHeader !== fromQuery)
    throw new Fault('invalid', 'Content-Digest and ?sha256= name two different SHA-256.', {
      hint: 'Send one of them.',
      errors: [{ field: 'sha256', message: 'differs from Content-Digest' }],
    })
  return fromHeader ?? fromQuery ?? null
}

/** The sha-256 member of a Content-Digest (RFC 9530); null without the header or with other algorithms only. */
export function contentDigestOf(header: string | null): Digest | null {
  if (header === null) return null
  let digest: Digest | null = null
  for (const member of header.split(',')) {
    const match = /^([a-z*][a-z0-9_.*-]{0,30})=:([A-Za-z0-9+/]{0,200}={0,2}):$/.exec(member.trim())
    const [, algorithm, base64 = ''] = match ?? []
    const hex = Buffer.from(base64, 'base64').toString('hex')
    if (algorithm === undefined || (algorithm === 'sha-256' && !DIGEST_PATTERN.test(hex)))
      throw new Fault('malformed', 'The header Content-Digest cannot be read.', {
        hint: 'It looks like sha-256=:…: with the SHA-256 of the body in base64 (RFC 9530).',
      })
    if (algorithm === 'sha-256') digest = hex
  }
  return digest
}

async function* followedBy(
  bytes: AsyncIterable<Uint8Array>,
  requireStill: () => void,
): AsyncGenerator<Uint8Array> {
  yield* bytes
  requireStill()
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, expected: Digest): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== expected)
    throw new Fault('digest_mismatch', 'The bytes that came are not those that Content-Digest announced.', {
      hint: 'Send the request again; something changed it on its way.',
    })
}
