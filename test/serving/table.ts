import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import * as tls from 'node:tls'
import type { ServingSettings } from '../../src/domain/environment.ts'

/** A site of the table. A gateway under test turns it into a live one. */
export interface CaseSite {
  /** Names to contents; a number stands for so many bytes of a fixed pattern. */
  files: Record<string, string | number>
  settings?: Partial<ServingSettings>
  headers?: string
  redirects?: string
  /** Files that get a generated `.gz` sibling, as unpacking makes them. */
  zipped?: string[]
  /** `X.gz` files that came with the bundle. */
  ownGzip?: string[]
  /** What DATA/grace holds for the environment. */
  grace?: Record<string, string>
}

export interface Case {
  /** The request line without the version: `GET /path?query`; `GET` may be left out. Sent byte by byte. */
  ask: string
  with?: Record<string, string>
  /** Several where gateways may differ without harm. */
  status: number | number[]
  /** The whole Location header. */
  location?: string
  /** null: must be absent. Vary is compared as a set. */
  headers?: Record<string, string | RegExp | null>
  /** The name of the site's file whose bytes are the body. */
  file?: string
  body?: string | RegExp
}

export interface CaseGroup {
  title: string
  site: CaseSite
  cases: Case[]
}

export interface LiveSite {
  address: string
  port: number
  /** The Host header. */
  host: string
  /** Over TLS, with this name said in the handshake. */
  sni?: string
}

export interface RawAnswer {
  status: number
  headers: Map<string, string>
  body: Buffer
}

/** What must never be seen from outside, whatever is asked. */
export const CANARY = 'canary-7b1f0e'

/** Every row over real HTTP, against whatever gateway `makeLive` puts the sites into. */
export function serveTable(
  groups: readonly CaseGroup[],
  makeLive: (site: CaseSite) => Promise<LiveSite>,
  ask: (live: LiveSite, row: Case) => Promise<RawAnswer> = askOnce,
): void {
  for (const group of groups)
    test(group.title, async () => {
      const live = await makeLive(group.site)
      for (const row of group.cases) {
        const answer = await ask(live, row)
        const seen = { ask: row.ask, with: row.with, ...flat(answer) }
        try {
          requireAnswer(row, answer, group.site)
        } catch (error) {
          throw new Error(`${group.title}: ${JSON.stringify(seen, null, 2)}\n${String(error)}`, {
            cause: error,
          })
        }
      }
    })
}

function requireAnswer(row: Case, answer: RawAnswer, site: CaseSite): void {
  expect([row.status].flat()).toContain(answer.status)
  if (row.location !== undefined) expect(answer.headers.get('location')).toBe(row.location)
  for (const [name, wanted] of Object.entries(row.headers ?? {})) {
    const actual = answer.headers.get(name.toLowerCase())
    if (wanted === null) expect(actual).toBeUndefined()
    else if (wanted instanceof RegExp) expect(actual ?? '').toMatch(wanted)
    else if (name.toLowerCase() === 'vary') expect(words(actual)).toEqual(words(wanted))
    else expect(actual).toBe(wanted)
  }
  const body = answer.body.toString()
  if (row.file !== undefined) expect(answer.body.equals(contentOf(site, row.file))).toBe(true)
  if (typeof row.body === 'string') expect(body).toBe(row.body)
  else if (row.body) expect(body).toMatch(row.body)
  expect(body).not.toContain(CANARY)
  expect(answer.headers.has('last-modified')).toBe(false)
  expect(answer.status).toBeLessThan(500)
}

export function contentOf(site: CaseSite, name: string): Buffer {
  const content = site.files[name] ?? site.grace?.[name]
  if (content === undefined) throw new Error(`The site has no ${name}.`)
  return bytesOf(content)
}

/** The bytes that a content of the table stands for. */
export const bytesOf = (content: string | number): Buffer =>
  typeof content === 'string' ? Buffer.from(content) : Buffer.alloc(content, '0123456789abcdef-')

const words = (list: string | undefined): string[] =>
  (list ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .sort()

const flat = (answer: RawAnswer) => ({
  status: answer.status,
  headers: Object.fromEntries(answer.headers),
  body: answer.body.toString('latin1', 0, 200),
})

export function wordsOf(row: Case): { method: string; target: string } {
  const [first = '', second] = row.ask.split(/ (?=\/)/)
  return second === undefined ? { method: 'GET', target: first } : { method: first, target: second }
}

function askOnce(live: LiveSite, row: Case): Promise<RawAnswer> {
  const { method, target } = wordsOf(row)
  const headers = { Host: live.host, Connection: 'close', ...row.with }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return rawRequest(live, `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
}

/** Sends these very bytes (Latin-1) and reads one answer up to the end of the connection. */
export function rawRequest(live: Omit<LiveSite, 'host'>, text: string): Promise<RawAnswer> {
  const { port, address: host, sni } = live
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const send = () => socket.write(Buffer.from(text, 'latin1'))
    const socket =
      sni === undefined
        ? connect({ port, host }, send)
        : tls.connect({ port, host, servername: sni, rejectUnauthorized: false }, send)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(readAnswer(Buffer.concat(chunks))))
  })
}

function readAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(line.indexOf(':') + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: bytes.subarray(end + 4) }
}
