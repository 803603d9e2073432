/** Whether the gateway's files are as they were written, and whose else they are. */
import { Fault } from '../../base/fault.ts'
import { bounded, type Observation } from '../../domain/drift.ts'
import type { Hostname } from '../../domain/host-site.ts'
import type { HostDrift } from '../../ports/hosts.ts'
import type { UrlPlace } from '../../store/url-looks.ts'
import type { World } from '../step.ts'
import { hostSiteOf } from '../url/sites.ts'
import { extraOf } from './extra.ts'

export const SITE_KINDS = ['site-text', 'site-missing', 'site-link', 'site-stray', 'site-foreign'] as const

export interface FoundSite {
  observation: Observation
  drift: HostDrift
}

/** All that the gateway of URLs has to tell. */
export async function siteFindings(world: World, signal: AbortSignal): Promise<FoundSite[]> {
  const { hosts, store } = world
  const before = new Map(store.urlLooks.places().map((place) => [place.hostname, place]))
  const wanted = async (hostname: Hostname) => {
    const row = store.urls.named(hostname)
    return row && (await hostSiteOf(world, row, signal))
  }
  const asked = hosts.drift({ hostnames: [...before.keys()], wanted }, signal)
  const drifts = await asked.catch((error: unknown) => {
    // As long as it has nothing to do, a gateway need not be there.
    if (before.size === 0 && error instanceof Fault && error.code === 'unavailable') return []
    throw error
  })
  const found: FoundSite[] = []
  for (const drift of drifts) {
    // As it is now: a name may have come or gone since the look began.
    const row = drift.hostname === null ? null : store.urls.named(drift.hostname)
    const place = row ?? (drift.hostname === null ? null : (before.get(drift.hostname) ?? null))
    if (isInPassing(drift, { row, place })) continue
    found.push({ drift, observation: bounded(observationOf(drift, place)) })
  }
  return found
}

/** What only a name that comes or goes just now shows. */
function isInPassing({ kind, hostname }: HostDrift, { row, place }: Named): boolean {
  if (kind === 'site-stray') return place !== null
  if (hostname === null) return false
  return row === null || row.site === 'pending'
}

interface Named {
  row: Pick<UrlPlace, 'site'> | null
  place: UrlPlace | null
}

const NOWHERE = { serviceId: null, environmentId: null, urlId: null }

function observationOf(drift: HostDrift, place: UrlPlace | null): Observation {
  const { kind, path, diff, sha256 } = drift
  const where = place
    ? { serviceId: place.serviceId, environmentId: place.environmentId, urlId: place.id }
    : NOWHERE
  const extra = kind === 'site-text' ? extraOf(drift) : { why: WHY[kind] }
  return {
    kind,
    thing: kind === 'site-foreign' ? `${drift.hostname} in ${path}` : path,
    ...where,
    diff,
    ...(sha256 !== undefined && { stands: sha256 }),
    revertable: kind !== 'site-foreign' && (kind !== 'site-stray' || drift.hostname !== null),
    adoptable: 'extra' in extra,
    why: 'extra' in extra ? null : extra.why,
  }
}

const WHY = {
  'site-missing': 'A URL has its file. When the site is to go, detach the URL.',
  'site-link': 'A URL has its links. When the site is to go, detach the URL.',
  'site-stray':
    'No URL has this name: to revert takes the site away. To keep it, put it into a file of your own.',
  'site-foreign': 'Take the name out of that line, or detach the URL.',
} as const
