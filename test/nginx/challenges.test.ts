/** What CAs ask for, of every kind of site and over both schemes: a folder of its own, and nothing else of the disk. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { CANARY, type LiveSite, rawRequest } from '../serving/table.ts'
import { HOSTILE_HTTP } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'

const TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const TEXT = `${TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`
/** With everything that a bundle and its rules could want of the folder. */
const SITE = {
  files: {
    'index.html': 'the site',
    '404.html': CANARY,
    '.well-known/acme-challenge/token': CANARY,
    [`.well-known/acme-challenge/${TOKEN}`]: CANARY,
  },
  headers: `/.well-known/*\n  X-Of: rules\n  Content-Type: text/html\n`,
  redirects: '/.well-known/acme-challenge/* https://evil.example/:splat 301!\n/* /index.html 200\n',
}
const hsts: HostTls['hsts'] = { maxAgeSeconds: 60, includeSubDomains: false, preload: false }

let nginx: LiveNginx
const places: [what: string, at: LiveSite, host: string][] = []

beforeAll(async () => {
  nginx = await LiveNginx.start({ http: HOSTILE_HTTP })
  const site = await nginx.siteOf(SITE)
  const plain = await nginx.siteOf({ files: { 'index.html': 'x' } })
  const KINDS: [what: string, site: HostSite][] = [
    ['site', site],
    ['plain', plain],
    ['empty', { kind: 'site', environmentId: 'e9', site: null }],
    [
      'moved',
      { kind: 'redirect', to: { scheme: 'https', hostname: 'evil.example', port: null }, status: 308 },
    ],
    ['self', { kind: 'self', upstream: { hostname: '127.0.0.1', port: nginx.port } }],
  ]
  for (const [kind, of] of KINDS) {
    nginx.write(`${kind}.example`, of)
    await nginx.secure(`to-${kind}.example`, of, { hsts })
    await nginx.secure(`both-${kind}.example`, of, { redirect: false, hsts })
    await nginx.secure(`strict-${kind}.example`, of, { minimum: 'TLSv1.3' })
    for (const way of ['', 'to-', 'both-', 'strict-']) {
      const host = `${way}${kind}.example`
      places.push([`${host} over plain HTTP`, nginx.at(host), host])
      if (way !== '') places.push([`${host} over HTTPS`, nginx.tlsAt(host), host])
    }
  }
  nginx.write('*.wild.example', site)
  nginx.write('other.wild.example', site)
  await nginx.load()
  for (const [, , host] of places) await asked(host)
  await asked('*.wild.example')
  await asked('other.wild.example', 'others')
})
afterAll(() => nginx.stop())

const asked = (hostname: string, token = TOKEN) =>
  nginx.builtin.challenges.put({ hostname, token }, token === TOKEN ? TEXT : CANARY)
const folder = (stem: string) => join(nginx.builtin.data, 'challenges', stem)
const path = (token: string) => `/.well-known/acme-challenge/${token}`

test('the very bytes of the host’s own file, without a reload', async () => {
  expect(places).toHaveLength(35)
  for (const [what, at] of places) {
    const { status, headers, body } = await nginx.askAt(
      at,
      `GET ${path(TOKEN)} HTTP/1.1`,
      'Accept-Encoding: gzip',
    )
    expect([what, status, body.toString()]).toEqual([what, 200, TEXT])
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('cache-control')).toBe('no-store')
    for (const name of ['content-encoding', 'x-of', 'x-evil', 'location', 'etag', 'set-cookie'])
      expect([what, name, headers.get(name)]).toEqual([what, name, undefined])
    expect(headers.has('strict-transport-security')).toBe(
      at.sni !== undefined && !at.host.startsWith('strict'),
    )
  }
})

test('what is taken away is not answered any more, and what is changed is answered at once', async () => {
  await asked('site.example', 'second')
  expect((await nginx.ask(`GET ${path('second')} HTTP/1.1`, 'site.example')).body.toString()).toBe(CANARY)
  writeFileSync(join(folder('site.example'), 'second'), 'other')
  expect((await nginx.ask(`GET ${path('second')} HTTP/1.1`, 'site.example')).body.toString()).toBe('other')
  await nginx.builtin.challenges.drop({ hostname: 'site.example', token: 'second' })
  expect((await nginx.ask(`GET ${path('second')} HTTP/1.1`, 'site.example')).status).toBe(404)
})

