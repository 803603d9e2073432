/** Z09 J17: nobody gives, changes or takes what he does not hold himself, and somebody may do everything always. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Grant, Invitation, User } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

let app: TestApp
let people: People
let owner: Person
let admin: Person
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  for (const name of ['web', 'other']) await app.ask('POST', '/services', { json: { name } })
  await app.ask('POST', '/services/web/environments', { json: { name: 'staging' } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  admin = await people.person('admin', { role: 'admin' })
  people.store.roles.create('people', ['users:create', 'users:read', 'users:update', 'users:delete'], 0)
})
afterAll(async () => {
  people.close()
  await app.stop()
})

const ask = async <T>(headers: Headers, method: string, path: string, json?: unknown) => {
  const answer = await app.ask(method, path, { headers, ...(json !== undefined && { json }) })
  return { ...answer, value: answer.body as T, problem: answer.body as Problem }
}
const fresh = (name = 'user') => `${name}${++count}`
const state = () => ({
  events: people.store.events
    .list({ limit: 1_000, after: null })
    .filter(({ kind }) => kind !== 'refused' && kind !== 'session.opened'),
  users: people.store.users.list({ limit: 200, after: null }),
  roles: people.store.roles.list(),
  invitations: people.store.invitations.list({ limit: 200, after: null }, 0),
})
/** All of them are refused, and nothing has happened. */
async function refused(
  headers: Headers,
  calls: [method: string, path: string, json?: object][],
  problem: object = { status: 403, code: 'forbidden' },
): Promise<void> {
  const before = state()
  for (const [method, path, json] of calls) {
    const answer = await ask(headers, method, path, json)
    expect({ method, path, json, ...answer.problem }).toMatchObject({ method, path, ...problem })
  }
  expect(state()).toEqual(before)
}

describe('an admin', () => {
  let invitation: Invitation
  let grant: string
  beforeAll(async () => {
    const json = { login: 'heir@example.com', role: 'owner' }
    invitation = (await ask<Invitation>(owner.key, 'POST', '/invitations', json)).value
    grant = people.store.grants.of(owner.user.id)[0]?.id ?? ''
  })

  test('makes no owner, neither of himself nor of anybody', async () => {
    const { user } = await people.person(fresh())
    await refused(admin.cookie, [
      ['POST', `/users/${admin.user.id}/grants`, { role: 'owner' }],
      ['POST', `/users/${admin.user.id}/grants`, { role: 'owner', service: 'web' }],
      ['POST', `/users/${user.id}/grants`, { role: 'owner' }],
      ['POST', '/users', { login: `${fresh()}@example.com`, role: 'owner' }],
      ['POST', '/users', { login: fresh('machine-'), kind: 'machine', role: 'owner' }],
      ['POST', '/invitations', { login: `${fresh()}@example.com`, role: 'owner' }],
      ['POST', '/roles', { name: fresh('role-'), permissions: ['services:read'] }],
    ])
    const { problem } = await ask(admin.key, 'POST', `/users/${user.id}/grants`, { role: 'owner' })
    expect(problem).toMatchObject({
      detail: expect.stringContaining('give the role "owner"'),
      missing: ['roles:create', 'roles:update', 'roles:delete'],
    })
  })

  test('does nothing to an owner', async () => {
    const path = `/users/${owner.user.id}`
    await refused(admin.cookie, [
      ['PATCH', path, { disabled: true }],
      ['PATCH', path, { name: 'Nobody' }],
      ['DELETE', path],
      ['DELETE', `${path}/sessions`],
      ['DELETE', `${path}/grants/${grant}`],
      ['POST', `${path}/password-reset`],
      ['DELETE', `/invitations/${invitation.id}`],
      ['POST', '/invitations', { login: 'heir@example.com', role: 'viewer' }],
    ])
  })

  test('does everything to those who may no more than he', async () => {
    const { user } = await people.person(fresh(), { role: 'admin' })
    const path = `/users/${user.id}`
    const given = await ask<Grant>(admin.key, 'POST', `${path}/grants`, { role: 'admin', service: 'web' })
    expect(given.status).toBe(201)
    for (const [method, more, json] of [
      ['DELETE', `/grants/${given.value.id}`],
      ['POST', '/password-reset'],
      ['DELETE', '/sessions'],
      ['PATCH', '', { disabled: true }],
      ['PATCH', '', { disabled: false }],
      ['DELETE', ''],
    ] as const)
      expect((await ask(admin.key, method, `${path}${more}`, json)).status).toBeLessThan(300)
  })
})

