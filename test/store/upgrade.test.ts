/** A database of schema 2 with rows of every table comes through the making anew of `operations` whole. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachPlan } from '../../src/engine/url/attach.ts'
import { Database } from '../../src/store/database.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-upgrade-'))
  path = join(folder, 'fairlead.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const OLDER = MIGRATIONS.slice(0, 2)

const tablesOf = (db: Database): string[] =>
  db
    .all<{ name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY name",
    )
    .map(({ name }) => name)

interface Column {
  name: string
  type: string
  notnull: number
}

/** Values that pass the checks of the schema, where a number or a text alone doesn't. */
const FITTING: Record<string, string | number> = {
  'deployments.cause': 'rollback',
  'log_lines.level': 'warn',
  'operations.direction': 'back',
  'operations.kind': 'deployment',
  'operations.status': 'stuck',
  'passkeys.backed_up': 1,
  'services.kind': 'static',
  'steps.kind': 'act',
  'steps.status': 'done',
  'users.kind': 'person',
}
const FLAGS = /^(deleting|cancel_requested|disabled|totp_confirmed)$/

/** Two rows of every table, each referring to the row of its number. */
function fill(db: Database): void {
  db.exec('PRAGMA foreign_keys = OFF')
  for (const table of tablesOf(db))
    for (const row of [1, 2]) {
      const columns = db.all<Column>(`SELECT name, type, "notnull" FROM pragma_table_info('${table}')`)
      const parents = db.all<{ from: string; table: string }>(
        `SELECT "from", "table" FROM pragma_foreign_key_list('${table}')`,
      )
      const values = columns.map(({ name, type }) => {
        const fitting = FITTING[`${table}.${name}`]
        if (fitting !== undefined) return fitting
        if (FLAGS.test(name)) return 1
        const parent = parents.find(({ from }) => from === name)?.table
        if (parent === 'events') return row
        // A deployment has the id of its operation.
        if (parent) return `${parent === 'deployments' ? 'operations' : parent}-${row}`
        return type === 'INTEGER' ? row : `${table}-${name === 'id' ? '' : `${name}-`}${row}`
      })
      const marks = values.map(() => '?').join(', ')
      db.run(
        `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) VALUES (${marks})`,
        ...values,
      )
    }
  db.exec('PRAGMA foreign_keys = ON')
}

const dump = (db: Database, tables: string[]): Record<string, unknown[]> =>
  Object.fromEntries(tables.map((table) => [table, db.all(`SELECT * FROM ${table} ORDER BY 1, 2`)]))

test('every row of every table is there after the upgrade', () => {
  const db = new Database(path)
  migrate(db, 0, OLDER)
  fill(db)
  expect(db.all('PRAGMA foreign_key_check')).toEqual([])
  const tables = tablesOf(db)
  const before = dump(db, tables)
  for (const table of tables) expect([table, before[table]?.length]).toEqual([table, 2])
  migrate(db, 1)
  expect(dump(db, tables)).toEqual(before)
  expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  expect(db.get('PRAGMA quick_check')).toEqual({ quick_check: 'ok' })
  expect(() => db.run('DELETE FROM operations WHERE number = 1')).toThrow(/FOREIGN KEY/)
  expect(() => db.run('UPDATE events SET at = 9')).toThrow(/append-only/)
  const next = db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'operations'")
  expect(next?.seq).toBe(2)
  db.close()
})

test('a row that refers to nothing stops the upgrade, and nothing is changed', () => {
  const db = new Database(path)
  migrate(db, 0, OLDER)
  fill(db)
  db.exec(
    "PRAGMA foreign_keys = OFF; UPDATE steps SET operation_id = 'nobody' WHERE operation_id = 'operations-2'",
  )
  db.exec('PRAGMA foreign_keys = ON')
  const before = dump(db, tablesOf(db))
  expect(() => migrate(db, 1)).toThrow(/a row of "steps" names one of "operations"/)
  expect(dump(db, tablesOf(db))).toEqual(before)
  expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  db.close()
})

const STEPS = ['see what stands', 'take the sites down', 'drop the links', 'clear the disk']

test('a deletion that the upgrade interrupts has the steps of the new plan', () => {
  const db = new Database(path)
  migrate(db, 0, OLDER)
  db.run("INSERT INTO services (id, name, kind, created_at) VALUES ('s', 'web', 'static', 0)")
  const add = (id: string, status: string, reached: number) => {
    db.run(
      "INSERT INTO operations (id, kind, service_id, status, actor, created_at) VALUES (?, 'service-deletion', 's', ?, '{}', 0)",
      id,
      status,
    )
    for (const [position, name] of STEPS.entries())
      db.run(
        "INSERT INTO steps (operation_id, position, name, kind, status) VALUES (?, ?, ?, 'act', ?)",
        id,
        position,
        name,
        position < reached ? 'done' : 'pending',
      )
  }
  add('ended', 'succeeded', 4)
  add('begun', 'stuck', 2)
  add('early', 'stuck', 1)
  db.close()
  const store = new Store(path, { now: 1 })
  const stepsOf = (id: string) => store.operations.steps(id).map(({ name, status }) => `${name}: ${status}`)
  const added = (status: string) => [`remove the DNS records: ${status}`, `ask the name servers: ${status}`]
  const old = (reached: number) => STEPS.map((name, at) => `${name}: ${at < reached ? 'done' : 'pending'}`)
  expect(stepsOf('ended')).toEqual(old(4))
  expect(stepsOf('begun')).toEqual([old(2)[0] ?? '', ...added('done'), ...old(2).slice(1)])
  expect(stepsOf('early')).toEqual([old(1)[0] ?? '', ...added('pending'), ...old(1).slice(1)])
  store.close()
})

const ATTACH = [
  ['check the name', 'look'],
  ['put up the site', 'act'],
  ['write the DNS records', 'act'],
  ['ask the name servers', 'look'],
  ['probe from outside', 'look'],
]
test('the attaching of a URL that the upgrade interrupts goes on with the steps that it has', () => {
  const db = new Database(path)
  migrate(db, 0, MIGRATIONS.slice(0, 3))
  const add = (id: string, status: string, reached: number) => {
    db.run(
      "INSERT INTO operations (id, kind, status, actor, created_at) VALUES (?, 'url-attach', ?, '{}', 0)",
      id,
      status,
    )
    for (const [position, [name = '', kind = '']] of ATTACH.entries())
      db.run(
        'INSERT INTO steps (operation_id, position, name, kind, status) VALUES (?, ?, ?, ?, ?)',
        id,
        position,
        name,
        kind,
        position < reached ? 'done' : 'pending',
      )
  }
  add('ended', 'succeeded', 5)
  add('early', 'running', 2)
  add('late', 'stuck', 5)
  db.close()
  const store = new Store(path, { now: 1 })
  const stepsOf = (id: string) => store.operations.steps(id).map(({ name, status }) => `${name}: ${status}`)
  for (const [id, reached] of [
    ['ended', 5],
    ['early', 2],
    ['late', 5],
  ] as const)
    expect(stepsOf(id)).toEqual(ATTACH.map(([name], at) => `${name}: ${at < reached ? 'done' : 'pending'}`))
  const planned = attachPlan([]).steps.map(({ name, kind }) => [name, kind])
  expect(planned).toEqual(ATTACH)
  store.close()
})
