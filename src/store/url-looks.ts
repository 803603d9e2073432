/** URLs as a look for drift reads them, each minute, however many there are. */
import type { RecordSet } from '../ports/dns.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'
import { parsedUrl, type RawUrl, SELECT_URL, type UrlRow } from './url-row.ts'

/** A name, whose it is, and whether it has a site. */
export type UrlPlace = Pick<UrlRow, 'id' | 'hostname' | 'serviceId' | 'environmentId' | 'site'>

export class UrlLooks {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** All names, whatever their state. */
  places(): UrlPlace[] {
    return this.db.all(
      `SELECT u.id, u.hostname, u.environment_id AS environmentId, e.service_id AS serviceId, u.site
       FROM urls u LEFT JOIN environments e ON e.id = u.environment_id WHERE u.deleted_at IS NULL ORDER BY u.number`,
    )
  }

  /** A page of those whose records a provider has made, and which stand. */
  withRecords({ limit, after }: PageOf): UrlRow[] {
    return this.db
      .all<RawUrl>(
        `${SELECT_URL} WHERE u.deleted_at IS NULL AND u.provider_id IS NOT NULL AND u.state = 'attached'
         AND u.dns_state IN ('pending', 'answered') AND u.number > ? ORDER BY u.number LIMIT ?`,
        after ?? 0,
        limit,
      )
      .map(parsedUrl)
  }

  /** What was made in a zone for each name, also of those that come or go. */
  recordsIn(zone: string): RecordSet[][] {
    return this.db
      .all<{ records: string }>(
        `SELECT records FROM urls WHERE deleted_at IS NULL AND zone IS NOT NULL AND zone ->> 'name' = ?`,
        zone,
      )
      .map(({ records }) => fromJson<RecordSet[]>(records))
  }
}
