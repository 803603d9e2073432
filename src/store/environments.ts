import { Fault, shown } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import { DEFAULT_SETTINGS, type EnvironmentSettings } from '../domain/environment.ts'
import { type Database, fromJson } from './database.ts'
import type { ServiceRow } from './services.ts'

export interface EnvironmentRow {
  id: string
  serviceId: string
  serviceName: string
  name: string
  position: number
  settings: EnvironmentSettings
  liveDeploymentId: string | null
  revision: number
  createdAt: number
  deleting: boolean
  deletedAt: number | null
}

type Raw = Omit<EnvironmentRow, 'settings' | 'deleting'> & { settings: string; deleting: 0 | 1 }

const SELECT = `SELECT e.id, e.service_id AS serviceId, s.name AS serviceName, e.name, e.position, e.settings,
  e.live_deployment_id AS liveDeploymentId, e.revision, e.created_at AS createdAt,
  (e.deleting OR s.deleting) AS deleting, e.deleted_at AS deletedAt
  FROM environments e JOIN services s ON s.id = e.service_id`

export class Environments {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Those of one service, in their order. */
  of(serviceId: string): EnvironmentRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE e.service_id = ? AND e.deleted_at IS NULL ORDER BY e.position, e.id`,
        serviceId,
      )
      .map(parsed)
  }

  find(service: string, name: string): EnvironmentRow | null {
    const row = this.db.get<Raw>(
      `${SELECT} WHERE s.name = ? AND s.deleted_at IS NULL AND e.name = ? AND e.deleted_at IS NULL`,
      service,
      name,
    )
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  named(service: ServiceRow, name: string): EnvironmentRow {
    const row = this.find(service.name, name)
    if (!row) throw noEnvironment({ service: service.name, environment: name })
    return row
  }

  /** Deleted ones too: history refers to them. */
  byId(id: string): EnvironmentRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE e.id = ?`, id)
    return row && parsed(row)
  }

  /** Every environment that is not deleted, page by page, for sweeps. */
  *all(): Generator<EnvironmentRow> {
    let after = ''
    for (;;) {
      const rows = this.db.all<Raw>(
        `${SELECT} WHERE e.deleted_at IS NULL AND e.id > ? ORDER BY e.id LIMIT 500`,
        after,
      )
      yield* rows.map(parsed)
      const last = rows.at(-1)
      if (!last) return
      after = last.id
    }
  }

  create(
    service: ServiceRow,
    name: string,
    given: { settings?: Partial<EnvironmentSettings>; now: number },
  ): EnvironmentRow {
    this.requireFree(service, name)
    const next = this.db.get<{ position: number }>(
      'SELECT coalesce(max(position) + 1, 0) AS position FROM environments WHERE service_id = ? AND deleted_at IS NULL',
      service.id,
    )
    this.db.run(
      'INSERT INTO environments (id, service_id, name, position, settings, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      randomId(),
      service.id,
      name,
      next?.position ?? 0,
      JSON.stringify({ ...DEFAULT_SETTINGS, ...given.settings }),
      given.now,
    )
    return this.named(service, name)
  }

  rename(service: ServiceRow, id: string, name: string): void {
    this.requireFree(service, name)
    this.db.run('UPDATE environments SET name = ? WHERE id = ?', name, id)
  }

  changeSettings(id: string, settings: EnvironmentSettings): void {
    this.db.run('UPDATE environments SET settings = ? WHERE id = ?', JSON.stringify(settings), id)
  }

  /** Places one environment and renumbers the others around it. */
  move(row: EnvironmentRow, position: number): void {
    const others = this.of(row.serviceId).filter((other) => other.id !== row.id)
    others.splice(position, 0, row)
    for (const [index, other] of others.entries())
      this.db.run('UPDATE environments SET position = ? WHERE id = ?', index, other.id)
  }

  /** Once per change by a person: what If-Match is compared with. */
  bumpRevision(id: string): void {
    this.db.run('UPDATE environments SET revision = revision + 1 WHERE id = ?', id)
  }

  setLive(id: string, deploymentId: string | null): void {
    this.db.run('UPDATE environments SET live_deployment_id = ? WHERE id = ?', deploymentId, id)
  }

  setDeleting(id: string, deleting: boolean): void {
    this.db.run('UPDATE environments SET deleting = ? WHERE id = ?', deleting ? 1 : 0, id)
  }

  markDeleted(id: string, now: number): void {
    this.db.run(
      'UPDATE environments SET deleted_at = ?, deleting = 0, live_deployment_id = NULL WHERE id = ?',
      now,
      id,
    )
  }

  private requireFree(service: ServiceRow, name: string): void {
    if (this.find(service.name, name))
      throw new Fault('conflict', `The service "${service.name}" has an environment "${name}" already.`, {
        hint: 'Choose another name.',
        errors: [{ field: 'name', message: 'is taken' }],
      })
  }
}

const parsed = (row: Raw): EnvironmentRow => ({
  ...row,
  settings: { ...DEFAULT_SETTINGS, ...fromJson<Partial<EnvironmentSettings>>(row.settings) },
  deleting: row.deleting === 1,
})

/** What may not be read is told in the same words as what is not there. */
export const noEnvironment = ({ service, environment }: { service: string; environment: string }): Fault =>
  new Fault('not_found', `The service "${service}" has no environment "${shown(environment, 60)}".`, {
    hint: 'List its environments to see their names, or create it.',
  })
