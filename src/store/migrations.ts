import { existsSync, renameSync, rmSync } from 'node:fs'
import { Fault } from '../base/fault.ts'
import { sha256Hex } from '../base/secrets.ts'
import type { Database } from './database.ts'
import spine from './migrations/0001.sql' with { type: 'text' }
import accounts from './migrations/0002.sql' with { type: 'text' }
import urls from './migrations/0003.sql' with { type: 'text' }
import https from './migrations/0004.sql' with { type: 'text' }
import drifts from './migrations/0005.sql' with { type: 'text' }

/** Forward only, in order, never edited once released: the hash of each is kept in the database. */
export const MIGRATIONS: readonly string[] = [spine, accounts, urls, https, drifts]

interface Applied {
  number: number
  hash: string
}

/** Brings a database to this program's schema. Refuses one that a newer or a different program made. */
export function migrate(db: Database, now: number, migrations = MIGRATIONS): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  const applied = db.all<Applied>('SELECT number, hash FROM migrations ORDER BY number')
  if (applied.length > migrations.length)
    throw new Fault(
      'broken_data',
      `The database was made by a newer Fairlead (schema ${applied.length}; this one knows ${migrations.length}).`,
      { hint: 'Start the newer Fairlead, or restore the backup that was made before the upgrade.' },
    )
  for (const row of applied)
    if (row.hash !== sha256Hex(migrations[row.number - 1] ?? ''))
      throw new Fault(
        'broken_data',
        `The database was made by a different build of Fairlead (schema ${row.number}).`,
        {
          hint: 'Start the build that made it; nothing was changed.',
        },
      )
  for (let number = applied.length + 1; number <= migrations.length; number++) {
    const sql = migrations[number - 1] ?? ''
    if (number > 1) copyBefore(db, number)
    // A table that others refer to can be made anew (lang_altertable.html §7); what refers to nothing then undoes it all.
    db.withoutForeignKeys(() => {
      db.exec(sql)
      requireReferences(db, number)
      db.run(
        'INSERT INTO migrations (number, hash, applied_at) VALUES (?, ?, ?)',
        number,
        sha256Hex(sql),
        now,
      )
    })
  }
}

function requireReferences(db: Database, number: number): void {
  const broken = db.get<{ table: string; parent: string }>(
    'SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1',
  )
  if (broken)
    throw new Fault(
      'broken_data',
      `The database can't be upgraded to schema ${number}: a row of "${broken.table}" names one of "${broken.parent}" that is not there.`,
      { hint: 'Nothing was changed. Restore a backup, or go on with the older Fairlead and ask for help.' },
    )
}

/** For commands beside a server: the same schema or a refusal, since an older server may be at work (DESIGN §5). */
export function requireCurrent(db: Database, migrations = MIGRATIONS): void {
  const { count } = db.get<{ count: number }>('SELECT count(*) AS count FROM migrations') ?? { count: 0 }
  if (count < migrations.length)
    throw new Fault(
      'broken_data',
      `The database has the schema ${count}, and this Fairlead needs ${migrations.length}.`,
      {
        hint: 'Start this version once with `fairlead serve`, which upgrades it, then run the command again.',
      },
    )
}

/** A copy beside the database, whole or not there. */
function copyBefore(db: Database, number: number): void {
  const copy = `${db.path}.before-${number}`
  if (existsSync(copy)) return
  rmSync(`${copy}.tmp`, { force: true })
  db.copyTo(`${copy}.tmp`)
  renameSync(`${copy}.tmp`, copy)
}
