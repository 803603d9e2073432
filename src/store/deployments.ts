import { LIMITS } from '../base/limits.ts'
import type { Digest } from '../domain/bundle.ts'
import type { Approval, Cause, Waiting } from '../domain/deployment.ts'
import type { Actor, OperationStatus } from '../domain/operation.ts'
import { type Database, fromJson } from './database.ts'
import type { EnvironmentRow } from './environments.ts'
import { noOperation } from './operations.ts'
import type { PageOf } from './services.ts'

export interface DeploymentRow {
  id: string
  number: number
  serviceId: string
  serviceName: string
  environmentId: string
  environmentName: string
  status: OperationStatus
  live: boolean
  bundle: Digest | null
  cause: Cause
  originNumber: number
  source: string | null
  actor: Actor
  message: string | null
  urls: string[]
  /** Null: none is asked for. */
  approval: Approval | null
  /** Who erased its bundle. */
  erased: { at: number; by: Actor; reason: string | null } | null
  problem: Record<string, unknown> | null
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
}

interface Raw extends Omit<DeploymentRow, 'live' | 'actor' | 'urls' | 'approval' | 'erased' | 'problem'> {
  live: 0 | 1
  actor: string
  urls: string
  approval: string | null
  erased: string | null
  problem: string | null
}

const SELECT = `SELECT d.id, d.number, o.service_id AS serviceId, s.name AS serviceName,
  d.environment_id AS environmentId, e.name AS environmentName, o.status,
  (e.live_deployment_id IS d.id) AS live, d.bundle, d.cause, d.origin_number AS originNumber, d.source, o.actor,
  d.message, d.urls, d.approval,
  CASE WHEN x.at IS NULL THEN NULL ELSE json_object('at', x.at, 'by', json(x.actor), 'reason', x.reason) END AS erased, o.problem, o.created_at AS createdAt, o.started_at AS startedAt, o.finished_at AS finishedAt
  FROM deployments d JOIN operations o ON o.id = d.id JOIN services s ON s.id = o.service_id
  JOIN environments e ON e.id = d.environment_id
  LEFT JOIN erased_bundles x ON x.service_id = o.service_id AND x.digest = d.bundle`

/** Neither hidden, nor of a bundle that was refused or erased. */
const CAN_COME_BACK = `d.hidden_at IS NULL
  AND EXISTS (SELECT 1 FROM bundles b WHERE b.service_id = o.service_id AND b.digest = d.bundle)`

export interface NewDeployment {
  id: string
  number: number
  environmentId: string
  bundle: Digest | null
  cause: Cause
  /** Of the deployment whose bundle is brought back; its own number otherwise. */
  originNumber: number
  source: string | null
  message: string | null
  approval?: Approval | null
}

export class Deployments {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  create(given: NewDeployment): void {
    this.db.run(
      `INSERT INTO deployments (id, number, environment_id, bundle, cause, origin_number, source, message, approval)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      given.id,
      given.number,
      given.environmentId,
      given.bundle,
      given.cause,
      given.originNumber,
      given.source,
      given.message,
      given.approval ? JSON.stringify(given.approval) : null,
    )
  }

  find(id: string): DeploymentRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE d.id = ?`, id)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(id: string): DeploymentRow {
    const row = this.find(id)
    if (!row) throw noOperation(true)
    return row
  }

  /** The environments of a service into which a bundle was ever deployed. */
  environmentsOf(serviceId: string, bundle: Digest): string[] {
    return this.db
      .all<{ id: string }>(
        `SELECT DISTINCT d.environment_id AS id FROM deployments d INDEXED BY deployments_bundle
         JOIN environments e ON e.id = d.environment_id WHERE d.bundle = ? AND e.service_id = ?`,
        bundle,
        serviceId,
      )
      .map((row) => row.id)
  }

