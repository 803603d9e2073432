import type { Actor } from '../domain/operation.ts'
import { CHAINED_COLUMNS, type Chain, type ChainedRow } from './chain.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

export interface EventRow {
  number: number
  at: number
  kind: string
  actor: Actor
  serviceId: string | null
  service: string | null
  environmentId: string | null
  environment: string | null
  operationId: string | null
  data: Record<string, unknown>
}

export interface NewEvent {
  at: number
  /** `noun.what-happened`, such as `deployment.succeeded`. */
  kind: string
  actor: Actor
  service?: { id: string; name: string }
  environment?: { id: string; name: string }
  operationId?: string
  data?: Record<string, unknown>
}

/** A refusal: for the audit alone, and never delivered to anybody. */
export const REFUSED = 'refused'

/** The one append-only log: who did what to which thing, when. */
export class Events {
  private readonly db: Database
  private readonly chain: Chain
  private readonly appended: () => void

  constructor(db: Database, chain: Chain, appended: () => void) {
    this.db = db
    this.chain = chain
    this.appended = appended
  }

  append(event: NewEvent): void {
    this.db.tx(() => {
      const row = this.db.get<ChainedRow>(
        `INSERT INTO events (at, kind, actor, service_id, service, environment_id, environment, operation_id, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${CHAINED_COLUMNS}`,
        event.at,
        event.kind,
        JSON.stringify(event.actor),
        event.service?.id ?? null,
        event.service?.name ?? null,
        event.environment?.id ?? null,
        event.environment?.name ?? null,
        event.operationId ?? null,
        JSON.stringify(event.data ?? {}),
      )
      if (!row) throw new Error('SQLite has not told of the event that it took')
      this.chain.append(row)
      if (event.kind !== REFUSED) this.db.whenCommitted(this.appended)
    })
  }

  /** Oldest first, without refusals. */
  list({ limit, after }: PageOf): EventRow[] {
    return this.db
      .all<Omit<EventRow, 'actor' | 'data'> & { actor: string; data: string }>(
        `SELECT number, at, kind, actor, service_id AS serviceId, service, environment_id AS environmentId, environment,
         operation_id AS operationId, data
         FROM events WHERE number > ? AND kind <> '${REFUSED}' ORDER BY number LIMIT ?`,
        after ?? 0,
        limit,
      )
      .map((row) => ({
        ...row,
        actor: fromJson<Actor>(row.actor),
        data: fromJson<Record<string, unknown>>(row.data),
      }))
  }

  /** Operations to which something happened after this event. */
  operationsSince(number: number): string[] {
    return this.db
      .all<{ id: string }>(
        'SELECT DISTINCT operation_id AS id FROM events WHERE number > ? AND operation_id IS NOT NULL',
        number,
      )
      .map((row) => row.id)
  }

  /** The number of the newest event, 0 when there is none. */
  newest(): number {
    return this.db.get<{ number: number | null }>('SELECT max(number) AS number FROM events')?.number ?? 0
  }
}
