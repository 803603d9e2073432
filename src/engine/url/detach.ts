/** A URL goes: first the records that lead people to it, then its site. */
import type { HostSite } from '../../domain/host-site.ts'
import type { UrlState } from '../../domain/url.ts'
import type { UrlRow } from '../../store/urls.ts'
import { clearStuck } from '../journal.ts'
import type { Act, Facts, Look, Plan } from '../step.ts'
import { askNameServers, type Expectation, gone } from './name-servers.ts'
import { type PlannedChanges, planRemoval, takeBack, writeChanges } from './records.ts'
import { heldUntil, rowOf, type UrlFacts } from './row.ts'
import { hostSiteOf, readSite } from './sites.ts'

interface DetachFacts extends UrlFacts, Facts {
  /** Its state when it was accepted: what it is again when nothing comes of it. */
  was: UrlState
  before: HostSite | null
  dns: PlannedChanges
}

/** See what stands · remove the DNS records · ask the name servers · take the site down. */
export function detachPlan(): Plan<DetachFacts> {
  return {
    steps: [seeWhatStands, removeDns, askServers, takeDown],
    switchAt: 3,
    commitAt: 3,
    commit({ world, operation }) {
      const row = rowOf(world, operation)
      if (row.deletedAt === null)
        world.store.urls.release(row.id, { now: world.clock.now(), heldUntil: heldUntil(world, row) })
      clearStuck(world, operation)
      return {}
    },
    ended({ world, operation }, status) {
      if (status === 'succeeded' || status === 'stuck') return
      const { was } = operation.facts as Partial<DetachFacts> // given by whoever queued it
      world.store.urls.setState(rowOf(world, operation).id, was ?? 'attached')
    },
  }
}

const seeWhatStands: Look<DetachFacts> = {
  kind: 'look',
  name: 'see what stands',
  async run(context) {
    const { world, operation, signal, say } = context
    const row = rowOf(world, operation)
    const before = await readSite(world.hosts, row.hostname, signal)
    if (before === null) say(`No site stands under ${row.hostname}.`, 'warn')
    const dns = await planRemoval(context, row)
    return { before, dns }
  },
}

const removeDns: Act<DetachFacts> = {
  kind: 'act',
  name: 'remove the DNS records',
  begin({ world, operation }) {
    const { id, dns } = rowOf(world, operation)
    if (dns.state === 'answered') world.store.urls.setDns(id, { ...dns, state: 'pending' })
  },
  async run(context, { dns }) {
    const row = rowOf(context.world, context.operation)
    for (const line of byHand(row)) context.say(line, 'warn')
    await writeChanges(context, dns)
  },
  async undo(context, { dns }) {
    await takeBack(context, dns)
    const row = rowOf(context.world, context.operation)
    if (dns.provider !== null) context.world.store.urls.setDns(row.id, { ...row.dns, state: 'answered' })
  },
}

/** What a person has to do, since a person has done the other. */
export const byHand = ({ dns }: UrlRow): string[] =>
  dns.state === 'by-hand'
    ? dns.records.map(
        ({ name, type, values }) => `Remove the record ${name} ${type} ${values.join(', ')} by hand.`,
      )
    : []

const askServers: Look<DetachFacts> = {
  kind: 'look',
  name: 'ask the name servers',
  async run(context, { dns }) {
    await askNameServers(context, dns, markersGone(dns))
    return {}
  },
}

/** The markers that a change takes away, together with their sets: unlike those no wildcard answers in their place. */
export const markersGone = ({ changes }: PlannedChanges): Expectation[] =>
  changes.flatMap(({ type, before, after }) =>
    type === 'TXT' && before !== null && after === null ? [gone(before)] : [],
  )

const takeDown: Act<DetachFacts> = {
  kind: 'act',
  name: 'take the site down',
  async run({ world, operation, signal, say }) {
    const row = rowOf(world, operation)
    await world.hosts.drop(row.hostname, signal)
    say(`Took the site of ${row.hostname} down.`)
    world.store.urls.setSite(row.id, 'pending')
  },
  async undo({ world, operation, signal }, { before }) {
    const row = rowOf(world, operation)
    if (before === null) return
    // When it was stuck for a while another site may be live by now.
    await world.hosts.put(row.hostname, await hostSiteOf(world, row, signal), signal)
    world.store.urls.setSite(row.id, 'up')
  },
}
