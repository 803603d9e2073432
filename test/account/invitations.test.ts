/** J12 J16 J17: invitations and links for new passwords: shown once, bound, good once, and only as good as who made them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Invitation, NewInvitation, PasswordReset } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { EVERYWHERE } from '../../src/domain/access.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { type Answer, startTestApp, type TestApp } from '../api/app.ts'

const PASSWORD = 'seven boats at anchor'
let app: TestApp
let people: People
let owner: Person
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  for (const name of ['web', 'other']) await app.ask('POST', '/services', { json: { name } })
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
const fresh = (name = 'guest') => `${name}${++count}`
const codeOf = ({ url }: { url: string }): string => new URL(url).hash.slice(1)
const cookieOf = ({ headers }: Answer): Headers => ({
  cookie: headers.getSetCookie()[0]?.split(';', 1)[0] ?? '',
  'sec-fetch-site': 'same-origin',
})
const lastEvent = () => people.store.events.list({ limit: 1_000, after: null }).at(-1)
const invited = async (by: Headers, json: object): Promise<NewInvitation> => {
  const { value, status, text } = await ask<NewInvitation>(by, 'POST', '/invitations', json)
  if (status !== 201) throw new Error(text)
  return value
}
const accept = (code: string, more: object = {}) =>
  ask<object>({}, 'POST', '/invitations/accept', { code, password: PASSWORD, ...more })
const reset = (code: string, password = PASSWORD) =>
  ask<object>({}, 'POST', '/password-resets/accept', { code, password })
const linkFor = async (by: Headers, person: Person): Promise<PasswordReset> => {
  const { value, status, text } = await ask<PasswordReset>(
    by,
    'POST',
    `/users/${person.user.id}/password-reset`,
  )
  if (status !== 201) throw new Error(text)
  return value
}

describe('an invitation', () => {
  test('J17 makes the account with its role, once, and signs in', async () => {
    const login = `${fresh()}@example.com`
    const invitation = await invited(owner.key, { login, role: 'deployer', service: 'web' })
    expect(invitation.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invitation#[\w-]{43}$/)
    expect(invitation.url.startsWith(app.url)).toBe(true)
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)).toBe(7 * 86_400_000)
    const answer = await accept(codeOf(invitation), { name: 'Guest' })
    expect(answer.status).toBe(201)
    expect(answer.value).toMatchObject({
      kind: 'user',
      user: { login, name: 'Guest' },
      rights: [{ serviceId: people.service('web').serviceId, environmentId: null }],
    })
    const cookie = cookieOf(answer)
    expect((await app.ask('GET', '/services/web', { headers: cookie })).status).toBe(200)
    expect((await app.ask('GET', '/services/other', { headers: cookie })).status).toBe(404)
    expect((await ask(cookie, 'GET', '/users')).status).toBe(403)
    const { value: sessions } = await ask<{ items: object[] }>(cookie, 'GET', '/profile/sessions')
    expect(sessions.items).toMatchObject([{ current: true, methods: ['invitation'] }])
    expect((await app.ask('POST', '/session', { json: { login, password: PASSWORD } })).status).toBe(201)
    expect((await accept(codeOf(invitation))).status).toBe(404)
  })

  test('J17 is told once: lists, events and the database do not have the code', async () => {
    const invitation = await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer' })
    const { url, ...rest } = invitation
    const { value, text } = await ask<{ items: Invitation[] }>(owner.key, 'GET', '/invitations?limit=200')
    expect(value.items).toContainEqual(rest)
    expect(lastEvent()).toMatchObject({
      kind: 'invitation.created',
      actor: { userId: owner.user.id, address: '127.0.0.1' },
      data: { invitation: invitation.id, after: { login: invitation.login, role: 'viewer' } },
    })
    const code = codeOf({ url })
    const files = ['fairlead.db', 'fairlead.db-wal'].map((name) =>
      readFileSync(join(app.data, name), 'latin1'),
    )
    for (const told of [text, JSON.stringify(lastEvent()), ...files]) expect(told).not.toContain(code)
  })

  test('J16 the link is made of the configured address, whatever the request says', async () => {
    const headers = { ...owner.key, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    const one = await invited(headers, { login: `${fresh()}@example.com`, role: 'viewer' })
    const host = `localhost:${new URL(app.url).port}`
    const two = await invited({ ...owner.key, host }, { login: `${fresh()}@example.com`, role: 'viewer' })
    for (const { url } of [one, two]) expect(new URL(url).origin).toBe(app.url)
  })

  test('J17 is bound: neither login, role nor scope can be sent with the code', async () => {
    const invitation = await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer' })
    for (const field of ['login', 'role', 'service', 'kind', 'grants']) {
      const { status, problem } = await accept(codeOf(invitation), { [field]: 'owner' })
      expect([status, problem.errors[0]?.field]).toEqual([422, field])
    }
    expect((await accept(codeOf(invitation))).status).toBe(201)
  })

  test('a password that will not do is refused, and the invitation stays open', async () => {
    const login = `${fresh()}@example.com`
    const code = codeOf(await invited(owner.key, { login, role: 'viewer' }))
    for (const password of ['password1', 'short', `${login}1`, 'é'.repeat(37), 'nul\0 in between'])
      expect((await accept(code, { password })).problem).toMatchObject({
        status: 422,
        errors: [{ field: 'password' }],
      })
    expect((await accept(code, { name: 'x\u202ey' })).problem).toMatchObject({
      errors: [{ field: 'name' }],
    })
    expect((await accept(code)).status).toBe(201)
  })

  test('J17 of twenty at once one wins', async () => {
    const code = codeOf(await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer' }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(code)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
  })

  test('J12 unknown, used, replaced, withdrawn, expired and void ones are told alike', async () => {
    const guest = (role = 'viewer', by = owner.key) => invited(by, { login: `${fresh()}@example.com`, role })
    const [used, replaced, withdrawn, expired] = [await guest(), await guest(), await guest(), await guest()]
    await accept(codeOf(used))
    await invited(owner.key, { login: replaced.login, role: 'viewer' })
    expect((await ask(owner.key, 'DELETE', `/invitations/${withdrawn.id}`)).status).toBe(200)
    people.store.db.run('UPDATE invitations SET expires_at = ? WHERE id = ?', Date.now(), expired.id)
    const isUser = await guest()
    await ask(owner.key, 'POST', '/users', { login: isUser.login })
    const codes = [used, replaced, withdrawn, expired, isUser].map(codeOf)
    const texts = new Set<string>()
    for (const code of [...codes, 'x', '', 'a'.repeat(43)]) {
      const { status, text } = await accept(code)
      expect(status).toBe(404)
      texts.add(text)
    }
    expect(texts.size).toBe(1)
    const { text } = await ask(owner.key, 'GET', '/invitations?limit=200')
    for (const { id } of [used, replaced, withdrawn, expired]) expect(text).not.toContain(id)
  })
})

describe('J17 an invitation is as good as whoever made it', () => {
  const WAYS: [what: string, end: (admin: Person) => unknown][] = [
    ['was demoted', ({ user }) => people.store.grants.removeAll(user.id)],
    ['was disabled', ({ user }) => people.store.users.setDisabled(user.id, true)],
    ['was deleted', ({ user }) => ask(owner.key, 'DELETE', `/users/${user.id}`)],
    [
      'has a smaller role',
      ({ user }) => {
        people.store.grants.removeAll(user.id)
        people.store.roles.create(fresh('inviter-'), ['users:create', 'services:read'], 0)
        people.store.grants.add(user.id, { role: `inviter-${count}`, scope: EVERYWHERE, now: 0 })
      },
    ],
    [
      'may invite no longer',
      ({ user }) => {
        people.store.grants.removeAll(user.id)
        people.store.grants.add(user.id, { role: 'viewer', scope: EVERYWHERE, now: 0 })
      },
    ],
    ['revoked the key', ({ user }) => people.store.apiKeys.revokeAll(user.id, Date.now())],
  ]
  for (const [what, end] of WAYS)
    test(`who ${what}`, async () => {
      const admin = await people.person(fresh('admin'), { role: 'admin' })
      const invitation = await invited(admin.key, { login: `${fresh()}@example.com`, role: 'viewer' })
      expect(invitation.valid).toBe(true)
      await end(admin)
      const { value } = await ask<{ items: Invitation[] }>(owner.key, 'GET', '/invitations?limit=200')
      expect(value.items.find(({ id }) => id === invitation.id)).toMatchObject({ valid: false })
      expect((await accept(codeOf(invitation))).status).toBe(404)
      expect(people.store.users.named(invitation.login)).toBeNull()
    })

  test('and its role: one that allows more by now is not given', async () => {
    const role = fresh('role-')
    people.store.roles.create(role, ['services:read'], 0)
    const admin = await people.person(fresh('admin'), { role: 'admin' })
    const [grown, gone] = [
      await invited(admin.cookie, { login: `${fresh()}@example.com`, role }),
      await invited(admin.cookie, { login: `${fresh()}@example.com`, role }),
    ]
    await ask(owner.key, 'PATCH', `/roles/${role}`, { permissions: ['roles:create'] })
    expect((await accept(codeOf(grown))).status).toBe(404)
    await ask(owner.key, 'DELETE', `/roles/${role}`)
    expect((await accept(codeOf(gone))).status).toBe(404)
  })

  test('and its place: a service that was deleted takes nobody in', async () => {
    const service = fresh('service-')
    await ask(owner.key, 'POST', '/services', { name: service })
    const invitation = await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer', service })
    expect((await ask(owner.key, 'DELETE', `/services/${service}?wait=true`)).status).toBe(200)
    expect((await accept(codeOf(invitation))).status).toBe(404)
  })
})

describe('who may invite', () => {
  test('J12 learns that a login is taken only if he may read users', async () => {
    people.store.roles.create('greeter', ['users:create', 'services:read'], 0)
    people.store.roles.create('guest', ['services:read'], 0)
    const greeter = await people.person(fresh('greeter'), { role: 'greeter' })
    const json = { login: owner.user.login, role: 'guest' }
    expect((await ask(owner.key, 'POST', '/invitations', json)).problem).toMatchObject({
      status: 409,
      errors: [{ field: 'login' }],
    })
    const invitation = await invited(greeter.cookie, json)
    expect((await accept(codeOf(invitation))).status).toBe(404)
    // Creating at once would tell: so that takes both.
    expect((await ask(greeter.cookie, 'POST', '/users', { login: owner.user.login })).problem).toMatchObject({
      status: 403,
      permission: 'users:read',
    })
    expect((await ask(greeter.cookie, 'GET', '/invitations')).status).toBe(403)
    const hidden = await ask(greeter.cookie, 'DELETE', `/invitations/${invitation.id}`)
    const missing = await ask(greeter.cookie, 'DELETE', `/invitations/${'z'.repeat(20)}`)
    expect(hidden).toMatchObject({ status: 404, text: missing.text })
  })

  test('and who may only read them withdraws none', async () => {
    people.store.roles.create('onlooker', ['users:read'], 0)
    const onlooker = await people.person(fresh('onlooker'), { role: 'onlooker' })
    const { id } = await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer' })
    expect((await ask(onlooker.cookie, 'DELETE', `/invitations/${id}`)).problem).toMatchObject({
      status: 403,
      permission: 'users:create',
    })
  })
})

describe('a link for a new password', () => {
  test('J16 ends all sessions, is good once, and leaves second factors as they are', async () => {
    const person = await people.person(fresh(), { role: 'viewer' })
    people.store.totp.propose(person.user.id, 'sealed')
    people.store.totp.confirm(person.user.id, 1)
    const link = await linkFor({ ...owner.key, 'x-forwarded-host': 'evil.example' }, person)
    expect(link.url).toMatch(/\/password-reset#[\w-]{43}$/)
    expect(new URL(link.url).origin).toBe(app.url)
    expect(JSON.stringify(lastEvent())).not.toContain(codeOf(link))
    const life = 'SELECT expires_at - created_at AS ms FROM password_resets WHERE user_id = ?'
    expect(people.store.db.get(life, person.user.id)).toEqual({ ms: 86_400_000 })
    const weak = await reset(codeOf(link), 'password1')
    expect(weak.problem).toMatchObject({ status: 422, errors: [{ field: 'password' }] })
    const done = await reset(codeOf(link))
    expect(done).toMatchObject({ status: 200, value: { login: person.user.login } })
    expect(done.headers.getSetCookie()).toEqual([])
    expect(lastEvent()).toMatchObject({
      kind: 'password.reset',
      actor: { kind: 'user', userId: person.user.id, address: '127.0.0.1' },
      data: { endedSessions: 1 },
    })
    for (const headers of [person.cookie, person.jwt])
      expect((await app.ask('GET', '/services', { headers })).status).toBe(401)
    const signIn = await app.ask('POST', '/session', {
      json: { login: person.user.login, password: PASSWORD },
    })
    expect(signIn.body).toMatchObject({ status: 401, factors: ['totp'] })
    expect((await reset(codeOf(link))).status).toBe(404)
  })

  test('J12 unknown, used, replaced, expired and void ones are told alike', async () => {
    const viewer = () => people.person(fresh(), { role: 'viewer' })
    const [replaced, expired, disabled, deleted] = [
      await viewer(),
      await viewer(),
      await viewer(),
      await viewer(),
    ]
    const codes: string[] = []
    for (const person of [replaced, expired, disabled, deleted])
      codes.push(codeOf(await linkFor(owner.key, person)))
    const current = await linkFor(owner.key, replaced)
    people.store.db.run(
      'UPDATE password_resets SET expires_at = ? WHERE user_id = ?',
      Date.now(),
      expired.user.id,
    )
    for (const value of [true, false])
      await ask(owner.key, 'PATCH', `/users/${disabled.user.id}`, { disabled: value })
    await ask(owner.key, 'DELETE', `/users/${deleted.user.id}`)
    const texts = new Set<string>()
    for (const code of [...codes, 'x', '', 'a'.repeat(43)]) {
      const { status, text } = await reset(code)
      expect(status).toBe(404)
      texts.add(text)
    }
    expect(texts.size).toBe(1)
    expect((await reset(codeOf(current))).status).toBe(200)
  })

  test('dies with the rights of whoever made it, and when its owner may do more by then', async () => {
    const [admin, one, two] = [
      await people.person(fresh('admin'), { role: 'admin' }),
      await people.person(fresh(), { role: 'viewer' }),
      await people.person(fresh(), { role: 'viewer' }),
    ]
    const [raised, orphaned] = [await linkFor(admin.cookie, one), await linkFor(admin.cookie, two)]
    await ask(owner.key, 'POST', `/users/${one.user.id}/grants`, { role: 'owner' })
    expect((await reset(codeOf(raised))).status).toBe(404)
    // Who holds as much as before, but looks after users no more.
    people.store.grants.removeAll(admin.user.id)
    people.store.grants.add(admin.user.id, { role: 'viewer', scope: EVERYWHERE, now: 0 })
    expect((await reset(codeOf(orphaned))).status).toBe(404)
    expect((await app.ask('GET', '/services', { headers: one.cookie })).status).toBe(200)
  })

  test('is for persons who may sign in, and made by somebody else', async () => {
    const machine = await ask<{ id: string }>(owner.key, 'POST', '/users', {
      kind: 'machine',
      login: fresh('robot-'),
    })
    const off = await people.person(fresh())
    people.store.users.setDisabled(off.user.id, true)
    for (const id of [machine.value.id, off.user.id, owner.user.id])
      expect((await ask(owner.cookie, 'POST', `/users/${id}/password-reset`)).status).toBe(409)
  })

  test('of ten at once one wins', async () => {
    const person = await people.person(fresh())
    const code = codeOf(await linkFor(owner.key, person))
    const answers = await Promise.all(Array.from({ length: 10 }, () => reset(code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9)
  })

  test('Z11 another web page accepts nothing for anybody', async () => {
    const invitation = await invited(owner.key, { login: `${fresh()}@example.com`, role: 'viewer' })
    const json = { code: codeOf(invitation), password: PASSWORD }
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await ask(headers, 'POST', '/invitations/accept', json)).status).toBe(403)
    expect((await accept(codeOf(invitation))).status).toBe(201)
  })
})
