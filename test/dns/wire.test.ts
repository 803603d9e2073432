/** DNS as bytes: written, read back, and hostile. */
import { describe, expect, test } from 'bun:test'
import { array, assert, property, string, uint8Array } from 'fast-check'
import { quoted, stringsOf, textOfStrings, unquoted } from '../../src/base/dns/character-string.ts'
import { CLASS, decoded, encoded, OPCODE } from '../../src/base/dns/message.ts'
import { canonicalName, isWithin, labelsOf, nameText } from '../../src/base/dns/name.ts'
import { canonicalIp, dataBytes, dataText, typeName, typeNumber } from '../../src/base/dns/rdata.ts'
import { signed, TsigCheck, type TsigKey } from '../../src/base/dns/tsig.ts'
import { MalformedMessage, WireWriter } from '../../src/base/dns/wire.ts'

const A = typeNumber('A')

describe('names', () => {
  test('have one spelling', () => {
    expect(canonicalName('WWW.Example.COM.')).toBe('www.example.com')
    expect(canonicalName('.')).toBe('')
    expect(canonicalName('*.a')).toBe('*.a')
    expect(canonicalName('a\\.b.c\\032d')).toBe('a\\.b.c\\032d')
    expect(labelsOf('a\\.b.c').map((label) => label.length)).toEqual([3, 1])
  })

  for (const text of [
    'a..b',
    '.a',
    'a'.repeat(64),
    `${'abcdefg.'.repeat(32)}com`,
    'ünï.test',
    'a\\300',
    'a\\',
  ])
    test(`${text.slice(0, 20)} is none`, () => {
      expect(() => canonicalName(text)).toThrow('no domain name')
    })

  test('any labels come back from their text', () => {
    const label = uint8Array({ minLength: 1, maxLength: 20 })
    assert(
      property(array(label, { maxLength: 8 }), (labels) => {
        const text = nameText(labels)
        expect(nameText(labelsOf(text))).toBe(text)
      }),
    )
  })

  test('D01 lie in a zone by whole labels', () => {
    expect(isWithin('example.com', 'example.com')).toBe(true)
    expect(isWithin('a.example.com', 'example.com')).toBe(true)
    expect(isWithin('evil-example.com', 'example.com')).toBe(false)
    expect(isWithin('com', 'example.com')).toBe(false)
    expect(isWithin('anything', '')).toBe(true)
  })
})

describe('texts', () => {
  test('come back from their quoted form, whatever they are', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 400 }), (text) => {
        const written = quoted(text)
        expect(written).toMatch(/^[\x20-\x7e]*$/)
        expect(textOfStrings(unquoted(written))).toBe(text)
        expect(stringsOf(text).every((piece) => piece.length <= 255)).toBe(true)
      }),
      { numRuns: 50 },
    )
  }, 30_000)

  test('are read as master files write them', () => {
    const strings = (content: string) =>
      unquoted(content).map((piece) => Buffer.from(piece).toString('latin1'))
    expect(strings('"a b" c\\"d  "\\097\\;"')).toEqual(['a b', 'c"d', 'a;'])
    expect(strings('""')).toEqual([''])
    for (const broken of ['"a', 'a"', '"a" "', '', 'a\\'])
      expect(() => unquoted(broken)).toThrow(MalformedMessage)
  })

  test('that are no UTF-8 are told as bytes', () => {
    expect(textOfStrings([Uint8Array.of(0xff, 0x41)])).toBe('\\# 2 ff41')
  })
})

describe('data', () => {
  const CASES: [type: string, value: string, canonical?: string][] = [
    ['A', '192.0.2.1'],
    ['AAAA', '2001:DB8:0::1', '2001:db8::1'],
    ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
    ['AAAA', '::'],
    ['CNAME', 'Mail.Example.com.', 'mail.example.com'],
    ['TXT', 'x'.repeat(600)],
    ['TXT', ''],
  ]
  for (const [type, value, canonical = value] of CASES)
    test(`${type} ${value.slice(0, 30)}`, () => {
      expect(dataText(typeNumber(type), dataBytes(type, value))).toBe(canonical)
    })

  for (const [type, value] of [
    ['A', '01.2.3.4'],
    ['A', '::1'],
    ['A', '1.2.3'],
    ['AAAA', '1.2.3.4'],
    ['AAAA', 'fe80::1%lo'],
    ['CNAME', ''],
    ['MX', '10 mail.example.com'],
  ] as const)
    test(`${type} ${value || 'nothing'} is refused`, () => {
      expect(() => dataBytes(type, value)).toThrow('is no value')
    })

  test('what is none of its type is told as bytes', () => {
    for (const [type, data] of [
      ['A', [192, 0, 2]],
      ['AAAA', [1]],
      ['TXT', [5, 65]],
      ['MX', [0]],
      ['CNAME', [3, 65]],
      ['CAA', []],
      ['SOA', [0, 0, 1]],
    ] as const)
      expect(dataText(typeNumber(type), Uint8Array.from(data))).toBe(
        `\\# ${data.length} ${Buffer.from(data).toString('hex')}`,
      )
  })

  test('addresses are of their own family', () => {
    expect(canonicalIp('A', '2001:db8::1')).toBeNull()
    expect(canonicalIp('AAAA', '2001:DB8::0:1')).toBe('2001:db8::1')
  })

  test('types without a name have their number', () => {
    expect(typeName(65_280)).toBe('TYPE65280')
    expect(typeNumber('TYPE65280')).toBe(65_280)
    for (const text of ['a', 'TYPE65536', 'NONSENSE', '__proto__', 'constructor'])
      expect(() => typeNumber(text)).toThrow('no type of record')
  })
})

