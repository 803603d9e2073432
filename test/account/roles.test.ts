/** Roles that owners make: what they allow holds for all who hold them, at once. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Role } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { BUILT_IN_ROLES, PERMISSIONS } from '../../src/domain/access.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

let app: TestApp
let people: People
let owner: Person
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

const ask = async <T>(headers: Headers, method: string, path: string, json?: unknown) => {
  const answer = await app.ask(method, path, { headers, ...(json !== undefined && { json }) })
  return { ...answer, value: answer.body as T, problem: answer.body as Problem }
}
const fresh = (name = 'role-') => `${name}${++count}`
const made = async (...permissions: string[]): Promise<Role> => {
  const json = { name: fresh(), permissions }
  const { value, status, text } = await ask<Role>(owner.key, 'POST', '/roles', json)
  if (status !== 201) throw new Error(text)
  return value
}
const events = () =>
  people.store.events.list({ limit: 1_000, after: null }).filter(({ kind }) => kind !== 'refused')

describe('roles', () => {
  test('are listed with the built-in ones first, and made, shown, changed and deleted', async () => {
    const before = events().length
    const role = await made('users:read', 'audit:read', 'users:read')
    expect(role).toMatchObject({ builtIn: false, permissions: ['users:read', 'audit:read'], revision: 1 })
    const { value } = await ask<{ items: Role[] }>(owner.key, 'GET', '/roles')
    const builtIn = Object.entries(BUILT_IN_ROLES)
    expect(value.items.slice(0, 4)).toEqual(
      builtIn.map(([name, permissions]) => ({
        name,
        builtIn: true,
        permissions: [...permissions],
        createdAt: null,
        revision: 1,
      })),
    )
    expect(value.items).toContainEqual(role)
    const path = `/roles/${role.name}`
    expect((await ask(owner.key, 'GET', path)).value).toEqual(role)
    const changed = await ask<Role>(owner.key, 'PATCH', path, { permissions: ['services:read'] })
    expect(changed.value).toMatchObject({ permissions: ['services:read'], revision: 2 })
    expect(events().at(-1)).toMatchObject({
      kind: 'role.changed',
      actor: { userId: owner.user.id },
      data: {
        role: role.name,
        before: { permissions: ['users:read', 'audit:read'] },
        after: { permissions: ['services:read'] },
      },
    })
    expect((await ask(owner.key, 'DELETE', path)).value).toEqual(changed.value)
    expect((await ask(owner.key, 'GET', path)).status).toBe(404)
    expect(
      events()
        .slice(before)
        .map(({ kind }) => kind),
    ).toEqual(['role.created', 'role.changed', 'role.deleted'])
  })

  test('are paged, each once', async () => {
    for (let i = 0; i < 3; i++) await made('services:read')
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/roles?limit=2${cursor && `&cursor=${cursor}`}`
      const { value } = await ask<{ items: Role[]; next: string | null }>(owner.key, 'GET', path)
      names.push(...value.items.map(({ name }) => name))
      cursor = value.next
    }
    expect(names).toEqual(people.store.roles.list().map(({ name }) => name))
  })

  test('an Idempotency-Key makes one role of two requests, and none of a third after it was deleted', async () => {
    const headers = { ...owner.key, 'idempotency-key': 'make-one' }
    const json = { name: fresh(), permissions: ['services:read'] }
    const make = () => ask<Role>(headers, 'POST', '/roles', json)
    const [one, two] = [await make(), await make()]
    expect([one.status, two.status]).toEqual([201, 201])
    expect(two.value).toEqual(one.value)
    await ask(owner.key, 'DELETE', `/roles/${json.name}`)
    expect((await make()).problem).toMatchObject({
      status: 409,
      detail: expect.stringContaining('was deleted'),
    })
    expect((await ask(owner.key, 'GET', `/roles/${json.name}`)).status).toBe(404)
  })

  test('that come with Fairlead stay as they are, and their names are taken', async () => {
    for (const name of Object.keys(BUILT_IN_ROLES)) {
      const json = { permissions: ['services:read'] }
      for (const [method, body] of [['PATCH', json], ['DELETE']] as const)
        expect((await ask(owner.key, method, `/roles/${name}`, body)).status).toBe(409)
      expect((await ask(owner.key, 'POST', '/roles', { name, ...json })).status).toBe(409)
    }
  })

  test('Z04 have a name, known permissions, and nothing else', async () => {
    const before = events().length
    for (const [field, json] of [
      ['name', { name: 'No Name' }],
      ['permissions.0', { permissions: ['services:explode'] }],
      ['permissions.0', { permissions: ['*'] }],
      ['permissions', { permissions: PERMISSIONS.concat(PERMISSIONS) }],
      ['builtIn', { builtIn: true }],
      ['createdAt', { createdAt: null }],
    ] as const) {
      const whole = { name: fresh(), permissions: ['services:read'], ...json }
      const { problem } = await ask(owner.key, 'POST', '/roles', whole)
      expect(problem).toMatchObject({ status: 422, errors: [{ field }] })
    }
    expect(events()).toHaveLength(before)
  })

  test('If-Match keeps from changing what somebody else has changed', async () => {
    const { name } = await made('services:read')
    const etag = (await app.ask('GET', `/roles/${name}`, { headers: owner.key })).headers.get('etag') ?? ''
    await ask(owner.key, 'PATCH', `/roles/${name}`, { permissions: ['urls:read'] })
    const headers = { ...owner.key, 'if-match': etag }
    for (const [method, json] of [['PATCH', { permissions: [] }], ['DELETE']] as const)
      expect((await ask(headers, method, `/roles/${name}`, json)).status).toBe(412)
  })
})

describe('who holds a role', () => {
  test('may what it allows from now on, and no longer what it allowed', async () => {
    const { name } = await made('services:read')
    const { cookie } = await people.person(fresh('user'), { role: name })
    const web = async () => (await app.ask('GET', '/services/web', { headers: cookie })).status
    const users = async () => (await app.ask('GET', '/users', { headers: cookie })).status
    expect([await web(), await users()]).toEqual([200, 403])
    await ask(owner.key, 'PATCH', `/roles/${name}`, { permissions: ['users:read'] })
    expect([await web(), await users()]).toEqual([404, 200])
  })

  test('keeps it from being deleted; the refusal says how many do', async () => {
    const { name } = await made('services:read')
    const holders = [
      await people.person(fresh('user'), { role: name }, { role: name, scope: people.service('web') }),
      await people.person(fresh('user'), { role: name }),
    ]
    const refusal = await ask(owner.key, 'DELETE', `/roles/${name}`)
    expect(refusal.problem).toMatchObject({
      status: 409,
      detail: `2 users hold the role "${name}".`,
      holders: 2,
    })
    await ask(owner.key, 'DELETE', `/users/${holders[0]?.user.id}`)
    expect((await ask(owner.key, 'DELETE', `/roles/${name}`)).problem.detail).toStartWith('1 user holds')
    people.store.grants.removeAll(holders[1]?.user.id ?? '')
    expect((await ask(owner.key, 'DELETE', `/roles/${name}`)).status).toBe(200)
  })

  test('at a service that was deleted holds nothing any more', async () => {
    const { name } = await made('services:read')
    const service = fresh('gone-')
    await ask(owner.key, 'POST', '/services', { name: service })
    await people.person(fresh('user'), { role: name, scope: people.service(service) })
    expect((await ask(owner.key, 'DELETE', `/roles/${name}`)).status).toBe(409)
    expect((await ask(owner.key, 'DELETE', `/services/${service}?wait=true`)).status).toBe(200)
    expect((await ask(owner.key, 'DELETE', `/roles/${name}`)).status).toBe(200)
  })
})

describe('Z09 who may change roles, but not everything', () => {
  let maker: Person
  let own: string
  beforeAll(async () => {
    own = (await made('roles:create', 'roles:read', 'roles:update', 'roles:delete', 'services:read')).name
    maker = await people.person('maker', { role: own })
  })

  test('makes roles of what he holds', async () => {
    const json = { name: fresh(), permissions: ['services:read'] }
    expect((await ask(maker.cookie, 'POST', '/roles', json)).status).toBe(201)
    expect((await ask(maker.cookie, 'DELETE', `/roles/${json.name}`)).status).toBe(200)
  })

  test('neither adds what he lacks, nor takes it away, nor deletes it; not even of his own role', async () => {
    const { name: large } = await made('services:read', 'users:read')
    const before = events().length
    for (const [method, path, json] of [
      ['POST', '/roles', { name: fresh(), permissions: ['users:read'] }],
      ['PATCH', `/roles/${own}`, { permissions: ['roles:update', 'users:update'] }],
      ['PATCH', `/roles/${large}`, { permissions: ['services:read'] }],
      ['PATCH', `/roles/${large}`, { permissions: ['services:read', 'users:read'] }],
      ['DELETE', `/roles/${large}`],
    ] as const)
      expect((await ask(maker.cookie, method, path, json)).status).toBe(403)
    expect(events()).toHaveLength(before)
  })

  test('nor does he who holds it in one service only', async () => {
    const local = await people.person(fresh('user'), { role: 'owner', scope: people.service('web') })
    const calls = [
      ['GET', '/roles'],
      ['GET', '/roles/viewer'],
      ['POST', '/roles', { name: fresh(), permissions: ['services:read'] }],
      ['PATCH', `/roles/${own}`, { permissions: ['services:read'] }],
      ['DELETE', `/roles/${own}`],
    ] as const
    for (const [method, path, json] of calls)
      expect((await ask(local.cookie, method, path, json)).status).toBe(403)
  })
})
