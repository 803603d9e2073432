/** The own account: name, password, sessions; and what an API key may not do there. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Profile, Session, User } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

const PASSWORD = 'seven boats at anchor'
const OTHER = 'eight boats at sea'
let app: TestApp
let people: People
let owner: Person
/** With a password and two sessions. */
let ann: { user: User; here: Headers; there: Headers; key: Headers }
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})
beforeEach(async () => {
  const json = { login: `ann${++count}@example.com`, password: PASSWORD, role: 'viewer', service: 'web' }
  const { value: user } = await ask<User>(owner.key, 'POST', '/users', json)
  const row = people.store.users.find(user.id)
  if (!row) throw new Error('no user')
  ann = { user, here: await signIn(PASSWORD, user.login), there: people.session(row), key: people.key(row) }
})

const ask = async <T>(headers: Headers, method: string, path: string, json?: unknown) => {
  const answer = await app.ask(method, path, { headers, ...(json !== undefined && { json }) })
  return { ...answer, value: answer.body as T, problem: answer.body as Problem }
}
async function signIn(password: string, login = ann.user.login): Promise<Headers> {
  const { status, headers } = await app.ask('POST', '/session', { json: { login, password } })
  if (status !== 201) throw new Error(`sign-in: ${status}`)
  return { cookie: headers.getSetCookie()[0]?.split(';', 1)[0] ?? '', 'sec-fetch-site': 'same-origin' }
}
const works = async (headers: Headers) => (await app.ask('GET', '/services', { headers })).status === 200
const sessions = async (headers: Headers) =>
  (await ask<{ items: Session[] }>(headers, 'GET', '/profile/sessions')).value.items
const events = () =>
  people.store.events.list({ limit: 1_000, after: null }).filter(({ kind }) => kind !== 'refused')

describe('the profile', () => {
  test('shows oneself and what one may do, to a key what the key may', async () => {
    const { serviceId } = people.service('web')
    const { value } = await ask<Profile>(ann.here, 'GET', '/profile')
    expect(value).toMatchObject({
      id: ann.user.id,
      login: ann.user.login,
      factors: { password: true },
      grants: [{ role: 'viewer', service: 'web', environment: null }],
      rights: [{ serviceId, environmentId: null, permissions: expect.arrayContaining(['services:read']) }],
    })
    const row = people.store.users.find(ann.user.id)
    const key = row && people.key(row, { permissions: ['services:read'] })
    const { value: bounded } = await ask<Profile>(key ?? {}, 'GET', '/profile')
    expect(bounded.rights).toEqual([{ serviceId, environmentId: null, permissions: ['services:read'] }])
  })

  test('has a name that oneself changes, and a login that nobody does', async () => {
    const { headers } = await ask(ann.here, 'GET', '/profile')
    const renamed = await ask<Profile>(ann.here, 'PATCH', '/profile', { name: ' Ann Harbour ' })
    expect(renamed.value).toMatchObject({ name: 'Ann Harbour', revision: 2 })
    expect(events().at(-1)).toMatchObject({
      kind: 'user.changed',
      actor: { userId: ann.user.id, address: '127.0.0.1' },
      data: { after: { name: 'Ann Harbour' } },
    })
    const stale = { ...ann.here, 'if-match': headers.get('etag') ?? '' }
    expect((await ask(stale, 'PATCH', '/profile', { name: 'Ann' })).status).toBe(412)
    const before = events().length
    for (const json of [
      { name: '' },
      { name: 'a\u202eb' },
      { name: 'x'.repeat(81) },
      { login: 'x@example.com' },
    ])
      expect((await ask(ann.here, 'PATCH', '/profile', json)).status).toBe(422)
    expect((await ask(ann.here, 'PATCH', '/profile', {})).status).toBe(200)
    expect(events()).toHaveLength(before)
  })

  test('takes a session for whatever it changes or tells of sessions: a key is not enough', async () => {
    const before = events().length
    for (const [method, path, json] of [
      ['PATCH', '/profile', { name: 'Key' }],
      ['POST', '/profile/password', { current: PASSWORD, new: OTHER }],
      ['GET', '/profile/sessions'],
      ['DELETE', '/profile/sessions'],
      ['DELETE', `/profile/sessions/${(await sessions(ann.here))[0]?.id}`],
    ] as const) {
      const { problem } = await ask(ann.key, method, path, json)
      expect(problem).toMatchObject({ status: 403, detail: expect.stringContaining('API key') })
    }
    expect(events()).toHaveLength(before)
    expect([await works(ann.here), await works(ann.there)]).toEqual([true, true])
  })
})

