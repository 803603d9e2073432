import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import {
  CANONICAL_HOSTNAME,
  canonicalHostname,
  isBelowWildcard,
  reservedReason,
} from '../../src/domain/hostname.ts'

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

const label = (bytes: number): string => 'a'.repeat(bytes)
const LONG = `${label(63)}.${label(63)}.${label(63)}`

const REFUSED: [why: string, ...texts: string[]][] = [
  // N01, N02, N03
  ['label "x; return 200 owned" holds ";"', 'x; return 200 owned'],
  ['holds "{" (U+007B)', 'x{', 'a.test{'],
  ['holds "}"', 'x}'],
  ['holds """', '""', 'x"'],
  ['holds "\'"', "x'"],
  [
    'text is more than a name',
    'x\\',
    'x#',
    'a@b.test',
    'https://docs.example.com/',
    'docs.example.com/',
    '//docs.example.com',
    'mailto:a',
    'a.test?x',
    'user:pass@example.com',
  ],
  ['holds a space', 'x $y', 'a b.test', ' a.test', 'a.test '],
  ['holds U+000A', 'a\n.test', 'a.test\n'],
  ['holds U+000D', 'a\r.test'],
  ['holds U+0000', 'a\0.test', 'a.test\0'],
  ['holds U+0009', 'a\t.test'],
  ['holds U+2028', 'a\u2028.test'],
  [
    '"*" is not its first label',
    '~^.*$',
    '~*x',
    '*',
    '**',
    '*.*',
    'a.*.zone.test',
    'x.*',
    '*x.test',
    'a*.test',
    'zombo*com',
    '*.*.test',
  ],
  ['holds "*"', '＊.test'],
  // N04, N05
  [
    'labels are not all filled',
    '.x',
    '.a',
    'a..b',
    'a.test..',
    '..',
    '.',
    '.....',
    'a。。b',
    '*..test',
    '\u{ad}.test',
  ],
  ['text is empty', ''],
  ['label "_" holds "_"', '_'],
  ['holds "$"', '$hostname'],
  [
    'text is an IP address',
    '127.0.0.1',
    '10.0.0.10.',
    '[::1]',
    '::1',
    'fe80::1:1',
    '[2001:db8::1]:443',
    '１２７.0.0.1',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '1',
    '1.2.3',
    '2130706433',
  ],
  ['last label is a number', '0x7f.1', 'www.zombo.163', 'a.0x7f', 'a.0x', 'a.１'],
  ['text has a port', 'host:80', 'docs.example.com:443', 'a.test:'],
  // D06
  ['label "_dmarc" holds "_"', '_dmarc.example.com'],
  ['label "_acme-challenge" holds "_"', '_acme-challenge.example.com'],
  ['label "_x" holds "_"', '_x.example.com', '＿x.example.com'],
  ['label "zom_bo" holds "_"', 'zom_bo.com', 'www.zom_bo.com'],
  // D05: what Let's Encrypt refuses as well
  ['text has one label only', 'mail', 'zombocom', 'lan', 'x-1'],
  ['label "zomb!" holds "!"', 'zomb!.com'],
  ['begins or ends with "-"', 'www.-ombo.com', 'www.zomb-.com', '-', '-.test', 'ü-.test'],
  ['is no Punycode', 'xn--.net', 'xn--m.test', 'www.xn--m.com', 'xn--ü.test', `xn--${'9'.repeat(50)}.test`],
  ['label "\\u0080" holds U+0080', 'xn--a.test'],
  ['"--" as its third and fourth character', 'ab--c.test', 'üx--c.test', 'r3---sn.test'],
  ['byte order mark', '\ufeff', '\ufeffwww.zombo.com', 'a\ufeff.test'],
  ['holds U+202E', 'www.zom\u202ebo.com', '\u202ewww.zombo.com'],
  ['holds U+200F', 'www.zom\u200fbo.com', '\u200fwww.zombo.com'],
  ['begins with the mark U+0301', '\u0301a.test'],
  ['invisible joiner', 'a\u200db.test', 'a\u200cb.test'],
  ['from right to left', 'אבa.test', 'א1ב٢.test', '1א.test', 'אב.1a.test'],
  ['holds U+D800', 'a\ud800.test'],
  ['holds U+E000', 'a\ue000.test'],
  // D05: letters of several scripts, and what is no letter
  ['mixes Latin and Cyrillic letters', 'раypal.test', 'аpple.com', 'xn--pple-43d.com'],
  ['mixes Latin and Greek letters', 'gοοgle.com'],
  ['mixes Cyrillic and Greek letters', 'αж.test'],
  ['mixes', 'हा한.test', 'あ한.test'],
  ['in use no more', '𐌰𐌱.test'],
  [
    'holds a symbol',
    'i❤.ws',
    '☃.net',
    '💩.la',
    'google.com⁄x.test',
    'a·b.test',
    '・.test',
    '׳א.test',
    '͵b.gr',
    'ـا.test',
  ],
  // D08
  ['label "aaaaaaaa', `${label(64)}.test`],
  ['has 66 bytes as DNS has it', `${'ü'.repeat(60)}.test`],
  [
    'length is over 253 bytes',
    `${LONG}.${label(62)}`,
    Array(128).fill('a').join('.'),
    `*.${LONG}.${label(60)}`,
  ],
  [
    'length is 100000 characters',
    label(100_000),
    '.'.repeat(100_000),
    'ü'.repeat(100_000),
    '-'.repeat(100_000),
    ':'.repeat(100_000),
  ],
  // D17
  [
    'public one',
    'co.uk',
    'CO.UK.',
    'github.io',
    'com',
    'foo.ck',
    'ck',
    '公司.cn',
    'xn--55qx5d.cn',
    '*.co.uk',
    '*.github.io',
    '*.ck',
    '*.com',
    '*.compute.amazonaws.com',
  ],
  ['label "!www" holds "!"', '!www.ck'],
]

