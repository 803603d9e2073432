import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { type DnsPlan, type DnsPlanInput, dnsPlan, requireNoConflicts } from '../../src/domain/dns/plan.ts'
import type { DnsTarget } from '../../src/domain/dns/records.ts'
import { type HeldZone, namesToRead, zoneOf } from '../../src/domain/dns/zone.ts'
import { applied, changeLines, linesOf, standingAt, zoneOfLines } from './zone-text.ts'

const US = 'us1'
const V4: DnsTarget = { addresses: ['203.0.113.5'], cname: null, ttlSeconds: 300 }
const BOTH: DnsTarget = { addresses: ['2001:db8::5', '203.0.113.5'], cname: null, ttlSeconds: 300 }
const ALIAS: DnsTarget = { addresses: [], cname: 'web.example.net', ttlSeconds: 300 }

const heldZone = (name: string, more: Partial<HeldZone> = {}): HeldZone => ({
  provider: `p-${name}`,
  zone: { name, id: `id-${name}` },
  writes: true,
  asKept: (set) => set,
  ...more,
})

/** A plan for docs.example.com in example.com, unless something else is said. */
function planned(lines: string[], more: Partial<DnsPlanInput> = {}): DnsPlan {
  const input = {
    hostname: 'docs.example.com',
    target: V4,
    mode: 'auto' as const,
    zones: [heldZone('example.com')],
    ...more,
  }
  const zone = zoneOf(input.hostname, input.zones)?.zone.name ?? ''
  const standing = standingAt(namesToRead(input.hostname, zone), zoneOfLines(lines))
  return dnsPlan({ instance: US, standing, ...input })
}

const MARK = `_fairlead-a.docs.example.com 300 TXT fairlead=1 instance=${US}`
const A = 'docs.example.com 300 A 203.0.113.5'

const FINE: [name: string, stands: string[], changes: string[], more?: Partial<DnsPlanInput>][] = [
  ['nothing stands', [], [`+ ${MARK}`, `+ ${A}`]],
  ['ours stands as it should', [MARK, A], []],
  ['ours stands with another TTL', [MARK, A.replace('300', '60')], [`- ${A.replace('300', '60')}`, `+ ${A}`]],
  [
    'ours stands with an address of before',
    [MARK, 'docs.example.com 300 A 203.0.113.9'],
    ['- docs.example.com 300 A 203.0.113.9', `+ ${A}`],
  ],
  ['only our marker stands', [MARK], [`+ ${A}`]],
  [
    'both families',
    [],
    [
      `+ ${MARK}`,
      `+ ${A}`,
      `+ _fairlead-aaaa.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      '+ docs.example.com 300 AAAA 2001:db8::5',
    ],
    { target: BOTH },
  ],
  [
    'one family is wanted no more',
    [
      MARK,
      A,
      `_fairlead-aaaa.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      'docs.example.com 300 AAAA 2001:db8::5',
    ],
    [
      '- docs.example.com 300 AAAA 2001:db8::5',
      `- _fairlead-aaaa.docs.example.com 300 TXT fairlead=1 instance=${US}`,
    ],
  ],
  [
    'a CNAME',
    [],
    [
      `+ _fairlead-cname.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      '+ docs.example.com 300 CNAME web.example.net',
    ],
    { target: ALIAS },
  ],
  [
    'addresses of ours become a CNAME',
    [MARK, A],
    [
      `- ${A}`,
      `- ${MARK}`,
      `+ _fairlead-cname.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      '+ docs.example.com 300 CNAME web.example.net',
    ],
    { target: ALIAS },
  ],
  [
    'a CNAME of ours becomes an address',
    [
      `_fairlead-cname.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      'docs.example.com 300 CNAME web.example.net',
    ],
    [
      '- docs.example.com 300 CNAME web.example.net',
      `- _fairlead-cname.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      `+ ${MARK}`,
      `+ ${A}`,
    ],
  ],
  [
    'D03: the addresses where a zone begins, beside SOA, NS and mail',
    ['example.com 300 SOA …', 'example.com 300 NS ns.example.com', 'example.com 300 MX 10 mail.example.com'],
    [`+ _fairlead-a.example.com 300 TXT fairlead=1 instance=${US}`, '+ example.com 300 A 203.0.113.5'],
    { hostname: 'example.com', target: { ...V4, cname: 'web.example.net' } },
  ],
  [
    'D04: a wildcard',
    [],
    [
      `+ _fairlead-a._wildcard.example.com 300 TXT fairlead=1 instance=${US}`,
      '+ *.example.com 300 A 203.0.113.5',
    ],
    { hostname: '*.example.com' },
  ],
  [
    'beside mail and text',
    ['docs.example.com 300 MX 10 m.example.com', 'docs.example.com 300 TXT v=spf1 -all'],
    [`+ ${MARK}`, `+ ${A}`],
  ],
  [
    'beside signatures',
    ['docs.example.com 300 RRSIG …', 'docs.example.com 300 NSEC …'],
    [
      `+ _fairlead-cname.docs.example.com 300 TXT fairlead=1 instance=${US}`,
      '+ docs.example.com 300 CNAME web.example.net',
    ],
    { target: ALIAS },
  ],
  [
    'another name of the zone',
    ['evil-docs.example.com 300 A 192.0.2.1', 'x.docs.example.com 300 A 192.0.2.1'],
    [`+ ${MARK}`, `+ ${A}`],
  ],
]

