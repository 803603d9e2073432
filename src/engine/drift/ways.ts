import { Fault } from '../../base/fault.ts'
import { type Actor, isEnded, type OperationKind } from '../../domain/operation.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { Acceptance } from '../accept.ts'
import { operationEvent } from '../journal.ts'
import type { World } from '../step.ts'
import type { DriftFacts } from './plans.ts'

export interface DriftWish {
  actor: Actor
  /** The digest of what he has been shown. */
  seen: string
}

/** Takes in wishes to put something back, or to take it over, as operations. */
export class DriftWays {
  private readonly world: World
  private readonly acceptance: Acceptance

  constructor(world: World, acceptance: Acceptance) {
    this.world = world
    this.acceptance = acceptance
  }

  /** Answers the operation's id. Throws `not_found`, `conflict`, `standing_by`. */
  revert(id: string, wish: DriftWish): string {
    return this.queued(id, 'drift-revert', wish)
  }

  /** As `revert`. */
  adopt(id: string, wish: DriftWish): string {
    return this.queued(id, 'drift-adopt', wish)
  }

  private queued(id: string, kind: OperationKind, { actor, seen }: DriftWish): string {
    const { store, clock } = this.world
    return this.acceptance.accepted(() => {
      const row = store.drifts.required(id)
      this.requireOpen(row, kind, seen)
      if (row.environmentId !== null) this.acceptance.open(row.environmentId)
      const { thing, serviceId, environmentId, urlId } = row
      const facts: DriftFacts = {
        drift: id,
        thing: { kind: row.kind, thing, serviceId, environmentId, urlId },
        seen,
      }
      const operation = store.operations.create({
        kind,
        serviceId: environmentId === null ? null : serviceId,
        environmentId,
        actor,
        facts,
        now: clock.now(),
      })
      store.drifts.setOperation(id, operation.id)
      const about = { drift: id, kind: row.kind, thing }
      store.events.append({ ...operationEvent(operation, 'queued', clock.now()), data: about })
      return operation.id
    })
  }

  private requireOpen(row: DriftRow, kind: OperationKind, seen: string): void {
    const operation = row.operationId === null ? null : this.world.store.operations.find(row.operationId)
    if (row.ended !== null)
      throw new Fault('conflict', `The finding is over already: ${row.ended}.`, {
        hint: 'Run "fairlead drift" to see what is open now.',
      })
    if (operation && !isEnded(operation.status))
      throw new Fault('conflict', 'Somebody is at it already.', {
        hint: `Wait for the end of the operation ${operation.id}.`,
      })
    if (kind === 'drift-revert' ? !row.revertable : !row.adoptable)
      throw new Fault(
        'conflict',
        `This can not be ${kind === 'drift-revert' ? 'put back' : 'taken over'} by Fairlead.`,
        { hint: row.why ?? 'Take the other way out.' },
      )
    if (row.digest !== seen)
      throw new Fault('conflict', 'Something else stands there by now than what you have seen.', {
        hint: 'Show the finding again and decide anew.',
      })
  }
}
