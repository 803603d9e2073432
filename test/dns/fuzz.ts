/**
 * Random operations of two instances on one zone full of foreign records, while answers get lost, servers are killed and
 * operations are given up in between. After each, and at the end: what is foreign is byte for byte what it was, and every
 * record of ours has its marker, every marker its record.
 */
import { Fault } from '../../src/base/fault.ts'
import { markerName } from '../../src/domain/dns/marker.ts'
import { dnsPlan } from '../../src/domain/dns/plan.ts'
import type { RecordChange, RecordSet } from '../../src/domain/dns/records.ts'
import type { Standing } from '../../src/domain/dns/standing.ts'
import { namesOfSets, removalPlan } from '../../src/domain/dns/undo.ts'
import { namesToRead } from '../../src/domain/dns/zone.ts'
import type { DnsProvider, Zone } from '../../src/ports/dns.ts'
import type { Relay } from './relay.ts'

export interface FuzzStage {
  provider: DnsProvider
  zone: Zone
  relay: Relay
  dump(): Promise<string[]>
  /** Ends the server as a power cut does, and starts it again. */
  kill(): Promise<void>
}

export interface FuzzReport {
  operations: number
  /** How they ended, and what was done to them. */
  made: number
  conflicts: number
  unavailable: number
  givenUp: number
  lost: number
  dropped: number
  kills: number
  /** Lines of foreign records that went or came, and markers and records that are alone; each time they were seen. */
  foreign: string[]
  orphans: string[]
  /** Of the end, when everything was made as wanted: lines that should not be there, or are not. */
  unconverged: string[]
}

const INSTANCES = ['alpha', 'beta']
const OPERATION_MS = 20_000

/** Small and the same on every machine (mulberry32). */
export function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Foreign records in master file syntax, at names of which some are wanted by us as well. */
export function foreignRecords(zone: string, count: number, roll: (below: number) => number): string {
  const lines = [`${zone}. 3600 IN NS ns1.${zone}.`, `ns1.${zone}. 3600 IN A 127.0.0.1`]
  const makers = [
    (n: number) => `host-${n}.${zone}. 300 IN A 192.0.2.${1 + roll(250)}`,
    (n: number) => `host-${n}.${zone}. 300 IN AAAA 2001:db8::${(1 + roll(60_000)).toString(16)}`,
    (n: number) => `alias-${n}.${zone}. 120 IN CNAME host-${roll(100)}.${zone}.`,
    (n: number) =>
      `text-${n}.${zone}. 60 IN TXT "v=${n}; \\"quoted\\" \\\\ ${'x'.repeat(roll(200))}" "second"`,
    (n: number) => `mail-${n}.${zone}. 600 IN MX ${roll(50)} host-${roll(100)}.${zone}.`,
    (n: number) => `_srv._tcp.s${n}.${zone}. 600 IN SRV 1 2 ${1 + roll(60_000)} host-${roll(100)}.${zone}.`,
    (n: number) => `_fairlead-a.text-${n}.${zone}. 60 IN TXT "fairlead=1 instance=gamma"`,
    (n: number) => `*.w${n}.${zone}. 300 IN A 192.0.2.${1 + roll(250)}`,
  ]
  for (let n = 0; lines.length < count; n++) lines.push(makers[n % makers.length]?.(n) ?? '')
  return lines.join('\n')
}

/** Names that instances want: free ones, wildcards, where the zone begins; and some that are somebody's. */
const freeNames = (zone: string): string[] => [
  ...Array.from({ length: 24 }, (_, n) => `site-${n}.${zone}`),
  `*.apps.${zone}`,
  `deep.er.apps.${zone}`,
  `one.w7.${zone}`,
  zone,
]
const takenNames = (zone: string): string[] =>
  ['host-0', 'host-1', 'alias-2', 'text-3', 'text-6', '*.w7'].map((label) => `${label}.${zone}`)

export class Fuzz {
  readonly report: FuzzReport = {
    operations: 0,
    made: 0,
    conflicts: 0,
    unavailable: 0,
    givenUp: 0,
    lost: 0,
    dropped: 0,
    kills: 0,
    foreign: [],
    orphans: [],
    unconverged: [],
  }
  private readonly stage: FuzzStage
  private readonly roll: (below: number) => number
  private foreign: string[] = []

  constructor(stage: FuzzStage, roll: (below: number) => number) {
    this.stage = stage
    this.roll = roll
  }

  async run(operations: number): Promise<FuzzReport> {
    this.foreign = foreignOf(await this.stage.dump())
    const { name: zone } = this.stage.zone
    const [free, taken] = [freeNames(zone), takenNames(zone)]
    while (this.report.operations < operations) {
      const names = this.roll(6) === 0 ? taken : free
      await this.operation(names[this.roll(names.length)] ?? '')
      await this.examine()
    }
    this.stage.relay.mode = 'pass'
    await this.converge([...free, ...taken])
    return this.report
  }

