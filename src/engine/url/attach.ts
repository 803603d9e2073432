/** A URL comes into being: the name is checked, its site put up, its records written, and the public path asked. */
import { Fault } from '../../base/fault.ts'
import { type DnsPlan, requireNoConflicts } from '../../domain/dns/plan.ts'
import type { RecordSet } from '../../domain/dns/records.ts'
import type { HostSite } from '../../domain/host-site.ts'
import type { DnsState } from '../../domain/url.ts'
import type { UrlRow } from '../../store/urls.ts'
import { addressOf } from '../ask.ts'
import { requireSharedUnedited } from '../edited-sites.ts'
import type { Act, Facts, Look, Plan, Step, World } from '../step.ts'
import { noteCertificate } from './certificate/ending.ts'
import type { HttpsFacts } from './certificate/facts.ts'
import { choiceText, hstsNotes, plannedHttps } from './certificate/planned.ts'
import { askNameServers, written } from './name-servers.ts'
import { type Probed, probe } from './probe.ts'
import { type PlannedChanges, planDns, requiredProvider, takeBack, writeChanges } from './records.ts'
import { giveUp, rowOf, siteText } from './row.ts'
import { hostSiteOf } from './sites.ts'

interface PlannedRecords extends PlannedChanges {
  state: Exclude<DnsState, 'answered'>
  /** The sets of the name as they are to stand, without markers. */
  wanted: RecordSet[]
}

interface AttachFacts extends HttpsFacts, Facts {
  site: HostSite
  dns: PlannedRecords
  probed: Probed
}

/** Check the name · put up the site · write the DNS records · ask the name servers · (those of HTTPS) · probe from outside. */
export function attachPlan(https: Step<HttpsFacts>[]): Plan<AttachFacts> {
  const steps = [checkName, putUpSite, writeDns, askServers, ...https, probe]
  const proved = steps.indexOf(probe)
  return {
    steps,
    // All of it can be put back until the end, so that waiting for a slow name server or CA can be given up.
    switchAt: proved,
    commitAt: proved,
    commit(context, facts) {
      const { store, clock } = context.world
      const { id } = rowOf(context.world, context.operation)
      store.urls.setState(id, 'attached')
      store.urls.setProbe(id, { at: clock.now(), ...facts.probed })
      noteCertificate(context, facts)
      return {}
    },
    ended({ world, operation }, status) {
      world.store.acmeOrders.end(operation.id, world.clock.now())
      if (status !== 'succeeded' && status !== 'stuck') giveUp(world, rowOf(world, operation))
    },
  }
}

const checkName: Look<AttachFacts> = {
  kind: 'look',
  name: 'check the name',
  async run({ world, operation, signal, say }) {
    const row = rowOf(world, operation)
    for (const { level, message, remedy } of await world.hosts.check(signal)) {
      if (level === 'problem') throw new Fault('unavailable', message, { hint: remedy })
      say(`${message} ${remedy}`, 'warn')
    }
    await requireSharedUnedited(world, signal)
    const site = await hostSiteOf(world, row, signal)
    const plan = await planDns(world, row, signal)
    requireNoConflicts(row.hostname, plan.conflicts)
    for (const note of plan.notes) say(note)
    const https = await plannedHttps(world, { row, wish: row.https, isRenewal: false }, signal)
    if (https.after.mode !== 'none') say(choiceText(world, https))
    for (const note of hstsNotes(world, row.hostname, https.after)) say(note, 'warn')
    return { site, dns: plannedRecords(world, plan), https }
  },
}

function plannedRecords(world: Pick<World, 'dns'>, plan: DnsPlan): PlannedRecords {
  const { mode, zone, wanted, changes } = plan
  const provider = plan.provider === null ? null : requiredProvider(world, plan.provider)
  const named = provider && { id: provider.id, label: provider.label }
  const { state, made } = (
    {
      auto: { state: 'pending', made: changes },
      manual: { state: 'by-hand', made: [] },
      none: { state: 'none', made: [] },
    } as const
  )[mode]
  return { state, provider: named, zone, wanted, changes: [...made] }
}

const putUpSite: Act<AttachFacts> = {
  kind: 'act',
  name: 'put up the site',
  async run({ world, operation, signal, say }, { site }) {
    const row = rowOf(world, operation)
    await world.hosts.put(row.hostname, site, signal)
    say(`${addressOf(world, row.hostname)} ${siteText(site)}.`)
    world.store.urls.setSite(row.id, 'up')
  },
  async undo({ world, operation, signal, say }) {
    const row = rowOf(world, operation)
    await world.hosts.drop(row.hostname, signal)
    say(`Took the site of ${row.hostname} down.`)
    world.store.urls.setSite(row.id, 'pending')
  },
}

const writeDns: Act<AttachFacts> = {
  kind: 'act',
  name: 'write the DNS records',
  begin({ world, operation }, { dns }) {
    if (dns.provider) requiredProvider(world, dns.provider.id)
    world.store.urls.setDns(rowOf(world, operation).id, recordsOf(dns))
  },
  run: (context, { dns }) => writeChanges(context, dns),
  undo: (context, { dns }) => takeBack(context, dns),
}

const recordsOf = ({ state, provider, zone, wanted }: PlannedRecords): UrlRow['dns'] => ({
  state,
  providerId: provider?.id ?? null,
  zone,
  records: wanted,
})

const askServers: Look<AttachFacts> = {
  kind: 'look',
  name: 'ask the name servers',
  async run(context, { dns }) {
    if (dns.state !== 'pending') {
      context.say(dns.state === 'none' ? 'Nothing to ask for.' : 'Records made by hand are not waited for.')
      return {}
    }
    await askNameServers(context, dns, dns.wanted.map(written))
    const { world, operation } = context
    world.store.urls.setDns(rowOf(world, operation).id, { ...recordsOf(dns), state: 'answered' })
    return {}
  },
}
