/** Passkeys as a second factor and as a whole sign-in, against the real app, with an authenticator that can do wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import type { Factors } from '../../src/contract/shapes/account.ts'
import type { Passkey } from '../../src/contract/shapes/passkeys.ts'
import { partyOf, requireParty } from '../../src/engine/account/web-authn.ts'
import type { Headers } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { type Asked, Authenticator, type Wrong } from './authenticator.ts'
import { cookiesOf, type Guest, Guests, PASSWORD } from './guests.ts'

interface Added {
  passkey: Passkey
  factors: Factors
  recoveryCodes: string[] | null
}

let now = systemClock.now()
let app: TestApp
let guests: Guests
let ann: Guest
let authenticator: Authenticator
const origin = () => `http://localhost:${new URL(app.url).port}`

beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  guests = new Guests(app, () => now)
})
afterAll(async () => {
  guests.close()
  await app.stop()
})
beforeEach(async () => {
  ann = await guests.guest()
  authenticator = new Authenticator(origin)
})

const options = async (here: Headers) => {
  const path = '/profile/passkeys/options'
  return (await guests.ask<Asked & { user: { id: string } }>(here, 'POST', path, { password: PASSWORD }))
    .value
}
const keep = (here: Headers, response: object, name = 'Laptop') =>
  guests.ask<Added>(here, 'POST', '/profile/passkeys', { name, response })
async function add(guest = ann, by = authenticator): Promise<Added> {
  const { status, value, text } = await keep(guest.here, by.register(await options(guest.here)))
  if (status !== 201) throw new Error(`passkey: ${status} ${text}`)
  return value
}
/** A whole sign-in; the browser is the one that has asked, unless another is named. */
async function signInBy(by = authenticator, wrong: Wrong = {}, browser?: Headers) {
  const asked = await guests.ask<Asked>({}, 'POST', '/session/passkey/options')
  const response = by.sign(asked.value, wrong)
  const answer = await guests.ask(browser ?? cookiesOf(asked.headers), 'POST', '/session/passkey', {
    response,
  })
  return { ...answer, cookies: cookiesOf(answer.headers) }
}
/** The browser of somebody whose password was right. */
const halfWay = async () => (await guests.trySignIn(ann.user)).cookies
const second = (browser: Headers, json: object) => guests.ask(browser, 'POST', '/session/second-factor', json)
const secondOptions = (browser: Headers) =>
  guests.ask<Asked>(browser, 'POST', '/session/second-factor/options')

