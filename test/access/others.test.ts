/** Z02, Z03, Z05: what belongs to others is told like what does not exist, wherever it is named and however it is counted. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { ROUTES, type Route } from '../../src/contract/routes.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { archiveOf, site, startTestApp, type TestApp } from '../api/app.ts'
import { type Headers, People, type Person } from './people.ts'

const rows = Object.entries<Route>(ROUTES)
const MISSING = {
  service: 'nowhere',
  environment: 'nowhere',
  name: 'nowhere',
  id: 'z'.repeat(20),
  grant: 'y'.repeat(20),
  digest: 'f'.repeat(64),
  login: 'nobody@example.com',
}
type Names = typeof MISSING

const now = systemClock.now()
let app: TestApp
let people: People
let owner: Person
/** Looks after `docs`, and has no business in `web`. */
let neighbour: Person
/** May nothing at all. */
let nobody: Person
/** Of `web` and of its people. */
let theirs: Names
let ownBundle: string

beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  for (const name of ['web', 'docs']) await app.ask('POST', '/services', { json: { name } })
  for (const name of ['web', 'docs'])
    await app.ask('POST', `/services/${name}/environments`, { json: { name: `${name}-stage` } })
  const deployed = async (service: string) => {
    const path = `/services/${service}/environments/production/deployments?wait=true`
    return (await app.ask('POST', path, { body: site(service) })).body as { id: string; bundle: string }
  }
  const { id, bundle } = await deployed('web')
  ownBundle = (await deployed('docs')).bundle
  people = new People(app, () => now)
  owner = await people.person('owner', { role: 'owner' })
  neighbour = await people.person('neighbour', { role: 'admin', scope: people.service('docs') })
  nobody = await people.person('nobody')
  theirs = {
    ...MISSING,
    service: 'web',
    environment: 'web-stage',
    id,
    digest: bundle,
    login: owner.user.login,
  }
})
afterAll(async () => {
  people.close()
  await app.stop()
})

/** An answer without the names that were asked for. */
async function told(method: string, path: string, given: { names: Names; headers: Headers; json?: unknown }) {
  const { status, text } = await app.ask(method, path, {
    headers: given.headers,
    ...(given.json !== undefined && { json: given.json }),
  })
  const names = Object.values(given.names).toSorted((a, b) => b.length - a.length)
  const rest = names.reduce(
    (left, name) => left.replaceAll(name, '…').replaceAll(name.slice(0, 12), '…'),
    text,
  )
  return { status, rest }
}

