/** Signing in at a real OpenID provider: linking, accounts that are made, and the ways back that are none. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import type { Identity, IdentityProvider } from '../../src/contract/shapes/identities.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { type Guest, Guests, PASSWORD } from './guests.ts'
import { CLIENT, RealProvider } from './provider.ts'
import { type Landing, Visitor } from './visitor.ts'

let later = 0
let app: TestApp
let guests: Guests
let real: RealProvider
let provider: IdentityProvider
let ann: Guest
/** What the provider calls her. */
let sub: string
let count = 0

beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => systemClock.now() + later } })
  guests = new Guests(app, () => systemClock.now() + later)
  real = await new RealProvider().start()
  const { status, value } = await change({}, 'POST', '')
  expect(status).toBe(201)
  provider = value
  real.register(provider.redirectUri)
})
afterAll(async () => {
  real.stop()
  guests.close()
  await app.stop()
})
beforeEach(async () => {
  ann = await guests.guest()
  sub = `ann-${++count}`
  await change({ createUsers: false, defaultRole: null, emailDomains: [] })
})

async function change(
  given: object,
  method = 'PATCH',
  path = `/${provider.id}`,
  key?: Record<string, string>,
) {
  const json = {
    ...(method === 'POST' && {
      label: 'Harbour Login',
      issuer: real.url,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      allowPrivateNetwork: true,
    }),
    ...given,
  }
  const owner = await guests.ownerKey()
  return await guests.ask<IdentityProvider>(key ?? owner, method, `/identity-providers${path}`, json)
}

async function signIn(visitor = new Visitor(app), next?: string): Promise<Landing> {
  return await visitor.land(await real.visit(await visitor.begin(provider.id, next), sub))
}
async function link(guest = ann): Promise<Landing> {
  const visitor = new Visitor(app, guest.here)
  return await visitor.land(await real.visit(await visitor.beginLink(provider.id, PASSWORD), sub))
}
const identities = async () =>
  (await guests.ask<{ items: Identity[] }>(ann.here, 'GET', '/profile/identities')).value.items

describe('a provider', () => {
  test('is listed for everybody by its name, and its secret is told to nobody', async () => {
    const { value } = await guests.ask<{ items: object[] }>({}, 'GET', '/session/providers')
    expect(value.items).toEqual([{ id: provider.id, label: 'Harbour Login' }])
    expect(provider).toMatchObject({ issuer: real.url, hasClientSecret: true, allowPrivateNetwork: true })
    expect(provider.redirectUri).toBe(`${app.url}/api/v1/session/oidc/${provider.id}/callback`)
    const shown = await guests.ask(await guests.ownerKey(), 'GET', '/identity-providers')
    expect(shown.status).toBe(200)
    const disk = ['fairlead.db', 'fairlead.db-wal'].map((name) =>
      readFileSync(join(app.data, name), 'latin1'),
    )
    expect(disk.join('')).toContain(CLIENT.id)
    for (const text of [shown.text, JSON.stringify(provider), ...disk])
      expect(text).not.toContain(CLIENT.secret)
  })

  test('is changed by who has seen how it stands; another issuer wants its own secret', async () => {
    const { headers } = await change({ label: 'Harbour' })
    const key = { ...(await guests.ownerKey()), 'if-match': headers.get('etag') ?? '' }
    expect((await change({ label: 'Quay' }, 'PATCH', `/${provider.id}`, key)).status).toBe(200)
    expect((await change({ label: 'Pier' }, 'PATCH', `/${provider.id}`, key)).status).toBe(412)
    const elsewhere = await change({ issuer: 'https://login.example.com' })
    expect(elsewhere.problem).toMatchObject({ status: 422, errors: [{ field: 'clientSecret' }] })
    expect((await change({ emailDomains: ['a b'] })).problem).toMatchObject({
      status: 422,
      errors: [{ field: 'emailDomains.0' }],
    })
  })

  test('S05 has a secret that is never read, so that none can be sent back for it', async () => {
    const shown = (
      await guests.ask<IdentityProvider>(await guests.ownerKey(), 'GET', `/identity-providers/${provider.id}`)
    ).value
    expect(Object.keys(shown)).not.toContain('clientSecret')
    expect((await change(shown)).problem).toMatchObject({ status: 422 })
    expect((await change({ clientSecret: '' })).status).toBe(422)
    expect((await change({ label: 'Harbour', clientId: shown.clientId })).status).toBe(200)
    await link()
    expect(await signIn()).toMatchObject({ path: '/', session: { cookie: expect.any(String) } })
  })

  test('Z09 gives nobody a role that may do more than whoever sets it up', async () => {
    const admin = await guests.guest('admin')
    const given = { createUsers: true, defaultRole: 'owner' }
    expect((await change(given, 'PATCH', `/${provider.id}`, admin.here)).status).toBe(403)
    expect((await change({ ...given, label: 'Own' }, 'POST', '', admin.here)).status).toBe(403)
    expect((await change({ defaultRole: 'nobody-knows' })).status).toBe(404)
    expect((await change({ defaultRole: 'admin' }, 'PATCH', `/${provider.id}`, admin.here)).status).toBe(200)
  })
})