describe('a passkey', () => {
  test('is kept, listed, renamed and removed; the first one brings recovery codes', async () => {
    const there = await guests.signIn(ann.user)
    const { passkey, factors, recoveryCodes } = await add()
    expect(passkey).toMatchObject({ name: 'Laptop', backedUp: false, lastUsedAt: null })
    expect(factors).toMatchObject({ passkeys: 1, recoveryCodes: 10 })
    expect(recoveryCodes).toHaveLength(10)
    expect(await guests.works(there)).toBe(false)
    now += 1
    const other = await add(ann, new Authenticator(origin))
    expect(other.recoveryCodes).toBeNull()
    const { value } = await guests.ask<{ items: Passkey[] }>(ann.here, 'GET', '/profile/passkeys')
    expect(value.items.map(({ id }) => id)).toEqual([passkey.id, other.passkey.id])
    const path = `/profile/passkeys/${passkey.id}`
    const renamed = await guests.ask<Passkey>(ann.here, 'PATCH', path, { name: 'Old laptop' })
    expect(renamed.value).toEqual({ ...passkey, name: 'Old laptop' })
    expect((await guests.ask(ann.here, 'PATCH', path, { name: ' ' })).status).toBe(422)
    expect((await guests.ask(ann.here, 'DELETE', path, { password: PASSWORD })).status).toBe(200)
    expect((await guests.ask(ann.here, 'DELETE', path, { password: PASSWORD })).status).toBe(404)
    expect(guests.events('passkey.removed').at(-1)).toMatchObject({
      actor: { userId: ann.user.id },
      data: { user: ann.user.id, before: { name: 'Old laptop' } },
    })
    expect((await signInBy()).status).toBe(401)
  })

  test('wants the password again to be made and to be removed, and a session in any case', async () => {
    const { passkey } = await add()
    const path = `/profile/passkeys/${passkey.id}`
    const user = guests.people.store.users.find(ann.user.id)
    const key = user ? guests.people.key(user) : {}
    for (const [method, at] of [
      ['POST', '/profile/passkeys/options'],
      ['DELETE', path],
    ] as const) {
      expect((await guests.ask(ann.here, method, at, { password: 'x' })).problem).toMatchObject({
        status: 403,
        errors: [{ field: 'password' }],
      })
      expect((await guests.ask(key, method, at, { password: PASSWORD })).status).toBe(403)
    }
    expect((await guests.ask(key, 'GET', '/profile/passkeys')).status).toBe(403)
    expect((await guests.ask(key, 'PATCH', path, { name: 'x' })).status).toBe(403)
  })

  test('Z02 of somebody else is not there', async () => {
    const { passkey } = await add()
    const { here } = await guests.guest()
    const hidden = await guests.ask(here, 'PATCH', `/profile/passkeys/${passkey.id}`, { name: 'x' })
    const missing = await guests.ask(here, 'PATCH', `/profile/passkeys/${'z'.repeat(20)}`, { name: 'x' })
    expect(hidden).toMatchObject({ status: 404, text: missing.text })
    const removal = { password: PASSWORD }
    expect((await guests.ask(here, 'DELETE', `/profile/passkeys/${passkey.id}`, removal)).status).toBe(404)
    expect((await signInBy()).status).toBe(201)
  })

  test('is nobody’s twice, and nobody has more than a few', async () => {
    await add()
    const again = authenticator.register(await options(ann.here))
    expect((await keep(ann.here, again)).status).toBe(409)
    const thief = await guests.guest()
    expect((await keep(thief.here, authenticator.register(await options(thief.here)))).status).toBe(409)
    for (let count = 1; count < LIMITS.factors.passkeys; count++) await add(ann, new Authenticator(origin))
    const path = '/profile/passkeys/options'
    expect((await guests.ask(ann.here, 'POST', path, { password: PASSWORD })).status).toBe(409)
  })

  test('that is the only way in stays', async () => {
    const { user, cookie } = await guests.people.person(`keyonly${now}`)
    const asked = await guests.ask<Asked & { user: { id: string } }>(
      cookie,
      'POST',
      '/profile/passkeys/options',
      {},
    )
    const { value } = await keep(cookie, authenticator.register(asked.value))
    const path = `/profile/passkeys/${value.passkey.id}`
    expect((await guests.ask(cookie, 'DELETE', path, {})).problem).toMatchObject({ status: 409 })
    expect(guests.people.store.passkeys.of(user.id)).toHaveLength(1)
  })
})

