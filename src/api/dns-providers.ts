import { z } from 'zod'
import { isoTime } from '../base/clock.ts'
import { asFault, Fault } from '../base/fault.ts'
import { problemOf } from '../contract/problem.ts'
import * as shapes from '../contract/shapes/dns-providers.ts'
import {
  changeDnsProvider,
  createDnsProvider,
  deleteDnsProvider,
  openSecrets,
} from '../engine/dns-providers.ts'
import { driverFields, secretFields } from '../ports/driver.ts'
import type { DnsProviderRow } from '../store/dns-providers.ts'
import type { Api, Call, DnsKind, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { once, remembered } from './idempotency.ts'
import { requireValid } from './json-body.ts'
import { API_ROOT } from './openapi.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'

type Config = z.infer<typeof shapes.DnsProviderCreate>['config']

export function dnsProviderHandlers(api: Api): HandlersOf<'dns-providers'> {
  const { engine, accounts } = api
  const { store } = engine.world
  const world = { ...engine.world, seal: accounts.seal }
  const view = (row: DnsProviderRow) => providerView(api, row)
  const reply = (row: DnsProviderRow, status = 200): JsonReply<shapes.DnsProvider> => ({
    status,
    value: view(row),
    revision: row.revision,
    location: `${API_ROOT}/dns-providers/${row.id}`,
  })
  return {
    'dns-providers.list': ({ query }) => {
      const page = pageOf({
        list: 'dns-providers',
        query,
        rows: (place) => store.dnsProviders.list(place),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map(view), next: page.next } }
    },
    'dns-providers.create': async (call) => {
      const id = await once(api, call, async (remember) => {
        const { kind, label, config } = await call.json()
        const parts = requireParts(kindNamed(api, kind), config)
        return remembered(api, remember, () => createDnsProvider(world, call, { kind, label, ...parts }))
      })
      return reply(store.dnsProviders.required(id), 201)
    },
    'dns-providers.kinds': () => ({
      status: 200,
      value: shapes.DnsProviderKinds.parse({ items: api.dnsKinds.map(kindFields) }),
    }),
    'dns-providers.show': ({ params }) => reply(store.dnsProviders.required(params.id)),
    'dns-providers.update': async (call) => {
      const { label, config } = await call.json()
      const row = store.dnsProviders.required(call.params.id)
      requireMatch(call.request, view(row))
      const wish = { label, ...(config && changedParts(api, row, config)) }
      return reply(changeDnsProvider(world, call, { row, wish }))
    },
    'dns-providers.delete': (call) => {
      const was = reply(store.dnsProviders.required(call.params.id))
      requireMatch(call.request, was.value)
      deleteDnsProvider(world, call, call.params.id)
      return was
    },
    'dns-providers.test': async (call) => ({ status: 200, value: await tested(api, call) }),
  }
}

const kindFields = ({ kind, label, config }: DnsKind): object => ({
  kind,
  label,
  fields: driverFields({ config }).map(({ choices = [], default: usual = null, ...field }) => ({
    help: null,
    example: null,
    ...field,
    choices,
    default: usual,
  })),
})

/** A kind that this program no longer has shows no fields: what they were it can't tell secrets from. */
function providerView({ dnsKinds, accounts: { seal } }: Api, row: DnsProviderRow): shapes.DnsProvider {
  const { id, kind, label, revision, createdAt } = row
  const driver = dnsKinds.find((one) => one.kind === kind)
  const secret = driver ? secretFields(driver) : Object.keys(row.secrets)
  const isKept = (field: string): boolean => {
    const sealed = row.secrets[field]
    return sealed !== undefined && seal.canOpen(sealed)
  }
  return shapes.DnsProvider.parse({
    id,
    kind,
    label,
    config: row.config,
    secrets: Object.fromEntries(secret.map((field) => [field, isKept(field)])),
    revision,
    createdAt: isoTime(createdAt),
  })
}

/** Throws `invalid`. */
function kindNamed({ dnsKinds }: Api, kind: string): DnsKind {
  const found = dnsKinds.find((one) => one.kind === kind)
  if (found) return found
  throw new Fault('invalid', 'There is no such kind of DNS provider.', {
    hint: `There are: ${dnsKinds.map((one) => one.kind).join(', ')}.`,
    errors: [{ field: 'kind', message: 'is none of them' }],
  })
}

interface Parts {
  config: Record<string, unknown>
  secrets: Record<string, string>
}

/** Settings that fit the schema of their driver, with the secrets apart. Throws `invalid`. */
function requireParts(driver: DnsKind, given: Config): Parts {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const whole = requireValid(z.object({ config: driver.config }), { config: named }, 'body').config
  const secret = new Set(secretFields(driver))
  const entries = Object.entries(whole)
  return {
    config: Object.fromEntries(entries.filter(([name]) => !secret.has(name))),
    secrets: Object.fromEntries(
      entries.flatMap(([name, value]) =>
        secret.has(name) && typeof value === 'string' ? [[name, value]] : [],
      ),
    ),
  }
}

/**
 * What stays and what changes. A secret was entered for the place where it is sent: with another one it has to come anew,
 * so that nobody who may change settings can have it sent to himself. Throws `invalid`.
 */
function changedParts(api: Api, row: DnsProviderRow, given: Config): Parts {
  const driver = kindNamed(api, row.kind)
  const before = { ...row.config, ...keptSecrets(api, row) }
  const parts = requireParts(driver, { ...before, ...given } as Config) // as it was when it was entered
  const secret = secretFields(driver)
  const isElsewhere = driverFields(driver).some(
    ({ name, type }) => (type === 'text' || type === 'number') && parts.config[name] !== row.config[name],
  )
  const missing = secret.filter((name) => isElsewhere && name in row.secrets && !(name in given))
  if (missing.length === 0) return parts
  throw new Fault('invalid', 'The secrets that are kept were entered for another place.', {
    hint: 'Send them again along with what changes.',
    errors: missing.map((name) => ({ field: `config.${name}`, message: 'is missing' })),
  })
}

/** Those that can be opened: after a restore without the key they have to be entered again. */
const keptSecrets = ({ accounts: { seal } }: Api, row: DnsProviderRow): Record<string, string> =>
  openSecrets(seal, {
    ...row,
    secrets: Object.fromEntries(Object.entries(row.secrets).filter(([, sealed]) => seal.canOpen(sealed))),
  })

async function tested(api: Api, call: Call<'dns-providers.test'>): Promise<shapes.DnsProviderTest> {
  const { world } = api.engine
  const row = world.store.dnsProviders.required(call.params.id)
  const connected = world.dns.providers().find(({ id }) => id === row.id)
  if (!connected) throw new Error(`the DNS provider ${row.id} is not connected`)
  try {
    const zones = await connected.provider.zones(AbortSignal.any([call.request.signal, api.stopping]))
    return shapes.DnsProviderTest.parse({ ok: true, zones: zones.map(({ name }) => name), problem: null })
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'internal') throw thrown
    return shapes.DnsProviderTest.parse({ ok: false, zones: [], problem: problemOf(fault) })
  }
}
