/** Redirects, Fairlead itself, HTTPS, and what happens while a site is switched. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { pointLink } from '../../src/base/files.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import { rulesOf } from '../gateway/live-site.ts'
import { LiveNginx } from './live-nginx.ts'

let nginx: LiveNginx
let upstream: Server
let upstreamPort: number

beforeAll(async () => {
  nginx = await LiveNginx.start({ encrypted: true })
  upstream = createServer((request, response) => {
    const { host, 'x-forwarded-for': client } = request.headers
    response.end(JSON.stringify({ url: request.url, host, client }))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  upstreamPort = typeof address === 'object' && address !== null ? address.port : 0
  const to = { scheme: null, hostname: 'www.example.com', port: null }
  nginx.write('example.com', { kind: 'redirect', to, status: 301 })
  nginx.write('to.example.com', { kind: 'redirect', to: { ...to, scheme: 'http', port: 8080 }, status: 307 })
  nginx.write('*.many.example', { kind: 'redirect', to, status: 301 })
  nginx.write('deploy.example.com', {
    kind: 'self',
    upstream: { hostname: '127.0.0.1', port: upstreamPort },
  })
  await nginx.load()
})
afterAll(async () => {
  upstream.close()
  await nginx.stop()
})

interface Answer {
  status: number
  head: string
  body: string
}

const ask = (hostname: string, path: string, version = '--http1.1'): Promise<Answer> =>
  curl([
    version,
    `https://${hostname}:${nginx.tlsPort}${path}`,
    '--resolve',
    `${hostname}:${nginx.tlsPort}:127.0.0.1`,
  ])

function curl(args: string[]): Promise<Answer> {
  const child = spawn('curl', ['-sSik', '--path-as-is', ...args])
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  return new Promise((resolve) =>
    child.on('close', () => {
      const end = text.indexOf('\r\n\r\n')
      resolve({
        status: Number(/^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1] ?? 0),
        head: text.slice(0, end + 2).toLowerCase(),
        body: text.slice(end + 4),
      })
    }),
  )
}

describe('over HTTPS', () => {
  for (const version of ['--http1.1', '--http2'])
    test(`a redirect keeps path and query as they came (${version})`, async () => {
      const answer = await ask('example.com', '/a//b%20c?d=1&e=%0d%0aX:1', version)
      expect([answer.status, answer.body]).toEqual([301, ''])
      const there = `https://www.example.com:${nginx.tlsPort}/a//b%20c?d=1&e=%0d%0ax:1`
      expect(answer.head).toContain(`location: ${there}\r\n`)
      const other = await ask('to.example.com', '/x', version)
      expect([other.status, /location: (\S+)/.exec(other.head)?.[1]]).toEqual([
        307,
        'http://www.example.com:8080/x',
      ])
      expect((await ask('example.com', '/.well-known/acme-challenge/x', version)).status).toBe(404)
    })

  test('plain HTTP only leads there', async () => {
    const answer = await nginx.ask('GET /a?b=c HTTP/1.1', 'deploy.example.com')
    expect([answer.status, answer.headers.get('location')]).toEqual([
      308,
      `https://deploy.example.com:${nginx.tlsPort}/a?b=c`,
    ])
    const acme = await nginx.ask('GET /.well-known/acme-challenge/x HTTP/1.1', 'deploy.example.com')
    expect(acme.status).toBe(404)
  })

  test('N11: below a wildcard, only to what is a name', async () => {
    const at = async (host: string) => {
      const { status, headers } = await nginx.ask('GET /a HTTP/1.1', host)
      return [status, headers.get('location')]
    }
    for (const one of ['one', '_', '_acme'])
      expect(await at(`${one}.many.example`)).toEqual([308, `https://${one}.many.example:${nginx.tlsPort}/a`])
    for (const odd of ['?', '#', '@', '\\', '%2f', '"', ':80']) {
      const [status, location] = await at(`evil.example${odd}.many.example`)
      expect(['400', '404']).toContain(`${status}`)
      expect(location).toBeUndefined()
    }
  })

  test('Fairlead itself gets every request as it came', async () => {
    const answer = await ask('deploy.example.com', '/api/v1/services?x=%2F')
    expect(JSON.parse(answer.body)).toEqual({
      url: '/api/v1/services?x=%2F',
      host: 'deploy.example.com',
      client: '127.0.0.1',
    })
    expect(answer.head).toContain('strict-transport-security: max-age=63072000')
  })

  test('N13: an unknown name gets no certificate', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: nginx.tlsPort,
        servername: 'unknown.example',
        rejectUnauthorized: false,
      })
      socket.on('secureConnect', () => resolve('connected'))
      socket.on('error', (error) => resolve(String(error)))
    })
    expect(String(outcome)).toMatch(/alert|ECONNRESET|disconnected|unrecognized/i)
  })

  test('a path that can’t be read is told so', async () => {
    expect((await ask('example.com', '/%zz')).status).toBe(400)
  })
})

test('A45: under load, what answers is never old after new, and a switch needs no reload', async () => {
  const plain = await LiveNginx.start()
  afterAll(() => plain.stop())
  const site = { files: { 'index.html': 'one', 'same.txt': 'same', 'changed.txt': 'aaaa' } }
  const next = { files: { 'index.html': 'two', 'same.txt': 'same', 'changed.txt': 'bbbb' } }
  const live = await plain.put(site)
  await plain.load()
  const trees = [live.tree, plain.builtin.addTree(next)]
  const link = join(plain.builtin.data, 'sites', `${live.id}-${rulesDigest(rulesOf(site))}`)
  const get = (path: string, ...headers: string[]) => plain.ask(`GET ${path} HTTP/1.1`, live.host, ...headers)
  const [changed, same] = [await get('/changed.txt'), await get('/same.txt')]
  for (let round = 1; round <= 20; round++) {
    const after = round % 2 === 1 ? 'two' : 'one'
    const before = after === 'two' ? 'one' : 'two'
    const switched = pointLink(link, `../trees/${trees[round % 2]}`, plain.builtin.data)
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        let seenNew = false
        for (let request = 0; request < 10; request++) {
          const body = (await get('/')).body.toString()
          if (body === after) seenNew = true
          else expect([body, seenNew]).toEqual([before, false])
        }
      }),
    )
    await switched
    expect((await get('/')).body.toString()).toBe(after)
  }
  await pointLink(link, `../trees/${trees[1]}`, plain.builtin.data)
  const stale = await get('/changed.txt', `If-None-Match: ${changed.headers.get('etag')}`)
  expect([stale.status, stale.body.toString()]).toEqual([200, 'bbbb'])
  expect((await get('/same.txt', `If-None-Match: ${same.headers.get('etag')}`)).status).toBe(304)
  const marker = await get('/.well-known/fairlead')
  expect(JSON.parse(marker.body.toString())).toEqual({ tree: trees[1], rules: rulesDigest(rulesOf(site)) })
}, 20_000)

test('an environment without a deployment, or whose link is not there, says so', async () => {
  const plain = await LiveNginx.start()
  afterAll(() => plain.stop())
  const rules = rulesOf({ files: {} })
  const SITES: [name: string, site: HostSite, rules: string | null][] = [
    ['empty.example', { kind: 'site', environmentId: 'e9', site: null }, null],
    [
      'broken.example',
      { kind: 'site', environmentId: 'e8', site: { link: 'e8-00000000', rules, graceFolder: null } },
      rulesDigest(rules),
    ],
  ]
  for (const [name, site] of SITES) plain.write(name, site)
  await plain.load()
  for (const [name, , digest] of SITES) {
    for (const path of ['/', '/etc/passwd', '/index.html', '/.env']) {
      const page = await plain.ask(`GET ${path} HTTP/1.1`, name)
      expect([page.status, page.headers.get('cache-control')]).toEqual([404, 'no-store'])
      expect(page.body.toString()).toContain('Nothing is deployed here yet.')
    }
    const marker = await plain.ask('GET /.well-known/fairlead HTTP/1.1', name)
    expect(JSON.parse(marker.body.toString())).toEqual({ tree: null, rules: digest })
    const post = await plain.ask('POST /.well-known/fairlead HTTP/1.1', name, 'Content-Length: 0')
    expect([404, 405]).toContain(post.status)
  }
})
