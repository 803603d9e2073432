/** The one way out over HTTP. */
import { createHash } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { rootCertificates, TLSSocket } from 'node:tls'
import { systemClock } from './clock.ts'
import { Fault } from './fault.ts'

export interface HttpRequest {
  protocol: 'http:' | 'https:'
  /** Where to connect: an address, never looked up when it is one. */
  dial: { address: string; port: number }
  /** The Host header, with the port when it is not the protocol's own; its name is the SNI of TLS. */
  host: string
  method?: string
  /** The certificate of the peer is not looked at: for this very machine only, whose sites may have one of any name. */
  anyCertificate?: true
  /** Over a connection of its own, so that what is told of the peer is as it is now. */
  fresh?: true
  /** Certificates of CAs, as PEM, that are trusted beside the usual ones. */
  root?: string
  /** Path and query, percent-encoded; sent as it is. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** From the call to the last byte. */
  deadlineMs: number
  maxBodyBytes: number
  /** How much of the body is handed over; the rest is only hashed and counted. Without it: all. */
  keptBodyBytes?: number
  signal?: AbortSignal
}

export interface HttpAnswer {
  status: number
  /** Names in lower case; repeated ones joined by ", ". */
  headers: Record<string, string>
  /** SHA-256 (hex) of the certificate that the peer has shown, over TLS. */
  certificateSha256?: string
  /** As it came: nothing is decompressed, no redirect is followed. */
  body: Uint8Array
  /** Size and SHA-256 (hex) of the whole body, kept or not. */
  size: number
  sha256: string
}

/** Connections that are kept for the next request; `close` ends them. */
export class HttpClient {
  readonly #plain: http.Agent
  readonly #tls: https.Agent

  constructor(connectionsPerHost = 16) {
    this.#plain = new http.Agent({ keepAlive: true, maxSockets: connectionsPerHost })
    this.#tls = new https.Agent({ keepAlive: true, maxSockets: connectionsPerHost })
  }

  /**
   * Asks once more over a fresh connection when a kept one was closed meanwhile (RFC 9110 §9.2.2), for GET and HEAD.
   * Throws `unavailable` when nobody answers in time, `too_large` over `maxBodyBytes`, the signal's reason when
   * aborted.
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(request.deadlineMs)
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline
    try {
      return await this.#sendOverOpen(request, signal)
    } catch (thrown) {
      request.signal?.throwIfAborted()
      if (thrown instanceof Fault) throw thrown
      throw new Fault('unavailable', `${request.host} does not answer at ${where(request)}.`, {
        hint: deadline.aborted
          ? `It had ${request.deadlineMs} ms.`
          : 'Check that it runs and can be reached.',
        cause: thrown,
      })
    }
  }

  async #sendOverOpen(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#send(request, signal)
    } catch (thrown) {
      if (signal.aborted || !isIdempotent(request) || !(thrown instanceof ClosedConnection)) throw thrown
      return await this.#send(request, signal)
    }
  }

  close(): void {
    this.#plain.destroy()
    this.#tls.destroy()
  }

  #send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const secure = request.protocol === 'https:'
      const name = request.host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
      const sent = (secure ? https : http).request({
        host: request.dial.address,
        port: request.dial.port,
        // A connection to one name is kept for that name: agents tell them apart by SNI.
        agent: request.fresh ? false : secure ? this.#tls : this.#plain,
        method: request.method ?? 'GET',
        path: request.path,
        headers: { ...request.headers, host: request.host },
        // An address is no name of TLS (RFC 6066 §3); the certificate is then judged by what is dialled.
        ...(isIP(name) === 0 && { servername: name }),
        ...(secure && request.root !== undefined && { ca: [...rootCertificates, request.root] }),
        ...(secure && request.anyCertificate && { rejectUnauthorized: false }),
        signal,
      })
      sent.on('error', (error) => reject(sent.reusedSocket ? new ClosedConnection(error) : error))
      sent.on('response', (answer) => {
        const shown = certificateSha256(answer)
        bounded(answer, request).then(
          (body) =>
            resolve({ status: answer.statusCode ?? 0, headers: flat(answer.headers), ...shown, ...body }),
          reject,
        )
      })
      sent.end(request.body)
    })
  }
}

class ClosedConnection extends Error {
  constructor(cause: unknown) {
    super('A kept connection was closed.', { cause })
  }
}

function certificateSha256({ socket }: http.IncomingMessage): Pick<HttpAnswer, 'certificateSha256'> {
  const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : null
  // Without one it is an object without anything in it.
  const { fingerprint256 } = certificate ?? {}
  return fingerprint256 ? { certificateSha256: fingerprint256.replaceAll(':', '').toLowerCase() } : {}
}

async function bounded(
  answer: http.IncomingMessage,
  request: HttpRequest,
): Promise<Pick<HttpAnswer, 'body' | 'size' | 'sha256'>> {
  const keptBytes = request.keptBodyBytes ?? request.maxBodyBytes
  const hash = createHash('sha256')
  const chunks: Uint8Array[] = []
  let size = 0
  const stream = answer as AsyncIterable<Uint8Array> // no encoding is set, so the chunks are bytes
  for await (const chunk of stream) {
    size += chunk.length
    if (size > request.maxBodyBytes) {
      answer.destroy()
      throw new Fault('too_large', `${request.host} answers with more than ${request.maxBodyBytes} bytes.`)
    }
    hash.update(chunk)
    const before = size - chunk.length
    if (before < keptBytes) chunks.push(chunk.subarray(0, keptBytes - before))
  }
  return { body: Buffer.concat(chunks), size, sha256: hash.digest('hex') }
}

const isIdempotent = ({ method = 'GET' }: HttpRequest): boolean => method === 'GET' || method === 'HEAD'

const where = ({ dial }: HttpRequest): string => `${dial.address} port ${dial.port}`

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value
  return result
}

/**
 * `fetch` for the command line. The deadline ends when the answer's headers are there; null: none, as for an upload.
 * Throws `unavailable` when nobody answers.
 */
export async function outboundFetch(
  url: string,
  init: RequestInit = {},
  deadlineMs: number | null = null,
): Promise<Response> {
  const late = new AbortController()
  const stop = deadlineMs === null ? () => {} : systemClock.after(deadlineMs, () => late.abort())
  const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal
  try {
    return await fetch(url, { ...init, signal })
  } catch (cause) {
    init.signal?.throwIfAborted()
    throw new Fault('unavailable', `${new URL(url).origin} does not answer.`, {
      hint: late.signal.aborted
        ? `It had ${deadlineMs} ms. Try again, or look at its log.`
        : 'Check the address and that the server runs.',
      cause,
    })
  } finally {
    stop()
  }
}
