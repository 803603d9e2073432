/** Sites of URLs at the gateway that they use. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite, HostTls, HostWays } from '../../domain/host-site.ts'
import type { HttpsWays } from '../../domain/https.ts'
import { redirectTarget } from '../../domain/redirect-target.ts'
import type { Site } from '../../ports/gateway.ts'
import type { Hosts } from '../../ports/hosts.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'

/** What is to answer under a URL, as things stand. */
export async function hostSiteOf(world: World, row: UrlRow, signal: AbortSignal): Promise<HostSite> {
  if (row.kind === 'self') return { kind: 'self', upstream: world.own.upstream(), ...waysOf(row) }
  if (row.kind === 'redirect')
    return {
      kind: 'redirect',
      to: redirectTarget(row.redirectTo ?? ''),
      status: row.redirectStatus ?? 308,
      ...waysOf(row),
    }
  const environmentId = row.environmentId ?? ''
  return siteUnder(row, await world.gateway.read(environmentId, signal))
}

/** What of a URL does not depend on what answers there: HTTPS, as soon as it has a certificate. */
export const waysOf = ({ https, extra }: Pick<UrlRow, 'https' | 'extra'>): HostWays => ({
  ...(https.mode !== 'none' && https.certificateId !== null && { tls: tlsOf(https, https.certificateId) }),
  ...(extra !== null && { extra }),
})

export const tlsOf = ({ redirect, hsts, minimumTls }: HttpsWays, certificate: string): HostTls => ({
  certificate,
  redirect,
  hsts,
  minimum: minimumTls,
})

/** An environment's site under one of its host names; null: nothing is deployed yet. */
const siteUnder = (row: UrlRow, site: Site | null): HostSite => ({
  kind: 'site',
  environmentId: row.environmentId ?? '',
  site,
  ...waysOf(row),
})

export interface NamedSite {
  hostname: Hostname
  site: HostSite
}

/**
 * What the host names of an environment answer with, each in its own ways; of these host names, or of all that have a
 * site.
 */
export function sitesOf(
  { store }: Pick<World, 'store'>,
  environmentId: string,
  given: { site: Site | null; hostnames?: readonly Hostname[] },
): NamedSite[] {
  const { site, hostnames } = given
  return store.urls
    .sitesOf(environmentId)
    .filter(({ hostname }) => hostnames?.includes(hostname) ?? true)
    .map((row) => ({ hostname: row.hostname, site: siteUnder(row, site) }))
}

/** What stands under host names, beside what should. */
export interface SeenSites {
  /** Those with another site, or none. */
  others: Hostname[]
  /** Those whose site somebody has changed. */
  byHand: Hostname[]
}

export async function seenSites(
  { hosts }: Pick<World, 'hosts'>,
  sites: readonly NamedSite[],
  signal: AbortSignal,
): Promise<SeenSites> {
  const seen: SeenSites = { others: [], byHand: [] }
  for (const { hostname, site } of sites) {
    const stands = await readSite(hosts, hostname, signal)
    if (stands === 'by hand') seen.byHand.push(hostname)
    else if (!isDeepStrictEqual(stands, site)) seen.others.push(hostname)
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

/** Puts many sites together: one reload. When it throws nothing is under way any more. */
export async function putSites(
  { hosts }: Pick<World, 'hosts'>,
  sites: readonly NamedSite[],
  signal: AbortSignal,
): Promise<void> {
  await together(sites.map(({ hostname, site }) => hosts.put(hostname, site, signal)))
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
