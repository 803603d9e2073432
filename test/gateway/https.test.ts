/** What HTTPS changes in answers: the way there, HSTS, and that a connection is for one name. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import { CANARY, type LiveSite, rawRequest } from '../serving/table.ts'
import { LiveTls } from './live-tls.ts'

const { signal } = new AbortController()
const HSTS = { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: false }
const HSTS_TEXT = 'max-age=31536000; includeSubDomains'
let live: LiveTls
let fingerprint = ''

beforeAll(async () => {
  live = await LiveTls.start()
  const site = await live.siteOf({
    files: { 'index.html': 'home', 'a.txt': 'a', 'big.txt': 200_000 },
    redirects: '/old /a.txt 301\n',
  })
  fingerprint = (await live.secure('docs.example.com', site, { hsts: HSTS })).sha256
  const away: HostSite = {
    kind: 'redirect',
    to: { scheme: null, hostname: 'docs.example.com', port: null },
    status: 308,
  }
  await live.secure('www.example.com', away, { hsts: { ...HSTS, preload: true } })
  await live.secure('open.example.com', site, { redirect: false })
  await live.secure('*.any.example.com', site)
  await live.secure(
    'other.example.com',
    await live.siteOf({ files: { 'index.html': CANARY, '404.html': CANARY } }),
  )
  await live.gateway.hosts.put('plain.example.com', site, signal)
  await live.secure('empty.example.com', { kind: 'site', environmentId: 'e0', site: null }, { hsts: HSTS })
})
afterAll(() => live.stop())

interface Asked {
  path?: string
  method?: string
  host?: string
  headers?: Record<string, string>
}

async function ask(at: LiveSite, { path = '/', method = 'GET', host = at.host, headers = {} }: Asked = {}) {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more.join('')}\r\n`
  const answer = await rawRequest(at, text)
  return {
    ...answer,
    text: answer.body.toString(),
    location: answer.headers.get('location'),
    hsts: answer.headers.get('strict-transport-security'),
  }
}

const plain = (host: string, asked?: Asked) => ask(live.at(host), asked)
const secure = (host: string, asked?: Asked) => ask(live.tlsAt(host), asked)

describe('plain HTTP leads to HTTPS', () => {
  test('with path and query as they came, whatever is asked how', async () => {
    for (const name of ['docs.example.com', 'www.example.com', 'x.any.example.com', 'empty.example.com'])
      for (const path of ['/', '/a//b%20c?d=1&e', '/old', '/.well-known/fairlead', '/nope?', '/%0d%0aX-A:1'])
        for (const method of ['GET', 'HEAD', 'POST']) {
          const answer = await plain(name, { path, method })
          expect([answer.status, answer.location]).toEqual([308, `https://${name}:${live.tlsPort}${path}`])
          expect(answer.hsts).toBeUndefined()
        }
  })

  test('N11: nothing in a path or a Host splits the answer or leads elsewhere', async () => {
    for (const path of ['//evil.test/', '/\\evil.test', '/@evil.test', '/.evil.test']) {
      const answer = await plain('docs.example.com', { path })
      expect(new URL(answer.location ?? '').hostname).toBe('docs.example.com')
    }
    for (const host of ['DOCS.example.com', 'docs.example.com.', 'docs.example.com:81']) {
      const answer = await plain(host)
      expect(answer.location).toBe(`https://docs.example.com:${live.tlsPort}/`)
    }
  })

  test('unless it shall not, or there is no certificate', async () => {
    for (const name of ['open.example.com', 'plain.example.com']) {
      const answer = await plain(name)
      expect([answer.status, answer.text, answer.hsts]).toEqual([200, 'home', undefined])
    }
  })

  test('without a port where it is the usual one, and nowhere while HTTPS is not spoken', async () => {
    const listen = { hostname: '127.0.0.1', port: 0 }
    const given = { data: live.data, listen, siteOf: () => null, log: silentLog }
    const usual = builtinGateway({
      ...given,
      tls: { listen: { hostname: '127.0.0.1', port: 443 }, certificates: live.certificates },
    })
    const without = builtinGateway({ ...given, tls: null })
    const at = (port: number) => ({ address: '127.0.0.1', port, host: 'docs.example.com' })
    expect((await ask(at(usual.start().port))).location).toBe('https://docs.example.com/')
    expect(usual.probe.url('docs.example.com')).toBe('https://docs.example.com/')
    const answer = await ask(at(without.start().port))
    expect([answer.status, answer.text]).toEqual([200, 'home'])
    await Promise.all([usual.stop(true), without.stop(true)])
  })
})

describe('HSTS', () => {
  test('stands in every answer over HTTPS', async () => {
    const etag = (await secure('docs.example.com')).headers.get('etag') ?? ''
    const ANSWERS: [status: number, asked: Asked][] = [
      [200, {}],
      [200, { method: 'HEAD' }],
      [200, { path: '/big.txt' }],
      [200, { path: '/.well-known/fairlead' }],
      [206, { path: '/a.txt', headers: { Range: 'bytes=0-0' } }],
      [301, { path: '/old' }],
      [304, { headers: { 'If-None-Match': etag } }],
      [400, { path: '/%zz' }],
      [404, { path: '/nope' }],
      [404, { path: '/.well-known/acme-challenge/x' }],
      [405, { method: 'POST' }],
      [416, { path: '/a.txt', headers: { Range: 'bytes=9-' } }],
    ]
    for (const [status, asked] of ANSWERS) {
      const answer = await secure('docs.example.com', asked)
      expect([asked, answer.status, answer.hsts]).toEqual([asked, status, HSTS_TEXT])
      expect((await plain('docs.example.com', asked)).hsts).toBeUndefined()
    }
    const empty = await secure('empty.example.com')
    expect([empty.status, empty.hsts]).toEqual([404, HSTS_TEXT])
  })

  test('stands in the answers of a redirect, and not where it is not set', async () => {
    const answer = await secure('www.example.com', { path: '/a?b' })
    expect([answer.status, answer.location]).toEqual([308, `https://docs.example.com:${live.tlsPort}/a?b`])
    expect(answer.hsts).toBe(`${HSTS_TEXT}; preload`)
    const open = await secure('open.example.com')
    expect([open.status, open.hsts]).toEqual([200, undefined])
  })

  test('is the host name’s to say, not the site’s', async () => {
    const site = await live.siteOf({
      files: { 'index.html': 'home' },
      headers: '/\n  Strict-Transport-Security: max-age=1\n  X-Other: yes\n',
    })
    await live.secure('own.example.com', site, { hsts: HSTS, redirect: false })
    for (const [ask, hsts] of [
      [secure, HSTS_TEXT],
      [plain, undefined],
    ] as const) {
      const answer = await ask('own.example.com')
      expect([answer.status, answer.headers.get('x-other'), answer.hsts]).toEqual([200, 'yes', hsts])
    }
    await live.secure('own.example.com', site, { redirect: false })
    expect((await secure('own.example.com')).hsts).toBe('max-age=1')
  })

  test('stands in the answer when the site could not be looked at', async () => {
    chmodSync(join(live.data, 'sites'), 0o000)
    const answer = await secure('docs.example.com')
    chmodSync(join(live.data, 'sites'), 0o755)
    expect([answer.status, answer.hsts]).toEqual([process.getuid?.() === 0 ? 200 : 500, HSTS_TEXT])
  })
})

describe('N12: a connection is for the name that was said', () => {
  const HOSTS: [host: string, status: number][] = [
    ['docs.example.com', 200],
    ['DOCS.example.com.:443', 200],
    ['other.example.com', 421],
    ['plain.example.com', 421],
    ['x.any.example.com', 421],
    ['nobody.test', 421],
    ['127.0.0.1', 421],
    ['docs.example.com.evil.test', 421],
    ['', 400],
    ['docs.example.com/x', 400],
  ]
  for (const [host, status] of HOSTS)
    test(`said docs.example.com, asked "${host}": ${status}`, async () => {
      const answer = await secure('docs.example.com', { host })
      expect(answer.status).toBe(status)
      if (status === 200) return
      expect(answer.text).not.toMatch(new RegExp(`home|${CANARY}|example|fairlead`, 'i'))
      expect(answer.hsts).toBeUndefined()
    })

  test('two names below one wildcard are two names', async () => {
    expect((await secure('x.any.example.com')).status).toBe(200)
    expect((await secure('x.any.example.com', { host: 'y.any.example.com' })).status).toBe(421)
  })

  test('who comes to the inner port of loopback by himself is nobody’s visitor', async () => {
    const seen = new Set<number>()
    const own = new Set([live.port, live.tlsPort])
    for (const port of listeningPorts()) {
      if (own.has(port)) continue
      const answer = await ask({ address: '127.0.0.1', port, host: 'docs.example.com' }).catch(() => null)
      if (answer?.headers.get('cache-control') === 'no-store') seen.add(answer.status)
    }
    expect([...seen]).toEqual([421])
  })
})

describe('the probe', () => {
  test('asks over HTTPS what has it, and says which certificate was shown', async () => {
    const { probe } = live.gateway.hosts
    expect(probe.url('docs.example.com')).toBe(`https://docs.example.com:${live.tlsPort}/`)
    expect(probe.url('docs.example.com', 'http')).toBe(`http://docs.example.com:${live.port}/`)
    expect(probe.url('plain.example.com')).toBe(`http://plain.example.com:${live.port}/`)
    expect(probe.url('plain.example.com', 'https')).toBe(`https://plain.example.com:${live.tlsPort}/`)
    const answer = await probe.ask({ hostname: 'docs.example.com', path: '/', signal })
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, 'home'])
    expect(answer.certificateSha256).toBe(fingerprint)
    const before = await probe.ask({ hostname: 'docs.example.com', path: '/', scheme: 'http', signal })
    expect([before.status, before.certificateSha256]).toEqual([308, undefined])
  })

  test('sees the certificate that counts now, not that of an earlier connection', async () => {
    const site = await live.siteOf({ files: { 'index.html': 'home' } })
    for (const _ of [1, 2, 3]) {
      const { sha256 } = await live.secure('turned.example.com', site)
      const answer = await live.gateway.hosts.probe.ask({ hostname: 'turned.example.com', path: '/', signal })
      expect(answer.certificateSha256).toBe(sha256)
    }
  })

  test('of a name below a wildcard is asked as the wildcard is', async () => {
    expect(live.gateway.hosts.probe.url('_.any.example.com')).toStartWith('https://')
    const answer = await live.gateway.hosts.probe.ask({ hostname: '_.any.example.com', path: '/', signal })
    expect(answer.status).toBe(200)
  })

  test('says so when the handshake is refused', async () => {
    const asked = live.gateway.hosts.probe.ask({
      hostname: 'nobody.test',
      path: '/',
      scheme: 'https',
      signal,
    })
    expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: 'unavailable' })
  })
})

describe('where HTTPS is not spoken', () => {
  const listen = { hostname: '0.0.0.0', port: 0 }
  const gateway = (tls: { hostname: string; port: number } | null) =>
    builtinGateway({
      data: live.data,
      listen,
      tls: tls && { listen: tls, certificates: live.certificates },
      siteOf: () => null,
      log: silentLog,
    }).hosts

  test('no site with a certificate is put, and the Fault says how it can be', async () => {
    const site = await live.gateway.hosts.read('docs.example.com', signal)
    if (site === null) throw new Error('the site is gone')
    const hosts = gateway(null)
    const works = [
      () => hosts.put('new.example.com', site, signal),
      () => hosts.restore('new.example.com', site, signal),
    ]
    for (const work of works)
      expect(await work().catch((error: unknown) => error)).toMatchObject({
        code: 'conflict',
        hint: expect.stringContaining('--sites-tls-listen'),
      })
    expect(await live.gateway.hosts.read('new.example.com', signal)).toBeNull()
  })

  test('check says which names lack it, and checkHttps that no more can have it', async () => {
    const [silent, ...others] = await gateway(null).check(signal)
    expect([silent?.level, others]).toEqual(['warning', []])
    expect(silent?.message).toMatch(/^\*\.any\.example\.com \(and \d more\) /)
    expect(await gateway(null).checkHttps(signal)).toMatchObject([
      { level: 'problem', remedy: expect.stringContaining('--sites-tls-listen') },
    ])
    expect(await gateway({ hostname: '127.0.0.1', port: 1 }).checkHttps(signal)).toMatchObject([
      { level: 'warning', remedy: expect.stringContaining('--sites-tls-listen 0.0.0.0:443') },
    ])
    const reached = gateway({ hostname: '0.0.0.0', port: 1 })
    expect([await reached.check(signal), await reached.checkHttps(signal)]).toEqual([[], []])
  })
})

/** Of this process, by what the kernel tells. */
function listeningPorts(): number[] {
  const sockets = new Set(
    readdirSync('/proc/self/fd').map((name) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${name}`))?.[1]
      } catch {
        // It has been closed since it was listed.
        return undefined
      }
    }),
  )
  const lines = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1)
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    const isOurs = state === '0A' && sockets.has(inode)
    return isOurs ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : []
  })
}
