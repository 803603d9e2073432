/** A primary name server that takes dynamic updates (RFC 2136) signed with a shared key (RFC 8945): BIND, Knot and others. */
import { z } from 'zod'
import { CLASS, type DnsRecord, type Rcode } from '../../base/dns/message.ts'
import { canonicalName } from '../../base/dns/name.ts'
import { dataBytes, dataText, typeName, typeNumber } from '../../base/dns/rdata.ts'
import { TSIG_ALGORITHMS } from '../../base/dns/tsig.ts'
import { Fault } from '../../base/fault.ts'
import type { DnsProvider, NameServer, RecordChange, RecordSet, Zone } from '../../ports/dns.ts'
import { driver } from '../../ports/driver.ts'
import { converge, Unclear } from './converge.ts'
import { namedServers, zoneServers } from './name-servers.ts'
import { type HeldSet, Primary, plainSet } from './primary.ts'
import { canonicalChanges, canonicalSet, keyOf } from './record-set.ts'
import { allowPrivateNetwork, nameservers, zoneNames } from './settings.ts'
import type { DnsTools } from './tools.ts'

const config = z.strictObject({
  server: z.string().trim().min(1).max(255).meta({
    label: 'Primary name server',
    help: 'The host name or address of the server that takes updates.',
    example: 'ns1.example.com',
  }),
  port: z.number().int().min(1).max(65_535).default(53).meta({ label: 'Port' }),
  zones: zoneNames
    .min(1)
    .meta({ label: 'Zones', help: 'The zones that the key may change.', example: 'example.com' }),
  keyName: z.string().trim().min(1).max(255).meta({
    label: 'Name of the key',
    help: 'As the name server has it.',
    example: 'fairlead',
  }),
  algorithm: z.enum(TSIG_ALGORITHMS).default('hmac-sha256').meta({ label: 'Algorithm of the key' }),
  secret: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .refine(isBase64, 'It has to be base64, as tsig-keygen prints it.')
    .meta({
      label: 'Secret of the key',
      help: 'Base64, as tsig-keygen prints it.',
      secret: true,
    }),
  nameservers,
  allowPrivateNetwork,
})
type Config = z.infer<typeof config>

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0
}

const NOTHING = new Uint8Array()

class Rfc2136 implements DnsProvider {
  readonly writes = true
  private readonly config: Config
  private readonly tools: DnsTools
  private readonly primary: Primary

  constructor(given: Config, tools: DnsTools) {
    this.config = given
    this.tools = tools
    const { server, port, keyName, algorithm, secret } = given
    const key = { name: canonicalName(keyName), algorithm, secret: Buffer.from(secret, 'base64') }
    this.primary = new Primary({ server, port, key, allowPrivateNetwork: given.allowPrivateNetwork }, tools)
  }

  /** Throws when the server doesn't hold one of them. */
  async zones(signal: AbortSignal): Promise<Zone[]> {
    const names = [...new Set(this.config.zones.map(canonicalName))].toSorted()
    for (const name of names) {
      const { answers } = await this.primary.ask({ zone: name, name, type: 'SOA' }, signal)
      if (!answers.some((record) => record.name === name && typeName(record.type) === 'SOA'))
        throw new Fault('unavailable', `${this.primary.label} holds no zone ${name}.`, {
          hint: 'Correct the list of zones: give each by the name that has the SOA record.',
        })
    }
    return names.map((name) => ({ name, id: name }))
  }

  asKept(set: RecordSet): RecordSet {
    return canonicalSet(set)
  }

  async sets(zone: Zone, name: string, signal: AbortSignal): Promise<RecordSet[]> {
    const held = await this.primary.held(zone.name, { name: canonicalName(name) }, signal)
    return held.map(plainSet)
  }

  all(zone: Zone, signal: AbortSignal): Promise<RecordSet[] | null> {
    return this.primary.all(zone.name, signal)
  }

