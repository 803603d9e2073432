/** R15, R16, R18: whatever stands in any field of any row is text, and takes time in proportion to its length. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import { type Headers, People } from '../access/people.ts'
import { CHANGES } from '../audit/changes.ts'
import { type Case, Stage } from '../audit/stage.ts'
import { startTestApp, type TestApp } from './app.ts'

interface Running {
  app: TestApp
  stage: Stage
  /** An API key of the owner. */
  reader: Headers
  stop: () => Promise<void>
}

async function started(): Promise<Running> {
  const app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  const stage = new Stage(app, new People(app))
  const { path, given = {} } = await CHANGES['setup.complete'].call(stage)
  await app.ask('POST', path, given)
  stage.owner = await stage.signedIn()
  const owner = stage.people.store.users.named('ann@example.com')
  if (!owner) throw new Error('the owner is gone')
  const stop = async () => {
    stage.people.close()
    stage.issuer.stop()
    await app.stop()
  }
  return { app, stage, reader: stage.people.key(owner), stop }
}

let app: TestApp
let stage: Stage
let reader: Headers
let stop: () => Promise<void>
beforeAll(async () => {
  const running = await started()
  app = running.app
  stage = running.stage
  reader = running.reader
  stop = running.stop
})
afterAll(() => stop())

const SQL = [
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '" OR 1=1 --',
  "x' UNION SELECT password_hash FROM users --",
  '\\',
  '%',
  '_%_',
  '*',
  'a* OR b NEAR(c d)',
  '(SELECT 1)',
  '?1',
  ':a',
  '9223372036854775808',
  '-1',
  '1.5',
  '1e3',
  'NULL',
  '\u0000',
  "x\u0000' OR 1=1 --",
  '\u{1F4A9}\u202E\uFEFF',
]
const OBJECTS = [
  '__proto__',
  'constructor',
  'prototype',
  'tostring',
  'valueof',
  'hasownproperty',
  'then',
  'length',
]
/** Doubled where a pattern might look back: the square of 100,000 takes minutes. */
const PIECES = [
  'a',
  'a.',
  'a-',
  '-',
  '.',
  ' ',
  '@',
  'a@',
  '/',
  '../',
  '%2e',
  '"',
  '\\',
  '\n',
  '=',
  '0',
  ':',
  '1:',
  'é',
  '\u0301',
]
const LONG = PIECES.map((piece) => piece.repeat(Math.ceil(100_000 / piece.length)))

/** The same value with one of its texts replaced, for each of its texts. */
function withText(value: unknown, text: string): unknown[] {
  if (typeof value === 'string') return [text]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    withText(inner, text).map((other) =>
      Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other },
    ),
  )
}

/** Signs of a mistake of ours, or of somebody else's rows. */
function expectSound(where: unknown[], { status, text }: { status: number; text: string }): void {
  const leaks = /SQLITE|syntax error|no such (table|column)|\$2[aby]\$|at .*\.ts:\d/i.exec(text)?.[0] ?? null
  expect([...where, status >= 500, leaks]).toEqual([...where, false, null])
}

const withJson = Object.entries<Case>(CHANGES).filter(([name]) => {
  const { body }: Route = ROUTES[name as RouteName] // a key of the table, says its type
  return body !== undefined && body.kind !== 'archive' && name !== 'setup.complete'
})

describe('R15 R16 R18 in a field of a body', () => {
  for (const [name, { call }] of withJson)
    test(name, async () => {
      const fresh = await started()
      const route: Route = ROUTES[name as RouteName] // ditto
      const { path, given = {} } = await call(fresh.stage)
      const headers = { ...(route.at !== 'public' && fresh.stage.owner), ...given.headers }
      const answers = async (text: string) => {
        const all = withText(given.json, text)
        return await Promise.all(
          all.map((json) => fresh.app.ask(route.method.toUpperCase(), path, { headers, json })),
        )
      }
      for (const text of LONG)
        for (const answer of await answers(text)) {
          expectSound([name, text.slice(0, 4)], answer)
          expect([400, 401, 403, 404, 409, 413, 422, 429]).toContain(answer.status)
        }
      for (const text of [...SQL, ...OBJECTS])
        for (const answer of await answers(text)) expectSound([name, text], answer)
      expect(Object.keys(Object.prototype)).toEqual([])
      expectWhole(fresh)
      await fresh.stop()
    }, 60_000)
})

