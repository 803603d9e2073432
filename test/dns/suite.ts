/** What every driver that writes has to do, whoever holds the zone. A new driver runs this against its real server. */
import { afterAll, beforeAll, beforeEach, describe, expect } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { jsonLog } from '../../src/base/log.ts'
import type { DnsProvider, RecordChange, RecordSet, Zone } from '../../src/ports/dns.ts'
import { has, needs } from '../needs.ts'
import { endAll } from './daemon.ts'
import type { Relay } from './relay.ts'
import { foreignLines, OURS, ZONE } from './zone.ts'

/** A test that fails half-way leaves no server behind. */
afterAll(endAll)

export interface Stage {
  /** Through the relay. */
  provider: DnsProvider
  relay: Relay
  /** The same server, with a key or secret that it doesn't know. */
  stranger: DnsProvider
  /** A port where nobody listens. */
  nobody: DnsProvider
  /** Everything that stands, as the server's own means tell it. */
  dump: () => Promise<string[]>
  /** What a person does by other means. */
  byHand: {
    put: (name: string, type: 'A' | 'TXT', value: string) => Promise<void>
    remove: (name: string, type: string) => Promise<void>
  }
  end: () => Promise<void>
}

export const signal = (): AbortSignal => AbortSignal.timeout(30_000)

export const set = (type: string, values: string[], more: Partial<RecordSet> = {}): RecordSet => ({
  name: `docs.${OURS}`,
  type,
  ttlSeconds: 300,
  values,
  ...more,
})

export const change = (before: RecordSet | null, after: RecordSet | null): RecordChange => {
  const one = after ?? before
  if (one === null) throw new Error('a change is about something')
  return { name: one.name, type: one.type, before, after }
}

/** What a promise is rejected with; null when it is not. */
export const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

/** The same, as the texts that people see, and as the line of the server's log. */
export async function faultOf(work: Promise<unknown>): Promise<{ code: string; text: string; log: string }> {
  const thrown = await rejectionOf(work)
  if (!(thrown instanceof Fault)) throw new Error(`expected a Fault, got ${String(thrown)}`)
  const lines: string[] = []
  jsonLog(
    (line) => lines.push(line),
    () => 0,
  ).write('error', thrown.message, { error: thrown })
  return { code: thrown.code, text: `${thrown.message} ${thrown.hint ?? ''}`, log: lines.join('\n') }
}

const TEXTS: [name: string, text: string][] = [
  ['quotes and backslashes', 'say "hello\\" \\ and \\034 "" \\'],
  ['semicolons and brackets', "v=1; (a) ; b) 'c' # d"],
  ['what a zone file would obey', '$INCLUDE /etc/passwd\n$ORIGIN evil.example.\nx IN A 192.0.2.66'],
  ['spaces at its ends', '  two  words  '],
  ['other scripts', 'Grüße, 世界 🚢'],
  ['255 bytes', 'x'.repeat(255)],
  ['256 bytes', 'y'.repeat(256)],
  ['1,000 bytes that fall between strings', 'ä"\\'.repeat(250)],
  ['control characters', 'a\tb\rc\u0000d\u007f'],
]

export interface Server {
  label: string
  programs: string[]
  open: () => Promise<Stage>
}

const TEST_MS = 60_000

/** The suite, and what `more` adds of the driver's own; both have the same stage. */
export function driverSuite({ label, programs, open }: Server, more?: (open: Open) => void): void {
  describe(label, () => {
    let stage: Stage | null = null
    let zone: Zone
    let foreign: string[] = []
    const opened = () => {
      if (stage === null) throw new Error('the stage is not open')
      return { ...stage, zone }
    }
    beforeAll(async () => {
      if (!programs.every(has)) return
      stage = await open()
      zone = (await stage.provider.zones(signal())).find(({ name }) => name === ZONE) ?? { name: '', id: '' }
      foreign = foreignLines(await stage.dump())
    }, TEST_MS)
    beforeEach(async () => {
      if (stage !== null) await clear({ ...stage, zone })
    }, TEST_MS)
    afterAll(async () => await stage?.end(), TEST_MS)

    const run = needs(...programs)
    // Servers on a machine that is busy take their time; no test asserts on it.
    const given: Open = { test: (name, body) => run(name, body, TEST_MS), opened }
    writes(given)
    spellings(given)
    surprises(given)
    faults(given)
    more?.(given)
    given.test("what was somebody else's is what it was, byte for byte", async () => {
      expect(foreign.length).toBeGreaterThan(10)
      expect(foreignLines(await opened().dump())).toEqual(foreign)
    })
  })
}

