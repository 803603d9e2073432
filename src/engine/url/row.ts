/** What the steps of URL operations share. */
import type { Clock } from '../../base/clock.ts'
import type { HostSite } from '../../domain/host-site.ts'
import { redirectText } from '../../domain/redirect-target.ts'
import type { UrlState } from '../../domain/url.ts'
import type { OperationRow } from '../../store/operations.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'

/** Given when the operation was accepted. */
export interface UrlFacts {
  /** The URL's id. */
  url: string
}

/** The URL that an operation is about; of one that is detached its last state. */
export function rowOf(world: Pick<World, 'store'>, operation: OperationRow): UrlRow {
  const { url } = operation.facts as Partial<UrlFacts> // given by whoever queued it
  const row = world.store.urls.byId(url ?? '')
  if (!row) throw new Error(`the operation names the URL ${url}, which has no row`)
  return row
}

type Timed = Pick<World, 'store'> & { clock: Pick<Clock, 'now'> }

/** Until when resolvers may know the records that a URL has had. */
export function heldUntil({ store, clock }: Timed, { dns }: UrlRow): number {
  const ttls = dns.records.map(({ ttlSeconds }) => ttlSeconds)
  return clock.now() + Math.max(store.settings.read().dns.ttlSeconds, ...ttls) * 1000
}

/** An attach that came to nothing: a name whose records have stood is known to resolvers for a while. */
export function giveUp(world: Timed, row: UrlRow): void {
  if (row.deletedAt !== null) return
  const held = row.dns.records.length > 0 ? heldUntil(world, row) : null
  world.store.urls.release(row.id, { now: world.clock.now(), heldUntil: held })
}

/** A detach that came to nothing. Its state before was noted when it was accepted. */
export function keepUrl({ store }: Pick<World, 'store'>, operation: OperationRow): void {
  const { url, was } = operation.facts as { url: string; was?: UrlState } // given by whoever queued it
  store.urls.setState(url, was ?? 'attached')
}

/** What a site does, as the end of a sentence that begins with its address. */
export function siteText(site: HostSite): string {
  if (site.kind === 'redirect') return `redirects to ${redirectText(site.to)} (${site.status})`
  if (site.kind === 'self') return "answers with Fairlead's own page"
  return site.site === null ? 'answers; nothing is deployed there yet' : 'answers with what is live'
}
