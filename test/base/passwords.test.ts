import { beforeEach, describe, expect, spyOn, test } from 'bun:test'
import { costFor, isCommonPassword, Passwords } from '../../src/base/passwords.ts'

/** The least that bcrypt knows: a test has other things to do. */
const COST = 4
let passwords = new Passwords({ cost: COST })
beforeEach(() => {
  passwords = new Passwords({ cost: COST })
})
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )

describe('hash and verify', () => {
  test('the password that was set, and no other', async () => {
    const hash = await passwords.hash('correct horse')
    expect(hash).toStartWith('$2b$04$')
    expect(await passwords.hash('correct horse')).not.toBe(hash)
    expect(await passwords.verify('correct horse', hash)).toBe(true)
    for (const wrong of ['correct hors', 'Correct horse', 'correct horse ', ''])
      expect(await passwords.verify(wrong, hash)).toBe(false)
  })

  test('hashes of other programs', async () => {
    // The vectors of crypt_blowfish, by Openwall.
    const vectors = {
      'U*U': 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
      'U*U*': 'CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
    }
    for (const version of ['2a', '2b', '2y'])
      for (const [password, hash] of Object.entries(vectors)) {
        expect(await passwords.verify(password, `$${version}$05$${hash}`)).toBe(true)
        expect(await passwords.verify(`${password}U`, `$${version}$05$${hash}`)).toBe(false)
      }
  })

  test('J13 nothing beyond 72 bytes is ever cut off', async () => {
    const whole = 'a'.repeat(72)
    const hash = await passwords.hash(whole)
    expect(await passwords.verify(whole, hash)).toBe(true)
    for (const longer of [`${whole}b`, `${whole}${'c'.repeat(128)}`, 'a'.repeat(1_048_576)]) {
      expect(await thrown(passwords.hash(longer))).toMatchObject({ code: 'invalid' })
      expect(await passwords.verify(longer, hash)).toBe(false)
    }
    const wide = 'é'.repeat(36)
    expect(await passwords.verify(wide, await passwords.hash(wide))).toBe(true)
    expect(await thrown(passwords.hash(`${wide}e`))).toMatchObject({ code: 'invalid' })
    expect(await passwords.verify(`${wide}e`, await passwords.hash(wide))).toBe(false)
  })

  test('J13 composed and decomposed letters are the same password', async () => {
    const hash = await passwords.hash('Zo\u00eb Ångström'.normalize('NFC'))
    expect(await passwords.verify('Zo\u00eb Ångström'.normalize('NFD'), hash)).toBe(true)
    // Four code units that become one: the longest that can still fit.
    const composed = '\u1f82'.repeat(24)
    const decomposed = composed.normalize('NFD')
    expect(decomposed).toHaveLength(4 * 24)
    expect(await passwords.verify(decomposed, await passwords.hash(composed))).toBe(true)
  })

  test('J13 what bcrypt can not tell apart is no password', async () => {
    const hash = await passwords.hash('before')
    for (const unreadable of ['', 'before\0', 'before\0after', 'be\nfore', '\u0085before', 'before\ud800']) {
      expect(await thrown(passwords.hash(unreadable))).toMatchObject({ code: 'invalid' })
      expect(await passwords.verify(unreadable, hash)).toBe(false)
    }
  })

  test('a hash that is none is told as damage, never as a wrong password', async () => {
    for (const damaged of [
      '',
      'x',
      '$2b$04$short',
      '$argon2id$v=19$m=1,t=1,p=1$aa$aa',
      `$2b$31$${'a'.repeat(53)}`,
    ])
      expect(await thrown(passwords.verify('x', damaged))).toMatchObject({ code: 'broken_data' })
  })
})

/** The costs at which `work` has compared, one after the other. */
async function comparedAt(work: () => Promise<unknown>): Promise<number[]> {
  const verify = spyOn(Bun.password, 'verify')
  try {
    await work()
    return verify.mock.calls.map(([, hash]) => Number(String(hash).split('$')[2]))
  } finally {
    verify.mockRestore()
  }
}

