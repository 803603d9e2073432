import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'

const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10

/** SQLite, synchronously: a transaction is a function without await, so none straddles a pause. */
export class Database {
  readonly path: string
  private readonly sqlite: DatabaseSync
  private readonly statements = new Map<string, StatementSync>()
  private inTransaction = false
  private afterCommit: (() => void)[] = []

  constructor(path: string) {
    this.path = path
    this.sqlite = guarded(path, () => {
      const sqlite = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true })
      sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
      return sqlite
    })
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return guarded(this.path, () => this.statement(sql).all(...values) as Row[]) // what the query says
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    const row = guarded(this.path, () => this.statement(sql).get(...values))
    return (row as Row | undefined) ?? null // what the query says
  }

  /** Rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return guarded(this.path, () => Number(this.statement(sql).run(...values).changes))
  }

  exec(sql: string): void {
    guarded(this.path, () => this.sqlite.exec(sql))
  }

  /** One IMMEDIATE transaction; inside another one it joins it. `work` may not be asynchronous. */
  tx<T>(work: () => T): T extends Promise<unknown> ? never : T {
    type Result = T extends Promise<unknown> ? never : T
    if (this.inTransaction) return work() as Result // not a promise, says the signature
    this.exec('BEGIN IMMEDIATE')
    this.inTransaction = true
    let result: T
    try {
      result = work()
      this.exec('COMMIT')
    } catch (error) {
      this.afterCommit = []
      this.inTransaction = false
      // A full disk or a failed write may have rolled back by itself (lang_transaction.html §3).
      if (this.sqlite.isTransaction) this.sqlite.exec('ROLLBACK')
      throw error
    }
    this.inTransaction = false
    const callbacks = this.afterCommit
    this.afterCommit = []
    for (const callback of callbacks) callback()
    return result as Result // not a promise, says the signature
  }

  /** A transaction in which rows may refer to what is not there, for as long as it lasts. Not inside of another one. */
  withoutForeignKeys(work: () => void): void {
    if (this.inTransaction) throw new Error('foreign keys are not switched within a transaction')
    this.exec('PRAGMA foreign_keys = OFF')
    try {
      this.tx(work)
    } finally {
      this.exec('PRAGMA foreign_keys = ON')
    }
  }

  /** Runs `callback` when the current transaction has been committed; at once outside of one. */
  whenCommitted(callback: () => void): void {
    if (this.inTransaction) this.afterCommit.push(callback)
    else callback()
  }

  /**
   * Writes a consistent copy to a new file; other connections may go on writing meanwhile. The file is made here, 0600
   * from its first moment: SQLite fills an empty one, and would ask the umask for its own.
   */
  copyTo(path: string): void {
    closeSync(openSync(path, 'wx', 0o600))
    this.run('VACUUM INTO ?', path)
  }

  close(): void {
    this.statements.clear()
    this.sqlite.close()
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql)
    if (!statement) {
      statement = this.sqlite.prepare(sql)
      this.statements.set(sql, statement)
    }
    return statement
  }
}

/** A value from a column that holds JSON. */
export const fromJson = <T>(column: string): T => JSON.parse(column) as T // only the store writes such columns

/** SQLite's failures by their code, as sentences; never its text to a user. */
function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw sqliteFault(path, error)
  }
}

function sqliteFault(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return error
  const file = path.split('/').at(-1) ?? path
  switch (error.errcode & 0xff) {
    case SQLITE_BUSY:
      return new Fault('busy', `The database ${file} is held by another program.`, {
        hint: 'Try again in a moment; a backup or another command may be using it.',
        cause: error,
      })
    case SQLITE_FULL:
      return new Fault('disk_full', 'The disk that holds the data folder is full.', {
        hint: 'Free some space, then try again; nothing was changed.',
        cause: error,
      })
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault('broken_data', `The database ${file} is damaged; Fairlead left it as it is.`, {
        hint: 'Restore the data folder from a backup (fairlead restore), or copy the file away and ask for help.',
        cause: error,
      })
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return new Fault('broken_data', `The database ${file} can't be opened or written.`, {
        hint: 'Check that the data folder belongs to the user that runs Fairlead and that its disk is healthy.',
        cause: error,
      })
    default:
      return error
  }
}
