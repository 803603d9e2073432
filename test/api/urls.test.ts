/** URLs through the API, on the builtin gateway. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Url, UrlPlan } from '../../src/contract/shapes/urls.ts'
import type { Operation, Problem, Service } from '../../src/contract/shapes.ts'
import { People, type Person } from '../access/people.ts'
import { site, startTestApp, type TestApp } from './app.ts'

const PRODUCTION = '/services/web/environments/production/urls'
let app: TestApp
let people: People
let owner: Person
/** Looks after `docs` alone. */
let neighbour: Person
/** May attach names to `web`, and no wildcards. */
let editor: Person

beforeAll(async () => {
  app = await startTestApp()
  for (const name of ['web', 'docs']) await app.ask('POST', '/services', { json: { name } })
  await app.ask('POST', '/services/web/environments/production/deployments?wait=true', { body: site('web') })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  neighbour = await people.person('neighbour', { role: 'admin', scope: people.service('docs') })
  people.store.roles.create(
    'editor',
    ['services:read', 'environments:read', 'urls:create', 'urls:read', 'urls:delete', 'operations:read'],
    0,
  )
  editor = await people.person('editor', { role: 'editor', scope: people.service('web') })
})
afterAll(async () => {
  people.close()
  await app.stop()
})

const ask = (method: string, path: string, json?: object, by: Person = owner, headers = {}) =>
  app.ask(method, path, { headers: { ...by.key, ...headers }, ...(json && { json }) })

async function attached(hostname: string, path = PRODUCTION): Promise<Url> {
  const { status, body, text } = await ask('POST', `${path}?wait=true`, { hostname, dns: 'none' })
  expect([text, status]).toEqual([text, 201])
  return body
}

/** What visitors of a host name are answered. */
const visit = async (hostname: string): Promise<string> =>
  await (await fetch(app.sitesUrl, { headers: { host: hostname } })).text()

test('a name is attached, asked, listed and detached', async () => {
  const url = await attached('GRÜN.example.com.')
  expect(url).toMatchObject({
    hostname: 'xn--grn-ioa.example.com',
    unicode: 'grün.example.com',
    url: `http://xn--grn-ioa.example.com:${new URL(app.sitesUrl).port}/`,
    kind: 'site',
    service: 'web',
    environment: 'production',
    state: 'attached',
    site: { state: 'up' },
    dns: { mode: 'none', state: 'none', records: [] },
    lastProbe: { ok: true },
    operation: { kind: 'url-attach', status: 'succeeded' },
  })
  expect(await visit(url.hostname)).toContain('web')
  expect((await ask('GET', `/urls/${url.id}`)).body).toEqual(url as never)
  expect((await ask('POST', `/urls/${url.id}/probe`)).body).toMatchObject({ lastProbe: { ok: true } })
  for (const path of ['/urls', PRODUCTION, '/urls?hostname=gr%C3%BCn.example.com'])
    expect((await ask('GET', path)).body).toMatchObject({ items: [{ id: url.id }], next: null })
  expect((await ask('GET', '/urls?hostname=other.example.com')).body).toEqual({
    items: [],
    next: null,
  } as never)
  expect((await ask('GET', '/urls?hostname=a_b')).status).toBe(422)
  for (const path of ['/urls?kind=self', '/urls?kind=self&hostname=gr%C3%BCn.example.com'])
    expect((await ask('GET', path)).body).toEqual({ items: [], next: null } as never)

  const gone = await ask('DELETE', `/urls/${url.id}?wait=true`)
  expect([gone.status, gone.body]).toMatchObject([200, { kind: 'url-detach', status: 'succeeded' }])
  expect((await ask('GET', `/urls/${url.id}`)).status).toBe(404)
  expect(await visit(url.hostname)).not.toContain('web')
})

