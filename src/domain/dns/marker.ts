/** The TXT beside each record set of ours, by which we know it again, and everybody else whose it is. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'
import type { RecordSet } from './records.ts'

export interface MarkedSet {
  name: string
  /** Such as `A`. */
  type: string
}

/** Whose a record set is, by the marker beside it. */
export type Owner =
  /** No marker: somebody made the set by other means. */
  | { kind: 'nobody' }
  | { kind: 'us' }
  | { kind: 'instance'; instance: string }
  /** Something stands where the marker would, and it is none. */
  | { kind: 'unclear' }

const PREFIX = '_fairlead-'
/** 64 bits, by which two names of one zone never meet. */
const DIGEST_CHARS = 16

/**
 * Where the marker of a set stands: `_fairlead-a.docs.example.com`, with `_wildcard` for a leading `*`; when that is too
 * long for DNS, `_fairlead-<digest of the name>-a.example.com`. `zone` is the name of the zone.
 */
export function markerName({ name, type }: MarkedSet, zone: string): string {
  const word = type.toLowerCase()
  const beside = `${PREFIX}${word}.${name.replace(/^\*(?=\.)/, '_wildcard')}`
  if (beside.length <= LIMITS.hostname.bytes) return beside
  const short = `${PREFIX}${sha256Hex(name).slice(0, DIGEST_CHARS)}-${word}.${zone}`
  if (short.length <= LIMITS.hostname.bytes) return short
  throw new Fault('invalid', `The name of the zone ${zone} leaves no room for Fairlead's marker.`, {
    hint: 'Make the record by hand: attach the URL with DNS by hand.',
  })
}

export const isMarkerName = (name: string): boolean => name.startsWith(PREFIX)

/** What the marker says: `fairlead=1 instance=<id>`. */
export const markerText = (instance: string): string => `fairlead=1 instance=${instance}`

/** The instance that a marker names; null: the text is no marker. */
export const markerInstance = (text: string): string | null =>
  /^fairlead=1 instance=([a-z0-9-]{1,64})$/.exec(text)?.[1] ?? null

/** Reads what stands at a marker's name as TXT. */
export function ownerOf(marker: RecordSet | null, instance: string): Owner {
  if (marker === null) return { kind: 'nobody' }
  const instances = marker.values.map(markerInstance)
  const other = instances.find((found) => found !== null && found !== instance)
  if (other) return { kind: 'instance', instance: other }
  return instances.length === 1 && instances[0] === instance ? { kind: 'us' } : { kind: 'unclear' }
}
