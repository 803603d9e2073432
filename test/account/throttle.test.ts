/** J11: guessing is slowed down by where it comes from and by whom it is about, through every door, and locks nobody out. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { LIMITS } from '../../src/base/limits.ts'
import { type Answer, startTestApp, type TestApp, UNLIMITED } from '../api/app.ts'
import { TestClock } from '../api/listening.ts'

const PASSWORD = 'seven boats at anchor'
const ANN = { login: 'ann@example.com', password: PASSWORD }
const { failuresBySource, failuresByAccount } = LIMITS.rate
/** Everything comes through a proxy that is trusted, so a test may come from anywhere. */
const from = (address: string) => ({ 'x-forwarded-for': address, 'sec-fetch-site': 'same-origin' })
let app: TestApp
let clock: TestClock

beforeEach(async () => {
  clock = new TestClock()
  app = await startTestApp(new Map(), {
    clock,
    rates: { ...UNLIMITED, failuresBySource, failuresByAccount },
    trustedProxies: ['127.0.0.1'],
  })
  const code = new URL(app.setUpUrl ?? '').hash.slice(1)
  await app.ask('POST', '/setup', { json: { code, ...ANN }, headers: from('192.0.2.1') })
})
afterEach(() => app.stop())

const signIn = (address: string, proof: object = ANN): Promise<Answer> =>
  app.ask('POST', '/session', { json: { ...ANN, ...proof }, headers: from(address) })
const guess = (address: string, login = ANN.login) => signIn(address, { login, password: 'a wrong guess' })

async function guesses(count: number, address: (n: number) => string): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < count; n++) statuses.push((await guess(address(n))).status)
  return statuses
}

describe('J11 guessing passwords', () => {
  test('from one source: ten a minute, whoever is guessed at, and the right one is not looked at either', async () => {
    const statuses = await guesses(12, () => '198.51.100.7')
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    const held = await signIn('198.51.100.7', ANN)
    expect(held.status).toBe(429)
    expect(held.headers.get('retry-after')).toBe('6')
    expect((await guess('198.51.100.7', 'nobody@example.com')).status).toBe(429)
    expect((await signIn('198.51.100.8', ANN)).status).toBe(201)
    clock.pass(6_000)
    expect((await signIn('198.51.100.7', ANN)).status).toBe(201)
  })

  test('an IPv6 network is one source', async () => {
    const statuses = await guesses(11, (n) => `2001:db8:1:2::${n.toString(16)}`)
    expect(statuses.at(-1)).toBe(429)
    expect((await guess('2001:db8:1:3::1')).status).toBe(401)
  })

  test('from a thousand machines: the account is slowed down, but not for its owner', async () => {
    const statuses = await guesses(40, (n) => `198.51.100.${n}`)
    expect(statuses.filter((status) => status === 401)).toHaveLength(failuresByAccount.burst)
    expect((await signIn('203.0.113.9', ANN)).status).toBe(429)
    expect((await signIn('192.0.2.1', ANN)).status).toBe(201)
  })

  test('its owner is known by the network that he has signed in from, however its addresses change', async () => {
    expect((await signIn('2001:db8:7:7::a')).status).toBe(201)
    await guesses(40, (n) => `198.51.100.${n}`)
    expect((await signIn('2001:db8:7:8::a', ANN)).status).toBe(429)
    expect((await signIn('2001:db8:7:7:1234:5678:9abc:def0', ANN)).status).toBe(201)
  })

  test('an unknown account is slowed down likewise, so that nothing shows', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 40; n++) statuses.push((await guess(`198.51.100.${n}`, 'nobody@example.com')).status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(failuresByAccount.burst)
  })

  test('many at the same time make a debt', async () => {
    await Promise.all(Array.from({ length: 30 }, () => guess('198.51.100.7')))
    clock.pass(60_000)
    expect((await guess('198.51.100.7')).status).toBe(429)
  })

  test('who gets in has his own failures forgiven, and of no other source', async () => {
    await guesses(9, () => '198.51.100.7')
    await guesses(9, () => '198.51.100.8')
    expect((await signIn('198.51.100.7', ANN)).status).toBe(201)
    expect(await guesses(9, () => '198.51.100.7')).not.toContain(429)
    expect(await guesses(2, () => '198.51.100.8')).toEqual([401, 429])
  })

  test('but not those about others: he could guess at a neighbour for ever', async () => {
    const { headers } = await signIn('192.0.2.1')
    const cookie = headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const bob = { login: 'bob@example.com', password: 'nine gulls over a pier' }
    const invited = await app.ask('POST', '/users', { json: bob, headers: { cookie, ...from('192.0.2.1') } })
    expect(invited.status).toBe(201)
    const statuses: number[] = []
    for (let round = 0; round < 3; round++) {
      // From where Ann has signed in before, so that only the source counts.
      statuses.push(...(await guesses(5, () => '192.0.2.1')))
      statuses.push((await signIn('192.0.2.1', bob)).status)
    }
    expect(statuses).toEqual([
      ...Array<number>(5).fill(401),
      201,
      ...Array<number>(5).fill(401),
      ...Array<number>(7).fill(429),
    ])
  })
})

describe('J11 the side doors count as well', () => {
  const DOORS: [path: string, json: object][] = [
    ['/invitations/accept', { code: 'x', password: PASSWORD }],
    ['/password-resets/accept', { code: 'x', password: PASSWORD }],
    ['/session', { ...ANN, password: 'a wrong guess' }],
  ]
  for (const [path, json] of DOORS)
    test(path, async () => {
      const statuses: number[] = []
      for (let n = 0; n < 11; n++)
        statuses.push((await app.ask('POST', path, { json, headers: from('198.51.100.7') })).status)
      expect(statuses.at(-1)).toBe(429)
      expect((await signIn('198.51.100.7', ANN)).status).toBe(429)
    })

  test('the own password, asked again', async () => {
    const { headers } = await signIn('198.51.100.7', ANN)
    const cookie = headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const change = async () =>
      (
        await app.ask('POST', '/profile/password', {
          json: { current: 'a wrong guess', new: 'nine gulls over a pier' },
          headers: { cookie, ...from('198.51.100.7') },
        })
      ).status
    const statuses: number[] = []
    for (let n = 0; n < 11; n++) statuses.push(await change())
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429])
  })
})
