/** What holds for every route because it is said in the table; the cases are made from it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { isPreconditioned, problemsOf } from '../../src/api/openapi/operation.ts'
import { openApi } from '../../src/api/openapi.ts'
import { systemClock } from '../../src/base/clock.ts'
import { FAULT_CODES } from '../../src/base/fault.ts'
import { PROBLEMS } from '../../src/contract/problem.ts'
import { ROUTES, type Route } from '../../src/contract/routes.ts'
import { type Headers, People } from '../access/people.ts'
import { type Asked, site, startTestApp, type TestApp } from './app.ts'

let app: TestApp
let people: People
/** Credentials of an owner; a session, since some routes are for persons alone. */
let owner: Headers
beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  const path = '/services/web/environments/production/deployments?wait=true'
  const { body } = await app.ask('POST', path, { body: site('table') })
  NAMES.id = (body as { id: string }).id
  NAMES.digest = (body as { bundle: string }).bundle
  const name = { json: { hostname: 'docs.example.com', dns: 'none' } }
  const url = await app.ask('POST', '/services/web/environments/production/urls?wait=true', name)
  NAMES.url = (url.body as { id: string }).id
  people = new People(app)
  const { user, jwt } = await people.person('owner', { role: 'owner' })
  owner = jwt
  people.key(user)
  const scope = people.service('web')
  NAMES.user = people.store.users.create({
    kind: 'machine',
    login: 'ci',
    name: 'CI',
    passwordHash: null,
    now: systemClock.now(),
  }).id
  NAMES.grant = people.store.grants.add(NAMES.user, { role: 'viewer', scope, now: systemClock.now() }).id
  NAMES.drift = people.store.drifts.create(
    {
      kind: 'site-foreign',
      thing: 'docs.example.com in /etc/nginx/other.conf',
      serviceId: null,
      environmentId: null,
      urlId: null,
      diff: [],
      revertable: false,
      adoptable: false,
      why: 'Take the name out of that line.',
    },
    systemClock.now(),
  ).id
  NAMES.key = people.store.apiKeys.list({ limit: 9, after: null }, user.id).at(-1)?.id ?? ''
})
afterAll(async () => {
  people.close()
  await app.stop()
})

