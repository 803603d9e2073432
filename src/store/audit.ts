import type { Actor } from '../domain/operation.ts'
import { CHAINED_COLUMNS, type ChainedRow } from './chain.ts'
import { type Database, fromJson } from './database.ts'
import type { EventRow } from './events.ts'

export interface AuditRow extends EventRow {
  hash: string
}

export interface AuditFilter {
  /** Part of a login, or an id of a user or key. */
  actor?: string | undefined
  /** The beginning of a kind, such as `user.` or `refused`. */
  kind?: string | undefined
  service?: string | undefined
  environment?: string | undefined
  /** Milliseconds: not before, and before. */
  from?: number | undefined
  to?: number | undefined
  /** Text anywhere in the row, whatever its case. */
  text?: string | undefined
}

export interface RefusalCount {
  minute: number
  source: string
  count: number
}

type Raw = ChainedRow & { hash: string | null }
const SELECT = `SELECT ${CHAINED_COLUMNS}, h.hash FROM events LEFT JOIN event_hashes h ON h.number = events.number`
const READ_AT_ONCE_ROWS = 500

/** The events as the audit reads them: whole, refusals too. */
export class Audit {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /**
   * Newest first, those before a number. Looks through `most` rows at most, so that no search holds up everybody else;
   * `next` is where the rest begins, null at the end.
   */
  search(
    filter: AuditFilter,
    place: { before: number | null; limit: number; most: number },
  ): { rows: AuditRow[]; next: number | null } {
    const found: AuditRow[] = []
    const oldest = this.firstSince(filter.from)
    let before = Math.min(place.before ?? Number.MAX_SAFE_INTEGER, this.firstSince(filter.to, true))
    for (let looked = 0; looked < place.most; looked += READ_AT_ONCE_ROWS) {
      const batch = this.db.all<Raw>(
        `${SELECT} WHERE events.number < ? AND events.number >= ? ORDER BY events.number DESC LIMIT ?`,
        before,
        oldest,
        READ_AT_ONCE_ROWS,
      )
      for (const raw of batch) {
        before = raw.number
        if (!matches(raw, filter)) continue
        found.push(parsed(raw))
        if (found.length === place.limit) return { rows: found, next: before }
      }
      if (batch.length < READ_AT_ONCE_ROWS) return { rows: found, next: null }
    }
    return { rows: found, next: before }
  }

  count(source: string, given: { minute: number; count: number }): void {
    this.db.run(
      `INSERT INTO refusal_counts (minute, source, count) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      given.minute,
      source,
      given.count,
    )
  }

  /** Newest first. */
  counts(limit: number): RefusalCount[] {
    return this.db.all(
      'SELECT minute, source, count FROM refusal_counts ORDER BY minute DESC, source LIMIT ?',
      limit,
    )
  }

  sweepCounts(before: number): void {
    this.db.run('DELETE FROM refusal_counts WHERE minute < ?', before)
  }

  /** The number of the first event at or after a time. Times rise with numbers, but for a clock that was set back. */
  private firstSince(at: number | undefined, orNone = false): number {
    if (at === undefined) return orNone ? Number.MAX_SAFE_INTEGER : 0
    const row = this.db.get<{ number: number }>(
      'SELECT number FROM events WHERE at >= ? ORDER BY at, number LIMIT 1',
      at,
    )
    return row?.number ?? Number.MAX_SAFE_INTEGER
  }
}

function matches(row: Raw, { actor, kind, service, environment, text }: AuditFilter): boolean {
  if (kind !== undefined && !row.kind.startsWith(kind)) return false
  if (service !== undefined && row.service !== service) return false
  if (environment !== undefined && row.environment !== environment) return false
  if (actor !== undefined && !isBy(fromJson<Actor>(row.actor), actor)) return false
  if (text === undefined) return true
  const whole = [row.kind, row.actor, row.service, row.environment, row.operationId, row.data].join('\n')
  return whole.toLowerCase().includes(text.toLowerCase())
}

const isBy = ({ name, userId, keyId }: Actor, wanted: string): boolean =>
  userId === wanted || keyId === wanted || name.toLowerCase().includes(wanted.toLowerCase())

const parsed = (row: Raw): AuditRow => ({
  ...row,
  hash: row.hash ?? '',
  actor: fromJson<Actor>(row.actor),
  data: fromJson<Record<string, unknown>>(row.data),
})
