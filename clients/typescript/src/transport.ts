/** How calls travel: one `fetch` each, and what comes of it. */
import { ROUTES, type RouteName } from './generated/routes.ts'
import { FairleadProblem, problemOf } from './problem.ts'

/** The bytes of an archive: ZIP, tar, tar.gz or tar.zst. In Node, `await openAsBlob('site.zip')` reads a file as it is sent. */
export type Archive = Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>

export interface CallOptions {
  headers?: Record<string, string>
  /** The ETag that a change is made for: the problem is `precondition_failed` when it is no longer the current one. */
  ifMatch?: string | null | undefined
  /** Sent again within 24 hours, the same key answers the same and does nothing again. */
  idempotencyKey?: string | undefined
  signal?: AbortSignal | undefined
}

export interface Reply<Answer> {
  value: Answer
  status: number
  /** For `ifMatch`. */
  etag: string | null
  location: string | null
}

export interface ClientOptions {
  /** Such as `https://fairlead.example.com`. A page of Fairlead itself may leave it out. */
  server?: string | undefined
  /** An API key or an access token; without it the browser's cookie speaks. A function is asked before each call. */
  key?: string | (() => string | Promise<string>) | undefined
  /** Instead of the global one. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** A call of whatever operation. */
export interface LooseCall extends CallOptions {
  params?: Record<string, string>
  query?: Record<string, unknown>
  json?: unknown
  archive?: Archive
}

export class Transport {
  private readonly options: ClientOptions

  constructor(options: ClientOptions) {
    this.options = options
  }

  /** Throws `FairleadProblem`, and what `fetch` throws when there is no answer. */
  async call(name: RouteName, call: LooseCall): Promise<Reply<unknown>> {
    const response = await this.send(name, call, 'application/json')
    return {
      value: await valueOf(name, response),
      status: response.status,
      etag: response.headers.get('etag'),
      location: response.headers.get('location'),
    }
  }

  /** Sends it, and throws when the answer is a problem. */
  async send(name: RouteName, call: LooseCall, accept: string): Promise<Response> {
    const { server = '', fetch: given } = this.options
    const url = `${server.replace(/\/+$/, '')}/api/v1${pathOf(name, call)}`
    const init = { ...initOf(name, call), headers: await this.headers(call, accept) }
    const response = await (given ? given(url, init) : fetch(url, init))
    if (!response.ok) throw new FairleadProblem(await problemOf(response))
    return response
  }

  private async headers(call: LooseCall, accept: string): Promise<Record<string, string>> {
    const { key } = this.options
    const token = typeof key === 'function' ? await key() : key
    return {
      accept,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(call.json !== undefined && { 'content-type': 'application/json' }),
      ...(call.archive !== undefined && { 'content-type': 'application/octet-stream' }),
      ...(call.ifMatch != null && { 'if-match': call.ifMatch }),
      ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
      ...call.headers,
    }
  }
}

function initOf(name: RouteName, { json, archive, signal }: LooseCall): RequestInit & { duplex?: 'half' } {
  return {
    method: ROUTES[name].method,
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(archive !== undefined && { body: archive }),
    // Required by fetch for a body that is read while it is sent.
    ...(archive instanceof ReadableStream && { duplex: 'half' }),
    ...(signal && { signal }),
  }
}

async function valueOf(name: RouteName, response: Response): Promise<unknown> {
  const { answer } = ROUTES[name]
  if (answer === 'bytes') return response
  if (response.status === 204 || answer === 'none') return undefined
  return await response.json()
}

function pathOf(name: RouteName, { params = {}, query = {} }: LooseCall): string {
  const path = ROUTES[name].path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(params[key] ?? ''),
  )
  const fields = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) fields.set(key, String(value))
  const text = fields.toString()
  return text === '' ? path : `${path}?${text}`
}
