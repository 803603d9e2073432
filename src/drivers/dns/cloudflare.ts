/** Cloudflare over its API (v4), by an API token. */
import { z } from 'zod'
import { canonicalName, isWithin } from '../../base/dns/name.ts'
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { DnsProvider, NameServer, RecordChange, RecordSet, Zone } from '../../ports/dns.ts'
import { driver } from '../../ports/driver.ts'
import { Api, type ApiCall } from './api.ts'
import { converge, Unclear } from './converge.ts'
import { zoneServers } from './name-servers.ts'
import {
  canonicalChanges,
  canonicalSet,
  contentOfValue,
  keyOf,
  requireWithin,
  toldName,
  valueOfContent,
} from './record-set.ts'
import type { DnsTools } from './tools.ts'

const config = z.strictObject({
  apiToken: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'It has to be a token.')
    .meta({
      label: 'API token',
      help: 'With the permissions Zone → Zone → Read and Zone → DNS → Edit for the zones in question.',
      secret: true,
    }),
  proxied: z.boolean().default(false).meta({
    label: 'Proxied',
    help: "Whether visitors are answered by Cloudflare's own addresses, which pass requests on to this server.",
  }),
})
type Config = z.infer<typeof config>

const API = 'https://api.cloudflare.com/client/v4'
const PAGE_ITEMS = { zones: 50, records: 500 }
/** "Automatic", which is all that a proxied record can have. */
const AUTOMATIC_TTL = 1
const [LEAST_TTL, MOST_TTL] = [60, 86_400]
const PROXIABLE = ['A', 'AAAA', 'CNAME']

const CloudflareZone = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  name: z.string(),
  type: z.string().optional(),
  name_servers: z.array(z.string()).nullish(),
})
const CloudflareRecord = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  name: z.string(),
  type: z.string(),
  content: z.string().nullish(),
  ttl: z.number(),
  priority: z.number().nullish(),
  proxied: z.boolean().nullish(),
})
type CloudflareRecord = z.infer<typeof CloudflareRecord>
const Errors = z.object({ errors: z.array(z.object({ code: z.number().optional(), message: z.string() })) })
const Info = z.object({ total_pages: z.number().optional(), total_count: z.number().optional() })

/** Codes of errors that mean: something else stands there than was seen. */
const CHANGED_MEANWHILE = [81_044, 81_053, 81_054, 81_056, 81_057, 81_058]

class Cloudflare implements DnsProvider {
  readonly writes = true
  private readonly config: Config
  private readonly tools: DnsTools
  private readonly api: Api

  constructor(given: Config, tools: DnsTools) {
    this.config = given
    this.tools = tools
    this.api = new Api({
      label: 'Cloudflare',
      url: tools.cloudflareApi ?? API,
      headers: { authorization: `Bearer ${given.apiToken}` },
      secret: given.apiToken,
      allowPrivateNetwork: tools.cloudflareApi !== undefined,
      allowPlainHttp: false,
      tools,
      told: (body) => {
        const errors = Errors.safeParse(body).data?.errors ?? []
        return errors.length === 0
          ? null
          : errors.map(({ code, message }) => `${message} (${code ?? 'no code'})`).join('; ')
      },
    })
  }

  async zones(signal: AbortSignal): Promise<Zone[]> {
    const path = `/zones?per_page=${PAGE_ITEMS.zones}`
    const zones = await this.pages({ path, about: 'its zones', signal }, CloudflareZone)
    // The zone of a secondary is copied from elsewhere.
    return zones
      .filter(({ type }) => type !== 'secondary')
      .map(({ id, name }) => ({ name: toldName(name), id }))
  }

