/** Settings of the instance and DNS providers through the API: revisions, secrets, and who is told what. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DnsProvider } from '../../src/contract/shapes/dns-providers.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from './app.ts'

const SECRET = 'canary-of-the-api-key'
const POWERDNS = { url: 'http://127.0.0.1:1', apiKey: SECRET, allowPrivateNetwork: true }
let app: TestApp
let people: People
let owner: Person
/** Everything that was answered. */
let told = ''

beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})

async function ask(method: string, path: string, json?: object, headers = {}) {
  const answer = await app.ask(method, path, {
    headers: { ...owner.key, ...headers },
    ...(json && { json }),
  })
  told += `${answer.text}\n`
  return answer
}

describe('settings', () => {
  test('what is not named stays, and nobody overwrites what somebody else changed', async () => {
    const { headers, body: before } = await ask('GET', '/settings')
    const etag = { 'if-match': headers.get('etag') ?? '' }
    const first = await ask('PATCH', '/settings', { dns: { addresses: ['203.0.113.5'] } }, etag)
    expect([first.status, first.body]).toMatchObject([
      200,
      {
        ...(before as object),
        dns: { addresses: ['203.0.113.5'], cname: null, ttlSeconds: 300 },
        revision: 2,
      },
    ])
    const second = await ask('PATCH', '/settings', { dns: { ttlSeconds: 60 } }, etag)
    expect([second.status, (second.body as Problem)['current']]).toEqual([412, first.body])
    const nginx = { enabled: '/etc/nginx/http.d', listen: [{ address: '::1', port: 8080 }] }
    const third = await ask('PATCH', '/settings', { gateway: { nginx } })
    expect(third.body).toMatchObject({ gateway: { kind: 'builtin', nginx: { ...nginx, reload: null } } })
    expect(
      (await ask('PATCH', '/settings', { gateway: { nginx: { listen: [{ address: null, port: 80 }] } } }))
        .status,
    ).toBe(200)
  })

  test('values are judged by field', async () => {
    for (const [change, field] of [
      [{ gateway: { kind: 'apache' } }, 'gateway.kind'],
      [{ gateway: { nginx: { enabled: 'sites' } } }, 'gateway.nginx.enabled'],
      [{ gateway: { nginx: { reload: ['nginx', '-s reload; id'] } } }, 'gateway.nginx.reload.1'],
      [{ gateway: { nginx: { listen: [{ address: 'here', port: 80 }] } } }, 'gateway.nginx.listen.0.address'],
      [{ dns: { addresses: ['1.2.3'] } }, 'dns.addresses.0'],
      [{ dns: { ttlSeconds: -1 } }, 'dns.ttlSeconds'],
      [{ dns: { ttlSeconds: 2 ** 31 } }, 'dns.ttlSeconds'],
      [{ mail: {} }, 'mail'],
    ] as const) {
      const { status, body } = await ask('PATCH', '/settings', change)
      expect([field, status, (body as Problem).errors[0]?.field]).toEqual([field, 422, field])
    }
  })

  test('the gateway stays while URLs are attached', async () => {
    const path = '/services/web/environments/production/urls?wait=true'
    const { body } = await ask('POST', path, { hostname: 'docs.example.com', dns: 'none' })
    for (const gateway of [{ kind: 'nginx' }, { nginx: { listen: [{ address: null, port: 8080 }] } }]) {
      const { status, text } = await ask('PATCH', '/settings', { gateway })
      if (status === 409) expect(text).toContain('1 URL is attached')
    }
    expect((await ask('PATCH', '/settings', { gateway: { kind: 'nginx' } })).status).toBe(409)
    expect((await ask('PATCH', '/settings', { dns: { ttlSeconds: 120 } })).status).toBe(200)
    await ask('DELETE', `/urls/${(body as { id: string }).id}?wait=true`)
  })
})

const created = async (config: object = POWERDNS, kind = 'powerdns'): Promise<DnsProvider> =>
  (await ask('POST', '/dns-providers', { kind, label: 'PowerDNS', config })).body

