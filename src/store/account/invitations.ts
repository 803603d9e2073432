import { randomId } from '../../base/secrets.ts'
import type { Scope } from '../../domain/access.ts'
import type { Actor } from '../../domain/operation.ts'
import { type Database, fromJson } from '../database.ts'
import type { PageOf } from '../services.ts'

export interface InvitationRow extends Scope {
  number: number
  id: string
  login: string
  role: string
  serviceName: string | null
  environmentName: string | null
  /** Without the address: whose rights are asked for again when it is accepted. */
  invitedBy: Actor
  createdAt: number
  expiresAt: number
}

export interface NewInvitation {
  login: string
  role: string
  scope: Scope
  codeHash: string
  invitedBy: Actor
  now: number
  expiresAt: number
}

type Raw = Omit<InvitationRow, 'invitedBy'> & { invitedBy: string }

/** Those to places that have been deleted are void, and not shown. */
const SELECT = `SELECT i.number, i.id, i.login, i.role, i.service_id AS serviceId, i.environment_id AS environmentId,
  s.name AS serviceName, e.name AS environmentName, i.invited_by AS invitedBy, i.created_at AS createdAt,
  i.expires_at AS expiresAt
  FROM invitations i LEFT JOIN services s ON s.id = i.service_id LEFT JOIN environments e ON e.id = i.environment_id
  WHERE s.deleted_at IS NULL AND e.deleted_at IS NULL`

/** Links by which persons make accounts of their own. An accepted one has no row. */
export class Invitations {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** In the order of creation. */
  list({ limit, after }: PageOf, now: number): InvitationRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} AND i.expires_at > ? AND i.number > ? ORDER BY i.number LIMIT ?`,
        now,
        after ?? 0,
        limit,
      )
      .map(parsed)
  }

  find(id: string, now: number): InvitationRow | null {
    const row = this.db.get<Raw>(`${SELECT} AND i.id = ? AND i.expires_at > ?`, id, now)
    return row && parsed(row)
  }

  byCode(codeHash: string, now: number): InvitationRow | null {
    const row = this.db.get<Raw>(`${SELECT} AND i.code_hash = ? AND i.expires_at > ?`, codeHash, now)
    return row && parsed(row)
  }

  of(login: string, now: number): InvitationRow | null {
    const row = this.db.get<Raw>(`${SELECT} AND i.login = ? AND i.expires_at > ?`, login, now)
    return row && parsed(row)
  }

  /** In place of an earlier one of the same login, whose code opens nothing from then on. */
  put(given: NewInvitation): InvitationRow {
    const id = randomId()
    const { serviceId, environmentId } = given.scope
    this.db.run('DELETE FROM invitations WHERE login = ? OR expires_at <= ?', given.login, given.now)
    this.db.run(
      `INSERT INTO invitations (id, login, role, service_id, environment_id, code_hash, invited_by, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      given.login,
      given.role,
      serviceId,
      environmentId,
      given.codeHash,
      JSON.stringify(given.invitedBy),
      given.now,
      given.expiresAt,
    )
    const row = this.find(id, given.now)
    if (!row) throw new Error(`invitation ${id} is gone from the database`)
    return row
  }

  remove(id: string): void {
    this.db.run('DELETE FROM invitations WHERE id = ?', id)
  }
}

const parsed = (row: Raw): InvitationRow => ({ ...row, invitedBy: fromJson<Actor>(row.invitedBy) })