  /** Newest first. */
  list(environmentId: string, { limit, after }: PageOf): DeploymentRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE d.environment_id = ? AND d.number < ? AND d.hidden_at IS NULL ORDER BY d.number DESC LIMIT ?`,
        environmentId,
        after ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .map(parsed)
  }

  latest(environmentId: string): DeploymentRow | null {
    return this.list(environmentId, { limit: 1, after: null })[0] ?? null
  }

  /** Those that wait for their turn; not a stuck one that waits to go on unwinding. */
  queuedOf(environment: EnvironmentRow): ({ id: string } & Waiting)[] {
    return this.db
      .all<{ id: string; cause: Cause; isPending: 0 | 1 }>(
        `SELECT d.id, d.cause, (d.approval ->> 'state') IS 'pending' AS isPending
         FROM operations o INDEXED BY operations_queued JOIN deployments d ON d.id = o.id
         WHERE o.status = 'queued' AND o.service_id = ? AND o.environment_id = ? AND o.direction = 'forward'`,
        environment.serviceId,
        environment.id,
      )
      .map((row) => ({ ...row, isPending: row.isPending === 1 }))
  }

  /**
   * "The one before" the live one (DESIGN §2): the newest succeeded deployment older than the origin of the live
   * one, with another bundle. A, B, rollback to A, again: not B.
   */
  before(live: DeploymentRow): DeploymentRow | null {
    return this.newestSucceeded(live.environmentId, { below: live.originNumber, not: live.bundle })
  }

  /** The bundles of the last succeeded deployments before the live one, newest first, each once and not its own. */
  retained(live: DeploymentRow, count: number): Digest[] {
    if (count === 0) return []
    const rows = this.db.all<{ bundle: Digest }>(
      `SELECT d.bundle FROM deployments d JOIN operations o ON o.id = d.id
       WHERE d.environment_id = ? AND d.number < ? AND o.status = 'succeeded' AND ${CAN_COME_BACK}
       ORDER BY d.number DESC LIMIT ?`,
      live.environmentId,
      live.number,
      LIMITS.disk.retainLookBack,
    )
    const bundles = new Set(rows.map((row) => row.bundle))
    if (live.bundle !== null) bundles.delete(live.bundle)
    return [...bundles].slice(0, count)
  }

  setMessage(id: string, message: string | null): void {
    this.db.run('UPDATE deployments SET message = ? WHERE id = ?', message, id)
  }

  hide(id: string, now: number): void {
    this.db.run('UPDATE deployments SET hidden_at = ? WHERE id = ?', now, id)
  }

  isHidden(id: string): boolean {
    return this.db.get('SELECT 1 AS one FROM deployments WHERE id = ? AND hidden_at IS NOT NULL', id) !== null
  }

  setApproval(id: string, approval: Approval): void {
    this.db.run('UPDATE deployments SET approval = ? WHERE id = ?', JSON.stringify(approval), id)
  }

  setUrls(id: string, urls: string[]): void {
    this.db.run('UPDATE deployments SET urls = ? WHERE id = ?', JSON.stringify(urls), id)
  }

  private newestSucceeded(
    environmentId: string,
    given: { below: number; not: Digest | null },
  ): DeploymentRow | null {
    const row = this.db.get<Raw>(
      `${SELECT} WHERE d.environment_id = ? AND d.number < ? AND o.status = 'succeeded'
       AND ${CAN_COME_BACK} AND d.bundle IS NOT ? ORDER BY d.number DESC LIMIT 1`,
      environmentId,
      given.below,
      given.not,
    )
    return row && parsed(row)
  }
}

const parsed = (row: Raw): DeploymentRow => ({
  ...row,
  live: row.live === 1,
  actor: fromJson(row.actor),
  urls: fromJson(row.urls),
  approval: row.approval === null ? null : fromJson(row.approval),
  erased: row.erased === null ? null : fromJson(row.erased),
  problem: row.problem === null ? null : fromJson(row.problem),
})
