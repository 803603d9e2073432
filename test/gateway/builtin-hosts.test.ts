import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import { builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { type CaseSite, rawRequest } from '../serving/table.ts'
import { LiveGateway, rulesOf } from './live-site.ts'

const live = new LiveGateway()
const { hosts } = live.gateway
const { signal } = new AbortController()
afterAll(() => live.stop())

/** A site that is live under an environment of its own, as a deployment hands it to the gateway. */
async function siteThatSays(text: string): Promise<HostSite> {
  const files: CaseSite = { files: { 'index.html': text } }
  const { id } = await live.live(files)
  const rules = rulesOf(files)
  return {
    kind: 'site',
    environmentId: id,
    site: { link: `${id}-${rulesDigest(rules)}`, rules, graceFolder: null },
  }
}

async function ask(host: string, path = '/', method = 'GET') {
  const answer = await rawRequest(
    live.at(host),
    [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''].join('\r\n'),
  )
  return { ...answer, text: answer.body.toString(), location: answer.headers.get('location') }
}

beforeAll(async () => {
  await hosts.put('docs.example.com', await siteThatSays('docs'), signal)
  await hosts.put('*.example.com', await siteThatSays('any'), signal)
  await hosts.put('*.deep.example.com', await siteThatSays('deep'), signal)
  await hosts.put('empty.example.com', { kind: 'site', environmentId: 'e0', site: null }, signal)
})

describe('which site answers', () => {
  const ANSWERS: [host: string, text: string][] = [
    ['docs.example.com', 'docs'],
    ['DOCS.example.com.:80', 'docs'],
    ['other.example.com', 'any'],
    ['a.b.example.com', 'any'],
    ['x.docs.example.com', 'any'],
    ['x.deep.example.com', 'deep'],
    ['deep.example.com', 'any'],
  ]
  for (const [host, text] of ANSWERS)
    test(`${host} says ${text}`, async () => {
      expect(await ask(host)).toMatchObject({ status: 200, text })
    })

  for (const host of ['example.com', 'com', 'docs.example.com.evil.test', 'docsexample.com', '*.example.org'])
    test(`N12: ${host} is nobody's`, async () => {
      expect((await ask(host)).status).toBeGreaterThanOrEqual(400)
    })

  test('an environment without a deployment answers neutrally, and its marker', async () => {
    const empty = await ask('empty.example.com')
    expect([empty.status, empty.text.includes('Nothing is deployed here yet.')]).toEqual([404, true])
    const marker = await ask('empty.example.com', '/.well-known/fairlead')
    expect(JSON.parse(marker.text)).toEqual({ tree: null, rules: null })
  })
})

describe('redirects', () => {
  const to = { scheme: null, hostname: 'docs.example.com', port: null }
  const REDIRECTS: [what: string, site: Extract<HostSite, { kind: 'redirect' }>, location: () => string][] = [
    [
      'to the scheme and port that they came by',
      { kind: 'redirect', to, status: 308 },
      () => `http://docs.example.com:${live.port}/a//b%20c?d=1&e`,
    ],
    [
      'to HTTPS',
      { kind: 'redirect', to: { ...to, scheme: 'https' }, status: 301 },
      () => 'https://docs.example.com/a//b%20c?d=1&e',
    ],
    [
      'to a port',
      { kind: 'redirect', to: { ...to, scheme: 'http', port: 8080 }, status: 302 },
      () => 'http://docs.example.com:8080/a//b%20c?d=1&e',
    ],
  ]
  for (const [what, site, location] of REDIRECTS)
    test(`lead ${what}, with path and query`, async () => {
      await hosts.put('old.example.org', site, signal)
      for (const method of ['GET', 'HEAD', 'POST']) {
        const answer = await ask('old.example.org', '/a//b%20c?d=1&e', method)
        expect([answer.status, answer.location]).toEqual([site.status, location()])
      }
    })

  test('N11: nothing in a path splits the answer or changes the host', async () => {
    for (const path of ['//evil.test/', '/%0d%0aX-Injected:1', '/\\evil.test', '/@evil.test']) {
      const answer = await ask('old.example.org', path)
      expect(new URL(answer.location ?? '').hostname).toBe('docs.example.com')
      expect(answer.headers.get('x-injected')).toBeUndefined()
    }
  })

  test('N27: the place where certificates are asked for belongs to the platform', async () => {
    expect((await ask('old.example.org', '/.well-known/acme-challenge/x')).status).toBe(404)
  })
})

describe('what is kept', () => {
  const again = (): Hosts =>
    builtinGateway({
      data: live.data,
      listen: { hostname: '127.0.0.1', port: 0 },
      tls: null,
      siteOf: () => null,
      log: silentLog,
    }).hosts

  test('another process finds the same', async () => {
    const names = ['*.deep.example.com', '*.example.com', 'docs.example.com', 'empty.example.com']
    expect(await again().list(signal)).toEqual(expect.arrayContaining(names))
    expect(await again().read('docs.example.com', signal)).toEqual(
      await hosts.read('docs.example.com', signal),
    )
    expect(await again().read('absent.example.com', signal)).toBeNull()
  })

  test('what was dropped is nobody’s, twice is once, and the wildcard above answers again', async () => {
    await hosts.put('gone.example.com', await siteThatSays('gone'), signal)
    expect((await ask('gone.example.com')).text).toBe('gone')
    for (const _ of [1, 2]) await hosts.drop('gone.example.com', signal)
    expect((await ask('gone.example.com')).text).toBe('any')
    expect(await again().read('gone.example.com', signal)).toBeNull()
  })

  test('N06: a name of 253 bytes', async () => {
    const long = `${`${'a'.repeat(49)}.`.repeat(5)}abc`
    await hosts.put(long, await siteThatSays('long'), signal)
    expect([long.length, (await ask(long)).text]).toEqual([253, 'long'])
    expect(await again().list(signal)).toContain(long)
    await hosts.drop(long, signal)
    expect((await ask(long)).status).toBe(404)
  })

  test('N20: many at once are all there', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `n${n}.many.test`)
    const site = await siteThatSays('many')
    await Promise.all(names.map((name) => hosts.put(name, site, signal)))
    await Promise.all(names.filter((_, n) => n % 2 === 0).map((name) => hosts.drop(name, signal)))
    const kept = names.filter((_, n) => n % 2 === 1)
    expect((await again().list(signal)).filter((name) => name.endsWith('.many.test'))).toEqual(
      kept.toSorted(),
    )
    expect(await Promise.all(kept.map(async (name) => (await ask(name)).text))).toEqual(
      kept.map(() => 'many'),
    )
  })

  test('a file that can’t be read keeps its host from being another’s', async () => {
    writeFileSync(join(live.data, 'builtin/hosts/broken.example.com.json'), '{')
    const other = builtinGateway({
      data: live.data,
      listen: { hostname: '127.0.0.1', port: 0 },
      tls: null,
      siteOf: () => null,
      log: silentLog,
    })
    const { port } = other.start()
    const answer = await rawRequest(
      { address: '127.0.0.1', port },
      'GET / HTTP/1.1\r\nHost: broken.example.com\r\nConnection: close\r\n\r\n',
    )
    await other.stop(true)
    expect([answer.status, answer.body.toString().includes('any')]).toEqual([503, false])
  })

  test('N21: what is no host name touches no file', async () => {
    const before = readdirSync(live.data, { recursive: true }).length
    for (const name of ['..', '.', '', '../../x', 'a/b', '%2e%2e', 'a.example.com/', '*', 'A.example.com'])
      expect(await hosts.drop(name, signal).catch(() => 'refused')).toBe('refused')
    expect([readdirSync(live.data, { recursive: true }).length, existsSync(live.data)]).toEqual([
      before,
      true,
    ])
  })
})

test('Fairlead itself is no site of this gateway, and the Fault says which one can', async () => {
  const self: HostSite = { kind: 'self', upstream: { hostname: '127.0.0.1', port: 4750 } }
  const refused = await hosts.put('deploy.example.org', self, signal).catch((fault: unknown) => fault)
  expect(refused).toMatchObject({ code: 'conflict', hint: expect.stringContaining('gateway.kind nginx') })
  expect(await hosts.read('deploy.example.org', signal)).toBeNull()
})

test('the probe asks by the real Host', async () => {
  expect(hosts.probe.url('docs.example.com')).toBe(`http://docs.example.com:${live.port}/`)
  const answer = await hosts.probe.ask({ hostname: 'docs.example.com', path: '/', signal })
  expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, 'docs'])
})
