import { Fault } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import { type Database, fromJson } from '../database.ts'

export interface PasskeyRow {
  id: string
  userId: string
  name: string
  /** base64url, as the browser knows it. */
  credentialId: string
  /** COSE, base64url. */
  publicKey: string
  /** How often the authenticator says that it has signed; 0 for ever when it doesn't count. */
  counter: number
  transports: string[]
  /** Whether it is kept in a cloud or a password manager, and so outlives its device. */
  backedUp: boolean
  createdAt: number
  lastUsedAt: number | null
}

export type NewPasskey = Omit<PasskeyRow, 'id' | 'lastUsedAt'>

type Raw = Omit<PasskeyRow, 'transports' | 'backedUp'> & { transports: string; backedUp: 0 | 1 }
const SELECT = `SELECT id, user_id AS userId, name, credential_id AS credentialId, public_key AS publicKey, counter,
  transports, backed_up AS backedUp, created_at AS createdAt, last_used_at AS lastUsedAt FROM passkeys`

export class Passkeys {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** The oldest first. A user has few. */
  of(userId: string): PasskeyRow[] {
    return this.db.all<Raw>(`${SELECT} WHERE user_id = ? ORDER BY created_at, id`, userId).map(parsed)
  }

  find(userId: string, id: string): PasskeyRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE user_id = ? AND id = ?`, userId, id)
    return row && parsed(row)
  }

  byCredential(credentialId: string): PasskeyRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE credential_id = ?`, credentialId)
    return row && parsed(row)
  }

  /** Throws `conflict` when somebody has registered the credential already. */
  add(given: NewPasskey): PasskeyRow {
    if (this.byCredential(given.credentialId))
      throw new Fault('conflict', 'This passkey is registered already.', {
        hint: 'Use it as it is, or choose another authenticator.',
      })
    const id = randomId()
    this.db.run(
      `INSERT INTO passkeys (id, user_id, name, credential_id, public_key, counter, transports, backed_up, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      given.userId,
      given.name,
      given.credentialId,
      given.publicKey,
      given.counter,
      JSON.stringify(given.transports),
      given.backedUp ? 1 : 0,
      given.createdAt,
    )
    return { id, ...given, lastUsedAt: null }
  }

  used(id: string, given: { counter: number; backedUp: boolean; now: number }): void {
    this.db.run(
      'UPDATE passkeys SET counter = ?, backed_up = ?, last_used_at = ? WHERE id = ?',
      given.counter,
      given.backedUp ? 1 : 0,
      given.now,
      id,
    )
  }

  rename(id: string, name: string): void {
    this.db.run('UPDATE passkeys SET name = ? WHERE id = ?', name, id)
  }

  remove(id: string): void {
    this.db.run('DELETE FROM passkeys WHERE id = ?', id)
  }

  removeAll(userId: string): number {
    return this.db.run('DELETE FROM passkeys WHERE user_id = ?', userId)
  }
}

const parsed = (row: Raw): PasskeyRow => ({
  ...row,
  transports: fromJson<string[]>(row.transports),
  backedUp: row.backedUp === 1,
})