export interface Open {
  test: (name: string, body: () => void | Promise<void>) => void
  opened: () => Stage & { zone: Zone }
}

const NAMES = ['docs', 'other', '*', 'x', '_fairlead-a.docs', 'alias'].map((label) => `${label}.${OURS}`)

/** Takes everything away that a test has made. */
async function clear({ provider, relay, zone }: ReturnType<Open['opened']>): Promise<void> {
  relay.mode = 'pass'
  for (const name of NAMES)
    for (const before of await provider.sets(zone, name, signal()))
      await provider.change(zone, [{ name, type: before.type, before, after: null }], signal())
  relay.writes = 0
}

const ofType = (sets: RecordSet[], type: string): RecordSet | null =>
  sets.find((each) => each.type === type) ?? null

function writes({ test, opened }: Open): void {
  test('finds its zone, and what stands in it', async () => {
    const { provider, zone } = opened()
    expect(provider.writes).toBe(true)
    expect(zone.name).toBe(ZONE)
    const taken = await provider.sets(zone, `taken.${ZONE}`, signal())
    expect(taken.map(({ type, values, ttlSeconds }) => ({ type, values, ttlSeconds }))).toEqual([
      { type: 'A', values: ['192.0.2.30', '192.0.2.31'], ttlSeconds: 120 },
    ])
    expect(await provider.sets(zone, `nothing.${ZONE}`, signal())).toEqual([])
    const apex = (await provider.sets(zone, ZONE, signal())).map(({ type }) => type)
    expect(apex).toEqual(expect.arrayContaining(['A', 'CAA', 'MX', 'NS', 'TXT']))
  })

  test('puts, reads, replaces and drops a set', async () => {
    const { provider, zone } = opened()
    const first = provider.asKept(set('A', ['192.0.2.1']))
    const second = provider.asKept(set('A', ['192.0.2.3', '192.0.2.2'], { ttlSeconds: 120 }))
    await provider.change(zone, [change(null, first)], signal())
    expect(await provider.sets(zone, first.name, signal())).toEqual([first])
    await provider.change(zone, [change(first, second)], signal())
    expect(await provider.sets(zone, first.name, signal())).toEqual([second])
    await provider.change(zone, [change(second, null)], signal())
    expect(await provider.sets(zone, first.name, signal())).toEqual([])
  })

  test('changes a TTL alone', async () => {
    const { provider, zone } = opened()
    const short = provider.asKept(set('A', ['192.0.2.1'], { ttlSeconds: 60 }))
    const long = provider.asKept(set('A', ['192.0.2.1'], { ttlSeconds: 3_600 }))
    await provider.change(zone, [change(null, short)], signal())
    await provider.change(zone, [change(short, long)], signal())
    expect(await provider.sets(zone, long.name, signal())).toEqual([long])
  })

  test('twice is once: the second time nothing is written', async () => {
    const { provider, relay, zone } = opened()
    const wanted = [change(null, set('A', ['192.0.2.1'])), change(null, set('TXT', ['a marker']))]
    await provider.change(zone, wanted, signal())
    expect(relay.writes).toBe(1)
    const standing = await opened().dump()
    await provider.change(zone, wanted, signal())
    expect(relay.writes).toBe(1)
    expect(await opened().dump()).toEqual(standing)
    const gone = wanted.map(({ after }) => change(after && provider.asKept(after), null))
    await provider.change(zone, gone, signal())
    await provider.change(zone, gone, signal())
    expect(relay.writes).toBe(2)
    await provider.change(zone, [], signal())
  })

  test('makes several sets in one call', async () => {
    const { provider, relay, zone } = opened()
    const sets = [
      set('A', ['192.0.2.1']),
      set('AAAA', ['2001:db8::1']),
      set('TXT', ['fairlead=1 instance=abc'], { name: `_fairlead-a.docs.${OURS}` }),
      set('CNAME', [`docs.${OURS}`], { name: `alias.${OURS}` }),
    ].map((each) => provider.asKept(each))
    await provider.change(
      zone,
      sets.map((each) => change(null, each)),
      signal(),
    )
    expect(relay.writes).toBe(1)
    for (const each of sets)
      expect(ofType(await provider.sets(zone, each.name, signal()), each.type)).toEqual(each)
    const all = (await provider.all(zone, signal())) ?? []
    for (const each of sets) expect(all).toContainEqual(each)
    expect(all.map(({ name }) => name)).toContain(`mail.${ZONE}`)
    await provider.change(
      zone,
      sets.map((each) => change(each, null)),
      signal(),
    )
    expect(await provider.sets(zone, `docs.${OURS}`, signal())).toEqual([])
  })

  test('turns addresses into an alias and back, in one call each', async () => {
    const { provider, zone } = opened()
    const address = provider.asKept(set('A', ['192.0.2.1']))
    const alias = provider.asKept(set('CNAME', [`mail.${ZONE}`]))
    await provider.change(zone, [change(null, address)], signal())
    await provider.change(zone, [change(null, alias), change(address, null)], signal())
    expect(await provider.sets(zone, alias.name, signal())).toEqual([alias])
    await provider.change(zone, [change(null, address), change(alias, null)], signal())
    expect(await provider.sets(zone, alias.name, signal())).toEqual([address])
  })
}