describe('what is to be changed', () => {
  for (const [name, stands, changes, more] of FINE)
    test(name, () => {
      const plan = planned(stands, more)
      expect(plan.conflicts).toEqual([])
      expect(changeLines(plan.changes)).toEqual(changes)
      expect(plan.provider).toBe('p-example.com')
      const after = applied(zoneOfLines(stands), plan.changes)
      expect(linesOf(after)).toEqual(expect.arrayContaining(linesOf(plan.wanted)))
      expect(changeLines(planned(linesOf(after), more).changes)).toEqual([])
    })
})

const OTHER = MARK.replace(US, 'them2')
const CONFLICTS: [
  name: string,
  stands: string[],
  conflicts: [set: string, reason: string][],
  more?: Partial<DnsPlanInput>,
][] = [
  [
    'D02: A',
    ['docs.example.com 60 A 192.0.2.1'],
    [['docs.example.com A 192.0.2.1', 'was not made by this Fairlead']],
  ],
  [
    'D02: the very A that is wanted',
    [A],
    [['docs.example.com A 203.0.113.5', 'was not made by this Fairlead']],
  ],
  [
    'D02: AAAA, where only A is wanted',
    ['docs.example.com 60 AAAA 2001:db8::1'],
    [['docs.example.com AAAA 2001:db8::1', 'was not made by this Fairlead']],
  ],
  [
    'D02: CNAME',
    ['docs.example.com 60 CNAME x.test'],
    [['docs.example.com CNAME x.test', 'was not made by this Fairlead']],
  ],
  [
    'D02: NS',
    ['docs.example.com 60 NS ns.test'],
    [['docs.example.com NS ns.test', 'hands the name to other name servers']],
  ],
  [
    'D02: another instance',
    [OTHER, A],
    [['docs.example.com A 203.0.113.5', 'belongs to another Fairlead, whose id is them2']],
  ],
  [
    'another instance, that is about to',
    [OTHER],
    [
      [
        '_fairlead-a.docs.example.com TXT fairlead=1 instance=them2',
        'belongs to another Fairlead, whose id is them2',
      ],
    ],
  ],
  [
    'two instances',
    [MARK, OTHER, A],
    [['docs.example.com A 203.0.113.5', 'belongs to another Fairlead, whose id is them2']],
  ],
  [
    'something else where the marker belongs',
    ['_fairlead-a.docs.example.com 60 TXT hello'],
    [['_fairlead-a.docs.example.com TXT hello', "has a TXT beside it that is no marker of Fairlead's"]],
  ],
  [
    'a marker with something else beside it',
    [MARK, '_fairlead-a.docs.example.com 300 TXT hello', A],
    [['docs.example.com A 203.0.113.5', "has a TXT beside it that is no marker of Fairlead's"]],
  ],
  [
    'a CNAME where the marker belongs',
    ['_fairlead-a.docs.example.com 60 CNAME x.test'],
    [['_fairlead-a.docs.example.com CNAME x.test', "stands where Fairlead's marker belongs"]],
  ],
  [
    'D03: a CNAME beside mail',
    ['docs.example.com 60 MX 10 m.test'],
    [['docs.example.com MX 10 m.test', 'stands where a CNAME must be alone (RFC 1034 §3.6.2)']],
    { target: ALIAS },
  ],
  [
    'D03: a CNAME beside an address',
    ['docs.example.com 60 A 192.0.2.1'],
    [['docs.example.com A 192.0.2.1', 'was not made by this Fairlead']],
    { target: ALIAS },
  ],
  [
    'an ALIAS',
    ['docs.example.com 60 ALIAS x.test'],
    [['docs.example.com ALIAS x.test', 'already answers for its addresses']],
  ],
  [
    'a delegation above',
    ['b.example.com 60 NS ns.test'],
    [['b.example.com NS ns.test', 'hands everything below b.example.com to other name servers']],
    { hostname: 'a.b.example.com' },
  ],
  [
    'a DNAME above',
    ['example.com 60 DNAME x.test'],
    [['example.com DNAME x.test', 'leads everything below example.com elsewhere']],
  ],
  [
    'D04: a foreign wildcard',
    ['*.example.com 60 A 192.0.2.1'],
    [['*.example.com A 192.0.2.1', 'was not made by this Fairlead']],
    { hostname: '*.example.com' },
  ],
  [
    'several at once',
    ['docs.example.com 60 A 192.0.2.1', 'docs.example.com 60 AAAA 2001:db8::1'],
    [
      ['docs.example.com A 192.0.2.1', 'was not made by this Fairlead'],
      ['docs.example.com AAAA 2001:db8::1', 'was not made by this Fairlead'],
    ],
    { target: BOTH },
  ],
]