function expectWhole({ stage: { people } }: Pick<Running, 'stage'>): void {
  const { db, users } = people.store
  expect(users.named('ann@example.com')).not.toBeNull()
  expect(db.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  expect(db.all('PRAGMA foreign_key_check')).toEqual([])
}

describe('R15 R16 R18 in a field of the query', () => {
  const fields = Object.entries<Route>(ROUTES).flatMap(([name, route]) =>
    route.method === 'get'
      ? Object.keys(route.query?.shape ?? {}).map((field) => [name, route, field] as const)
      : [],
  )
  for (const [name, route, field] of fields)
    test(`${name}: ${field}`, async () => {
      const path = route.path
        .replace('{service}', 'web')
        .replace('{environment}', 'production')
        .replaceAll(/\{\w+\}/g, 'a'.repeat(20))
      for (const text of [...SQL, ...OBJECTS, ...LONG.map((long) => long.slice(0, 2_000))]) {
        const answer = await app.ask('GET', `${path}?${new URLSearchParams({ [field]: text })}`, {
          headers: reader,
        })
        expectSound([name, field, text.slice(0, 40)], answer)
      }
    })
})

describe('R15 R16 in a header', () => {
  const names = [
    'accept',
    'accept-encoding',
    'accept-language',
    'authorization',
    'content-type',
    'cookie',
    'idempotency-key',
    'if-match',
    'if-none-match',
    'last-event-id',
    'origin',
    'range',
    'referer',
    'sec-fetch-site',
    'user-agent',
    'x-forwarded-for',
    'forwarded',
    'constructor',
    'prototype',
  ]
  for (const name of names)
    test(name, async () => {
      for (const piece of [
        'a',
        'a,',
        'a;',
        ';',
        ',',
        ' ,',
        '"',
        'a=',
        'bytes=0-',
        '0-,',
        'W/',
        'for=',
        '*/*,',
        'q=0.',
        '\t',
        '::',
      ])
        for (const [method, path, given] of [
          ['GET', '/services', {}],
          ['POST', '/services', { json: { name: 'x' } }],
        ] as const) {
          const headers = { ...reader, [name]: piece.repeat(6_000 / piece.length) }
          expectSound([name, piece, method], await app.ask(method, path, { ...given, headers }))
        }
    })
})

test('R15 names that objects have are names like others', async () => {
  const headers = stage.owner
  const name = 'constructor'
  const ask = async (method: string, path: string, json?: object) =>
    (await app.ask(method, path, { headers, ...(json && { json }) })).status
  expect(await ask('GET', `/roles/${name}`)).toBe(404)
  expect(await ask('POST', '/api-keys', { name: 'x', permissions: [name] })).toBe(404)
  expect(await ask('POST', '/users', { login: 'prototype@example.com', role: name })).toBe(404)
  expect(await ask('POST', '/roles', { name, permissions: ['services:read'] })).toBe(201)
  expect(await ask('POST', '/services', { name })).toBe(201)
  expect(await ask('POST', `/services/${name}/environments`, { name })).toBe(201)
  const granted = { login: 'prototype@example.com', role: name, service: name, environment: name }
  expect(await ask('POST', '/users', granted)).toBe(201)
  expect(await ask('PATCH', `/services/${name}/environments/${name}`, { name: 'valueof' })).toBe(200)
  expect(await ask('GET', `/services/${name}/environments/valueof`)).toBe(200)
  expectWhole({ stage })
})
