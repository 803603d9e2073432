import { describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { assert, property, string, tuple } from 'fast-check'
import { Fault } from '../../src/base/fault.ts'
import { Seal } from '../../src/base/seal.ts'

const keyText = () => `${randomBytes(32).toString('hex')}\n`
const key = keyText()
const seal = new Seal(key)
const place = { table: 'users', row: 'u1', column: 'totp_secret' }

function refusalOf(work: () => unknown): Fault {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('S02 a sealed secret', () => {
  test('is opened where it was sealed, whatever it is', () => {
    assert(
      property(
        string({ unit: 'grapheme' }),
        tuple(string(), string(), string()),
        (secret, [table, row, column]) => {
          expect(seal.open(seal.seal(secret, { table, row, column }), { table, row, column })).toBe(secret)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('shows nothing, and never looks the same twice', () => {
    const sealed = seal.seal('canary-4711', place)
    expect(sealed).toMatch(/^[\w-]+$/)
    expect(Buffer.from(sealed, 'base64url').includes('canary')).toBe(false)
    expect(seal.seal('canary-4711', place)).not.toBe(sealed)
  })

  test('opens in no other row, column or table', () => {
    const sealed = seal.seal('secret', place)
    const elsewhere = [
      { ...place, row: 'u2' },
      { ...place, column: 'password_hash' },
      { ...place, table: 'api_keys' },
      { table: 'users","u1', row: 'totp_secret', column: '' },
      { table: 'usersu1', row: '', column: 'totp_secret' },
    ]
    for (const other of elsewhere)
      expect(refusalOf(() => seal.open(sealed, other))).toMatchObject({
        code: 'broken_data',
        message: expect.stringContaining('altered, or sealed for another place'),
      })
  })

  test('opens with no bit flipped, no byte gone and none added', () => {
    const bytes = Buffer.from(seal.seal('secret', place), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(refusalOf(() => seal.open(flipped.toString('base64url'), place)).code).toBe('broken_data')
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length).toString('base64url')
      expect(refusalOf(() => seal.open(cut, place)).code).toBe('broken_data')
    }
    const whole = bytes.toString('base64url')
    for (const longer of [`${whole}AAAA`, `${whole}=`, ` ${whole}`, `${whole}\n`, 'not sealed at all', ''])
      expect(refusalOf(() => seal.open(longer, place)).code).toBe('broken_data')
  })

  test('of another key says so, and that it has to be entered again', () => {
    const other = new Seal(keyText())
    const sealed = other.seal('secret', place)
    expect([seal.canOpen(sealed), other.canOpen(sealed)]).toEqual([false, true])
    expect(refusalOf(() => seal.open(sealed, place))).toMatchObject({
      message: "The sealed totp_secret of users u1 can't be opened: another key sealed it.",
      hint: expect.stringContaining('Enter the secret again'),
    })
  })

  test('of another version says so', () => {
    const bytes = Buffer.from(seal.seal('secret', place), 'base64url')
    bytes[0] = 2
    expect(seal.canOpen(bytes.toString('base64url'))).toBe(false)
    expect(refusalOf(() => seal.open(bytes.toString('base64url'), place)).message).toContain('a form that')
  })

  test('is told in no refusal', () => {
    const sealed = seal.seal('canary-4711', place)
    const { message, hint = '' } = refusalOf(() => seal.open(sealed, { ...place, row: 'u2' }))
    expect(`${message} ${hint}`).not.toContain('canary')
    expect(`${message} ${hint}`).not.toContain(sealed)
  })

  test('is opened by the same key after a restart', () => {
    expect(new Seal(key).open(seal.seal('secret', place), place)).toBe('secret')
  })
})
