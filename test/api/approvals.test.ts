/** Protected environments: a deployment or promotion waits for a second person, and holds up nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Deployment, Problem } from '../../src/contract/shapes.ts'
import { EVERYWHERE } from '../../src/domain/access.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { type Asked, site, startTestApp, type TestApp } from './app.ts'

let app: TestApp
let people: People
let owner: Person
let starter: Person
let second: Person
let viewer: Person
let production = ''
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  starter = await people.person('starter', { role: 'deployer' })
  second = await people.person('second', { role: 'deployer' })
  viewer = await people.person('viewer', { role: 'viewer' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})
/** A service of its own for each test, whose production is protected and has "first" live. */
beforeEach(async () => {
  const name = `web-${++count}`
  production = `/services/${name}/environments/production`
  await ask('POST', '/services', owner.key, { json: { name } })
  await ask('POST', `/services/${name}/environments`, owner.key, { json: { name: 'staging' } })
  expect((await deploy('first', starter.key, '?wait=true')).status).toBe(201)
  expect((await ask('PATCH', production, owner.key, { json: { approval: true } })).status).toBe(200)
})

const ask = async (method: string, path: string, who: Headers, given: Asked = {}) => {
  const { status, body } = await app.ask(method, path, { ...given, headers: { ...who, ...given.headers } })
  return { status, value: body as Deployment, problem: body as Problem }
}
const deploy = (text: string, who: Headers, query = '', place = production) =>
  ask('POST', `${place}/deployments${query}`, who, { body: site(text) })
const approve = (id: string, who: Headers) => ask('POST', `/deployments/${id}/approve`, who)
const show = async (id: string) => (await ask('GET', `/deployments/${id}`, owner.key)).value
const visible = async () => {
  const { value } = await ask('GET', production, owner.key)
  return (value as unknown as { live: { id: string } | null }).live?.id
}
async function ended(id: string): Promise<Deployment> {
  for (;;) {
    const one = await show(id)
    if (one.finishedAt !== null) return one
  }
}

describe('a protected environment', () => {
  test('answers at once that it waits, and goes live when a second person says so', async () => {
    const before = await visible()
    const { status, value } = await deploy('next', starter.key, '?wait=true')
    expect(status).toBe(202)
    expect(value).toMatchObject({ status: 'queued', approval: { state: 'pending', by: null, at: null } })
    expect(await visible()).toBe(before)
    const approved = await approve(value.id, second.key)
    expect(approved.status).toBe(200)
    expect(approved.value.approval).toMatchObject({ state: 'approved', by: { name: 'second@example.com' } })
    expect((await ended(value.id)).status).toBe('succeeded')
    expect(await visible()).toBe(value.id)
  })

  test('is not approved by the starter, nor by a key of his, nor by who may not, nor twice', async () => {
    const { value } = await deploy('next', starter.key)
    for (const own of [starter.key, starter.cookie, starter.jwt, people.key(starter.user)]) {
      const { status, problem } = await approve(value.id, own)
      expect(status).toBe(403)
      expect(problem.hint).toContain('second person')
    }
    expect((await approve(value.id, viewer.key)).status).toBe(403)
    expect((await show(value.id)).approval?.state).toBe('pending')
    expect((await approve(value.id, second.key)).status).toBe(200)
    await ended(value.id)
    expect((await approve(value.id, owner.key)).status).toBe(409)
  })

  test('is not approved by a machine: whoever makes its keys would be his own second person', async () => {
    const now = Date.now()
    const { users, grants } = people.store
    const robot = users.create({
      kind: 'machine',
      login: `robot-${count}`,
      name: 'Robot',
      passwordHash: null,
      now,
    })
    grants.add(robot.id, { role: 'owner', scope: EVERYWHERE, now })
    const { value } = await deploy('next', starter.key)
    const { status, problem } = await approve(value.id, people.key(robot))
    expect([status, problem.detail]).toEqual([403, 'A machine can not approve a deployment.'])
    const machines = await deploy('by a machine', people.key(robot))
    expect((await approve(machines.value.id, second.key)).status).toBe(200)
  })

  test('a promotion waits as well; a rollback waits for nobody, and comes before what waits', async () => {
    await deploy('staged', starter.key, '?wait=true', production.replace('production', 'staging'))
    const promotion = await ask('POST', `${production}/deployments`, starter.key, {
      json: { promoteFrom: 'staging' },
    })
    expect(promotion.value.approval?.state).toBe('pending')
    expect((await approve(promotion.value.id, second.key)).status).toBe(200)
    await ended(promotion.value.id)
    const waiting = await deploy('waits', starter.key)
    const rollback = await ask('POST', `${production}/deployments?wait=true`, starter.key, {
      json: { rollbackTo: 'previous' },
    })
    expect(rollback.status).toBe(201)
    expect(rollback.value.approval).toBeNull()
    expect((await show(waiting.value.id)).status).toBe('superseded')
  })

  test('the newest that waits takes the place of the older one; settings and other environments go on', async () => {
    const older = await deploy('older', starter.key)
    const newer = await deploy('newer', starter.key)
    expect((await show(older.value.id)).status).toBe('superseded')
    expect((await approve(older.value.id, second.key)).status).toBe(409)
    expect((await ask('PATCH', production, owner.key, { json: { htmlHandling: 'none' } })).status).toBe(200)
    const staging = production.replace('production', 'staging')
    expect((await deploy('staged', starter.key, '?wait=true', staging)).status).toBe(201)
    expect((await show(newer.value.id)).status).toBe('queued')
  })

  test('to cancel it is to reject it', async () => {
    const { value } = await deploy('next', starter.key)
    expect((await ask('POST', `/operations/${value.id}/cancel`, second.key)).status).toBe(202)
    expect((await show(value.id)).status).toBe('cancelled')
    expect((await approve(value.id, second.key)).status).toBe(409)
  })

  test('what was accepted under protection keeps needing it when the setting is switched off', async () => {
    const { value } = await deploy('next', starter.key)
    await ask('PATCH', production, owner.key, { json: { approval: false } })
    expect((await show(value.id)).status).toBe('queued')
    const free = await deploy('free', starter.key, '?wait=true')
    expect(free.status).toBe(201)
    expect((await show(value.id)).status).toBe('superseded')
  })

  test('tells who asked and who approved', async () => {
    const { value } = await deploy('next', starter.key)
    await approve(value.id, second.key)
    await ended(value.id)
    const { items } = (await app.ask('GET', '/audit?limit=200&kind=deployment.', { headers: owner.key }))
      .body as { items: { kind: string; operation: string | null; actor: { name: string } }[] }
    const told = items
      .filter((one) => one.operation === value.id)
      .map((one) => `${one.kind} ${one.actor.name}`)
    expect(told).toContain('deployment.approval-requested starter@example.com')
    expect(told).toContain('deployment.approved second@example.com')
  })
})
