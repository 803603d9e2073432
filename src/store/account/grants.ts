import { Fault } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import type { Scope } from '../../domain/access.ts'
import type { Database } from '../database.ts'

export interface GrantRow extends Scope {
  id: string
  userId: string
  role: string
  serviceName: string | null
  environmentName: string | null
  createdAt: number
}

/** Grants at things that have been deleted are of no effect, and not shown. */
const SELECT = `SELECT g.id, g.user_id AS userId, g.role, g.service_id AS serviceId, g.environment_id AS environmentId,
  s.name AS serviceName, e.name AS environmentName, g.created_at AS createdAt
  FROM grants g LEFT JOIN services s ON s.id = g.service_id LEFT JOIN environments e ON e.id = g.environment_id`
const STANDS = 's.deleted_at IS NULL AND e.deleted_at IS NULL'

/** Roles of users at a scope. */
export class Grants {
  private readonly db: Database
  private readonly changed: () => void

  /** `changed` is called after each change of what somebody may do. */
  constructor(db: Database, changed: () => void) {
    this.db = db
    this.changed = changed
  }

  of(userId: string): GrantRow[] {
    return this.db.all(`${SELECT} WHERE g.user_id = ? AND ${STANDS} ORDER BY g.number`, userId)
  }

  /** Those of each of them, by one query; who has none is left out. */
  ofEach(userIds: readonly string[]): Map<string, GrantRow[]> {
    const rows = this.db.all<GrantRow>(
      `${SELECT} WHERE g.user_id IN (SELECT value FROM json_each(?)) AND ${STANDS} ORDER BY g.number`,
      JSON.stringify(userIds),
    )
    return Map.groupBy(rows, (row) => row.userId)
  }

  find(userId: string, id: string): GrantRow | null {
    return this.db.get(`${SELECT} WHERE g.id = ? AND g.user_id = ? AND ${STANDS}`, id, userId)
  }

  /** Throws `conflict` when the user has it already. */
  add(userId: string, given: { role: string; scope: Scope; now: number }): GrantRow {
    this.changed()
    const id = randomId()
    const { serviceId, environmentId } = given.scope
    const added = this.db.run(
      `INSERT INTO grants (id, user_id, role, service_id, environment_id, created_at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      id,
      userId,
      given.role,
      serviceId,
      environmentId,
      given.now,
    )
    const row = this.find(userId, id)
    if (added === 0 || !row)
      throw new Fault('conflict', `The user has the role "${given.role}" there already.`, {
        hint: 'Nothing has to be done.',
      })
    return row
  }

  remove(id: string): void {
    this.changed()
    this.db.run('DELETE FROM grants WHERE id = ?', id)
  }

  removeAll(userId: string): void {
    this.changed()
    this.db.run('DELETE FROM grants WHERE user_id = ?', userId)
  }

  /** How many users hold a role anywhere. */
  holders(role: string): number {
    return (
      this.db.get<{ count: number }>(
        `SELECT count(DISTINCT g.user_id) AS count FROM grants g LEFT JOIN services s ON s.id = g.service_id
         LEFT JOIN environments e ON e.id = g.environment_id WHERE g.role = ? AND ${STANDS}`,
        role,
      )?.count ?? 0
    )
  }

  /** Persons who are owners of the whole instance and may sign in. */
  owners(): string[] {
    return this.db
      .all<{ id: string }>(
        `SELECT u.id FROM grants g JOIN users u ON u.id = g.user_id
         WHERE g.role = 'owner' AND g.service_id IS NULL AND u.kind = 'person' AND u.disabled = 0
         AND u.deleted_at IS NULL`,
      )
      .map((row) => row.id)
  }

  /** Whether there ever was an owner: from then on nobody is let in without an account. */
  isClaimed(): boolean {
    return (
      this.db.get("SELECT 1 AS one FROM grants WHERE role = 'owner' AND service_id IS NULL LIMIT 1") !== null
    )
  }
}
