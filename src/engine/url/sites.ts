/** Sites of URLs at the gateway that they use. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { redirectTarget } from '../../domain/redirect-target.ts'
import type { Site } from '../../ports/gateway.ts'
import type { Hosts } from '../../ports/hosts.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'

/** What is to answer under a URL, as things stand. */
export async function hostSiteOf(world: World, row: UrlRow, signal: AbortSignal): Promise<HostSite> {
  if (row.kind === 'self') return { kind: 'self', upstream: world.own.upstream() }
  if (row.kind === 'redirect')
    return { kind: 'redirect', to: redirectTarget(row.redirectTo ?? ''), status: row.redirectStatus ?? 308 }
  const environmentId = row.environmentId ?? ''
  return environmentSite(environmentId, await world.gateway.read(environmentId, signal))
}

/** What all host names of an environment answer with; null: nothing is deployed yet. */
export const environmentSite = (environmentId: string, site: Site | null): HostSite => ({
  kind: 'site',
  environmentId,
  site,
})

/** What stands under host names, beside what should. */
export interface SeenSites {
  /** Those with another site, or none. */
  others: Hostname[]
  /** Those whose site somebody has changed. */
  byHand: Hostname[]
}

export async function seenSites(
  { hosts }: Pick<World, 'hosts'>,
  given: { hostnames: readonly Hostname[]; site: HostSite; signal: AbortSignal },
): Promise<SeenSites> {
  const seen: SeenSites = { others: [], byHand: [] }
  for (const hostname of given.hostnames) {
    const stands = await readSite(hosts, hostname, given.signal)
    if (stands === 'by hand') seen.byHand.push(hostname)
    else if (!isDeepStrictEqual(stands, given.site)) seen.others.push(hostname)
  }
  return seen
}

/** What can't be read is as good as nothing: it is to be put anew. */
export async function readSite(
  hosts: Hosts,
  hostname: Hostname,
  signal: AbortSignal,
): Promise<HostSite | 'by hand' | null> {
  try {
    return await hosts.read(hostname, signal)
  } catch (error) {
    if (error instanceof Fault && error.code === 'broken_data') return null
    if (error instanceof Fault && error.code === 'conflict') return 'by hand'
    throw error
  }
}

/** Puts one site under many host names together: one reload. When it throws nothing is under way any more. */
export async function putSites(
  { hosts }: Pick<World, 'hosts'>,
  given: { hostnames: readonly Hostname[]; site: HostSite; signal: AbortSignal },
): Promise<void> {
  await together(given.hostnames.map((hostname) => hosts.put(hostname, given.site, given.signal)))
}

/** Takes them away together. */
export async function dropSites(
  { hosts }: Pick<World, 'hosts'>,
  given: { hostnames: readonly Hostname[]; signal: AbortSignal },
): Promise<void> {
  await together(given.hostnames.map((hostname) => hosts.drop(hostname, given.signal)))
}

async function together(deeds: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(deeds))
    if (outcome.status === 'rejected') throw outcome.reason
}
