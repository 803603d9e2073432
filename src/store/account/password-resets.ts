import type { Actor } from '../../domain/operation.ts'
import { type Database, fromJson } from '../database.ts'

export interface PasswordResetRow {
  userId: string
  /** Without the address: whose rights are asked for again when the link is used. */
  madeBy: Actor
  expiresAt: number
}

export interface NewPasswordReset {
  codeHash: string
  madeBy: Actor
  now: number
  expiresAt: number
}

/** Links by which a person chooses a new password: one for each at most, and none that was used. */
export class PasswordResets {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** In place of an earlier one, whose code opens nothing from then on. */
  put(userId: string, given: NewPasswordReset): void {
    this.remove(userId)
    this.db.run(
      'INSERT INTO password_resets (user_id, code_hash, made_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
      userId,
      given.codeHash,
      JSON.stringify(given.madeBy),
      given.now,
      given.expiresAt,
    )
  }

  byCode(codeHash: string, now: number): PasswordResetRow | null {
    const row = this.db.get<Omit<PasswordResetRow, 'madeBy'> & { madeBy: string }>(
      `SELECT user_id AS userId, made_by AS madeBy, expires_at AS expiresAt FROM password_resets
       WHERE code_hash = ? AND expires_at > ?`,
      codeHash,
      now,
    )
    return row && { ...row, madeBy: fromJson<Actor>(row.madeBy) }
  }

  remove(userId: string): void {
    this.db.run('DELETE FROM password_resets WHERE user_id = ?', userId)
  }
}