test('without wait it is accepted, and Location is its operation', async () => {
  const { status, headers, body } = await ask('POST', PRODUCTION, {
    hostname: 'slow.example.com',
    dns: 'none',
  })
  const { id, operation } = body as Url
  expect([status, headers.get('location')]).toEqual([202, `/api/v1/operations/${operation?.id}`])
  const again = await ask('DELETE', `/urls/${id}?wait=true`)
  expect([200, 409]).toContain(again.status)
})

test('a request that is sent again attaches nothing again, also when the name is gone meanwhile', async () => {
  const key = { 'idempotency-key': 'once' }
  const wish = { hostname: 'once.example.com', dns: 'none' }
  const first = await ask('POST', `${PRODUCTION}?wait=true`, wish, owner, key)
  const second = await ask('POST', `${PRODUCTION}?wait=true`, wish, owner, key)
  expect([second.status, second.headers.get('location')]).toEqual([201, first.headers.get('location')])
  const { id } = first.body as Url
  await ask('DELETE', `/urls/${id}?wait=true`)
  expect(await ask('POST', `${PRODUCTION}?wait=true`, wish, owner, key)).toMatchObject({
    status: 201,
    body: { id },
  })
  expect((await ask('GET', `/urls?hostname=once.example.com`)).body).toMatchObject({ items: [] })
})

describe('names', () => {
  test('N07 in every spelling one service has them, and another is told so', async () => {
    const { id } = await attached('one.example.com')
    const docs = '/services/docs/environments/production/urls'
    for (const hostname of ['one.example.com', 'ONE.example.com.', 'ｏｎｅ.example.com'])
      for (const path of [docs, `${docs}/plan`]) {
        const { status, body } = await ask('POST', path, { hostname, dns: 'none' })
        expect([hostname, status]).toEqual([hostname, 409])
        expect((body as Problem).detail).toContain('is used by another service')
      }
    await ask('DELETE', `/urls/${id}?wait=true`)
  })

  test('N28 reserved ones are nobody’s, and what is no host name is refused', async () => {
    for (const hostname of ['a.localhost', 'x.invalid'])
      expect((await ask('POST', PRODUCTION, { hostname, dns: 'none' })).status).toBe(409)
    for (const hostname of [
      '127.0.0.1',
      'a_b.example.com',
      'x.test; return 200 owned',
      'co.uk',
      'a'.repeat(64),
    ])
      expect((await ask('POST', PRODUCTION, { hostname, dns: 'none' })).status).toBe(422)
    const redirect = { hostname: 'r.example.com', kind: 'redirect', dns: 'none' }
    expect((await ask('POST', PRODUCTION, redirect)).body).toMatchObject({
      errors: [{ field: 'redirectTo' }],
    })
  })

  test('N04 a wildcard takes a permission of its own', async () => {
    const wish = { hostname: '*.example.org', dns: 'none' }
    for (const path of [PRODUCTION, `${PRODUCTION}/plan`]) {
      const { status, body } = await ask('POST', path, wish, editor)
      expect([status, (body as Problem)['permission']]).toEqual([403, 'urls:wildcard'])
    }
    const { body } = await ask('POST', `${PRODUCTION}/plan`, wish)
    expect(body as UrlPlan).toMatchObject({ wildcard: true, hostname: '*.example.org', possible: true })
    expect(
      (await ask('POST', `${PRODUCTION}?wait=true`, { ...wish, hostname: 'a.example.org' }, editor)).status,
    ).toBe(201)
  })
})

