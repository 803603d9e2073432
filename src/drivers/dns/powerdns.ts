/** PowerDNS Authoritative Server over its HTTP API (v1). */
import { z } from 'zod'
import { nextTurn } from '../../base/clock.ts'
import { canonicalName, isWithin } from '../../base/dns/name.ts'
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { DnsProvider, NameServer, RecordChange, RecordSet, Zone } from '../../ports/dns.ts'
import { driver } from '../../ports/driver.ts'
import { Api, type ApiCall } from './api.ts'
import { converge } from './converge.ts'
import { namedServers, zoneServers } from './name-servers.ts'
import {
  canonicalChanges,
  canonicalSet,
  contentOfValue,
  requireWithin,
  toldName,
  valueOfContent,
} from './record-set.ts'
import { allowPrivateNetwork, nameservers } from './settings.ts'
import type { DnsTools } from './tools.ts'

const config = z.strictObject({
  url: z
    .string()
    .trim()
    .max(500)
    .refine(isApiUrl, 'It has to be an https: or http: address, without a user name.')
    .meta({
      label: 'Address of the API',
      help: 'Plain http: is taken for private networks only, when they are allowed.',
      example: 'https://dns.example.com:8443',
    }),
  apiKey: z.string().trim().min(1).max(1_000).meta({
    label: 'API key',
    help: 'What api-key says in its configuration.',
    secret: true,
  }),
  serverId: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .default('localhost')
    .meta({ label: 'Server', help: 'Almost always localhost.' }),
  nameservers,
  allowPrivateNetwork,
})
type Config = z.infer<typeof config>

function isApiUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === ''
  )
}

/** Kinds of zones that take changes; the others copy somebody else's. */
const WRITABLE = ['native', 'master', 'primary', 'producer']

const Zones = z
  .array(z.object({ id: z.string(), name: z.string(), kind: z.string() }))
  .max(LIMITS.dnsExchange.zones)
const ZoneContent = z.object({
  rrsets: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      ttl: z.number(),
      records: z.array(z.object({ content: z.string(), disabled: z.boolean().optional() })),
    }),
  ),
})

class PowerDns implements DnsProvider {
  readonly writes = true
  private readonly config: Config
  private readonly tools: DnsTools
  private readonly api: Api
  private waiting: { id: string; signal: AbortSignal; reading: Promise<RecordSet[]> }[] = []

  constructor(given: Config, tools: DnsTools) {
    this.config = given
    this.tools = tools
    this.api = new Api({
      label: 'PowerDNS',
      url: `${given.url.replace(/\/+$/, '')}/api/v1/servers/${given.serverId}`,
      headers: { 'x-api-key': given.apiKey },
      secret: given.apiKey,
      allowPrivateNetwork: given.allowPrivateNetwork,
      allowPlainHttp: true,
      tools,
      told: (body) => z.object({ error: z.string() }).safeParse(body).data?.error ?? null,
    })
  }

  async zones(signal: AbortSignal): Promise<Zone[]> {
    const call = { path: '/zones?dnssec=false', about: 'its zones', signal }
    const zones = await this.api.read(call, Zones)
    return zones
      .filter(({ kind }) => WRITABLE.includes(kind.toLowerCase()))
      .map(({ id, name }) => ({ name: toldName(name), id }))
  }

  asKept(set: RecordSet): RecordSet {
    return canonicalSet(set)
  }

  /**
   * Out of the whole zone: asked for one name, the server (4.7.3) leaves out what is switched off, which a write would take
   * away.
   */
  async sets(zone: Zone, name: string, signal: AbortSignal): Promise<RecordSet[]> {
    const wanted = canonicalName(name)
    requireWithin(wanted, zone.name)
    return (await this.all(zone, signal)).filter((set) => set.name === wanted)
  }

