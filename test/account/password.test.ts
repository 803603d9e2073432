import { describe, expect, test } from 'bun:test'
import { assert, asyncProperty, string } from 'fast-check'
import { isCommonPassword, Passwords } from '../../src/base/passwords.ts'
import { passwordRefusal, requireNewPassword } from '../../src/domain/account/password.ts'

const ann = { login: 'ann.lee@example.com', name: 'Ann Björk Lee', isCommon: isCommonPassword }
const refusal = (password: string) => passwordRefusal(password, ann)

describe('a new password', () => {
  test('is taken when it is long and not guessable', () => {
    const good = [
      'correct horse battery',
      'k7#mQp2x',
      ' eight ok ',
      'пароль надёжный',
      '🦊🐻🐼🦁🐯🐨🐸🐵',
      'a'.repeat(71) + 'b',
    ]
    expect(good.map(refusal)).toEqual(good.map(() => null))
  })

  test('has 8 characters, however many bytes they are', () => {
    for (const short of ['', 'k7#mQp2', 'жжжжжжж', 'e\u0301'.repeat(7), '🦊🐻🐼🦁🐯🐨🐸'])
      expect([short, refusal(short)]).toEqual([short, 'must have at least 8 characters'])
  })

  test('J13 has 72 bytes at most, of which letters beyond a to z take more', () => {
    expect(refusal('é'.repeat(36))).toBeNull()
    for (const long of [
      'k7#mQp2x'.repeat(9) + '!',
      'é'.repeat(37),
      'x'.repeat(200),
      'e\u0301'.repeat(1_000_000),
    ])
      expect(refusal(long)).toContain('at most 72 bytes')
  })

  test('J13 holds no NUL, no other control character and no half of a character', () => {
    for (const control of ['correct\0horse', 'correct\nhorse', '\u0085correct horse', 'correct horse\ud83e'])
      expect(refusal(control)).toBe('must not hold control characters')
  })

  test('is none that many people use', () => {
    for (const common of [
      'password',
      'Password1',
      'sunshine1',
      'QWERTY123',
      '1234567890',
      'trustno1',
      'P@ssw0rd',
    ])
      expect([common, refusal(common)]).toEqual([common, expect.stringContaining('many people use')])
  })

  test('is not made of the login, the name or the program alone', () => {
    const names = [
      'ann.lee@example.com',
      'Ann-Lee-Example',
      'fairlead',
      'Fairlead2026!',
      'annbjörklee',
      'example.fairlead',
      'BJÖRK-12345',
      'ＦＡＩＲＬＥＡＤ1',
    ]
    for (const made of names)
      expect([made, refusal(made)]).toEqual([made, expect.stringContaining('besides the login')])
    for (const own of ['fairlead-k7#mQp', 'annual report 7', 'björk sings well', '!#%&/()=?§§'])
      expect([own, refusal(own)]).toEqual([own, null])
  })

  test('of somebody with a short name may hold its letters', () => {
    const owner = { login: 'li@x.y', name: 'Li Xu', isCommon: () => false }
    expect(passwordRefusal('xuliliny', owner)).toBeNull()
    expect(passwordRefusal('xyxyxyxy', { ...owner, name: '' })).toBeNull()
  })

  test('whatever the rule takes can be hashed', async () => {
    const passwords = new Passwords({ cost: 4 })
    await assert(
      asyncProperty(string({ unit: 'binary', maxLength: 90 }), async (password) => {
        if (refusal(password) === null) expect(await passwords.hash(password)).toStartWith('$2b$04$')
      }),
      { numRuns: 300 },
    )
  })

  test('is refused in a sentence, and at its field', () => {
    expect(() => requireNewPassword('short', ann, 'new')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: 'The password must have at least 8 characters.',
        errors: [{ field: 'new', message: 'must have at least 8 characters' }],
      }),
    )
    expect(() => requireNewPassword('correct horse battery', ann)).not.toThrow()
  })
})

describe('R16 100 kB', () => {
  const pieces = ['a', ' ', '.', '@', '-', 'e\u0301', '\0', 'fairlead', 'ann', '🦊', '"', '\\']
  test('of a password, or in the names around it, are judged at once', () => {
    const login = `${'a.'.repeat(120)}a@example.com`
    for (const piece of pieces) {
      const long = piece.repeat(100_000 / piece.length)
      expect(refusal(long)).not.toBeNull()
      expect(passwordRefusal('correct horse battery', { ...ann, login, name: long })).toBeNull()
    }
  })
})
