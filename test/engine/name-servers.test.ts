/** What counts as the answer of a name server. */
import { describe, expect, test } from 'bun:test'
import type { RecordSet } from '../../src/domain/dns/records.ts'
import { gone, written } from '../../src/engine/url/name-servers.ts'

const set: RecordSet = {
  name: 'docs.example.com',
  type: 'A',
  ttlSeconds: 300,
  values: ['192.0.2.1', '192.0.2.2'],
}

describe('a set that was written', () => {
  test('is answered by its very values, in any order', () => {
    const { question, isMet } = written(set)
    expect(question).toEqual({ name: 'docs.example.com', type: 'A' })
    expect(isMet(['192.0.2.2', '192.0.2.1'])).toBe(true)
    for (const values of [null, [], ['192.0.2.1'], ['192.0.2.1', '192.0.2.2', '192.0.2.3']])
      expect(isMet(values)).toBe(false)
  })

  test("is answered by the provider's addresses when it is proxied, though it is an alias", () => {
    for (const type of ['A', 'AAAA', 'CNAME']) {
      const { question, isMet } = written({ ...set, type, proxied: true })
      expect(question.type).toBe('A')
      expect(isMet(['104.16.0.1'])).toBe(true)
      expect([isMet([]), isMet(null)]).toEqual([false, false])
    }
  })
})

test('a set is gone when none of its values is left', () => {
  const { isMet } = gone(set)
  for (const values of [null, [], ['192.0.2.9']]) expect(isMet(values)).toBe(true)
  expect(isMet(['192.0.2.2', '192.0.2.9'])).toBe(false)
})
