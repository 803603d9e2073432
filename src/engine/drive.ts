import { pause } from '../base/clock.ts'
import { asFault, Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { problemOf } from '../contract/problem.ts'
import { isOfUrl, type OperationKind, type OperationStatus } from '../domain/operation.ts'
import type { OperationRow } from '../store/operations.ts'
import { faultOf, Journal } from './journal.ts'
import { requireStarter } from './starter.ts'
import type { Act, Facts, Plan, Step, StepContext, World } from './step.ts'

/** Why a running operation's signal is aborted. */
export const CANCELLED = new Fault('cancelled', 'The operation was cancelled.')
export const STOPPING = new Fault(
  'unavailable',
  'Fairlead is stopping; the operation goes on at the next start.',
)

const TRY_PAUSE_MS = 200

/**
 * Drives one operation from wherever its journal stands to its end, forward or back, and answers how it ended;
 * `running` when the program is stopping. A plan's facts are what its own steps have put there.
 */
export async function drive<F extends Facts>(
  world: World,
  id: string,
  given: { plan: Plan<F>; signal: AbortSignal },
): Promise<OperationStatus> {
  const journal = new Journal(world, id)
  try {
    const run = new Run(world, journal, given)
    return await run.toItsEnd()
  } finally {
    journal.close()
  }
}

class Run<F extends Facts> {
  private readonly world: World
  private readonly journal: Journal
  private readonly plan: Plan<F>
  private readonly signal: AbortSignal
  private facts: F

  constructor(world: World, journal: Journal, given: { plan: Plan<F>; signal: AbortSignal }) {
    this.world = world
    this.journal = journal
    this.plan = given.plan
    this.signal = given.signal
    this.facts = journal.operation.facts as F // what this plan's own steps saved
  }

  async toItsEnd(): Promise<OperationStatus> {
    const { id, direction } = this.journal.operation
    this.world.store.tx(() => this.world.store.operations.plan(id, this.plan.steps))
    if (direction === 'forward') {
      const turned = await this.forward()
      if (turned === 'stopping') return 'running'
      if (turned === 'end') return this.end('succeeded', null)
    }
    return this.back()
  }

  private async forward(): Promise<'end' | 'back' | 'stopping'> {
    const journalled = this.world.store.operations.steps(this.journal.operation.id)
    let begun = -1
    for (const [position, step] of this.plan.steps.entries()) {
      if (journalled[position]?.status === 'done' || journalled[position]?.status === 'failed') continue
      try {
        if (begun < position) this.journal.write(() => this.begin(position))
        await this.attempt(step, position)
        this.journal.write(() => {
          this.finish(step, position)
          if (position + 1 < this.plan.steps.length) this.begin(position + 1)
        })
        begun = position + 1
      } catch (thrown) {
        if (this.signal.reason === STOPPING) return 'stopping'
        const fault = this.signal.reason === CANCELLED ? CANCELLED : asFault(thrown)
        if (fault.code === 'internal')
          this.world.log.write('error', `step "${step.name}" failed`, { cause: fault })
        if (position <= this.plan.commitAt) return this.turnBack(position, fault)
        const left = await this.tries(`Tidying up in "${step.name}"`, () => this.attempt(step, position))
        if (left === STOPPING) return 'stopping'
        this.journal.write(() => this.journal.ended(position, left ? 'failed' : 'done'))
      }
    }
    return 'end'
  }

  private begin(position: number): void {
    const step = this.step(position)
    if (position <= this.plan.switchAt) {
      if (this.journal.operation.cancelRequested) throw CANCELLED
      requireStarter(this.world, this.journal.operation)
    }
    this.journal.begun(position, step.name)
    if (step.kind === 'act') step.begin?.(this.context(this.signal), this.facts)
  }

  private async attempt(step: Step<F>, position: number): Promise<void> {
    this.signal.throwIfAborted()
    this.journal.step = step.name
    const learned = await this.limited<Partial<F> | void>(step.name, (limit) =>
      step.run(this.context(AbortSignal.any([this.signal, limit])), this.facts),
    )
    if (position < this.plan.switchAt) this.signal.throwIfAborted()
    if (learned) this.facts = { ...this.facts, ...learned }
  }

  /** Ends `work` by its signal when it takes too long. The timer goes with the work: there are thousands a day. */
  private async limited<T>(step: string, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController()
    const stop = this.world.clock.after(LIMITS.operation.stepMs, () => limit.abort(tookTooLong(step)))
    try {
      return await work(limit.signal)
    } catch (thrown) {
      throw limit.signal.aborted && !this.signal.aborted ? limit.signal.reason : thrown
    } finally {
      stop()
    }
  }

  private finish(step: Step<F>, position: number): void {
    this.journal.ended(position, 'done')
    if (position === this.plan.commitAt)
      this.facts = { ...this.facts, ...this.plan.commit(this.context(this.signal), this.facts) }
    if (step.kind === 'look' || position === this.plan.commitAt) this.journal.saveFacts(this.facts)
  }

  private turnBack(position: number, fault: Fault): 'back' {
    const reverted = position > this.plan.switchAt && fault.code !== 'cancelled'
    const problem = reverted && fault.code !== 'deployment_reverted' ? asReverted(fault) : fault
    this.journal.say(problem.message, problem.code === 'cancelled' ? 'info' : 'error')
    this.journal.write(() => {
      this.journal.ended(position, 'failed')
      this.world.store.operations.turnBack(this.journal.operation.id, problemOf(problem))
    })
    return 'back'
  }

  /** Through the noted facts in reverse. What fails twice more is stuck and wants a person. */
  private async back(): Promise<OperationStatus> {
    const problem = reasonOf(this.journal.operation.problem)
    const journalled = this.world.store.operations.steps(this.journal.operation.id)
    for (const { position, status, kind } of journalled.toReversed()) {
      const step = this.step(position)
      if (status === 'pending' || status === 'undone' || kind !== 'act' || step.kind !== 'act') continue
      const failure = await this.undo(step)
      if (failure === STOPPING) return 'running'
      if (failure) return this.end('stuck', stuckFault(problem, failure, this.journal.operation.kind))
      this.journal.write(() => this.journal.ended(position, 'undone'))
    }
    if (problem?.code === 'cancelled') return this.end('cancelled', problem)
    return this.end(problem?.code === 'deployment_reverted' ? 'reverted' : 'failed', problem)
  }

  private undo(step: Act<F>): Promise<Fault | null> {
    return this.tries(`Undoing "${step.name}"`, () => {
      this.journal.step = step.name
      return this.limited(step.name, (limit) => step.undo(this.context(limit), this.facts))
    })
  }

  /** Some tries with growing pauses. Null: done; else why the last one failed. */
  private async tries(what: string, work: () => Promise<void>): Promise<Fault | null> {
    for (let attempt = 1; ; attempt++) {
      if (this.signal.reason === STOPPING) return STOPPING
      try {
        await work()
        return null
      } catch (thrown) {
        const fault = asFault(thrown)
        this.journal.say(`${what} failed: ${fault.message}`, 'error')
        if (attempt >= LIMITS.operation.attempts) return fault
        await pause(this.world.clock, TRY_PAUSE_MS * attempt)
      }
    }
  }

  private end(status: OperationStatus, fault: Fault | null): OperationStatus {
    this.journal.write(() => {
      this.journal.end(status, fault)
      this.plan.ended(this.context(this.signal), status)
    })
    return status
  }

  private step(position: number): Step<F> {
    const step = this.plan.steps[position]
    if (!step) throw new Error(`no step ${position}: the journal was written by another plan`)
    return step
  }

  private context(signal: AbortSignal): StepContext {
    return {
      world: this.world,
      operation: this.journal.operation,
      signal,
      say: (text, level) => this.journal.say(text, level),
    }
  }
}

const tookTooLong = (step: string): Fault =>
  new Fault(
    'unavailable',
    `The step "${step}" took longer than ${LIMITS.operation.stepMs / 60_000} minutes.`,
    {
      hint: 'See what holds it up on this machine (a slow disk, a gateway that does not answer), then try again.',
    },
  )

const asReverted = (fault: Fault): Fault =>
  new Fault('deployment_reverted', fault.message, {
    ...(fault.hint && { hint: fault.hint }),
    errors: fault.errors,
    cause: fault.cause,
  })

const stuckFault = (problem: Fault | null, failure: Fault, kind: OperationKind): Fault =>
  new Fault(
    'operation_stuck',
    `${problem ? `${problem.message} Then putting` : 'Putting'} things back failed: ${failure.message}`,
    {
      hint:
        failure.hint ??
        `Mend the cause, then retry the operation; ${isOfUrl(kind) ? 'detaching the URL' : 'a later successful deployment'} clears it too.`,
      extra: { turnedBackBy: problem && problemOf(problem) },
    },
  )

/** Why it was turned back; a stuck operation that is retried remembers it behind its own problem. */
const reasonOf = (problem: OperationRow['problem']): Fault | null =>
  faultOf((problem?.['turnedBackBy'] as OperationRow['problem'] | undefined) ?? problem) // written by stuckFault
