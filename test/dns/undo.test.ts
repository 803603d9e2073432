import { describe, expect, test } from 'bun:test'
import { array, assert, constantFrom, oneof, property, tuple } from 'fast-check'
import { dnsPlan } from '../../src/domain/dns/plan.ts'
import { type DnsTarget, type RecordSet, sameData } from '../../src/domain/dns/records.ts'
import { namesOfChanges, namesOfSets, removalPlan, undoPlan } from '../../src/domain/dns/undo.ts'
import { namesToRead } from '../../src/domain/dns/zone.ts'
import { applied, changeLines, linesOf, standingAt, zoneOfLines } from './zone-text.ts'

const US = 'us1'
const ZONE = 'example.com'
const A = 'docs.example.com 300 A 203.0.113.5'
const MARK = `_fairlead-a.docs.example.com 300 TXT fairlead=1 instance=${US}`

const removal = (stands: readonly RecordSet[], made: RecordSet[]) =>
  removalPlan({ made, zone: ZONE, instance: US, standing: standingAt(namesOfSets(made, ZONE), stands) })

const REMOVALS: [name: string, stands: string[], changes: string[], conflicts: string[], notes: number][] = [
  ['ours', [MARK, A], [`- ${A}`, `- ${MARK}`], [], 0],
  [
    'ours with a TTL that somebody has set',
    [MARK, A.replace('300', '60')],
    [`- ${A.replace('300', '60')}`, `- ${MARK}`],
    [],
    0,
  ],
  ['ours, which is gone', [MARK], [`- ${MARK}`], [], 0],
  ['all is gone', [], [], [], 0],
  ['changed by hand', [MARK, 'docs.example.com 300 A 192.0.2.1'], [], ['docs.example.com A'], 0],
  ['more addresses by hand', [MARK, A, 'docs.example.com 300 A 192.0.2.1'], [], ['docs.example.com A'], 0],
  ['not marked any more', [A], [], [], 1],
  ['marked by another', [MARK.replace(US, 'them2'), A], [], [], 1],
  ['marked by two', [MARK, MARK.replace(US, 'them2'), A], [], [], 1],
  ['others beside it', [MARK, A, 'docs.example.com 60 MX 10 m.test'], [`- ${A}`, `- ${MARK}`], [], 0],
]

describe('a detach takes away what is ours and as we wrote it', () => {
  for (const [name, stands, changes, conflicts, notes] of REMOVALS)
    test(name, () => {
      const plan = removal(zoneOfLines(stands), zoneOfLines([A]))
      expect(changeLines(plan.changes)).toEqual(changes)
      expect(plan.conflicts.map((one) => `${one.name} ${one.type}`)).toEqual(conflicts)
      expect(plan.notes).toHaveLength(notes)
      applied(zoneOfLines(stands), plan.changes)
    })
})

const OLD = 'docs.example.com 300 A 203.0.113.1'
const UNDO: [
  name: string,
  before: string[],
  after: string[],
  now: string[],
  changes: string[],
  conflicts: number,
][] = [
  ['made', [], [A], [MARK, A], [`- ${A}`], 0],
  ['not made', [], [A], [], [], 0],
  ['made by somebody else, with the same values', [], [A], [A], [], 1],
  ['made by another Fairlead, with the same values', [], [A], [MARK.replace(US, 'them2'), A], [], 1],
  ['replaced', [OLD], [A], [MARK, A], [`- ${A}`, `+ ${OLD}`], 0],
  ['not yet replaced', [OLD], [A], [OLD], [], 0],
  ['removed', [OLD], [], [], [`+ ${OLD}`], 0],
  ['changed meanwhile', [OLD], [A], ['docs.example.com 300 A 192.0.2.1'], [], 1],
  ['removed meanwhile', [OLD], [A], [], [], 1],
]

describe('an undo takes back what was made', () => {
  for (const [name, before, after, now, changes, conflicts] of UNDO)
    test(name, () => {
      const [a, b] = [zoneOfLines(before)[0] ?? null, zoneOfLines(after)[0] ?? null]
      const made = [{ name: 'docs.example.com', type: 'A', before: a, after: b }]
      const plan = undoPlan({
        made,
        zone: ZONE,
        instance: US,
        standing: standingAt(namesOfChanges(made, ZONE), zoneOfLines(now)),
      })
      expect(changeLines(plan.changes)).toEqual(changes)
      expect(plan.conflicts).toHaveLength(conflicts)
    })
})

const names = ['docs.example.com', 'b.docs.example.com', '*.example.com', 'example.com']
const line = oneof(
  tuple(
    constantFrom(...names),
    constantFrom('A 192.0.2.1', 'A 203.0.113.5', 'AAAA 2001:db8::1', 'MX 10 m.test', 'TXT v=spf1'),
  ),
  tuple(
    constantFrom(
      '_fairlead-a.docs.example.com',
      '_fairlead-cname.docs.example.com',
      '_fairlead-a._wildcard.example.com',
    ),
    constantFrom('TXT hello', 'TXT fairlead=1 instance=them2'),
  ),
)
const target = constantFrom<DnsTarget>(
  { addresses: ['203.0.113.5'], cname: null, ttlSeconds: 300 },
  { addresses: ['2001:db8::5', '203.0.113.5'], cname: null, ttlSeconds: 60 },
  { addresses: ['203.0.113.5'], cname: 'web.example.net', ttlSeconds: 300 },
)

test('whatever stands: attaching touches nothing foreign, and undo and detach leave the zone as it was', () => {
  let attached = 0
  assert(
    property(array(line, { maxLength: 4 }), constantFrom(...names), target, (rows, hostname, wanted) => {
      const before = zoneOfLines([...new Set(rows.map((words) => words.join(' 60 ')))])
      const plan = dnsPlan({
        hostname,
        target: wanted,
        zones: [{ provider: 'p', zone: { name: ZONE, id: '1' }, writes: true, asKept: (set) => set }],
        instance: US,
        standing: standingAt(namesToRead(hostname, ZONE), before),
        mode: 'auto',
      })
      if (plan.conflicts.length > 0) return expect(plan.changes).toEqual([])
      attached += 1
      expect(plan.changes.every((change) => change.before === null)).toBe(true)
      const after = applied(before, plan.changes)
      const undo = undoPlan({
        made: plan.changes,
        zone: ZONE,
        instance: US,
        standing: standingAt(namesOfChanges(plan.changes, ZONE), after),
      })
      expect(linesOf(applied(after, undo.changes))).toEqual(linesOf(before))
      const detach = removal(after, plan.wanted)
      expect(detach.conflicts).toEqual([])
      expect(linesOf(applied(after, detach.changes))).toEqual(linesOf(before))
      return expect(plan.wanted.every((set) => after.some((one) => sameData(one, set)))).toBe(true)
    }),
  )
  expect(attached).toBeGreaterThan(10)
})
