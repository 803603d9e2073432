/** Users and their grants over HTTP: made, changed, disabled, deleted; and who may do that to whom. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Grant, User } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

let app: TestApp
let people: People
let owner: Person
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  for (const name of ['web', 'other']) await app.ask('POST', '/services', { json: { name } })
  await app.ask('POST', '/services/web/environments', { json: { name: 'staging' } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
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
const created = async (given: object = {}): Promise<User> => {
  const json = { login: `${fresh()}@example.com`, ...given }
  const { value, status, text } = await ask<User>(owner.key, 'POST', '/users', json)
  if (status !== 201) throw new Error(text)
  return value
}
const shown = async (id: string): Promise<User> => (await ask<User>(owner.key, 'GET', `/users/${id}`)).value
const events = () =>
  people.store.events.list({ limit: 1_000, after: null }).filter(({ kind }) => kind !== 'refused')
const lastEvent = () => events().at(-1)

describe('users', () => {
  test('are made, listed, shown, changed and deleted; each change is one event', async () => {
    const login = `${fresh('Ben')}@Example.com`
    const before = events().length
    const { status, value, headers } = await ask<User>(owner.key, 'POST', '/users', {
      login,
      name: ' Ben Quay ',
      role: 'deployer',
      service: 'web',
      environment: 'staging',
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/api/v1/users/${value.id}`)
    expect(value).toMatchObject({
      kind: 'person',
      login: login.toLowerCase(),
      name: 'Ben Quay',
      disabled: false,
      factors: { password: false, totp: false, passkeys: 0, recoveryCodes: 0, identities: 0 },
      grants: [{ role: 'deployer', service: 'web', environment: 'staging' }],
      lastSeenAt: null,
      revision: 1,
    })
    expect(events()).toHaveLength(before + 1)
    expect(lastEvent()).toMatchObject({
      kind: 'user.created',
      actor: { kind: 'key', name: 'owner@example.com', userId: owner.user.id, address: '127.0.0.1' },
      service: null,
      data: { user: value.id, after: { name: 'Ben Quay', grant: { role: 'deployer', service: 'web' } } },
    })
    const { value: list } = await ask<{ items: User[] }>(owner.key, 'GET', '/users?limit=200')
    expect(list.items).toContainEqual(value)
    const named = async (name: string) =>
      (await ask(owner.key, 'GET', `/users?login=${encodeURIComponent(name)}`)).value
    expect(await named(login)).toEqual({ items: [value], next: null })
    expect(await named('nobody@example.com')).toEqual({ items: [], next: null })
    const path = `/users/${value.id}`
    expect((await ask(owner.key, 'GET', path)).value).toEqual(value)
    const renamed = await ask<User>(owner.key, 'PATCH', path, { name: 'Benjamin' })
    expect(renamed.value).toMatchObject({ name: 'Benjamin', revision: 2 })
    expect(lastEvent()?.data).toMatchObject({ before: { name: 'Ben Quay' }, after: { name: 'Benjamin' } })
    expect((await ask(owner.key, 'DELETE', path)).value).toEqual(renamed.value)
    expect(lastEvent()).toMatchObject({ kind: 'user.deleted', data: { before: { name: 'Benjamin' } } })
    expect((await ask(owner.key, 'GET', path)).status).toBe(404)
    expect(events()).toHaveLength(before + 3)
    expect((await created({ login })).id).not.toBe(value.id)
  })

  test('with a password can sign in, and nobody is told the password or its hash', async () => {
    const password = 'seven boats at anchor'
    const { id, login, factors } = await created({ password })
    expect(factors.password).toBe(true)
    const { status, body } = await app.ask('POST', '/session', { json: { login, password } })
    expect(status).toBe(201)
    expect(body).toMatchObject({ user: { id, login }, rights: [] })
    expect((await shown(id)).lastSeenAt).not.toBeNull()
    const told = JSON.stringify([await shown(id), events()])
    expect(told).not.toContain(password)
    expect(told).not.toContain('$2')
  })

  test('that are machines have a name, no password and no session', async () => {
    const machine = await created({
      kind: 'machine',
      login: fresh('robot-'),
      role: 'deployer',
      service: 'web',
    })
    expect(machine).toMatchObject({ kind: 'machine', name: machine.login, factors: { password: false } })
    const wrong = async (json: object) => (await ask(owner.key, 'POST', '/users', json)).problem
    const twice = await wrong({ kind: 'machine', login: machine.login })
    expect(twice).toMatchObject({ status: 409, errors: [{ field: 'login' }] })
    expect(await wrong({ kind: 'machine', login: 'robot@example.com' })).toMatchObject({
      status: 422,
      errors: [{ field: 'login', message: expect.stringContaining('a-z') }],
    })
    expect(
      await wrong({ kind: 'machine', login: fresh('r-'), password: 'seven boats at anchor' }),
    ).toMatchObject({ status: 422, errors: [{ field: 'password' }] })
    const sign = { login: machine.login, password: '' }
    expect((await app.ask('POST', '/session', { json: sign })).status).toBe(401)
  })

  test('J19 have one canonical login: what looks like another one is refused or is that one', async () => {
    await created({ login: 'ada@example.com' })
    for (const login of ['Ada@example.com', 'ADA@EXAMPLE.COM'])
      expect((await ask(owner.key, 'POST', '/users', { login })).status).toBe(409)
    for (const login of [
      'ada@example.com ',
      ' ada@example.com',
      '\u0430da@example.com',
      '\uff41da@example.com',
      'ada\u200b@example.com',
      'ada@ex\u0430mple.com',
      'ada@example.com\0',
      'ada',
      '',
    ])
      for (const path of ['/users', '/invitations']) {
        const { problem } = await ask(owner.key, 'POST', path, { login, role: 'viewer' })
        expect(problem).toMatchObject({ status: 422, errors: [{ field: 'login' }] })
      }
  })

  test('If-Match keeps from changing what somebody else has changed', async () => {
    const { id } = await created()
    const path = `/users/${id}`
    const etag = (await app.ask('GET', path, { headers: owner.key })).headers.get('etag') ?? ''
    await ask(owner.key, 'POST', `${path}/grants`, { role: 'viewer' })
    const headers = { ...owner.key, 'if-match': etag }
    for (const [method, json] of [['PATCH', { name: 'x' }], ['DELETE']] as const)
      expect((await ask(headers, method, path, json)).problem).toMatchObject({
        status: 412,
        current: { id, revision: 2, grants: [{ role: 'viewer' }] },
      })
  })

  test('an Idempotency-Key makes one user of two requests', async () => {
    const headers = { ...owner.key, 'idempotency-key': 'make-one' }
    const json = { login: `${fresh()}@example.com`, password: 'seven boats at anchor' }
    const [one, two] = [
      await ask<User>(headers, 'POST', '/users', json),
      await ask<User>(headers, 'POST', '/users', json),
    ]
    expect([one.status, two.status]).toEqual([201, 201])
    expect(one.value.id).toBe(two.value.id)
    await ask(owner.key, 'DELETE', `/users/${one.value.id}`)
    expect((await ask(headers, 'POST', '/users', json)).problem).toMatchObject({ status: 409 })
  })

  test('a service without a role, and an environment without a service, are refused', async () => {
    for (const [json, field] of [
      [{ service: 'web' }, 'role'],
      [{ role: 'viewer', environment: 'staging' }, 'service'],
    ] as const) {
      const { problem } = await ask(owner.key, 'POST', '/users', { login: `${fresh()}@example.com`, ...json })
      expect(problem).toMatchObject({ status: 422, errors: [{ field }] })
    }
  })
})

describe('Z04 fields that nobody has asked for', () => {
  const PLANTED = {
    isAdmin: true,
    id: 'a'.repeat(20),
    ownerId: 'a'.repeat(20),
    userId: 'a'.repeat(20),
    createdAt: '2001-01-01T00:00:00.000Z',
    passwordHash: '$2b$04$x',
    password_hash: 'x',
    grants: [{ role: 'owner' }],
    permissions: ['users:read'],
    revision: 9,
    constructor: { prototype: { isAdmin: true } },
  }
  const WRITES: [method: string, path: string, json: object, also?: string[]][] = [
    ['POST', '/users', { login: 'planted@example.com' }, ['disabled', 'factors']],
    ['PATCH', '/users/{id}', { name: 'Planted' }, ['role', 'kind', 'login', 'password']],
    ['POST', '/users/{id}/grants', { role: 'viewer' }, ['serviceId', 'user']],
    ['POST', '/invitations', { login: 'planted@example.com', role: 'viewer' }, ['expiresAt', 'invitedBy']],
    ['POST', '/invitations/accept', { code: 'x', password: 'x' }, ['role', 'login']],
    ['POST', '/password-resets/accept', { code: 'x', password: 'x' }, ['login', 'user']],
    ['PATCH', '/profile', { name: 'Planted' }, ['role', 'kind', 'login', 'disabled']],
    ['POST', '/profile/password', { new: 'seven boats' }, ['user', 'login']],
  ]
  for (const [method, path, json, also = []] of WRITES)
    test(`${method} ${path}`, async () => {
      const user = await created()
      const state = () => [people.store.users.list({ limit: 200, after: null }), events()]
      const before = state()
      const planted = { ...PLANTED, ...Object.fromEntries(also.map((field) => [field, 'x'])) }
      for (const [field, value] of Object.entries(planted)) {
        const body = { ...json, [field]: value }
        const { problem } = await ask(owner.cookie, method, path.replace('{id}', user.id), body)
        expect(problem).toMatchObject({ status: 422, errors: [{ field }] })
      }
      const proto = `{"__proto__":{"isAdmin":true},${JSON.stringify(json).slice(1)}`
      const { status } = await app.ask(method, path.replace('{id}', user.id), {
        body: proto,
        headers: { ...owner.cookie, 'content-type': 'application/json' },
      })
      expect(status).toBe(422)
      expect(state()).toEqual(before)
    })
})

describe('who may read whom', () => {
  const ROWS = (id: string, grant: string): [method: string, path: string, json?: object][] => [
    ['GET', `/users/${id}`],
    ['PATCH', `/users/${id}`, { name: 'x' }],
    ['DELETE', `/users/${id}`],
    ['DELETE', `/users/${id}/sessions`],
    ['POST', `/users/${id}/grants`, { role: 'viewer' }],
    ['DELETE', `/users/${id}/grants/${grant}`],
    ['POST', `/users/${id}/password-reset`],
  ]

  test('Z02 without users:read another user is not there, in the same words, whatever is sent', async () => {
    const target = await created({ role: 'viewer' })
    const grant = target.grants[0]?.id ?? ''
    const asker = await people.person(fresh(), { role: 'deployer' })
    const before = events().length
    for (const headers of [asker.cookie, asker.jwt, asker.key]) {
      const real = ROWS(target.id, grant)
      for (const [index, [method, path, json]] of ROWS('z'.repeat(20), 'z'.repeat(20)).entries()) {
        const missing = await ask(headers, method, path, json)
        const [, there = '', body] = real[index] ?? []
        expect(await ask(headers, method, there, body)).toMatchObject({ status: 404, text: missing.text })
        // Not even a body that can't be read tells them apart.
        if (json) expect((await ask(headers, method, there, { no: 1 })).text).toBe(missing.text)
      }
    }
    expect(events()).toHaveLength(before)
    expect((await ask(asker.key, 'GET', '/users')).status).toBe(403)
  })

  test('who may read only is told which permission it takes', async () => {
    people.store.roles.create('reader', ['users:read'], 0)
    const reader = await people.person(fresh(), { role: 'reader' })
    const target = await created({ role: 'viewer' })
    const [show, ...changes] = ROWS(target.id, target.grants[0]?.id ?? '')
    expect((await ask(reader.key, 'GET', show?.[1] ?? '')).status).toBe(200)
    for (const [method, path, json] of changes)
      expect((await ask(reader.key, method, path, json)).problem).toMatchObject({
        status: 403,
        permission: path.endsWith(target.id) && method === 'DELETE' ? 'users:delete' : 'users:update',
      })
    expect(await shown(target.id)).toEqual(target)
  })

  test('everybody may read himself, and no more than that', async () => {
    const { user, key } = await people.person(fresh(), { role: 'viewer', scope: people.service('web') })
    const { status, value } = await ask<User>(key, 'GET', `/users/${user.id}`)
    expect(status).toBe(200)
    expect(value.grants).toMatchObject([{ role: 'viewer', service: 'web', environment: null }])
    expect((await ask(key, 'PATCH', `/users/${user.id}`, { name: 'x' })).status).toBe(403)
    expect((await ask(key, 'DELETE', `/users/${user.id}`)).status).toBe(403)
  })
})

describe('J07 doors close at once', () => {
  const works = async (headers: Headers) => (await app.ask('GET', '/services', { headers })).status

  test('when a user is disabled; a key works again when he is enabled, a session never', async () => {
    const { user, cookie, jwt, key } = await people.person(fresh(), { role: 'viewer' })
    const path = `/users/${user.id}`
    expect((await ask(owner.key, 'PATCH', path, { disabled: true })).value).toMatchObject({ disabled: true })
    for (const headers of [cookie, jwt, key]) expect(await works(headers)).toBe(401)
    await ask(owner.key, 'PATCH', path, { disabled: false })
    for (const headers of [cookie, jwt]) expect(await works(headers)).toBe(401)
    expect(await works(key)).toBe(200)
  })

  test('when a user is deleted', async () => {
    const { user, cookie, jwt, key } = await people.person(fresh(), { role: 'viewer' })
    await ask(owner.key, 'DELETE', `/users/${user.id}`)
    for (const headers of [cookie, jwt, key]) expect(await works(headers)).toBe(401)
    expect(people.store.grants.of(user.id)).toEqual([])
    expect(people.store.sessions.of(user.id)).toEqual([])
    expect(people.store.apiKeys.list({ limit: 10, after: null }, user.id)).toEqual([])
    // The same person anew is somebody else to the old credentials.
    await created({ login: user.login, role: 'owner' })
    for (const headers of [cookie, jwt, key]) expect(await works(headers)).toBe(401)
  })

  test('when somebody signs a user out everywhere; keys stay', async () => {
    const { user, cookie, jwt, key } = await people.person(fresh(), { role: 'viewer' })
    people.session(user)
    const answer = await ask<{ ended: number }>(owner.key, 'DELETE', `/users/${user.id}/sessions`)
    expect(answer.value).toEqual({ ended: 2 })
    expect(lastEvent()).toMatchObject({ kind: 'sessions.ended', data: { user: user.id, ended: 2 } })
    for (const headers of [cookie, jwt]) expect(await works(headers)).toBe(401)
    expect(await works(key)).toBe(200)
  })

  test('Z10 when the rights go while the body of a change still comes', async () => {
    const { grants, apiKeys } = people.store
    const demote = ({ user }: Person) => grants.removeAll(user.id)
    const revoke = ({ user }: Person) => apiKeys.revokeAll(user.id, Date.now())
    type Change = [string, (id: string) => string, object, (admin: Person) => unknown, number]
    const CHANGES: Change[] = [
      ['POST', () => '/users', { login: `${fresh()}@example.com` }, demote, 403],
      ['POST', () => '/invitations', { login: `${fresh()}@example.com`, role: 'viewer' }, demote, 403],
      ['POST', (id) => `/users/${id}/grants`, { role: 'viewer' }, demote, 404],
      ['PATCH', (id) => `/users/${id}`, { disabled: true }, demote, 404],
      ['POST', () => '/users', { login: `${fresh()}@example.com` }, revoke, 401],
      ['POST', (id) => `/users/${id}/grants`, { role: 'viewer' }, revoke, 401],
      ['PATCH', (id) => `/users/${id}`, { name: 'Too late' }, revoke, 401],
    ]
    for (const [method, path, body, withdraw, status] of CHANGES) {
      const { id } = await created()
      const admin = await people.person(fresh('admin'), { role: 'admin' })
      const before = events().length
      const rest = Promise.withResolvers<void>()
      const text = Buffer.from(JSON.stringify(body))
      const begun = Promise.withResolvers<void>()
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          controller.enqueue(text.subarray(0, 5))
          begun.resolve()
          await rest.promise
          controller.enqueue(text.subarray(5))
          controller.close()
        },
      })
      const answer = app.ask(method, path(id), {
        body: stream,
        headers: { ...admin.key, 'content-type': 'application/json' },
      })
      await begun.promise
      // Only what has passed the gate has its last use written down.
      while (people.store.apiKeys.list({ limit: 1, after: null }, admin.user.id)[0]?.lastUsedAt === null)
        await Bun.sleep(1)
      withdraw(admin)
      rest.resolve()
      expect((await answer).status).toBe(status)
      expect(events()).toHaveLength(before)
    }
  })

  test('when a role is given or taken', async () => {
    const { user, cookie } = await people.person(fresh())
    const seen = async () => (await app.ask('GET', '/services/web', { headers: cookie })).status
    expect(await seen()).toBe(404)
    const json = { role: 'viewer', service: 'web' }
    const { value, status } = await ask<Grant>(owner.key, 'POST', `/users/${user.id}/grants`, json)
    expect(status).toBe(201)
    expect(await seen()).toBe(200)
    expect((await ask(owner.key, 'POST', `/users/${user.id}/grants`, json)).status).toBe(409)
    const gone = await ask<Grant>(owner.key, 'DELETE', `/users/${user.id}/grants/${value.id}`)
    expect(gone.value).toEqual(value)
    expect(await seen()).toBe(404)
    expect((await ask(owner.key, 'DELETE', `/users/${user.id}/grants/${value.id}`)).status).toBe(404)
  })
})
