/** Where a zone is not as Fairlead left it: each record set of ours that differs, and what is marked ours and belongs to no URL. */
import type { DiffLine } from '../line-diff.ts'
import { isMarkerName, markerName, markerText, type Owner, ownerOf } from './marker.ts'
import { type RecordChange, type RecordSet, SITE_TYPES, sameData, sameSet } from './records.ts'
import { type Standing, setAt, setsAt } from './standing.ts'

export type RecordDriftKind = 'record-changed' | 'record-missing' | 'record-marker'

/** One set of a URL that is not as it was written. */
export interface RecordDrift {
  kind: RecordDriftKind
  wrote: RecordSet
  now: RecordSet | null
  marker: RecordSet | null
  markerName: string
  owner: Owner
  /** What stands at the name and forbids the set: a CNAME beside addresses, or addresses beside a CNAME. */
  beside: RecordSet[]
}

interface Held {
  /** What was written for a URL, without markers. */
  records: readonly RecordSet[]
  zone: string
  instance: string
  /** What stands at each of `namesOfSets`. */
  standing: Standing
}

/** At most one of each set; of one that is gone together with its marker it is told once. */
export function recordDrifts({ records, zone, instance, standing }: Held): RecordDrift[] {
  return records.flatMap((wrote): RecordDrift[] => {
    const now = setAt(standing, wrote.name, wrote.type)
    const name = markerName(wrote, zone)
    const marker = setAt(standing, name, 'TXT')
    const owner = ownerOf(marker, instance)
    const kind = kindOf({ wrote, now, owner })
    if (kind === null) return []
    const beside = setsAt(standing, wrote.name).filter(({ type }) => excludes(type, wrote.type))
    return [{ kind, wrote, now, marker, markerName: name, owner, beside }]
  })
}

function kindOf({ wrote, now, owner }: Pick<RecordDrift, 'wrote' | 'now' | 'owner'>): RecordDriftKind | null {
  if (now === null && (owner.kind === 'us' || owner.kind === 'nobody')) return 'record-missing'
  if (owner.kind !== 'us') return 'record-marker'
  return sameSet(now, wrote) ? null : 'record-changed'
}

/** RFC 1034 §3.6.2. */
const excludes = (type: string, ours: string): boolean =>
  type !== ours && SITE_TYPES.some((known) => known === type) && (type === 'CNAME' || ours === 'CNAME')

/** Such as `docs.example.com A`. */
export const thingOfRecord = ({ name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${name} ${type}`

export function recordDiff(
  { wrote, now, marker, markerName: name, owner, beside }: RecordDrift,
  instance: string,
): DiffLine[] {
  const lines: DiffLine[] = sameSet(now, wrote)
    ? linesOf(' ', wrote)
    : [...linesOf('-', wrote), ...(now ? linesOf('+', now) : [])]
  if (owner.kind !== 'us') {
    lines.push({ sign: '-', text: `${name} TXT ${markerText(instance)}` })
    if (marker) lines.push(...linesOf('+', marker))
  }
  return [...lines, ...beside.flatMap((set) => linesOf('+', set))]
}

/** One line a value, so that each can be seen to come and go. */
const linesOf = (
  sign: DiffLine['sign'],
  { name, type, ttlSeconds, values, proxied }: RecordSet,
): DiffLine[] =>
  values.map((value) => ({
    sign,
    text: `${name} ${type} ${value} (TTL ${ttlSeconds} s${proxied ? ', proxied' : ''})`,
  }))

/** Why what was written can't be put back; null: it can. The end of a sentence about the record. */
export function keepsFromReverting({ kind, wrote, now, owner, beside }: RecordDrift): string | null {
  const [other] = beside
  if (other)
    return `${thingOfRecord(other)} stands there, beside which no ${wrote.type} can be: remove it first.`
  if (owner.kind === 'instance')
    return `It is marked as belonging to another Fairlead, whose id is ${owner.instance}: nothing of that is touched.`
  if (owner.kind === 'unclear')
    return 'Its marker was replaced by another text: nothing is touched that is not marked. Remove that TXT first.'
  if (kind === 'record-marker' && !sameData(now, wrote))
    return "Its marker is gone and it says something else: it is somebody else's by now. Remove the record first, or detach the URL."
  return null
}

/** What puts back what was written, from exactly what stands: who changes it meanwhile is not overwritten. */
export function revertingChanges(drift: RecordDrift, mark: RecordSet): RecordChange[] {
  const { wrote, now, marker } = drift
  const changes: RecordChange[] = []
  if (marker === null) changes.push({ name: mark.name, type: 'TXT', before: null, after: mark })
  if (!sameSet(now, wrote)) changes.push({ name: wrote.name, type: wrote.type, before: now, after: wrote })
  return changes
}

/** A marker of ours that no URL has, and the set that it stands beside. */
export interface StrayRecord {
  marker: RecordSet
  /** Null: it is gone, or its name is not to be told from the marker's. */
  set: RecordSet | null
}

/** `known`: names of the markers that belong to URLs. */
export function strayRecords(
  sets: readonly RecordSet[],
  { zone, instance, known }: { zone: string; instance: string; known: ReadonlySet<string> },
): StrayRecord[] {
  const markers = sets.filter(
    (set) =>
      set.type === 'TXT' &&
      isMarkerName(set.name) &&
      !known.has(set.name) &&
      ownerOf(set, instance).kind === 'us',
  )
  if (markers.length === 0) return []
  const beside = new Map(
    sets.flatMap((set) =>
      SITE_TYPES.some((type) => type === set.type) ? [[markerName(set, zone), set] as const] : [],
    ),
  )
  return markers.map((marker) => ({ marker, set: beside.get(marker.name) ?? null }))
}

export const strayDiff = ({ marker, set }: StrayRecord): DiffLine[] => [
  ...(set ? linesOf('+', set) : []),
  ...linesOf('+', marker),
]

/** What takes a stray away; what leads people goes with it. */
export const removingChanges = ({ marker, set }: StrayRecord): RecordChange[] =>
  [set, marker].flatMap((one) => (one ? [{ name: one.name, type: one.type, before: one, after: null }] : []))
