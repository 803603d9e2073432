import type { Database } from '../database.ts'

/** One-time codes for the day on which the second factor is lost; only their SHA-256 is kept. */
export class RecoveryCodes {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** From now on these and no others. */
  replace(userId: string, hashes: readonly string[]): void {
    this.removeAll(userId)
    for (const hash of hashes)
      this.db.run('INSERT INTO recovery_codes (user_id, code_hash) VALUES (?, ?)', userId, hash)
  }

  /** False when there is no such code, or it was used before. */
  use(userId: string, hash: string, now: number): boolean {
    const used = this.db.run(
      'UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_hash = ? AND used_at IS NULL',
      now,
      userId,
      hash,
    )
    return used === 1
  }

  /** How many still work. */
  left(userId: string): number {
    return (
      this.db.get<{ count: number }>(
        'SELECT count(*) AS count FROM recovery_codes WHERE user_id = ? AND used_at IS NULL',
        userId,
      )?.count ?? 0
    )
  }

  removeAll(userId: string): number {
    return this.db.run('DELETE FROM recovery_codes WHERE user_id = ?', userId)
  }
}
