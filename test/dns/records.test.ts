import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { isMarkerName, markerInstance, markerName, markerText, ownerOf } from '../../src/domain/dns/marker.ts'
import {
  canonicalAddress,
  canonicalTarget,
  checkedSet,
  checkedTtl,
  sameData,
  sameSet,
} from '../../src/domain/dns/records.ts'

const set = (type: 'A' | 'AAAA' | 'CNAME' | 'TXT', ...values: string[]) => ({
  name: 'a.test',
  type,
  ttlSeconds: 300,
  values,
})

describe('D09: addresses have one spelling', () => {
  const rows: [text: string, canonical: string][] = [
    ['203.0.113.5', '203.0.113.5'],
    ['2001:DB8:0:0::0005', '2001:db8::5'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['64:ff9b::203.0.113.5', '64:ff9b::cb00:7105'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
  ]
  for (const [text, value] of rows)
    test(text, () =>
      expect(canonicalAddress(text)).toEqual({ type: value.includes(':') ? 'AAAA' : 'A', value }),
    )
})

describe('D09: what is no address of a server', () => {
  const texts =
    '1.2.3|01.2.3.4|1.2.3.4.5|256.1.1.1|0x7f.0.0.1|2130706433|1.2.3.4 |1.2.3.4/32|1.2.3.4:80| |a|::1%lo|[::1]|:::|1::2::3|12345::|::1.2.3|::ffff:1.2.3.4|fe80::1|ff02::1|224.0.0.1|0.0.0.0|255.255.255.255|::|１.2.3.4|1.2.3.4\n|2001:db8::/32'
  for (const text of ['', ...texts.split('|'), `${'0'.repeat(100_000)}::`])
    test(JSON.stringify(text.slice(0, 40)), () => expect(() => canonicalAddress(text)).toThrow(Fault))
})

describe('D09: a record holds what its type says', () => {
  test('A, AAAA, CNAME and TXT', () => {
    expect(checkedSet(set('A', '203.0.113.6', '203.0.113.5', '203.0.113.5')).values).toEqual([
      '203.0.113.5',
      '203.0.113.6',
    ])
    expect(checkedSet(set('AAAA', '2001:DB8::5')).values).toEqual(['2001:db8::5'])
    expect(checkedSet(set('CNAME', 'WEB.example.net.')).values).toEqual(['web.example.net'])
    expect(checkedSet(set('TXT', 'fairlead=1 instance=us1')).values).toEqual(['fairlead=1 instance=us1'])
  })
  const refused = [
    set('A', '::1'),
    set('AAAA', '203.0.113.5'),
    set('A'),
    set('CNAME', 'a.example.net', 'b.example.net'),
    set('CNAME', '*.example.net'),
    set('CNAME', 'web'),
    set('CNAME', '203.0.113.5'),
    set('CNAME', 'web.example.net; $INCLUDE /etc/passwd'),
    ...['', 'a'.repeat(256), 'a'.repeat(65_536), 'say "hi"', 'back\\slash', '\0', 'line\nbreak', 'ü'].map(
      (text) => set('TXT', text),
    ),
  ]
  for (const one of refused)
    test(`${one.type} ${JSON.stringify(one.values).slice(0, 40)}`, () =>
      expect(() => checkedSet(one)).toThrow(Fault))
})

describe('D09: TTL', () => {
  for (const seconds of [30, 300, 86_400]) test(`${seconds}`, () => expect(checkedTtl(seconds)).toBe(seconds))
  for (const seconds of [0, -1, 1, 29, 86_401, 2 ** 31, 1e9, 60.5, Number.NaN, Number.POSITIVE_INFINITY])
    test(`not ${seconds}`, () => expect(() => checkedTtl(seconds)).toThrow('is not possible'))
})

test('a target has everything in its one spelling, and names the field that is wrong', () => {
  const target = {
    addresses: ['2001:DB8::5', '203.0.113.5', '203.0.113.5'],
    cname: 'Web.Example.net.',
    ttlSeconds: 60,
  }
  expect(canonicalTarget(target)).toEqual({
    addresses: ['2001:db8::5', '203.0.113.5'],
    cname: 'web.example.net',
    ttlSeconds: 60,
  })
  const wrong = [
    { ...target, addresses: ['1.2.3'] },
    { ...target, cname: 'a b' },
    { ...target, ttlSeconds: 0 },
    { ...target, addresses: Array<string>(17).fill('192.0.2.1') },
  ]
  const fields = wrong.map((one) => {
    try {
      return canonicalTarget(one)
    } catch (thrown) {
      return thrown instanceof Fault && thrown.code === 'invalid' && thrown.errors.map(({ field }) => field)
    }
  })
  expect(fields).toEqual([['dns.addresses'], ['dns.cname'], ['dns.ttlSeconds'], ['dns.addresses']])
})

test('sets are the same whatever the order of their values', () => {
  const [a, b] = [set('A', '192.0.2.1', '192.0.2.2'), set('A', '192.0.2.2', '192.0.2.1')]
  expect(sameSet(a, b)).toBe(true)
  expect(sameSet(a, { ...b, ttlSeconds: 60 })).toBe(false)
  expect(sameData(a, { ...b, ttlSeconds: 60 })).toBe(true)
  expect(sameData(a, { ...b, proxied: true })).toBe(false)
  expect(sameData(a, { ...b, proxied: false })).toBe(true)
  expect(sameData(a, { ...a, values: ['192.0.2.1'] })).toBe(false)
  expect(sameData(a, { ...a, name: 'b.test' })).toBe(false)
  expect(sameData(a, null)).toBe(false)
  expect(sameData(null, null)).toBe(true)
})

describe('the marker', () => {
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.example.com`
  test('stands beside what it marks', () => {
    expect(markerName({ name: 'docs.example.com', type: 'A' }, 'example.com')).toBe(
      '_fairlead-a.docs.example.com',
    )
    expect(markerName({ name: '*.example.com', type: 'CNAME' }, 'example.com')).toBe(
      '_fairlead-cname._wildcard.example.com',
    )
    const short = markerName({ name: long, type: 'AAAA' }, 'example.com')
    expect(short).toMatch(/^_fairlead-[0-9a-f]{16}-aaaa\.example\.com$/)
    expect(isMarkerName(short)).toBe(true)
    expect(() => markerName({ name: long, type: 'A' }, long)).toThrow('leaves no room')
  })
  test('names an instance, and nothing else is one', () => {
    expect(markerInstance(markerText('us1'))).toBe('us1')
    for (const text of [
      '',
      'fairlead=1',
      'fairlead=2 instance=us1',
      ' fairlead=1 instance=us1',
      'fairlead=1 instance=',
      'fairlead=1 instance=us1 ',
      'fairlead=1 instance=A',
      `fairlead=1 instance=${'a'.repeat(65)}`,
    ])
      expect(markerInstance(text)).toBeNull()
  })
  test('tells whose a set is', () => {
    const [us, them] = [markerText('us1'), markerText('them2')]
    const kinds = [[us], [them], [us, them], ['hello'], [us, 'hello']].map(
      (values) => ownerOf(set('TXT', ...values), 'us1').kind,
    )
    expect(kinds).toEqual(['us', 'instance', 'instance', 'unclear', 'unclear'])
    expect(ownerOf(null, 'us1').kind).toBe('nobody')
  })
})
