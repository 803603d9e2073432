/** Z07, Z08: whoever is refused has changed nothing, and no other spelling of an address is a way around. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { raw, statusOf } from '../api/listening.ts'
import { CHANGES } from '../audit/changes.ts'
import { type Case, Stage } from '../audit/stage.ts'
import { type Headers, People } from './people.ts'

const now = systemClock.now()
let app: TestApp
let stage: Stage
let strangers: [who: string, headers: Headers][]

beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  for (const name of ['web', 'docs']) await app.ask('POST', '/services', { json: { name } })
  stage = new Stage(app, new People(app, () => now))
  const { path, given = {} } = await CHANGES['setup.complete'].call(stage)
  await app.ask('POST', path, given)
  stage.owner = await stage.signedIn()
  const { people } = stage
  const nobody = await people.person('nobody')
  const viewer = await people.person('viewer', { role: 'viewer' })
  const elsewhere = await people.person('elsewhere', { role: 'admin', scope: people.service('docs') })
  const owner = people.store.users.named('ann@example.com')
  if (!owner) throw new Error('the owner is gone')
  strangers = [
    ['anonymous', {}],
    ['nobody', nobody.jwt],
    ['a viewer', viewer.cookie],
    ['the admin of another service', elsewhere.key],
    ['a key that only reads', people.key(owner, { permissions: ['services:read', 'users:read'] })],
  ]
  // The first use of each is noted.
  for (const [, headers] of strangers) await app.ask('GET', '/services', { headers })
})
afterAll(async () => {
  stage.people.close()
  stage.issuer.stop()
  await app.stop()
})

/** All that is kept, but what refusals are there for. */
function kept(): object {
  const { db } = stage.people.store
  const tables = db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  const rows = tables
    .map(({ name }) => name)
    .filter((name) => !['event_hashes', 'refusal_counts', 'sqlite_sequence'].includes(name))
    .map((name) => [
      name,
      db.all(`SELECT * FROM ${name} ${name === 'events' ? "WHERE kind <> 'refused'" : ''}`),
    ])
  const files = ['bundles', 'staging', 'trees', 'sites'].map((name) => [
    name,
    readdirSync(join(app.data, name)),
  ])
  return Object.fromEntries([...rows, ...files])
}

/** Everybody makes keys for himself, a viewer may ask a URL, and who may put back drift somewhere may look for it. */
const FOR_EVERYBODY = new Set<string>(['api-keys.create', 'urls.probe', 'drift.look'])
const guarded = Object.entries<Case>(CHANGES).filter(([name]) => {
  const { at } = ROUTES[name as RouteName] // a key of the table, says its type
  return at !== 'public' && at !== 'self' && !FOR_EVERYBODY.has(name)
})

describe('Z07 a refusal changes nothing', () => {
  for (const [name, { call }] of guarded)
    test(name, async () => {
      const route: Route = ROUTES[name as RouteName] // ditto
      const { path, given = {} } = await call(stage)
      const before = kept()
      for (const [who, headers] of strangers) {
        const { status } = await app.ask(route.method.toUpperCase(), path, { ...given, headers })
        expect([who, [401, 403, 404].includes(status), status]).toEqual([who, true, status])
      }
      expect(kept()).toEqual(before)
    })

  for (const [name, { call }] of Object.entries<Case>(CHANGES).filter(
    ([one]) => ROUTES[one as RouteName].at === 'self', // ditto
  ))
    test(`${name}, by nobody in particular`, async () => {
      const route: Route = ROUTES[name as RouteName] // ditto
      const { path, given = {} } = await call(stage)
      const before = kept()
      const { status } = await app.ask(route.method.toUpperCase(), path, { ...given, headers: {} })
      expect(status).toBe(401)
      expect(kept()).toEqual(before)
    })
})

describe('Z08 another spelling is no way around', () => {
  const spellings: [what: string, spelled: (path: string) => string][] = [
    ['two slashes before', (path) => `/${path}`],
    ['two slashes within', (path) => path.replace('/v1/', '/v1//')],
    ['a slash after', (path) => `${path}/`],
    ['a dot', (path) => path.replace('/v1/', '/v1/./')],
    ['dots', (path) => path.replace('/v1/', '/v1/x/../')],
    ['dots, encoded', (path) => path.replace('/v1/', '/v1/x/%2e%2e/')],
    ['a dot, encoded', (path) => path.replace('/v1/', '/v1/%2e/')],
    ['capitals', (path) => path.replace('/api/', '/API/')],
    ['a parameter', (path) => path.replace('/v1/', '/v1;a=b/')],
    ['a slash, encoded', (path) => path.replace('/v1/', '/v1%2f')],
    ['a letter, encoded', (path) => path.replace('/api/', '/%61pi/')],
    ['a backslash', (path) => path.replace('/v1/', '/v1\\')],
    ['a NUL, encoded', (path) => `${path}%00`],
    ['a whole URL', (path) => `http://localhost${path}`],
  ]
  const answerTo = async (method: string, path: string, more: string): Promise<number> => {
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n`
    return statusOf(await raw(Number(new URL(app.url).port), `${head}${more}\r\n`, () => false))
  }
  const named = (path: string) =>
    `/api/v1${path
      .replace('{service}', 'web')
      .replace('{environment}', 'production')
      .replaceAll(/\{\w+\}/g, 'a'.repeat(20))}`

  for (const [name, route] of Object.entries<Route>(ROUTES).filter(([, { at }]) => at !== 'public'))
    test(name, async () => {
      const method = route.method.toUpperCase()
      expect(await answerTo(method, named(route.path), '')).toBe(401)
      const before = kept()
      for (const [what, spelled] of spellings) {
        const status = await answerTo(method, spelled(named(route.path)), '')
        expect([what, [400, 401, 404, 405].includes(status), status]).toEqual([what, true, status])
      }
      for (const header of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
        expect(await answerTo('GET', '/api/v1/services', `${header}: ${method}\r\n`)).toBe(401)
      for (const header of ['X-Original-URL', 'X-Rewrite-URL'])
        expect(await answerTo(method, '/healthz', `${header}: ${named(route.path)}\r\n`)).toBe(
          method === 'GET' ? 200 : 405,
        )
      if (method === 'GET') expect(await answerTo('HEAD', named(route.path), '')).toBe(401)
      expect(kept()).toEqual(before)
    })
})
