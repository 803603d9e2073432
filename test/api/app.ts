/** The real app on free ports and a temporary folder, and a client of it that shows whole answers. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppConfig, type Rates, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Assets } from '../../src/base/platform.ts'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'

export interface Answer {
  status: number
  headers: Headers
  /** Parsed when it is JSON, else the text. */
  body: never
  text: string
}

export interface TestApp {
  url: string
  sitesUrl: string
  /** Null unless it listens for HTTPS too. */
  sitesTlsUrl: string | null
  /** Where the first account is made. */
  setUpUrl: string | null
  data: string
  /** `path` below /api/v1. A plain object travels as JSON. */
  ask(method: string, path: string, given?: Asked): Promise<Answer>
  /** Names in DATA/staging. */
  staging(): Promise<string[]>
  stop(): Promise<void>
}

export interface Asked {
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal
}

const often = { burst: 1e9, perMinute: 1e9, debt: 0 }
/** Tests ask more than people do. */
export const UNLIMITED: Rates = {
  failuresBySource: often,
  failuresByAccount: often,
  strangers: often,
  actors: often,
  requestsAtOnce: 1e9,
  streamsAtOnce: 1e9,
  uploadsAtOnce: 1e9,
}

type Varied =
  | 'clock'
  | 'log'
  | 'url'
  | 'rates'
  | 'trustedProxies'
  | 'passwordCost'
  | 'sitesListen'
  | 'sitesTlsListen'

export async function startTestApp(
  assets: Assets = new Map(),
  more: Partial<Pick<AppConfig, Varied>> = {},
): Promise<TestApp> {
  const data = await mkdtemp(join(tmpdir(), 'fairlead-api-'))
  const loopback = { hostname: '127.0.0.1', port: 0 }
  const app = await startApp({
    data,
    listen: loopback,
    sitesListen: loopback,
    url: null,
    assets,
    diskReserveBytes: 0,
    passwordCost: 4,
    rates: UNLIMITED,
    log: silentLog,
    ...more,
  })
  return {
    url: app.url,
    sitesUrl: app.sitesUrl,
    sitesTlsUrl: app.sitesTlsUrl,
    setUpUrl: app.setUpUrl,
    data,
    ask: (method, path, given = {}) => ask(`${app.url}/api/v1${path}`, method, given),
    staging: () => readdir(join(data, 'staging')),
    async stop() {
      await app.stop()
      await rm(data, { recursive: true })
    },
  }
}

export async function ask(url: string, method: string, given: Asked): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(given.json !== undefined && { 'content-type': 'application/json' }), ...given.headers },
    ...(given.json !== undefined && { body: JSON.stringify(given.json) }),
    ...(given.body !== undefined && { body: given.body }),
    ...(given.signal && { signal: given.signal }),
  })
  const text = await response.text()
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as never, // each test knows what it asked for
    text,
  }
}

/** A tar of these files: the plainest archive there is. */
export function archiveOf(files: Record<string, string | Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content)
    return [tarHeader(path, bytes.length), bytes, tarPadding(bytes.length)]
  })
  return new Uint8Array(Buffer.concat([...parts, tarEnd()]))
}

export const site = (text: string) => archiveOf({ 'index.html': `<h1>${text}</h1>` })
