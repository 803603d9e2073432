/**
 * Z09 J17: whatever a crowd of people does over the API, in whatever order, none of them ever may what none of them
 * might at the beginning; and nothing happens to the owner, who sits by.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import {
  ALL_RIGHTS,
  EVERYWHERE,
  type Grant,
  lacked,
  type Permission,
  type Rights,
} from '../../src/domain/access.ts'
import { grantsOf } from '../../src/engine/access.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

const WALKS = 12
const STEPS = 60
const PASSWORD = 'seven boats at anchor'
const PLACES = [{}, { service: 'web' }, { service: 'web', environment: 'staging' }, { service: 'other' }]
const ROLES = {
  people: ['users:create', 'users:read', 'users:update', 'users:delete', 'services:read'],
  rules: ['roles:create', 'roles:read', 'roles:update', 'roles:delete', 'services:read'],
  auditor: ['audit:read', 'users:read'],
} satisfies Record<string, Permission[]>

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
  for (const [name, permissions] of Object.entries(ROLES)) people.store.roles.create(name, permissions, 0)
})
afterAll(async () => {
  people.close()
  await app.stop()
})

interface Member {
  id: string
  headers: Headers
}

/** One of a number of things, chosen by a number. */
const among = <T>(things: readonly T[], choice: number): T => {
  const thing = things[choice % things.length]
  if (thing === undefined) throw new Error('nothing to choose from')
  return thing
}