  /** Proxied records have the one TTL, and only what leads somewhere can be proxied. */
  asKept(set: RecordSet): RecordSet {
    const kept = canonicalSet(set)
    const { ttlSeconds } = kept
    if (PROXIABLE.includes(kept.type)) {
      const proxied = set.proxied ?? this.config.proxied
      if (proxied) return { ...kept, ttlSeconds: AUTOMATIC_TTL, proxied }
    }
    if (ttlSeconds !== AUTOMATIC_TTL && (ttlSeconds < LEAST_TTL || ttlSeconds > MOST_TTL))
      throw new Fault('invalid', `Cloudflare keeps no record with a TTL of ${ttlSeconds} s.`, {
        hint: `Use ${LEAST_TTL} to ${MOST_TTL} s, or ${AUTOMATIC_TTL} for "automatic".`,
      })
    return PROXIABLE.includes(kept.type) ? { ...kept, proxied: false } : kept
  }

  async sets(zone: Zone, name: string, signal: AbortSignal): Promise<RecordSet[]> {
    return setsOf(await this.records(zone, { name: canonicalName(name) }, signal))
  }

  async all(zone: Zone, signal: AbortSignal): Promise<RecordSet[]> {
    return setsOf(await this.records(zone, {}, signal))
  }

  /** One batch, which is one transaction of Cloudflare's database. It knows no condition but the ids of the records. */
  async change(zone: Zone, given: RecordChange[], signal: AbortSignal): Promise<void> {
    const changes = canonicalChanges(zone.name, given, (set) => this.asKept(set))
    const names = [...new Set(changes.map(({ name }) => name))]
    let seen: CloudflareRecord[] = []
    await converge({
      zone: zone.name,
      changes,
      clock: this.tools.clock,
      signal,
      look: async () => {
        seen = (await Promise.all(names.map((name) => this.records(zone, { name }, signal)))).flat()
        return setsOf(seen)
      },
      act: (todo) => this.batch(zone, batchOf(todo, seen), signal),
    })
  }

  async nameservers(zone: Zone, signal: AbortSignal): Promise<NameServer[]> {
    const call = { path: `/zones/${zone.id}`, about: `the zone ${zone.name}`, signal }
    const { result } = await this.api.read(call, z.object({ result: CloudflareZone }))
    const asking = { tools: this.tools, allowPrivateNetwork: false }
    return await zoneServers(zone.name, (result.name_servers ?? []).map(toldName), asking)
  }

  private async batch(zone: Zone, body: unknown, signal: AbortSignal): Promise<void> {
    const path = `/zones/${zone.id}/dns_records/batch`
    const call: ApiCall = { method: 'POST', path, body, about: `the zone ${zone.name}`, signal }
    const answer = await this.api.send(call)
    const codes = Errors.safeParse(answer.body).data?.errors.map(({ code }) => code) ?? []
    if (answer.status < 300 && codes.length === 0) return
    const refusal = this.api.refusal(answer, call)
    throw codes.some((code) => code !== undefined && CHANGED_MEANWHILE.includes(code))
      ? new Unclear(refusal)
      : refusal
  }

  private async records(
    zone: Zone,
    filter: { name?: string },
    signal: AbortSignal,
  ): Promise<CloudflareRecord[]> {
    const { name } = filter
    if (name !== undefined) requireWithin(name, zone.name)
    const query = name === undefined ? '' : `&name.exact=${encodeURIComponent(name)}`
    const path = `/zones/${zone.id}/dns_records?per_page=${PAGE_ITEMS.records}${query}`
    const records = await this.pages({ path, about: `the zone ${zone.name}`, signal }, CloudflareRecord)
    const named = records.map((record) => ({ ...record, name: toldName(record.name) }))
    const stray = named.find((record) => !isWithin(record.name, zone.name))
    if (stray)
      throw new Fault(
        'unavailable',
        `Cloudflare tells ${shown(stray.name, 100)} as part of the zone ${zone.name}.`,
        {
          hint: 'Try again; if it stays so, tell its support.',
        },
      )
    return named.filter((record) => name === undefined || record.name === name)
  }