describe('what is not ours is a conflict that shows it, and then nothing is changed', () => {
  for (const [name, stands, conflicts, more] of CONFLICTS)
    test(name, () => {
      const plan = planned(stands, more)
      expect(
        plan.conflicts.map((one) => [`${one.name} ${one.type} ${one.values.join(', ')}`, one.reason]),
      ).toEqual(
        conflicts.map((one): string[] =>
          one.map((text) => text.replace(/^(_fairlead.*|docs.*) (fairlead=1.*)/, '$1 $2')),
        ),
      )
      expect(plan.changes).toEqual([])
      const thrown = refusal(() => requireNoConflicts('docs.example.com', plan.conflicts))
      expect(thrown.code).toBe('conflict')
      expect(thrown.message).toContain(`${conflicts[0]?.[0]} ${conflicts[0]?.[1]}`)
      expect(thrown.errors).toHaveLength(conflicts.length)
    })
})

describe('D01: the zone is the longest that holds the name', () => {
  const zones = ['example.com', 'b.example.com', 'ample.com', 'com'].map((name) => heldZone(name))
  const rows = [
    ['docs.example.com', 'example.com'],
    ['a.b.example.com', 'b.example.com'],
    ['b.example.com', 'b.example.com'],
    ['xb.example.com', 'example.com'],
    ['evil-example.com', 'com'],
    ['*.b.example.com', 'b.example.com'],
    ['example.org', undefined],
  ]
  for (const [hostname = '', zone] of rows)
    test(`${hostname} in ${zone}`, () => expect(zoneOf(hostname, zones)?.zone.name).toBe(zone as string)) // or undefined

  test('and the first of two providers that hold it', () => {
    const twice = [heldZone('example.com'), heldZone('example.com', { provider: 'second' })]
    expect(zoneOf('a.example.com', twice)?.provider).toBe('p-example.com')
  })

  test('or the refusal names those that there are, before anything is read', () => {
    const others = { hostname: 'evil-example.com', zones: [heldZone('example.com'), heldZone('example.org')] }
    const thrown = refusal(() =>
      dnsPlan({ ...others, target: V4, instance: US, standing: new Map(), mode: 'auto' }),
    )
    expect(thrown.code).toBe('invalid')
    expect(thrown.hint).toContain('There are example.com, example.org.')
  })
})