describe('who looks after people and one service', () => {
  let helper: Person
  beforeEach(async () => {
    helper = await people.person(
      fresh('helper'),
      { role: 'people' },
      { role: 'deployer', scope: people.service('web') },
    )
  })

  test('gives what he holds there, and nothing more', async () => {
    const { user } = await people.person(fresh())
    const path = `/users/${user.id}/grants`
    for (const json of [
      { role: 'deployer', service: 'web' },
      { role: 'deployer', service: 'web', environment: 'staging' },
      { role: 'viewer', service: 'web' },
      { role: 'people' },
    ])
      expect((await ask(helper.cookie, 'POST', path, json)).status).toBe(201)
    await refused(helper.cookie, [
      ['POST', path, { role: 'admin', service: 'web' }],
      ['POST', path, { role: 'viewer' }],
      ['POST', path, { role: 'deployer' }],
    ])
  })

  test('Z02 learns nothing of other services, neither by giving nor by looking', async () => {
    const { user } = await people.person(fresh(), { role: 'viewer', scope: people.service('other') })
    const grant = people.store.grants.of(user.id)[0]?.id
    for (const [path, more] of [
      [`/users/${user.id}/grants`, {}],
      ['/users', { login: `${fresh()}@example.com` }],
      ['/invitations', { login: `${fresh()}@example.com` }],
    ] as const)
      for (const environment of [undefined, 'production']) {
        const json = { role: 'viewer', environment, ...more }
        const missing = await ask(helper.cookie, 'POST', path, { ...json, service: 'nowhere' })
        const hidden = await ask(helper.cookie, 'POST', path, { ...json, service: 'other' })
        expect(missing.status).toBe(404)
        expect(hidden).toMatchObject({ status: 404, text: missing.text.replaceAll('nowhere', 'other') })
      }
    const { value } = await ask<User>(helper.cookie, 'GET', `/users/${user.id}`)
    expect(value.grants).toEqual([])
    const { value: list } = await ask<{ items: User[] }>(helper.cookie, 'GET', '/users?limit=200')
    expect(list.items.find(({ id }) => id === user.id)?.grants).toEqual([])
    const hidden = await ask(helper.cookie, 'DELETE', `/users/${user.id}/grants/${grant}`)
    const missing = await ask(helper.cookie, 'DELETE', `/users/${user.id}/grants/${'z'.repeat(20)}`)
    expect(hidden).toMatchObject({ status: 404, text: missing.text })
    await ask(owner.key, 'POST', '/invitations', { login: 'x@example.com', role: 'viewer', service: 'other' })
    const invitations = await ask<{ items: Invitation[] }>(helper.cookie, 'GET', '/invitations?limit=200')
    expect(invitations.value.items.filter(({ service }) => service === 'other')).toEqual([])
    expect(invitations.text).not.toContain('x@example.com')
  })

  test('does nothing to who may do something elsewhere', async () => {
    const { user } = await people.person(fresh(), { role: 'viewer', scope: people.service('other') })
    await refused(helper.cookie, [
      ['PATCH', `/users/${user.id}`, { disabled: true }],
      ['POST', `/users/${user.id}/password-reset`],
      ['DELETE', `/users/${user.id}/sessions`],
      ['DELETE', `/users/${user.id}`],
    ])
  })
})

test('J18 a key does no more than its bounds, whoever owns it', async () => {
  const { user } = await people.person(fresh())
  const permissions = ['users:read', 'users:update', 'users:create', 'services:read'] as const
  const key = people.key(owner.user, { permissions })
  await refused(key, [
    ['POST', `/users/${user.id}/grants`, { role: 'viewer' }],
    ['POST', `/users/${owner.user.id}/grants`, { role: 'viewer' }],
    ['POST', '/invitations', { login: `${fresh()}@example.com`, role: 'viewer' }],
    ['POST', '/users', { login: `${fresh()}@example.com`, role: 'deployer', service: 'web' }],
    ['PATCH', `/users/${admin.user.id}`, { disabled: true }],
    ['POST', `/users/${admin.user.id}/password-reset`],
    ['DELETE', `/users/${user.id}`],
  ])
  expect((await ask(key, 'POST', '/users', { login: `${fresh()}@example.com` })).status).toBe(201)
})

describe('the last owner', () => {
  const last = { status: 409, code: 'conflict', detail: expect.stringContaining('last owner') }
  const ends = (person: Person): [string, string, object?][] => {
    const path = `/users/${person.user.id}`
    const grant = people.store.grants.of(person.user.id).find(({ role }) => role === 'owner')
    return [
      ['PATCH', path, { disabled: true }],
      ['DELETE', path],
      ['DELETE', `${path}/grants/${grant?.id}`],
    ]
  }

  test('stays, whoever else there is that is none', async () => {
    const { store } = people
    await people.person(fresh(), { role: 'owner', scope: people.service('web') })
    const disabled = await people.person(fresh(), { role: 'owner' })
    store.users.setDisabled(disabled.user.id, true)
    const name = fresh('robot-')
    await ask(owner.key, 'POST', '/users', { kind: 'machine', login: name, role: 'owner' })
    await refused(owner.cookie, ends(owner), last)
    // Who is disabled already can be deleted.
    expect((await ask(owner.cookie, 'DELETE', `/users/${disabled.user.id}`)).status).toBe(200)
  })

  test('is who is left, when two are at it at once', async () => {
    const second = await people.person(fresh(), { role: 'owner' })
    const calls = [
      ...ends(owner).map((call) => [second.cookie, call] as const),
      ...ends(second).map((call) => [owner.key, call] as const),
    ]
    await Promise.all(calls.map(([headers, [method, path, json]]) => ask(headers, method, path, json)))
    expect(people.store.grants.owners()).toHaveLength(1)
  })
})