describe('J12 what an answer costs', () => {
  const strong = new Passwords({ cost: 6 })

  test('a wrong password is as much work as an account that does not exist', async () => {
    const hash = await strong.hash('right')
    expect(await comparedAt(() => strong.verifyNothing())).toEqual([6])
    expect(await comparedAt(() => strong.verify('wrong', hash))).toEqual([6])
    for (const unreadable of ['', 'a'.repeat(73), 'a'.repeat(1_000_000), 'a\0'])
      expect(await comparedAt(() => strong.verify(unreadable, hash))).toEqual([6])
    expect(await strong.verifyNothing()).toBe(false)
  })

  test('a hash of less cost is made up for: 2⁴ + 2⁴ + 2⁵ = 2⁶', async () => {
    const old = await passwords.hash('right')
    expect(await comparedAt(() => strong.verify('wrong', old))).toEqual([4, 4, 5])
    expect(await comparedAt(() => strong.verify('right', old))).toEqual([4])
  })

  test('a hash of more cost raises the cost of everything', async () => {
    const modest = new Passwords({ cost: 4 })
    const hash = await new Passwords({ cost: 5 }).hash('right')
    expect(await modest.verify('wrong', hash)).toBe(false)
    expect(await comparedAt(() => modest.verifyNothing())).toEqual([5])
    expect(modest.needsRehash(await passwords.hash('right'))).toBe(true)
    expect(await modest.hash('new')).toStartWith('$2b$05$')
  })

  test('hashes of less cost are to be made anew', async () => {
    expect(strong.needsRehash(await passwords.hash('right'))).toBe(true)
    expect(strong.needsRehash(await strong.hash('right'))).toBe(false)
  })
})

describe('the cost', () => {
  test('is the one nearest to a quarter of a second, between 10 and 15', () => {
    const costs = [62.5, 125, 31.25, 56, 80, 250, 1_000, 100_000, 8, 4, 1, 0].map(costFor)
    expect(costs).toEqual([12, 11, 13, 12, 12, 10, 10, 10, 15, 15, 15, 15])
  })

  test('is measured when first needed, once', async () => {
    const measured = new Passwords()
    expect(
      await comparedAt(async () => expect(measured.needsRehash(await passwords.hash('x'))).toBe(false)),
    ).toEqual([])
    const [first, ...rest] = await comparedAt(() =>
      Promise.all([measured.verifyNothing(), measured.verifyNothing()]),
    )
    expect([first, ...rest.slice(0, 2)]).toEqual([10, 10, 10])
    expect(rest.slice(2)).toHaveLength(2)
    const cost = rest.at(-1) ?? 0
    expect(cost).toBeGreaterThanOrEqual(10)
    expect(await comparedAt(() => measured.verifyNothing())).toEqual([cost])
  })
})

describe('J14 the line', () => {
  test('holds a burst, and refuses what would wait too long', async () => {
    const short = new Passwords({ cost: COST, parallel: 1, waiting: 3 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => thrown(short.verifyNothing())))
    const refused = answers.filter((answer) => answer !== 'nothing was thrown')
    expect(refused).toHaveLength(4)
    for (const refusal of refused)
      expect(refusal).toMatchObject({ code: 'too_many_requests', extra: { retryAfter: 1 } })
    expect(await short.verifyNothing()).toBe(false)
  })

  test('is left by who has gone', async () => {
    const short = new Passwords({ cost: COST, parallel: 1, waiting: 3 })
    const gone = new AbortController()
    const hash = await short.hash('right')
    const work = [short.verifyNothing(), short.verify('right', hash, gone.signal)].map(thrown)
    gone.abort(new Error('closed'))
    expect(await Promise.all(work)).toMatchObject(['nothing was thrown', { message: 'closed' }])
  })
})

describe('common passwords', () => {
  test('are known in whatever case and width', () => {
    for (const common of [
      'password',
      'Sunshine1',
      'P@ssw0rd',
      'QWERTY123',
      '12345678',
      '123456',
      'xpcrew',
      'ｐａｓｓｗｏｒｄ',
    ])
      expect([common, isCommonPassword(common)]).toEqual([common, true])
  })

  test('and nothing else is', () => {
    for (const other of [
      '',
      ',',
      '","',
      'password","12345678',
      'asswor',
      '\\',
      'correct horse battery',
      'x'.repeat(1e6),
    ])
      expect([other.slice(0, 30), isCommonPassword(other)]).toEqual([other.slice(0, 30), false])
  })
})
