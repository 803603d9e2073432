import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { bestMatch, canonicalHostname, isBelowWildcard, reservedReason } from '../../src/domain/hostname.ts'

/** The canonical form, or what the refusal says. */
const judged = (text: string): string => {
  try {
    return canonicalHostname(text).hostname
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'invalid') throw thrown
    expect(thrown.hint).toBeString()
    expect(thrown.errors).toEqual([{ field: 'hostname', message: thrown.message }])
    return thrown.message
  }
}

/** Spellings of one name. */
const SAME: [hostname: string, unicode: string, ...spellings: string[]][] = [
  [
    'docs.example.com',
    'docs.example.com',
    'DOCS.Example.COM',
    'docs.example.com.',
    'docs。example．com｡',
    'ｄocs.example.com',
  ],
  ['a.test', 'a.test', 'a.test.', 'A.TEST', 'ａ.test', 'a\u{ad}.test', 'a\u{200b}.test'],
  [
    'xn--bcher-kva.example',
    'bücher.example',
    'BÜCHER.example',
    'bu\u{308}cher.example',
    'XN--BCHER-KVA.example',
    'ｘn--bcher-kva.example',
  ],
  ['xn--fa-hia.de', 'faß.de', 'faß.de', 'FAẞ.de'],
  ['*.example.com', '*.example.com', '*.EXAMPLE.com.', '*。example.com'],
]

describe('D05, D07, N05: every spelling of a name is one name', () => {
  for (const [hostname, unicode, ...spellings] of SAME)
    for (const text of [hostname, unicode, ...spellings])
      test(JSON.stringify(text), () =>
        expect(canonicalHostname(text)).toEqual({ hostname, unicode, wildcard: hostname.startsWith('*') }),
      )
})

const REFUSED: [text: string, problem: string][] = [
  ['', 'text is empty'],
  ['x{', '"{" (U+007B)'],
]

describe('what is no name of a site is refused, and why', () => {
  for (const [text, problem] of REFUSED)
    test(JSON.stringify(text), () => expect(judged(text)).toContain(`its ${problem}`.replace('its "', '"')))
})

test('a wildcard stands for every name below, and the longest for its own', () => {
  expect(isBelowWildcard('a.b.example.com', '*.example.com')).toBe(true)
  expect(isBelowWildcard('*.b.example.com', '*.example.com')).toBe(true)
  for (const name of ['example.com', '*.example.com', 'evil-example.com', 'a.example.com.test'])
    expect(isBelowWildcard(name, '*.example.com')).toBe(false)
  expect(isBelowWildcard('a.example.com', 'example.com')).toBe(false)
  const names = ['*.example.com', '*.b.example.com', 'a.b.example.com']
  expect(bestMatch('a.b.example.com', names)).toBe('a.b.example.com')
  expect(bestMatch('c.b.example.com', names)).toBe('*.b.example.com')
  expect(bestMatch('b.example.com', names)).toBe('*.example.com')
  expect(bestMatch('example.com', names)).toBeNull()
})

describe('N28: names that nobody can have', () => {
  const own = ['fairlead.example.com', 'Web1.Example.com.']
  for (const name of [
    'localhost',
    'a.localhost',
    '*.localhost',
    'localhost.localdomain',
    'x.invalid',
    '10.in-addr.arpa',
    'arpa',
    'fairlead.example.com',
    'web1.example.com',
  ])
    test(name, () => expect(reservedReason(canonicalHostname(name).hostname, { own })).toBeString())
  for (const name of ['docs.example.com', '*.example.com', 'mylocalhost.test', 'wiki.home.arpa'])
    test(`but ${name}`, () => expect(reservedReason(canonicalHostname(name).hostname, { own })).toBeNull())
})
