/** What attaching a name will change in DNS, as a value: shown first, then applied as it was shown. */
import { Fault } from '../../base/fault.ts'
import type { Hostname } from '../host-site.ts'
import { isRegistrable } from '../hostname.ts'
import { markerText, type Owner } from './marker.ts'
import {
  checkedSet,
  type DnsTarget,
  type RecordChange,
  type RecordSet,
  SITE_TYPES,
  type SiteType,
  sameData,
  sameSet,
  setText,
  type WrittenSet,
  type Zone,
} from './records.ts'
import {
  besideNotes,
  conflictOf,
  type DnsConflict,
  type Place,
  placeOf,
  type Scene,
  type Standing,
  setsAt,
  typeConflicts,
} from './standing.ts'
import { type HeldZone, requiredZone, zoneOf } from './zone.ts'

/** `auto`: by the provider that holds the zone. `manual`: by hand. `none`: the name leads here already. */
export const DNS_MODES = ['auto', 'manual', 'none'] as const
export type DnsMode = (typeof DNS_MODES)[number]

export interface DnsPlanInput {
  hostname: Hostname
  target: DnsTarget
  /** Of all providers; none at all is as if the mode were `manual`. */
  zones: readonly HeldZone[]
  /** This instance's id. */
  instance: string
  /** What stands at each of `namesToRead`; nothing has to be read where `plannedZone` says null. */
  standing: Standing
  mode: DnsMode
}

export interface DnsPlan {
  /** How the records come about: by a provider, by hand, or not at all. */
  mode: DnsMode
  /** The provider's id; null: none has to do with it. */
  provider: string | null
  zone: Zone | null
  /** The record sets of the name as they will stand, without markers: what a detach takes away again. */
  wanted: RecordSet[]
  /** To be made in one call; none while there are conflicts. By hand: what a person has to make. */
  changes: RecordChange[]
  conflicts: DnsConflict[]
  /** Whole sentences. */
  notes: string[]
}

/** The zone in which a plan reads and writes; null: it does neither. `invalid` where providers hold other zones only. */
export function plannedZone({
  hostname,
  zones,
  mode,
}: Pick<DnsPlanInput, 'hostname' | 'zones' | 'mode'>): HeldZone | null {
  if (mode !== 'auto' || zones.length === 0) return null
  const held = requiredZone(hostname, zones)
  return held.writes ? held : null
}

/**
 * The plan of an attach. `invalid` when the name lies in no zone that a provider holds, when there is nothing to point to,
 * and for a CNAME where a zone begins; whatever stands there already and is not ours is a conflict.
 */
export function dnsPlan(input: DnsPlanInput): DnsPlan {
  if (input.mode === 'none')
    return {
      ...EMPTY,
      mode: 'none',
      notes: [`DNS is left alone: ${input.hostname} has to lead here already.`],
    }
  const held = plannedZone(input)
  if (held === null) return planByHand(input)
  const { hostname, instance, standing } = input
  const scene: Scene = { hostname, zone: held.zone.name, instance, standing }
  const wanted = wantedSets(input, held.zone.name).map((set) => held.asKept(checkedSet(set)))
  const drafts = SITE_TYPES.map((type) =>
    draft(placeOf(scene, type), { scene, held, wanted, target: input.target }),
  )
  const conflicts = [
    ...drafts.flatMap((one) => one.conflicts),
    ...typeConflicts(
      scene,
      wanted.some(({ type }) => type === 'CNAME'),
    ),
  ]
  return {
    mode: 'auto',
    provider: held.provider,
    zone: held.zone,
    wanted,
    // What makes room comes first.
    changes: conflicts.length > 0 ? [] : drafts.flatMap((one) => one.changes).toSorted(removalsFirst),
    conflicts,
    notes: [...drafts.flatMap((one) => one.notes), ...besideNotes(scene)],
  }
}

const EMPTY = { provider: null, zone: null, wanted: [], changes: [], conflicts: [], notes: [] }

const removalsFirst = (a: RecordChange, b: RecordChange): number =>
  Number(a.after !== null) - Number(b.after !== null)

function planByHand(input: DnsPlanInput): DnsPlan {
  const { hostname, mode, zones, target } = input
  const held = mode === 'auto' ? zoneOf(hostname, zones) : null
  // Where nobody tells, a zone begins at the name that was registered.
  const zone = held?.zone.name || (isRegistrable(hostname) ? hostname : null)
  const made =
    target.addresses.length > 0 || takesCname(target, hostname, zone) ? wantedSets(input, zone) : []
  const wanted = held ? made.map(held.asKept) : made
  return {
    mode: 'manual',
    provider: held?.provider ?? null,
    zone: held?.zone ?? null,
    wanted,
    changes: wanted.map((after) => ({ name: after.name, type: after.type, before: null, after })),
    conflicts: [],
    notes: [
      wanted.length > 0
        ? `Make the records of ${hostname} by hand: ${wanted.map(setText).join('; ')}.`
        : `Let ${hostname} lead to this server; which records that takes can be told once its addresses are set.`,
    ],
  }
}

