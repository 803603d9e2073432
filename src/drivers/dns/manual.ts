/** Records that a person makes: it knows the zones, and nothing of what stands in them. */
import { z } from 'zod'
import { canonicalName } from '../../base/dns/name.ts'
import { Fault } from '../../base/fault.ts'
import type { DnsProvider, RecordChange, Zone } from '../../ports/dns.ts'
import { driver } from '../../ports/driver.ts'
import { canonicalSet } from './record-set.ts'
import { zoneNames } from './settings.ts'
import type { DnsTools } from './tools.ts'

const config = z.strictObject({
  zones: zoneNames.default([]).meta({
    label: 'Zones',
    help: 'The zones whose records a person makes. Without any: every name.',
    example: 'example.com',
  }),
})

const manualProvider = (names: readonly string[]): DnsProvider => ({
  writes: false,
  zones: async () => (names.length === 0 ? [''] : names).map((name) => ({ name, id: name })),
  asKept: canonicalSet,
  sets: async () => [],
  all: async () => null,
  change(zone: Zone, changes: RecordChange[]) {
    const names = [...new Set(changes.map(({ name }) => name))].join(', ')
    return Promise.reject(
      new Fault(
        'conflict',
        `The records of ${names} are made by hand${zone.name && `, in the zone ${zone.name}`}.`,
        {
          hint: 'Make them where the zone is kept; what they are is shown with the URL.',
        },
      ),
    )
  },
  nameservers: async () => [],
})

export const manual = driver({
  kind: 'manual',
  label: 'By hand',
  config,
  connect: (given, _tools: DnsTools): DnsProvider =>
    manualProvider([...new Set(given.zones.map(canonicalName))].toSorted()),
})
