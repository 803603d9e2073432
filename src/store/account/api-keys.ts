import { randomId } from '../../base/secrets.ts'
import { isPermission, type Permission, type Scope } from '../../domain/access.ts'
import { type Database, fromJson } from '../database.ts'
import type { PageOf } from '../services.ts'

export interface ApiKeyRow {
  number: number
  id: string
  userId: string
  name: string
  prefix: string
  /** Null: all that the owner may. */
  permissions: Permission[] | null
  scopes: Scope[] | null
  /** CIDR blocks; null: from anywhere. */
  addresses: string[] | null
  expiresAt: number | null
  lastUsedAt: number | null
  lastUsedFrom: string | null
  replacedBy: string | null
  revision: number
  createdAt: number
  revokedAt: number | null
}

export interface NewApiKey {
  userId: string
  name: string
  prefix: string
  keyHash: string
  permissions: readonly Permission[] | null
  scopes: readonly Scope[] | null
  addresses: readonly string[] | null
  expiresAt: number | null
  now: number
}

type Raw = Omit<ApiKeyRow, 'permissions' | 'scopes' | 'addresses'> & {
  permissions: string | null
  scopes: string | null
  addresses: string | null
}
const SELECT = `SELECT number, id, user_id AS userId, name, prefix, permissions, scopes, addresses, expires_at AS expiresAt,
  last_used_at AS lastUsedAt, last_used_from AS lastUsedFrom, replaced_by AS replacedBy, revision,
  created_at AS createdAt, revoked_at AS revokedAt FROM api_keys`

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** Keys of persons and machines. A revoked one stays for the audit and opens nothing. */
export class ApiKeys {
  private readonly db: Database
  private readonly changed: () => void

  /** `changed` is called after each change of what somebody may do. */
  constructor(db: Database, changed: () => void) {
    this.db = db
    this.changed = changed
  }

  create(given: NewApiKey): ApiKeyRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO api_keys (id, user_id, name, prefix, key_hash, permissions, scopes, addresses, expires_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      given.userId,
      given.name,
      given.prefix,
      given.keyHash,
      json(given.permissions),
      json(given.scopes),
      json(given.addresses),
      given.expiresAt,
      given.now,
    )
    const row = this.find(id)
    if (!row) throw new Error(`API key ${id} is gone from the database`)
    return row
  }

  find(id: string): ApiKeyRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ?`, id)
    return row && parsed(row)
  }

  byHash(keyHash: string): ApiKeyRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE key_hash = ?`, keyHash)
    return row && parsed(row)
  }

  used(id: string, given: { now: number; from: string }): void {
    this.db.run(
      'UPDATE api_keys SET last_used_at = ?, last_used_from = ? WHERE id = ?',
      given.now,
      given.from,
      id,
    )
  }

  /** In the order of creation; of one user, or of all. */
  list({ limit, after }: PageOf, userId: string | null = null): ApiKeyRow[] {
    const where = userId === null ? '' : 'user_id = ? AND '
    return this.db
      .all<Raw>(
        `${SELECT} WHERE ${where}revoked_at IS NULL AND number > ? ORDER BY number LIMIT ?`,
        ...(userId === null ? [] : [userId]),
        after ?? 0,
        limit,
      )
      .map(parsed)
  }

  change(id: string, given: Pick<ApiKeyRow, 'name' | 'addresses' | 'expiresAt'>): void {
    this.changed()
    this.db.run(
      'UPDATE api_keys SET name = ?, addresses = ?, expires_at = ?, revision = revision + 1 WHERE id = ?',
      given.name,
      json(given.addresses),
      given.expiresAt,
      id,
    )
  }

  /** Another key takes over; this one ends soon. */
  replace(id: string, given: { by: string; expiresAt: number }): void {
    this.changed()
    this.db.run(
      'UPDATE api_keys SET replaced_by = ?, expires_at = ?, revision = revision + 1 WHERE id = ?',
      given.by,
      given.expiresAt,
      id,
    )
  }

  /** Those of a user. */
  revokeAll(userId: string, now: number): number {
    this.changed()
    return this.db.run(
      'UPDATE api_keys SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL',
      now,
      userId,
    )
  }

  revoke(id: string, now: number): void {
    this.changed()
    this.db.run('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', now, id)
  }
}

const parsed = (row: Raw): ApiKeyRow => ({
  ...row,
  // A word that this version no longer knows allows nothing.
  permissions: row.permissions === null ? null : fromJson<string[]>(row.permissions).filter(isPermission),
  scopes: row.scopes === null ? null : fromJson<Scope[]>(row.scopes),
  addresses: row.addresses === null ? null : fromJson<string[]>(row.addresses),
})