describe('DNS providers', () => {
  test('S05 a secret goes in and never comes out', async () => {
    const made = await created()
    expect(made).toMatchObject({
      config: { url: POWERDNS.url, serverId: 'localhost' },
      secrets: { apiKey: true },
    })
    expect(Object.keys(made.config)).not.toContain('apiKey')
    const path = `/dns-providers/${made.id}`
    await ask('GET', path)
    await ask('GET', '/dns-providers')
    expect((await ask('POST', `${path}/test`)).body).toMatchObject({
      ok: false,
      zones: [],
      problem: { code: 'unavailable' },
    })
    await ask('PATCH', path, { label: 'Cellar' })
    await ask('PATCH', path, { config: { apiKey: 7 } })
    await ask('PATCH', path, { config: { url: 'http://127.0.0.1:2' } })
    await ask('POST', '/services/web/environments/production/urls/plan', { hostname: 'a.example.com' })
    await ask('GET', '/audit?limit=200')
    await ask('GET', '/events?limit=200')
    await ask('DELETE', path)
    expect(told).not.toContain(SECRET)
    const rows = JSON.stringify(people.store.events.list({ limit: 1_000, after: null }))
    expect(rows).not.toContain(SECRET)
  }, 30_000)

  test('what is kept was entered for one place: another one takes it anew', async () => {
    const { id } = await created()
    const path = `/dns-providers/${id}`
    const moved = await ask('PATCH', path, { config: { url: 'http://192.0.2.66:8081' } })
    expect([moved.status, moved.body]).toMatchObject([
      422,
      { errors: [{ field: 'config.apiKey', message: 'is missing' }] },
    ])
    expect((await ask('GET', path)).body).toMatchObject({ config: { url: POWERDNS.url }, revision: 1 })
    const both = { url: 'http://127.0.0.1:2', apiKey: 'another' }
    expect((await ask('PATCH', path, { config: both })).body).toMatchObject({
      config: { url: both.url },
      revision: 2,
    })
    // What is not sent anywhere may change alone, and null takes away.
    const alone = await ask('PATCH', path, { config: { allowPrivateNetwork: null } })
    expect(alone.body).toMatchObject({ config: { allowPrivateNetwork: false }, secrets: { apiKey: true } })
    const stale = await ask('PATCH', path, { label: 'x' }, { 'if-match': '"1"' })
    expect(stale.status).toBe(412)
    expect((await ask('PATCH', path, { config: { apiKey: null } })).body).toMatchObject({
      errors: [{ field: 'config.apiKey', message: 'is missing' }],
    })
    await ask('DELETE', path)
  })

  test('fields are judged by the schema of their kind', async () => {
    for (const [kind, config, field] of [
      ['powerdns', {}, 'config.url'],
      ['powerdns', { ...POWERDNS, zone: 'x' }, 'config.zone'],
      ['powerdns', { ...POWERDNS, allowPrivateNetwork: 'yes' }, 'config.allowPrivateNetwork'],
      ['rfc2136', { server: 'a', keyName: 'k', secret: 'c2VjcmV0', zones: ['a..b'] }, 'config.zones.0'],
      ['route53', {}, 'kind'],
    ] as const) {
      const { status, body } = await ask('POST', '/dns-providers', { kind, label: 'x', config })
      expect([kind, field, status, (body as Problem).errors[0]?.field]).toEqual([kind, field, 422, field])
    }
  })

  test('the kinds are what the drivers say', async () => {
    const { body } = await ask('GET', '/dns-providers/kinds')
    const { items } = body as { items: { kind: string; fields: { name: string; secret: boolean }[] }[] }
    expect(items.map(({ kind }) => kind)).toEqual(['cloudflare', 'rfc2136', 'powerdns', 'manual'])
    const secrets = items.flatMap(({ kind, fields }) =>
      fields.flatMap(({ name, secret }) => (secret ? [`${kind} ${name}`] : [])),
    )
    expect(secrets).toEqual(['cloudflare apiToken', 'rfc2136 secret', 'powerdns apiKey'])
  })

  test('a request that is sent again sets up nothing again', async () => {
    const key = { 'idempotency-key': 'one' }
    const wish = { kind: 'manual', label: 'By hand', config: {} }
    const first = await ask('POST', '/dns-providers', wish, key)
    const second = await ask('POST', '/dns-providers', wish, key)
    expect([second.status, second.body]).toEqual([201, first.body])
    const { id } = first.body as DnsProvider
    expect((await ask('GET', '/dns-providers')).body).toMatchObject({ items: [{ id }] })
    await ask('DELETE', `/dns-providers/${id}`)
  })
})
