/** DNS as the engine sees it: the providers that are set up, connected with their secrets, and the way to ask a name server. */
import type { Clock } from './base/clock.ts'
import type { Egress } from './base/egress.ts'
import { asFault, Fault } from './base/fault.ts'
import type { Seal } from './base/seal.ts'
import { askNameServer } from './drivers/dns/ask.ts'
import { DNS_DRIVERS } from './drivers/index.ts'
import { openSecrets } from './engine/dns-providers.ts'
import type { ConnectedProvider, DnsWorld } from './engine/step.ts'
import type { DnsProvider } from './ports/dns.ts'
import type { DnsProviderRow } from './store/dns-providers.ts'
import type { Store } from './store/store.ts'

interface Tools {
  store: Store
  seal: Seal
  egress: Egress
  clock: Clock
}

export function dnsWorld({ store, seal, egress, clock }: Tools): DnsWorld {
  const known = new Map<string, Pick<ConnectedProvider, 'provider' | 'heard'> & { revision: number }>()
  const connected = (row: DnsProviderRow): ConnectedProvider => {
    const { id, kind, label, revision } = row
    const before = known.get(id)
    const { provider, heard } =
      before?.revision === revision
        ? before
        : { provider: connect(row, { seal, egress, clock }), heard: { zones: null } }
    known.set(id, { revision, provider, heard })
    return { id, kind, label, provider, heard }
  }
  return {
    providers() {
      const rows = store.dnsProviders.all()
      for (const id of known.keys()) if (!rows.some((row) => row.id === id)) known.delete(id)
      return rows.map(connected)
    },
    ask: askNameServer(clock),
  }
}

function connect(row: DnsProviderRow, { seal, ...tools }: Omit<Tools, 'store'>): DnsProvider {
  const driver = DNS_DRIVERS.find(({ kind }) => kind === row.kind)
  try {
    if (!driver)
      throw new Fault('broken_data', `This Fairlead knows no DNS providers of the kind "${row.kind}".`)
    return driver.connect({ ...row.config, ...openSecrets(seal, row) }, tools)
  } catch (thrown) {
    return unusable(row, asFault(thrown))
  }
}

/** One whose secrets were lost, say: it is in the list, and says why when it is asked. */
function unusable({ label }: DnsProviderRow, { message, hint, errors, cause }: Fault): DnsProvider {
  const fault = new Fault('unavailable', `The DNS provider "${label}" can't be used: ${message}`, {
    hint: hint ?? 'Enter its secrets again.',
    errors,
    cause,
  })
  const refuse = () => Promise.reject(fault)
  return {
    writes: true,
    zones: refuse,
    asKept() {
      throw fault
    },
    sets: refuse,
    all: refuse,
    change: refuse,
    nameservers: refuse,
  }
}
