/** What operations about certificates must not leave behind. */
import { expect } from 'bun:test'
import { parseChain } from '../../src/base/x509/chain.ts'
import type { Store } from '../../src/store/store.ts'
import type { Outside } from './outside.ts'
import { DIRECTORY } from './outside-authority.ts'

/** Certificates are those of the URLs, their files too; nothing stands for a CA to see, and nothing is asked of one. */
export function requireNoStrays(store: Store, { certificates: { pems, answers } }: Outside): void {
  const used = store.certificates.inUse()
  expect([...pems.keys()].toSorted()).toEqual(used.map(({ id }) => id).toSorted())
  for (const { id, issued, standIn } of used)
    expect([parseChain(pems.get(id)?.chain ?? '').leaf.fingerprint, standIn]).toEqual([
      issued?.fingerprint ?? '',
      null,
    ])
  expect([...answers.keys()]).toEqual([])
  const keys = "SELECT id FROM certificates WHERE kind = 'acme' AND (key IS NOT NULL OR chain IS NULL)"
  const kept = store.db.all<{ id: string }>(keys).map(({ id }) => id)
  expect(kept.toSorted()).toEqual(used.flatMap(({ id, kind }) => (kind === 'acme' ? [id] : [])).toSorted())
  expect(store.acmeOrders.open(DIRECTORY)).toBe(0)
}