/** The bytes of an answer, put together by hand. */
const answer = (records: (writer: WireWriter) => WireWriter, count: number): Uint8Array =>
  records(
    new WireWriter().u16(7).u16(0x8400).u16(1).u16(count).u16(0).u16(0).name('example.com').u16(A).u16(1),
  ).done()

describe('messages', () => {
  test('requests are read as they were written', () => {
    const record = { name: 'a.example.com', type: A, class: CLASS.none, ttl: 0, data: new Uint8Array() }
    const question = { name: 'example.com', type: typeNumber('SOA') }
    const message = decoded(
      encoded({ id: 1, opcode: OPCODE.update, question, answers: [record], authority: [record, record] }),
    )
    expect(message).toMatchObject({ id: 1, opcode: 5, isAnswer: false, questions: [question], tsigAt: null })
    expect([message.answers.length, message.authority.length]).toEqual([1, 2])
  })

  test('compressed names are written out', () => {
    const bytes = answer((writer) => {
      // The name of the question at 12, and an MX whose exchange is "mail" before it.
      const mx = new WireWriter().u16(10).u8(4).add(Buffer.from('Mail')).u16(0xc00c).done()
      return writer.u16(0xc00c).u16(15).u16(1).u32(60).counted(mx)
    }, 1)
    const [record] = decoded(bytes).answers
    expect(record?.name).toBe('example.com')
    expect(record && dataText(15, record.data)).toBe('10 mail.example.com')
  })

  test('names that point at themselves, or ahead, end', () => {
    for (const pointer of [0xc000 + 29, 0xc000 + 60])
      expect(() => decoded(answer((writer) => writer.u16(pointer).u16(A).u16(1).u32(0).u16(0), 1))).toThrow(
        MalformedMessage,
      )
  })

  test('whatever arrives is read, or is no message', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decoded(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MalformedMessage)
        }
      }),
    )
  })

  test('and whatever is left of one', () => {
    const whole = answer(
      (writer) =>
        writer
          .u16(0xc00c)
          .u16(A)
          .u16(1)
          .u32(60)
          .counted(Uint8Array.of(1, 2, 3, 4)),
      1,
    )
    for (let length = 0; length < whole.length; length++)
      expect(() => decoded(whole.subarray(0, length))).toThrow(MalformedMessage)
  })
})

describe('signatures', () => {
  const key: TsigKey = { name: 'fairlead', algorithm: 'hmac-sha256', secret: Buffer.from('secret') }
  const now = 1_700_000_000_000
  const request = encoded({ id: 1, opcode: OPCODE.query, question: { name: 'example.com', type: A } })
  const { mac } = signed(request, key, now)

  /** What a server with this key would answer: its MAC covers that of the request, which `signed` knows nothing of. */
  const check = (bytes: Uint8Array) => new TsigCheck(key, mac).judge(bytes, decoded(bytes), now)

  test('an answer without one, or with one of another key, does not hold', () => {
    const plain = answer((writer) => writer, 0)
    expect(check(plain)).toBe('unsigned')
    expect(check(signed(plain, { ...key, secret: Buffer.from('other') }, now).bytes)).toBe('forged')
    expect(check(signed(plain, { ...key, name: 'other' }, now).bytes)).toBe('forged')
    expect(check(signed(plain, { ...key, algorithm: 'hmac-sha512' }, now).bytes)).toBe('forged')
    // Made with the right key, but for no request.
    expect(check(signed(plain, key, now).bytes)).toBe('forged')
  })
})
