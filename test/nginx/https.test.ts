/** HTTPS of host names' own: handshakes, what leads to it, and what is told of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:http'
import { HttpClient } from '../../src/base/http.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import type { MadeCertificate } from '../certificates.ts'
import { needs } from '../needs.ts'
import { CANARY, type LiveSite } from '../serving/table.ts'
import { handshake } from './handshakes.ts'
import { HOSTILE_HTTP, HOSTILE_TLS } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'

const withOpenssl = needs('nginx', 'openssl')
const HSTS = { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: false }
const HSTS_TEXT = 'max-age=31536000; includeSubDomains'
const SITE = {
  files: {
    'index.html': 'the site',
    'a.txt': 'a text',
    'about/index.html': 'about',
    '404.html': 'not here',
    'assets/app-0a1B2c3D.js': 'js',
  },
  headers: '/*\n  X-Of: rules\n  Strict-Transport-Security: max-age=1\n',
  redirects: '/old /new\n/forced /a.txt 301!\n',
}
const to = { scheme: null, hostname: 'www.example.com', port: null }

let nginx: LiveNginx
let upstream: Server
const own: Record<string, MadeCertificate> = {}
beforeAll(async () => {
  nginx = await LiveNginx.start({ http: HOSTILE_HTTP + HOSTILE_TLS })
  upstream = createServer((request, response) => {
    response.statusCode = Number(/^\/status\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200)
    response.end(request.url)
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const site = await nginx.siteOf(SITE)
  const empty: HostSite = { kind: 'site', environmentId: 'e9', site: null }
  const redirect: HostSite = { kind: 'redirect', to, status: 301 }
  const self: HostSite = { kind: 'self', upstream: { hostname: '127.0.0.1', port } }
  const SITES: [name: string, site: HostSite][] = [
    ['site.example', site],
    ['empty.example', empty],
    ['moved.example', redirect],
    ['self.example', self],
  ]
  for (const [name, of] of SITES) {
    own[name] = await nginx.secure(name, of, { hsts: HSTS })
    own[`both.${name}`] = await nginx.secure(`both.${name}`, of, { hsts: HSTS, redirect: false })
  }
  await nginx.secure('strict.example', site, { minimum: 'TLSv1.3' })
  await nginx.secure('plain-hsts.example', site, { hsts: null })
  await nginx.secure('*.wild.example', site, { hsts: { ...HSTS, preload: true } })
  const plain = await nginx.siteOf({ files: { 'index.html': CANARY } })
  for (const name of ['http.example', 'http.wild.example']) nginx.write(name, plain)
  nginx.refused = ['http.wild.example']
  await nginx.load()
})
afterAll(async () => {
  upstream.close()
  await nginx.stop()
})

const overTls = (name: string, line: string, ...headers: string[]) =>
  nginx.askAt(nginx.tlsAt(name), line, ...headers)

describe('a handshake', () => {
  const hello = (name: string | null, more: { version?: string; alpn?: string } = {}) =>
    handshake({ port: nginx.tlsPort, name, ...more })

  withOpenssl('shows a name its own certificate, whose key and chain are one file', async () => {
    for (const name of ['site.example', 'both.site.example', 'moved.example', 'self.example'])
      expect(await hello(name)).toEqual({ version: 'TLSv1.3', name, alpn: null, alert: null })
    expect((await hello('any.wild.example')).name).toBe('*.wild.example')
  })

  withOpenssl('N13: is refused for a name that nobody has, that has no HTTPS, and for none', async () => {
    for (const name of ['unknown.example', 'http.example', 'http.wild.example', 'x.site.example', null])
      expect(await hello(name)).toMatchObject({ version: null, name: null, alert: 'unrecognized name' })
  })

  const VERSIONS: [name: string, version: string, spoken: string | null][] = [
    ['site.example', '1', null],
    ['site.example', '1_1', null],
    ['site.example', '1_2', 'TLSv1.2'],
    ['site.example', '1_3', 'TLSv1.3'],
    ['strict.example', '1', null],
    ['strict.example', '1_1', null],
    ['strict.example', '1_2', null],
    ['strict.example', '1_3', 'TLSv1.3'],
  ]
  for (const [name, version, spoken] of VERSIONS)
    withOpenssl(`${spoken ? 'takes' : 'refuses'} TLS ${version.replace('_', '.')} at ${name}`, async () => {
      const shaken = await hello(name, { version })
      expect(shaken.version).toBe(spoken)
      if (spoken === null)
        expect(['protocol version', 'handshake failure']).toContain(shaken.alert ?? 'nothing')
    })

  withOpenssl('leads to HTTP/2 where it is asked for', async () => {
    expect((await hello('site.example', { alpn: 'h2,http/1.1' })).alpn).toBe('h2')
    expect((await hello('site.example', { alpn: 'http/1.1' })).alpn).toBe('http/1.1')
  })

  test('the certificate that was shown is told, of each name its own', async () => {
    const client = new HttpClient()
    const shown = async (name: string, fresh: boolean) => {
      const answer = await client.request({
        protocol: 'https:',
        anyCertificate: true,
        ...(fresh && { fresh: true }),
        dial: { address: '127.0.0.1', port: nginx.tlsPort },
        host: `${name}:${nginx.tlsPort}`,
        path: '/.well-known/fairlead',
        deadlineMs: 5_000,
        maxBodyBytes: 10_000,
      })
      return answer.certificateSha256
    }
    for (let round = 0; round < 3; round++)
      for (const name of ['site.example', 'empty.example'])
        for (const fresh of [true, false]) expect(await shown(name, fresh)).toBe(own[name]?.sha256 ?? '')
    client.close()
  })
})

describe('N12: one connection is for one name', () => {
  const CROSSED: [sni: string, host: string][] = [
    ['site.example', 'moved.example'],
    ['site.example', 'strict.example'],
    ['site.example', 'both.site.example'],
    ['site.example', 'http.example'],
    ['site.example', 'unknown.example'],
    ['site.example', '127.0.0.1'],
    ['a.wild.example', 'b.wild.example'],
    ['a.wild.example', 'http.wild.example'],
    ['site.example', 'http.wild.example'],
  ]
  for (const [sni, host] of CROSSED)
    test(`${host} over that of ${sni} is misdirected`, async () => {
      const answer = await nginx.askAt(nginx.tlsAt(host, sni), 'GET / HTTP/1.1')
      expect(answer.status).toBe(421)
      expect(answer.body.toString()).toContain('<p>Misdirected request</p>')
    })

  test('in whatever letters, and with a port or a last dot', async () => {
    for (const host of ['SITE.example', 'site.example.', `site.example:${nginx.tlsPort}`])
      for (const sni of ['site.example', 'Site.Example'])
        expect((await nginx.askAt(nginx.tlsAt(host, sni), 'GET /a.txt HTTP/1.1')).status).toBe(200)
  })
})

describe('Strict-Transport-Security', () => {
  const get = (path: string, ...headers: string[]): [line: string, ...headers: string[]] => [
    `GET ${path} HTTP/1.1`,
    ...headers,
  ]
  const LONG = `/${'x'.repeat(40_000)}`
  const ASKED: [name: string, status: number, line: string, ...headers: string[]][] = [
    ['site.example', 200, ...get('/')],
    ['site.example', 200, ...get('/assets/app-0a1B2c3D.js')],
    ['site.example', 200, 'HEAD / HTTP/1.1'],
    ['site.example', 206, ...get('/a.txt', 'Range: bytes=0-1')],
    ['site.example', 416, ...get('/a.txt', 'Range: bytes=99-')],
    ['site.example', 404, ...get('/nope')],
    ['site.example', 404, ...get('/.git/config')],
    ['site.example', 301, ...get('/old')],
    ['site.example', 301, ...get('/forced')],
    ['site.example', 307, ...get('/about')],
    ['site.example', 405, 'POST / HTTP/1.1', 'Content-Length: 0'],
    ['site.example', 400, ...get('/%zz')],
    ['site.example', 400, ...get('/', 'Content-Length: x')],
    ['site.example', 414, ...get(LONG)],
    ['site.example', 400, ...get('/', `X: ${LONG}`)],
    ['site.example', 200, ...get('/.well-known/fairlead')],
    ['site.example', 404, ...get('/.well-known/acme-challenge/x')],
    ['empty.example', 404, ...get('/')],
    ['empty.example', 200, ...get('/.well-known/fairlead')],
    ['moved.example', 301, ...get('/a?b')],
    ['moved.example', 400, ...get('/%zz')],
    ['moved.example', 404, ...get('/.well-known/acme-challenge/x')],
    ['self.example', 200, ...get('/api')],
    ['self.example', 500, ...get('/status/500')],
    ['self.example', 404, ...get('/status/404')],
    ['self.example', 404, ...get('/.well-known/acme-challenge/x')],
  ]
  for (const [name, status, line, ...headers] of ASKED)
    for (const host of [name, `both.${name}`])
      test(`${host}: ${line.slice(0, 60)} (${status}) has it once`, async () => {
        const answer = await overTls(host, line, ...headers)
        expect([answer.status, answer.headers.get('strict-transport-security')]).toEqual([status, HSTS_TEXT])
      })

  test('a 304 has it, and is answered by what came before', async () => {
    const { headers } = await overTls('site.example', 'GET /a.txt HTTP/1.1')
    const etag = `If-None-Match: ${headers.get('etag')}`
    for (const name of ['site.example', 'both.site.example']) {
      const answer = await overTls(name, 'GET /a.txt HTTP/1.1', etag)
      expect([answer.status, answer.headers.get('strict-transport-security')]).toEqual([304, HSTS_TEXT])
    }
  })

  test('never over plain HTTP, whatever is asked', async () => {
    for (const [name, , line, ...headers] of ASKED)
      for (const host of [name, `both.${name}`]) {
        // What rules of a site say of it stands as they say it; visitors have to ignore it there (RFC 6797 §8.1).
        const answer = await nginx.ask(line, host, ...headers)
        expect([host, line, answer.headers.get('strict-transport-security')]).toEqual([host, line, undefined])
      }
  })

  test('with preload, and none where none is wanted but that of the rules', async () => {
    const wild = await overTls('a.wild.example', 'GET / HTTP/1.1')
    expect(wild.headers.get('strict-transport-security')).toBe(`${HSTS_TEXT}; preload`)
    const none = await overTls('plain-hsts.example', 'GET / HTTP/1.1')
    expect(none.headers.get('strict-transport-security')).toBe('max-age=1')
    expect(
      (await overTls('strict.example', 'GET /.well-known/fairlead HTTP/1.1')).headers.has(
        'strict-transport-security',
      ),
    ).toBe(false)
  })
})

describe('plain HTTP', () => {
  const leads = async (host: string, target: string, more: string[] = []) => {
    const { status, headers, body } = await nginx.askAt(nginx.at(host), `GET ${target} HTTP/1.1`, ...more)
    expect(body.toString()).not.toContain(CANARY)
    return [status, headers.get('location')]
  }
  const there = (host: string, rest: string) => [308, `https://${host}:${nginx.tlsPort}${rest}`]

  test('leads to the same path and query, as they came', async () => {
    for (const path of [
      '/',
      '/a//b%20c?d=1&e=%0d%0aX:1',
      '//evil.example/x',
      '/x/y/..%2f..%2fz',
      '/%5cevil.example',
      '/a?https://evil.example/#x',
      '/.well-known/fairlead',
      '/.well-known/acme-challenge',
    ])
      for (const host of ['site.example', 'empty.example', 'moved.example', 'self.example'])
        expect([path, ...(await leads(host, path))]).toEqual([path, ...there(host, path)])
  })

  test('keeps the method, and never the port or the letters that came', async () => {
    const post = await nginx.ask('POST /a HTTP/1.1', 'site.example', 'Content-Length: 0')
    expect([post.status, post.headers.get('location')]).toEqual(there('site.example', '/a'))
    expect(await leads('SITE.example:8080', '/a')).toEqual(there('site.example', '/a'))
    expect((await leads('site.example', 'http://evil.example/a'))[0]).toBe(404)
  })

  test('N11: below a wildcard, leads only to what is a name', async () => {
    expect(await leads('a.b.wild.example', '/x')).toEqual(there('a.b.wild.example', '/x'))
    for (const odd of ['?', '#', '@', '\\', '%2f', '"', ':80', ' ', '\t', '/']) {
      const [status, location] = await leads(`evil.example${odd}.wild.example`, '/x')
      expect(['400', '404']).toContain(`${status}`)
      expect(location).toBeUndefined()
    }
  })

  test('serves the same where it does not lead there', async () => {
    const ask = async (at: LiveSite, line: string) => {
      const { status, headers, body } = await nginx.askAt(at, line)
      for (const name of ['date', 'strict-transport-security']) headers.delete(name)
      return { status, headers: [...headers], body: body.toString() }
    }
    for (const name of ['both.site.example', 'both.empty.example', 'both.self.example'])
      for (const line of ['GET / HTTP/1.1', 'GET /nope HTTP/1.1', 'GET /old HTTP/1.1', 'GET /about HTTP/1.1'])
        expect(await ask(nginx.at(name), line)).toEqual(await ask(nginx.tlsAt(name), line))
    expect(await leads('both.moved.example', '/a?b')).toEqual([
      301,
      `http://www.example.com:${nginx.port}/a?b`,
    ])
    const secure = await overTls('both.moved.example', 'GET /a?b HTTP/1.1')
    expect(secure.headers.get('location')).toBe(`https://www.example.com:${nginx.tlsPort}/a?b`)
  })
})

test('port 443 is nobody’s before a host name has HTTPS', async () => {
  const other = await LiveNginx.start()
  afterAll(() => other.stop())
  const refused = await new HttpClient()
    .request({
      protocol: 'https:',
      anyCertificate: true,
      dial: { address: '127.0.0.1', port: other.tlsPort },
      host: 'a.example',
      path: '/',
      deadlineMs: 5_000,
      maxBodyBytes: 1_000,
    })
    .catch((error: unknown) => String((error as Error).cause))
  expect(refused).toContain('ECONNREFUSED')
})
