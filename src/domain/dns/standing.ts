/** What was read in a zone, and which of it stands in the way of a site's records. */
import type { Hostname } from '../host-site.ts'
import { markerName, type Owner, ownerOf } from './marker.ts'
import { type RecordSet, SITE_TYPES, type SiteType } from './records.ts'
import { namesAbove } from './zone.ts'

/** Every record set at each of the names that were read. */
export type Standing = ReadonlyMap<string, readonly RecordSet[]>

/** Something that is not ours to change. */
export interface DnsConflict {
  name: string
  type: string
  values: string[]
  /** The end of a sentence that begins with the set. */
  reason: string
}

/** A place in a zone, as it was read, and who asks. */
export interface Scene {
  hostname: Hostname
  zone: string
  instance: string
  standing: Standing
}

/** The sets at a name; a name that was not read is a mistake, and no proof that nothing stands there. */
export function setsAt(standing: Standing, name: string): readonly RecordSet[] {
  const sets = standing.get(name)
  if (!sets) throw new Error(`the record sets at ${name} were not read`)
  return sets
}

export const setAt = (standing: Standing, name: string, type: string): RecordSet | null =>
  setsAt(standing, name).find((set) => set.type === type) ?? null

/** A set of a site, with the marker beside it. */
export interface Place {
  type: SiteType
  set: RecordSet | null
  markerName: string
  marker: RecordSet | null
  owner: Owner
}

export function placeOf({ hostname, zone, instance, standing }: Scene, type: SiteType): Place {
  const name = markerName({ name: hostname, type }, zone)
  const marker = setAt(standing, name, 'TXT')
  return {
    type,
    set: setAt(standing, hostname, type),
    markerName: name,
    marker,
    owner: ownerOf(marker, instance),
  }
}

export const conflictOf = ({ name, type, values }: RecordSet, reason: string): DnsConflict => ({
  name,
  type,
  values,
  reason,
})

/** Kept beside everything by name servers themselves (RFC 4035 §2.5). */
const SIGNATURES = ['RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM', 'DNSKEY', 'CDNSKEY', 'CDS']
/** No standard types, but several servers answer addresses by them. */
const FLATTENED = ['ALIAS', 'ANAME']

/** What forbids addresses at this name, or a CNAME, whoever made it. */
export function* typeConflicts(scene: Scene, isAlias: boolean): Generator<DnsConflict> {
  const { hostname, zone, standing } = scene
  for (const set of setsAt(standing, hostname)) {
    if (SIGNATURES.includes(set.type) || SITE_TYPES.some((type) => type === set.type)) continue
    if (set.type === 'NS' && hostname !== zone) yield conflictOf(set, 'hands the name to other name servers')
    else if (FLATTENED.includes(set.type)) yield conflictOf(set, 'already answers for its addresses')
    else if (isAlias) yield conflictOf(set, 'stands where a CNAME must be alone (RFC 1034 §3.6.2)')
  }
  for (const name of namesAbove(hostname, zone))
    for (const set of setsAt(standing, name))
      if (set.type === 'DNAME') yield conflictOf(set, `leads everything below ${name} elsewhere`)
      else if (set.type === 'NS' && name !== zone)
        yield conflictOf(set, `hands everything below ${name} to other name servers`)
}

/** What people might want to know of the rest at this name: it stays. */
export function besideNotes({ hostname, zone, standing }: Scene): string[] {
  const types = setsAt(standing, hostname)
    .map(({ type }) => type)
    .filter((type) => !SIGNATURES.includes(type) && !SITE_TYPES.some((known) => known === type))
  const others = hostname === zone ? types.filter((type) => type !== 'SOA' && type !== 'NS') : types
  return others.length === 0 ? [] : [`${others.toSorted().join(', ')} at ${hostname} stays as it is.`]
}
