import { Fault } from '../base/fault.ts'
import type { Digest } from '../domain/bundle.ts'
import type { Actor } from '../domain/operation.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

export interface BundleRow {
  number: number
  digest: Digest
  createdAt: number
}

/** What stays of a bundle whose bytes were erased. */
export interface Tombstone {
  digest: Digest
  at: number
  actor: Actor
  reason: string | null
}

/** Which service may use which bundle. A digest known to one service opens nothing in another. */
export class BundleRows {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Answers whether the service has not had it before. */
  add(serviceId: string, digest: Digest, now: number): boolean {
    const added = this.db.run(
      'INSERT INTO bundles (service_id, digest, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      serviceId,
      digest,
      now,
    )
    if (added > 0)
      this.db.run('DELETE FROM erased_bundles WHERE service_id = ? AND digest = ?', serviceId, digest)
    return added > 0
  }

  find(serviceId: string, digest: Digest): BundleRow | null {
    return this.db.get(
      'SELECT number, digest, created_at AS createdAt FROM bundles WHERE service_id = ? AND digest = ?',
      serviceId,
      digest,
    )
  }

  /** Newest first. */
  list(serviceId: string, { limit, after }: PageOf): BundleRow[] {
    return this.db.all(
      'SELECT number, digest, created_at AS createdAt FROM bundles WHERE service_id = ? AND number < ? ORDER BY number DESC LIMIT ?',
      serviceId,
      after ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
  }

  /**
   * The service has it no longer, nor has a deleted one, which nobody could erase it from; that it had stays known until
   * it is sent again. Throws `not_found`.
   */
  erase(serviceId: string, tombstone: Tombstone): void {
    const { digest, at, actor, reason } = tombstone
    const gone = this.db.run('DELETE FROM bundles WHERE service_id = ? AND digest = ?', serviceId, digest)
    if (gone === 0) throw new Fault('not_found', `There is no bundle ${digest.slice(0, 12)}… any more.`)
    this.db.run(
      'DELETE FROM bundles WHERE digest = ? AND service_id IN (SELECT id FROM services WHERE deleted_at IS NOT NULL)',
      digest,
    )
    this.db.run(
      `INSERT INTO erased_bundles (service_id, digest, at, actor, reason) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, actor = excluded.actor, reason = excluded.reason`,
      serviceId,
      digest,
      at,
      JSON.stringify(actor),
      reason,
    )
  }

  /** Who erased it, and when; null: nobody has. */
  erased(serviceId: string, digest: Digest): Tombstone | null {
    const row = this.db.get<Omit<Tombstone, 'actor'> & { actor: string }>(
      'SELECT digest, at, actor, reason FROM erased_bundles WHERE service_id = ? AND digest = ?',
      serviceId,
      digest,
    )
    return row && { ...row, actor: fromJson(row.actor) }
  }

  isKnown(digest: Digest): boolean {
    return this.db.get('SELECT 1 AS one FROM bundles WHERE digest = ? LIMIT 1', digest) !== null
  }

  /** Every digest that any service refers to, for a backup. */
  digests(): Digest[] {
    return this.db
      .all<{ digest: Digest }>('SELECT DISTINCT digest FROM bundles ORDER BY digest')
      .map((row) => row.digest)
  }
}
