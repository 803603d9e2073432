/** Operations that meet drift on their way stop before it is overwritten, and it is a finding from then on. */
import type { Fault } from '../base/fault.ts'
import type { DriftKind } from '../domain/drift.ts'
import type { Hostname } from '../domain/host-site.ts'
import type { DriftRow } from '../store/drifts.ts'
import { noteDrift } from './drift/looks.ts'
import { met } from './drift/met.ts'
import { siteFindings } from './drift/sites.ts'
import type { World } from './step.ts'
import { readSite } from './url/sites.ts'

/** What somebody has made of sites, so that an operation can't go on. */
const OF_SITES: readonly DriftKind[] = ['site-text', 'site-missing', 'site-link']

/** Looks at the sites of these names and writes down what stands otherwise than it should, of these kinds. */
export async function metAt(
  world: World,
  { hostnames, kinds = OF_SITES }: { hostnames: readonly Hostname[]; kinds?: readonly DriftKind[] },
  signal: AbortSignal,
): Promise<DriftRow[]> {
  const found = (await siteFindings(world, signal)).filter(
    ({ drift: { hostname, kind } }) =>
      hostname !== null && hostnames.includes(hostname) && kinds.includes(kind),
  )
  return world.store.tx(() => found.map(({ observation }) => noteDrift(world, observation)))
}

/** Throws `conflict` when a site that is to be written anew is not as it was written. */
export async function requireUnedited(
  world: World,
  { hostname, kinds, why }: { hostname: Hostname; kinds?: readonly DriftKind[]; why: string },
  signal: AbortSignal,
): Promise<void> {
  await requireSharedUnedited(world, signal)
  if ((await readSite(world.hosts, hostname, signal)) !== 'by hand') return
  const met = await metAt(world, { hostnames: [hostname], ...(kinds && { kinds }) }, signal)
  if (met.length > 0) throw metDrift(met, why)
}

/** Throws `conflict` when somebody has changed what all sites share, since it is written with each of them. */
export async function requireSharedUnedited(world: World, signal: AbortSignal): Promise<void> {
  const files = await world.hosts.written(null, signal)
  if (!files.some(({ isByHand }) => isByHand)) return
  const found = (await siteFindings(world, signal)).filter(
    ({ drift: { hostname, kind } }) => hostname === null && kind === 'site-text',
  )
  const rows = world.store.tx(() => found.map(({ observation }) => noteDrift(world, observation)))
  if (rows.length > 0) throw metDrift(rows, 'it is written anew with every site')
}

/** A `conflict` that names what was met, with the ways out of the first of it. */
export function metDrift(rows: readonly DriftRow[], why: string): Fault {
  const texts = rows.map(({ thing }) => `${thing} was changed by hand`)
  return met(`${texts.join(', and ')}: ${why}`, rows[0] ?? null)
}
