/** Codes of an authenticator app and recovery codes, against the real app with a clock that the test turns. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import type { Factors, User } from '../../src/contract/shapes/account.ts'
import { canonicalCode, newRecoveryCode } from '../../src/engine/account/recovery-codes.ts'
import { stepOf } from '../../src/engine/account/totp.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { type Guest, Guests, PASSWORD } from './guests.ts'

const STEP_MS = 30_000
let now = systemClock.now()
let app: TestApp
let guests: Guests
let ann: Guest

beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  guests = new Guests(app, () => now)
})
afterAll(async () => {
  guests.close()
  await app.stop()
})
beforeEach(async () => {
  now += 10 * STEP_MS
  ann = await guests.guest()
})

describe('codes of RFC 6238', () => {
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' // appendix B: 12345678901234567890

  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ] as const)
    test(`${code} at ${seconds} s, a step before and a step after, and no longer`, () => {
      const step = Math.floor(seconds / 30)
      for (const [off, found] of [
        [0, step],
        [-30, step],
        [30, step],
        [-60, null],
        [60, null],
      ] as const)
        expect(stepOf(SECRET, code, (seconds + off) * 1_000)).toBe(found)
      expect(stepOf(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, seconds * 1_000)).toBe(step)
    })

  test('what is not six digits is no code', () => {
    for (const wrong of ['', '28708', '2870821', '28708a', '２８７０８２', '94287082'])
      expect(stepOf(SECRET, wrong, 59_000)).toBeNull()
  })
})

describe('an authenticator app', () => {
  test('counts once it has shown a code; from then on the password alone opens nothing', async () => {
    const proposed = await guests.ask<{ secret: string; uri: string }>(ann.here, 'POST', '/profile/totp', {
      password: PASSWORD,
    })
    expect(proposed.status).toBe(201)
    expect(proposed.value.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(proposed.value.uri).toStartWith(`otpauth://totp/Fairlead:${encodeURIComponent(ann.user.login)}?`)
    expect((await guests.trySignIn(ann.user)).status).toBe(201)
    const { code, factors, recoveryCodes } = await guests.addTotp(ann)
    expect(factors).toMatchObject({ password: true, totp: true, recoveryCodes: 10 })
    expect(recoveryCodes).toHaveLength(10)
    const half = await guests.trySignIn(ann.user)
    expect(half.status).toBe(401)
    expect(half.problem).toMatchObject({ code: 'unauthenticated', factors: ['totp', 'recovery-code'] })
    expect(half.headers.getSetCookie().join()).not.toContain('fs_')
    expect((await guests.trySignIn(ann.user, { totp: code(1) })).status).toBe(201)
    const [session] = guests.people.store.sessions.of(ann.user.id).filter(({ methods }) => methods.length > 1)
    expect(session?.methods).toEqual(['password', 'totp'])
  })

  test('is never told of before the password was right', async () => {
    await guests.addTotp(ann)
    const wrong = await guests.trySignIn(ann.user, { password: 'not the one', totp: '123456' })
    const unknown = await guests.trySignIn({ login: 'nobody@example.com' }, { totp: '123456' })
    expect(wrong).toMatchObject({ status: 401, text: unknown.text })
    expect(wrong.problem).not.toHaveProperty('factors')
  })

  test('each code opens once, and no earlier one after it', async () => {
    const { code } = await guests.addTotp(ann)
    now += 2 * STEP_MS
    const [one, two, later] = [code(), code(), code(1)]
    expect((await guests.trySignIn(ann.user, { totp: code(2) })).status).toBe(401)
    expect((await guests.trySignIn(ann.user, { totp: later })).status).toBe(201)
    for (const used of [later, one, two])
      expect((await guests.trySignIn(ann.user, { totp: used })).problem).toMatchObject({
        status: 401,
        detail: 'The code is not right.',
        factors: ['totp', 'recovery-code'],
      })
    now += 2 * STEP_MS
    expect((await guests.trySignIn(ann.user, { totp: code() })).status).toBe(201)
  })

  test('of twenty sign-ins with the same code at the same time one succeeds', async () => {
    const { code } = await guests.addTotp(ann)
    const totp = code(1)
    const tries = Array.from({ length: 20 }, () => guests.trySignIn(ann.user, { totp }))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  })

  test('the code that has confirmed it does not open as well', async () => {
    const { code } = await guests.addTotp(ann)
    expect((await guests.trySignIn(ann.user, { totp: code() })).status).toBe(401)
  })

  test('of another person opens nothing', async () => {
    await guests.addTotp(ann)
    const { code } = await guests.addTotp(await guests.guest())
    expect((await guests.trySignIn(ann.user, { totp: code(1) })).status).toBe(401)
  })

  test('is not set up twice, nor by a code that it does not show', async () => {
    const json = { code: '000000' }
    expect((await guests.ask(ann.here, 'POST', '/profile/totp/confirm', json)).status).toBe(409)
    await guests.ask(ann.here, 'POST', '/profile/totp', { password: PASSWORD })
    for (const code of ['', '12345', 'abcdef']) {
      const { problem } = await guests.ask(ann.here, 'POST', '/profile/totp/confirm', { code })
      expect(problem).toMatchObject({ status: 422, errors: [{ field: 'code' }] })
    }
    expect((await guests.trySignIn(ann.user)).status).toBe(201)
    await guests.addTotp(ann)
    expect((await guests.ask(ann.here, 'POST', '/profile/totp', { password: PASSWORD })).status).toBe(409)
  })

  test('J07 adding and removing it ends the other sessions, and each is an event without the secret', async () => {
    const there = await guests.signIn(ann.user)
    const { code } = await guests.addTotp(ann)
    expect([await guests.works(ann.here), await guests.works(there)]).toEqual([true, false])
    const again = await guests.signIn(ann.user, { totp: code(1) })
    const removed = await guests.ask<Factors>(ann.here, 'DELETE', '/profile/totp', { password: PASSWORD })
    expect(removed.value).toMatchObject({ totp: false, recoveryCodes: 0 })
    expect([await guests.works(ann.here), await guests.works(again)]).toEqual([true, false])
    for (const kind of ['totp.added', 'totp.removed'])
      expect(guests.events(kind).at(-1)).toMatchObject({
        actor: { userId: ann.user.id, address: '127.0.0.1' },
        data: { user: ann.user.id, endedSessions: 1 },
      })
    expect((await guests.trySignIn(ann.user)).status).toBe(201)
    expect((await guests.ask(ann.here, 'DELETE', '/profile/totp', { password: PASSWORD })).status).toBe(404)
  })

  test('J11 stays when the password is changed or reset', async () => {
    const { code } = await guests.addTotp(ann)
    const other = 'eight boats at sea'
    const json = { current: PASSWORD, new: other }
    expect((await guests.ask(ann.here, 'POST', '/profile/password', json)).status).toBe(200)
    const half = await guests.trySignIn(ann.user, { password: other })
    expect(half.problem).toMatchObject({ status: 401, factors: ['totp', 'recovery-code'] })
    const path = `/users/${ann.user.id}/password-reset`
    const { value } = await guests.ask<{ url: string }>(await guests.ownerKey(), 'POST', path)
    const reset = { code: new URL(value.url).hash.slice(1), password: PASSWORD }
    expect((await guests.ask({}, 'POST', '/password-resets/accept', reset)).status).toBe(200)
    expect((await guests.trySignIn(ann.user)).status).toBe(401)
    expect((await guests.trySignIn(ann.user, { totp: code(1) })).status).toBe(201)
  })
})

describe('whoever changes what he signs in with', () => {
  const changes = [
    ['POST', '/profile/totp'],
    ['DELETE', '/profile/totp'],
    ['POST', '/profile/recovery-codes'],
  ] as const

  test('types the password once more: an open screen is not enough, nor is an API key', async () => {
    await guests.addTotp(ann)
    const user = guests.people.store.users.find(ann.user.id)
    for (const [method, path] of changes) {
      for (const json of [{}, { password: '' }, { password: 'not the one' }]) {
        const { problem } = await guests.ask(ann.here, method, path, json)
        expect(problem).toMatchObject({ status: 403, errors: [{ field: 'password' }] })
      }
      const key = user ? guests.people.key(user) : {}
      const { problem } = await guests.ask(key, method, path, { password: PASSWORD })
      expect(problem).toMatchObject({ status: 403, detail: expect.stringContaining('API key') })
    }
    const { value } = await guests.ask<User>(ann.here, 'GET', '/profile')
    expect(value.factors).toMatchObject({ totp: true, recoveryCodes: 10 })
  })

  test('without a password has signed in within the last ten minutes', async () => {
    const { user, cookie } = await guests.people.person(`nopass${now}`)
    now += 10 * 60_000
    expect((await guests.ask(cookie, 'POST', '/profile/totp', {})).status).toBe(403)
    expect((await guests.ask(guests.people.session(user), 'POST', '/profile/totp', {})).status).toBe(201)
  })
})

describe('recovery codes', () => {
  test('have 120 bits, and are read as people type them', () => {
    const code = newRecoveryCode()
    expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$/)
    const plain = code.replaceAll('-', '')
    for (const typed of [code, plain, code.toUpperCase(), ` ${code.replaceAll('-', ' ')} `])
      expect(canonicalCode(typed)).toBe(plain)
    expect(canonicalCode('OIL0-1234-5678-9abc-defg-hjkm')).toBe('0110123456789abcdefghjkm')
    for (const wrong of ['', plain.slice(1), `${plain}0`, plain.replace(/^./, 'u'), '0'.repeat(1_000)])
      expect(canonicalCode(wrong)).toBeNull()
  })

  test('each signs in once, and that is an event', async () => {
    const { recoveryCodes } = await guests.addTotp(ann)
    const [first = '', second = ''] = recoveryCodes
    expect((await guests.trySignIn(ann.user, { recoveryCode: first.toUpperCase() })).status).toBe(201)
    expect((await guests.trySignIn(ann.user, { recoveryCode: first })).status).toBe(401)
    expect(guests.events('recovery-code.used').at(-1)).toMatchObject({
      actor: { userId: ann.user.id, address: '127.0.0.1' },
      data: { left: 9 },
    })
    expect((await guests.trySignIn(ann.user, { recoveryCode: second })).status).toBe(201)
    const { value } = await guests.ask<User>(ann.here, 'GET', '/profile')
    expect(value.factors.recoveryCodes).toBe(8)
  })

  test('of twenty sign-ins with the same one at the same time one succeeds', async () => {
    const { recoveryCodes } = await guests.addTotp(ann)
    const tries = Array.from({ length: 20 }, () =>
      guests.trySignIn(ann.user, { recoveryCode: recoveryCodes[0] }),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  })

  test('made anew, the earlier ones are void; those of others never were any', async () => {
    const { recoveryCodes: earlier, code } = await guests.addTotp(ann)
    const { recoveryCodes: foreign } = await guests.addTotp(await guests.guest())
    const there = await guests.signIn(ann.user, { totp: code(1) })
    const made = await guests.ask<{ recoveryCodes: string[] }>(ann.here, 'POST', '/profile/recovery-codes', {
      password: PASSWORD,
    })
    expect(made.status).toBe(201)
    expect(await guests.works(there)).toBe(false)
    for (const recoveryCode of [earlier[0], foreign[0]])
      expect((await guests.trySignIn(ann.user, { recoveryCode })).status).toBe(401)
    const [recoveryCode] = made.value.recoveryCodes
    expect((await guests.trySignIn(ann.user, { recoveryCode })).status).toBe(201)
  })

  test('are for those who have a second factor', async () => {
    const asked = await guests.ask(ann.here, 'POST', '/profile/recovery-codes', { password: PASSWORD })
    expect(asked.status).toBe(409)
  })

  test('S01 neither they nor the secret lie in the data folder as they are', async () => {
    const proposed = await guests.ask<{ secret: string }>(ann.here, 'POST', '/profile/totp', {
      password: PASSWORD,
    })
    const { secret } = proposed.value
    const { recoveryCodes } = await guests.addTotp(await guests.guest())
    const disk = ['fairlead.db', 'fairlead.db-wal'].map((name) =>
      readFileSync(join(app.data, name), 'latin1'),
    )
    expect(disk.join('')).toContain(ann.user.login)
    for (const told of [secret, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))])
      expect(disk.join('')).not.toContain(told)
  })
})

describe('a user who has lost the second factor', () => {
  const reset = async (headers: Record<string, string>, { id }: Pick<User, 'id'>) =>
    await guests.ask<User>(headers, 'DELETE', `/users/${id}/factors`)

  test('gets in by the password again when somebody resets it; the sessions have ended', async () => {
    await guests.addTotp(ann)
    const { status, value } = await reset(await guests.ownerKey(), ann.user)
    expect(status).toBe(200)
    expect(value.factors).toMatchObject({ password: true, totp: false, recoveryCodes: 0 })
    expect(await guests.works(ann.here)).toBe(false)
    expect(guests.events('factors.reset').at(-1)).toMatchObject({
      data: { user: ann.user.id, before: { totp: true, passkeys: 0, recoveryCodes: 10 }, endedSessions: 1 },
    })
    expect((await guests.trySignIn(ann.user)).status).toBe(201)
  })

  test('who had none keeps the sessions, and nothing is written down', async () => {
    const before = guests.events('factors.reset').length
    expect((await reset(await guests.ownerKey(), ann.user)).status).toBe(200)
    expect(await guests.works(ann.here)).toBe(true)
    expect(guests.events('factors.reset')).toHaveLength(before)
  })

  test('Z09 J17 nobody resets those of who may do more, nor his own', async () => {
    const boss = await guests.guest('owner')
    const { code } = await guests.addTotp(boss)
    const { here: admin, user } = await guests.guest('admin')
    expect((await reset(admin, boss.user)).problem).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await reset(boss.here, boss.user)).status).toBe(409)
    expect((await reset(ann.here, user)).status).toBe(404)
    expect((await reset(ann.here, ann.user)).status).toBe(403)
    expect((await guests.trySignIn(boss.user)).status).toBe(401)
    expect((await guests.trySignIn(boss.user, { totp: code(1) })).status).toBe(201)
  })
})