function spellings({ test, opened }: Open): void {
  for (const [name, text] of TEXTS)
    test(`D10 text with ${name} is text`, async () => {
      const { provider, zone } = opened()
      const wanted = provider.asKept(set('TXT', [text]))
      await provider.change(zone, [change(null, wanted)], signal())
      expect(await provider.sets(zone, wanted.name, signal())).toEqual([wanted])
      await provider.change(zone, [change(wanted, null)], signal())
      expect(await provider.sets(zone, wanted.name, signal())).toEqual([])
    })

  test('several texts at one name', async () => {
    const { provider, zone } = opened()
    const wanted = provider.asKept(
      set(
        'TXT',
        TEXTS.slice(0, 5).map(([, text]) => text),
      ),
    )
    await provider.change(zone, [change(null, wanted)], signal())
    expect(await provider.sets(zone, wanted.name, signal())).toEqual([wanted])
  })

  test('every value has one spelling, and is written once', async () => {
    const { provider, zone } = opened()
    const typed = [
      set('AAAA', ['2001:DB8:0:0::1', '2001:db8::1', '2001:db8::2'], { name: `DOCS.${OURS}.` }),
      set('CNAME', ['Mail.Example.COM.'], { name: `alias.${OURS}` }),
    ]
    await provider.change(
      zone,
      typed.map((after) => ({ name: after.name, type: after.type, before: null, after })),
      signal(),
    )
    expect(ofType(await provider.sets(zone, `Docs.${OURS}`, signal()), 'AAAA')?.values).toEqual([
      '2001:db8::1',
      '2001:db8::2',
    ])
    expect(ofType(await provider.sets(zone, `alias.${OURS}`, signal()), 'CNAME')?.values).toEqual([
      `mail.${ZONE}`,
    ])
  })

  test('a wildcard is a name, and answers for no other', async () => {
    const { provider, zone } = opened()
    const wild = provider.asKept(set('A', ['192.0.2.1'], { name: `*.${OURS}` }))
    const exact = provider.asKept(set('A', ['192.0.2.2'], { name: `x.${OURS}` }))
    await provider.change(zone, [change(null, wild)], signal())
    expect(await provider.sets(zone, wild.name, signal())).toEqual([wild])
    expect(await provider.sets(zone, exact.name, signal())).toEqual([])
    await provider.change(zone, [change(null, exact)], signal())
    expect(await provider.sets(zone, exact.name, signal())).toEqual([exact])
    expect(await provider.sets(zone, `y.wild.${ZONE}`, signal())).toEqual([])
  })

  const UNFIT: [what: string, wrong: RecordSet][] = [
    ['an address of the other kind', set('A', ['2001:db8::1'])],
    ['zeros before a number', set('A', ['01.2.3.4'])],
    ['no value', set('A', [])],
    ['a fraction of a second', set('A', ['192.0.2.1'], { ttlSeconds: 0.5 })],
    ['a TTL beyond 31 bits', set('A', ['192.0.2.1'], { ttlSeconds: 2 ** 31 })],
    ['less than no TTL', set('A', ['192.0.2.1'], { ttlSeconds: -1 })],
    ['two aliases', set('CNAME', [`a.${ZONE}`, `b.${ZONE}`])],
    ['a label of 64 bytes', set('A', ['192.0.2.1'], { name: `${'a'.repeat(64)}.${OURS}` })],
    ['text of 64 KiB', set('TXT', ['x'.repeat(65_536)])],
    ['a type that is not ours', set('NS', [`ns.${ZONE}`])],
  ]
  for (const [what, wrong] of UNFIT)
    test(`D09 ${what} is refused before anybody is asked`, async () => {
      const { provider, relay, zone } = opened()
      const { name, type } = wrong
      const work = provider.change(zone, [{ name, type, before: null, after: wrong }], signal())
      expect((await faultOf(work)).code).toBe('invalid')
      expect(relay.writes).toBe(0)
    })

  test('D01 so is a name of another zone', async () => {
    const { provider, relay, zone } = opened()
    for (const name of [`www.evil-${ZONE}`, 'www.example.org', 'com']) {
      const work = provider.change(zone, [change(null, set('A', ['192.0.2.1'], { name }))], signal())
      expect((await faultOf(work)).code).toBe('invalid')
      expect((await faultOf(provider.sets(zone, name, signal()))).code).toBe('invalid')
    }
    expect(relay.writes).toBe(0)
  })
}

