import { expect, test } from 'bun:test'
import { array, assert, constantFrom, oneof, property, string, tuple } from 'fast-check'
import { Fault } from '../../src/base/fault.ts'
import { CANONICAL_HOSTNAME, canonicalHostname } from '../../src/domain/hostname.ts'

const letters = (...some: string[]) => array(constantFrom(...some), { minLength: 1, maxLength: 8 })
const latin = letters(...'abzAZ09-ßüéａǆİ①'.split(''), '\u{ad}', 'e\u{301}')
const label = oneof(
  { weight: 6, arbitrary: latin },
  { weight: 2, arbitrary: letters('a', '1', 'ノ', '東', 'か\u{3099}', 'ｶ') },
  { weight: 2, arbitrary: letters('ж', 'Й', 'и\u{306}', '2') },
  {
    weight: 1,
    arbitrary: letters('א', 'ب', '٣', 'ς', 'ा', 'क', '\u{200d}', '_', '*', '.', '。', '½', '\ud800'),
  },
  { weight: 1, arbitrary: array(string({ unit: 'binary', maxLength: 2 }), { maxLength: 2 }) },
).map((pieces) => pieces.join(''))
const punycode = string({
  unit: constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'.split('')),
  maxLength: 12,
})
const text = tuple(
  constantFrom('', '', '', '*.'),
  array(
    oneof({ weight: 6, arbitrary: label }, { weight: 1, arbitrary: punycode.map((rest) => `xn--${rest}`) }),
    { minLength: 1, maxLength: 3 },
  ),
  constantFrom('.test', '.example.com', '.рф', ''),
).map(([prefix, labels, end]) => prefix + labels.join('.') + end)

test('a canonical name is its own canonical form, whatever was typed, and has the grammar of host names', () => {
  let accepted = 0
  assert(
    property(text, (typed) => {
      let name: ReturnType<typeof canonicalHostname>
      try {
        name = canonicalHostname(typed)
      } catch (thrown) {
        if (thrown instanceof Fault && thrown.code === 'invalid' && thrown.hint) return
        throw thrown
      }
      accepted += 1
      expect(name.hostname).toMatch(CANONICAL_HOSTNAME)
      expect(name.hostname).toBe(name.hostname.toLowerCase())
      for (const form of [
        name.hostname,
        name.unicode,
        name.unicode.normalize('NFD'),
        `${name.hostname.toUpperCase()}.`,
      ])
        expect(canonicalHostname(form)).toEqual(name)
      // What was typed as xn-- comes back as it was: there is one such form of a label.
      for (const one of typed.toLowerCase().replace(/^\*\./, '').split('.'))
        if (/^xn--[a-z0-9-]+$/.test(one)) expect(name.hostname.split('.')).toContain(one)
    }),
    { numRuns: 2_000 },
  )
  expect(accepted).toBeGreaterThan(300)
})
