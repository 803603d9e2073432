import { describe, expect, test } from 'bun:test'
import { array, assert, constantFrom, property, string } from 'fast-check'
import {
  canonicalDisplayName,
  canonicalEmail,
  requireDisplayName,
  requireEmail,
} from '../../src/domain/account/login.ts'

describe('an e-mail address', () => {
  test('is taken as people have them', () => {
    const addresses = [
      'ann@example.com',
      "o'neil+ci@sub.example.co.uk",
      'a@b',
      'owner@localhost',
      '1@2.3',
      'x_y-z!#$%&*/=?^`{|}~@xn--bcher-kva.example',
      `${'l'.repeat(64)}@example.com`,
      `a@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(63)}.${'g'.repeat(60)}`,
    ]
    expect(addresses.map(canonicalEmail)).toEqual(addresses)
  })

  test('J19 has one form: case is mended', () => {
    for (const spelling of [
      'admin@example.com',
      'Admin@example.com',
      'ADMIN@EXAMPLE.COM',
      'aDmIn@eXaMpLe.CoM',
    ])
      expect(canonicalEmail(spelling)).toBe('admin@example.com')
  })

  const lookalikes = {
    'a blank behind': 'admin@example.com ',
    'a blank before': ' admin@example.com',
    'a no-break space': 'admin@example.com\u00a0',
    'a line end': 'admin@example.com\n',
    'a NUL': 'admin@example.com\0',
    'a Cyrillic a': '\u0430dmin@example.com',
    'full width': '\uff41dmin@example.com',
    'a full-width at': 'admin\uff20example.com',
    'zero width': 'admin\u200b@example.com',
    'a soft hyphen': 'ad\u00admin@example.com',
    'a right-to-left override': '\u202eadmin@example.com',
    'the Kelvin sign': '\u212aim@example.com',
    'a long s': 'bo\u017fs@example.com',
    'a dotless i': 'adm\u0131n@example.com',
    'a dotted capital I': 'ADM\u0130N@example.com',
    'an ideographic full stop': 'admin@example\u3002com',
    'a combining accent': 'admin\u0301@example.com',
    'half of a character': 'admin\ud83d@example.com',
  }
  for (const [what, text] of Object.entries(lookalikes))
    test(`J19 with ${what} is none`, () => expect(canonicalEmail(text)).toBeNull())

  const broken = [
    '',
    '@',
    'a',
    'a@',
    '@b',
    'a@@b',
    'a@b@c',
    'a b@c',
    '.a@b',
    'a.@b',
    'a..b@c',
    'a@.b',
    'a@b.',
    'a@b..c',
    'a@-b',
    'a@b-',
    'a@b_c',
    '"a b"@c',
    'a@[127.0.0.1]',
    'a@[::1]',
    'a(x)@b',
    'a,b@c',
    '<a@b>',
    'mailto:a@b',
    'a@b:25',
    'a\\@b',
    `${'l'.repeat(65)}@example.com`,
    `a@${'d'.repeat(64)}.com`,
    `${'l'.repeat(64)}@${'d.'.repeat(95)}d`,
  ]
  test('is whole: RFC 5321, without quotes, comments and literals', () => {
    for (const text of broken) expect([text, canonicalEmail(text)]).toEqual([text, null])
  })

  test('is a fixed point, ASCII, and found again in any case', () => {
    const unit = constantFrom(...'aZ0.-_+@ \u0430\u212a\u200b'.split(''))
    assert(
      property(array(unit, { maxLength: 12 }), (characters) => {
        const email = canonicalEmail(`${characters.join('')}@example.com`)
        if (email === null) return
        expect(email).toMatch(/^[\x21-\x7e]+$/)
        expect(canonicalEmail(email)).toBe(email)
        expect(canonicalEmail(email.toUpperCase())).toBe(email)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is asked for at its field', () => {
    expect(requireEmail('Ann@Example.com')).toBe('ann@example.com')
    expect(() => requireEmail('ann@example.com ', 'invitee')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        errors: [{ field: 'invitee', message: expect.stringContaining('nothing before or after') }],
      }),
    )
  })
})

describe('a display name', () => {
  test('is what people are called', () => {
    const names = [
      'Ann Lee',
      'Zoë',
      'Нина',
      '山田 太郎',
      '葛\u{e0100}城',
      'محمد',
      "O'Neil, Jr.",
      'x',
      '🦊',
      '☕\ufe0f',
      'a'.repeat(80),
      '🦊'.repeat(80),
    ]
    expect(names.map(canonicalDisplayName)).toEqual(names)
    expect(canonicalDisplayName('  Zoe\u0308 \n')).toBe('Zoë')
  })

  test('J19 hides nothing', () => {
    const hidden = [
      '\0',
      '\n',
      '\u001b[31m',
      '\u007f',
      '\u0085',
      '\u00ad',
      '\u034f',
      '\u061c',
      '\u115f',
      '\u180e',
      '\u200b',
      '\u200d',
      '\u200f',
      '\u2028',
      '\u202e',
      '\u2066',
      '\u2800',
      '\u3164',
      '\ufeff',
      '\uffa0',
      '\ufff9',
      '\ud800',
      '\ue000',
      '\uffff',
      '\u{e0041}',
    ]
    for (const character of hidden) {
      const name = `An${character}n`
      expect([escape(name), canonicalDisplayName(name)]).toEqual([escape(name), null])
    }
  })

  test('is there, and ends', () => {
    for (const none of [
      '',
      ' ',
      '\u00a0\u3000',
      '\ufe0f',
      '\u0301',
      'a'.repeat(81),
      '🦊'.repeat(81),
      ' '.repeat(1_000_000),
    ])
      expect(canonicalDisplayName(none)).toBeNull()
    expect(requireDisplayName(' Ann ')).toBe('Ann')
    expect(() => requireDisplayName('\u200b')).toThrow(
      expect.objectContaining({ code: 'invalid', errors: [{ field: 'name', message: expect.any(String) }] }),
    )
  })

  test('is a fixed point', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 100 }), (text) => {
        const name = canonicalDisplayName(text)
        if (name !== null) expect(canonicalDisplayName(name)).toBe(name)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('R16 100 kB', () => {
  test('of anything are no login and no name', () => {
    for (const piece of ['a', '.', 'a.', '-', 'a-', '@', 'a@', 'a@b.', ' ', '\u200b', '\u0301', 'A', '!']) {
      const long = piece.repeat(100_000 / piece.length)
      for (const text of [long, `${long}@example.com`, `a@${long}`, `${long}!`]) {
        expect(canonicalEmail(text)).toBeNull()
        expect(canonicalDisplayName(text)).toBeNull()
      }
    }
  })
})
