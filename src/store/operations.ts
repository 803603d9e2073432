import { Fault } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import type { Actor, OperationKind, OperationStatus, StepStatus } from '../domain/operation.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

export interface OperationRow {
  number: number
  id: string
  kind: OperationKind
  /** Null: about the instance itself. */
  serviceId: string | null
  serviceName: string | null
  environmentId: string | null
  environmentName: string | null
  status: OperationStatus
  /** `back`: being unwound. */
  direction: 'forward' | 'back'
  cancelRequested: boolean
  actor: Actor
  /** What the steps have learned so far; also the undo data. */
  facts: Record<string, unknown>
  problem: Record<string, unknown> | null
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
}

export interface StepRow {
  position: number
  name: string
  kind: 'look' | 'act'
  status: StepStatus
  begunAt: number | null
  endedAt: number | null
}

interface Raw extends Omit<OperationRow, 'cancelRequested' | 'actor' | 'facts' | 'problem'> {
  cancelRequested: 0 | 1
  actor: string
  facts: string
  problem: string | null
}

const SELECT = `SELECT o.number, o.id, o.kind, o.service_id AS serviceId, s.name AS serviceName,
  o.environment_id AS environmentId, e.name AS environmentName, o.status, o.direction,
  o.cancel_requested AS cancelRequested, o.actor, o.facts, o.problem, o.created_at AS createdAt,
  o.started_at AS startedAt, o.finished_at AS finishedAt
  FROM operations o LEFT JOIN services s ON s.id = o.service_id LEFT JOIN environments e ON e.id = o.environment_id`

const isReady = (operation: string): string =>
  `NOT EXISTS (SELECT 1 FROM deployments d WHERE d.id = ${operation}.id AND d.approval ->> 'state' = 'pending')`

export interface NewOperation {
  kind: OperationKind
  serviceId: string | null
  environmentId: string | null
  actor: Actor
  facts?: Record<string, unknown>
  now: number
}