describe('a registration is refused', () => {
  const wrongs: [string, Wrong][] = [
    ['for another challenge', { challenge: 'Zk3vX9q0m2x7c5n1p8r4t6Zk3vX9q0m2x7c5n1p8r4t' }],
    ['from the page of somebody else', { origin: 'https://evil.test' }],
    ['for the name of somebody else', { rpId: 'evil.test' }],
    ['that was a sign-in', { type: 'webauthn.get' }],
    ['made inside another site’s page', { crossOrigin: true }],
    ['without anybody there', { present: false }],
    ['of an attestation that nobody asked for', { format: 'fido-u2f' }],
  ]
  for (const [what, wrong] of wrongs)
    test(what, async () => {
      const { problem } = await keep(ann.here, authenticator.register(await options(ann.here), wrong))
      expect(problem).toMatchObject({ status: 422, errors: [{ field: 'response' }] })
      expect((await guests.trySignIn(ann.user)).status).toBe(201)
    })

  test('twice, in another session, of another person, and too late', async () => {
    const response = authenticator.register(await options(ann.here))
    const there = await guests.signIn(ann.user)
    const other = await guests.guest()
    for (const here of [there, other.here]) expect((await keep(here, response)).status).toBe(422)
    expect((await keep(ann.here, response)).status).toBe(201)
    expect((await keep(ann.here, response)).status).toBe(422)
    const late = new Authenticator(origin).register(await options(ann.here))
    now += LIMITS.factors.challengeMs
    expect((await keep(ann.here, late)).status).toBe(422)
  })

  test('of bytes that are none', async () => {
    const good = authenticator.register(await options(ann.here))
    for (const broken of [
      { clientDataJSON: 'bm90IGpzb24' },
      { clientDataJSON: '!' },
      { attestationObject: '' },
      { attestationObject: 'o2NmbXQ' },
    ]) {
      const response = { ...good, response: { ...good.response, ...broken } }
      expect((await keep(ann.here, response)).status).toBe(422)
    }
    const long = { ...good, id: 'x'.repeat(LIMITS.factors.passkeyBytes) }
    expect((await keep(ann.here, long)).status).toBe(413)
  })
})

describe('a whole sign-in', () => {
  test('takes no password and no second factor; the cookie is a new one', async () => {
    await add()
    const { status, cookies, value } = await signInBy()
    expect(status).toBe(201)
    expect(value).toMatchObject({ kind: 'user', user: { login: ann.user.login } })
    expect(await guests.works(cookies)).toBe(true)
    const [session] = guests.people.store.sessions
      .of(ann.user.id)
      .filter(({ methods }) => methods[0] === 'passkey')
    expect(session?.methods).toEqual(['passkey'])
    const [row] = guests.people.store.passkeys.of(ann.user.id)
    expect(row?.lastUsedAt).toBe(now)
  })

  const wrongs: [string, Wrong][] = [
    ['for another challenge', { challenge: 'Zk3vX9q0m2x7c5n1p8r4t6Zk3vX9q0m2x7c5n1p8r4t' }],
    ['from the page of somebody else', { origin: 'https://evil.test' }],
    ['for the name of somebody else', { rpId: 'evil.test' }],
    ['that was a registration', { type: 'webauthn.create' }],
    ['without anybody there', { present: false }],
    ['without knowing who is there', { verified: false }],
    ['that does not say who it is', { userHandle: null }],
    ['that says it is somebody else', { userHandle: 'azN2OXEwbTJ4N2M1bjFwOHI0dDY' }],
  ]
  for (const [what, wrong] of wrongs)
    test(`is refused ${what}`, async () => {
      await add()
      const answer = await signInBy(authenticator, wrong)
      expect(answer.status).toBe(401)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await signInBy()).status).toBe(201)
    })

  test('is refused in another browser than the one that was asked, twice, and too late', async () => {
    await add()
    const foreign = cookiesOf((await guests.ask({}, 'POST', '/session/passkey/options')).headers)
    expect((await signInBy(authenticator, {}, foreign)).status).toBe(401)
    expect((await signInBy(authenticator, {}, {})).status).toBe(401)
    const asked = await guests.ask<Asked>({}, 'POST', '/session/passkey/options')
    const response = authenticator.sign(asked.value)
    const browser = cookiesOf(asked.headers)
    expect((await guests.ask(browser, 'POST', '/session/passkey', { response })).status).toBe(201)
    expect((await guests.ask(browser, 'POST', '/session/passkey', { response })).status).toBe(401)
    const late = await guests.ask<Asked>({}, 'POST', '/session/passkey/options')
    now += LIMITS.factors.challengeMs
    const json = { response: authenticator.sign(late.value) }
    expect((await guests.ask(cookiesOf(late.headers), 'POST', '/session/passkey', json)).status).toBe(401)
  })

  test('by a key that nobody has registered, in the same words', async () => {
    await add()
    const unknown = await signInBy(new Authenticator(origin))
    expect(unknown).toMatchObject({
      status: 401,
      text: (await signInBy(authenticator, { present: false })).text,
    })
  })

  test('a copy of the key shows by its counter', async () => {
    authenticator.counter = 5
    await add()
    expect((await signInBy(authenticator, { counter: 7 })).status).toBe(201)
    for (const counter of [7, 6, 0]) expect((await signInBy(authenticator, { counter })).status).toBe(401)
    expect((await signInBy(authenticator, { counter: 8 })).status).toBe(201)
  })

  test('is refused to who is disabled or deleted', async () => {
    await add()
    const owner = await guests.ownerKey()
    await guests.ask(owner, 'PATCH', `/users/${ann.user.id}`, { disabled: true })
    expect((await signInBy()).status).toBe(401)
    await guests.ask(owner, 'PATCH', `/users/${ann.user.id}`, { disabled: false })
    expect((await signInBy()).status).toBe(201)
    await guests.ask(owner, 'DELETE', `/users/${ann.user.id}`)
    expect((await signInBy()).status).toBe(401)
  })
})

