/** Whether the audit is as it was written: read as a whole, piece by piece, so that others have their turn. */
import { nextTurn } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { Finding, Head } from '../store/chain.ts'
import type { Store } from '../store/store.ts'

export interface ChainVerdict {
  checked: number
  head: Head | null
  /** The first ones; the problem of a noted head that is another one now is `another-head`. */
  findings: (Omit<Finding, 'problem'> & { problem: Finding['problem'] | 'another-head' })[]
}

/** `noted`: a head of an earlier time, from outside of the database. */
export async function verifyChain(store: Store, noted: Head | null = null): Promise<ChainVerdict> {
  const head = store.chain.head()
  const findings: ChainVerdict['findings'] = []
  const check = store.chain.check()
  for (;;) {
    const piece = check.next()
    if (piece.done) {
      if (noted && store.chain.hashAt(noted.number) !== noted.hash)
        findings.unshift({ number: noted.number, kind: null, at: null, problem: 'another-head' })
      return { ...piece.value, head, findings: findings.slice(0, LIMITS.audit.findings) }
    }
    if (findings.length < LIMITS.audit.findings) findings.push(...piece.value)
    await nextTurn()
  }
}
