/** J10 Z11: what a browser adds by itself has to come from our own page; and a use that can't be noted is one still. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Passwords } from '../../src/base/passwords.ts'
import { ROUTES, type Route } from '../../src/contract/routes.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { ask, startTestApp, type TestApp } from '../api/app.ts'
import { freePort } from '../app/program.ts'

const PASSWORD = 'seven boats at anchor'
const changing = Object.entries<Route>(ROUTES).filter(([, { method }]) => method !== 'get')
const pathOf = ({ path }: Route): string =>
  path
    .replace('{service}', 'web')
    .replace('{environment}', 'production')
    .replaceAll(/\{\w+\}/g, 'a'.repeat(20))

describe('Z11 a change with the cookie', () => {
  let app: TestApp
  let people: People
  let ann: Person
  beforeAll(async () => {
    app = await startTestApp()
    await app.ask('POST', '/services', { json: { name: 'web' } })
    people = new People(app)
    ann = await people.person('ann', { role: 'owner' })
    const passwordHash = await new Passwords({ cost: 4 }).hash(PASSWORD)
    people.store.users.setPassword(ann.user.id, passwordHash, systemClock.now())
  })
  afterAll(async () => {
    people.close()
    await app.stop()
  })

  const bare = () => ({ cookie: ann.cookie['cookie'] ?? '' })
  const events = () => people.store.events.list({ limit: 1_000, after: null }).length
  const foreign: [what: string, headers: () => Headers][] = [
    ['without Origin and Fetch metadata', () => ({})],
    ['from another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['from another site of ours', () => ({ 'sec-fetch-site': 'same-site' })],
    ['from a foreign origin', () => ({ origin: 'https://evil.test' })],
    ['from a frame without an origin', () => ({ origin: 'null' })],
    ['from another port', () => ({ origin: app.url.replace(/\d+$/, '1') })],
    ['from a page of the same name', () => ({ origin: `${app.url}.evil.test` })],
    [
      'from a foreign origin that says it is ours',
      () => ({ origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }),
    ],
    ['with a referrer instead', () => ({ referer: `${app.url}/` })],
    ['with a header of scripts instead', () => ({ 'x-requested-with': 'XMLHttpRequest' })],
  ]
  for (const [name, route] of changing.filter(([, { at: where }]) => where !== 'public'))
    test(`${name} comes from our page or not at all`, async () => {
      const before = events()
      const ask = async (headers: Headers) =>
        (await app.ask(route.method.toUpperCase(), pathOf(route), { headers: { ...bare(), ...headers } }))
          .status
      for (const [what, headers] of foreign) expect([what, await ask(headers())]).toEqual([what, 403])
      expect(events()).toBe(before)
    })

  test('our page may, by either sign', async () => {
    for (const [index, headers] of [{ 'sec-fetch-site': 'same-origin' }, { origin: app.url }].entries()) {
      const given = { json: { name: `mine-${index}` }, headers: { ...bare(), ...headers } }
      expect((await app.ask('POST', '/services', given)).status).toBe(201)
    }
  })

  test('nobody is signed in from another page, as somebody else', async () => {
    const proof = { login: 'ann@example.com', password: PASSWORD }
    for (const headers of [{ origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await app.ask('POST', '/session', { json: proof, headers })
      expect(answer.status).toBe(403)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ]) {
      const given = { body: JSON.stringify(proof), headers: { 'content-type': type } }
      const answer = await app.ask('POST', '/session', given)
      expect(answer.status).toBe(415)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  test('a GET changes nothing', async () => {
    const before = events()
    for (const [, route] of Object.entries<Route>(ROUTES).filter(([, { method }]) => method === 'get'))
      await app.ask('GET', pathOf(route), { headers: { ...bare(), 'x-http-method-override': 'DELETE' } })
    expect(events()).toBe(before)
    expect(people.store.services.find('web')).not.toBeNull()
  })
})

describe('J10 a cookie behind HTTPS', () => {
  const data = mkdtempSync(join(tmpdir(), 'fairlead-cookies-'))
  let app: App
  let here: string
  let people: People
  beforeAll(async () => {
    const listen = { hostname: '127.0.0.1', port: await freePort() }
    here = `http://127.0.0.1:${listen.port}/api/v1`
    app = await startApp({
      data,
      listen,
      sitesListen: { hostname: '127.0.0.1', port: 0 },
      url: 'https://fairlead.example.com',
      assets: new Map(),
      passwordCost: 4,
      log: silentLog,
    })
    people = new People({ data, ask: (method, path, given = {}) => ask(`${here}${path}`, method, given) })
  })
  afterAll(async () => {
    people.close()
    await app.stop()
    rmSync(data, { recursive: true })
  })

  const own = { 'sec-fetch-site': 'same-origin' }
  const ANN = { login: 'ann@example.com', password: PASSWORD }
  const signIn = (headers: Headers = {}) => ask(`${here}/session`, 'POST', { json: ANN, headers })
  const read = async (cookie: string) =>
    (await ask(`${here}/services`, 'GET', { headers: { cookie } })).status

  test('J15 before there is an account, a proxy that says nothing of itself lets nobody in', async () => {
    // NGINX names its upstream as Host and adds no header, unless it is told otherwise.
    for (const path of ['/services', '/events', '/operations'])
      expect((await ask(`${here}${path}`, 'GET', {})).status).toBe(401)
    expect((await ask(`${here}/services`, 'POST', { json: { name: 'planted' } })).status).toBe(401)
    expect((await ask(`${here}/setup`, 'GET', {})).body).toEqual({ open: true } as never)
  })

  test('belongs to this host alone, is sent by HTTPS alone, and no script reads it', async () => {
    const code = new URL(app.setUpUrl ?? '').hash.slice(1)
    const answer = await ask(`${here}/setup`, 'POST', { json: { code, ...ANN } })
    expect(answer.status).toBe(201)
    const [line = '', ...more] = answer.headers.getSetCookie()
    expect(more).toEqual([])
    expect(line).toMatch(
      /^__Host-fairlead=fs_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=(Lax|Strict); Secure$/,
    )
    expect(await read(line.split(';', 1)[0] ?? '')).toBe(200)
  })

  test('that a subdomain has planted is nobody’s', async () => {
    const secret = (await signIn()).headers.getSetCookie()[0]?.replace(/^__Host-fairlead=([^;]*).*/, '$1')
    expect(await read(`__Host-fairlead=${secret}`)).toBe(200)
    for (const cookie of [`fairlead=${secret}`, `__Secure-fairlead=${secret}`, `__host-fairlead=${secret}`])
      expect(await read(cookie)).toBe(401)
    expect(await read(`fairlead=fs_planted; __Host-fairlead=${secret}`)).toBe(200)
  })

  test('is another one after each sign-in, whatever was there before', async () => {
    const planted = `__Host-fairlead=fs_${'A'.repeat(43)}`
    const answer = await signIn({ ...own, cookie: planted })
    const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    expect(cookie).not.toBe(planted)
    expect([await read(planted), await read(cookie)]).toEqual([401, 200])
    const again = await signIn({ ...own, cookie })
    expect(again.headers.getSetCookie()[0]).not.toContain(cookie)
  })

  test('goes when the session is ended', async () => {
    const cookie = (await signIn()).headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const answer = await ask(`${here}/session`, 'DELETE', { headers: { ...own, cookie } })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-fairlead=; Path=\/; Max-Age=0; .*Secure$/)
    expect(await read(cookie)).toBe(401)
  })
})
