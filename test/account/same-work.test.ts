/** J12: whoever is asked about, the same is done; what is done costs the same (test/base/passwords.test.ts). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { Passwords } from '../../src/base/passwords.ts'
import { Seal } from '../../src/base/seal.ts'
import { signIn } from '../../src/engine/account/sign-in.ts'
import { Throttle } from '../../src/engine/account/throttle.ts'
import { Store } from '../../src/store/store.ts'

/** Bcrypt with a note of each comparison that somebody had to wait for. */
class Counted extends Passwords {
  compared = 0

  override verify(...given: Parameters<Passwords['verify']>): Promise<boolean> {
    this.compared++
    return super.verify(...given)
  }
  override verifyNothing(...given: Parameters<Passwords['verifyNothing']>): Promise<false> {
    this.compared++
    return super.verifyNothing(...given)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'fairlead-same-work-'))
const store = new Store(join(folder, 'fairlead.db'), { now: 0 })
const passwords = new Counted({ cost: 4 })
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

beforeAll(async () => {
  const passwordHash = await passwords.hash('seven boats at anchor')
  const person = (name: string, hash: string | null) =>
    store.users.create({ kind: 'person', login: `${name}@example.com`, name, passwordHash: hash, now: 0 })
  person('known', passwordHash)
  person('without-a-password', null)
  store.users.setDisabled(person('disabled', passwordHash).id, true)
  store.users.markDeleted(person('deleted', passwordHash).id, 0)
  store.users.create({ kind: 'machine', login: 'machine', name: 'machine', passwordHash: null, now: 0 })
})

const logins = ['known', 'without-a-password', 'disabled', 'deleted', 'nobody'].map(
  (name) => `${name}@example.com`,
)
for (const login of [...logins, 'machine', 'no address', ''])
  test(`"${login}" costs a comparison, and is told the same`, async () => {
    const clock = systemClock
    const world = {
      store,
      clock,
      passwords,
      seal: new Seal('0'.repeat(64)),
      throttle: new Throttle({ store, clock }, LIMITS.rate),
      isCommonPassword: () => false,
      baseUrl: () => 'http://localhost',
    }
    const way = { address: '192.0.2.1', userAgent: '', holder: null }
    passwords.compared = 0
    const failure = await signIn(world, { login, password: 'a wrong guess' }, way).catch(
      (thrown: unknown) => thrown,
    )
    expect(failure).toMatchObject({
      code: 'unauthenticated',
      message: 'The e-mail address or the password is wrong.',
    })
    expect(passwords.compared).toBe(1)
  })
