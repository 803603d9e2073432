/** Z10 J07: what is withdrawn holds at once, for what is under way too. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { archiveOf, site, startTestApp, type TestApp } from '../api/app.ts'
import { People, type Person } from './people.ts'

const PLACE = '/services/web/environments/production/deployments'
let app: TestApp
let people: People
let ann: Person
let owner: Person
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  await app.ask('POST', `${PLACE}?wait=true`, { body: site('first') })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})
beforeEach(async () => {
  ann = await people.person(`ann${++count}`, { role: 'deployer' })
})

const live = async (): Promise<string> =>
  await (await fetch(`${app.sitesUrl}/`, { headers: { host: 'production.web.localhost' } })).text()

interface Stalled {
  body: ReadableStream<Uint8Array>
  half: Promise<void>
  letGo: () => void
}

const archive = () =>
  stalled(archiveOf({ 'index.html': '<h1>too late</h1>', 'rest.txt': 'x'.repeat(100_000) }))

/** A body that stops half way until it is let go. */
function stalled(whole: Uint8Array): Stalled {
  const middle = Math.floor(whole.length / 2)
  const half = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  let part = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (part++ === 0) return controller.enqueue(whole.subarray(0, middle))
      half.resolve()
      await go.promise
      controller.enqueue(whole.subarray(middle))
      controller.close()
    },
  })
  return { body, half: half.promise, letGo: () => go.resolve() }
}

const WAYS: [what: string, withdraw: () => void, status: number][] = [
  ['the role was taken', () => people.store.grants.removeAll(ann.user.id), 404],
  ['the user was disabled', () => people.store.users.setDisabled(ann.user.id, true), 401],
  [
    'the key was revoked',
    () => {
      for (const { id } of people.store.apiKeys.list({ limit: 10, after: null }, ann.user.id))
        people.store.apiKeys.revoke(id, systemClock.now())
    },
    401,
  ],
]

describe('Z10 during an upload', () => {
  for (const [what, withdraw, status] of WAYS)
    test(`${what}: ${status}, and nothing is deployed`, async () => {
      const { body, half, letGo } = archive()
      const answer = app.ask('POST', `${PLACE}?wait=true`, { body, headers: ann.key })
      await half
      withdraw()
      letGo()
      expect((await answer).status).toBe(status)
      expect(await live()).toContain('first')
      expect(await app.staging()).toEqual([])
    })
})

describe('Z10 during a JSON body', () => {
  for (const [what, withdraw, status] of WAYS)
    test(`${what}: ${status}, and nothing is changed`, async () => {
      people.store.grants.add(ann.user.id, { role: 'admin', scope: people.service('web'), now: 0 })
      const { body, half, letGo } = stalled(new TextEncoder().encode('{"name":          "planted"}'))
      const headers = { ...ann.key, 'content-type': 'application/json' }
      const answer = app.ask('PATCH', '/services/web', { body, headers })
      await half
      withdraw()
      letGo()
      expect((await answer).status).toBe(status)
      expect(people.store.services.find('web')).not.toBeNull()
    })
})

describe('Z10 while waiting for the end of a deployment', () => {
  for (const [what, withdraw, status] of WAYS)
    test(`${what}: ${status}, and nothing of it is told`, async () => {
      const { operations } = people.store
      const { serviceId, environmentId } = people.environment('web', 'production')
      const given = { kind: 'site-repair', serviceId: serviceId ?? '', environmentId } as const
      const before = operations.create({ ...given, actor: LOCAL_ACTOR, now: 0 })
      operations.start(before.id, 0)
      const answer = app.ask('POST', `${PLACE}?wait=true`, { body: site('secret'), headers: ann.key })
      const [id] = await untilTrue(() =>
        operations.openOf(serviceId ?? '').flatMap((row) => (row.status === 'queued' ? [row.id] : [])),
      )
      withdraw()
      expect((await app.ask('POST', `/operations/${id}/cancel`, { headers: owner.key })).status).toBe(202)
      const told = await answer
      expect(told.status).toBe(status)
      expect(told.text).not.toContain(id ?? '')
      operations.end(before.id, { status: 'failed', now: 0 })
    })
})

/** Looks until something is found. */
async function untilTrue<T>(look: () => T[]): Promise<T[]> {
  for (;;) {
    const found = look()
    if (found.length > 0) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('J07 after the withdrawal', () => {
  const withdrawals: [what: string, withdraw: () => void][] = [
    ['the user was disabled', () => people.store.users.setDisabled(ann.user.id, true)],
    ['the user was deleted', () => people.store.users.markDeleted(ann.user.id, systemClock.now())],
    ['all sessions were ended', () => void people.store.sessions.endAll(ann.user.id)],
  ]
  for (const [what, withdraw] of withdrawals)
    test(`${what}: cookie and token are nobody's`, async () => {
      for (const headers of [ann.cookie, ann.jwt])
        expect((await app.ask('GET', '/services', { headers })).status).toBe(200)
      withdraw()
      for (const headers of [ann.cookie, ann.jwt])
        expect((await app.ask('GET', '/services', { headers })).status).toBe(401)
    })

  test('a role that was taken is gone with the next request', async () => {
    expect((await app.ask('GET', '/services/web', { headers: ann.key })).status).toBe(200)
    people.store.grants.removeAll(ann.user.id)
    expect((await app.ask('GET', '/services/web', { headers: ann.key })).status).toBe(404)
    expect((await app.ask('GET', '/services', { headers: ann.key })).body).toMatchObject({ items: [] })
  })
})
