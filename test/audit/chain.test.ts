/** The hash chain over the events: whatever is altered behind Fairlead's back is named. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, constantFrom, integer, property, record, string } from 'fast-check'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { verifyChain } from '../../src/engine/audit.ts'
import type { Finding } from '../../src/store/chain.ts'
import { Store } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-chain-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
let store: Store
beforeEach(() => {
  store = new Store(join(folder, `${++count}.db`), { now: 0 })
})

const append = (from: Store, n: number) => {
  for (let i = 0; i < n; i++)
    from.events.append({ at: i, kind: 'thing.changed', actor: LOCAL_ACTOR, data: { i, text: 'a\nb "c"' } })
}
const byHand = (from: Store, sql: string) =>
  from.db.exec(`DROP TRIGGER IF EXISTS events_are_never_changed; DROP TRIGGER IF EXISTS events_are_never_deleted;
    DROP TRIGGER IF EXISTS event_hashes_are_never_changed; DROP TRIGGER IF EXISTS event_hashes_are_never_deleted;
    PRAGMA foreign_keys = OFF; ${sql}`)
const findings = (from: Store): Finding[] => [...from.chain.check()].flat()
const named = (from: Store) => findings(from).map(({ number, problem }) => `${number} ${problem}`)

test('an untouched chain is whole, across pieces', async () => {
  append(store, 2_500)
  expect(await verifyChain(store)).toMatchObject({ checked: 2_500, findings: [], head: { number: 2_500 } })
})

test('an empty one is whole', async () =>
  expect(await verifyChain(store)).toEqual({ checked: 0, findings: [], head: null }))

describe('what was done by hand is named', () => {
  const deeds: [what: string, sql: string, found: string[]][] = [
    ['another text', `UPDATE events SET data = '{}' WHERE number = 7`, ['7 altered']],
    [
      'another actor',
      `UPDATE events SET actor = '{"kind":"local","name":"eve"}' WHERE number = 7`,
      ['7 altered'],
    ],
    ['another time', 'UPDATE events SET at = at + 1 WHERE number = 7', ['7 altered']],
    [
      'another hash',
      `UPDATE event_hashes SET hash = '${'a'.repeat(64)}' WHERE number = 7`,
      ['7 altered', '8 altered'],
    ],
    ['a deleted row', 'DELETE FROM events WHERE number = 7', ['7 missing']],
    [
      'a deleted row with its hash',
      'DELETE FROM event_hashes WHERE number = 7; DELETE FROM events WHERE number = 7',
      ['7 missing'],
    ],
    [
      'the end',
      'DELETE FROM event_hashes WHERE number > 8; DELETE FROM events WHERE number > 8',
      ['9 cut-off'],
    ],
    [
      'the beginning',
      'DELETE FROM event_hashes WHERE number < 3; DELETE FROM events WHERE number < 3',
      ['1 missing', '2 missing'],
    ],
    [
      'a row that was slipped in',
      `INSERT INTO events (at, kind, actor, data) VALUES (0, 'x', '${JSON.stringify(LOCAL_ACTOR)}', '{}')`,
      ['11 inserted'],
    ],
  ]
  for (const [what, sql, found] of deeds)
    test(what, () => {
      append(store, 10)
      byHand(store, sql)
      expect(named(store)).toEqual(found)
    })

  test('a rewritten end, by a head that somebody noted', async () => {
    append(store, 10)
    const noted = store.chain.head()
    byHand(
      store,
      `DELETE FROM event_hashes WHERE number > 8; DELETE FROM events WHERE number > 8;
       UPDATE sqlite_sequence SET seq = 8 WHERE name = 'events'`,
    )
    append(store, 2)
    expect(named(store)).toEqual([])
    expect((await verifyChain(store, noted)).findings).toMatchObject([
      { number: 10, problem: 'another-head' },
    ])
  })

  test('whatever row and column it is', () =>
    assert(
      property(
        array(
          record({
            number: integer({ min: 1, max: 20 }),
            column: constantFrom('at', 'kind', 'actor', 'data', 'service'),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        string({ minLength: 1, maxLength: 5 }),
        (edits, text) => {
          const own = new Store(join(folder, `${++count}.db`), { now: 0 })
          append(own, 20)
          const value = {
            at: '987654',
            actor: `'${JSON.stringify({ ...LOCAL_ACTOR, name: 'eve' })}'`,
            data: `'{"x":1}'`,
          }
          for (const { number, column } of edits)
            byHand(
              own,
              `UPDATE events SET ${column} = ${value[column as keyof typeof value] ?? `'~${text.replaceAll("'", '').replaceAll('\0', '')}'`} WHERE number = ${number}`,
            )
          const found = new Set(findings(own).map(({ number }) => number))
          for (const { number } of edits) expect(found.has(number)).toBe(true)
          own.close()
        },
      ),
      { numRuns: 25 },
    ))
})

test('events from before there was a chain are taken in once', () => {
  const path = join(folder, 'older.db')
  const older = new Store(path, { now: 0 })
  append(older, 1_200)
  byHand(older, 'DELETE FROM event_hashes')
  older.close()
  const upgraded = new Store(path, { now: 0 })
  expect(named(upgraded)).toEqual([])
  append(upgraded, 1)
  expect(upgraded.chain.head()?.number).toBe(1_201)
  expect(named(upgraded)).toEqual([])
  upgraded.close()
})

test('L05 two processes write one chain', () => {
  const path = join(folder, 'shared.db')
  const [one, two] = [new Store(path, { now: 0 }), new Store(path, { now: 0 })]
  for (let i = 0; i < 20; i++) append(i % 3 === 0 ? one : two, 1)
  expect(named(one)).toEqual([])
  one.close()
  two.close()
})