describe('the own password', () => {
  const change = (json: object, headers = ann.here) =>
    ask<{ ended: number }>(headers, 'POST', '/profile/password', json)

  test('J07 ends all sessions but this one; the old one opens nothing any more', async () => {
    const { body } = await app.ask('POST', '/session/token', { headers: ann.there })
    const jwt = { authorization: `Bearer ${(body as { accessToken: string }).accessToken}` }
    expect((await change({ current: PASSWORD, new: OTHER })).value).toEqual({ ended: 1 })
    expect([await works(ann.here), await works(ann.there), await works(jwt)]).toEqual([true, false, false])
    const old = { login: ann.user.login, password: PASSWORD }
    expect((await app.ask('POST', '/session', { json: old })).status).toBe(401)
    expect(await works(await signIn(OTHER))).toBe(true)
    const event = events().findLast(({ kind }) => kind === 'password.changed')
    expect(event).toMatchObject({ actor: { userId: ann.user.id }, data: { endedSessions: 1 } })
    for (const told of [OTHER, PASSWORD, '$2']) expect(JSON.stringify(events())).not.toContain(told)
  })

  test('a wrong current one is refused by its field, and nothing changes', async () => {
    for (const current of [undefined, '', 'x', PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.padEnd(99)]) {
      const { problem } = await change({ current, new: OTHER })
      expect(problem).toMatchObject({ status: 403, errors: [{ field: 'current' }] })
    }
    expect(await works(ann.there)).toBe(true)
    expect(await works(await signIn(PASSWORD))).toBe(true)
  })

  test('J13 a new one that will not do is refused by its field', async () => {
    for (const wrong of [
      'short',
      'password1',
      'x'.repeat(73),
      'ü'.repeat(37),
      'a\0bcdefghij',
      ann.user.login,
    ]) {
      const { problem } = await change({ current: PASSWORD, new: wrong })
      expect(problem).toMatchObject({ status: 422, errors: [{ field: 'new' }] })
    }
    expect(await works(await signIn(PASSWORD))).toBe(true)
  })

  test('two at once, from two sessions: one wins', async () => {
    const answers = await Promise.all([
      change({ current: PASSWORD, new: OTHER }, ann.here),
      change({ current: PASSWORD, new: 'nine boats in the fog' }, ann.there),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect([await works(ann.here), await works(ann.there)].filter(Boolean)).toHaveLength(1)
  })

  test('two at once, from the same session: one wins', async () => {
    const answers = await Promise.all([
      change({ current: PASSWORD, new: OTHER }),
      change({ current: PASSWORD, new: 'nine boats in the fog' }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409 || status === 403)).toHaveLength(1)
  })

  test('makes a link for another one void', async () => {
    const { value } = await ask<{ url: string }>(owner.key, 'POST', `/users/${ann.user.id}/password-reset`)
    await change({ current: PASSWORD, new: OTHER })
    const json = { code: new URL(value.url).hash.slice(1), password: 'ten boats in the rain' }
    expect((await app.ask('POST', '/password-resets/accept', { json })).status).toBe(404)
  })

  test('can be chosen by who has none, shortly after signing in', async () => {
    const { user, cookie } = await people.person(`eve${++count}`)
    people.store.db.run('UPDATE sessions SET created_at = created_at - 600001 WHERE user_id = ?', user.id)
    expect((await change({ new: OTHER }, cookie)).status).toBe(403)
    const lately = people.session(user)
    expect((await change({ new: OTHER }, lately)).status).toBe(200)
    expect(await works(await signIn(OTHER, user.login))).toBe(true)
  })
})

describe('the own sessions', () => {
  test('are listed with the current one marked, and without their secrets', async () => {
    const all = await sessions(ann.here)
    expect(all).toHaveLength(2)
    expect(all.filter(({ current }) => current)).toHaveLength(1)
    expect(all.find(({ current }) => current)).toMatchObject({ methods: ['password'], address: '127.0.0.1' })
    expect(Object.keys(all[0] ?? {}).toSorted()).toEqual(
      ['address', 'createdAt', 'current', 'expiresAt', 'id', 'methods', 'seenAt', 'userAgent'].toSorted(),
    )
  })

  test('end one by one, or all others at once', async () => {
    const other = (await sessions(ann.here)).find(({ current }) => !current)
    const ended = await ask<Session>(ann.here, 'DELETE', `/profile/sessions/${other?.id}`)
    expect(ended.value).toEqual(other as Session)
    expect([await works(ann.here), await works(ann.there)]).toEqual([true, false])
    expect((await ask(ann.here, 'DELETE', `/profile/sessions/${other?.id}`)).status).toBe(404)
    const [one, two] = [await signIn(PASSWORD), await signIn(PASSWORD)]
    expect((await ask(ann.here, 'DELETE', '/profile/sessions')).value).toEqual({ ended: 2 })
    expect(events().at(-1)).toMatchObject({ kind: 'sessions.ended', data: { ended: 2 } })
    expect([await works(ann.here), await works(one), await works(two)]).toEqual([true, false, false])
    expect((await ask(ann.here, 'DELETE', '/profile/sessions')).value).toEqual({ ended: 0 })
  })

  test('Z02 those of somebody else are not there', async () => {
    const [theirs] = people.store.sessions.of(owner.user.id)
    const hidden = await ask(ann.here, 'DELETE', `/profile/sessions/${theirs?.id}`)
    const missing = await ask(ann.here, 'DELETE', `/profile/sessions/${'z'.repeat(20)}`)
    expect(hidden).toMatchObject({ status: 404, text: missing.text })
    expect(await works(owner.cookie)).toBe(true)
  })
})

test('while there is no account there is no profile', async () => {
  const unclaimed = await startTestApp()
  try {
    const { status, body } = await unclaimed.ask('GET', '/profile')
    expect([status, body]).toMatchObject([403, { hint: expect.stringContaining('serve') }])
    expect((await unclaimed.ask('GET', '/profile/sessions')).status).toBe(403)
    for (const path of ['/users', '/roles', '/invitations'])
      expect((await unclaimed.ask('GET', path)).status).toBe(403)
    const json = { login: 'eve@example.com', role: 'owner' }
    for (const path of ['/users', '/invitations'])
      expect((await unclaimed.ask('POST', path, { json })).status).toBe(403)
  } finally {
    await unclaimed.stop()
  }
})
