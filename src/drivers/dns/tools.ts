import type { Clock } from '../../base/clock.ts'
import type { DnsPlace } from '../../base/dns/exchange.ts'
import type { Egress } from '../../base/egress.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

/** What DNS drivers connect with. */
export interface DnsTools {
  egress: Egress
  clock: Clock
  /** Where Cloudflare's API is instead, which is then taken to be on this machine: for tests. */
  cloudflareApi?: string
  /** How long one answer may take; without it, what the limits say. */
  answerMs?: number
}

export const answerMsOf = ({ answerMs }: DnsTools): number => answerMs ?? LIMITS.dnsExchange.answerMs

const DNS_PORT = 53

/** Where a server is dialled: each address that its name has now, judged. Throws `forbidden` and `unavailable`. */
export async function placesOf(
  tools: DnsTools,
  { host, port, allowPrivateNetwork }: { host: string; port: number; allowPrivateNetwork: boolean },
): Promise<[DnsPlace, ...DnsPlace[]]> {
  const deadlineMs = answerMsOf(tools)
  const [first, ...more] = await tools.egress.addresses(host, { allowPrivateNetwork, deadlineMs })
  if (!allowPrivateNetwork && port !== DNS_PORT)
    throw new Fault('forbidden', `Port ${port} of ${host} is none where a public name server listens.`, {
      hint: `Use port ${DNS_PORT}, or allow private networks for it.`,
    })
  return [{ address: first, port }, ...more.map((address) => ({ address, port }))]
}
