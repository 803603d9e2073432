/** URLs through the whole program: a real NGINX for visitors, a real BIND for their resolvers. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import { dnsSecretPlace } from '../../src/engine/dns-providers.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'
import { archiveOf, ask, UNLIMITED } from '../api/app.ts'
import { KEY, Named } from '../dns/named.ts'
import { DebianNginx, until } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'

const ADDRESS = '203.0.113.5'
const PRODUCTION = '/services/web/environments/production'
const withServers = needs('nginx', 'named', 'nsupdate', 'dig')

let nginx: DebianNginx
let named: Named
let app: App
let dumped: string[]

beforeAll(async () => {
  if (!['nginx', 'named', 'nsupdate', 'dig'].every(has)) return
  nginx = await DebianNginx.started()
  named = await Named.start()
  dumped = await named.dump()
  setUp()
  await start()
  await call('POST', '/services', { json: { name: 'web' } })
})
afterAll(async () => {
  await app?.stop()
  await nginx?.remove()
})

const call = (method: string, path: string, given = {}) => ask(`${app.url}/api/v1${path}`, method, given)

async function start(): Promise<void> {
  const loopback = { hostname: '127.0.0.1', port: 0 }
  const rest = { url: null, assets: new Map(), diskReserveBytes: 0, rates: UNLIMITED, log: silentLog }
  app = await startApp({
    data: nginx.data,
    listen: loopback,
    sitesListen: loopback,
    passwordCost: 4,
    ...rest,
  })
}

/** As an owner would by the API. */
function setUp(): void {
  mkdirSync(nginx.data, { recursive: true })
  const store = new Store(join(nginx.data, 'fairlead.db'), { now: 0 })
  const seal = openSeal(nginx.data, store.instance)
  const { gateway } = store.settings.read()
  const { test, reload, listen, binary, config } = nginx.settings()
  const own = {
    test: [...(test ?? [])],
    reload: [...(reload ?? [])],
    listen,
    binary: binary ?? null,
    config: config ?? null,
  }
  const folders = { enabled: nginx.enabled, available: nginx.available }
  store.settings.put('gateway', { kind: 'nginx', nginx: { ...gateway.nginx, ...own, ...folders } })
  store.settings.put('dns', { addresses: [ADDRESS], cname: null, ttlSeconds: 300 })
  const { secret, ...key } = KEY
  const server = { ...key, server: '127.0.0.1', port: named.port, allowPrivateNetwork: true }
  store.dnsProviders.create(
    {
      kind: 'rfc2136',
      label: 'BIND',
      config: { ...server, zones: ['example.com'], nameservers: [`127.0.0.1:${named.port}`] },
    },
    (id) => ({ secret: seal.seal(secret, dnsSecretPlace(id, 'secret')) }),
    0,
  )
  store.close()
}

const deploy = (text: string, headers?: string) => {
  const files = { 'index.html': text, ...(headers !== undefined && { _headers: headers }) }
  return call('POST', `${PRODUCTION}/deployments?wait=true`, { body: archiveOf(files) })
}
const attach = async (hostname: string, more = {}): Promise<{ id: string }> => {
  const { status, body, text } = await call('POST', `${PRODUCTION}/urls?wait=true`, {
    json: { hostname, ...more },
  })
  expect([hostname, status, text]).toEqual([hostname, 201, text])
  return body
}
/** Records that there were not before; the serial number of the zone counts changes. */
const ours = async () =>
  (await named.dump()).filter((line) => !dumped.includes(line) && !line.includes('\tSOA\t'))

withServers(
  'a URL is attached, deployed to, kept through stops, and taken away',
  async () => {
    const docs = await attach('docs.example.com')
    await attach('*.stars.example.com')
    await attach('www.example.com', { kind: 'redirect', redirectTo: 'https://docs.example.com' })
    expect(await nginx.says('docs.example.com')).toStartWith('404')
    expect((await ours()).filter((line) => line.includes(ADDRESS)).length).toBe(3)

    const first = await deploy('one')
    expect(first.status).toBe(201)
    expect(first.text).toContain(`http://docs.example.com:${nginx.port}/`)
    expect(await nginx.says('docs.example.com')).toBe('200 one')
    expect(await nginx.says('any.stars.example.com')).toBe('200 one')

    const reloads = nginx.called('reload')
    expect((await deploy('two')).status).toBe(201)
    expect([nginx.called('reload') - reloads, await nginx.says('docs.example.com')]).toEqual([0, '200 two'])
    expect((await deploy('three', '/*\n  X-Version: 3\n')).status).toBe(201)
    expect([nginx.called('reload') - reloads, await nginx.says('docs.example.com')]).toEqual([1, '200 three'])
    await until(() => readdirSync(join(nginx.data, 'sites')).length === 1)

    await app.stop()
    expect(await nginx.says('docs.example.com')).toBe('200 three')
    await start()
    const { body } = await call('POST', `/urls/${docs.id}/probe`)
    expect(body).toMatchObject({
      state: 'attached',
      site: { state: 'up' },
      dns: { state: 'answered' },
      lastProbe: { ok: true },
    })

    const { items } = (await call('GET', '/urls')).body as { items: { id: string }[] } // the list of the API
    for (const { id } of items) expect((await call('DELETE', `/urls/${id}?wait=true`)).status).toBe(200)
    expect([await ours(), nginx.names(nginx.enabled), nginx.names(nginx.available)]).toEqual([
      [],
      ['00-fairlead.conf'],
      ['00-fairlead.conf'],
    ])
    expect(await nginx.says('docs.example.com')).not.toContain('three')
  },
  120_000,
)

withServers(
  'N19 D13 what the operator has broken is told by file and line, and nothing is left of the attach',
  async () => {
    const broken = join(nginx.enabled, 'operators-own.conf')
    writeFileSync(broken, 'server { listen 127.0.0.1:1; nonsense; }\n')
    const { status, body } = await call('POST', `${PRODUCTION}/urls?wait=true`, {
      json: { hostname: 'late.example.com' },
    })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(body)).toContain('operators-own.conf:1')
    expect((await deploy('four')).status).toBe(201)
    expect([await ours(), nginx.names(nginx.enabled)]).toEqual([
      [],
      ['00-fairlead.conf', 'operators-own.conf'],
    ])
    writeFileSync(broken, '')
    await attach('late.example.com')
    expect(await nginx.says('late.example.com')).toBe('200 four')
    const link = readlinkSync(join(nginx.enabled, 'late.example.com.conf'))
    expect(link).toBe(join(nginx.data, 'nginx', 'late.example.com.conf'))
  },
  120_000,
)

withServers(
  'D02 a record of the operator is shown and stays',
  async () => {
    await named.byHand('update add theirs.example.com. 60 A 198.51.100.9')
    const { status, text } = await call('POST', `${PRODUCTION}/urls?wait=true`, {
      json: { hostname: 'theirs.example.com' },
    })
    expect(status).toBe(409)
    expect(text).toContain('198.51.100.9')
    expect((await ours()).filter((line) => line.includes('theirs'))).toEqual([
      expect.stringContaining('198.51.100.9'),
    ])
    expect(nginx.names(nginx.enabled)).not.toContain('theirs.example.com.conf')
  },
  120_000,
)
