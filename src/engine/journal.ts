import { Fault, type FaultCode, type FieldError } from '../base/fault.ts'
import { problemOf } from '../contract/problem.ts'
import type { TreeKey } from '../domain/bundle.ts'
import { isOfUrl, type OperationStatus } from '../domain/operation.ts'
import type { NewEvent } from '../store/events.ts'
import type { LineLevel } from '../store/logs.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Facts, World } from './step.ts'

/** How long log lines may wait for the next transaction of the journal. */
const LINES_WAIT_MS = 150

/** What is written down of one running operation: `begun` before a deed, `done` after it, lines in between. */
export class Journal {
  private readonly world: World
  private readonly id: string
  private lines: { at: number; level: LineLevel; step: string | null; text: string }[] = []
  private stopTimer: (() => void) | null = null
  step: string | null = null

  constructor(world: World, id: string) {
    this.world = world
    this.id = id
  }

  get operation(): OperationRow {
    return this.world.store.operations.required(this.id)
  }

  say(text: string, level: LineLevel = 'info'): void {
    this.lines.push({ at: this.world.clock.now(), level, step: this.step, text })
    this.stopTimer ??= this.world.clock.after(LINES_WAIT_MS, () => this.flush())
  }

  /** One transaction for a step of the journal and the lines that were said. */
  write(rows: (now: number) => void): void {
    const { store, clock } = this.world
    store.tx(() => {
      rows(clock.now())
      this.writeLines()
    })
    this.linesWritten()
  }

  begun(position: number, name: string): void {
    this.step = name
    this.world.store.operations.stepBegun(this.id, position, this.world.clock.now())
  }

  ended(position: number, status: 'done' | 'failed' | 'undone'): void {
    this.world.store.operations.stepEnded(this.id, position, { status, now: this.world.clock.now() })
  }

  saveFacts(facts: Facts): void {
    this.world.store.operations.saveFacts(this.id, facts)
  }

  /** The last rows: status and event. */
  end(status: OperationStatus, fault: Fault | null): void {
    const { store, clock } = this.world
    const now = clock.now()
    const operation = this.operation
    this.step = null
    store.operations.end(this.id, { status, problem: fault && problemOf(fault), now })
    store.events.append(operationEvent(operation, status, now))
    this.say(...lastLine(operation, status, fault))
  }

  /** Forgets the timer; lines that were said and not written go with the crash they belong to. */
  close(): void {
    this.stopTimer?.()
    this.stopTimer = null
  }

  private flush(): void {
    this.stopTimer = null
    if (this.lines.length === 0) return
    try {
      this.write(() => {})
    } catch (cause) {
      // The lines wait for the next transaction of the journal.
      this.world.log.write('error', 'lines of a log could not be written yet', { cause })
    }
  }

  private writeLines(): void {
    for (const line of this.lines) this.world.store.logs.append(this.id, line)
  }

  private linesWritten(): void {
    this.lines = []
    this.close()
  }
}

/** What succeeds clears what got stuck before it at the same work; answers the trees that were kept for that. */
export function clearStuck(world: World, operation: OperationRow): TreeKey[] {
  const { store, clock } = world
  return store.operations.stuckOf(operation).flatMap((stuck) => {
    if (!settles(operation, stuck)) return []
    store.operations.end(stuck.id, { status: 'failed', now: clock.now() })
    store.events.append(operationEvent(stuck, 'failed', clock.now()))
    return store.pins.release(`operation:${stuck.id}`)
  })
}

/** A deletion leaves nothing, a deployment puts the site right, and the detaching of a URL that URL. */
function settles(operation: OperationRow, stuck: OperationRow): boolean {
  if (operation.kind.endsWith('-deletion')) return true
  if (isOfUrl(operation.kind) !== isOfUrl(stuck.kind)) return false
  return operation.facts['url'] === stuck.facts['url']
}

/** What happened to an operation, as a row of the event log. */
export function operationEvent(operation: OperationRow, what: string, at: number): NewEvent {
  return {
    at,
    kind: `${operation.kind}.${what}`,
    actor: operation.actor,
    operationId: operation.id,
    ...(operation.serviceId !== null &&
      operation.serviceName !== null && {
        service: { id: operation.serviceId, name: operation.serviceName },
      }),
    ...(operation.environmentId !== null &&
      operation.environmentName !== null && {
        environment: { id: operation.environmentId, name: operation.environmentName },
      }),
  }
}

const ENDS: Record<Exclude<OperationStatus, 'queued' | 'running'>, string> = {
  succeeded: 'Done.',
  failed: 'Failed',
  reverted: 'Put back what was there before',
  cancelled: 'Cancelled.',
  superseded: 'Superseded by a newer deployment.',
  stuck: 'Stuck: putting things back failed, and a person has to look',
}

function lastLine(
  operation: OperationRow,
  status: OperationStatus,
  fault: Fault | null,
): [string, LineLevel] {
  if (status === 'queued' || status === 'running') throw new Error(`${operation.id} has not ended`)
  const line = ENDS[status]
  if (!fault || status === 'cancelled' || status === 'superseded') return [line, 'info']
  return [`${line}: ${fault.message}${fault.hint ? ` ${fault.hint}` : ''}`, 'error']
}

interface StoredProblem {
  code: FaultCode
  detail: string
  hint: string | null
  errors: FieldError[]
}

/** A problem as it was stored, as the Fault it came from. */
export function faultOf(problem: OperationRow['problem']): Fault | null {
  if (!problem) return null
  const { code, detail, hint, errors } = problem as unknown as StoredProblem // written by problemOf
  return new Fault(code, detail, { ...(hint !== null && { hint }), errors })
}
