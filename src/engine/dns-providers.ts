/** DNS providers of the instance: set up by people, their secrets sealed, told to the audit without them. */
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { Seal, SealedPlace } from '../base/seal.ts'
import { requireDisplayName } from '../domain/account/login.ts'
import type { DnsProviderRow } from '../store/dns-providers.ts'
import type { Store } from '../store/store.ts'
import type { Authority } from './account/authority.ts'
import type { World } from './step.ts'
import { factsAtWork } from './url/certificate/facts.ts'

export type DnsProviderWorld = Pick<World, 'store' | 'clock'> & { seal: Seal }

/** Settings that fit the schema of their driver, with the secret ones apart. */
export interface NewDnsProvider {
  kind: string
  label: string
  config: Record<string, unknown>
  secrets: Record<string, string>
}

export interface DnsProviderWish {
  label?: string | undefined
  /** Whole, as it is to be. */
  config?: Record<string, unknown> | undefined
  /** Those that change; null: taken away. */
  secrets?: Record<string, string | null> | undefined
}

/** Where a sealed secret of a provider stands. */
export const dnsSecretPlace = (id: string, field: string): SealedPlace => ({
  table: 'dns_providers',
  row: id,
  column: `secrets.${field}`,
})

/** The secrets of a provider by field, for its driver. Throws `broken_data` for what can't be opened. */
export function openSecrets(seal: Seal, { id, secrets }: DnsProviderRow): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, sealed]) => [field, seal.open(sealed, dnsSecretPlace(id, field))]),
  )
}

/** For the audit: which secrets there are, and never what they are. */
const shownOf = ({ kind, label, config, secrets }: DnsProviderRow) => ({
  kind,
  label,
  config,
  secrets: Object.fromEntries(Object.keys(secrets).map((field) => [field, '•••'])),
})

/** Throws `invalid` for the label, `conflict` when there are too many, and what `requireStill` throws. */
export function createDnsProvider(
  { store, clock, seal }: DnsProviderWorld,
  by: Authority,
  given: NewDnsProvider,
): DnsProviderRow {
  const label = requireDisplayName(given.label, 'label')
  return store.tx(() => {
    by.requireStill()
    if (store.dnsProviders.all().length >= LIMITS.dnsProvider.providers)
      throw new Fault('conflict', `There are ${LIMITS.dnsProvider.providers} DNS providers already.`, {
        hint: 'Delete one that is no longer used.',
      })
    const { kind, config, secrets } = given
    const row = store.dnsProviders.create(
      { kind, label, config },
      (id) => sealed(seal, id, secrets),
      clock.now(),
    )
    const data = { provider: row.id, after: shownOf(row) }
    store.events.append({ at: clock.now(), kind: 'dns-provider.created', actor: by.actor, data })
    return row
  })
}

/** Throws `not_found`, `conflict` when somebody else was faster, `invalid`, and what `requireStill` throws. */
export function changeDnsProvider(
  { store, clock, seal }: DnsProviderWorld,
  by: Authority,
  { row, wish }: { row: DnsProviderRow; wish: DnsProviderWish },
): DnsProviderRow {
  const { config = row.config, secrets: wished = {} } = wish
  const label = wish.label === undefined ? row.label : requireDisplayName(wish.label, 'label')
  return store.tx(() => {
    by.requireStill()
    if (store.dnsProviders.required(row.id).revision !== row.revision)
      throw new Fault('conflict', 'The DNS provider was changed meanwhile.', {
        hint: 'Look at it, and try again.',
      })
    const kept = Object.entries(row.secrets).filter(([field]) => !(field in wished))
    const fresh = Object.entries(wished).flatMap(([field, text]) =>
      text === null ? [] : [[field, text] as const],
    )
    const secrets = { ...Object.fromEntries(kept), ...sealed(seal, row.id, Object.fromEntries(fresh)) }
    store.dnsProviders.change(row, { label, config, secrets })
    const after = store.dnsProviders.required(row.id)
    store.events.append({
      at: clock.now(),
      kind: 'dns-provider.changed',
      actor: by.actor,
      data: {
        provider: row.id,
        before: shownOf(row),
        after: shownOf(after),
        ...(Object.keys(wished).length > 0 && { secretsChanged: Object.keys(wished) }),
      },
    })
    return after
  })
}

/** Throws `not_found`, `conflict` while URLs have records there or operations write some, and what `requireStill` throws. */
export function deleteDnsProvider(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  by: Authority,
  id: string,
): DnsProviderRow {
  return store.tx(() => {
    by.requireStill()
    const row = store.dnsProviders.required(id)
    const count = store.urls.countOfProvider(id)
    if (count > 0)
      throw new Fault(
        'conflict',
        `${count === 1 ? '1 URL has' : `${count} URLs have`} records at the DNS provider "${row.label}".`,
        { hint: 'Detach them first: without it nobody could take their records away.' },
      )
    requireIdle(store, row)
    store.dnsProviders.remove(id)
    const data = { provider: id, before: shownOf(row) }
    store.events.append({ at: clock.now(), kind: 'dns-provider.deleted', actor: by.actor, data })
    return row
  })
}

/** What a CA was to see there is taken away by the operation that has written it, and by nobody else. */
function requireIdle(store: Pick<Store, 'operations'>, { id, label }: DnsProviderRow): void {
  if (!factsAtWork(store).some(({ https }) => https?.asked?.zone?.provider.id === id)) return
  throw new Fault('conflict', `An operation writes there: it shows a CA records at "${label}".`, {
    hint: 'Wait for its end, or cancel it; one that is stuck can be tried again.',
  })
}

const sealed = (seal: Seal, id: string, secrets: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).map(([field, text]) => [field, seal.seal(text, dnsSecretPlace(id, field))]),
  )