  /** One UPDATE: the server makes all of it or, when anything is not as it was seen, nothing. */
  async change(zone: Zone, given: RecordChange[], signal: AbortSignal): Promise<void> {
    const changes = canonicalChanges(zone.name, given, (set) => this.asKept(set))
    for (const { name, after } of changes) if (after) await this.primary.requireOwn(zone.name, name, signal)
    let seen: HeldSet[] = []
    await converge({
      zone: zone.name,
      changes,
      clock: this.tools.clock,
      signal,
      look: async () => {
        seen = await this.standing(zone, changes, signal)
        return seen.map(plainSet)
      },
      act: async (todo) => {
        const update = {
          zone: zone.name,
          prerequisites: changes.flatMap((change) => prerequisites(change, seen)),
          updates: [...todo.map(gone), ...todo.flatMap(added)],
        }
        const rcode = await this.primary.update(update, signal)
        if (rcode === 'NOERROR') return
        // Something is not as it was seen a moment ago: the next look tells what.
        if (CHANGED_MEANWHILE.includes(rcode)) throw new Unclear(changedMeanwhile(zone, todo))
        throw this.primary.refused(rcode, zone.name)
      },
    })
  }

  async nameservers(zone: Zone, signal: AbortSignal): Promise<NameServer[]> {
    const asking = { tools: this.tools, allowPrivateNetwork: this.config.allowPrivateNetwork }
    if (this.config.nameservers.length > 0) return await namedServers(this.config.nameservers, asking)
    const { answers } = await this.primary.ask({ zone: zone.name, name: zone.name, type: 'NS' }, signal)
    const names = answers
      .filter(({ type }) => typeName(type) === 'NS')
      .map(({ type, data }) => dataText(type, data))
    return await zoneServers(zone.name, names, asking)
  }

  private async standing(
    zone: Zone,
    changes: readonly RecordChange[],
    signal: AbortSignal,
  ): Promise<HeldSet[]> {
    const names = [...new Set(changes.map(({ name }) => name))]
    const held = names.map((name) => {
      const own = changes.filter((change) => change.name === name)
      if (own.some(({ after }) => after?.type === 'CNAME'))
        return this.primary.held(zone.name, { name }, signal)
      const types = [...new Set([...own.map(({ type }) => type), 'CNAME'])]
      return this.primary.held(zone.name, { name, types }, signal)
    })
    return (await Promise.all(held)).flat()
  }
}

const CHANGED_MEANWHILE: Rcode[] = ['YXDOMAIN', 'YXRRSET', 'NXDOMAIN', 'NXRRSET']

const changedMeanwhile = (zone: Zone, todo: readonly RecordChange[]): Fault =>
  new Fault('conflict', `In ${zone.name} somebody else keeps changing ${todo.map(keyOf).join(', ')}.`, {
    hint: 'Look what it is, then try again.',
  })

/** What was seen, in the words of RFC 2136 §2.4; and that nothing has come that would make the server drop a change. */
function prerequisites({ name, type, after }: RecordChange, seen: readonly HeldSet[]): DnsRecord[] {
  const there = seen.filter((held) => held.name === name)
  const set = there.find((held) => held.type === type)
  if (set) return set.records.map((record) => ({ ...record, class: CLASS.in, ttl: 0 }))
  if (after?.type === 'CNAME') return [absent(name, there.length === 0 ? 'ANY' : type)]
  return there.some((held) => held.type === 'CNAME')
    ? [absent(name, type)]
    : [absent(name, type), absent(name, 'CNAME')]
}

const absent = (name: string, type: string): DnsRecord => ({
  name,
  type: typeNumber(type),
  class: CLASS.none,
  ttl: 0,
  data: NOTHING,
})

/** §2.5.2: a set goes as a whole, before any comes: a server that still has a CNAME drops what is added beside it. */
const gone = ({ name, type }: RecordChange): DnsRecord => ({ ...absent(name, type), class: CLASS.any })

const added = ({ name, type, after }: RecordChange): DnsRecord[] =>
  (after?.values ?? []).map((value) => ({
    name,
    type: typeNumber(type),
    class: CLASS.in,
    ttl: after?.ttlSeconds ?? 0,
    data: dataBytes(type, value),
  }))

export const rfc2136 = driver({
  kind: 'rfc2136',
  label: 'BIND, Knot or another name server (RFC 2136)',
  config,
  connect: (given, tools: DnsTools): DnsProvider => new Rfc2136(given, tools),
})