describe('an identity', () => {
  test('is linked by who is signed in, and signs in from then on; other sessions end with it', async () => {
    real.accounts.set(sub, { name: 'Ann at the harbour' })
    const there = await guests.signIn(ann.user)
    const landing = await link()
    expect(landing).toMatchObject({ status: 303, path: '/profile', pending: { problem: null } })
    expect([await guests.works(ann.here), await guests.works(there)]).toEqual([true, false])
    expect(await identities()).toMatchObject([
      { issuer: real.url, label: 'Ann at the harbour', provider: { id: provider.id }, lastUsedAt: null },
    ])
    const signedIn = await signIn(new Visitor(app), '/services/web?tab=2')
    expect(signedIn).toMatchObject({ status: 303, path: '/services/web?tab=2', pending: { problem: null } })
    expect((await guests.ask(signedIn.session, 'GET', '/session')).value).toMatchObject({
      user: { login: ann.user.login },
    })
    expect(guests.people.store.sessions.of(ann.user.id).map(({ methods }) => methods)).toContainEqual([
      'oidc',
    ])
    expect((await identities())[0]?.lastUsedAt).not.toBeNull()
    for (const kind of ['identity.linked', 'session.opened'])
      expect(guests.events(kind).at(-1)).toMatchObject({
        actor: { userId: ann.user.id, address: '127.0.0.1' },
      })
  })

  test('is never found by its e-mail address, verified or not', async () => {
    real.accounts.set(sub, { email: ann.user.login, email_verified: true })
    for (const createUsers of [false, true]) {
      await change({ createUsers })
      const landing = await signIn()
      expect(landing).toMatchObject({ path: '/#problem', session: {} })
      expect(landing.pending.problem).toMatchObject({ status: 403, hint: expect.stringContaining('link') })
    }
    expect(await identities()).toEqual([])
  })

  test('of one person is nobody else’s', async () => {
    await link()
    const thief = await guests.guest()
    const landing = await link(thief)
    expect(landing).toMatchObject({ path: '/profile#problem', pending: { problem: { status: 409 } } })
    expect((await guests.ask((await signIn()).session, 'GET', '/session')).value).toMatchObject({
      user: { login: ann.user.login },
    })
  })

  test('is not linked when somebody else is signed in by the time the browser is back, or nobody', async () => {
    const eve = await guests.guest()
    // The same person too: it was another session that has proved who she is.
    for (const next of [null, eve.user, ann.user]) {
      const visitor = new Visitor(app, await guests.signIn(ann.user))
      const back = await real.visit(await visitor.beginLink(provider.id, PASSWORD), sub)
      const json = next && { login: next.login, password: PASSWORD }
      const changed = await (json ? visitor.ask('POST', '/session', json) : visitor.ask('DELETE', '/session'))
      expect(changed.status).toBe(json ? 201 : 200)
      expect(await visitor.land(back)).toMatchObject({
        path: '/profile#problem',
        pending: { problem: { status: 403, code: 'forbidden' } },
      })
      for (const { id } of [ann.user, eve.user]) expect(guests.people.store.identities.of(id)).toEqual([])
    }
  })

  test('wants the password again to be linked and unlinked; unlinked, it signs in no more', async () => {
    const begin = { provider: provider.id, password: 'x' }
    expect((await guests.ask(ann.here, 'POST', '/profile/identities', begin)).status).toBe(403)
    await link()
    const path = `/profile/identities/${(await identities())[0]?.id}`
    expect((await guests.ask(ann.here, 'DELETE', path, { password: 'x' })).status).toBe(403)
    const other = await guests.guest()
    expect((await guests.ask(other.here, 'DELETE', path, { password: PASSWORD })).status).toBe(404)
    expect((await guests.ask(ann.here, 'DELETE', path, { password: PASSWORD })).status).toBe(200)
    expect((await signIn()).pending.problem).toMatchObject({ status: 403 })
  })

  test('of somebody who is disabled signs in no more', async () => {
    await link()
    await guests.ask(await guests.ownerKey(), 'PATCH', `/users/${ann.user.id}`, { disabled: true })
    expect(await signIn()).toMatchObject({ session: {}, pending: { problem: { status: 403 } } })
  })

  test('J11 does not get around the second factor', async () => {
    await link()
    const { code } = await guests.addTotp(ann)
    const visitor = new Visitor(app)
    const landing = await signIn(visitor, '/users')
    expect(landing).toMatchObject({
      path: '/users',
      session: {},
      pending: { login: ann.user.login, factors: ['totp', 'recovery-code'], next: '/users', problem: null },
    })
    expect((await visitor.ask('POST', '/session/second-factor', { totp: '12345' })).status).toBe(401)
    const { status } = await visitor.ask('POST', '/session/second-factor', { totp: code(1) })
    expect(status).toBe(201)
    expect(await guests.works(visitor.headers)).toBe(true)
    expect(guests.people.store.sessions.of(ann.user.id).map(({ methods }) => methods)).toContainEqual([
      'oidc',
      'totp',
    ])
  })
})

