/** Names that files of an operator's answer for become URLs, all in one change: checked, taken over, and asked. */
import { pause } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { MovedFile } from '../../ports/hosts.ts'
import type { OperationRow } from '../../store/operations.ts'
import type { UrlRow } from '../../store/urls.ts'
import { addressOf } from '../ask.ts'
import type { Act, Facts, Look, Plan, StepContext, World } from '../step.ts'
import { chooseCertificate } from './certificate/choice.ts'
import { certificatesAtWork } from './certificate/facts.ts'
import { pemOf } from './certificate/put-up.ts'
import { askUrl, type Probed } from './probe.ts'
import { giveUp, siteText } from './row.ts'
import { hostSiteOf, type NamedSite, putSites, seenSites } from './sites.ts'

interface TakeOverFacts extends Facts {
  /** Given when the operation was accepted: ids of URLs. */
  urls: string[]
  files: string[]
  withCatchAll: boolean
  moves: MovedFile[]
  /** By the id of a URL. */
  certificates: Record<string, string | null>
  probed: Record<string, Probed>
}

/** Check the names · take the sites over · probe from outside. */
export function takeOverPlan(): Plan<TakeOverFacts> {
  return {
    steps: [checkNames, takeOver, probe],
    switchAt: 2,
    commitAt: 2,
    commit({ world: { store, clock } }, { urls, probed }) {
      for (const id of urls) {
        store.urls.setState(id, 'attached')
        const seen = probed[id]
        if (seen) store.urls.setProbe(id, { at: clock.now(), ...seen })
      }
      return {}
    },
    ended({ world, operation }, status) {
      if (status !== 'succeeded' && status !== 'stuck') giveAllUp(world, operation)
    },
  }
}

/** A take-over that came to nothing. */
export function giveAllUp(world: Parameters<typeof giveUp>[0], { facts }: OperationRow): void {
  const { urls } = facts as Partial<TakeOverFacts> // given by whoever queued it
  for (const id of urls ?? []) {
    const row = world.store.urls.byId(id)
    if (row) giveUp(world, row)
  }
}

const checkNames: Look<TakeOverFacts> = {
  kind: 'look',
  name: 'check the names',
  async run({ world, signal, say }, facts) {
    for (const { level, message, remedy } of await world.hosts.check(signal)) {
      if (level === 'problem') throw new Fault('unavailable', message, { hint: remedy })
      say(`${message} ${remedy}`, 'warn')
    }
    const rows = rowsOf(world, facts)
    const certificates: TakeOverFacts['certificates'] = {}
    for (const { id, hostname, https } of rows) {
      const wish = { hostname, mode: https.mode, standing: null }
      certificates[id] =
        https.mode === 'none' ? null : (await chooseCertificate(world, wish, signal)).certificateId
    }
    const { files, withCatchAll } = facts
    const hostnames = rows.map(({ hostname }) => hostname)
    const moves = await world.hosts.planTakeOver({ files, hostnames, withCatchAll }, signal)
    return { certificates, moves }
  },
}

const takeOver: Act<TakeOverFacts> = {
  kind: 'act',
  name: 'take the sites over',
  begin({ world: { store } }, facts) {
    for (const { id, https } of rowsOf({ store }, facts))
      store.urls.setHttps(id, { ...https, certificateId: facts.certificates[id] ?? null })
  },
  async run(context, facts) {
    const { world, signal, say } = context
    for (const id of certificatesOf(facts)) await world.certificates.put(id, pemOf(world, id))
    const rows = rowsOf(world, facts)
    const sites = await sitesNow(world, rows, signal)
    await world.hosts.takeOver(sites, facts.moves, signal)
    for (const { hostname, site } of sites) say(`${addressOf(world, hostname)} ${siteText(site)}.`)
    for (const { path, to } of facts.moves) say(`${path} is kept as ${to}.`)
    for (const { id } of rows) world.store.urls.setSite(id, 'up')
    await catchUp(context, rows)
  },
  async undo({ world, operation, signal, say }, facts) {
    const rows = rowsOf(world, facts)
    await world.hosts.giveBack(
      rows.map(({ hostname }) => hostname),
      facts.moves,
      signal,
    )
    for (const { path } of facts.moves) say(`${path} is back.`)
    for (const { id, https } of rows) {
      world.store.urls.setSite(id, 'pending')
      world.store.urls.setHttps(id, { ...https, certificateId: null })
    }
    const atWork = certificatesAtWork(world, operation.id)
    for (const id of certificatesOf(facts))
      if (!atWork.has(id) && world.store.urls.ofCertificate(id).length === 0)
        await world.certificates.drop(id)
  },
}

const BUSY_MS = 200

/** A deployment that began before these were its URLs has put no site of theirs; those that begin now do. */
async function catchUp({ world, signal }: StepContext, rows: readonly UrlRow[]): Promise<void> {
  const { store, clock } = world
  const isBusy = ({ serviceId, environmentId }: UrlRow) =>
    store.operations
      .openOf(serviceId)
      .some((one) => one.status === 'running' && (one.environmentId ?? environmentId) === environmentId)
  for (const row of rows) while (isBusy(row)) await pause(clock, BUSY_MS, signal)
  const sites = await sitesNow(world, rows, signal)
  const { others } = await seenSites(world, sites, signal)
  const late = sites.filter(({ hostname }) => others.includes(hostname))
  if (late.length > 0) await putSites(world, late, signal)
}

const probe: Look<TakeOverFacts> = {
  kind: 'look',
  name: 'probe from outside',
  async run({ world, signal, say }, facts) {
    const probed: TakeOverFacts['probed'] = {}
    for (const row of rowsOf(world, facts)) {
      const seen = await askUrl(world, row, signal)
      if (!seen.ok)
        throw new Fault(
          'unavailable',
          `${addressOf(world, row.hostname)} is not what visitors get: ${seen.detail}`,
          {
            hint: 'Everything is as it was. Check that no other server answers under this name, then try again.',
          },
        )
      say(`${row.hostname}: ${seen.detail}`)
      probed[row.id] = seen
    }
    return { probed }
  },
}

const certificatesOf = ({ certificates }: TakeOverFacts): Set<string> =>
  new Set(Object.values(certificates).filter((id) => id !== null))

/** Those that have not been deleted with their environment meanwhile. */
const rowsOf = ({ store }: Pick<World, 'store'>, { urls }: TakeOverFacts): UrlRow[] =>
  urls.flatMap((id) => store.urls.find(id) ?? [])

async function sitesNow(world: World, rows: readonly UrlRow[], signal: AbortSignal): Promise<NamedSite[]> {
  const sites: NamedSite[] = []
  for (const { id } of rows) {
    const row = world.store.urls.required(id)
    sites.push({ hostname: row.hostname, site: await hostSiteOf(world, row, signal) })
  }
  return sites
}