  private async operation(hostname: string): Promise<void> {
    const { relay } = this.stage
    const { report } = this
    report.operations++
    const instance = INSTANCES[this.roll(INSTANCES.length)] ?? ''
    const mishap = this.roll(10)
    const abort = new AbortController()
    try {
      relay.mode = 'pass'
      const isAttach = this.roll(3) > 0
      const changes = isAttach
        ? await this.planned(hostname, instance)
        : await this.removal(hostname, instance)
      if (mishap === 0) relay.mode = 'lose-answer'
      if (mishap === 1) relay.mode = 'drop-writes'
      if (mishap === 0) report.lost++
      if (mishap === 1) report.dropped++
      const work = this.apply(changes, abort.signal)
      // What it ends with is looked at below; until then it is nobody's.
      work.catch(() => undefined)
      if (mishap === 2 || mishap === 3) {
        await Bun.sleep(this.roll(12))
        abort.abort(new Error('given up'))
        report.givenUp++
      }
      if (mishap === 4 && this.roll(4) === 0) {
        report.kills++
        await Promise.allSettled([this.stage.kill(), work])
      }
      await work
      report.made++
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'conflict') report.conflicts++
      else if (thrown instanceof Fault && thrown.code === 'unavailable') report.unavailable++
      else if (!abort.signal.aborted) throw thrown
    }
  }

  private async apply(changes: RecordChange[], signal: AbortSignal): Promise<void> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(OPERATION_MS)])
    if (changes.length > 0) await this.stage.provider.change(this.stage.zone, changes, limited)
  }

  private async planned(hostname: string, instance: string): Promise<RecordChange[]> {
    const { zone, provider } = this.stage
    const standing = await this.standing(namesToRead(hostname, zone.name))
    const addresses = [`198.51.100.${1 + this.roll(3)}`, ...(this.roll(2) === 0 ? ['2001:db8:5::1'] : [])]
    const held = { provider: 'p', zone, writes: true, asKept: (set: RecordSet) => provider.asKept(set) }
    const cname = this.roll(4) === 0 ? `target.${zone.name}` : null
    const target = { addresses, cname, ttlSeconds: 60 * (1 + this.roll(3)) }
    const plan = dnsPlan({ hostname, target, zones: [held], instance, standing, mode: 'auto' })
    if (plan.conflicts.length === 0) return plan.changes
    // As if it had been planned before the other came: the provider has to notice.
    const wanted = plan.wanted.map((after) => ({ name: after.name, type: after.type, before: null, after }))
    return wanted.filter(({ name, type }) => this.isForeign(name, type))
  }

  private isForeign(name: string, type: string): boolean {
    return this.foreign.some((line) => {
      const [owner, , , kind] = line.split(/\s+/)
      return owner === `${name}.` && kind === type
    })
  }

  private async removal(hostname: string, instance: string): Promise<RecordChange[]> {
    const { zone, provider } = this.stage
    const made = (await provider.sets(zone, hostname, AbortSignal.timeout(OPERATION_MS))).filter(({ type }) =>
      ['A', 'AAAA', 'CNAME'].includes(type),
    )
    const standing = await this.standing(namesOfSets(made, zone.name))
    return removalPlan({ made, zone: zone.name, instance, standing }).changes
  }

  private async standing(names: string[]): Promise<Standing> {
    const { zone, provider } = this.stage
    const sets = names.map(
      async (name) => [name, await provider.sets(zone, name, AbortSignal.timeout(OPERATION_MS))] as const,
    )
    return new Map(await Promise.all(sets))
  }

  private async examine(): Promise<void> {
    const lines = await this.stage.dump()
    const at = `after ${this.report.operations}`
    const foreign = new Set(foreignOf(lines))
    for (const line of this.foreign) if (!foreign.has(line)) this.report.foreign.push(`${at}: gone ${line}`)
    const { records, markers } = this.ours(lines)
    const zone = this.stage.zone.name
    const wanted = new Set([...records].map((key) => markerOf(key, zone)))
    for (const name of wanted) if (!markers.has(name)) this.report.orphans.push(`${at}: no marker ${name}`)
    for (const name of markers) if (!wanted.has(name)) this.report.orphans.push(`${at}: no record of ${name}`)
  }

  /** Everything that was not there at the beginning. */
  private ours(lines: string[]): { records: Set<string>; markers: Set<string> } {
    const known = new Set(this.foreign)
    const own = foreignOf(lines)
      .filter((line) => !known.has(line))
      .map((line) => line.split(/\s+/))
    const keys = own.map(([name = '', , , type]) => `${name.replace(/\.$/, '')} ${type}`)
    return {
      records: new Set(keys.filter((key) => !key.startsWith('_fairlead-'))),
      markers: new Set(
        keys.filter((key) => key.startsWith('_fairlead-')).map((key) => key.split(' ')[0] ?? ''),
      ),
    }
  }

  /** Half of the names get the same records, the other half none, by the instance that has them. */
  private async converge(names: string[]): Promise<void> {
    for (const hostname of names)
      for (const instance of INSTANCES)
        await this.apply(await this.removal(hostname, instance), new AbortController().signal)
    await this.examine()
    const left = this.ours(await this.stage.dump())
    for (const name of [...left.records, ...left.markers]) this.report.unconverged.push(`left: ${name}`)
  }
}

const markerOf = (key: string, zone: string): string => {
  const [name = '', type = ''] = key.split(' ')
  return markerName({ name, type }, zone)
}

/** Without the SOA, whose serial counts changes. */
const foreignOf = (lines: string[]): string[] => lines.filter((line) => !/\bIN\s+SOA\b/.test(line)).toSorted()
