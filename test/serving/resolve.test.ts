import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { DEFAULT_SETTINGS, HTML_HANDLING } from '../../src/domain/environment.ts'
import { fingerprinted } from '../../src/domain/serving/cache.ts'
import { acceptsGzip, readRange } from '../../src/domain/serving/conditions.ts'
import { parseHeaders } from '../../src/domain/serving/headers.ts'
import { answerHtml } from '../../src/domain/serving/html.ts'
import { encodePath, readPath } from '../../src/domain/serving/path.ts'
import { matchPattern, readPattern, segmentsOf } from '../../src/domain/serving/pattern.ts'
import { parseRedirects } from '../../src/domain/serving/redirects.ts'
import { addressOf, resolve } from '../../src/domain/serving/resolve.ts'
import { rulesDigest, servingRules } from '../../src/domain/serving/rules.ts'

const rules = (headersText: string | null = null, redirectsText: string | null = null) =>
  servingRules(DEFAULT_SETTINGS, { headersText, redirectsText, ownGzip: ['own.txt.gz'] })

const isIn =
  (...names: string[]) =>
  (name: string) =>
    names.includes(name)

const get = (path: string) => ({ method: 'GET', path, query: '', accept: null, secFetchMode: null })

describe('addressOf: where visitors get a file with 200', () => {
  const files = isIn(
    'index.html',
    'about.html',
    'docs/index.html',
    'a b/ü.txt',
    'own.txt',
    'own.txt.gz',
    'made.txt',
    'made.txt.gz',
    'moved.txt',
    '.env',
    '_headers',
    '.well-known/security.txt',
    '404.html',
  )
  const ours = rules('/*\n  X-A: b', '/moved.txt /elsewhere 302!')
  const ADDRESSES: [file: string, address: string | null][] = [
    ['index.html', '/'],
    ['about.html', '/about'],
    ['docs/index.html', '/docs/'],
    ['a b/ü.txt', '/a%20b/%C3%BC.txt'],
    ['own.txt.gz', '/own.txt.gz'],
    ['made.txt', '/made.txt'],
    ['made.txt.gz', null],
    ['moved.txt', null],
    ['.env', null],
    ['_headers', null],
    ['.well-known/security.txt', '/.well-known/security.txt'],
    ['404.html', '/404'],
    ['absent.txt', null],
  ]
  for (const [file, address] of ADDRESSES)
    test(`${file} at ${address}`, () => expect(addressOf(ours, file, files)).toBe(address))
})

describe('paths', () => {
  test('every readable path is read back from its encoding', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/^\.{1,2}$|[/\0]/.test(text))
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
        const path = `/${segments.join('/')}`
        expect(readPath(encodePath(path))).toEqual({ path })
      }),
    )
  })

  test('N16: whatever is asked, no segment climbs', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '\\',
      'a',
      '%252e',
      ';',
      '%00',
      '%',
      '%zz',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const read = readPath(`/${pieces.join('')}`)
        if ('status' in read) return
        expect(read.path).toStartWith('/')
        expect(read.path.split('/')).not.toContain('..')
        expect(read.path).not.toMatch(/\/\/|\0/)
      }),
    )
  })

  test('a redirect of htmlHandling leads to a file in one step', () => {
    const name: fc.Arbitrary<string> = fc.constantFrom(
      'a',
      'a.html',
      'index',
      'index.html',
      'a/index.html',
      'a/index',
      'a/b.html',
      'b/a',
    )
    const asked = fc.constantFrom(
      '/',
      '/a',
      '/a/',
      '/a.html',
      '/index',
      '/index/',
      '/a/index',
      '/a/b/',
      '/b/a.html',
    )
    fc.assert(
      fc.property(fc.constantFrom(...HTML_HANDLING), fc.uniqueArray(name), asked, (word, names, path) => {
        const answer = answerHtml(word, path, isIn(...names))
        if (answer === null) return
        if ('file' in answer) expect(names).toContain(answer.file)
        else expect(answerHtml(word, answer.redirect, isIn(...names))).toHaveProperty('file')
      }),
    )
  })
})

describe('R16: time is linear in what was sent', () => {
  const long = 100_000

  /** Ends for any input that is matched in linear time; a backtracking one would outlast the test's deadline. */
  const HOSTILE: [what: string, run: () => unknown][] = [
    ['a path of slashes', () => readPath('/'.repeat(long))],
    ['a path of escapes', () => readPath('/%2e%2e'.repeat(long / 7))],
    ['an Accept-Encoding of commas', () => acceptsGzip(`${'a;q=0,'.repeat(long / 6)}gzip`)],
    ['an Accept-Encoding of digits', () => acceptsGzip(`gzip;q=0.${'1'.repeat(long)}x`)],
    ['an Accept-Encoding of blanks', () => acceptsGzip(`gzip;q${' '.repeat(long)}=${' '.repeat(long)}1`)],
    ['a Range of digits', () => readRange(`bytes=${'1'.repeat(long)}`, 10)],
    ['a Range of blanks', () => readRange(`bytes=1${' '.repeat(long)}x`, 10)],
    ['a fingerprint of dashes', () => fingerprinted(`assets/${'-a'.repeat(long / 2)}.js`, ['assets/'])],
    [
      'a path of a splat and many placeholders',
      () => {
        const read = readPattern(`/${':a/'.replace('a', 'x')}*${'/a'.repeat(500)}`)
        return 'pattern' in read && matchPattern(read.pattern, segmentsOf(`${'/a'.repeat(long / 2)}b`))
      },
    ],
    ['a rules file of one long line', () => expect(() => parseHeaders('/'.repeat(long))).toThrow('2000')],
    [
      'a rules file of many lines',
      () => expect(() => parseRedirects('/a /b\n'.repeat(long))).toThrow('2000'),
    ],
    ['a line of blanks', () => parseRedirects(`/a${' '.repeat(1990)}/b`)],
    [
      '2,100 rules against a long path',
      () => {
        const text = Array.from({ length: 2100 }, (_, n) => (n < 2000 ? `/${n} /b` : `/${n}/*/a /b`)).join(
          '\n',
        )
        return resolve(rules(null, text), get('/2099/'.repeat(long / 6)), () => false)
      },
    ],
  ]
  for (const [what, run] of HOSTILE)
    test(what, () => {
      expect(run).not.toThrow()
    }, 2_000)
})

test('the digest of rules changes with each of them and with nothing else', () => {
  const digests = [rules(), rules('/*\n  X-A: b'), rules(null, '/a /b'), rules('/*\n  X-A: c')].map(
    rulesDigest,
  )
  expect(new Set(digests).size).toBe(4)
  expect(rulesDigest(rules('# note\n/*\n X-A:   b\n'))).toBe(rulesDigest(rules('/*\n  X-A: b')))
})