describe('Z02 a thing of somebody else, by its id', () => {
  /** Of what the path begins with, and who makes one. */
  const ids: [start: RegExp, make: () => Promise<string> | string][] = [
    [/^\/users\//, () => owner.user.id],
    [/^\/api-keys\//, () => people.store.apiKeys.list({ limit: 1, after: null }, owner.user.id)[0]?.id ?? ''],
    [/^\/profile\/sessions\//, () => people.store.sessions.of(owner.user.id)[0]?.id ?? ''],
    [
      /^\/profile\/passkeys\//,
      () => {
        const own = people.store.passkeys.of(owner.user.id)[0]
        const given = { name: 'phone', credentialId: 'c', publicKey: 'p', counter: 0, transports: [] }
        const made = { userId: owner.user.id, ...given, backedUp: false, createdAt: now }
        return (own ?? people.store.passkeys.add(made)).id
      },
    ],
    [
      /^\/profile\/identities\//,
      () => {
        const { identities } = people.store
        const given = {
          issuer: 'https://login.example.com',
          subject: 'owner',
          label: 'Owner',
          createdAt: now,
        }
        return (identities.of(owner.user.id)[0] ?? identities.add({ userId: owner.user.id, ...given })).id
      },
    ],
    [
      /^\/invitations\//,
      async () => {
        const given = {
          headers: owner.key,
          json: { login: `guest${Math.random()}@example.com`, role: 'viewer' },
        }
        return ((await app.ask('POST', '/invitations', given)).body as { id: string }).id
      },
    ],
  ]
  /** What such a row takes when it is taken. */
  const BODIES: Record<string, object> = {
    'grants.create': { role: 'viewer' },
    'passkeys.update': { name: 'x' },
  }

  for (const [name, route] of rows.filter(
    ([, { path, at }]) => /\{(id|grant)\}/.test(path) && (at === 'list' || at === 'self'),
  ))
    test(name, async () => {
      const make = ids.find(([start]) => start.test(route.path))?.[1]
      if (!make) throw new Error(`say above whose ${route.path} is`)
      const grant = people.store.grants.of(owner.user.id)[0]?.id ?? ''
      const real = { ...theirs, id: await make(), grant }
      const json = BODIES[name] ?? (route.body?.kind === 'json' ? {} : undefined)
      const method = route.method.toUpperCase()
      const path = (names: Names) =>
        route.path.replace(/\{(\w+)\}/g, (_, field: string) => names[field as keyof Names]) // one of its fields
      for (const { cookie: headers } of [nobody, neighbour]) {
        const answer = await told(method, path(real), { names: real, headers, json })
        expect(answer).toEqual(await told(method, path(MISSING), { names: MISSING, headers, json }))
        expect(answer.status).toBe(404)
      }
    })
})

describe('Z03 a thing of somebody else, by a name in the body or the query', () => {
  const docs = '/services/docs/environments/production/deployments'
  const asked: [
    what: string,
    status: number,
    method: string,
    path: (names: Names) => string,
    json?: (names: Names) => unknown,
  ][] = [
    ['deploying its bundle', 404, 'POST', () => docs, ({ digest }) => ({ bundle: digest })],
    ['rolling back to its deployment', 404, 'POST', () => docs, ({ id }) => ({ rollbackTo: id })],
    [
      'promoting from its environment',
      404,
      'POST',
      () => docs,
      ({ environment }) => ({ promoteFrom: environment }),
    ],
    [
      'asking whether its bundle is known',
      200,
      'POST',
      () => '/services/docs/bundles/diff',
      ({ digest }) => ({ digest, base: null, entries: [] }),
    ],
    [
      'comparing with its bundle',
      409,
      'POST',
      () => '/services/docs/bundles/diff',
      ({ digest }) => ({
        digest: 'e'.repeat(64),
        base: digest,
        entries: [{ path: 'a', size: 1, sha256: 'd'.repeat(64) }],
      }),
    ],
    ['a key for it', 404, 'POST', () => '/api-keys', ({ service }) => ({ name: 'x', scopes: [{ service }] })],
    [
      'a key for one of its environments',
      404,
      'POST',
      () => '/api-keys',
      ({ service, environment }) => ({ name: 'x', scopes: [{ service, environment }] }),
    ],
    ['a key of its owner', 404, 'POST', () => '/api-keys', ({ login }) => ({ name: 'x', user: login })],
    ['the keys of its owner', 200, 'GET', ({ login }) => `/api-keys?user=${login}`],
    ['a list from its bundle on', 422, 'GET', ({ digest }) => `/services/docs/bundles?cursor=${digest}`],
  ]
  for (const [what, status, method, path, json] of asked)
    test(what, async () => {
      const ask = (names: Names) =>
        told(method, path(names), {
          names,
          headers: neighbour.cookie,
          ...(json && { json: json(names) }),
        })
      const answer = await ask(theirs)
      expect(answer).toEqual(await ask(MISSING))
      expect(answer.status).toBe(status)
    })

  test('while the own ones are there', async () => {
    const headers = neighbour.cookie
    const json = { bundle: ownBundle }
    expect((await app.ask('POST', `${docs}?wait=true`, { headers, json })).status).toBe(201)
    const scoped = { name: 'own', scopes: [{ service: 'docs' }] }
    expect((await app.ask('POST', '/api-keys', { headers, json: scoped })).status).toBe(201)
  })

  test('rebuilding a folder from its contents', async () => {
    const entry = { path: 'index.html', size: 1, sha256: 'd'.repeat(64) }
    const ask = async (names: Names) => {
      const entries = JSON.stringify({ base: names.digest, buckets: [0], entries: [entry] })
      const body = archiveOf({ 'entries.json': entries })
      const path = `/services/docs/bundles/${'e'.repeat(64)}/files`
      return (await app.ask('POST', path, { headers: neighbour.cookie, body })).text
    }
    expect(await ask(theirs)).toBe(await ask(MISSING))
  })
})

describe('Z05 lists, counts and streams', () => {
  const lists = rows.filter(([, { method, path }]) => method === 'get' && !path.includes('{'))

  test('tell a neighbour nothing of what happens elsewhere', async () => {
    const snapshot = async (headers: Headers) => {
      const answers: string[] = []
      for (const [name, { path, query }] of lists)
        for (const more of query && 'limit' in query.shape ? ['', '?limit=1', '?limit=200'] : ['']) {
          const { status, text } = await app.ask('GET', `${path}${more}`, { headers })
          answers.push(`${name}${more} ${status} ${text}`)
        }
      for (const path of ['/metrics', '/healthz', '/api/v1/openapi.json']) {
        const answer = await fetch(`${app.url}${path}`, { headers })
        answers.push(`${path} ${answer.status} ${await answer.text()}`)
      }
      return answers
    }
    const asked = [neighbour.cookie, neighbour.key, nobody.cookie]
    const before = await Promise.all(asked.map(snapshot))
    for (let turn = 0; turn < 60; turn++) await somethingElsewhere(turn)
    expect(await Promise.all(asked.map(snapshot))).toEqual(before)
  }, 60_000)

  async function somethingElsewhere(turn: number): Promise<void> {
    const change = (method: string, path: string, json: object) =>
      app.ask(method, path, { json, headers: owner.key })
    const done = [
      await change('POST', '/services', { name: `other-${turn}` }),
      await change('POST', '/services/web/environments', { name: `stage-${turn}` }),
      await change('POST', '/users', { login: `other-${turn}`, kind: 'machine', role: 'viewer' }),
      await change('POST', '/api-keys', { name: `other-${turn}` }),
      await change('POST', '/roles', { name: `other-${turn}`, permissions: ['audit:read'] }),
    ]
    expect(done.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    const { serviceId, environmentId } = people.environment('web', 'production')
    const given = {
      kind: 'site-repair',
      serviceId: serviceId ?? '',
      environmentId,
      actor: LOCAL_ACTOR,
      now,
    } as const
    people.store.operations.end(people.store.operations.create(given).id, { status: 'failed', now })
    const site = {
      kind: 'site',
      environmentId,
      redirectTo: null,
      redirectStatus: null,
      dnsMode: 'none',
    } as const
    people.store.urls.create({ ...site, hostname: `other-${turn}.example.com`, now })
  }

  test('a page of what is left is as long as it was asked for', async () => {
    const ask = async (path: string) =>
      (await app.ask('GET', path, { headers: neighbour.cookie })).body as {
        items: object[]
        next: string | null
      }
    for (const path of ['/events', '/operations', '/services']) {
      const whole = await ask(`${path}?limit=200`)
      const one: object[] = []
      let next: string | null = ''
      while (next !== null) {
        const page: Awaited<ReturnType<typeof ask>> = await ask(`${path}?limit=1${next && `&cursor=${next}`}`)
        expect(page.items.length).toBe(whole.items.length === 0 ? 0 : 1)
        one.push(...page.items)
        next = page.next
      }
      expect(one).toEqual(whole.items)
      expect(JSON.stringify(whole)).not.toContain('"web"')
    }
  })
})
