/** J11: a password that somebody knows is no way to guess the second factor, through whichever door. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { startTestApp, type TestApp, UNLIMITED } from '../api/app.ts'
import { type Asked, Authenticator } from './authenticator.ts'
import { cookiesOf, type Guest, Guests, PASSWORD } from './guests.ts'

const { failuresBySource, failuresByAccount } = LIMITS.rate
let now = systemClock.now()
let app: TestApp
let guests: Guests
let ann: Guest
let code: (steps?: number) => string
let recoveryCodes: string[]

beforeEach(async () => {
  app = await startTestApp(new Map(), {
    clock: { ...systemClock, now: () => now },
    rates: { ...UNLIMITED, failuresBySource, failuresByAccount },
    trustedProxies: ['127.0.0.0/8'],
  })
  guests = new Guests(app, () => now)
  ann = await guests.guest()
  ;({ code, recoveryCodes } = await guests.addTotp(ann))
})
afterEach(async () => {
  guests.close()
  await app.stop()
})

const from = (address: string) => ({ 'x-forwarded-for': address, 'sec-fetch-site': 'same-origin' })
const password = { login: '', password: PASSWORD }
const signIn = (address: string, more: object) =>
  guests.ask(from(address), 'POST', '/session', { ...password, login: ann.user.login, ...more })
/** With a second call, as the page does it. */
async function halfAtATime(address: string, proof: object) {
  const first = await signIn(address, {})
  if (first.status === 429) return first
  const { headers } = first
  return await guests.ask(
    { ...from(address), ...cookiesOf(headers) },
    'POST',
    '/session/second-factor',
    proof,
  )
}

describe('from one source', () => {
  const doors: [string, (address: string) => Promise<{ status: number }>][] = [
    ['a code with the password', (address) => signIn(address, { totp: '12345' })],
    ['a recovery code with the password', (address) => signIn(address, { recoveryCode: 'x' })],
    ['a code after the password', (address) => halfAtATime(address, { totp: '12345' })],
    ['a recovery code after the password', (address) => halfAtATime(address, { recoveryCode: 'x' })],
    ['nothing after the password', (address) => halfAtATime(address, {})],
    [
      'a passkey alone',
      async (address) => {
        const asked = await guests.ask<Asked>(from(address), 'POST', '/session/passkey/options')
        const response = new Authenticator(() => app.url).sign(asked.value)
        const headers = { ...from(address), ...cookiesOf(asked.headers) }
        return await guests.ask(headers, 'POST', '/session/passkey', { response })
      },
    ],
    [
      'the own password, to remove the app',
      (address) =>
        guests.ask({ ...ann.here, ...from(address) }, 'DELETE', '/profile/totp', { password: 'wrong' }),
    ],
  ]
  for (const [what, guess] of doors)
    test(`${what} is guessed a few times; then nothing is looked at for a while`, async () => {
      const statuses: number[] = []
      for (let count = 0; count <= failuresBySource.burst; count++)
        statuses.push((await guess('198.51.100.7')).status)
      expect(statuses.slice(0, -1)).not.toContain(429)
      expect(statuses.at(-1)).toBe(429)
      const right = await signIn('198.51.100.7', { totp: code(1) })
      expect(right.status).toBe(429)
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
      now += 60_000
      expect((await signIn('198.51.100.7', { totp: code() })).status).toBe(201)
    })

  test('who is half way in already is held up as well', async () => {
    const headers = { ...from('198.51.100.7'), ...cookiesOf((await signIn('198.51.100.7', {})).headers) }
    for (let count = 0; count < failuresBySource.burst; count++)
      await signIn('198.51.100.7', { totp: '12345' })
    const second = () => guests.ask(headers, 'POST', '/session/second-factor', { totp: code(1) })
    expect((await second()).status).toBe(429)
    now += 60_000
    expect((await second()).status).toBe(201)
  })

  test('the password alone is no failure: it asks for more as often as it likes', async () => {
    for (let count = 0; count < 3 * failuresBySource.burst; count++)
      expect((await signIn('198.51.100.7', {})).status).toBe(401)
    expect((await signIn('198.51.100.7', { recoveryCode: recoveryCodes[0] })).status).toBe(201)
  })
})

test('from a thousand machines the account is slowed down, but not for its owner', async () => {
  const statuses: number[] = []
  for (let count = 0; count <= failuresByAccount.burst; count++)
    statuses.push((await halfAtATime(`198.51.100.${count}`, { totp: '12345' })).status)
  expect(statuses.at(-1)).toBe(429)
  expect((await halfAtATime('203.0.113.9', { totp: code(1) })).status).toBe(429)
  // From where she has signed in before.
  const { status } = await guests.trySignIn(ann.user, { totp: code(1) })
  expect(status).toBe(201)
})
