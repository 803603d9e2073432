/** What stands in the zones that records of URLs lie in, and in those where something of ours was left. */
import { LIMITS } from '../../base/limits.ts'
import { inParallel } from '../../base/parallel.ts'
import type { RecordSet, Zone } from '../../domain/dns/records.ts'
import type { Standing } from '../../domain/dns/standing.ts'
import { namesOfSets } from '../../domain/dns/undo.ts'
import { isIn } from '../../domain/dns/zone.ts'
import type { DriftThing } from '../../domain/drift.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { ConnectedProvider, World } from '../step.ts'
import { requiredProvider } from '../url/records.ts'
import { type LookFailure, openOf } from './part.ts'

/** A zone that is to be looked at, with the URLs whose records lie in it. */
export interface ZoneOfUrls {
  providerId: string
  zone: Zone
  rows: UrlRow[]
}

/** A zone as it was read. `all`: null where the provider tells no whole zone. */
export interface SeenZone extends ZoneOfUrls {
  connected: ConnectedProvider
  standing: Standing
  all: readonly RecordSet[] | null
}

/** By provider and zone. */
export function zonesOf(rows: readonly UrlRow[]): ZoneOfUrls[] {
  const zones = new Map<string, ZoneOfUrls>()
  for (const row of rows) {
    const { providerId, zone } = row.dns
    if (providerId === null || zone === null) continue
    const key = `${providerId} ${zone.name}`
    const known = zones.get(key) ?? { providerId, zone, rows: [] }
    known.rows.push(row)
    zones.set(key, known)
  }
  return [...zones.values()]
}

/** Which zones are looked at beside those in which URLs have records. */
export interface OtherZones {
  /** All: once in a while, since each costs a request. */
  isThorough: boolean
  /** Names of markers that were found outside of those: as long as they are there, their zones are looked at. */
  outside: string[]
}

export function otherZones(world: World, known: readonly ZoneOfUrls[], isThorough: boolean): OtherZones {
  const strays = openOf(world, ['record-stray']).map(({ thing }) => nameIn(thing))
  return { isThorough, outside: strays.filter((name) => !known.some(({ zone }) => isIn(name, zone.name))) }
}

/** Of one provider. */
export async function otherZonesOf(
  { id, provider }: ConnectedProvider,
  { known, isThorough, outside }: OtherZones & { known: readonly ZoneOfUrls[] },
  signal: AbortSignal,
): Promise<ZoneOfUrls[]> {
  if (!provider.writes || (!isThorough && outside.length === 0)) return []
  const names = new Set(known.map(({ zone }) => zone.name))
  const zones = (await provider.zones(signal)).filter(({ name }) => !names.has(name))
  return zones
    .filter(({ name }) => isThorough || outside.some((one) => isIn(one, name)))
    .map((zone) => ({ providerId: id, zone, rows: [] }))
}

/** The name of the marker that a finding is about. */
export const nameIn = (thing: string): string => thing.split(' ')[0] ?? ''

/** One reading of the whole zone where there is one, else one of each name of its URLs. */
export async function seenZone(world: World, given: ZoneOfUrls, signal: AbortSignal): Promise<SeenZone> {
  const { providerId, zone, rows } = given
  const connected = requiredProvider(world, providerId)
  const { provider } = connected
  const names = [...new Set(rows.flatMap(({ dns }) => namesOfSets(dns.records, zone.name)))]
  const all = await provider.all(zone, signal)
  if (all !== null) {
    const byName = Map.groupBy(all, ({ name }) => name)
    return {
      ...given,
      connected,
      all,
      standing: new Map(names.map((name) => [name, byName.get(name) ?? []])),
    }
  }
  const sets = await inParallel(names, LIMITS.dnsExchange.questionsAtOnce, (name) =>
    provider.sets(zone, name, signal),
  )
  return { ...given, connected, all, standing: new Map(names.map((name, at) => [name, sets[at] ?? []])) }
}

/** Of a zone that could not be read nothing is known. */
export function failureOf(label: string, { zone, rows }: ZoneOfUrls, cause: unknown): LookFailure {
  const urls = new Set(rows.map(({ id }) => id))
  return {
    what: `${label}, zone ${zone.name}`,
    cause,
    holds: ({ kind, thing, urlId }: DriftThing) =>
      kind === 'record-stray'
        ? isIn(nameIn(thing), zone.name)
        : kind.startsWith('record-') && urlId !== null && urls.has(urlId),
  }
}
