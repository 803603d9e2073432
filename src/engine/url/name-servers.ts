/** Whether a change in DNS has arrived: each authoritative server of the zone is asked until it answers so. */
import { pause } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { RecordSet, Zone } from '../../domain/dns/records.ts'
import type { DnsQuestion, NameServer } from '../../ports/dns.ts'
import type { StepContext, World } from '../step.ts'
import { requiredProvider } from './records.ts'

/** What a server has to answer to a question; null: it doesn't answer at all. */
export interface Expectation {
  question: DnsQuestion
  isMet: (values: string[] | null) => boolean
  /** The end of a sentence that begins with the server: "does not answer …". */
  text: string
}

/** The set as it was written; of a proxied one, whatever its type, the provider's own addresses count. */
export const written = (set: RecordSet): Expectation => ({
  question: { name: set.name, type: set.proxied === true ? 'A' : set.type },
  isMet: (values) =>
    values !== null &&
    (set.proxied ? values.length > 0 : values.toSorted().join('\n') === set.values.join('\n')),
  text: `${set.name} ${set.type} with ${set.values.join(', ')}`,
})

/** Nothing any more that a set of ours says. A server that doesn't answer leads nobody astray. */
export const gone = (set: RecordSet): Expectation => ({
  question: { name: set.name, type: set.type },
  isMet: (values) => !values?.some((value) => set.values.includes(value)),
  text: `${set.name} ${set.type} without ${set.values.join(', ')}`,
})

interface Asked {
  provider: { id: string }
  zone: Zone
}

/** The servers of a zone, each with its addresses: it is asked at the first one that answers. */
export async function nameServersOf(
  world: Pick<World, 'dns'>,
  { provider: { id }, zone }: Asked,
  signal: AbortSignal,
): Promise<{ name: string; addresses: NameServer[] }[]> {
  const found = await requiredProvider(world, id).provider.nameservers(zone, signal)
  return [...Map.groupBy(found, ({ name }) => name)].map(([name, addresses]) => ({ name, addresses }))
}

/** Waits until all servers meet all expectations. Throws `unavailable` that names the server which didn't in time. */
export async function askNameServers(
  { world, signal, say }: StepContext,
  { provider, zone }: { [Key in keyof Asked]: Asked[Key] | null },
  expectations: Expectation[],
): Promise<void> {
  if (provider === null || zone === null || expectations.length === 0) return
  const servers = await nameServersOf(world, { provider, zone }, signal)
  if (servers.length === 0) return say(`The name servers of ${zone.name} can't be asked.`, 'warn')
  const outcomes = await Promise.allSettled(
    servers.map(async (server) => {
      await untilMet(world, { ...server, signal }, expectations)
      say(`${server.name} answers it.`)
    }),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

interface Server {
  name: string
  addresses: NameServer[]
  signal: AbortSignal
}

async function untilMet(world: World, server: Server, expectations: Expectation[]): Promise<void> {
  for (let round = 1; ; round++) {
    const missed = await firstMissed(world, server, expectations)
    if (missed === null) return
    if (round >= LIMITS.url.nameServerRounds)
      throw new Fault('unavailable', `The name server ${server.name} does not answer ${missed}.`, {
        hint: 'See whether it takes changes of the zone, then try again; or attach with DNS by hand.',
      })
    await pause(world.clock, LIMITS.url.nameServerPauseMs * round, server.signal)
  }
}

/** The first expectation that a server doesn't meet, and what it says instead; null: it meets all. */
export async function firstMissed(
  { dns }: Pick<World, 'dns'>,
  { addresses, signal }: Omit<Server, 'name'>,
  expectations: Expectation[],
): Promise<string | null> {
  for (const { question, isMet, text } of expectations) {
    let values: string[] | null = null
    for (const address of addresses) {
      values = await dns.ask(address, question, signal)
      if (values !== null) break
    }
    if (!isMet(values))
      return `${text}: it has ${values === null ? 'no answer' : values.join(', ') || 'nothing'}`
  }
  return null
}
