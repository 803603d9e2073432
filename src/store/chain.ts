/** A hash chain over the events: each row's hash covers the row and the hash before it, so no row can change alone. */
import { sha256Hex } from '../base/secrets.ts'
import type { Database } from './database.ts'

/** An event as it stands in its table, to the letter. */
export interface ChainedRow {
  number: number
  at: number
  kind: string
  actor: string
  serviceId: string | null
  service: string | null
  environmentId: string | null
  environment: string | null
  operationId: string | null
  data: string
}

export const CHAINED_COLUMNS = `events.number, at, kind, actor, service_id AS serviceId, service,
  environment_id AS environmentId, environment, operation_id AS operationId, data`

export interface Head {
  number: number
  hash: string
}

export interface Finding {
  number: number
  /** Null where nothing is left to tell it. */
  kind: string | null
  at: number | null
  problem: 'altered' | 'missing' | 'inserted' | 'cut-off'
}

const BEGINNING = '0'.repeat(64)
const AT_ONCE_ROWS = 1_000

/** A list in JSON has one reading only, whatever stands in its parts. */
export function hashOf(before: string, row: ChainedRow): string {
  const { number, at, kind, actor, serviceId, service, environmentId, environment, operationId, data } = row
  const place = [serviceId, service, environmentId, environment]
  return sha256Hex(JSON.stringify([before, number, at, kind, actor, ...place, operationId, data]))
}

export class Chain {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Null before the first event. */
  head(): Head | null {
    return this.db.get('SELECT number, hash FROM event_hashes ORDER BY number DESC LIMIT 1')
  }

  hashAt(number: number): string | null {
    return this.db.get<Head>('SELECT number, hash FROM event_hashes WHERE number = ?', number)?.hash ?? null
  }

  /** Call it in the transaction that appends the row. */
  append(row: ChainedRow): void {
    this.db.run(
      'INSERT INTO event_hashes (number, hash) VALUES (?, ?)',
      row.number,
      hashOf(this.head()?.hash ?? BEGINNING, row),
    )
  }

  /** Takes in what was written before there was a chain. */
  takeInOlder(): void {
    while (this.takeInSome() === AT_ONCE_ROWS);
  }

  private takeInSome(): number {
    return this.db.tx(() => {
      const rows = this.db.all<ChainedRow>(
        `SELECT ${CHAINED_COLUMNS} FROM events WHERE events.number > ? ORDER BY events.number LIMIT ?`,
        this.head()?.number ?? 0,
        AT_ONCE_ROWS,
      )
      for (const row of rows) this.append(row)
      return rows.length
    })
  }

  /**
   * Reads the whole chain, piece by piece so that others have their turn between two; answers what is wrong with it.
   * A row that was altered with its hash is found by the row after it; one that was the last, by a head that somebody
   * has noted.
   */
  *check(): Generator<Finding[], { checked: number }> {
    let before: Head = { number: 0, hash: BEGINNING }
    let checked = 0
    for (;;) {
      const rows = this.db.all<ChainedRow & { hash: string | null }>(
        `SELECT ${CHAINED_COLUMNS}, h.hash FROM events LEFT JOIN event_hashes h ON h.number = events.number
         WHERE events.number > ? ORDER BY events.number LIMIT ?`,
        before.number,
        AT_ONCE_ROWS,
      )
      const findings: Finding[] = []
      for (const row of rows) {
        findings.push(...this.missingBetween(before.number, row.number), ...this.judged(before, row))
        before = { number: row.number, hash: row.hash ?? hashOf(before.hash, row) }
      }
      checked += rows.length
      yield findings
      if (rows.length < AT_ONCE_ROWS) break
    }
    yield this.cutOff(before.number)
    return { checked }
  }

  private judged(before: Head, row: ChainedRow & { hash: string | null }): Finding[] {
    const { number, kind, at } = row
    if (row.hash === null) return [{ number, kind, at, problem: 'inserted' }]
    // What stands behind a gap can't be held against what stood in it: the gap is the finding.
    if (before.number !== number - 1) return []
    return row.hash === hashOf(before.hash, row) ? [] : [{ number, kind, at, problem: 'altered' }]
  }

  private missingBetween(after: number, next: number): Finding[] {
    const missing: Finding[] = []
    for (let number = after + 1; number < next && missing.length < AT_ONCE_ROWS; number++)
      missing.push({ number, kind: null, at: null, problem: 'missing' })
    return missing
  }

  /** SQLite remembers the largest number that it has given away. */
  private cutOff(last: number): Finding[] {
    const given =
      this.db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?.seq ?? 0
    return given > last ? [{ number: last + 1, kind: null, at: null, problem: 'cut-off' }] : []
  }
}
