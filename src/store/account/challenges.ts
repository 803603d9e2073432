import type { Database } from '../database.ts'

export interface ChallengeKey {
  kind: string
  /** The hash of what was asked: a challenge of WebAuthn, a state of OAuth. */
  id: string
  /** The hash of the secret of the session or browser that was asked. */
  holder: string
}

/** What somebody was asked to prove. Each is answered once, by who was asked, and in time; or never. */
export class Challenges {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** When more than `most` of a kind wait, the oldest give way: whoever floods one leaves the others alone. */
  put(key: ChallengeKey, given: { data: string; expiresAt: number; now: number; most: number }): void {
    this.db.run('DELETE FROM challenges WHERE expires_at <= ?', given.now)
    this.db.run(
      'INSERT OR REPLACE INTO challenges (id, kind, holder, data, expires_at) VALUES (?, ?, ?, ?, ?)',
      key.id,
      key.kind,
      key.holder,
      given.data,
      given.expiresAt,
    )
    const counted = this.db.get<{ count: number }>(
      'SELECT count(*) AS count FROM challenges WHERE kind = ?',
      key.kind,
    )
    this.db.run(
      `DELETE FROM challenges WHERE id IN
       (SELECT id FROM challenges WHERE kind = ? ORDER BY expires_at LIMIT max(0, ?))`,
      key.kind,
      (counted?.count ?? 0) - given.most,
    )
  }

  /** Its data, and it goes on waiting. */
  find({ kind, id, holder }: ChallengeKey, now: number): string | null {
    return (
      this.db.get<{ data: string }>(
        'SELECT data FROM challenges WHERE id = ? AND kind = ? AND holder = ? AND expires_at > ?',
        id,
        kind,
        holder,
        now,
      )?.data ?? null
    )
  }

  /** Its data, and it is gone; null when nobody waits for this answer from this holder. */
  take({ kind, id, holder }: ChallengeKey, now: number): string | null {
    const row = this.db.get<{ data: string; expiresAt: number }>(
      `DELETE FROM challenges WHERE id = ? AND kind = ? AND holder = ?
       RETURNING data, expires_at AS expiresAt`,
      id,
      kind,
      holder,
    )
    return row && now < row.expiresAt ? row.data : null
  }
}
