import { describe, expect, test } from 'bun:test'
import { isIP } from 'node:net'
import { array, assert, constantFrom, integer, ipV4, ipV6, property, string } from 'fast-check'
import {
  blockText,
  canonicalAddress,
  clientAddress,
  isWithin,
  parseBlock,
  sourceOf,
} from '../../src/base/addresses.ts'

const blocks = (...texts: string[]) =>
  texts.map((text) => {
    const block = parseBlock(text)
    if (!block) throw new Error(`${text} is no block`)
    return block
  })

describe('addresses', () => {
  const spellings: [string, string | null][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['fe80::1%lo', null],
    ['127.1', null],
    ['0x7f.0.0.1', null],
    ['127.0.0.1:80', null],
    ['', null],
    ['localhost', null],
    ['1.2.3.4 ', null],
  ]
  for (const [text, canonical] of spellings)
    test(`${text || 'nothing'} is ${canonical ?? 'none'}`, () =>
      expect(canonicalAddress(text)).toBe(canonical))

  test('have one spelling each', () =>
    assert(
      property(ipV6(), (text) => {
        const once = canonicalAddress(text)
        expect(once).not.toBeNull()
        expect(canonicalAddress(once ?? '')).toBe(once)
        expect(isIP(once ?? '')).toBeGreaterThan(0)
      }),
    ))

  test('R16 whatever is none is none, and quickly', () =>
    assert(
      property(string({ maxLength: 60 }), (text) => {
        if (isIP(text) === 0) expect(canonicalAddress(text)).toBeNull()
        expect(canonicalAddress(`${':'.repeat(100_000)}${text}`)).toBeNull()
      }),
      { numRuns: 30 },
    ))
})

describe('blocks', () => {
  test('hold what they say, in either clothes', () => {
    const lan = blocks('192.0.2.0/24', '2001:db8::/32', '10.1.2.3')
    for (const inside of ['192.0.2.255', '::ffff:192.0.2.7', '2001:db8:ffff::1', '10.1.2.3'])
      expect(isWithin(inside, lan)).toBe(true)
    for (const outside of ['192.0.3.0', '2001:db9::1', '10.1.2.4', '::192.0.2.7', 'x', ''])
      expect(isWithin(outside, lan)).toBe(false)
  })

  for (const wrong of [
    '192.0.2.1/24',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/08',
    '::ffff:192.0.2.0/120',
    '::/129',
    'x/8',
    '1.2.3.0/24/2',
    '1.2.3.4/',
  ])
    test(`${wrong} is none`, () => expect(parseBlock(wrong)).toBeNull())

  test('every address lies in each block around it, and in its own', () =>
    assert(
      property(ipV4(), integer({ min: 0, max: 32 }), (text, bits) => {
        const value = text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
        const net = bits === 0 ? 0 : Math.floor(value / 2 ** (32 - bits)) * 2 ** (32 - bits)
        const netText = [24, 16, 8, 0].map((shift) => Math.floor(net / 2 ** shift) % 256).join('.')
        const [block] = blocks(`${netText}/${bits}`)
        if (!block) throw new Error('no block')
        expect(isWithin(text, [block])).toBe(true)
        expect(parseBlock(blockText(block))).toEqual(block)
      }),
    ))
})

test('the source of an IPv6 address is its network', () => {
  expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(sourceOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
})

describe('J11 the client behind proxies', () => {
  const trusted = blocks('127.0.0.0/8', '10.0.0.0/8')
  const cases: [what: string, peer: string, header: string | null, client: string][] = [
    ['no proxy', '203.0.113.9', null, '203.0.113.9'],
    ['a stranger who forges the header', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a proxy', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a proxy that appends to what was forged', '127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '127.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['rubbish from a proxy', '127.0.0.1', '203.0.113.9, unknown', '127.0.0.1'],
    ['nothing but proxies', '127.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['IPv6 in brackets', '::ffff:127.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['an empty header', '127.0.0.1', '', '127.0.0.1'],
  ]
  for (const [what, peer, header, client] of cases)
    test(what, () => expect(clientAddress(peer, header, trusted)).toBe(client))

  test('what a stranger writes never changes who he is', () =>
    assert(
      property(
        array(constantFrom('10.0.0.1', '127.0.0.1', 'x', '', '203.0.113.77'), { maxLength: 5 }),
        (forged) => {
          const header = [...forged, '203.0.113.9'].join(', ')
          expect(clientAddress('127.0.0.1', header, trusted)).toBe('203.0.113.9')
          expect(clientAddress('203.0.113.9', forged.join(', '), trusted)).toBe('203.0.113.9')
        },
      ),
    ))
})
