/** What drivers connect with in tests. */
import { systemClock } from '../../src/base/clock.ts'
import { Egress } from '../../src/base/egress.ts'
import { HttpClient } from '../../src/base/http.ts'
import type { DnsTools } from '../../src/drivers/dns/tools.ts'

/** Its pauses are over at once. */
const hastyClock = { ...systemClock, after: (_ms: number, then: () => void) => systemClock.after(1, then) }

export const toolsFor = (more: Partial<DnsTools> = {}): DnsTools => ({
  egress: new Egress(new HttpClient()),
  clock: hastyClock,
  answerMs: 3_000,
  ...more,
})

/** Knows these names, and addresses as themselves. */
export const egressTo = (names: Record<string, string[]>): Egress =>
  new Egress(new HttpClient(), async (name) => names[name] ?? [])