function surprises({ test, opened }: Open): void {
  test('D02 what stands there and was not seen is a conflict that shows it', async () => {
    const { provider, relay, zone, dump } = opened()
    const before = await dump()
    const wanted = set('A', ['192.0.2.1'], { name: `taken.${ZONE}` })
    const { code, text } = await faultOf(provider.change(zone, [change(null, wanted)], signal()))
    expect(code).toBe('conflict')
    expect(text).toContain('192.0.2.30')
    const drop = change({ ...wanted, values: ['192.0.2.30'], ttlSeconds: 120 }, null)
    expect((await faultOf(provider.change(zone, [drop], signal()))).code).toBe('conflict')
    expect(relay.writes).toBe(0)
    expect(await dump()).toEqual(before)
  })

  test('one conflict among several changes, and none is made', async () => {
    const { provider, relay, zone, dump } = opened()
    const before = await dump()
    const changes = [
      change(null, set('A', ['192.0.2.1'])),
      change(null, set('A', ['192.0.2.1'], { name: `taken.${ZONE}` })),
      change(null, set('TXT', ['x'], { name: `other.${OURS}` })),
    ]
    expect((await faultOf(provider.change(zone, changes, signal()))).code).toBe('conflict')
    expect(relay.writes).toBe(0)
    expect(await dump()).toEqual(before)
  })

  test('D03 nothing stands beside an alias, and no alias beside anything', async () => {
    const { provider, relay, zone, dump } = opened()
    const before = await dump()
    for (const wanted of [
      set('A', ['192.0.2.1'], { name: `alias.${ZONE}` }),
      set('CNAME', [`mail.${ZONE}`], { name: `beside.${OURS}` }),
      set('CNAME', [`mail.${ZONE}`], { name: ZONE }),
    ])
      expect((await faultOf(provider.change(zone, [change(null, wanted)], signal()))).code).toBe('conflict')
    expect(relay.writes).toBe(0)
    expect(await dump()).toEqual(before)
  })

  test('D15 what somebody changes between reading and writing stays', async () => {
    const { provider, zone, byHand } = opened()
    const ours = provider.asKept(set('A', ['192.0.2.1']))
    await provider.change(zone, [change(null, ours)], signal())
    await byHand.remove(ours.name, 'A')
    await byHand.put(ours.name, 'A', '192.0.2.99')
    for (const after of [null, set('A', ['192.0.2.2'])])
      expect((await faultOf(provider.change(zone, [change(ours, after)], signal()))).code).toBe('conflict')
    expect(ofType(await provider.sets(zone, ours.name, signal()), 'A')?.values).toEqual(['192.0.2.99'])
    await byHand.remove(ours.name, 'A')
  })

  test('D15 a set that somebody else made just so is not taken for ours', async () => {
    const { provider, relay, zone, byHand } = opened()
    const { name } = set('A', ['192.0.2.1'])
    await byHand.put(name, 'A', '192.0.2.1')
    const theirs = ofType(await provider.sets(zone, name, signal()), 'A') ?? null
    expect(theirs).not.toBeNull()
    const writes = relay.writes
    const changes = [change(null, theirs), change(null, set('TXT', ['ours'], { name: `marker.${name}` }))]
    const { code, text } = await faultOf(provider.change(zone, changes, signal()))
    expect(code).toBe('conflict')
    expect(text).toContain('192.0.2.1')
    expect(relay.writes).toBe(writes)
    await byHand.remove(name, 'A')
  })

  test('a value that somebody added beside ours is not overwritten', async () => {
    const { provider, zone, byHand } = opened()
    const ours = provider.asKept(set('TXT', ['ours']))
    await provider.change(zone, [change(null, ours)], signal())
    await byHand.put(ours.name, 'TXT', 'theirs')
    expect((await faultOf(provider.change(zone, [change(ours, null)], signal()))).code).toBe('conflict')
    expect(ofType(await provider.sets(zone, ours.name, signal()), 'TXT')?.values).toEqual(['ours', 'theirs'])
    await byHand.remove(ours.name, 'TXT')
  })
}