/** What may be done: each by somebody, to somebody, with a role at a place. */
const DEEDS = [
  'grant',
  'take',
  'create',
  'invite',
  'reset',
  'role',
  'change role',
  'disable',
  'delete',
] as const
const RAISING = ['grant', 'create', 'invite', 'reset', 'role', 'change role'] as const
interface Step {
  deed: (typeof DEEDS)[number]
  by: number
  to: number
  role: number
  place: number
  words: Permission[]
}
const steps = fc.array(
  fc.record<Step>({
    // Whoever is shut out does nothing more, so that is rare.
    deed: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...RAISING) }, fc.constantFrom(...DEEDS)),
    by: fc.nat(50),
    to: fc.nat(50),
    role: fc.nat(50),
    place: fc.nat(50),
    words: fc.uniqueArray(
      fc.constantFrom<Permission>(
        'services:read',
        'users:read',
        'users:update',
        'roles:update',
        'audit:read',
        'settings:update',
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { minLength: STEPS, maxLength: STEPS },
)
/** Not even all of these together are an owner: admin and "rules" would be. */
const grants = fc.array(
  fc.record({
    role: fc.constantFrom('people', 'rules', 'auditor', 'viewer', 'deployer'),
    place: fc.nat(3),
  }),
  { minLength: 1, maxLength: 2 },
)

/** A crowd at work; everybody who comes in on the way takes part. */
class Crowd {
  readonly members: Member[] = []
  /** How often something was done, and refused. */
  done = 0
  refused = 0

  async join(given: { role: string; place: number }[]): Promise<void> {
    const scopes = [
      EVERYWHERE,
      people.service('web'),
      people.environment('web', 'staging'),
      people.service('other'),
    ]
    const wished = new Map(
      given.map(({ role, place }) => [`${role} ${place}`, { role, scope: among(scopes, place) }]),
    )
    const { user, cookie } = await people.person(`member${++count}`, ...wished.values())
    this.members.push({ id: user.id, headers: cookie })
  }

  async take({ deed, by, to, role, place, words }: Step): Promise<void> {
    const { headers } = among(this.members, by)
    const ids = [owner.user.id, ...this.members.map(({ id }) => id)]
    const path = `/users/${among(ids, to)}`
    const roles = people.store.roles.list().map(({ name }) => name)
    const given = { role: among(roles, role), ...among(PLACES, place) }
    const call = (method: string, where: string, json?: object) => this.call(headers, method, where, json)
    if (deed === 'grant') await call('POST', `${path}/grants`, given)
    if (deed === 'take') {
      const own = people.store.grants.of(among(ids, to))
      if (own.length > 0) await call('DELETE', `${path}/grants/${among(own, role).id}`)
    }
    if (deed === 'create') this.enter(await call('POST', '/users', this.somebody(given)))
    if (deed === 'invite') {
      const invited = await call('POST', '/invitations', { login: `guest${++count}@example.com`, ...given })
      if (invited) await this.accept(invited)
    }
    if (deed === 'reset') await this.reset(await call('POST', `${path}/password-reset`), among(ids, to))
    if (deed === 'role') await call('POST', '/roles', { name: `role${++count}`, permissions: words })
    if (deed === 'change role') await call('PATCH', `/roles/${given.role}`, { permissions: words })
    if (deed === 'disable') await call('PATCH', path, { disabled: role % 2 === 0 })
    if (deed === 'delete') await call('DELETE', path)
  }

  private somebody = (given: object) => ({ login: `new${++count}@example.com`, password: PASSWORD, ...given })

  private async call(headers: Headers, method: string, path: string, json?: object) {
    const { status, body } = await app.ask(method, path, { headers, ...(json && { json }) })
    expect(status).toBeLessThan(500)
    if (status < 300) this.done++
    if (status === 403) this.refused++
    return status < 300 ? (body as Record<string, string>) : null
  }

  private enter(made: Record<string, string> | null): void {
    const user = made && people.store.users.find(made['id'] ?? '')
    if (user) this.members.push({ id: user.id, headers: people.session(user) })
  }

  private async accept({ url = '' }: Record<string, string>): Promise<void> {
    const json = { code: new URL(url).hash.slice(1), password: PASSWORD }
    const { status, body } = await app.ask('POST', '/invitations/accept', { json })
    expect(status).toBe(201)
    this.enter((body as { user: Record<string, string> }).user)
  }

  /** Whoever has made the link keeps it, and becomes whoever it is for. */
  private async reset(link: Record<string, string> | null, id: string): Promise<void> {
    if (!link) return
    const json = { code: new URL(link['url'] ?? '').hash.slice(1), password: PASSWORD }
    expect((await app.ask('POST', '/password-resets/accept', { json })).status).toBe(200)
    const user = people.store.users.find(id)
    const member = this.members.find((one) => one.id === id)
    if (user && member) member.headers = people.session(user)
  }
}

/** All that somebody of them may, or might if he were let in again. */
const together = (members: readonly Member[]): Rights => ({
  grants: members.flatMap(({ id }): Grant[] => [...grantsOf(people.store, id).grants]),
  bounds: null,
})
/** Who may do less may still give an owner what he has anyway, and take that back. */
const ofOwner = () => {
  const { store } = people
  const { id } = owner.user
  const { revision: _, ...user } = store.users.find(id) ?? { revision: 0 }
  const lacking = lacked(grantsOf(store, id), ALL_RIGHTS)
  return { user, lacking, sessions: store.sessions.of(id).length }
}

test('a walk at random raises nobody', async () => {
  let [done, refused] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(grants, { minLength: 1, maxLength: 3 }), steps, async (crew, walk) => {
      for (const [name, permissions] of Object.entries(ROLES))
        people.store.roles.setPermissions(name, permissions)
      const crowd = new Crowd()
      // Some who can do something at all, and whoever chance adds.
      for (const role of ['people', 'people', 'rules'])
        await crowd.join([{ role, place: 0 }, ...(crew[0] ?? [])])
      for (const given of crew) await crowd.join(given)
      const before = together(crowd.members)
      const sitting = ofOwner()
      for (const step of walk) {
        await crowd.take(step)
        expect({ step, more: lacked(before, together(crowd.members)) }).toEqual({ step, more: [] })
      }
      expect(ofOwner()).toEqual(sitting)
      done += crowd.done
      refused += crowd.refused
    }),
    // Each walk begins where the one before has ended, so a shorter one would be another one.
    { numRuns: WALKS, endOnFailure: true },
  )
  // Refusals alone would prove little, and so would successes.
  expect(done).toBeGreaterThan(WALKS)
  expect(refused).toBeGreaterThan(WALKS)
}, 60_000)