const rows = Object.entries<Route>(ROUTES)
const NAMES: Record<string, string> = { service: 'web', environment: 'production', name: 'viewer' }
/** Ids are of what the path begins with. */
const ID_OF: [RegExp, string][] = [
  [/^\/users\//, 'user'],
  [/^\/api-keys\//, 'key'],
  [/^\/urls\//, 'url'],
  [/^\/drift\//, 'drift'],
]
const pathOf = ({ path }: Route, names = NAMES): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const known = name === 'id' ? ID_OF.find(([start]) => start.test(path))?.[1] : undefined
    return names[known ?? name] ?? ''
  })
const ask = (route: Route, path: string, given: Asked = {}) =>
  app.ask(route.method.toUpperCase(), path, { ...given, headers: { ...owner, ...given.headers } })
const takesJson = (route: Route): boolean => route.body !== undefined && route.body.kind !== 'archive'

const events = async (): Promise<number> => {
  const { items } = (await app.ask('GET', '/events?limit=200', { headers: owner })).body as {
    items: unknown[]
  }
  return items.length
}

describe('OpenAPI', () => {
  const document = openApi('1.2.3') as {
    openapi: string
    paths: Record<string, Record<string, Operation>>
    components: { schemas: object }
  }
  interface Operation {
    operationId: string
    'x-permission': string | null
    parameters: { name: string; in: string }[]
    requestBody?: { content: object }
    responses: Record<string, unknown>
  }

  test('is answered, and is 3.1', async () => {
    expect(document.openapi).toBe('3.1.0')
    const { status, body } = await app.ask('GET', '/openapi.json')
    expect(status).toBe(200)
    expect(Object.keys((body as typeof document).paths)).toEqual(Object.keys(document.paths))
  })

  test('every reference leads somewhere', () => {
    const found = JSON.stringify(document).match(/"#\/components\/schemas\/[^"]+"/g) ?? []
    const names = new Set(found.map((ref) => ref.slice('"#/components/schemas/'.length, -1)))
    expect(names.size).toBeGreaterThan(15)
    expect([...names].filter((name) => !Object.hasOwn(document.components.schemas, name))).toEqual([])
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  for (const [name, route] of rows)
    test(`${name} stands in it with its permission, fields and problems`, () => {
      const operation = document.paths[`/api/v1${route.path}`]?.[route.method]
      expect(operation?.operationId).toBe(name)
      expect(operation?.['x-permission']).toBe(route.need)
      const inPlace = (place: string) =>
        operation?.parameters.filter((field) => field.in === place).map((field) => field.name)
      expect(inPlace('path')).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))
      expect(inPlace('query')).toEqual(Object.keys(route.query?.shape ?? {}))
      expect(operation?.requestBody === undefined).toBe(route.body === undefined)
      for (const code of problemsOf(route))
        expect(Object.keys(operation?.responses ?? {})).toContain(String(PROBLEMS[code].status))
    })

  test('each problem code has its status and its line on /docs/problems', async () => {
    const page = await (await fetch(`${app.url}/docs/problems`)).text()
    for (const code of FAULT_CODES) expect(page).toContain(`id="${code}"`)
  })
})

describe('Z04 unknown fields are refused', () => {
  // What an identity provider adds to the way back is its own business.
  const closed = rows.filter(([, { query }]) => !(query?.def.catchall instanceof z.ZodUnknown))
  for (const [name, route] of closed)
    test(`${name}: in the query`, async () => {
      for (const field of ['unknown', '__proto__', 'constructor', 'toString']) {
        const { status, body } = await ask(route, `${pathOf(route)}?${field}=1`)
        expect(status).toBe(422)
        expect(body).toMatchObject({ code: 'invalid', errors: [{ field, message: 'is not a field here' }] })
      }
    })

  for (const [name, route] of rows.filter(([, row]) => takesJson(row)))
    test(`${name}: in the body`, async () => {
      const before = await events()
      for (const field of ['isAdmin', 'id', 'createdAt', 'constructor']) {
        const { status, body } = await ask(route, pathOf(route), { json: { [field]: 1 } })
        expect(status).toBe(422)
        expect((body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field)
      }
      expect(await events()).toBe(before)
    })

  for (const [name, route] of rows.filter(([, row]) => row.query))
    test(`${name}: a field that is there twice`, async () => {
      const field = Object.keys(route.query?.shape ?? {})[0]
      expect((await ask(route, `${pathOf(route)}?${field}=1&${field}=1`)).status).toBe(422)
    })
})

describe('Z08 R19 the path', () => {
  const hostile = [
    '..%2f..%2fetc',
    '%2e%2e%2f',
    'a%2Fb',
    'WEB',
    'web%00',
    'web;x',
    '%ff',
    'x'.repeat(300),
    "web'--",
    '%F0%9F%92%A9',
  ]
  for (const [name, route] of rows.filter(([, row]) => row.params))
    test(`${name}: a name that is none is not found`, async () => {
      for (const text of hostile) {
        const names = Object.fromEntries(Object.keys(NAMES).map((key) => [key, text]))
        const { status, text: answer } = await ask(route, pathOf(route, names))
        expect(status).toBe(404)
        expect(answer).not.toContain('root:')
      }
    })

  for (const [name, route] of rows)
    test(`${name}: no other spelling`, async () => {
      for (const path of [`${pathOf(route)}/`, `/${pathOf(route)}`, pathOf(route).toUpperCase()])
        expect((await ask(route, path)).status).toBe(404)
    })

  const patternOf = (row: Route) => new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
  const paths = Map.groupBy(rows, ([, row]) => row.path)
  for (const [path, same] of paths)
    test(`${path}: other methods are a 405 that tells which there are`, async () => {
      const known = same.map(([, row]) => row.method.toUpperCase())
      const all = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT']
      // A word of the path may be read as a name by another row, which answers for its own methods then.
      const isNamed = (method: string) =>
        path === '/invitations/accept' ||
        rows.some(([, row]) => row.method.toUpperCase() === method && patternOf(row).test(path))
      const missing = all.filter((method) => !known.includes(method) && !isNamed(method))
      for (const method of missing) {
        const answer = await app.ask(method, pathOf(same[0]?.[1] as Route)) // a group has at least one
        expect(answer.status).toBe(405)
        expect(answer.headers.get('allow')?.split(', ')).toEqual(
          expect.arrayContaining([...known, 'OPTIONS']),
        )
      }
      const options = await app.ask('OPTIONS', pathOf(same[0]?.[1] as Route)) // ditto
      expect(options.status).toBe(204)
    })
})

describe('Z11 changes come from our own page or a script', () => {
  for (const [name, route] of rows.filter(([, row]) => row.method !== 'get'))
    test(name, async () => {
      const before = await events()
      const given = takesJson(route) ? { json: { name: 'planted' } } : {}
      const foreign: Record<string, string>[] = [
        { origin: 'https://evil.test' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ]
      for (const headers of foreign)
        expect((await ask(route, pathOf(route), { ...given, headers })).status).toBe(403)
      expect(await events()).toBe(before)
    })

  for (const [name, route] of rows.filter(([, row]) => row.body?.kind === 'json'))
    test(`${name}: JSON as application/json only`, async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ])
        expect(
          (await ask(route, pathOf(route), { body: '{}', headers: { 'content-type': type } })).status,
        ).toBe(415)
    })

  for (const [name, route] of rows.filter(([, row]) => !row.body && row.method !== 'get'))
    test(`${name}: takes no body`, async () =>
      expect((await ask(route, pathOf(route), { json: { force: true } })).status).toBe(422))
})

describe('R17 R18 fields', () => {
  for (const [name, route] of rows.filter(([, row]) => row.query?.shape['cursor']))
    test(`${name}: a cursor that this list did not answer`, async () => {
      const forged = [
        'x',
        '%00',
        'e30',
        Buffer.from('{"list":"other","after":1}').toString('base64url'),
        '1%27%20OR%201=1',
        '9223372036854775808',
        '-1',
        '1e3',
        'a'.repeat(501),
      ]
      for (const cursor of forged) {
        const { status, text } = await ask(route, `${pathOf(route)}?cursor=${cursor}`)
        expect(status).toBe(422)
        expect(text).not.toContain('SQL')
      }
    })

  for (const [name, route] of rows.filter(([, row]) => row.query?.shape['limit']))
    test(`${name}: a limit out of bounds`, async () => {
      for (const limit of ['0', '-1', '201', '1.5', 'x', '', '9223372036854775808', 'NaN'])
        expect((await ask(route, `${pathOf(route)}?limit=${limit}`)).status).toBe(422)
    })

  for (const [name, route] of rows.filter(([, row]) => row.body?.kind === 'json'))
    test(`${name}: hostile JSON`, async () => {
      for (const body of [
        '',
        '[',
        '{"a":1,"a":2}',
        '"\\ud800"',
        '\uFEFF{}',
        '['.repeat(100_000),
        '{"__proto__":{"x":1}}',
      ]) {
        const { status } = await ask(route, pathOf(route), {
          body,
          headers: { 'content-type': 'application/json' },
        })
        expect([400, 413, 422]).toContain(status)
      }
      expect('x' in {}).toBe(false)
    })
})

/**
 * Sessions, grants, invitations, factors and bundles are made and ended, and never changed in between: there is no
 * revision to match. The name of a passkey is for its owner alone.
 */
const NEVER_CHANGE =
  /^\/(session|profile\/(sessions|totp|passkeys|identities)|users\/\{id\}\/(grants|sessions|factors)|invitations|services\/\{service\}\/bundles)(\/|$)/

test('R10 every PATCH and DELETE of a thing honours If-Match', () => {
  const changes = rows.filter(
    ([, row]) => (row.method === 'patch' || row.method === 'delete') && !NEVER_CHANGE.test(row.path),
  )
  expect(changes.filter(([, row]) => !isPreconditioned(row)).map(([name]) => name)).toEqual([])
})
