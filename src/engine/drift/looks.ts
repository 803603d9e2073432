import { asFault, type Fault } from '../../base/fault.ts'
import {
  type DriftEnd,
  type DriftThing,
  digestOf,
  isSameThing,
  type Observation,
} from '../../domain/drift.ts'
import { type Actor, SYSTEM_ACTOR } from '../../domain/operation.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { NewEvent } from '../../store/events.ts'
import type { World } from '../step.ts'
import { motionSince } from './motion.ts'
import type { DriftPart, Seen } from './part.ts'

/** What a look could not look at. */
export interface FailedLook {
  part: string
  fault: Fault
}

/** Looks at all parts and writes down what is found and what is over. */
export class Looks {
  private readonly world: World
  private readonly parts: readonly DriftPart[]

  constructor(world: World, parts: readonly DriftPart[]) {
    this.world = world
    this.parts = parts
  }

  /** One part that fails hinders no other one. Throws the signal's reason when it is aborted. */
  async look(signal: AbortSignal): Promise<FailedLook[]> {
    const failures: FailedLook[] = []
    for (const part of this.parts) {
      signal.throwIfAborted()
      failures.push(...(await this.lookAt(part, signal)))
    }
    this.world.store.drifts.forgetOld(this.world.clock.now())
    return failures
  }

  private async lookAt(part: DriftPart, signal: AbortSignal): Promise<FailedLook[]> {
    const { store, log } = this.world
    const before = store.events.newest()
    const tell = (what: string, cause: unknown): FailedLook => {
      signal.throwIfAborted()
      log.write('warn', 'a part of the world could not be looked at for drift', { part: what, cause })
      return { part: what, fault: asFault(cause) }
    }
    try {
      const seen = await part.look({ only: null, signal })
      store.tx(() => this.note(part, seen, motionSince(this.world, before)))
      return seen.failures.map(({ what, cause }) => tell(what, cause))
    } catch (cause) {
      return [tell(part.name, cause)]
    }
  }

  private note(part: DriftPart, seen: Seen, isMoving: (thing: DriftThing) => boolean): void {
    const { store, clock } = this.world
    // Thousands at once when a zone was emptied: each is looked up, and none looked for.
    const open = new Map(store.drifts.open().map((row) => [wordOf(row), row]))
    const found = new Map(seen.observations.map((one) => [wordOf(one), one]))
    for (const [word, observation] of found) {
      const known = open.get(word)
      if (isMoving(observation)) continue
      if (known) store.drifts.seenAgain(known.id, observation, clock.now())
      else noteDrift(this.world, observation)
    }
    for (const [word, row] of open) {
      if (!part.kinds.includes(row.kind) || isMoving(row)) continue
      if (found.has(word)) continue
      if (!seen.failures.some((failure) => failure.holds(row)) && !seen.isSkipped?.(row))
        endDrift(this.world, row, { end: 'gone', actor: SYSTEM_ACTOR })
    }
  }
}

/** Of the same thing the same word, and of another one another. */
const wordOf = ({ kind, thing, environmentId }: DriftThing): string =>
  JSON.stringify([kind, thing, environmentId])

/** Writes down what stands otherwise than it should, in the caller's transaction. */
export function noteDrift(
  { store: { drifts, events }, clock }: Pick<World, 'store' | 'clock'>,
  observation: Observation,
): DriftRow {
  const now = clock.now()
  const known = drifts.openAbout(observation)
  if (known) {
    drifts.seenAgain(known.id, observation, now)
    return drifts.required(known.id)
  }
  const row = drifts.create(observation, now)
  events.append({ ...driftEvent(row, 'found', now), actor: SYSTEM_ACTOR })
  return row
}

/** Ends a finding, in the caller's transaction. */
export function endDrift(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  row: DriftRow,
  { end, actor, operationId }: { end: DriftEnd; actor: Actor; operationId?: string },
): void {
  const now = clock.now()
  store.drifts.end(row.id, end, now)
  const event = driftEvent(row, 'ended', now)
  store.events.append({
    ...event,
    actor,
    data: { ...event.data, end },
    ...(operationId !== undefined && { operationId }),
  })
}

/** What happened to a finding, as a row of the event log. */
export const driftEvent = (row: DriftRow, what: string, at: number): Omit<NewEvent, 'actor'> => ({
  at,
  kind: `drift.${what}`,
  ...(row.serviceId !== null &&
    row.serviceName !== null && { service: { id: row.serviceId, name: row.serviceName } }),
  ...(row.environmentId !== null &&
    row.environmentName !== null && { environment: { id: row.environmentId, name: row.environmentName } }),
  data: {
    drift: row.id,
    kind: row.kind,
    thing: row.thing,
    ...(row.hostname !== null && { hostname: row.hostname }),
  },
})

/** What stands there now, if it is still otherwise than it should be. */
export async function lookAgain(
  part: DriftPart,
  thing: DriftThing,
  signal: AbortSignal,
): Promise<Observation | null> {
  const { observations, failures } = await part.look({ only: thing, signal })
  const found = observations.find((one) => isSameThing(one, thing))
  if (found) return found
  const failure = failures.find((one) => one.holds(thing))
  if (failure) throw failure.cause
  return null
}

export const isAsSeen = (observation: Observation, seen: string): boolean => digestOf(observation) === seen