test('D03: a CNAME where a zone begins, with no address to put there, is refused', () => {
  const thrown = refusal(() => planned([], { hostname: 'example.com', target: ALIAS }))
  expect([thrown.code, thrown.message]).toEqual([
    'invalid',
    'example.com is where its zone begins, and no CNAME may stand there (RFC 1034 §3.6.2).',
  ])
})

test('the name to which others point has addresses itself', () => {
  const target = { ...V4, cname: 'docs.example.com' }
  expect(changeLines(planned([], { target }).changes)).toEqual([`+ ${MARK}`, `+ ${A}`])
})

test('nothing to point to, or itself, is refused', () => {
  expect(refusal(() => planned([], { target: { ...V4, addresses: [] } })).message).toContain(
    'has nothing to point to',
  )
  expect(refusal(() => planned([], { target: { ...ALIAS, cname: 'docs.example.com' } })).message).toContain(
    'the very name',
  )
})

describe('without a provider', () => {
  const byHand = { mode: 'manual', provider: null, conflicts: [] }
  test('by hand, because one wants so', () => {
    const plan = planned(['docs.example.com 60 A 192.0.2.1'], { mode: 'manual' })
    expect(plan).toMatchObject(byHand)
    expect(changeLines(plan.changes)).toEqual([`+ ${A}`])
    expect(plan.notes).toEqual([
      'Make the records of docs.example.com by hand: docs.example.com A 203.0.113.5.',
    ])
  })
  test('by hand, because there is none', () => expect(planned([], { zones: [] })).toMatchObject(byHand))
  test('by hand, because the holder of the zone is a person', () => {
    const zones = [heldZone('', { writes: false, provider: 'paper' })]
    const plan = planned([], { zones, target: ALIAS })
    expect(plan).toMatchObject({ ...byHand, provider: 'paper' })
    expect(changeLines(plan.changes)).toEqual(['+ docs.example.com 300 CNAME web.example.net'])
  })
  test('addresses where a zone has to begin, since it is the name that was registered', () => {
    const target = { ...ALIAS, addresses: ['203.0.113.5'] }
    const made = (hostname: string) =>
      planned([], { mode: 'manual', hostname, target }).wanted.map(({ type }) => type)
    expect(made('example.co.uk')).toEqual(['A'])
    expect(made('www.example.co.uk')).toEqual(['CNAME'])
    expect(planned([], { mode: 'manual', hostname: 'example.co.uk', target: ALIAS }).wanted).toEqual([])
  })
  test('with no addresses set', () =>
    expect(planned([], { mode: 'manual', target: { ...V4, addresses: [] } }).changes).toEqual([]))
  test('none', () =>
    expect(planned([], { mode: 'none' })).toMatchObject({ mode: 'none', changes: [], wanted: [] }))
})

test('a plan compares with what the provider keeps, not with what was wanted', () => {
  const zones = [heldZone('example.com', { asKept: (set) => ({ ...set, ttlSeconds: 3600 }) })]
  expect(planned([MARK, A.replace('300', '3600')], { zones }).changes).toEqual([])
})

test('a name that was not read is no name at which nothing stands', () => {
  const input = { hostname: 'docs.example.com', target: V4, zones: [heldZone('example.com')], instance: US }
  expect(() => dnsPlan({ ...input, standing: new Map(), mode: 'auto' })).toThrow('were not read')
})

function refusal(act: () => unknown): Fault {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('it was not refused')
}
