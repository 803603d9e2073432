/** The DNS records of a URL: planned as a value, written as planned, and taken back as far as they are still ours. */
import { asFault, Fault } from '../../base/fault.ts'
import { type DnsPlan, dnsPlan, plannedZone } from '../../domain/dns/plan.ts'
import { type RecordChange, type RecordSet, setText, type Zone } from '../../domain/dns/records.ts'
import type { Standing } from '../../domain/dns/standing.ts'
import { namesOfChanges, namesOfSets, removalPlan, undoPlan } from '../../domain/dns/undo.ts'
import { type HeldZone, namesToRead } from '../../domain/dns/zone.ts'
import type { DnsProvider } from '../../ports/dns.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { ConnectedProvider, StepContext, World } from '../step.ts'

/** Changes of one zone, as facts of an operation. */
export interface PlannedChanges {
  /** Null: nobody writes, since a person does or there is nothing to write. */
  provider: { id: string; label: string } | null
  zone: Zone | null
  changes: RecordChange[]
}

type DnsSeen = Pick<World, 'store' | 'dns'>

/** What attaching a name would change in DNS. Asks providers, changes nothing. Throws `invalid`, and what they throw. */
export async function planDns(
  world: DnsSeen,
  { hostname, dnsMode: mode }: Pick<UrlRow, 'hostname' | 'dnsMode'>,
  signal: AbortSignal,
): Promise<DnsPlan> {
  const zones = mode === 'auto' ? await heldZones(world.dns.providers(), signal) : []
  const held = plannedZone({ hostname, zones, mode })
  const { store } = world
  const standing = held
    ? await standingAt(requiredProvider(world, held.provider).provider, {
        zone: held.zone,
        names: namesToRead(hostname, held.zone.name),
        signal,
      })
    : new Map()
  const target = store.settings.read().dns
  return dnsPlan({ hostname, mode, zones, target, instance: store.instance.id(), standing })
}

/** What detaching changes: only what is ours and still as we wrote it. Throws `conflict` for what somebody changed. */
export async function planRemoval(
  { world, signal, say }: StepContext,
  { hostname, dns }: UrlRow,
): Promise<PlannedChanges> {
  const connected = dns.providerId === null ? null : requiredProvider(world, dns.providerId)
  if (!connected?.provider.writes || dns.zone === null) return { provider: null, zone: null, changes: [] }
  const { zone, records: made } = dns
  const { id, label, provider } = connected
  const standing = await standingAt(provider, { zone, names: namesOfSets(made, zone.name), signal })
  const plan = removalPlan({ made, zone: zone.name, instance: world.store.instance.id(), standing })
  if (plan.conflicts.length > 0) {
    const texts = plan.conflicts.map((one) => `${setText(one)} ${one.reason}.`)
    throw new Fault(
      'conflict',
      `The records of ${hostname} are not as Fairlead wrote them: ${texts.join(' ')}`,
      {
        hint: 'Nothing was changed. Remove the record by hand or set it back, then try again.',
        errors: plan.conflicts.map(({ name, type }, at) => ({
          field: `${name} ${type}`,
          message: texts[at] ?? '',
        })),
      },
    )
  }
  for (const note of plan.notes) say(note, 'warn')
  return { provider: { id, label }, zone, changes: plan.changes }
}

/** Makes the changes, unless a person does. Throws `conflict` when something was changed since they were planned. */
export async function writeChanges(
  { world, signal, say }: StepContext,
  { provider, zone, changes }: PlannedChanges,
): Promise<void> {
  if (provider === null || zone === null || changes.length === 0) return
  await requiredProvider(world, provider.id).provider.change(zone, changes, signal)
  for (const change of changes) say(`${changeText(change)} at "${provider.label}", zone ${zone.name}.`)
}

/** Puts back what stood before the changes, as far as they were made. What somebody else changed meanwhile stays. */
export async function takeBack(
  { world, signal, say }: StepContext,
  { provider, zone, changes }: PlannedChanges,
): Promise<void> {
  if (provider === null || zone === null || changes.length === 0) return
  const connected = requiredProvider(world, provider.id)
  const names = namesOfChanges(changes, zone.name)
  const standing = await standingAt(connected.provider, { zone, names, signal })
  const place = { zone: zone.name, instance: world.store.instance.id(), standing }
  const back: RecordChange[] = []
  for (const change of changes.toReversed()) {
    const { changes: undoing, conflicts } = undoPlan({ made: [change], ...place })
    back.push(...undoing)
    for (const one of conflicts) say(`${setText(one)} ${one.reason}: it stays as it is.`, 'warn')
  }
  if (back.length === 0) return
  await connected.provider.change(zone, back, signal)
  for (const change of back) say(`${changeText(change)} at "${provider.label}", zone ${zone.name}.`)
}

/** Such as "Wrote docs.example.com A 203.0.113.5". */
function changeText({ before, after }: RecordChange): string {
  if (after === null) return before === null ? 'Left nothing' : `Removed ${setText(before)}`
  const ttl = `(TTL ${after.ttlSeconds} s)`
  return before === null
    ? `Wrote ${setText(after)} ${ttl}`
    : `Wrote ${setText(after)} ${ttl} in place of ${before.values.join(', ')}`
}

/** Throws `unavailable`. */
export function requiredProvider({ dns }: Pick<World, 'dns'>, id: string): ConnectedProvider {
  const found = dns.providers().find((one) => one.id === id)
  if (found) return found
  throw new Fault('unavailable', 'The DNS provider that holds the zone is not set up any more.', {
    hint: 'Set it up again, then try again.',
  })
}

export async function heldZones(providers: ConnectedProvider[], signal: AbortSignal): Promise<HeldZone[]> {
  const held = await Promise.all(
    providers.map(async (one) =>
      (await zonesOf(one, signal)).map(
        (zone): HeldZone => ({
          provider: one.id,
          zone,
          writes: one.provider.writes,
          asKept: (set) => one.provider.asKept(set),
        }),
      ),
    ),
  )
  return held.flat()
}

/** While a provider does not answer, it holds what it held: names in zones of others are not its business. */
async function zonesOf({ provider, heard }: ConnectedProvider, signal: AbortSignal): Promise<Zone[]> {
  try {
    heard.zones = await provider.zones(signal)
    return heard.zones
  } catch (thrown) {
    signal.throwIfAborted()
    if (heard.zones !== null && asFault(thrown).code === 'unavailable') return heard.zones
    throw thrown
  }
}

async function standingAt(
  provider: DnsProvider,
  { zone, names, signal }: { zone: Zone; names: string[]; signal: AbortSignal },
): Promise<Standing> {
  const sets = await Promise.all(
    names.map(
      async (name): Promise<[string, RecordSet[]]> => [name, await provider.sets(zone, name, signal)],
    ),
  )
  return new Map(sets)
}
