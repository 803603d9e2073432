import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Database } from '../../src/store/database.ts'
import { ensureKey, readKey } from '../../src/store/key.ts'
import { FolderLock } from '../../src/store/lock.ts'
import { MIGRATIONS, migrate, requireCurrent } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-store-'))
  path = join(folder, 'fairlead.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const faultOf = (work: () => unknown): Fault => {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the schema', () => {
  test('is the golden file (UPDATE_GOLDEN=1 writes it)', () => {
    const store = new Store(path, { now: 0 })
    const rows = store.db.all<{ sql: string }>(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
    )
    store.close()
    const schema = `${rows.map((row) => `${row.sql};`).join('\n\n')}\n`
    const golden = join(import.meta.dir, '../golden/schema.sql')
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, schema)
    expect(schema).toBe(readFileSync(golden, 'utf8'))
  })

  test('every file of a database is 0600, whatever the umask (S03)', () => {
    const umask = process.umask(0)
    try {
      const store = new Store(path, { now: 0 })
      store.services.create('web', 0)
      for (const name of ['', '-wal', '-shm']) expect(statSync(path + name).mode & 0o777).toBe(0o600)
      store.snapshot(`${path}.copy`)
      migrate(store.db, 1, [...MIGRATIONS, 'CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;'])
      const copies = ['.copy', `.before-${MIGRATIONS.length + 1}`]
      for (const name of copies) expect(statSync(path + name).mode & 0o777).toBe(0o600)
      ensureKey(folder)
      expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
      store.close()
    } finally {
      process.umask(umask)
    }
  })

  test('holds one running operation an environment by itself', () => {
    const store = new Store(path, { now: 0 })
    const service = store.services.create('web', 0)
    const environment = store.environments.create(service, 'production', { now: 0 })
    const given = {
      kind: 'deployment',
      serviceId: service.id,
      environmentId: environment.id,
      actor: LOCAL_ACTOR,
      now: 0,
    } as const
    const [first, second] = [store.operations.create(given), store.operations.create(given)]
    store.operations.start(first.id, 1)
    expect(() => store.operations.start(second.id, 1)).toThrow(/UNIQUE/)
    store.close()
  })

  test('events are never changed and never deleted (L05)', () => {
    const store = new Store(path, { now: 0 })
    store.events.append({ at: 1, kind: 'service.created', actor: LOCAL_ACTOR })
    expect(() => store.db.run('UPDATE events SET at = 2')).toThrow(/append-only/)
    expect(() => store.db.run('DELETE FROM events')).toThrow(/append-only/)
    store.close()
  })
})

test('of the sources of a person the latest are remembered', () => {
  const store = new Store(path, { now: 0 })
  const given = { kind: 'person', name: 'x', passwordHash: null, now: 0 } as const
  const [ann, bob] = ['ann', 'bob'].map(
    (name) => store.users.create({ ...given, login: `${name}@example.com` }).id,
  )
  const most = LIMITS.account.knownSources
  store.sessions.rememberSource(bob ?? '', 'bobs', 0)
  for (let n = 0; n <= most; n++) store.sessions.rememberSource(ann ?? '', `source ${n}`, n)
  const isKnown = (source: string) => store.sessions.isKnownSource(ann ?? '', source)
  expect([0, 1, most].map((n) => isKnown(`source ${n}`))).toEqual([false, true, true])
  expect(store.sessions.isKnownSource(bob ?? '', 'bobs')).toBe(true)
  store.close()
})

