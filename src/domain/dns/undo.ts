/** How changes in DNS are taken back: what is ours and still as we wrote it goes, whatever somebody else did stays. */
import type { Hostname } from '../host-site.ts'
import { markerName, ownerOf } from './marker.ts'
import { type RecordChange, type RecordSet, sameData, setText } from './records.ts'
import { conflictOf, type DnsConflict, type Standing, setAt } from './standing.ts'

export interface UndoPlan {
  /** To be made in one call; none while there are conflicts. */
  changes: RecordChange[]
  conflicts: DnsConflict[]
  /** Whole sentences. */
  notes: string[]
}

/** The names whose sets `undoPlan` has to know. */
export const namesOfChanges = (changes: readonly RecordChange[]): string[] => [
  ...new Set(changes.map(({ name }) => name)),
]

/** Takes back what a plan changed, as far as it was changed; whatever is neither of its two states is a conflict. */
export function undoPlan(made: readonly RecordChange[], standing: Standing): UndoPlan {
  const changes: RecordChange[] = []
  const conflicts: DnsConflict[] = []
  for (const { name, type, before, after } of made.toReversed()) {
    const now = setAt(standing, name, type)
    if (sameData(now, before)) continue
    if (sameData(now, after)) changes.push({ name, type, before: now, after: before })
    else conflicts.push(conflictOf(now ?? { name, type, ttlSeconds: 0, values: [] }, CHANGED))
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
