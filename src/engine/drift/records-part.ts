/** DNS records: put back as they were written, or taken as they stand. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { removingChanges, revertingChanges } from '../../domain/dns/drift.ts'
import { markerText } from '../../domain/dns/marker.ts'
import { type RecordChange, type RecordSet, setText } from '../../domain/dns/records.ts'
import { digestOf, isSameThing, type Observation } from '../../domain/drift.ts'
import type { Facts, StepContext, World } from '../step.ts'
import { writeChanges } from '../url/records.ts'
import type { Adoption, DriftPart } from './part.ts'
import { type FoundRecord, RECORD_KINDS, seenRecords } from './records.ts'

export function recordsPart(world: World): DriftPart {
  /** When the zones without URLs were last looked at. */
  let thoroughAt = world.clock.now() + LIMITS.drift.otherZonesFirstMs - LIMITS.drift.otherZonesMs
  return {
    name: 'records',
    kinds: RECORD_KINDS,
    async look({ only, signal }) {
      const now = world.clock.now()
      const isThorough = only === null && now - thoroughAt >= LIMITS.drift.otherZonesMs
      if (isThorough) thoroughAt = now
      const { found, failures } = await seenRecords(world, { only, signal, isThorough })
      return { observations: found.map(({ observation }) => observation), failures }
    },
    async revert(context, seen) {
      const found = await foundAsSeen(context, seen)
      if (found)
        await write(context, found, found.row ? puttingBack(world, found) : removingChanges(found.stray))
    },
    adoption: recordAdoption,
  }
}

function puttingBack(world: World, { zone, drift }: FoundRecord & { row: object }): RecordChange[] {
  const { provider } = zone.connected
  const values = [markerText(world.store.instance.id())]
  const { ttlSeconds } = world.store.settings.read().dns
  const mark = provider.asKept({ name: drift.markerName, type: 'TXT', ttlSeconds, values })
  return revertingChanges(drift, mark)
}

/** From exactly what was seen: whoever changes it between the look and the write is not overwritten. */
async function write(context: StepContext, { zone }: FoundRecord, changes: RecordChange[]): Promise<void> {
  const { id, label } = zone.connected
  await writeChanges(context, { provider: { id, label }, zone: zone.zone, changes })
}

/** Null: it is as it should be, since a crash came behind the deed. */
async function foundAgain({ world, signal }: StepContext, seen: Observation): Promise<FoundRecord | null> {
  const { found, failures } = await seenRecords(world, { only: seen, signal, isThorough: false })
  const again = found.find(({ observation }) => isSameThing(observation, seen))
  const failure = again ? null : failures.find((one) => one.holds(seen))
  if (failure) throw failure.cause
  return again ?? null
}

/** `foundAgain`. Throws `conflict` for what was changed meanwhile. */
async function foundAsSeen(context: StepContext, seen: Observation): Promise<FoundRecord | null> {
  const again = await foundAgain(context, seen)
  if (again === null || digestOf(again.observation) === digestOf(seen)) return again
  throw new Fault('conflict', `${seen.thing} was changed once more meanwhile.`, {
    hint: 'Nothing was changed. Look again, see what stands there now, and decide anew.',
  })
}

interface AdoptedRecord extends Facts {
  /** Null: it is gone, and stays so. */
  set: RecordSet | null
}

const recordAdoption: Adoption = {
  async learn(context, seen): Promise<AdoptedRecord> {
    const found = await foundAsSeen(context, seen)
    if (!found?.row) return { set: null }
    const { now } = found.drift
    context.say(now ? `From now on ${setText(now)} counts.` : `${seen.thing} stays away.`)
    return { set: now }
  },
  /** Of what stays away the marker goes as well: it would be a stray. */
  async act(context, seen) {
    if (seen.kind !== 'record-missing') return
    const found = await foundAgain(context, seen)
    if (!found?.row || found.drift.owner.kind !== 'us') return
    const { markerName: name, marker, now } = found.drift
    if (now !== null) throw new Fault('conflict', `${seen.thing} is back.`, { hint: 'Look again.' })
    await write(context, found, [{ name, type: 'TXT', before: marker, after: null }])
  },
  take({ world: { store } }, seen, facts) {
    const { set } = facts as AdoptedRecord // learned above
    const row = store.urls.byId(seen.urlId ?? '')
    if (!row || row.deletedAt !== null) return {}
    const isIt = ({ name, type }: RecordSet) => `${name} ${type}` === seen.thing
    const records = row.dns.records.flatMap((one) => (isIt(one) ? (set ?? []) : one))
    if (records.length > 0) store.urls.setDns(row.id, { ...row.dns, records })
    else store.urls.leaveDnsAlone(row.id)
    return {}
  },
}
