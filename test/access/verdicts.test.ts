/**
 * Z01: every route of the table × everybody × every credential, against one reviewed file; UPDATE_GOLDEN=1 writes it.
 * Each request carries a query field that no route has: who is let in gets 422 and nothing happens; who is not never
 * gets so far. Rows whose verdict the handler gives are asked for real: each time about somebody new, and of what is
 * one's own with an API key, which is not enough for most of it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import { BUILT_IN_ROLES } from '../../src/domain/access.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { type Headers, People } from './people.ts'
import { isByHandler, Targets } from './targets.ts'

const GOLDEN = join(import.meta.dirname, '../golden/verdicts.txt')
const rows = Object.entries<Route>(ROUTES) as [RouteName, Route][] // the very names of the table

/** These belong to nobody, or ask for themselves. */
const OUTSIDE_THE_TABLE = ['/healthz', '/metrics', '/api/v1/openapi.json', '/docs/problems']

let app: TestApp
let people: People
/** Who asks, with the credentials that have to be answered alike. */
const askers: [name: string, credentials: Headers[]][] = []
const ids: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  await app.ask('POST', '/services', { json: { name: 'other' } })
  await app.ask('POST', '/services/web/environments', { json: { name: 'staging' } })
  for (const environment of ['production', 'staging']) {
    const path = `/services/web/environments/${environment}/deployments?wait=true`
    const { body } = await app.ask('POST', path, { body: site(environment) })
    const { id, bundle } = body as { id: string; bundle: string }
    const given = { json: { hostname: `${environment}.example.com`, dns: 'none' } }
    const attached = await app.ask('POST', `/services/web/environments/${environment}/urls?wait=true`, given)
    const url = (attached.body as { id: string }).id
    ids[environment] = { service: 'web', environment, id, digest: bundle, url }
  }
  people = new People(app)
  for (const environment of ['production', 'staging']) found(environment)
  await assemble()
})
afterAll(async () => {
  people.close()
  await app.stop()
})

/** Something was found there. */
function found(environment: string): void {
  const { store } = people
  const row = store.environments.find('web', environment)
  const place = { serviceId: row?.serviceId ?? null, environmentId: row?.id ?? null, urlId: null }
  const ways = { revertable: true, adoptable: true, why: null }
  const { id } = store.drifts.create({ kind: 'tree', thing: 'trees/gone', ...place, diff: [], ...ways }, 0)
  ids[environment] = { ...ids[environment], drift: id }
}

async function assemble(): Promise<void> {
  const { store } = people
  const now = () => systemClock.now()
  store.roles.create('auditor', ['audit:read', 'users:read'], now())
  const [web, other] = [people.service('web'), people.service('other')]
  const staging = people.environment('web', 'staging')
  const add = async (name: string, ...grants: Parameters<People['person']>[1][]) => {
    const { user, cookie, jwt, key } = await people.person(name, ...grants)
    askers.push([name, [cookie, jwt, key]])
    return user
  }
  askers.push(['anonymous', [{}]])
  const owner = await add('owner', { role: 'owner' })
  await add('admin', { role: 'admin' })
  await add('deployer', { role: 'deployer' })
  await add('viewer', { role: 'viewer' })
  await add('auditor', { role: 'auditor' })
  await add('web-admin', { role: 'admin', scope: web })
  await add('web-viewer', { role: 'viewer', scope: web })
  await add('staging', { role: 'deployer', scope: staging })
  await add('elsewhere', { role: 'admin', scope: other })
  await add('nothing')
  store.users.setDisabled((await add('disabled', { role: 'owner' })).id, true)
  const removed = await add('removed', { role: 'owner' })
  store.grants.removeAll(removed.id)
  store.users.markDeleted(removed.id, now())
  askers.push(
    ['key:read', [people.key(owner, { permissions: BUILT_IN_ROLES.viewer })]],
    ['key:stage', [people.key(owner, { permissions: BUILT_IN_ROLES.deployer, scopes: [staging] })]],
    ['key:other', [people.key(owner, { scopes: [other] })]],
    ['key:away', [people.key(owner, { addresses: ['192.0.2.0/24'] })]],
    ['key:late', [people.key(owner, { expiresAt: now() - 1 })]],
  )
}

const pathOf = ({ path, at }: Route, names: Record<string, string>): string => {
  const valueOf = (name: string) => names[name === 'id' && (at === 'url' || at === 'drift') ? at : name]
  return `${path.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(name) ?? 'a'.repeat(20))}?no-such-field=1`
}

async function verdict(route: Route, names: Record<string, string>, credentials: Headers[]): Promise<string> {
  const verdicts = new Set<string>()
  for (const headers of credentials) {
    const isKey = headers['authorization']?.startsWith('Bearer fl_')
    const path = pathOf(route, names)
    // Whoever asks with a key changes nothing of his own, or only what nothing was sent for.
    const { status } = await app.ask(
      route.method.toUpperCase(),
      route.at === 'self' && isKey ? path.replace(/\?.*/, '') : path,
      { headers },
    )
    verdicts.add(status === 422 || status === 200 ? 'ok' : String(status))
  }
  return [...verdicts].join('/')
}