test('HEAD, and every other spelling of the path', async () => {
  const head = await nginx.ask(`HEAD ${path(TOKEN)} HTTP/1.1`, 'site.example')
  expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([
    200,
    `${TEXT.length}`,
    0,
  ])
  for (const target of [
    `${path(TOKEN)}?x=1`,
    `/.well-known/%61cme-challenge/${TOKEN}`,
    `/x/../.well-known/acme-challenge/${TOKEN}`,
  ])
    expect((await nginx.ask(`GET ${target} HTTP/1.1`, 'site.example')).body.toString()).toBe(TEXT)
})

test('a name below a wildcard has the folder of its wildcard, unless it has a site', async () => {
  expect((await nginx.ask(`GET ${path(TOKEN)} HTTP/1.1`, 'a.wild.example')).body.toString()).toBe(TEXT)
  expect((await nginx.ask(`GET ${path(TOKEN)} HTTP/1.1`, 'other.wild.example')).status).toBe(404)
  expect((await nginx.ask(`GET ${path('others')} HTTP/1.1`, 'other.wild.example')).body.toString()).toBe(
    CANARY,
  )
  expect((await nginx.ask(`GET ${path('others')} HTTP/1.1`, 'a.wild.example')).status).toBe(404)
})

describe('a neutral 404, and no byte of anything', () => {
  beforeAll(() => {
    const { data } = nginx.builtin
    writeFileSync(join(data, 'canary'), CANARY)
    writeFileSync(join(data, 'challenges', 'canary'), CANARY)
    for (const stem of ['site.example', 'to-self.example', 'both-site.example']) {
      const at = (name: string) => join(folder(stem), name)
      writeFileSync(at('.hidden'), CANARY)
      writeFileSync(at('a.txt'), CANARY)
      writeFileSync(at('x'.repeat(129)), CANARY)
      writeFileSync(at('zipped.gz'), CANARY)
      mkdirSync(at('folder'))
      writeFileSync(join(at('folder'), 'inside'), CANARY)
      symlinkSync('../canary', at('link'))
      symlinkSync('/etc/passwd', at('passwd'))
      symlinkSync('..', at('up'))
    }
    // A whole folder that leads elsewhere.
    symlinkSync('..', folder('linked.example'))
    nginx.write('linked.example', { kind: 'site', environmentId: 'e9', site: null })
  })

  const HOSTILE = [
    '',
    'absent',
    'canary',
    'token',
    '.hidden',
    '%2ehidden',
    'a.txt',
    'x'.repeat(129),
    'zipped',
    'zipped.gz',
    'folder',
    'folder/',
    'folder/inside',
    'folder%2finside',
    'link',
    'passwd',
    'up/canary',
    '%2e%2e/canary',
    '..%2fcanary',
    '..%5ccanary',
    '%2e%2e%2fcanary',
    '../../challenges/canary',
    `../acme-challenge/%2e%2e/canary`,
    `..%2fplain.example%2f${TOKEN}`,
    `${TOKEN}%00`,
    `${TOKEN}%0a`,
    `${TOKEN}/`,
    `${TOKEN}.gz`,
    `${TOKEN}%20`,
    ';',
    '$document_root',
    '%24document_root',
  ]
  const HOSTS: [host: string, isSecured: boolean][] = [
    ['site.example', false],
    ['to-self.example', false],
    ['to-self.example', true],
    ['both-site.example', true],
    ['linked.example', false],
  ]
  for (const [host, isSecured] of HOSTS)
    test(`of ${host} over ${isSecured ? 'HTTPS' : 'plain HTTP'}`, async () => {
      await nginx.load()
      for (const token of HOSTILE) {
        const at = isSecured ? nginx.tlsAt(host) : nginx.at(host)
        const { status, headers, body } = await nginx.askAt(at, `GET ${path(token)} HTTP/1.1`)
        // What is no path to begin with, or leads out of the folder before anybody looks at it.
        const leaves = /^(%2e%2e|\.\.)/i.test(token) || token.endsWith('%00')
        if (!leaves) {
          expect([token, status, headers.get('location')]).toEqual([token, 404, undefined])
          expect(body.toString()).toContain('<p>Not found</p>')
        }
        expect(body.toString()).not.toContain('root:')
        expect([token, body.toString().includes(CANARY) && !leaves]).toEqual([token, false])
      }
    })

  test('to whoever asks otherwise than by GET and HEAD', async () => {
    for (const [what, { host, ...at }] of places)
      for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND', 'OPTIONS']) {
        const text = `${method} ${path(TOKEN)} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
        const { status, body } = await rawRequest(at, text)
        expect([what, method, status]).toEqual([what, method, 405])
        expect(body.toString()).not.toContain(TEXT)
      }
  })
})
