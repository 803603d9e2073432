/** Whether the DNS records of URLs are as they were written, and what of ours no URL has. */

import { nextTurn } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
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
import { bounded, type Observation } from '../../domain/drift.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'
import type { LookFailure, LookGiven, Seen } from './part.ts'
import {
  failureOf,
  type OtherZones,
  otherZones,
  otherZonesOf,
  type SeenZone,
  seenZone,
  type ZoneOfUrls,
  zonesOf,
} from './zones.ts'

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
  const ofThing = only?.urlId ?? null
  const rows = await rowsOf(world, ofThing)
  const zones = zonesOf(rows)
  const others =
    ofThing === null
      ? otherZones(world, zones, isThorough || only !== null)
      : { isThorough: false, outside: [] }
  const ids = [...zones.map(({ providerId }) => providerId), ...world.dns.providers().map(({ id }) => id)]
  const seen = await Promise.all(
    [...new Set(ids)].map((id) => {
      const known = zones.filter(({ providerId }) => providerId === id)
      return atProvider(world, { id, known, others }, signal)
    }),
  )
  return { found: seen.flatMap(({ found }) => found), failures: seen.flatMap(({ failures }) => failures) }
}

/** One after the other, in the time that there is: who does not answer keeps nobody else waiting. */
async function atProvider(
  world: World,
  { id, known, others }: { id: string; known: ZoneOfUrls[]; others: OtherZones },
  signal: AbortSignal,
): Promise<SeenRecords> {
  const connected = world.dns.providers().find((one) => one.id === id)
  const label = connected?.label ?? id
  const limit = new AbortController()
  const stop = world.clock.after(LIMITS.drift.providerMs, () => limit.abort(tookTooLong(label)))
  const limited = AbortSignal.any([signal, limit.signal])
  const seen: SeenRecords = { found: [], failures: [] }
  const tried = async (deed: () => Promise<void>, failure: (cause: unknown) => LookFailure) => {
    try {
      limited.throwIfAborted()
      await deed()
    } catch (cause) {
      signal.throwIfAborted()
      seen.failures.push(failure(limit.signal.aborted ? limit.signal.reason : cause))
    }
  }
  const zones = [...known]
  if (connected)
    await tried(
      async () => void zones.push(...(await otherZonesOf(connected, { ...others, known }, limited))),
      // Which findings lie in its zones nobody can tell.
      (cause) => ({ what: label, cause, holds: ({ kind }) => kind === 'record-stray' }),
    )
  for (const zone of zones)
    await tried(
      async () => void seen.found.push(...(await foundIn(world, zone, limited))),
      (cause) => failureOf(label, zone, cause),
    )
  stop()
  return seen
}

const tookTooLong = (label: string): Fault =>
  new Fault(
    'unavailable',
    `The DNS provider "${label}" did not tell its zones within ${LIMITS.drift.providerMs / 1000} s.`,
    { hint: 'See whether it is up. Until it answers nothing is known about its records.' },
  )

/** How many are looked at until others have their turn. */
const AT_ONCE = 250

async function rowsOf({ store }: World, urlId: string | null): Promise<UrlRow[]> {
  const rows: UrlRow[] = []
  for (let after: number | null = null; ; ) {
    const page = store.urlLooks.withRecords({ limit: AT_ONCE, after })
    rows.push(...(urlId === null ? page : page.filter(({ id }) => id === urlId)))
    const last = page.at(-1)
    if (!last) return rows
    after = last.number
    await nextTurn()
  }
}

async function foundIn(world: World, given: ZoneOfUrls, signal: AbortSignal): Promise<FoundRecord[]> {
  const zone = await seenZone(world, given, signal)
  const instance = world.store.instance.id()
  const found: FoundRecord[] = []
  const known = new Set<string>()
  for (const [index, row] of zone.rows.entries()) {
    if (index % AT_ONCE === 0) await nextTurn()
    const { records } = row.dns
    for (const set of records) known.add(markerName(set, zone.zone.name))
    const drifts = recordDrifts({ records, zone: zone.zone.name, instance, standing: zone.standing })
    for (const drift of drifts)
      found.push({ row, drift, zone, observation: bounded(recordObservation(row, drift, instance)) })
  }
  const strays = strayRecords(zone.all ?? [], { zone: zone.zone.name, instance, known })
  if (strays.length === 0) return found
  // Also of URLs that come or go just now.
  const all = markersIn(world, zone.zone.name)
  for (const stray of strays)
    if (!all.has(stray.marker.name))
      found.push({ row: null, stray, zone, observation: bounded(strayObservation(stray)) })
  return found
}

/** The markers of all URLs in a zone, also of those that come or go. */
const markersIn = ({ store }: World, zone: string): Set<string> =>
  new Set(store.urlLooks.recordsIn(zone).flatMap((records) => records.map((set) => markerName(set, zone))))

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
