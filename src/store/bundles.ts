import type { Digest } from '../domain/bundle.ts'
import type { Database } from './database.ts'
import type { PageOf } from './services.ts'

export interface BundleRow {
  number: number
  digest: Digest
  createdAt: number
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
