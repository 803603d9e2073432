/** A password that was right and a second factor that was not: somebody may have a password that is not his. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { type Guest, Guests } from '../account/guests.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

const now = systemClock.now()
let app: TestApp
let guests: Guests
let ann: Guest
beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  guests = new Guests(app, () => now)
  ann = await guests.guest()
})
afterAll(async () => {
  guests.close()
  await app.stop()
})

async function refusals() {
  const path = `/audit?kind=refused&actor=${ann.user.login}`
  const { value } = await guests.ask<{ items: { actor: object; data: object }[] }>(
    await guests.ownerKey(),
    'GET',
    path,
  )
  return value.items.map(({ actor, data }) => ({ actor, data }))
}

test('is a row of the audit with whose password it was and from where', async () => {
  await guests.addTotp(ann)
  expect((await guests.trySignIn(ann.user)).status).toBe(401)
  await guests.trySignIn({ login: 'nobody@example.com' }, { totp: '000000' })
  await guests.trySignIn(ann.user, { password: 'another password', totp: '000000' })
  expect(await refusals()).toEqual([])

  const actor = { kind: 'user', name: ann.user.login, userId: ann.user.id, address: '127.0.0.1' }
  const told = (route: string) => ({
    actor: expect.objectContaining(actor),
    data: { route, code: 'unauthenticated' },
  })
  for (const wrong of [{ totp: '000000' }, { recoveryCode: 'x' }, { as: 'token', totp: '000000' }])
    expect((await guests.trySignIn(ann.user, wrong)).status).toBe(401)
  expect(await refusals()).toEqual(Array.from({ length: 3 }, () => told('session.open')))

  const { cookies } = await guests.trySignIn(ann.user)
  const half = await guests.ask(cookies, 'POST', '/session/second-factor', { totp: '000000' })
  expect(half.status).toBe(401)
  expect((await refusals())[0]).toEqual(told('sign-in.second-factor'))
})
