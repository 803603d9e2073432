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

/** Host names whose site is another one than this, or none. */
export async function otherSites(
  { hosts }: Pick<World, 'hosts'>,
  given: { hostnames: readonly Hostname[]; site: HostSite; signal: AbortSignal },
): Promise<Hostname[]> {
  const others: Hostname[] = []
  for (const hostname of given.hostnames)
    if (!isDeepStrictEqual(await readSite(hosts, hostname, given.signal), given.site)) others.push(hostname)
  return others
}

/** What can't be read is as good as nothing: it is to be put anew. */
export async function readSite(
  hosts: Hosts,
  hostname: Hostname,
  signal: AbortSignal,
): Promise<HostSite | null> {
  try {
    return await hosts.read(hostname, signal)
  } catch (error) {
    if (error instanceof Fault && error.code === 'broken_data') return null
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