describe('a second factor after the password', () => {
  test('is asked for in this browser: by a passkey, even one that does not know its person', async () => {
    await add()
    const answer = await guests.trySignIn(ann.user)
    expect(answer.problem).toMatchObject({ status: 401, factors: ['passkey', 'recovery-code'] })
    const browser = answer.cookies
    expect((await guests.ask(browser, 'GET', '/session/pending')).value).toEqual({
      login: ann.user.login,
      factors: ['passkey', 'recovery-code'],
      next: '/',
      problem: null,
    })
    const asked = await secondOptions(browser)
    expect(asked.value).toMatchObject({ rpId: 'localhost', allowCredentials: [{ type: 'public-key' }] })
    const passkey = authenticator.sign(asked.value, { verified: false, userHandle: null })
    const done = await second(browser, { passkey })
    expect(done.status).toBe(201)
    expect(await guests.works(cookiesOf(done.headers))).toBe(true)
    expect((await second(browser, { passkey })).status).toBe(404)
    expect((await guests.ask(browser, 'GET', '/session/pending')).value).toMatchObject({ login: null })
  })

  test('or by a code of an app, or a recovery code', async () => {
    const { code, recoveryCodes } = await guests.addTotp(ann)
    for (const proof of [{ totp: code(1) }, { recoveryCode: recoveryCodes[0] }])
      expect((await second(await halfWay(), proof)).status).toBe(201)
    for (const proof of [{ totp: code(1) }, { recoveryCode: recoveryCodes[0] }, {}])
      expect((await second(await halfWay(), proof)).problem).toMatchObject({
        status: 401,
        factors: ['totp', 'recovery-code'],
      })
  })

  test('J11 may be wrong a few times; then the password is asked for again', async () => {
    const { code } = await guests.addTotp(ann)
    const browser = await halfWay()
    for (let tries = 0; tries < LIMITS.factors.tries; tries++)
      expect((await second(browser, { totp: '12345' })).status).toBe(401)
    expect((await second(browser, { totp: code(1) })).status).toBe(404)
    expect((await second(await halfWay(), { totp: code(1) })).status).toBe(201)
  })

  test('is waited for in the one browser that has its cookie, and for five minutes', async () => {
    const { code } = await guests.addTotp(ann)
    const browser = await halfWay()
    const foreign = cookiesOf((await guests.ask({}, 'POST', '/session/passkey/options')).headers)
    for (const other of [{}, foreign, { cookie: 'fairlead-sign-in=' }])
      expect((await second(other, { totp: code(1) })).status).toBe(404)
    now += LIMITS.factors.challengeMs
    expect((await second(browser, { totp: code() })).status).toBe(404)
  })

  test('of one person is not in the way of another’s', async () => {
    const ben = await guests.guest()
    const [ofAnn, ofBen] = [await guests.addTotp(ann), await guests.addTotp(ben)]
    const [first, other] = [await halfWay(), (await guests.trySignIn(ben.user)).cookies]
    expect((await guests.ask(first, 'GET', '/session/pending')).value).toMatchObject({
      login: ann.user.login,
    })
    expect((await second(other, { totp: ofBen.code(1) })).value).toMatchObject({
      user: { login: ben.user.login },
    })
    expect((await second(first, { totp: ofAnn.code(1) })).value).toMatchObject({
      user: { login: ann.user.login },
    })
  })

  test('a browser cannot be given a cookie beforehand that is then half way in', async () => {
    await guests.addTotp(ann)
    const planted = { cookie: 'fairlead-sign-in=planted', 'sec-fetch-site': 'same-origin' }
    const json = { login: ann.user.login, password: PASSWORD }
    const { headers } = await guests.ask(planted, 'POST', '/session', json)
    expect(cookiesOf(headers)['cookie']).toMatch(/^fairlead-sign-in=[\w-]{43}$/)
    expect((await guests.ask(planted, 'GET', '/session/pending')).value).toMatchObject({ login: null })
  })

  test('is void when the password is changed or the account disabled meanwhile', async () => {
    const { code } = await guests.addTotp(ann)
    const first = await halfWay()
    now += 1
    const json = { current: PASSWORD, new: 'eight boats at sea' }
    expect((await guests.ask(ann.here, 'POST', '/profile/password', json)).status).toBe(200)
    expect((await second(first, { totp: code(1) })).status).toBe(404)
    const { cookies } = await guests.trySignIn(ann.user, { password: 'eight boats at sea' })
    await guests.ask(await guests.ownerKey(), 'PATCH', `/users/${ann.user.id}`, { disabled: true })
    expect((await second(cookies, { totp: code(1) })).status).toBe(404)
  })

  test('a passkey of somebody else will not do, nor one that signs a whole sign-in', async () => {
    await add()
    const thief = new Authenticator(origin)
    await add(await guests.guest(), thief)
    const browser = await halfWay()
    const asked = await secondOptions(browser)
    expect((await second(browser, { passkey: thief.sign(asked.value) })).status).toBe(401)
    const whole = await guests.ask<Asked>({}, 'POST', '/session/passkey/options')
    expect((await second(browser, { passkey: authenticator.sign(whole.value) })).status).toBe(401)
    const again = await secondOptions(browser)
    const response = authenticator.sign(again.value)
    expect((await guests.ask(browser, 'POST', '/session/passkey', { response })).status).toBe(401)
  })

  test('programs are told of it and get no cookie', async () => {
    const { code } = await guests.addTotp(ann)
    const { status, headers, problem } = await guests.trySignIn(ann.user, { as: 'token' })
    expect([status, problem]).toMatchObject([401, { factors: ['totp', 'recovery-code'] }])
    expect(headers.getSetCookie()).toEqual([])
    expect((await guests.trySignIn(ann.user, { as: 'token', totp: code(1) })).status).toBe(201)
  })
})

describe('where passkeys are bound to', () => {
  for (const [page, party] of [
    ['https://deploy.example.com', { id: 'deploy.example.com', origin: 'https://deploy.example.com' }],
    [
      'https://deploy.example.com:8443/',
      { id: 'deploy.example.com', origin: 'https://deploy.example.com:8443' },
    ],
    ['http://127.0.0.1:4750', { id: 'localhost', origin: 'http://localhost:4750' }],
    ['http://[::1]:4750', { id: 'localhost', origin: 'http://localhost:4750' }],
    ['http://localhost:4750', { id: 'localhost', origin: 'http://localhost:4750' }],
    ['http://deploy.example.com', null],
    ['https://192.0.2.7', null],
    ['https://[2001:db8::1]', null],
  ] as const)
    test(page, () => expect(partyOf(page)).toEqual(party))

  test('nowhere is told with what to do', () => {
    expect(() => requireParty(null)).toThrow('a host name')
  })
})
