import { LIMITS } from '../../base/limits.ts'
import { randomId } from '../../base/secrets.ts'
import { type Database, fromJson } from '../database.ts'

export type SignInMethod =
  | 'password'
  | 'totp'
  | 'recovery-code'
  | 'passkey'
  | 'oidc'
  | 'set-up'
  | 'invitation'
  | 'reset'

export interface SessionRow {
  id: string
  userId: string
  createdAt: number
  seenAt: number
  expiresAt: number
  address: string
  userAgent: string
  methods: SignInMethod[]
}

export interface NewSession {
  userId: string
  tokenHash: string
  address: string
  userAgent: string
  methods: readonly SignInMethod[]
  now: number
  expiresAt: number
}

type Raw = Omit<SessionRow, 'methods'> & { methods: string }
const SELECT = `SELECT id, user_id AS userId, created_at AS createdAt, seen_at AS seenAt, expires_at AS expiresAt,
  address, user_agent AS userAgent, methods FROM sessions`

/** Sign-ins. An ended one has no row: nothing that refers to it opens a door any more. */
export class Sessions {
  private readonly db: Database
  private readonly changed: () => void

  /** `changed` is called after each change of what somebody may do. */
  constructor(db: Database, changed: () => void) {
    this.db = db
    this.changed = changed
  }

  create(given: NewSession): SessionRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO sessions (id, user_id, token_hash, created_at, seen_at, expires_at, address, user_agent, methods)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      given.userId,
      given.tokenHash,
      given.now,
      given.now,
      given.expiresAt,
      given.address,
      given.userAgent,
      JSON.stringify(given.methods),
    )
    const row = this.find(id)
    if (!row) throw new Error(`session ${id} is gone from the database`)
    return row
  }

  find(id: string): SessionRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ?`, id)
    return row && parsed(row)
  }

  byToken(tokenHash: string): SessionRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE token_hash = ?`, tokenHash)
    return row && parsed(row)
  }

  /** The last seen first. */
  of(userId: string): SessionRow[] {
    return this.db.all<Raw>(`${SELECT} WHERE user_id = ? ORDER BY seen_at DESC, id`, userId).map(parsed)
  }

  lastSeen(userId: string): number | null {
    return (
      this.db.get<{ at: number | null }>('SELECT max(seen_at) AS at FROM sessions WHERE user_id = ?', userId)
        ?.at ?? null
    )
  }

  seen(id: string, given: { now: number; address: string }): void {
    this.db.run('UPDATE sessions SET seen_at = ?, address = ? WHERE id = ?', given.now, given.address, id)
  }

  end(id: string): void {
    this.changed()
    this.db.run('DELETE FROM sessions WHERE id = ?', id)
  }

  /** Ends those of a user, but the one that is kept. Answers how many. */
  endAll(userId: string, keep: string | null = null): number {
    this.changed()
    return this.db.run('DELETE FROM sessions WHERE user_id = ? AND id IS NOT ?', userId, keep)
  }

  sweep(now: number, idleSince: number): void {
    this.db.run('DELETE FROM sessions WHERE expires_at <= ? OR seen_at <= ?', now, idleSince)
  }

  /** `source`: as `base/addresses.ts` counts them, a whole network where somebody has one. */
  isKnownSource(userId: string, source: string): boolean {
    return (
      this.db.get(
        'SELECT 1 AS one FROM known_addresses WHERE user_id = ? AND address = ?',
        userId,
        source,
      ) !== null
    )
  }

  forgetSources(userId: string): void {
    this.db.run('DELETE FROM known_addresses WHERE user_id = ?', userId)
  }

  rememberSource(userId: string, source: string, now: number): void {
    this.db.run(
      `INSERT INTO known_addresses (user_id, address, seen_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at`,
      userId,
      source,
      now,
    )
    this.db.run(
      `DELETE FROM known_addresses WHERE user_id = ?1 AND address NOT IN
       (SELECT address FROM known_addresses WHERE user_id = ?1 ORDER BY seen_at DESC, address LIMIT ?2)`,
      userId,
      LIMITS.account.knownSources,
    )
  }
}

const parsed = (row: Raw): SessionRow => ({ ...row, methods: fromJson<SignInMethod[]>(row.methods) })