const line = (name: string, cells: string[]): string => {
  const width = Math.max(...askers.map(([asker]) => asker.length)) + 1
  return `${name.padEnd(36)}${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd()
}

/** Those of the handlers, by whose the thing is: nobody does to an owner what he could not do himself. */
async function verdictsOfHandlers(): Promise<string> {
  const targets = new Targets(people, () => systemClock.now())
  const lines: string[] = []
  for (const [name] of rows.filter(([, route]) => isByHandler(route)))
    for (const role of ['viewer', 'owner']) {
      const cells: string[] = []
      for (const [, credentials] of askers) {
        const verdicts = new Set<string>()
        for (const headers of credentials) {
          const { method, path, given } = targets.call(name, role)
          const { status } = await app.ask(method, path, { ...given, headers })
          verdicts.add(status < 300 ? 'ok' : String(status))
        }
        cells.push([...verdicts].join('/'))
      }
      lines.push(line(`${name}, ${role}'s`, cells))
    }
  return `${lines.join('\n')}\n`
}

async function verdictsOfTheGate(): Promise<string> {
  const lines = [
    line(
      '',
      askers.map(([name]) => name),
    ),
  ]
  for (const [name, route] of rows.filter(([, one]) => !isByHandler(one))) {
    const isAbout =
      /\{(environment|id|digest)\}/.test(route.path) &&
      !['list', 'self', 'public', 'instance'].includes(route.at)
    for (const environment of isAbout ? ['production', 'staging'] : ['production']) {
      const cells: string[] = []
      for (const [, credentials] of askers)
        cells.push(await verdict(route, ids[environment] ?? {}, credentials))
      lines.push(line(isAbout ? `${name} ${environment}` : name, cells))
    }
  }
  for (const path of OUTSIDE_THE_TABLE) {
    const cells: string[] = []
    for (const [, credentials] of askers) {
      const answers = await Promise.all(credentials.map((headers) => fetch(`${app.url}${path}`, { headers })))
      cells.push([...new Set(answers.map(({ status, ok }) => (ok ? 'ok' : String(status))))].join('/'))
    }
    lines.push(line(`GET ${path}`, cells))
  }
  return `${lines.join('\n')}\n`
}

const state = () => ({
  events: people.store.events.list({ limit: 1_000, after: null }).filter(({ kind }) => kind !== 'refused'),
  users: people.store.users.list({ limit: 200, after: null }),
  services: people.store.services.list({ limit: 200, after: null }),
})

test('Z01 the verdicts of all routes are the reviewed file, and refusals change nothing', async () => {
  const before = state()
  const ofTheGate = await verdictsOfTheGate()
  expect(state()).toEqual(before)
  const verdicts = ofTheGate + (await verdictsOfHandlers())
  if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, verdicts)
  expect(verdicts).toBe(readFileSync(GOLDEN, 'utf8'))
}, 120_000)

describe('Z02 what one may not read is told like what does not exist', () => {
  const none = 'z'.repeat(20)
  const missing = {
    service: 'nowhere',
    environment: 'nowhere',
    id: none,
    digest: 'f'.repeat(64),
    url: none,
    drift: none,
  }
  const about = rows.filter(([, route]) => !['list', 'self', 'public', 'instance'].includes(route.at))
  const asked = async (route: Route, names: Record<string, string>) => {
    const credentials = askers.find(([who]) => who === 'elsewhere')?.[1][2] ?? {}
    // Reading changes nothing, so it is asked for real.
    const path = route.method === 'get' ? pathOf(route, names).replace(/\?.*/, '') : pathOf(route, names)
    const { status, text } = await app.ask(route.method.toUpperCase(), path, { headers: credentials })
    const told = Object.values(names).reduce(
      (rest, value) => rest.replaceAll(value, '…').replaceAll(value.slice(0, 12), '…'),
      text,
    )
    return { status, told }
  }

  for (const [name, route] of about)
    test(name, async () => {
      const answer = await asked(route, ids.production ?? {})
      expect(answer).toEqual(await asked(route, missing))
      expect(answer.status).toBe(404)
    })

  for (const [name, route] of about.filter(([, { path }]) => /\{(environment|id|digest)\}/.test(path)))
    test(`${name}: a child of another parent`, async () => {
      const own = { service: 'other' }
      const answer = await asked(route, { ...ids.staging, ...own })
      expect(answer).toEqual(await asked(route, { ...missing, ...own }))
      // A digest is no child that the gate looks for: whether the service has it is for the handler to say.
      const isForHandler = route.path.includes('{digest}') && route.method !== 'get'
      expect(answer.status).toBe(isForHandler ? 422 : 404)
    })
})
