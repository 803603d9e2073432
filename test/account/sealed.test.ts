/** S02: a sealed secret opens where it was sealed and nowhere else, whoever writes to the database. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { type Guest, Guests } from './guests.ts'

let now = systemClock.now()
let app: TestApp
let guests: Guests
beforeAll(async () => {
  app = await startTestApp(new Map(), { clock: { ...systemClock, now: () => now } })
  guests = new Guests(app, () => now)
})
afterAll(async () => {
  guests.close()
  await app.stop()
})

const db = () => guests.people.store.db
const sealedOf = ({ user }: Guest): string =>
  db().get<{ totp_secret: string }>('SELECT totp_secret FROM users WHERE id = ?', user.id)?.totp_secret ?? ''
const put = (sealed: string, { user }: Guest) =>
  db().run('UPDATE users SET totp_secret = ?, totp_last_step = NULL WHERE id = ?', sealed, user.id)

test('the secret of an app that was copied to somebody else lets nobody in', async () => {
  const [eve, ann] = [await guests.guest(), await guests.guest()]
  const [ofEve, ofAnn] = [await guests.addTotp(eve), await guests.addTotp(ann)]
  const own = sealedOf(ann)
  const flipped = Buffer.from(own, 'base64url').map((byte, index, all) =>
    index === all.length - 1 ? byte ^ 1 : byte,
  )
  for (const sealed of [sealedOf(eve), Buffer.from(flipped).toString('base64url'), `${own}A`, '', 'x']) {
    put(sealed, ann)
    now += 60_000
    for (const totp of [ofEve.code(), ofAnn.code(), '000000']) {
      const { status, cookies } = await guests.trySignIn(ann.user, { totp })
      expect(status).not.toBe(201)
      expect(cookies['cookie']).not.toContain('fairlead=')
    }
  }
  // Who has it the right way gets in none the less, and what stands where it was sealed opens.
  expect((await guests.trySignIn(ann.user, { recoveryCode: ofAnn.recoveryCodes[0] })).status).toBe(201)
  put(own, ann)
  now += 60_000
  expect((await guests.trySignIn(ann.user, { totp: ofAnn.code() })).status).toBe(201)
})
