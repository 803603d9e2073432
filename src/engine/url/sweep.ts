/**
 * Sites of URLs that should stand and don't, and what stands without a URL: after a restore, a crash, on another machine.
 * What somebody has changed by hand is left to the look for drift: a text that was edited, and a site of which a part is
 * gone while the rest stands.
 */
import { nextTurn } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Site } from '../../ports/gateway.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { World } from '../step.ts'
import { hostSiteOf, seenSites, sitesOf } from './sites.ts'

export class UrlSweep {
  private readonly world: World

  constructor(world: World) {
    this.world = world
  }

  /** Whether all URLs of an environment answer with its site. */
  async sitesStand(environmentId: string, site: Site | null, signal: AbortSignal): Promise<boolean> {
    const sites = sitesOf(this.world, environmentId, { site })
    return (await seenSites(this.world, sites, signal)).others.length === 0
  }

  /** Puts back what no deployment puts: redirects, Fairlead's own names, and sites where nothing is deployed yet. */
  async standUp(signal: AbortSignal): Promise<void> {
    for (const row of this.all()) {
      if (signal.aborted) return
      await nextTurn()
      await this.standUpOne(row, signal).catch((cause) =>
        this.world.log.write('error', 'the site of a URL could not be put back', {
          url: row.hostname,
          cause,
        }),
      )
    }
  }

  private async standUpOne(row: UrlRow, signal: AbortSignal): Promise<void> {
    const { hosts, log } = this.world
    if (!this.isDue(row)) return
    const site = await hostSiteOf(this.world, row, signal)
    const { others } = await seenSites(this.world, [{ hostname: row.hostname, site }], signal)
    // From here to the put without a pause: no operation can come between the look and the deed.
    if (others.length === 0 || !this.isDue(row)) return
    log.write('warn', 'the site of a URL does not stand and is put back', { url: row.hostname })
    await hosts.put(row.hostname, site, signal)
  }

  private isDue({ id }: UrlRow): boolean {
    const { store } = this.world
    const row = store.urls.find(id)
    if (row?.state !== 'attached') return false
    const environment = row.environmentId === null ? null : store.environments.byId(row.environmentId)
    if (environment === null) return store.operations.openOf(null).length === 0
    return (
      (row.kind !== 'site' || environment.liveDeploymentId === null) && !store.operations.isBusy(environment)
    )
  }

  private *all(): Generator<UrlRow> {
    let after: number | null = null
    for (;;) {
      const rows: UrlRow[] = this.world.store.urls.list({ limit: 500, after })
      yield* rows
      const last = rows.at(-1)
      if (!last) return
      after = last.number
    }
  }

  /** Sites of ours under names that no URL has. */
  async dropStraySites(signal: AbortSignal): Promise<void> {
    const { hosts, store, log } = this.world
    for (const hostname of await hosts.list(signal)) {
      if (signal.aborted) return
      // A URL that is claimed after this look puts its site after this drop.
      if (store.urls.named(hostname)) continue
      log.write('warn', 'a site that belongs to no URL is taken down', { hostname })
      await hosts.drop(hostname, signal).catch((cause: unknown) => {
        // What somebody has changed by hand is his to look at first.
        if (!(cause instanceof Fault) || cause.code !== 'conflict') throw cause
        log.write('warn', 'a site that belongs to no URL stays', { hostname, cause })
      })
    }
  }
}