describe('somebody new', () => {
  const made = (login: string) => guests.people.store.users.named(login)

  test('gets an account with the role, where the settings say so', async () => {
    await change({ createUsers: true, defaultRole: 'viewer', emailDomains: ['Example.com'] })
    const login = `new-${count}@example.com`
    real.accounts.set(sub, { email: login.toUpperCase(), email_verified: true, name: 'Newcomer' })
    const { session } = await signIn()
    expect((await guests.ask(session, 'GET', '/profile')).value).toMatchObject({
      login,
      name: 'Newcomer',
      factors: { password: false, identities: 1 },
      grants: [{ role: 'viewer', service: null }],
    })
    expect(guests.events('user.created').at(-1)).toMatchObject({ data: { after: { login, role: 'viewer' } } })
    expect(await guests.works((await signIn()).session)).toBe(true)
    const identity = guests.people.store.identities.at(real.url, sub)
    const unlinked = await guests.ask(session, 'DELETE', `/profile/identities/${identity?.id}`, {})
    expect(unlinked.problem).toMatchObject({ status: 409, detail: expect.stringContaining('only way') })
  })

  test('gets none without a verified address of the right domain, and none where nobody wants that', async () => {
    for (const [settings, account] of [
      [{ createUsers: false }, { email_verified: true, email: 'off@example.com' }],
      [{ createUsers: true }, { email: 'unverified@example.com' }],
      [{ createUsers: true }, { email: 'unverified@example.com', email_verified: false }],
      [{ createUsers: true }, {}],
      [{ createUsers: true }, { email: 'not an address', email_verified: true }],
      [
        { createUsers: true, emailDomains: ['example.com'] },
        { email: 'x@evil.test', email_verified: true },
      ],
      [
        { createUsers: true, emailDomains: ['example.com'] },
        { email: 'x@sub.example.com', email_verified: true },
      ],
    ] as const) {
      await change({ emailDomains: [], ...settings })
      real.accounts.set(sub, account)
      expect(await signIn()).toMatchObject({
        session: {},
        pending: { problem: { status: 403, hint: expect.stringContaining('invitation') } },
      })
      if ('email' in account) expect(made(account.email)).toBeNull()
    }
    expect(guests.people.store.identities.at(real.url, sub)).toBeNull()
  })
})

