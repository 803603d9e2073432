import { LIMITS } from '../base/limits.ts'
import { masked } from '../base/secrets.ts'
import type { Database } from './database.ts'
import type { PageOf } from './services.ts'

export type LineLevel = 'info' | 'warn' | 'error'

export interface LogRow {
  number: number
  at: number
  level: LineLevel
  step: string | null
  text: string
}

/** The log lines of operations: bounded in number and length, credentials masked. */
export class Logs {
  private readonly db: Database
  private readonly appended: (operationId: string) => void

  constructor(db: Database, appended: (operationId: string) => void) {
    this.db = db
    this.appended = appended
  }

  append(operationId: string, line: Omit<LogRow, 'number'>): void {
    const number = this.newest(operationId) + 1
    // The last places are kept for warnings and errors, so that the end of a story is never what is lost.
    const room = LIMITS.log.linesPerOperation - (line.level === 'info' ? 100 : 0)
    if (number > room + 1) return
    const text = number > room ? 'The log is full; further lines are left out.' : cut(masked(line.text))
    this.db.run(
      'INSERT INTO log_lines (operation_id, number, at, level, step, text) VALUES (?, ?, ?, ?, ?, ?)',
      operationId,
      number,
      line.at,
      line.level,
      line.step,
      text,
    )
    this.db.whenCommitted(() => this.appended(operationId))
  }

  /** Oldest first. */
  list(operationId: string, { limit, after }: PageOf): LogRow[] {
    return this.db.all(
      'SELECT number, at, level, step, text FROM log_lines WHERE operation_id = ? AND number > ? ORDER BY number LIMIT ?',
      operationId,
      after ?? 0,
      limit,
    )
  }

  private newest(operationId: string): number {
    return (
      this.db.get<{ number: number | null }>(
        'SELECT max(number) AS number FROM log_lines WHERE operation_id = ?',
        operationId,
      )?.number ?? 0
    )
  }
}

const cut = (text: string): string =>
  text.length <= LIMITS.log.lineChars ? text : `${text.slice(0, LIMITS.log.lineChars - 1)}…`
