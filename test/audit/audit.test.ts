/** The audit against the real app: searched, exported, and read by those who may. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { REFUSED } from '../../src/store/events.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

const now = systemClock.now()
let app: TestApp
let people: People
let owner: Person
let viewer: Person

beforeAll(async () => {
  // Within one minute, of which the number of refusals is bounded.
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  people = new People(app, () => now)
  owner = await people.person('owner', { role: 'owner' })
  viewer = await people.person('viewer', { role: 'viewer' })
  for (const name of ['web', 'docs'])
    await app.ask('POST', '/services', { json: { name }, headers: owner.key })
})
afterAll(async () => {
  people.close()
  await app.stop()
})

interface Entry {
  number: number
  kind: string
  actor: { name: string; address: string | null }
  service: string | null
  data: Record<string, unknown>
}
async function entries(query = '', headers: Headers = owner.cookie): Promise<Entry[]> {
  const { status, body, text } = await app.ask('GET', `/audit?limit=200${query}`, { headers })
  if (status !== 200) throw new Error(text)
  return (body as { items: Entry[] }).items
}

async function ofStrangers(): Promise<number> {
  const { body } = await app.ask('GET', '/audit/refusals', { headers: owner.key })
  const { items } = body as { items: { source: string; count: number }[] }
  return items.reduce((sum, { source, count }) => sum + (source === '127.0.0.1' ? count : 0), 0)
}

describe('a change', () => {
  test('is told with who, from where, before and after', async () => {
    await app.ask('PATCH', '/services/docs', { json: { name: 'handbook' }, headers: owner.key })
    const [newest] = await entries('&kind=service.renamed')
    expect(newest).toMatchObject({
      actor: { kind: 'key', name: 'owner@example.com', address: '127.0.0.1' },
      service: 'handbook',
      data: { before: { name: 'docs' }, after: { name: 'handbook' } },
    })
  })

  test('settings are told as they were and as they are', async () => {
    const path = '/services/web/environments/production'
    await app.ask('PATCH', path, { json: { retain: 3, notFoundHandling: 'none' }, headers: owner.key })
    const [newest] = await entries('&kind=environment.changed')
    expect(newest?.data).toMatchObject({
      before: { retain: 0, notFoundHandling: '404-page' },
      after: { retain: 3, notFoundHandling: 'none' },
    })
  })

  test('addresses are for the audit alone', async () => {
    const { text } = await app.ask('GET', '/events?limit=200', { headers: owner.cookie })
    expect(text).not.toContain('127.0.0.1')
  })
})

describe('a refusal', () => {
  test('of a known actor is a row, and is delivered to nobody', async () => {
    const before = people.store.events.list({ limit: 500, after: null }).length
    expect((await app.ask('DELETE', '/services/web', { headers: viewer.key })).status).toBe(403)
    const [newest] = await entries(`&kind=${REFUSED}`)
    expect(newest).toMatchObject({
      actor: { kind: 'key', name: 'viewer@example.com', address: '127.0.0.1' },
      data: { route: 'services.delete', code: 'forbidden', permission: 'services:delete', service: 'web' },
    })
    expect(people.store.events.list({ limit: 500, after: null })).toHaveLength(before)
    expect((await app.ask('GET', '/events?limit=200', { headers: owner.key })).text).not.toContain(
      '"refused"',
    )
  })

  test('what is hidden from somebody is a refusal, what is not there is none', async () => {
    const web = await people.person('web', { role: 'viewer', scope: people.service('web') })
    const refusals = async () => (await entries(`&kind=${REFUSED}&actor=web@`)).length
    await app.ask('GET', '/services/handbook', { headers: web.key })
    expect(await refusals()).toBe(1)
    await app.ask('GET', '/services/nowhere', { headers: web.key })
    expect(await refusals()).toBe(1)
    const key = people.store.apiKeys.list({ limit: 1, after: null }, owner.user.id)[0]?.id
    for (const hidden of [`/users/${owner.user.id}`, `/api-keys/${key}`])
      expect((await app.ask('GET', hidden, { headers: web.key })).status).toBe(404)
    expect(await refusals()).toBe(3)
    for (const missing of ['users', 'api-keys', 'invitations'])
      await app.ask('DELETE', `/${missing}/${'z'.repeat(20)}`, { headers: web.key })
    expect(await refusals()).toBe(3)
  })

  test('outside of the table is one too', async () => {
    const [counted, rows] = [await ofStrangers(), await entries(`&kind=${REFUSED}&actor=eager2@`)]
    expect(rows).toEqual([])
    const eager = await people.person('eager2')
    expect((await fetch(`${app.url}/metrics`, { headers: eager.key })).status).toBe(403)
    expect((await entries(`&kind=${REFUSED}&actor=eager2@`))[0]?.data).toEqual({
      route: '/metrics',
      code: 'forbidden',
      permission: 'operations:read',
    })
    const foreign = { headers: { ...owner.cookie, origin: 'https://evil.test' } }
    expect((await app.ask('POST', '/services', { ...foreign, json: { name: 'planted' } })).status).toBe(403)
    expect((await fetch(`${app.url}/metrics`)).status).toBe(401)
    expect((await app.ask('GET', '/session', { headers: { host: 'evil.test' } })).status).toBe(421)
    expect(await ofStrangers()).toBe(counted + 3)
  })

  test('of a disabled user names him', async () => {
    const gone = await people.person('gone', { role: 'viewer' })
    people.store.users.setDisabled(gone.user.id, true)
    for (const headers of [gone.cookie, gone.jwt, gone.key])
      expect((await app.ask('GET', '/services', { headers })).status).toBe(401)
    expect(await entries(`&kind=${REFUSED}&actor=gone@`)).toHaveLength(3)
  })

  test('a flood of one actor is bounded, and of strangers a number', async () => {
    const eager = await people.person('eager')
    for (let i = 0; i < 70; i++) await app.ask('GET', '/users', { headers: eager.key })
    const rows = await entries(`&kind=${REFUSED}&actor=eager@`)
    expect(rows).toHaveLength(LIMITS.audit.refusalRowsPerMinute)
    const before = await ofStrangers()
    for (let i = 0; i < 5; i++) await app.ask('GET', '/services')
    expect(await ofStrangers()).toBe(before + 5)
  })
})

describe('reading it', () => {
  test('is for those who may', async () => {
    for (const path of ['/audit', '/audit/export', '/audit/refusals', '/audit/verify'])
      expect((await app.ask('GET', path, { headers: viewer.key })).status).toBe(403)
  })

  test('R18 text is text', async () => {
    for (const q of ['%', '_', "' OR 1=1 --", '"', '\\', '*', 'NEAR('])
      expect(await entries(`&q=${encodeURIComponent(q)}&kind=service.renamed`)).toEqual(
        q === '"' || q === '_' ? expect.anything() : [],
      )
    expect((await entries('&q=HANDBOOK')).length).toBeGreaterThan(0)
  })

  test('times bound it', async () => {
    const all = await entries()
    expect(await entries(`&from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([])
    expect(await entries(`&to=${new Date(Date.now() - 3_600_000).toISOString()}`)).toEqual([])
    expect(
      (await entries(`&from=${new Date(Date.now() - 3_600_000).toISOString()}`)).length,
    ).toBeGreaterThanOrEqual(all.length)
  })

  test('pages lead on to the end, each row once', async () => {
    const numbers: number[] = []
    let cursor = ''
    do {
      const { body } = await app.ask('GET', `/audit?limit=7${cursor}`, { headers: owner.cookie })
      const page = body as { items: Entry[]; next: string | null }
      numbers.push(...page.items.map(({ number }) => number))
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.at(-1)).toBe(1)
  })

  test('its chain is whole, and a head that was noted still stands', async () => {
    const { body } = await app.ask('GET', '/audit/verify', { headers: owner.key })
    expect(body).toMatchObject({ whole: true, findings: [] })
    const { head } = body as { head: { number: number; hash: string } }
    const noted = (hash: string) =>
      app.ask('GET', `/audit/verify?head=${head.number}:${hash}`, { headers: owner.key })
    expect((await noted(head.hash)).body).toMatchObject({ whole: true })
    expect((await noted('0'.repeat(64))).body).toMatchObject({
      whole: false,
      findings: [{ number: head.number, problem: 'another-head' }],
    })
  })
})

describe('exported', () => {
  test('as lines of JSON it is all of it', async () => {
    const { text, headers } = await app.ask('GET', '/audit/export', { headers: owner.key })
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-[\d-]+\.jsonl"$/)
    const lines = text.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as Entry).number)).toEqual(
      [...lines.keys()].map((index) => lines.length - index),
    )
  })

  test('X07 L05 as CSV nothing is a formula, and every row is one', async () => {
    const evil = `=HYPERLINK("https://evil.test")\r\n+1`
    people.store.events.append({
      at: Date.now(),
      kind: '=cmd|calc',
      actor: { kind: 'user', name: '@SUM(A1)', userId: owner.user.id },
      service: { id: 'x', name: evil },
    })
    const { text } = await app.ask('GET', '/audit/export?format=csv', { headers: owner.key })
    const [head, first] = text.split(/\r\n(?=\d+,|number)/)
    expect(head).toBe('number,at,kind,actor,key,address,service,environment,operation,data,hash')
    expect(first).toContain(`,"'=cmd|calc","'@SUM(A1)",`)
    expect(first).toContain(`"'=HYPERLINK(""https://evil.test"")\r\n+1"`)
  })
})
