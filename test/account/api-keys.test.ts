/** J18: API keys against the real app. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiKey, NewApiKey } from '../../src/contract/shapes/api-key.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { type Answer, site, startTestApp, type TestApp } from '../api/app.ts'

const DAY_MS = 86_400_000
let app: TestApp
let people: People
let owner: Person
let now = Date.UTC(2026, 10, 24)
let count = 0

beforeAll(async () => {
  app = await startTestApp(new Map(), {
    clock: { now: () => now, after: (ms, then) => () => clearTimeout(setTimeout(then, ms)) },
  })
  for (const name of ['web', 'docs']) await app.ask('POST', '/services', { json: { name } })
  await app.ask('POST', '/services/web/environments', { json: { name: 'staging' } })
  people = new People(app, () => now)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})
let deployer: Person
beforeEach(async () => {
  deployer = await people.person(`deployer${++count}`, { role: 'deployer', scope: people.service('web') })
})

const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` })
const make = (headers: Headers, json: object) => app.ask('POST', '/api-keys', { headers, json })
async function made(headers: Headers, json: object): Promise<NewApiKey> {
  const { status, body, text } = await make(headers, json)
  if (status !== 201) throw new Error(text)
  return body
}
const deploy = (headers: Headers, environment = 'production'): Promise<Answer> =>
  app.ask('POST', `/services/web/environments/${environment}/deployments`, { headers, body: site('x') })

describe('a key', () => {
  test('is told once, and only its hash is kept', async () => {
    const { key, id, prefix } = await made(deployer.cookie, { name: 'CI' })
    expect(key).toMatch(/^fl_[a-z0-9]{8}_[\w-]{43}$/)
    expect(key.startsWith(prefix)).toBe(true)
    const secret = key.slice(prefix.length + 1)
    for (const path of ['/api-keys', `/api-keys/${id}`, '/events?limit=200'])
      expect((await app.ask('GET', path, { headers: owner.key })).text).not.toContain(secret)
    for (const file of ['fairlead.db', 'fairlead.db-wal'])
      expect(readFileSync(join(app.data, file)).includes(secret)).toBe(false)
  })

  test('acts for its owner, and says so', async () => {
    const { key, id } = await made(deployer.cookie, { name: 'CI' })
    const { status, body } = await deploy(bearer(key))
    expect(status).toBe(202)
    expect(body).toMatchObject({ actor: { kind: 'key', name: deployer.user.login, keyId: id } })
    const { body: used } = await app.ask('GET', `/api-keys/${id}`, { headers: deployer.cookie })
    expect(used).toMatchObject({ lastUsedFrom: '127.0.0.1', lastUsedAt: expect.any(String) })
  })

  test('may no more than what it was given, where it was given', async () => {
    const reads = await made(deployer.cookie, { name: 'reader', permissions: ['viewer'] })
    expect((await deploy(bearer(reads.key))).status).toBe(403)
    const stages = await made(deployer.cookie, {
      name: 'stager',
      permissions: ['deployments:deploy', 'viewer'],
      scopes: [{ service: 'web', environment: 'staging' }],
    })
    expect(stages.scopes).toEqual([{ service: 'web', environment: 'staging' }])
    expect((await deploy(bearer(stages.key), 'staging')).status).toBe(202)
    expect((await deploy(bearer(stages.key))).status).toBe(404)
  })

  test('may no more than its owner may now', async () => {
    const { key } = await made(deployer.cookie, { name: 'CI' })
    for (const { id } of people.store.grants.of(deployer.user.id)) people.store.grants.remove(id)
    expect((await deploy(bearer(key))).status).toBe(404)
    people.store.users.setDisabled(deployer.user.id, true)
    expect((await deploy(bearer(key))).status).toBe(401)
  })

  test('works from its addresses only', async () => {
    const away = await made(deployer.cookie, { name: 'away', addresses: ['192.0.2.0/24', '2001:DB8::1'] })
    expect(away.addresses).toEqual(['192.0.2.0/24', '2001:db8::1'])
    const { status, body } = await deploy(bearer(away.key))
    expect(status).toBe(401)
    expect(body).toMatchObject({ detail: expect.stringContaining('127.0.0.1') })
    const here = await made(deployer.cookie, { name: 'here', addresses: ['127.0.0.1'] })
    expect((await deploy(bearer(here.key))).status).toBe(202)
  })

  test('ends after 90 days unless it is said otherwise', async () => {
    const usual = await made(deployer.cookie, { name: 'usual' })
    expect(Date.parse(usual.expiresAt ?? '')).toBe(now + 90 * DAY_MS)
    const forever = await made(deployer.cookie, { name: 'forever', expiresAt: null })
    expect(forever.expiresAt).toBeNull()
    const past = await make(deployer.cookie, { name: 'past', expiresAt: new Date(now - 1).toISOString() })
    expect(past.status).toBe(422)
    const before = now
    now += 90 * DAY_MS
    expect((await deploy(bearer(usual.key))).status).toBe(401)
    expect((await deploy(bearer(forever.key))).status).toBe(202)
    now = before
  })

  test('that was revoked opens nothing, and is nobody’s any more', async () => {
    const { key, id } = await made(deployer.cookie, { name: 'CI' })
    expect((await app.ask('DELETE', `/api-keys/${id}`, { headers: deployer.cookie })).status).toBe(200)
    expect((await deploy(bearer(key))).status).toBe(401)
    expect((await app.ask('GET', `/api-keys/${id}`, { headers: owner.cookie })).status).toBe(404)
  })

  test('is rotated with an overlap', async () => {
    const old = await made(deployer.cookie, {
      name: 'CI',
      permissions: ['deployer'],
      addresses: ['127.0.0.1'],
    })
    const path = `/api-keys/${old.id}/rotate`
    const { status, body } = await app.ask('POST', path, {
      headers: deployer.cookie,
      json: { overlapSeconds: 60 },
    })
    expect(status).toBe(201)
    const next = body as NewApiKey
    expect({ ...next, id: '', prefix: '', key: '' }).toEqual({ ...old, id: '', prefix: '', key: '' })
    for (const { key } of [old, next]) expect((await deploy(bearer(key))).status).toBe(202)
    now += 60_000
    expect((await deploy(bearer(old.key))).status).toBe(401)
    expect((await deploy(bearer(next.key))).status).toBe(202)
    const again = await app.ask('POST', path, { headers: deployer.cookie, json: {} })
    expect(again.status).toBe(409)
  })
})

describe('J18 a key makes no larger one', () => {
  test('a key without the permission makes none', async () => {
    const { key } = await made(deployer.cookie, { name: 'CI' })
    expect((await make(bearer(key), { name: 'more' })).status).toBe(403)
    const reads = await made(owner.cookie, { name: 'reads', permissions: ['viewer'] })
    expect((await make(bearer(reads.key), { name: 'more' })).status).toBe(403)
  })

  test('what it makes can do no more, and ends no later', async () => {
    const permissions = ['viewer', 'api-keys:create', 'api-keys:update']
    const ends = new Date(now + DAY_MS).toISOString()
    const maker = await made(owner.cookie, { name: 'maker', permissions, expiresAt: ends })
    expect((await make(bearer(maker.key), { name: 'all' })).status).toBe(403)
    expect((await make(bearer(maker.key), { name: 'more', permissions: ['deployer'] })).status).toBe(403)
    const small = await made(bearer(maker.key), { name: 'small', permissions: ['viewer'], expiresAt: null })
    expect(small.expiresAt).toBe(ends)
    const large = await made(owner.cookie, { name: 'large' })
    const widen = await app.ask('PATCH', `/api-keys/${large.id}`, {
      headers: bearer(maker.key),
      json: { addresses: null, name: 'mine' },
    })
    expect(widen.status).toBe(403)
    expect(
      (await app.ask('POST', `/api-keys/${large.id}/rotate`, { headers: bearer(maker.key), json: {} }))
        .status,
    ).toBe(403)
  })

  test('what it makes, changes or rotates is used from no more addresses', async () => {
    const permissions = ['viewer', 'api-keys:create', 'api-keys:update']
    const maker = await made(owner.cookie, {
      name: 'maker',
      permissions,
      addresses: ['127.0.0.0/8', '10.0.0.0/8'],
    })
    const wished = { name: 'small', permissions: ['viewer'] }
    const given = async (json: object) => (await made(bearer(maker.key), { ...wished, ...json })).addresses
    expect(await given({})).toEqual(['127.0.0.0/8', '10.0.0.0/8'])
    expect(await given({ addresses: ['10.1.0.0/16', '127.0.0.1'] })).toEqual(['10.1.0.0/16', '127.0.0.1'])
    for (const addresses of [['0.0.0.0/0'], ['::/0'], ['127.0.0.1', '192.0.2.1'], ['8.0.0.0/6']])
      expect((await make(bearer(maker.key), { ...wished, addresses })).status).toBe(403)
    const asMaker = (method: string, id: string, json: object) =>
      app.ask(method, `/api-keys/${id}`, { headers: bearer(maker.key), json })
    expect((await asMaker('PATCH', maker.id, { addresses: null })).body).toMatchObject({
      addresses: maker.addresses,
    })
    expect((await asMaker('PATCH', maker.id, { addresses: ['::/0'] })).status).toBe(403)
    const anywhere = await made(owner.cookie, wished)
    expect((await asMaker('POST', `${anywhere.id}/rotate`, {})).body).toMatchObject({
      addresses: maker.addresses,
    })
    const away = await made(owner.cookie, { ...wished, addresses: ['192.0.2.0/24'] })
    expect((await asMaker('POST', `${away.id}/rotate`, {})).status).toBe(403)
  })

  test('for another user it takes the right to, and all that the key could do', async () => {
    const admin = await people.person(`admin${count}`, { role: 'admin' })
    const forOwner = { name: 'x', user: owner.user.login }
    expect((await make(admin.cookie, forOwner)).status).toBe(403)
    expect((await make(deployer.cookie, forOwner)).status).toBe(404)
    expect((await make(admin.cookie, { name: 'x', user: deployer.user.login })).status).toBe(201)
    expect((await make(admin.cookie, { name: 'x', user: 'nobody@example.com' })).status).toBe(404)
  })

  test('a place that one may not see is none', async () => {
    const { status, body } = await make(deployer.cookie, { name: 'x', scopes: [{ service: 'docs' }] })
    expect(status).toBe(404)
    expect(body).toMatchObject({ detail: 'There is no service "docs".' })
  })
})

describe('lists and changes', () => {
  test('everybody sees his own, and who may all of them', async () => {
    const { id } = await made(deployer.cookie, { name: 'mine' })
    const idsOf = async (headers: Headers, query = '') =>
      (
        (await app.ask('GET', `/api-keys?limit=200${query}`, { headers })).body as { items: ApiKey[] }
      ).items.map((key) => key.id)
    const other = await people.person(`other${count}`, { role: 'viewer' })
    expect(await idsOf(deployer.cookie)).toContain(id)
    expect(await idsOf(owner.cookie)).toContain(id)
    expect(await idsOf(owner.cookie, `&user=${deployer.user.login}`)).toContain(id)
    expect(await idsOf(owner.cookie, `&user=${other.user.login}`)).not.toContain(id)
    expect(await idsOf(other.cookie)).not.toContain(id)
    for (const method of ['GET', 'DELETE'])
      expect((await app.ask(method, `/api-keys/${id}`, { headers: other.cookie })).status).toBe(404)
  })

  test('a change shows, counts and honours If-Match', async () => {
    const { id } = await made(deployer.cookie, { name: 'mine' })
    const path = `/api-keys/${id}`
    const change = (headers: Headers, json: object) =>
      app.ask('PATCH', path, { headers: { ...deployer.cookie, ...headers }, json })
    const { status, body } = await change({ 'if-match': '"1"' }, { name: 'ours', addresses: ['10.0.0.0/8'] })
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'ours', addresses: ['10.0.0.0/8'], revision: 2 })
    expect((await change({ 'if-match': '"1"' }, { name: 'yours' })).status).toBe(412)
    expect((await change({}, { permissions: ['owner'] })).status).toBe(422)
    expect((await change({}, { addresses: ['10.0.0.1/8'] })).status).toBe(422)
  })
})
