/** Taking URLs away, one or all of an environment: first the records that lead people to them, then their sites. */
import type { UrlState } from '../../domain/url.ts'
import type { UrlRow } from '../../store/urls.ts'
import { requireSharedUnedited, requireUnedited } from '../edited-sites.ts'
import type { Act, Facts, Look, StepContext, World } from '../step.ts'
import { askNameServers, type Expectation, gone } from './name-servers.ts'
import { type PlannedChanges, planRemoval, takeBack, writeChanges } from './records.ts'
import { heldUntil } from './row.ts'
import { dropSites, hostSiteOf, readSite } from './sites.ts'

interface RemovedUrl {
  id: string
  /** Its state before: what it is again when nothing comes of it. */
  was: UrlState
  /** Whether a site stood there. */
  hadSite: boolean
  dns: PlannedChanges
}

export interface RemovalFacts extends Facts {
  /** Absent in what began before there were URLs. */
  urls?: RemovedUrl[]
}

/** What stands for these URLs, and what of it is to go. Throws `conflict` for what somebody has changed. */
export async function seeUrls(context: StepContext, rows: UrlRow[]): Promise<RemovedUrl[]> {
  const { world, signal, say } = context
  const seen: RemovedUrl[] = []
  await requireSharedUnedited(world, signal)
  for (const row of rows) {
    const stands = await readSite(world.hosts, row.hostname, signal)
    // A link or file that somebody took away may go wholly; what he has written may not.
    if (stands === 'by hand')
      await requireUnedited(
        world,
        { hostname: row.hostname, kinds: ['site-text'], why: `it would go with ${row.hostname}` },
        signal,
      )
    const hadSite = stands !== null
    if (!hadSite) say(`No site stands under ${row.hostname}.`, 'warn')
    seen.push({ id: row.id, was: row.state, hadSite, dns: await planRemoval(context, row) })
  }
  return seen
}

export const removeRecords: Act<RemovalFacts> = {
  kind: 'act',
  name: 'remove the DNS records',
  begin({ world: { store } }, { urls = [] }) {
    for (const { id } of urls) {
      const { dns } = required(store, id)
      store.urls.setState(id, 'detaching')
      if (dns.state === 'answered') store.urls.setDns(id, { ...dns, state: 'pending' })
    }
  },
  async run(context, { urls = [] }) {
    for (const { id, dns } of urls) {
      for (const line of byHand(required(context.world.store, id))) context.say(line, 'warn')
      await writeChanges(context, dns)
    }
  },
  async undo(context, { urls = [] }) {
    const { store } = context.world
    for (const { id, dns } of urls) {
      await takeBack(context, dns)
      const row = required(store, id)
      if (dns.provider !== null) store.urls.setDns(id, { ...row.dns, state: 'answered' })
    }
  },
}

/** What a person has to do, since a person has done the other. */
const byHand = ({ dns }: UrlRow): string[] =>
  dns.state === 'by-hand'
    ? dns.records.map(({ name, type, values }) => `Remove ${name} ${type} ${values.join(', ')} by hand.`)
    : []

export const askForGone: Look<RemovalFacts> = {
  kind: 'look',
  name: 'ask the name servers',
  async run(context, { urls = [] }) {
    for (const { dns } of urls) await askNameServers(context, dns, markersGone(dns))
    return {}
  },
}

/** The markers that a change takes away, together with their sets: unlike those no wildcard answers in their place. */
const markersGone = ({ changes }: PlannedChanges): Expectation[] =>
  changes.flatMap(({ type, before, after }) =>
    type === 'TXT' && before !== null && after === null ? [gone(before)] : [],
  )

/** Together: one reload. */
export async function takeUrlSitesDown(
  { world, signal, say }: StepContext,
  { urls = [] }: RemovalFacts,
): Promise<void> {
  if (urls.length === 0) return
  const hostnames = urls.map(({ id }) => required(world.store, id).hostname)
  await dropSites(world, { hostnames, signal })
  for (const { id } of urls) world.store.urls.setSite(id, 'pending')
  say(`Took the site of ${hostnames.join(', ')} down.`)
}

/** As things stand now: what was stuck for a while may come back to another deployment. */
export async function putUrlSitesBack(
  { world, signal }: StepContext,
  { urls = [] }: RemovalFacts,
): Promise<void> {
  for (const { id, hadSite } of urls) {
    if (!hadSite) continue
    const row = required(world.store, id)
    await world.hosts.put(row.hostname, await hostSiteOf(world, row, signal), signal)
    world.store.urls.setSite(id, 'up')
  }
}

/** Their names are held until resolvers have forgotten their records. */
export function releaseUrls(world: World, ids: readonly string[]): void {
  for (const id of ids) {
    const row = required(world.store, id)
    if (row.deletedAt === null)
      world.store.urls.release(id, { now: world.clock.now(), heldUntil: heldUntil(world, row) })
  }
}

/** What was to be taken away stays after all. */
export function keepUrls({ store }: Pick<World, 'store'>, { urls = [] }: RemovalFacts): void {
  for (const { id, was } of urls) store.urls.setState(id, was)
}

function required({ urls }: World['store'], id: string): UrlRow {
  const row = urls.byId(id)
  if (!row) throw new Error(`the operation names the URL ${id}, which has no row`)
  return row
}
