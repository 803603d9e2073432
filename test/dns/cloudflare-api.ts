/**
 * Answers on loopback as Cloudflare's published description of its API (v4) says, from a zone in memory: pages, batches
 * that are made whole or not at all, its error codes and its rules for TTLs and proxied records. Hostile on demand.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { FOREIGN, ZONE } from './zone.ts'

export const TOKEN = 'cf-token-Sn3lZJTBX6kkg7OdcBUAxOO963GEIyGQ'
export const ZONE_ID = '023e105f4ecef8ad9ca31a8372d0c353'

export interface StoredRecord {
  id: string
  name: string
  type: string
  content: string
  ttl: number
  priority?: number
  proxied: boolean
}

interface Batch {
  deletes?: { id: string }[]
  patches?: ({ id: string } & Partial<StoredRecord>)[]
  puts?: ({ id: string } & StoredRecord)[]
  posts?: StoredRecord[]
}

/** What goes wrong with the next requests, one after the other; `null` lets one through. */
export type Mishap =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Carries it out, and hangs up. */
  | { kind: 'after' }
  /** Says nothing. */
  | { kind: 'hang' }
  | null

class ApiError extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const PROXIABLE = ['A', 'AAAA', 'CNAME']

export class CloudflareApi {
  records: StoredRecord[] = []
  zones: { id: string; name: string; type: string; name_servers: string[] }[] = [
    { id: ZONE_ID, name: ZONE, type: 'full', name_servers: ['ns1.example.test', 'ns2.example.test'] },
  ]
  mishaps: Mishap[] = []
  /** Items of a page at most, whatever was asked for; and pages that are not there. */
  pageItems = 100
  missingPages: number[] = []
  requests: { method: string; path: string; authorization: string }[] = []
  private nextId = 1
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => void this.handle(request, response))
    this.records = FOREIGN.split('\n').map((line) => this.fromLine(line))
  }

  static async start(): Promise<CloudflareApi> {
    const api = new CloudflareApi()
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve))
    return api
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  end(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  dump(): string[] {
    return this.records.map(
      ({ id, name, ttl, type, content, priority, proxied }) =>
        `${name}. ${ttl} IN ${type} ${priority ?? ''} ${content} ${proxied} ${id}`,
    )
  }

  /** As somebody does it in the dashboard. */
  put(record: Omit<StoredRecord, 'id'>): void {
    this.records.push({ ...record, id: this.newId() })
  }

  remove(name: string, type: string): void {
    this.records = this.records.filter((record) => record.name !== name || record.type !== type)
  }

  private newId(): string {
    return createHash('md5')
      .update(`${this.nextId++}`)
      .digest('hex')
  }

  private fromLine(line: string): StoredRecord {
    const [name = '', ttl, , type = '', ...rest] = line.split(' ')
    const content = rest.join(' ').replace(/\.$/, '')
    const [priority, exchange] = content.split(' ')
    const base = { id: this.newId(), name: name.replace(/\.$/, ''), type, ttl: Number(ttl), proxied: false }
    return type === 'MX'
      ? { ...base, content: exchange ?? '', priority: Number(priority) }
      : { ...base, content }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const url = new URL(request.url ?? '/', 'http://cloudflare.test')
    const authorization = request.headers.authorization ?? ''
    const method = request.method ?? ''
    this.requests.push({ method, path: `${url.pathname}${url.search}`, authorization })
    const mishap = this.mishaps.shift() ?? null
    if (mishap?.kind === 'hang') return
    if (mishap?.kind === 'status') {
      response.writeHead(mishap.status, { 'content-type': 'application/json', ...mishap.headers })
      response.end(mishap.body ?? JSON.stringify(failed(mishap.status, `error for ${authorization}`)))
      return
    }
    const { status, body } = this.answer({
      method,
      url,
      authorization,
      text: Buffer.concat(chunks).toString(),
    })
    if (mishap?.kind === 'after') return void response.destroy()
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  private answer(asked: { method: string; url: URL; authorization: string; text: string }): {
    status: number
    body: unknown
  } {
    try {
      return { status: 200, body: this.route(asked) }
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown
      return { status: thrown.status, body: failed(thrown.code, thrown.message) }
    }
  }

  private route({
    method,
    url,
    authorization,
    text,
  }: {
    method: string
    url: URL
    authorization: string
    text: string
  }): unknown {
    if (authorization !== `Bearer ${TOKEN}`)
      throw new ApiError(403, 9109, `Invalid access token ${authorization}`)
    const path = url.pathname.replace(/^\/client\/v4/, '')
    if (method === 'GET' && path === '/zones') return this.page(this.zones, url)
    const [, id, rest = ''] = /^\/zones\/([^/]+)(\/.*)?$/.exec(path) ?? []
    const zone = this.zones.find((each) => each.id === id)
    if (!zone) throw new ApiError(404, 1001, 'Invalid zone identifier')
    if (method === 'GET' && rest === '') return succeeded(zone)
    if (method === 'GET' && rest === '/dns_records') {
      const name = url.searchParams.get('name.exact')?.toLowerCase()
      return this.page(
        this.records.filter((record) => name === undefined || record.name === name),
        url,
      )
    }
    if (method === 'POST' && rest === '/dns_records/batch')
      return succeeded(this.batch(JSON.parse(text) as Batch))
    throw new ApiError(405, 10_000, 'Method not allowed for this authentication scheme')
  }

  private page(items: readonly unknown[], url: URL): unknown {
    const page = Number(url.searchParams.get('page') ?? 1)
    const size = Math.min(Number(url.searchParams.get('per_page') ?? 100), this.pageItems)
    if (this.missingPages.includes(page)) return { ...succeeded([]), result_info: null }
    const info = {
      page,
      per_page: size,
      count: Math.max(0, Math.min(size, items.length - (page - 1) * size)),
      total_count: items.length,
      total_pages: Math.max(1, Math.ceil(items.length / size)),
    }
    return { ...succeeded(items.slice((page - 1) * size, page * size)), result_info: info }
  }

  /** Deletes, patches, puts, posts, in one transaction. */
  private batch({ deletes = [], patches = [], puts = [], posts = [] }: Batch): unknown {
    const before = this.records
    this.records = before.map((record) => ({ ...record }))
    try {
      for (const { id } of deletes) this.records.splice(this.indexOf(id), 1)
      for (const change of [...patches, ...puts]) {
        const [old] = this.records.splice(this.indexOf(change.id), 1)
        if (old) this.insert({ ...old, ...change })
      }
      for (const record of posts)
        this.insert({ ...record, proxied: record.proxied ?? false, id: this.newId() })
      return { deletes, patches, puts, posts }
    } catch (thrown) {
      this.records = before
      throw thrown
    }
  }

  private indexOf(id: string): number {
    const index = this.records.findIndex((record) => record.id === id)
    if (index < 0) throw new ApiError(404, 81_044, 'Record does not exist.')
    return index
  }

  private insert(record: StoredRecord): void {
    const { name, type, content, ttl, proxied } = record
    if (!`.${name}`.endsWith(`.${ZONE}`)) throw new ApiError(400, 9005, 'DNS name is invalid.')
    if (ttl !== 1 && (ttl < 60 || ttl > 86_400))
      throw new ApiError(400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.')
    if (proxied && !PROXIABLE.includes(type))
      throw new ApiError(400, 9004, 'This record type cannot be proxied.')
    if (type === 'TXT' && !content.startsWith('"'))
      throw new ApiError(400, 9207, 'TXT content must be quoted.')
    const beside = this.records.filter((other) => other.name === name)
    if (type === 'CNAME' ? beside.some((other) => other.type === 'A' || other.type === 'AAAA') : false)
      throw new ApiError(400, 81_053, 'An A, AAAA, or CNAME record with that host already exists.')
    if ((type === 'A' || type === 'AAAA') && beside.some((other) => other.type === 'CNAME'))
      throw new ApiError(400, 81_054, 'A CNAME record with that host already exists.')
    if (beside.some((other) => other.type === type && other.content === content))
      throw new ApiError(400, 81_058, 'An identical record already exists.')
    this.records.push({ ...record, ttl: proxied ? 1 : ttl })
  }
}

const succeeded = (result: unknown) => ({ success: true, errors: [], messages: [], result })
const failed = (code: number, message: string) => ({
  success: false,
  errors: [{ code, message }],
  messages: [],
  result: null,
})