describe('what is no name of a site is refused, and why', () => {
  for (const [why, ...texts] of REFUSED)
    for (const text of texts)
      test(JSON.stringify(text.length > 80 ? `${text.slice(0, 20)} (${text.length})` : text), () => {
        const message = judged(text)
        expect(message).toContain(why)
        expect(message.length).toBeLessThan(300)
      })
})

const ACCEPTED = [
  'wiki.intern.lan x.corp x.test x.example a.internal nas.local wiki.home.arpa *.lan', // private zones
  'www.ck b.test.ck docs.github.io docs.co.uk *.docs.co.uk city.kawasaki.jp 163.com www.163.com 8675309.com a.b.c.d.e.f.g.h.i.j.k.test',
  'bücher.example faß.de ελλάδα.gr пример.рф 食狮.公司.cn 東京タワー.jp ひらがなカタカナ漢字abc.jp 서울abc.kr 注音ㄅㄆ.tw ไทย.th हिन्दी.in نمونه.test דוגמה.test',
  'l·l.cat カ・カ.jp ශ්‍රී.lk نامه‌ای.test',
  `${label(63)}.test`,
  `${LONG}.${label(61)}`,
  Array(127).fill('a').join('.'),
  `*.${LONG}.${label(59)}`,
  `${'ü'.repeat(50)}.test`,
].flatMap((texts) => texts.split(' '))

describe('what is one is accepted', () => {
  for (const text of ACCEPTED)
    test(text.length > 80 ? `${text.slice(0, 20)} (${text.length})` : text, () => {
      const { hostname, unicode } = canonicalHostname(text)
      expect(hostname).toMatch(CANONICAL_HOSTNAME)
      expect(unicode).toBe(text)
      expect(canonicalHostname(hostname)).toEqual(canonicalHostname(text))
    })
})

test('R16: 100 kB are refused without being looked through', () => {
  const normalize = spyOn(String.prototype, 'normalize')
  for (const [text, isRead] of [
    [`${'ü'.repeat(900)}.test`, true],
    ['ü'.repeat(100_000), false],
  ] as const) {
    normalize.mockClear()
    expect(() => canonicalHostname(text)).toThrow(Fault)
    expect(normalize.mock.calls.length > 0).toBe(isRead)
  }
  normalize.mockRestore()
})

test('a wildcard stands for every name below', () => {
  expect(isBelowWildcard('a.b.example.com', '*.example.com')).toBe(true)
  expect(isBelowWildcard('*.b.example.com', '*.example.com')).toBe(true)
  for (const name of ['example.com', '*.example.com', 'evil-example.com', 'a.example.com.test'])
    expect(isBelowWildcard(name, '*.example.com')).toBe(false)
  expect(isBelowWildcard('a.example.com', 'example.com')).toBe(false)
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
