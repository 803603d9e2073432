/** What somebody was asked to prove: once, by who was asked, in time; and whatever others do. */
import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-challenge-'))
const store = new Store(join(folder, 'fairlead.db'), { now: 0 })
const { challenges } = store
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => store.db.exec('DELETE FROM challenges'))

const key = (kind: string, id: string, holder = 'browser') => ({ kind, id, holder })
const put = (kind: string, id: string, { expiresAt = 1_000, now = 0, most = 3 } = {}) =>
  challenges.put(key(kind, id), { data: id, expiresAt, now, most })

test('is answered once', () => {
  put('passkey', 'a')
  expect(challenges.find(key('passkey', 'a'), 0)).toBe('a')
  expect(challenges.take(key('passkey', 'a'), 0)).toBe('a')
  expect(challenges.take(key('passkey', 'a'), 0)).toBeNull()
})

test('is answered by who was asked, for what was asked, and in time', () => {
  put('passkey', 'a')
  for (const wrong of [key('passkey', 'a', 'other'), key('oidc', 'a'), key('passkey', 'b')]) {
    expect(challenges.find(wrong, 0)).toBeNull()
    expect(challenges.take(wrong, 0)).toBeNull()
  }
  expect(challenges.find(key('passkey', 'a'), 1_000)).toBeNull()
  expect(challenges.take(key('passkey', 'a'), 1_000)).toBeNull()
  expect(challenges.take(key('passkey', 'a'), 0)).toBeNull()
})

test('asked anew it has another answer', () => {
  put('second-factor', 'a')
  challenges.put(key('second-factor', 'a'), { data: 'again', expiresAt: 1_000, now: 0, most: 3 })
  expect(challenges.take(key('second-factor', 'a'), 0)).toBe('again')
})

test('of those that nobody answers the oldest give way, and those of another kind do not', () => {
  put('second-factor', 'mine', { expiresAt: 1 })
  for (let count = 0; count < 10; count++) put('passkey', `flood-${count}`, { expiresAt: 100 + count })
  expect(challenges.find(key('second-factor', 'mine'), 0)).toBe('mine')
  const left = store.db.all<{ id: string }>("SELECT id FROM challenges WHERE kind = 'passkey' ORDER BY id")
  expect(left.map(({ id }) => id)).toEqual(['flood-7', 'flood-8', 'flood-9'])
  put('oidc', 'later', { expiresAt: 9_000, now: 5_000 })
  expect(store.db.all('SELECT id FROM challenges')).toHaveLength(1)
})
