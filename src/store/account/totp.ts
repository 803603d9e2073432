import type { Database } from '../database.ts'

export interface TotpRow {
  /** Sealed. */
  secret: string
  confirmed: 0 | 1
}

/** The secret that an authenticator app shares with a user. It counts when it was confirmed by a first code. */
export class TotpSecrets {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  find(userId: string): TotpRow | null {
    return this.db.get(
      `SELECT totp_secret AS secret, totp_confirmed AS confirmed FROM users
       WHERE id = ? AND totp_secret IS NOT NULL AND deleted_at IS NULL`,
      userId,
    )
  }

  /** A new secret that doesn't count yet, in place of an earlier one that never did. */
  propose(userId: string, sealed: string): void {
    this.db.run(
      'UPDATE users SET totp_secret = ?, totp_last_step = NULL WHERE id = ? AND totp_confirmed = 0',
      sealed,
      userId,
    )
  }

  confirm(userId: string, step: number): void {
    this.db.run(
      'UPDATE users SET totp_confirmed = 1, totp_last_step = ?, revision = revision + 1 WHERE id = ?',
      step,
      userId,
    )
  }

  /** False when the code of this step, or of a later one, was accepted before: none opens twice (RFC 6238 §5.2). */
  accept(userId: string, step: number): boolean {
    const accepted = this.db.run(
      `UPDATE users SET totp_last_step = ? WHERE id = ? AND totp_confirmed = 1
       AND (totp_last_step IS NULL OR totp_last_step < ?)`,
      step,
      userId,
      step,
    )
    return accepted === 1
  }

  /** Whether there was one that counted. */
  remove(userId: string): boolean {
    const counted = this.find(userId)?.confirmed === 1
    this.db.run(
      `UPDATE users SET totp_secret = NULL, totp_confirmed = 0, totp_last_step = NULL, revision = revision + 1
       WHERE id = ? AND totp_secret IS NOT NULL`,
      userId,
    )
    return counted
  }
}