/** Neither where a zone begins, beside its SOA, nor at the very name that it would point to. */
const takesCname = ({ cname }: DnsTarget, hostname: Hostname, zone: string | null): boolean =>
  cname !== null && cname !== hostname && hostname !== zone

/** The sets that lead to the target. */
function wantedSets({ hostname, target }: DnsPlanInput, zone: string | null): WrittenSet[] {
  const { addresses, cname, ttlSeconds } = target
  const setOf = (type: SiteType, values: string[]): WrittenSet => ({
    name: hostname,
    type,
    ttlSeconds,
    values,
  })
  if (cname !== null && takesCname(target, hostname, zone)) return [setOf('CNAME', [cname])]
  if (addresses.length === 0) throw noAddresses(hostname, cname)
  const [v4, v6] = [
    addresses.filter((one) => !one.includes(':')),
    addresses.filter((one) => one.includes(':')),
  ]
  return [...(v4.length > 0 ? [setOf('A', v4)] : []), ...(v6.length > 0 ? [setOf('AAAA', v6)] : [])]
}

function noAddresses(hostname: Hostname, cname: string | null): Fault {
  if (cname === null)
    return refused(
      hostname,
      'has nothing to point to: the address of this server is not set',
      `Say where this server is reached: ${SET_ADDRESSES}, or attach with DNS by hand or none.`,
    )
  const why =
    cname === hostname
      ? 'is the very name to which its own record would point'
      : 'is where its zone begins, and no CNAME may stand there (RFC 1034 §3.6.2)'
  return refused(hostname, why, `Set the addresses of this server as well: ${SET_ADDRESSES}.`)
}

const SET_ADDRESSES = 'fairlead setting set dns.addresses 203.0.113.5'

function refused(hostname: Hostname, why: string, hint: string): Fault {
  const message = `${hostname} ${why}.`
  return new Fault('invalid', message, { hint, errors: [{ field: 'hostname', message }] })
}

interface Draft {
  changes: RecordChange[]
  conflicts: DnsConflict[]
  notes: string[]
}

interface Sketch {
  scene: Scene
  held: HeldZone
  wanted: RecordSet[]
  target: DnsTarget
}

/** What happens to the set of one type, and to its marker. */
function draft(place: Place, { scene, held, wanted, target }: Sketch): Draft {
  const { type, set, marker, owner } = place
  const after = wanted.find((one) => one.type === type) ?? null
  const foreign = foreignPart(place, after, scene)
  if (foreign.length > 0) return { changes: [], conflicts: foreign, notes: [] }
  const { ttlSeconds } = target
  const values = [markerText(scene.instance)]
  const mark = held.asKept(checkedSet({ name: place.markerName, type: 'TXT', ttlSeconds, values }))
  const changes: RecordChange[] = []
  if (after && marker === null) changes.push({ name: mark.name, type: 'TXT', before: null, after: mark })
  if (!sameSet(set, after)) changes.push({ name: scene.hostname, type, before: set, after })
  if (!after && marker && owner.kind === 'us')
    changes.push({ name: mark.name, type: 'TXT', before: marker, after: null })
  const replaced = set !== null && owner.kind === 'us' && !sameData(set, after)
  return {
    changes,
    conflicts: [],
    notes: replaced ? [`${setText(set)} was made by this Fairlead and is replaced.`] : [],
  }
}

/** What of a place is not ours, where that matters: all of it is left as it is. */
function foreignPart(
  { set, marker, markerName, owner }: Place,
  after: RecordSet | null,
  scene: Scene,
): DnsConflict[] {
  if (after === null && set === null && owner.kind !== 'us') return []
  const blocked = setsAt(scene.standing, markerName).filter(({ type }) => type === 'CNAME' || type === 'NS')
  if (blocked.length > 0)
    return blocked.map((one) => conflictOf(one, "stands where Fairlead's marker belongs"))
  if (owner.kind === 'us' || (owner.kind === 'nobody' && set === null)) return []
  return [conflictOf(set ?? marker ?? missing(), ownerReason(owner))]
}

/** A foreign place has a set or a marker. */
function missing(): never {
  throw new Error('nothing stands at a place that is not ours')
}

function ownerReason(owner: Owner): string {
  if (owner.kind === 'instance') return `belongs to another Fairlead, whose id is ${owner.instance}`
  if (owner.kind === 'unclear') return "has a TXT beside it that is no marker of Fairlead's"
  return 'was not made by this Fairlead'
}

/** A plan that may be applied, or `conflict` that shows what stands in its way. */
export function requireNoConflicts(hostname: Hostname, conflicts: readonly DnsConflict[]): void {
  if (conflicts.length === 0) return
  const texts = conflicts.map((one) => `${setText(one)} ${one.reason}.`)
  const rest = texts.length > 1 ? ` (and ${texts.length - 1} more)` : ''
  throw new Fault('conflict', `DNS of ${hostname} is not Fairlead's to change: ${texts[0]}${rest}`, {
    hint: 'Nothing was changed. Remove what stands there, or attach without DNS ("none") when the name leads here already.',
    errors: conflicts.map((one, at) => ({ field: `${one.name} ${one.type}`, message: texts[at] ?? '' })),
  })
}
