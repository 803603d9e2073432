/** Certificates that browsers refuse, as openssl makes them, and what is said of each. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { parseChain } from '../../src/base/x509/chain.ts'
import { keyFits, parseKey } from '../../src/base/x509/key.ts'
import { judgeCertificate } from '../../src/domain/certificate/judgement.ts'
import { covers, sameNames } from '../../src/domain/certificate/names.ts'
import { has, needs } from '../needs.ts'
import { AUTHORITY, type Made, OpenSsl, P256, rsa, stamp, type Wanted } from '../x509/openssl.ts'

const DAY_MS = 24 * 3_600_000
const openssl = new OpenSsl()
afterAll(() => openssl.end())

let root: Made
let middle: Made
let other: Made
let good: Made
beforeAll(() => {
  if (!has('openssl')) return
  root = openssl.make({ subject: '/O=Root', names: '', extensions: AUTHORITY })
  middle = openssl.make({ subject: '/O=Middle', names: '', extensions: AUTHORITY, by: root })
  other = openssl.make({ subject: '/O=Other', names: '', extensions: AUTHORITY })
  good = openssl.make({ by: middle })
})

const chainOf = (...all: Made[]) => all.map(({ certificate }) => certificate).join('')
const made = (wanted: Wanted) => () => {
  const one = openssl.make({ by: middle, ...wanted })
  return { key: one.key, chain: chainOf(one, middle) }
}

function judged({ key, chain }: { key: string; chain: string }, hostname = 'site.example', now = Date.now()) {
  const read = parseChain(chain)
  return judgeCertificate(read, { now, hostname, keyFits: keyFits(parseKey(key), read.leaf) })
}

type Case = [what: string, make: () => { key: string; chain: string }, code: string, message: RegExp]
const until = (ms: number) => stamp(Date.now() + ms)
const PROBLEMS: Case[] = [
  [
    'ended yesterday',
    made({ from: until(-9 * DAY_MS), until: until(-DAY_MS) }),
    'expired',
    /has ended on 20.* UTC; here it is/,
  ],
  ['begins tomorrow', made({ from: until(DAY_MS) }), 'not-yet-valid', /begins on 20/],
  [
    'another name',
    made({ names: 'DNS:other.example' }),
    'other-names',
    /for other\.example, not for site\.example/,
  ],
  [
    'a wildcard of its own name',
    made({ names: 'DNS:*.site.example' }),
    'other-names',
    /for \*\.site\.example/,
  ],
  ['a common name alone', made({ names: '' }), 'other-names', /names no host/],
  ['an address alone', made({ names: 'IP:192.0.2.1' }), 'other-names', /names no host/],
  ['another key', () => ({ key: openssl.key(), chain: chainOf(good, middle) }), 'other-key', /not the one/],
  [
    'a key of another kind',
    () => ({ key: openssl.key(rsa(2048)), chain: chainOf(good, middle) }),
    'other-key',
    /not the one/,
  ],
  [
    'an Ed25519 key',
    () => ({ key: openssl.key(['-algorithm', 'ED25519']), chain: chainOf(good, middle) }),
    'other-key',
    /not the/,
  ],
  [
    'signed by itself',
    () => {
      const one = openssl.make()
      return { key: one.key, chain: one.certificate }
    },
    'self-signed',
    /signed by itself/,
  ],
  ['RSA 1024', made({ key: rsa(1024) }), 'weak-key', /RSA with 1024 bits/],
  ['SHA-1', made({ hash: 'sha1' }), 'weak-signature', /ECDSA with SHA-1/],
  ['SHA-224', made({ hash: 'sha224' }), 'weak-signature', /SHA-224/],
  [
    'for clients',
    made({ extensions: ['extendedKeyUsage=clientAuth'] }),
    'not-for-servers',
    /not for servers/,
  ],
  [
    'a CA first',
    () => ({ key: middle.key, chain: chainOf(middle, root) }),
    'authority',
    /that of a CA, Middle/,
  ],
  [
    'the wrong order',
    () => ({ key: good.key, chain: chainOf(good, root, middle) }),
    'order',
    /wrong order: number 2/,
  ],
  ['turned round', () => ({ key: middle.key, chain: chainOf(middle, good) }), 'authority', /that of a CA/],
  [
    'a stranger',
    () => ({ key: good.key, chain: chainOf(good, other) }),
    'broken-chain',
    /2 of the chain, Other, has not signed certificate 1/,
  ],
  ['one left out', () => ({ key: good.key, chain: chainOf(good, root) }), 'broken-chain', /has not signed/],
]

describe('browsers refuse', () => {
  for (const [what, make, code, message] of PROBLEMS)
    needs('openssl')(`${what}: ${code}`, () => {
      const { problems } = judged(make())
      expect(problems.find((problem) => problem.code === code)).toEqual({
        code: code as (typeof problems)[number]['code'], // one of the table
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/^[A-Z].*\.$/),
      })
    })

  needs('openssl')('a curve of other things, of which the key itself is refused before', () => {
    const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']
    const { chain, key } = made({ key: curve })()
    expect(() => parseKey(key)).toThrow("The key can't be read.")
    expect(judgeCertificate(parseChain(chain), { now: Date.now(), keyFits: true }).problems).toMatchObject([
      {
        code: 'weak-key',
        message: 'The certificate has a key of a curve that browsers do not know, secp256k1.',
      },
    ])
  })

  needs('openssl')('MD5, and a weak certificate higher up', () => {
    const base = openssl.make({ subject: '/O=Base', key: rsa(2048), names: '', extensions: AUTHORITY })
    const old = openssl.make({
      subject: '/O=Old',
      key: rsa(1024),
      names: '',
      extensions: AUTHORITY,
      by: base,
      hash: 'md5',
    })
    const leaf = openssl.make({ by: old, hash: 'md5' })
    const codes = judged({ key: leaf.key, chain: chainOf(leaf, old) }).problems.map(({ message }) => message)
    expect(codes).toContainEqual(expect.stringContaining('The certificate is signed by RSA with MD5'))
    expect(codes).toContainEqual(
      expect.stringContaining('Certificate 2 of the chain has a weak key, RSA with 1024'),
    )
    expect(codes).toContainEqual(
      expect.stringContaining('Certificate 2 of the chain is signed by RSA with MD5'),
    )
  })
})

describe('browsers take', () => {
  needs('openssl')('what has nothing wrong with it', () => {
    expect(judged({ key: good.key, chain: chainOf(good, middle) })).toEqual({ problems: [], warnings: [] })
    expect(judged({ key: good.key, chain: chainOf(good, middle, root) })).toEqual({
      problems: [],
      warnings: [],
    })
    for (const key of [rsa(2048), ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], P256])
      expect(judged(made({ key, hash: 'sha384' })()).problems).toEqual([])
  })

  needs('openssl')('a root that signs itself with SHA-1, as old ones do', () => {
    const old = openssl.make({
      subject: '/O=Old',
      key: rsa(2048),
      names: '',
      extensions: AUTHORITY,
      hash: 'sha1',
    })
    const leaf = openssl.make({ by: old })
    expect(judged({ key: leaf.key, chain: chainOf(leaf, old) })).toEqual({ problems: [], warnings: [] })
  })

  needs('openssl')('with a warning: no intermediates, one that has ended, keys that few know', () => {
    const warned = (made: { key: string; chain: string }) => {
      const { problems, warnings } = judged(made)
      return [...problems, ...warnings].map(({ code }) => code)
    }
    expect(warned({ key: good.key, chain: chainOf(good) })).toEqual(['missing-intermediates'])
    const life = { from: until(-9 * DAY_MS), until: until(-DAY_MS) }
    const ended = openssl.make({ subject: '/O=Ended', names: '', extensions: AUTHORITY, by: root, ...life })
    const leaf = openssl.make({ by: ended })
    expect(warned({ key: leaf.key, chain: chainOf(leaf, ended) })).toEqual(['expired-intermediate'])
    expect(warned(made({ key: ['-algorithm', 'ED25519'] })())).toEqual(['unusual-key'])
  })

  needs('openssl')('a wildcard for one label', () => {
    const wild = made({ names: 'DNS:*.Site.example,DNS:site.example' })()
    for (const [host, taken] of [
      ['a.site.example', true],
      ['site.example', true],
      ['*.site.example', true],
      ['a.b.site.example', false],
      ['*.b.site.example', false],
    ] as const)
      expect([host, judged(wild, host).problems.length === 0]).toEqual([host, taken])
  })

  needs('openssl')('a clock a day off is named as what it may be', () => {
    const one = made({ from: until(-DAY_MS), until: until(DAY_MS) })()
    for (const now of [Date.now() - 2 * DAY_MS, Date.now() + 2 * DAY_MS])
      expect(judged(one, 'site.example', now).problems).toMatchObject([
        {
          message: expect.stringContaining(new Date(now).toISOString().slice(0, 10)),
          hint: expect.stringMatching(/clock/),
        },
      ])
  })
})

describe('names', () => {
  const cases: [name: string, hostname: string, covered: boolean][] = [
    ['a.example', 'a.example', true],
    ['*.example', 'a.example', true],
    ['*.example', 'example', false],
    ['*.example', '.example', false],
    ['*.a.example', 'a.example', false],
    ['*.example', 'b.a.example', false],
    ['*', 'a.example', false],
    ['*.', 'a.example', false],
    ['a*.example', 'ab.example', false],
    ['*.*.example', 'b.a.example', false],
    ['xn--*.example', 'xn--a.example', false],
    ['*.example', '*.example', true],
    ['*.example', '*.a.example', false],
    ['a.example', '*.example', false],
    ['example', 'a.example', false],
  ]
  for (const [name, hostname, covered] of cases)
    test(`${name} ${covered ? 'covers' : 'does not cover'} ${hostname}`, () =>
      expect(covers(name, hostname)).toBe(covered))

  test('are the same in any order', () => {
    expect(sameNames(['a', 'b'], ['b', 'a'])).toBe(true)
    expect(sameNames(['a', 'b'], ['b', 'a', 'c'])).toBe(false)
    expect(sameNames(['a', 'c'], ['b', 'a'])).toBe(false)
  })
})
