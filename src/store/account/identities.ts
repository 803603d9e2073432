import { Fault } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import type { Database } from '../database.ts'

export interface IdentityRow {
  id: string
  userId: string
  issuer: string
  subject: string
  /** What the provider calls the person, for showing only. */
  label: string
  createdAt: number
  lastUsedAt: number | null
}

const SELECT = `SELECT id, user_id AS userId, issuer, subject, label, created_at AS createdAt,
  last_used_at AS lastUsedAt FROM identities`

/** Who a user is elsewhere: by issuer and subject, which never change hands, and never by e-mail. */
export class Identities {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  of(userId: string): IdentityRow[] {
    return this.db.all(`${SELECT} WHERE user_id = ? ORDER BY created_at, id`, userId)
  }

  find(userId: string, id: string): IdentityRow | null {
    return this.db.get(`${SELECT} WHERE user_id = ? AND id = ?`, userId, id)
  }

  at(issuer: string, subject: string): IdentityRow | null {
    return this.db.get(`${SELECT} WHERE issuer = ? AND subject = ?`, issuer, subject)
  }

  /** Throws `conflict` when it is linked already. */
  add(given: Omit<IdentityRow, 'id' | 'lastUsedAt'>): IdentityRow {
    const known = this.at(given.issuer, given.subject)
    if (known)
      throw new Fault('conflict', 'This identity is linked to an account already.', {
        hint:
          known.userId === given.userId
            ? 'It is your own: you can sign in with it.'
            : 'Sign in with it to see which account that is, and unlink it there first.',
      })
    const id = randomId()
    this.db.run(
      `INSERT INTO identities (id, user_id, issuer, subject, label, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
      id,
      given.userId,
      given.issuer,
      given.subject,
      given.label,
      given.createdAt,
    )
    return { id, ...given, lastUsedAt: null }
  }

  used(id: string, now: number): void {
    this.db.run('UPDATE identities SET last_used_at = ? WHERE id = ?', now, id)
  }

  remove(id: string): void {
    this.db.run('DELETE FROM identities WHERE id = ?', id)
  }

  removeAll(userId: string): number {
    return this.db.run('DELETE FROM identities WHERE user_id = ?', userId)
  }
}
