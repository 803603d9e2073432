/** Two ways out of drift, as operations: what the database says is put back, or what stands is taken into it. */
import { Fault, shown } from '../../base/fault.ts'
import type { DriftEnd, DriftThing, Observation } from '../../domain/drift.ts'
import { SYSTEM_ACTOR } from '../../domain/operation.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { OperationRow } from '../../store/operations.ts'
import type { Act, Facts, Look, Plan, StepContext, World } from '../step.ts'
import { endDrift, isAsSeen, lookAgain } from './looks.ts'
import type { DriftPart } from './part.ts'

/** Given when it was accepted, but for what stands. */
export interface DriftFacts extends Facts {
  drift: string
  thing: DriftThing
  /** The digest of what whoever asked had seen. */
  seen: string
  /** Null: it is as it should be by now. */
  observation?: Observation | null
}

type PartOf = (thing: DriftThing) => DriftPart

/** Look again · put it back · look once more. */
export function revertPlan(partOf: PartOf): Plan<DriftFacts> {
  return {
    steps: [lookAgainAt(partOf), putBack(partOf), lookOnceMore(partOf)],
    switchAt: 2,
    commitAt: 2,
    commit(context, { observation }) {
      const isSystem = context.operation.actor.kind === SYSTEM_ACTOR.kind
      endAll(context, observation ? (isSystem ? 'healed' : 'reverted') : 'gone')
      return {}
    },
    ended() {},
  }
}

/** Look again · see what it takes · take it over. */
export function adoptPlan(partOf: PartOf): Plan<DriftFacts> {
  return {
    steps: [lookAgainAt(partOf), seeWhatItTakes(partOf), takeOver(partOf)],
    switchAt: 2,
    commitAt: 2,
    commit(context, facts) {
      const { observation, thing } = facts
      endAll(context, observation ? 'adopted' : 'gone')
      return observation ? (partOf(thing).adoption?.take(context, observation, facts) ?? {}) : {}
    },
    ended() {},
  }
}

const lookAgainAt = (partOf: PartOf): Look<DriftFacts> => ({
  kind: 'look',
  name: 'look again',
  async run({ signal, say }, { thing, seen }) {
    const observation = await lookAgain(partOf(thing), thing, signal)
    if (observation === null) say('It is as it should be by now: nothing is to be done.')
    else if (!isAsSeen(observation, seen))
      throw new Fault('conflict', `${shown(thing.thing)} is not as it was shown any more.`, {
        hint: 'Nothing was changed. Look again, see what stands there now, and decide anew.',
      })
    return { observation }
  },
})

const putBack = (partOf: PartOf): Act<DriftFacts> => ({
  kind: 'act',
  name: 'put it back',
  async run(context, { thing, observation }) {
    if (observation) await partOf(thing).revert(context, observation)
  },
  // What somebody has done by hand is not done again; each thing is whole, and a look tells what is left.
  async undo() {},
})

const lookOnceMore = (partOf: PartOf): Look<DriftFacts> => ({
  kind: 'look',
  name: 'look once more',
  async run({ signal, say }, { thing, observation }) {
    if (!observation) return {}
    if ((await lookAgain(partOf(thing), thing, signal)) !== null)
      throw new Fault('conflict', `${shown(thing.thing)} was put back, and is otherwise again.`, {
        hint: 'Somebody or something else changes it all the while: find out what, then look again.',
      })
    say('It is as it should be.')
    return {}
  },
})

const seeWhatItTakes = (partOf: PartOf): Look<DriftFacts> => ({
  kind: 'look',
  name: 'see what it takes',
  async run(context, { thing, observation }) {
    return observation ? adoptionOf(partOf(thing), thing).learn(context, observation) : {}
  },
})

const takeOver = (partOf: PartOf): Act<DriftFacts> => ({
  kind: 'act',
  name: 'take it over',
  async run(context, facts) {
    const { thing, observation } = facts
    if (observation) await adoptionOf(partOf(thing), thing).act(context, observation, facts)
  },
  // It is done whole or not at all, and what it has stored is nobody's until the rows say so.
  async undo() {},
})

function adoptionOf({ adoption }: DriftPart, { kind }: DriftThing) {
  if (!adoption) throw new Error(`findings of the kind ${kind} can not be adopted`)
  return adoption
}

/** The same tree may be live in several places: what is right in one is right in all. */
function endAll({ world, operation }: StepContext, end: DriftEnd): void {
  const row = driftOf(world, operation)
  if (!row) return
  const isSame = (one: DriftRow) => one.kind === row.kind && one.thing === row.thing
  const open = world.store.drifts
    .open()
    .filter((one) => one.id === row.id || (end !== 'adopted' && isSame(one)))
  for (const one of open) endDrift(world, one, { end, actor: operation.actor, operationId: operation.id })
}

const driftOf = ({ store }: World, { facts }: OperationRow): DriftRow | null =>
  store.drifts.find((facts as DriftFacts).drift) // given when it was accepted
