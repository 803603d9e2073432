/** How changes in DNS are taken back: what is ours and still as we wrote it goes, whatever somebody else did stays. */
import type { Hostname } from '../host-site.ts'
import { markerName, ownerOf } from './marker.ts'
import { type RecordChange, type RecordSet, SITE_TYPES, sameData, setText } from './records.ts'
import { conflictOf, type DnsConflict, type Standing, setAt } from './standing.ts'

export interface UndoPlan {
  /** To be made in one call; none while there are conflicts. */
  changes: RecordChange[]
  conflicts: DnsConflict[]
  /** Whole sentences. */
  notes: string[]
}

/** The names whose sets `undoPlan` has to know. */
export const namesOfChanges = (changes: readonly RecordChange[], zone: string): string[] => [
  ...new Set(
    changes.flatMap((change) => [change.name, ...(isMarked(change) ? [markerName(change, zone)] : [])]),
  ),
]

/** Whether a change leaves a set that has a marker of ours beside it. */
const isMarked = ({ type, after }: RecordChange): boolean =>
  after !== null && SITE_TYPES.some((known) => known === type)

export interface UndoInput {
  made: readonly RecordChange[]
  zone: string
  instance: string
  /** What stands at each of `namesOfChanges`. */
  standing: Standing
}

/**
 * Takes back what a plan changed, as far as it was changed; whatever is neither of its two states is a conflict. So is
 * what looks as we would have written it and has no marker of ours: somebody else was faster, with the same values.
 */
export function undoPlan({ made, zone, instance, standing }: UndoInput): UndoPlan {
  const changes: RecordChange[] = []
  const conflicts: DnsConflict[] = []
  for (const change of made.toReversed()) {
    const { name, type, before, after } = change
    const now = setAt(standing, name, type)
    if (sameData(now, before)) continue
    const isOurs =
      !isMarked(change) || ownerOf(setAt(standing, markerName(change, zone), 'TXT'), instance).kind === 'us'
    if (!sameData(now, after))
      conflicts.push(conflictOf(now ?? { name, type, ttlSeconds: 0, values: [] }, CHANGED))
    else if (now && !isOurs) conflicts.push(conflictOf(now, 'was not made by this Fairlead'))
    else changes.push({ name, type, before: now, after: before })
  }
  return { changes: conflicts.length > 0 ? [] : changes, conflicts, notes: [] }
}

const CHANGED = 'was changed by somebody else after Fairlead had written it'

export interface RemovalInput {
  /** The `wanted` sets of the plan that attached the name. */
  made: readonly RecordSet[]
  zone: string
  instance: string
  /** What stands at each of `namesOfSets`. */
  standing: Standing
}

/** The names whose sets `removalPlan` has to know. */
export const namesOfSets = (made: readonly RecordSet[], zone: string): Hostname[] => [
  ...new Set(made.flatMap((set) => [set.name, markerName(set, zone)])),
]

/**
 * The plan of a detach: every set that carries our marker and has the values that we wrote, and its marker. One with our
 * marker and other values is a conflict; one without our marker is somebody's by now and stays.
 */
export function removalPlan({ made, zone, instance, standing }: RemovalInput): UndoPlan {
  const plan: UndoPlan = { changes: [], conflicts: [], notes: [] }
  for (const wrote of made) {
    const { name, type } = wrote
    const now = setAt(standing, name, type)
    const marker = setAt(standing, markerName(wrote, zone), 'TXT')
    if (marker === null || ownerOf(marker, instance).kind !== 'us') {
      if (now) plan.notes.push(`${setText(now)} is not marked as made by this Fairlead any more, and stays.`)
    } else if (now && !sameData(now, wrote)) plan.conflicts.push(conflictOf(now, CHANGED))
    else {
      if (now) plan.changes.push({ name, type, before: now, after: null })
      plan.changes.push({ name: marker.name, type: 'TXT', before: marker, after: null })
    }
  }
  return { ...plan, changes: plan.conflicts.length > 0 ? [] : plan.changes }
}
