/** HTTP/2 over TLS: the same answers, and visitors who mean no good. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import * as http2 from 'node:http2'
import { CASES } from '../serving/cases.ts'
import {
  type Case,
  type LiveSite,
  type RawAnswer,
  rawRequest,
  serveTable,
  wordsOf,
} from '../serving/table.ts'
import { LiveTls } from './live-tls.ts'

let live: LiveTls
const sessions: http2.ClientHttp2Session[] = []
beforeAll(async () => {
  live = await LiveTls.start()
  const site = await live.siteOf({ files: { 'index.html': 'home', 'big.bin': 3_000_000 } })
  for (const name of ['docs.example.com', 'other.example.com']) await live.secure(name, site)
})
afterAll(async () => {
  for (const session of sessions) session.destroy()
  await live.stop()
})

function open({ address, port, sni = '' }: LiveSite): http2.ClientHttp2Session {
  const session = http2.connect(`https://${address}:${port}`, { servername: sni, rejectUnauthorized: false })
  session.on('error', () => undefined) // what becomes of its requests tells enough
  sessions.push(session)
  return session
}

/** One answer, with the headers as they came. */
function ask(session: http2.ClientHttp2Session, headers: Record<string, string>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers)
    const chunks: Buffer[] = []
    let seen: [string, unknown][] = []
    stream.on('response', (given) => {
      seen = Object.entries(given)
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      const all = new Map(seen.map(([name, value]) => [name, String(value)]))
      const status = Number(all.get(':status'))
      all.delete(':status')
      resolve({ status, headers: all, body: Buffer.concat(chunks) })
    })
    stream.end()
  })
}

const get = (session: http2.ClientHttp2Session, path: string, authority = 'docs.example.com') =>
  ask(session, { ':method': 'GET', ':path': path, ':authority': authority })

describe('the serving table over HTTP/2', () => {
  let sites = 0
  const kept = new Map<LiveSite, http2.ClientHttp2Session>()
  /** Headers over the limit end the connection: there is no answer that could say so. */
  const TOO_LARGE: RawAnswer = { status: 431, headers: new Map(), body: Buffer.alloc(0) }
  /** What can stand in a `:path` at all (RFC 9113 §8.3.1); Bun ends the connection for the rest. */
  const isPath = (row: Case) => /^[!-~]+$/.test(wordsOf(row).target)
  serveTable(
    CASES.map(({ cases, ...group }) => ({ ...group, cases: cases.filter(isPath) })),
    async (site) => {
      const hostname = `s${++sites}.example.com`
      await live.secure(hostname, await live.siteOf(site))
      const at = live.tlsAt(hostname)
      kept.set(at, open(at))
      return at
    },
    (at, row) => {
      const { method, target } = wordsOf(row)
      const given = Object.entries(row.with ?? {}).filter(([name]) => name !== 'Connection')
      const headers = Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]))
      return ask(kept.get(at) ?? open(at), {
        ':method': method,
        ':path': target,
        ':authority': at.host,
        ...headers,
      }).catch(() => TOO_LARGE)
    },
  )
})

test('N12: a connection is for the name that was said', async () => {
  const session = open(live.tlsAt('docs.example.com'))
  for (const authority of ['other.example.com', 'nobody.test', '127.0.0.1'])
    expect((await get(session, '/', authority)).status).toBe(421)
  const both = await ask(session, {
    ':method': 'GET',
    ':path': '/',
    ':authority': 'docs.example.com',
    host: 'other.example.com',
  }).catch(() => null)
  expect(both?.body.toString() ?? 'refused').toMatch(/refused|home|Misdirected|Bad request/)
  expect((await get(session, '/')).body.toString()).toBe('home')
})

test('100 large files at once over one connection, each whole', async () => {
  const session = open(live.tlsAt('docs.example.com'))
  const answers = await Promise.all(Array.from({ length: 100 }, () => get(session, '/big.bin')))
  const wanted = Buffer.alloc(3_000_000, '0123456789abcdef-')
  expect(answers.every(({ body }) => body.equals(wanted))).toBe(true)
}, 60_000)

describe('visitors who mean no good', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length
  const isWell = async () => {
    const at = live.tlsAt('docs.example.com')
    const text = `GET / HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`
    return (await rawRequest(at, text)).body.toString()
  }

  test('who takes back what he asks for, again and again, is sent away (CVE-2023-44487)', async () => {
    const before = descriptors()
    const session = open(live.tlsAt('docs.example.com'))
    const ended = new Promise((resolve) => session.once('close', resolve))
    let asked = 0
    while (!session.closed && !session.destroyed) {
      for (let n = 0; n < 100 && !session.closed && !session.destroyed; n++, asked++) {
        const stream = session.request({ ':path': '/big.bin', ':authority': 'docs.example.com' })
        stream.on('error', () => undefined) // he wanted it so
        stream.close(http2.constants.NGHTTP2_CANCEL)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ended
    expect(asked).toBeGreaterThan(100)
    expect(await isWell()).toBe('home')
    while (descriptors() > before + 5) await new Promise((resolve) => setImmediate(resolve))
  }, 60_000)

  test('headers without end are refused', async () => {
    const session = open(live.tlsAt('docs.example.com'))
    const large = Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`x-${n}`, 'x'.repeat(1_000)]))
    const asked = ask(session, { ':method': 'GET', ':path': '/', ':authority': 'docs.example.com', ...large })
    const status = await asked.then(
      (answer) => answer.status,
      () => 'refused',
    )
    expect(status === 'refused' || Number(status) >= 400).toBe(true)
    expect(await isWell()).toBe('home')
  })

  test('a body over the limit is refused', async () => {
    const session = open(live.tlsAt('docs.example.com'))
    const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'docs.example.com' })
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers[':status']))
      stream.on('error', () => resolve('refused'))
      stream.on('close', () => resolve('refused'))
      stream.end(Buffer.alloc(1_000_000))
    })
    expect([413, 405, 'refused']).toContain(status as number) // one of them
    expect(await isWell()).toBe('home')
  })
})
