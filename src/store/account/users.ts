import { Fault } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import type { Database } from '../database.ts'
import type { PageOf } from '../services.ts'

export interface UserRow {
  number: number
  id: string
  kind: 'person' | 'machine'
  login: string
  name: string
  disabled: 0 | 1
  passwordHash: string | null
  passwordChangedAt: number | null
  revision: number
  createdAt: number
}

export interface NewUser {
  kind: UserRow['kind']
  login: string
  name: string
  passwordHash: string | null
  now: number
}

/** How a user signs in, and when he last did. */
export interface SignInFacts {
  hasPassword: 0 | 1
  hasTotp: 0 | 1
  passkeys: number
  /** Those that still work. */
  recoveryCodes: number
  identities: number
  /** Of a session or an API key. */
  lastSeenAt: number | null
}

const SELECT = `SELECT number, id, kind, login, name, disabled, password_hash AS passwordHash,
  password_changed_at AS passwordChangedAt, revision, created_at AS createdAt FROM users`

export class Users {
  private readonly db: Database
  private readonly changed: () => void

  /** `changed` is called after each change of what somebody may do. */
  constructor(db: Database, changed: () => void) {
    this.db = db
    this.changed = changed
  }

  /** In the order of creation. */
  list({ limit, after }: PageOf): UserRow[] {
    return this.db.all(
      `${SELECT} WHERE deleted_at IS NULL AND number > ? ORDER BY number LIMIT ?`,
      after ?? 0,
      limit,
    )
  }

  find(id: string): UserRow | null {
    return this.db.get(`${SELECT} WHERE id = ? AND deleted_at IS NULL`, id)
  }

  /** By its canonical login. */
  named(login: string): UserRow | null {
    return this.db.get(`${SELECT} WHERE login = ? AND deleted_at IS NULL`, login)
  }

  /** Of each of them, by one query. */
  signInFacts(ids: readonly string[]): Map<string, SignInFacts> {
    const rows = this.db.all<SignInFacts & { id: string }>(
      `SELECT u.id, u.password_hash IS NOT NULL AS hasPassword, u.totp_confirmed AS hasTotp,
         (SELECT count(*) FROM passkeys WHERE user_id = u.id) AS passkeys,
         (SELECT count(*) FROM recovery_codes WHERE user_id = u.id AND used_at IS NULL) AS recoveryCodes,
         (SELECT count(*) FROM identities WHERE user_id = u.id) AS identities,
         (SELECT max(at) FROM (
            SELECT max(seen_at) AS at FROM sessions WHERE user_id = u.id
            UNION ALL SELECT max(seen_at) FROM known_addresses WHERE user_id = u.id
            UNION ALL SELECT max(last_used_at) FROM api_keys WHERE user_id = u.id)) AS lastSeenAt
       FROM users u WHERE u.id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    )
    return new Map(rows.map(({ id, ...facts }) => [id, facts]))
  }

  /** Throws `conflict` when the login is taken. */
  create({ kind, login, name, passwordHash, now }: NewUser): UserRow {
    if (this.named(login))
      throw new Fault('conflict', `A user "${login}" exists already.`, {
        hint: 'Give the existing user another role, or choose another login.',
        errors: [{ field: 'login', message: 'is taken' }],
      })
    const id = randomId()
    this.db.run(
      `INSERT INTO users (id, kind, login, name, password_hash, password_changed_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      kind,
      login,
      name,
      passwordHash,
      passwordHash === null ? null : now,
      now,
    )
    const row = this.find(id)
    if (!row) throw new Error(`user ${id} is gone from the database`)
    return row
  }

  rename(id: string, name: string): void {
    this.db.run('UPDATE users SET name = ?, revision = revision + 1 WHERE id = ?', name, id)
  }

  setDisabled(id: string, disabled: boolean): void {
    this.changed()
    this.db.run('UPDATE users SET disabled = ?, revision = revision + 1 WHERE id = ?', disabled ? 1 : 0, id)
  }

  setPassword(id: string, hash: string, now: number): void {
    this.db.run(
      'UPDATE users SET password_hash = ?, password_changed_at = ?, revision = revision + 1 WHERE id = ?',
      hash,
      now,
      id,
    )
  }

  /** The same password with a newer cost: nothing that anybody would notice. */
  rehash(id: string, hash: string): void {
    this.db.run('UPDATE users SET password_hash = ? WHERE id = ?', hash, id)
  }

  bumpRevision(id: string): void {
    this.db.run('UPDATE users SET revision = revision + 1 WHERE id = ?', id)
  }

  /** The row stays for history; whatever opens a door is gone. */
  markDeleted(id: string, now: number): void {
    this.changed()
    this.db.run(
      'UPDATE users SET deleted_at = ?, password_hash = NULL, totp_secret = NULL, totp_confirmed = 0 WHERE id = ?',
      now,
      id,
    )
  }
}
