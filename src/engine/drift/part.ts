/** A part of the world that is looked at for drift. */
import type { Digest } from '../../domain/bundle.ts'
import type { DriftKind, DriftThing, Observation } from '../../domain/drift.ts'
import type { Actor } from '../../domain/operation.ts'
import type { ReceivedArchive } from '../../ports/bundles.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { ServiceRow } from '../../store/services.ts'
import type { Facts, StepContext, World } from '../step.ts'
import type { TreeKeeper } from '../tree-keeper.ts'

export interface LookGiven {
  /** Only about this one thing; null: about everything. */
  only: DriftThing | null
  signal: AbortSignal
}

/** What could not be looked at. Findings about it stay as they are. */
export interface LookFailure {
  /** Such as the label of a DNS provider. */
  what: string
  cause: unknown
  holds(finding: DriftThing): boolean
}

export interface Seen {
  /** All that stands otherwise than it should, as far as it was looked at. */
  observations: Observation[]
  failures: LookFailure[]
  /** What was not looked at this time, without a fault: findings about it stay too. */
  isSkipped?: (finding: DriftThing) => boolean
}

/** How what stands is taken into the database. */
export interface Adoption {
  /** Learns what it takes: facts of the operation. Changes nothing. Throws what is in the way. */
  learn(context: StepContext, seen: Observation): Promise<Facts>
  /** What it changes in the world, if anything. After a crash it is done again. When it throws, nothing is changed. */
  act(context: StepContext, seen: Observation, facts: Facts): Promise<void>
  /** Rows, in the transaction that ends the finding. May leave facts, such as the deployment that follows. */
  take(context: StepContext, seen: Observation, facts: Facts): Facts
}

/**
 * A part looks at the world and puts back or takes over what it has found. Whatever an operation changes meanwhile is
 * left out by whoever asks (`looks.ts`); things that a part changes outside of operations it leaves out itself.
 */
export interface DriftPart {
  /** Such as `trees`. */
  name: string
  kinds: readonly DriftKind[]
  /** Throws when nothing of it can be looked at: then none of its findings ends. */
  look(given: LookGiven): Promise<Seen>
  /** Puts back what should stand. After a crash it is done again; each thing is whole before and after. */
  revert(context: StepContext, seen: Observation): Promise<void>
  /** Null: nothing of this part can be adopted. */
  adoption: Adoption | null
}

/** What parts work with. */
export interface DriftTools {
  world: World
  keeper: TreeKeeper
  /** Judges, stores and unpacks an archive for a service; answers its digest. */
  storeFolder: (
    wish: { service: ServiceRow; actor: Actor },
    receive: () => Promise<ReceivedArchive>,
    signal: AbortSignal,
  ) => Promise<Digest>
  /** Queues a deployment of a bundle that is stored, in the caller's transaction; answers its id. */
  deployAdopted: (given: { environmentId: string; actor: Actor; bundle: Digest }) => string
}

/** Which open findings there are of these kinds: what was found by chance is looked at until it is over. */
export const openOf = ({ store }: Pick<World, 'store'>, kinds: readonly DriftKind[]): DriftRow[] =>
  store.drifts.open().filter(({ kind }) => kinds.includes(kind))