describe('W19 a way back', () => {
  const departure = async (visitor = new Visitor(app)) => {
    const back = await real.visit(await visitor.begin(provider.id), sub)
    return { visitor, back }
  }
  const isRefused = (landing: Landing) =>
    expect(landing).toMatchObject({
      status: 303,
      path: '/#problem',
      session: {},
      pending: { problem: { status: 401, hint: expect.stringContaining('Begin anew') } },
    })

  test('works once, in the browser that was sent there, and for five minutes', async () => {
    await link()
    const { visitor, back } = await departure()
    isRefused(await new Visitor(app).land(back))
    isRefused(await (await departure()).visitor.land(back))
    const landing = await visitor.land(back)
    expect(await guests.works(landing.session)).toBe(true)
    isRefused(await new Visitor(app).land(back))
    const late = await departure()
    later += LIMITS.factors.challengeMs
    isRefused(await late.visitor.land(late.back))
  })

  test('with a state or a code that was made up is none', async () => {
    await link()
    for (const [name, value] of [
      ['state', 'x'.repeat(43)],
      ['state', ''],
      ['code', 'x'.repeat(43)],
    ] as const) {
      const { visitor, back } = await departure()
      const url = new URL(back)
      url.searchParams.set(name, value)
      isRefused(await visitor.land(url.href))
    }
  })

  test('with the code of somebody else’s sign-in is none', async () => {
    await link()
    const [mine, theirs] = [await departure(), await departure()]
    const url = new URL(mine.back)
    url.searchParams.set('code', new URL(theirs.back).searchParams.get('code') ?? '')
    isRefused(await mine.visitor.land(url.href))
  })

  test('of another provider is none', async () => {
    await link()
    const { value } = await change({ label: 'Second' }, 'POST', '')
    const { visitor, back } = await departure()
    isRefused(await visitor.land(back.replace(provider.id, value.id)))
    await guests.ask(await guests.ownerKey(), 'DELETE', `/identity-providers/${value.id}`)
    expect((await visitor.ask('POST', `/session/oidc/${value.id}`, {})).status).toBe(404)
  })

  test('that was begun before the settings were changed is none', async () => {
    await link()
    const { visitor, back } = await departure()
    await change({ label: 'Changed meanwhile' })
    isRefused(await visitor.land(back))
  })

  test('does not begin from another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const { status } = await app.ask('POST', `/session/oidc/${provider.id}`, { headers, json: {} })
    expect(status).toBe(403)
  })

  test('X06 ends on a path of this page', async () => {
    await link()
    for (const next of [
      '//evil.test',
      '/\\evil.test',
      '\\\\evil.test',
      'https:evil.test',
      'https://evil.test/',
      'javascript:alert(1)',
      '/\t/evil.test',
      '/.//evil.test',
      '/%2e//evil.test',
      'users',
      '/ä',
      `/${'x'.repeat(LIMITS.identityProvider.nextChars - 1)}`.slice(
        0,
        LIMITS.identityProvider.nextChars - 10,
      ) + '\n',
    ])
      expect((await signIn(new Visitor(app), next)).path).toBe('/')
    expect((await signIn(new Visitor(app), '/users?x=//evil.test#y')).path).toBe('/users?x=//evil.test#y')
  })

  test('with a secret that the provider does not know tells so', async () => {
    await link()
    await change({ clientSecret: 'another' })
    const landing = await signIn()
    await change({ clientSecret: CLIENT.secret })
    expect(landing).toMatchObject({
      session: {},
      pending: { problem: { status: 503, detail: expect.stringContaining('client secret') } },
    })
    expect(await guests.works((await signIn()).session)).toBe(true)
  })
})