function faults({ test, opened }: Open): void {
  const ours = change(null, set('A', ['192.0.2.1']))

  test('D14 a wrong key is told as one, without the key', async () => {
    const { stranger, zone, dump } = opened()
    const before = await dump()
    for (const work of [
      () => stranger.zones(signal()),
      () => stranger.sets(zone, `docs.${OURS}`, signal()),
      () => stranger.change(zone, [ours], signal()),
    ]) {
      const { code, text, log } = await faultOf(work())
      expect(code).toBe('unavailable')
      expect(text).toMatch(/key|secret|token/i)
      expect(text + log).not.toContain(WRONG_SECRET)
    }
    expect(await dump()).toEqual(before)
  })

  test('D14 nobody listens', async () => {
    const { nobody, zone } = opened()
    expect((await faultOf(nobody.zones(signal()))).code).toBe('unavailable')
    expect((await faultOf(nobody.change(zone, [ours], signal()))).code).toBe('unavailable')
  })

  test('D14 a server that says nothing is waited for no longer than the deadline', async () => {
    const { provider, relay, zone } = opened()
    relay.mode = 'hang'
    const { code, text } = await faultOf(provider.change(zone, [ours], signal()))
    relay.mode = 'pass'
    expect(code).toBe('unavailable')
    expect(text).toMatch(/ ms/)
  })

  test('D14 a change whose answer gets lost is made once', async () => {
    const { provider, relay, zone } = opened()
    relay.mode = 'lose-answer'
    await provider.change(zone, [ours, change(null, set('TXT', ['a', 'b']))], signal())
    expect(relay.writes).toBe(1)
    const sets = await provider.sets(zone, `docs.${OURS}`, signal())
    expect(sets).toHaveLength(2)
    expect(ofType(sets, 'A')?.values).toEqual(['192.0.2.1'])
    expect(ofType(sets, 'TXT')?.values).toEqual(['a', 'b'])
  })

  test('D14 a change that never gets there is tried again, and given up', async () => {
    const { provider, relay, zone, dump } = opened()
    const before = await dump()
    relay.mode = 'drop-writes'
    expect((await faultOf(provider.change(zone, [ours], signal()))).code).toBe('unavailable')
    relay.mode = 'pass'
    expect(await dump()).toEqual(before)
    await provider.change(zone, [ours], signal())
  })

  test('who gives up is told so at once', async () => {
    const { provider, relay, zone } = opened()
    relay.mode = 'hang'
    const reason = new Error('enough')
    const abort = new AbortController()
    const work = provider.sets(zone, `docs.${OURS}`, abort.signal)
    abort.abort(reason)
    expect(await rejectionOf(work)).toBe(reason)
    expect(await rejectionOf(provider.zones(AbortSignal.abort(reason)))).toBe(reason)
    relay.mode = 'pass'
  })
}

export const WRONG_SECRET = Buffer.from('nobody has this secret').toString('base64')
