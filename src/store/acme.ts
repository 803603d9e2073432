/** Accounts at CAs, by the address of their directory, and the orders that were placed there. */
import type { Database } from './database.ts'

export interface AcmeAccountRow {
  directoryUrl: string
  /** Sealed; null: lost with the key of the instance. */
  key: string | null
  /** Null: not opened yet. */
  url: string | null
  /** The email address that it was told; null: none. */
  contact: string | null
  /** The CA wants to be left alone until then. */
  blockedUntil: number | null
}

export class AcmeAccounts {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  find(directoryUrl: string): AcmeAccountRow | null {
    return this.db.get<AcmeAccountRow>(
      `SELECT directory_url AS directoryUrl, key, url, contact, blocked_until AS blockedUntil FROM acme_accounts
       WHERE directory_url = ?`,
      directoryUrl,
    )
  }

  /** With a key of its own, sealed for the place of this row; one that has lost it gets this one, and is opened anew. */
  create({ directoryUrl, key, now }: { directoryUrl: string; key: string; now: number }): void {
    this.db.run(
      `INSERT INTO acme_accounts (directory_url, key, created_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET key = excluded.key, url = NULL`,
      directoryUrl,
      key,
      now,
    )
  }

  setOpened(directoryUrl: string, { url, contact }: { url: string; contact: string | null }): void {
    this.db.run(
      'UPDATE acme_accounts SET url = ?, contact = ? WHERE directory_url = ?',
      url,
      contact,
      directoryUrl,
    )
  }

  /** The CA knows it no more: it is opened anew, by the same key. */
  forget(directoryUrl: string): void {
    this.db.run('UPDATE acme_accounts SET url = NULL WHERE directory_url = ?', directoryUrl)
  }

  setBlocked(directoryUrl: string, until: number | null): void {
    this.db.run('UPDATE acme_accounts SET blocked_until = ? WHERE directory_url = ?', until, directoryUrl)
  }
}

export interface AcmeOrderRow {
  certificateId: string
  directoryUrl: string
  operationId: string
  /** Null: the CA has not answered yet. */
  url: string | null
  orderedAt: number
  /** Null: under way. */
  endedAt: number | null
}

const SELECT = `SELECT certificate_id AS certificateId, directory_url AS directoryUrl, operation_id AS operationId, url,
  ordered_at AS orderedAt, ended_at AS endedAt FROM acme_orders`

/** One row an order: what the issuance budget counts. */
export class AcmeOrders {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  find(certificateId: string): AcmeOrderRow | null {
    return this.db.get<AcmeOrderRow>(`${SELECT} WHERE certificate_id = ?`, certificateId)
  }

  /** Orders at a CA since a moment, oldest first. */
  since(directoryUrl: string, from: number): AcmeOrderRow[] {
    return this.db.all<AcmeOrderRow>(
      `${SELECT} WHERE directory_url = ? AND ordered_at >= ? ORDER BY ordered_at, number`,
      directoryUrl,
      from,
    )
  }

  /** How many are under way at a CA. */
  open(directoryUrl: string): number {
    const sql = 'SELECT count(*) AS count FROM acme_orders WHERE directory_url = ? AND ended_at IS NULL'
    return this.db.get<{ count: number }>(sql, directoryUrl)?.count ?? 0
  }

  create(
    given: Pick<AcmeOrderRow, 'certificateId' | 'directoryUrl' | 'operationId'> & { now: number },
  ): void {
    this.db.run(
      'INSERT INTO acme_orders (certificate_id, directory_url, operation_id, ordered_at) VALUES (?, ?, ?, ?)',
      given.certificateId,
      given.directoryUrl,
      given.operationId,
      given.now,
    )
  }

  setUrl(certificateId: string, url: string | null): void {
    this.db.run('UPDATE acme_orders SET url = ? WHERE certificate_id = ?', url, certificateId)
  }

  /** Those of an operation are over, whatever became of them. */
  end(operationId: string, now: number): void {
    this.db.run(
      'UPDATE acme_orders SET ended_at = ? WHERE operation_id = ? AND ended_at IS NULL',
      now,
      operationId,
    )
  }

  /** Those from before count no more. */
  forget(before: number): void {
    this.db.run('DELETE FROM acme_orders WHERE ordered_at < ? AND ended_at IS NOT NULL', before)
  }
}