  /**
   * All pages of a list, however many items one holds: it ends where the answer says that it does, and what it said to be
   * there has to have come.
   */
  private async pages<Schema extends z.ZodType<{ id: string }>>(
    call: ApiCall,
    item: Schema,
  ): Promise<z.infer<Schema>[]> {
    const schema = z.object({ result: z.array(item), result_info: Info.nullish() })
    const items = new Map<string, z.infer<Schema>>()
    // As the first page says, whatever a later one leaves out.
    const promised = { items: 0, pages: 1 }
    for (let page = 1; page <= LIMITS.dnsExchange.pages; page++) {
      const path = `${call.path}&page=${page}`
      const { result, result_info: info } = await this.api.read({ ...call, path }, schema)
      for (const each of result) items.set(each.id, each)
      promised.items = Math.max(promised.items, info?.total_count ?? 0)
      promised.pages = Math.max(promised.pages, info?.total_pages ?? 1)
      if (page >= promised.pages && items.size >= promised.items) return [...items.values()]
      if (result.length === 0) break
    }
    throw new Fault(
      'unavailable',
      `Cloudflare does not tell all of the list that was asked for about ${call.about}.`,
      {
        hint: 'Try again: nothing is changed by a list that is not whole.',
      },
    )
  }
}

/** Cloudflare lets each record of a set differ in its TTL; one that does is told so, and then is none that we wrote. */
function setsOf(records: readonly CloudflareRecord[]): RecordSet[] {
  return [...Map.groupBy(records, keyOf).values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const isLike = (record: CloudflareRecord) =>
      record.ttl === first.ttl && !record.proxied === !first.proxied
    const values = group.map((record) => `${valueOf(record)}${isLike(record) ? '' : ` (TTL ${record.ttl})`}`)
    const { name, type, ttl: ttlSeconds } = first
    const set = { name, type, ttlSeconds, values: [...new Set(values)].toSorted() }
    return PROXIABLE.includes(type) ? { ...set, proxied: first.proxied === true } : set
  })
}

const valueOf = ({ type, content, priority }: CloudflareRecord): string => {
  const text = type === 'MX' ? `${priority ?? 0} ${content ?? ''}` : (content ?? '')
  // Texts from before Cloudflare quoted them stand there without.
  return type === 'TXT' && !text.startsWith('"') ? text : valueOfContent(type, text)
}

/** Records that stay keep their ids, and with those their comments and tags. */
function batchOf(todo: readonly RecordChange[], seen: readonly CloudflareRecord[]): unknown {
  const batch: Record<'deletes' | 'patches' | 'posts', unknown[]> = { deletes: [], patches: [], posts: [] }
  for (const change of todo) {
    const { name, type, after } = change
    const held = seen.filter((record) => keyOf(record) === keyOf(change))
    const content = (value: string) => contentOfValue(type, value, '')
    const rest = {
      ttl: after?.ttlSeconds ?? AUTOMATIC_TTL,
      ...(PROXIABLE.includes(type) && { proxied: after?.proxied ?? false }),
    }
    const missing: string[] = []
    for (const value of after?.values ?? []) {
      const at = held.findIndex((record) => valueOf(record) === value)
      const [record] = at < 0 ? [] : held.splice(at, 1)
      if (record) batch.patches.push({ id: record.id, content: content(value), ...rest })
      else missing.push(value)
    }
    for (const value of missing) {
      const record = held.pop()
      if (record) batch.patches.push({ id: record.id, content: content(value), ...rest })
      else batch.posts.push({ name, type, content: content(value), ...rest })
    }
    batch.deletes.push(...held.map(({ id }) => ({ id })))
  }
  return Object.fromEntries(Object.entries(batch).filter(([, items]) => items.length > 0))
}

export const cloudflare = driver({
  kind: 'cloudflare',
  label: 'Cloudflare',
  config,
  connect: (given, tools: DnsTools): DnsProvider => new Cloudflare(given, tools),
})
