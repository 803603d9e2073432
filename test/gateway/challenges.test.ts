/** N27: what a CA asks for is answered by the platform alone, for the very host name that it was put for. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../src/base/limits.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { CANARY, type LiveSite, rawRequest } from '../serving/table.ts'
import { LiveTls } from './live-tls.ts'

const { signal } = new AbortController()
const FOLDER = '/.well-known/acme-challenge'
const SECRET = 'secret-5f21'
const LONG = `${`${'a'.repeat(49)}.`.repeat(5)}abc`
let live: LiveTls

beforeAll(async () => {
  live = await LiveTls.start()
  const site = await live.siteOf({
    files: {
      'index.html': CANARY,
      '404.html': CANARY,
      '.well-known/acme-challenge/token': CANARY,
      '.well-known/acme-challenge/index.html': CANARY,
    },
    redirects: `${FOLDER}/* https://evil.test/:splat 301!\n/* /index.html 200\n`,
  })
  const away: HostSite = {
    kind: 'redirect',
    to: { scheme: 'https', hostname: 'evil.test', port: null },
    status: 301,
  }
  await live.gateway.hosts.put('plain.example.com', site, signal)
  await live.gateway.hosts.put(LONG, site, signal)
  await live.gateway.hosts.put('away.example.com', away, signal)
  await live.secure('secure.example.com', site, {
    hsts: { maxAgeSeconds: 1, includeSubDomains: false, preload: false },
  })
  await live.secure('open.example.com', site, { redirect: false })
  await live.secure('secure-away.example.com', away)
  await live.secure('*.any.example.com', site)
  await live.gateway.hosts.put('empty.example.com', { kind: 'site', environmentId: 'e0', site: null }, signal)
})
afterAll(() => live.stop())

const ask = (at: LiveSite, path: string, method = 'GET') =>
  rawRequest(at, `${method} ${path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`)

const NAMES: [name: string, isSecure: boolean][] = [
  ['plain.example.com', false],
  [LONG, false],
  ['away.example.com', false],
  ['empty.example.com', false],
  ['secure.example.com', true],
  ['secure-away.example.com', true],
]

for (const [hostname, isSecure] of NAMES)
  test(`${hostname.slice(0, 60)} answers what was put, at once, and nothing when it is dropped`, async () => {
    const ways = [live.at(hostname), ...(isSecure ? [live.tlsAt(hostname)] : [])]
    const key = { hostname, token: 'tok_En-1' }
    for (const text of ['tok_En-1.first', 'tok_En-1.second-and-longer']) {
      await live.challenges.put(key, text)
      for (const at of ways) {
        const answer = await ask(at, `${FOLDER}/tok_En-1`)
        expect([answer.status, answer.body.toString()]).toEqual([200, text])
        expect(answer.headers.get('content-type')).toBe('application/octet-stream')
        expect(answer.headers.get('cache-control')).toBe('no-store')
        const head = await ask(at, `${FOLDER}/tok_En-1`, 'HEAD')
        expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([
          200,
          `${text.length}`,
          0,
        ])
        expect((await ask(at, `${FOLDER}/tok_En-1?x=1`)).body.toString()).toBe(text)
        expect((await ask(at, `${FOLDER}/tok_En-1`, 'POST')).status).toBe(405)
      }
    }
    await live.challenges.drop(key)
    for (const at of ways) expect((await ask(at, `${FOLDER}/tok_En-1`)).status).toBe(404)
  })

describe('what was put for another name', () => {
  const OTHERS = [
    'plain.example.com',
    'x.any.example.com',
    'any.example.com',
    'nobody.test',
    'e1.test.localhost',
    'secure.example.com.evil.test',
    'xsecure.example.com',
  ]
  test('is not answered, neither to a wildcard nor to nobody', async () => {
    await live.challenges.put({ hostname: 'secure.example.com', token: 't' }, 't.secret')
    for (const hostname of ['x.any.example.com', '*.any.example.com', 'nobody.test'])
      await live.challenges.put({ hostname, token: 'w' }, 'w.secret')
    for (const name of OTHERS)
      for (const token of ['t', 'w']) {
        const answer = await ask(live.at(name), `${FOLDER}/${token}`)
        expect([name, answer.status]).toEqual([name, 404])
        expect(answer.body.toString()).not.toContain('secret')
      }
    for (const at of [live.tlsAt('x.any.example.com'), live.tlsAt('secure-away.example.com')])
      expect((await ask(at, `${FOLDER}/t`)).status).toBe(404)
    for (const host of ['SECURE.example.com', 'secure.example.com.', 'secure.example.com:80'])
      expect((await ask(live.at(host), `${FOLDER}/t`)).body.toString()).toBe('t.secret')
  })
})

describe('what is no token', () => {
  /** These are paths of the site, once they are read. */
  const LEAVING = [
    `${FOLDER}/..`,
    `${FOLDER}/t%2f..%2ft`,
    `${FOLDER}/..%2fsecure.example.com%2ft`,
    `${FOLDER}/..%2f..%2fkey`,
    `${FOLDER}/%2e%2e/%2e%2e/key`,
  ]

  const PATHS = [
    `${FOLDER}/`,
    `${FOLDER}/token`,
    `${FOLDER}/absent`,
    `${FOLDER}/.`,
    `${FOLDER}/../acme-challenge/`,
    `${FOLDER}/t/`,
    `${FOLDER}/t/x`,
    `${FOLDER}/t.txt`,
    `${FOLDER}/%2fetc%2fpasswd`,
    `${FOLDER}/t%0a`,
    `${FOLDER}/t%20`,
    `${FOLDER}/t~`,
    `${FOLDER}/.host`,
    `${FOLDER}/${'x'.repeat(129)}`,
    `${FOLDER}/${'x'.repeat(4000)}`,
    `/.well-known/%61cme-challenge/token`,
    `//.well-known//acme-challenge//token`,
    `${FOLDER}//token`,
    `${FOLDER}/link`,
    `${FOLDER}/folder`,
    `${FOLDER}/large`,
  ]

  test('a folder that leads elsewhere is none', async () => {
    const name = 'linked.example.com'
    await live.gateway.hosts.put(name, { kind: 'site', environmentId: 'e0', site: null }, signal)
    writeFileSync(join(live.data, 'key'), SECRET)
    symlinkSync('..', join(live.data, 'challenges', name))
    expect((await ask(live.at(name), `${FOLDER}/key`)).status).toBe(404)
    rmSync(join(live.data, 'challenges', name))
  })

  test('is 404 without a byte of the site or of another file, in both schemes', async () => {
    const folder = join(live.data, 'challenges', 'open.example.com')
    const elsewhere = join(live.data, 'elsewhere')
    writeFileSync(elsewhere, SECRET)
    mkdirSync(join(folder, 'folder'), { recursive: true })
    symlinkSync(elsewhere, join(folder, 'link'))
    writeFileSync(join(folder, 'large'), SECRET.repeat(LIMITS.gateway.challengeBytes))
    for (const path of PATHS)
      for (const at of [live.at('open.example.com'), live.tlsAt('open.example.com')]) {
        const { status, body } = await ask(at, path)
        expect([path, status]).toEqual([path, 404])
        expect(body.toString()).not.toMatch(new RegExp(`${CANARY}|${SECRET}`))
      }
    for (const path of LEAVING)
      for (const at of [live.at('open.example.com'), live.tlsAt('open.example.com')]) {
        const { body, headers } = await ask(at, path)
        expect([path, body.toString().includes(SECRET), headers.get('location')]).toEqual([
          path,
          false,
          undefined,
        ])
      }
    rmSync(folder, { recursive: true })
  })
})