describe('migrations', () => {
  const more = [...MIGRATIONS, 'CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;']

  test('copy the database before they change it', () => {
    new Store(path, { now: 0 }).close()
    const db = new Database(path)
    migrate(db, 1, more)
    db.close()
    const copy = new DatabaseSync(`${path}.before-${more.length}`)
    expect(copy.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'later'").get()).toMatchObject({
      n: 0,
    })
    copy.close()
  })

  test('that fail leave the old schema', () => {
    new Store(path, { now: 0 }).close()
    const db = new Database(path)
    expect(() =>
      migrate(db, 1, [...MIGRATIONS, 'CREATE TABLE later (id); CREATE TABLE later (id);']),
    ).toThrow()
    expect(db.get("SELECT 1 AS one FROM sqlite_schema WHERE name = 'later'")).toBeNull()
    db.close()
    new Store(path, { now: 2 }).close()
  })

  test('are not begun by a command beside the server', () => {
    new Store(path, { now: 0 }).close()
    const db = new Database(path)
    requireCurrent(db)
    expect(faultOf(() => requireCurrent(db, more))).toMatchObject({
      code: 'broken_data',
      hint: expect.stringContaining('fairlead serve'),
    })
    db.close()
  })

  test('R03 a newer or different schema is refused and left alone', () => {
    new Store(path, { now: 0 }).close()
    const db = new Database(path)
    migrate(db, 1, more)
    db.close()
    const before = readFileSync(path)
    expect(faultOf(() => new Store(path, { now: 2 }))).toMatchObject({
      code: 'broken_data',
      message: expect.stringContaining('newer'),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
    const other = new Database(path)
    expect(
      faultOf(() =>
        migrate(
          other,
          3,
          more.map((_, index) => `SELECT ${index};`),
        ),
      ).message,
    ).toContain('different build')
    other.close()
  })
})

describe('R03 a database that can not be used is a clear sentence, and the file stays', () => {
  const filled = () => {
    const store = new Store(path, { now: 0 })
    store.tx(() => {
      for (let i = 0; i < 2_000; i++) store.services.create(`service-${i}`, 0)
    })
    store.close()
  }

  test('a page of rubbish', () => {
    filled()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 8_192, 40_960)
    writeFileSync(path, bytes)
    const fault = faultOf(() => new Store(path, { now: 0, check: true }))
    expect(fault.code).toBe('broken_data')
    expect(fault.hint).toContain('backup')
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  test('no database at all', () => {
    writeFileSync(
      path,
      'this is a text file, and not a short one either, so it is no database of any kind\n'.repeat(20),
    )
    const before = readFileSync(path)
    expect(faultOf(() => new Store(path, { now: 0 })).code).toBe('broken_data')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('a lost write-ahead log loses only what was in it', () => {
    filled()
    const store = new Store(path, { now: 0 })
    const copy = join(folder, 'copy.db')
    copyFileSync(path, copy)
    store.close()
    const alone = new Store(copy, { now: 0, check: true })
    expect(alone.services.find('service-1')).not.toBeNull()
    alone.close()
  })

  test('another program that writes for long', () => {
    filled()
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const store = new Database(path)
    store.exec('PRAGMA busy_timeout = 1')
    expect(faultOf(() => store.tx(() => store.run('UPDATE services SET revision = 2'))).code).toBe('busy')
    other.exec('ROLLBACK')
    other.close()
    store.close()
  })
})

describe('R04 the lock of a data folder', () => {
  test('is refused to a second one with the process id of the first', () => {
    const lock = FolderLock.take(folder)
    expect(faultOf(() => FolderLock.take(folder))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    lock.release()
    expect(existsSync(join(folder, 'pid'))).toBe(false)
    const again = FolderLock.take(folder)
    expect(again.wasLeftOpen).toBe(false)
    again.release()
  })

  test('remembers that the last holder ended without a word', () => {
    writeFileSync(join(folder, 'pid'), '1\n')
    const lock = FolderLock.take(folder)
    expect(lock.wasLeftOpen).toBe(true)
    lock.release()
  })

  test('a folder that is not ours is a clear sentence', () => {
    if (process.getuid?.() === 0)
      writeFileSync(
        join(folder, 'lock'),
        'not a database, but long enough to be looked at as one\n'.repeat(99),
      )
    else chmodSync(folder, 0o500)
    expect(faultOf(() => FolderLock.take(folder)).code).toBe('broken_data')
    chmodSync(folder, 0o700)
  })
})

describe('the key', () => {
  test('is made once and read again', () => {
    ensureKey(folder)
    const key = readKey(join(folder, 'key'))
    ensureKey(folder)
    expect(readKey(join(folder, 'key'))).toBe(key)
  })

  test('S02 that is damaged stops the start and is not overwritten', () => {
    writeFileSync(join(folder, 'key'), 'short\n')
    expect(faultOf(() => ensureKey(folder)).code).toBe('broken_data')
    expect(readFileSync(join(folder, 'key'), 'utf8')).toBe('short\n')
  })
})
