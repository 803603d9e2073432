import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { Database } from './database.ts'

export interface IdempotencyKey {
  actor: string
  route: string
  key: string
}

/** Remembers for 24 hours what was answered to a request with an Idempotency-Key. */
export class Idempotency {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /**
   * Claims a key: null when it is new, the remembered answer when it is a replay.
   * Throws `conflict` while the first request is still under way.
   */
  claim(given: IdempotencyKey, now: number): string | null {
    return this.db.tx(() => {
      this.db.run('DELETE FROM idempotency WHERE created_at <= ?', now - LIMITS.http.idempotencyMs)
      const row = this.db.get<{ answer: string | null }>(
        'SELECT answer FROM idempotency WHERE actor = ? AND route = ? AND key = ?',
        given.actor,
        given.route,
        given.key,
      )
      if (row?.answer) return row.answer
      if (row)
        throw new Fault('conflict', 'A request with this Idempotency-Key is still under way.', {
          hint: 'Wait for the first one to end, then send this one again.',
        })
      this.db.run(
        'INSERT INTO idempotency (actor, route, key, created_at) VALUES (?, ?, ?, ?)',
        given.actor,
        given.route,
        given.key,
        now,
      )
      return null
    })
  }

  answer(given: IdempotencyKey, answer: string): void {
    this.db.run(
      'UPDATE idempotency SET answer = ? WHERE actor = ? AND route = ? AND key = ?',
      answer,
      given.actor,
      given.route,
      given.key,
    )
  }

  /** Gives an unanswered key back, so that the request can be sent again. */
  release(given: IdempotencyKey): void {
    this.db.run(
      'DELETE FROM idempotency WHERE actor = ? AND route = ? AND key = ? AND answer IS NULL',
      given.actor,
      given.route,
      given.key,
    )
  }

  /** At start no request is under way. */
  releaseAll(): void {
    this.db.run('DELETE FROM idempotency WHERE answer IS NULL')
  }
}
