/** Whether the DNS records of URLs are as they were written, and what of ours no URL has. */

import {
  keepsFromReverting,
  type RecordDrift,
  recordDiff,
  recordDrifts,
  type StrayRecord,
  strayDiff,
  strayRecords,
  thingOfRecord,
} from '../../domain/dns/drift.ts'
import { markerName } from '../../domain/dns/marker.ts'
import { sameData } from '../../domain/dns/records.ts'
import type { Observation } from '../../domain/drift.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'
import type { LookGiven, Seen } from './part.ts'
import { failureOf, otherZones, type SeenZone, seenZone, type ZoneOfUrls, zonesOf } from './zones.ts'

export const RECORD_KINDS = ['record-changed', 'record-missing', 'record-marker', 'record-stray'] as const

/** A finding about DNS with what it takes to do something about it. */
export type FoundRecord = { observation: Observation; zone: SeenZone } & (
  | { row: UrlRow; drift: RecordDrift }
  | { row: null; stray: StrayRecord }
)

export interface SeenRecords extends Omit<Seen, 'observations'> {
  found: FoundRecord[]
}

/** `isThorough`: also zones in which no URL has records. */
export async function seenRecords(
  world: World,
  { only, signal, isThorough }: LookGiven & { isThorough: boolean },
): Promise<SeenRecords> {
  const rows = world.store.urlLooks.withRecords()
  const ofThing = only?.urlId ?? null
  const zones = zonesOf(ofThing === null ? rows : rows.filter(({ id }) => id === ofThing))
  const { others, failures } =
    ofThing === null
      ? await otherZones(world, { known: zones, isThorough: isThorough || only !== null, signal })
      : { others: [], failures: [] }
  const found: FoundRecord[] = []
  for (const zone of [...zones, ...others])
    try {
      found.push(...(await foundIn(world, zone, signal)))
    } catch (cause) {
      signal.throwIfAborted()
      failures.push(failureOf(world, zone, cause))
    }
  return { found, failures }
}

async function foundIn(world: World, given: ZoneOfUrls, signal: AbortSignal): Promise<FoundRecord[]> {
  const before = markersIn(world, given.zone.name)
  const zone = await seenZone(world, given, signal)
  const instance = world.store.instance.id()
  const drifts = zone.rows.flatMap((row): FoundRecord[] =>
    recordDrifts({
      records: row.dns.records,
      zone: zone.zone.name,
      instance,
      standing: zone.standing,
    }).map((drift) => ({ row, drift, zone, observation: recordObservation(row, drift, instance) })),
  )
  // One that was written or taken away meanwhile is in one of both.
  const known = new Set([...before, ...markersIn(world, given.zone.name)])
  const strays = strayRecords(zone.all ?? [], { zone: zone.zone.name, instance, known })
  return [
    ...drifts,
    ...strays.map((stray) => ({ row: null, stray, zone, observation: strayObservation(stray) })),
  ]
}

/** The markers of all URLs in a zone, also of those that come or go. */
function markersIn({ store }: World, zone: string): string[] {
  return store.urlLooks.recordsIn(zone).flatMap((records) => records.map((set) => markerName(set, zone)))
}

function recordObservation(
  { id, serviceId, environmentId }: UrlRow,
  drift: RecordDrift,
  instance: string,
): Observation {
  const why = keepsFromReverting(drift)
  const adoptable = isAdoptable(drift)
  return {
    kind: drift.kind,
    thing: thingOfRecord(drift.wrote),
    serviceId,
    environmentId,
    urlId: id,
    diff: recordDiff(drift, instance),
    revertable: why === null,
    adoptable,
    why:
      why ??
      (adoptable ? null : 'A record of a URL has a marker beside it. To give the name away, detach the URL.'),
  }
}

/** What carries our marker can be taken over, and that there is nothing. */
function isAdoptable({ kind, owner, now, wrote, beside }: RecordDrift): boolean {
  if (kind === 'record-missing') return true
  return kind === 'record-changed' && owner.kind === 'us' && (beside.length === 0 || sameData(now, wrote))
}

const strayObservation = (stray: StrayRecord): Observation => ({
  kind: 'record-stray',
  thing: thingOfRecord(stray.marker),
  serviceId: null,
  environmentId: null,
  urlId: null,
  diff: strayDiff(stray),
  revertable: true,
  adoptable: false,
  why: 'No URL has it: to revert takes the record and its marker away. To keep the record, remove its marker by hand.',
})