describe('D11 URLs of others', () => {
  test('are told like what does not exist, and are in no list', async () => {
    const { id } = await attached('mine.example.com')
    const missing = 'z'.repeat(20)
    for (const [method, tail] of [
      ['GET', ''],
      ['POST', '/probe'],
      ['DELETE', ''],
    ] as const) {
      const answer = await ask(method, `/urls/${id}${tail}`, undefined, neighbour)
      const other = await ask(method, `/urls/${missing}${tail}`, undefined, neighbour)
      expect([answer.status, answer.text]).toEqual([404, other.text])
    }
    expect((await ask('GET', '/urls', undefined, neighbour)).body).toEqual({ items: [], next: null } as never)
    expect((await ask('GET', '/urls?hostname=mine.example.com', undefined, neighbour)).body).toMatchObject({
      items: [],
    })
    expect((await ask('GET', `/urls/${id}`)).body).toMatchObject({ state: 'attached' })
  })

  test('of the instance itself belong to whoever looks after it', async () => {
    const { store } = people
    const given = { redirectTo: null, redirectStatus: null, dnsMode: 'none', environmentId: null } as const
    const { id } = store.urls.create({ hostname: 'deploy.example.com', kind: 'self', ...given, now: 0 })
    expect((await ask('GET', `/urls/${id}`, undefined, neighbour)).status).toBe(404)
    expect((await ask('GET', `/urls/${id}`)).body).toMatchObject({ kind: 'self', service: null })
    store.roles.create('urls', ['urls:read', 'urls:delete'], 0)
    const urls = await people.person('urls', { role: 'urls' })
    const { status, body } = await ask('DELETE', `/urls/${id}`, undefined, urls)
    expect([status, (body as Problem)['permission']]).toEqual([403, 'settings:update'])
    store.urls.release(id, { now: 0, heldUntil: null })
  })
})

test('an environment tells the first of its names and how many there are, to who may read them', async () => {
  await ask('POST', '/services/web/environments', { name: 'named' })
  const named = '/services/web/environments/named'
  for (const hostname of ['*.first.example.com', 'größe.example.com', 'second.example.com'])
    await attached(hostname, `${named}/urls`)
  const redirect = { hostname: 'www.example.com', kind: 'redirect', redirectTo: 'example.com', dns: 'none' }
  await ask('POST', `${named}/urls?wait=true`, redirect)
  const { port } = new URL(app.sitesUrl)
  const first = { url: `http://xn--gre-6ka8i.example.com:${port}/`, unicode: 'größe.example.com' }
  const urls = { first, count: 3 }
  const { environments } = (await ask('GET', '/services/web')).body as Service
  expect(environments.find(({ name }) => name === 'named')?.urls).toEqual(urls)
  expect((await ask('GET', named)).body).toMatchObject({ urls })
  people.store.roles.create('passer-by', ['services:read', 'environments:read'], 0)
  const passerBy = await people.person('passer-by', { role: 'passer-by' })
  expect((await ask('GET', named, undefined, passerBy)).body).toMatchObject({
    urls: { first: null, count: 0 },
  })
})

test('what was changed meanwhile is not detached', async () => {
  const { id } = await attached('matched.example.com')
  const { headers } = await ask('GET', `/urls/${id}`)
  await ask('POST', `/urls/${id}/probe`)
  const etag = { 'if-match': headers.get('etag') ?? '' }
  const { status, body } = await ask('DELETE', `/urls/${id}`, undefined, owner, etag)
  expect([status, (body as Problem)['current']]).toMatchObject([412, { id }])
  const { headers: now } = await ask('GET', `/urls/${id}`)
  const matching = { 'if-match': now.get('etag') ?? '' }
  expect((await ask('DELETE', `/urls/${id}?wait=true`, undefined, owner, matching)).status).toBe(200)
})

test('what can not be attached answers with its own problem and the operation, and leaves nothing', async () => {
  const wish = { kind: 'self', hostname: 'self.example.com', dns: 'none' }
  const { status, body } = await ask('POST', '/urls?wait=true', wish)
  const problem = body as Problem & { operation: Operation }
  expect([status, problem.code]).toEqual([409, 'conflict'])
  expect(problem.detail).toContain('builtin gateway')
  expect(problem.operation).toMatchObject({ kind: 'url-attach', service: null, status: 'failed' })
  expect((await ask('GET', '/urls?hostname=self.example.com')).body).toMatchObject({ items: [] })
  const { status: shown } = await ask('GET', `/operations/${problem.operation.id}`, undefined, neighbour)
  expect(shown).toBe(404)
})