  /** Of those who ask in the same turn of the event loop, as a plan does for several names, all get one reading. */
  async all(zone: Zone, signal: AbortSignal): Promise<RecordSet[]> {
    const waiting = this.waiting.find((one) => one.id === zone.id && one.signal === signal)
    if (waiting) return await waiting.reading
    const reading = nextTurn().then(() => {
      this.waiting = this.waiting.filter((one) => one.reading !== reading)
      return this.read(zone, signal)
    })
    this.waiting.push({ id: zone.id, signal, reading })
    return await reading
  }

  private async read(zone: Zone, signal: AbortSignal): Promise<RecordSet[]> {
    const call = { path: pathOf(zone), about: `the zone ${zone.name}`, signal }
    const { rrsets } = await this.api.read(call, ZoneContent)
    const sets = rrsets.map(({ name, type, ttl, records }) => ({
      name: toldName(name),
      type,
      ttlSeconds: ttl,
      values: [...new Set(records.map((record) => valueOf(type, record)))].toSorted(),
    }))
    const stray = sets.find(({ name }) => !isWithin(name, zone.name))
    if (!stray) return sets
    throw new Fault(
      'unavailable',
      `PowerDNS tells ${shown(stray.name, 100)} as part of the zone ${zone.name}.`,
      {
        hint: 'Check that its address leads to its API.',
      },
    )
  }

  /** One PATCH, which the server makes in one transaction; it knows no condition, so that what stands is read just before. */
  async change(zone: Zone, given: RecordChange[], signal: AbortSignal): Promise<void> {
    const changes = canonicalChanges(zone.name, given, (set) => this.asKept(set))
    const names = new Set(changes.map(({ name }) => name))
    await converge({
      zone: zone.name,
      changes,
      clock: this.tools.clock,
      signal,
      look: async () => (await this.all(zone, signal)).filter(({ name }) => names.has(name)),
      act: async (todo) => {
        const call = this.patch(zone, { rrsets: todo.toSorted(removalsFirst).map(patchOf) }, signal)
        const answer = await this.api.send(call)
        if (answer.status < 300) return
        throw this.api.refusal(answer, call)
      },
    })
  }

  async nameservers(zone: Zone, signal: AbortSignal): Promise<NameServer[]> {
    const asking = { tools: this.tools, allowPrivateNetwork: this.config.allowPrivateNetwork }
    if (this.config.nameservers.length > 0) return await namedServers(this.config.nameservers, asking)
    const sets = await this.sets(zone, zone.name, signal)
    return await zoneServers(zone.name, sets.find(({ type }) => type === 'NS')?.values ?? [], asking)
  }

  private patch(zone: Zone, body: unknown, signal: AbortSignal): ApiCall {
    return { method: 'PATCH', path: pathOf(zone), body, about: `the zone ${zone.name}`, signal }
  }
}

const pathOf = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}`

/** What is switched off answers nobody, and is there all the same. */
const valueOf = (
  type: string,
  { content, disabled }: { content: string; disabled?: boolean | undefined },
): string => `${valueOfContent(type, content)}${disabled === true ? ' (disabled)' : ''}`

/** The server looks at each set as it comes, in its one transaction: what makes room goes first. */
const removalsFirst = (a: RecordChange, b: RecordChange): number =>
  Number(a.after !== null) - Number(b.after !== null)

/** Comments are not told, and so are left as they are. */
const patchOf = ({ name, type, after }: RecordChange): unknown =>
  after === null
    ? { name: `${name}.`, type, changetype: 'DELETE' }
    : {
        name: `${name}.`,
        type,
        changetype: 'REPLACE',
        ttl: after.ttlSeconds,
        records: after.values.map((value) => ({
          content: contentOfValue(type, value, '.'),
          disabled: false,
        })),
      }

export const powerdns = driver({
  kind: 'powerdns',
  label: 'PowerDNS',
  config,
  connect: (given, tools: DnsTools): DnsProvider => new PowerDns(given, tools),
})