export class Operations {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  create(given: NewOperation): OperationRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO operations (id, kind, service_id, environment_id, status, actor, facts, created_at)
       VALUES (?, ?, ?, ?, 'queued', ?, ?, ?)`,
      id,
      given.kind,
      given.serviceId,
      given.environmentId,
      JSON.stringify(given.actor),
      JSON.stringify(given.facts ?? {}),
      given.now,
    )
    return this.required(id)
  }

  find(id: string): OperationRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE o.id = ?`, id)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(id: string): OperationRow {
    const row = this.find(id)
    if (!row) throw noOperation()
    return row
  }

  /** Newest first. */
  list({ limit, after }: PageOf): OperationRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE o.number < ? ORDER BY o.number DESC LIMIT ?`,
        after ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .map(parsed)
  }

  /** Oldest first. */
  withStatus(status: 'queued' | 'running' | 'stuck'): OperationRow[] {
    return this.db
      .all<{ id: string }>(
        `SELECT id FROM operations INDEXED BY operations_${status} WHERE status = '${status}' ORDER BY number`,
      )
      .map((row) => this.required(row.id))
  }

  /** Open operations (queued, running) of a service and its environments, or of the instance itself; oldest first. */
  openOf(serviceId: string | null): OperationRow[] {
    const of = (status: string) => `${SELECT} WHERE o.status = '${status}' AND o.service_id IS ?`
    return this.db
      .all<Raw>(`${of('queued')} UNION ALL ${of('running')} ORDER BY 1`, serviceId, serviceId)
      .map(parsed)
  }

  /** Whether something is queued or running that is about this environment, or about its service as a whole. */
  isBusy({ id, serviceId }: { id: string; serviceId: string }): boolean {
    const open = this.openOf(serviceId)
    return open.some(({ environmentId }) => environmentId === null || environmentId === id)
  }

  /**
   * The oldest queued operations that may start now: their environment has no running one (the unique index says the
   * same), and a service-wide one waits until nothing of its service runs; those about the instance itself come one after
   * the other. What waits for a second person neither starts nor holds up others.
   */
  startable(): Pick<OperationRow, 'id' | 'kind'>[] {
    return this.db.all(
      `SELECT o.id, o.kind FROM operations o INDEXED BY operations_queued WHERE o.status = 'queued' AND ${isReady('o')}
         AND NOT EXISTS (SELECT 1 FROM operations r WHERE r.status = 'running' AND r.service_id IS o.service_id
           AND (r.environment_id IS NULL OR o.environment_id IS NULL OR r.environment_id = o.environment_id))
         AND NOT EXISTS (SELECT 1 FROM operations q WHERE q.status = 'queued' AND q.number < o.number
           AND q.service_id IS o.service_id AND ${isReady('q')}
           AND (q.environment_id IS NULL OR o.environment_id IS NULL OR q.environment_id = o.environment_id))
         ORDER BY o.number`,
    )
  }

  start(id: string, now: number): void {
    this.db.run(
      "UPDATE operations SET status = 'running', started_at = ? WHERE id = ? AND status = 'queued'",
      now,
      id,
    )
  }

  turnBack(id: string, problem: Record<string, unknown>): void {
    this.db.run(
      "UPDATE operations SET direction = 'back', problem = ? WHERE id = ?",
      JSON.stringify(problem),
      id,
    )
  }

  saveFacts(id: string, facts: Record<string, unknown>): void {
    this.db.run('UPDATE operations SET facts = ? WHERE id = ?', JSON.stringify(facts), id)
  }

  requestCancel(id: string): void {
    this.db.run('UPDATE operations SET cancel_requested = 1 WHERE id = ?', id)
  }

  end(
    id: string,
    end: { status: OperationStatus; problem?: Record<string, unknown> | null; now: number },
  ): void {
    this.db.run(
      'UPDATE operations SET status = ?, finished_at = ?, problem = coalesce(?, problem) WHERE id = ?',
      end.status,
      end.now,
      end.problem ? JSON.stringify(end.problem) : null,
      id,
    )
  }

  /** A stuck operation goes on unwinding. */
  reopen(id: string): void {
    this.db.run(
      "UPDATE operations SET status = 'queued', finished_at = NULL WHERE id = ? AND status = 'stuck'",
      id,
    )
  }

  /** Stuck ones of the same environment, or of the whole service when the given operation is about that. */
  stuckOf({ serviceId, environmentId }: Pick<OperationRow, 'serviceId' | 'environmentId'>): OperationRow[] {
    return this.db
      .all<Raw>(
        `${SELECT.replace('operations o', 'operations o INDEXED BY operations_stuck')}
         WHERE o.status = 'stuck' AND o.service_id IS ? AND o.environment_id IS coalesce(?, o.environment_id)`,
        serviceId,
        environmentId,
      )
      .map(parsed)
  }

  /** How many are open, for metrics. */
  openCounts(): { queued: number; running: number; stuck: number } {
    const count = (status: string) =>
      `(SELECT count(*) FROM operations WHERE status = '${status}') AS ${status}`
    const row = this.db.get<{ queued: number; running: number; stuck: number }>(
      `SELECT ${count('queued')}, ${count('running')}, ${count('stuck')}`,
    )
    return row ?? { queued: 0, running: 0, stuck: 0 }
  }

  // The journal: `begun` before, `done` after.

  plan(id: string, steps: { name: string; kind: 'look' | 'act' }[]): void {
    for (const [position, step] of steps.entries())
      this.db.run(
        "INSERT INTO steps (operation_id, position, name, kind, status) VALUES (?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING",
        id,
        position,
        step.name,
        step.kind,
      )
  }

  steps(id: string): StepRow[] {
    return this.db.all(
      'SELECT position, name, kind, status, begun_at AS begunAt, ended_at AS endedAt FROM steps WHERE operation_id = ? ORDER BY position',
      id,
    )
  }

  stepBegun(id: string, position: number, now: number): void {
    this.db.run(
      "UPDATE steps SET status = 'running', begun_at = coalesce(begun_at, ?) WHERE operation_id = ? AND position = ?",
      now,
      id,
      position,
    )
  }

  stepEnded(id: string, position: number, end: { status: StepStatus; now: number }): void {
    this.db.run(
      'UPDATE steps SET status = ?, ended_at = ? WHERE operation_id = ? AND position = ?',
      end.status,
      end.now,
      id,
      position,
    )
  }
}

const parsed = (row: Raw): OperationRow => ({
  ...row,
  cancelRequested: row.cancelRequested === 1,
  actor: fromJson(row.actor),
  facts: fromJson(row.facts),
  problem: row.problem === null ? null : fromJson(row.problem),
})

/** What may not be read is told in the same words as what is not there. */
export const noOperation = (asDeployment = false): Fault => {
  const noun = asDeployment ? 'deployment' : 'operation'
  return new Fault('not_found', `There is no such ${noun}.`, { hint: `List the ${noun}s to see their ids.` })
}
