/** Whether a caller may use a row of the route table; asked before the body is read and the handler runs. */
import { Fault } from '../base/fault.ts'
import type { Route } from '../contract/routes.ts'
import { may, type Permission, type Place, type Rights } from '../domain/access.ts'
import { noDrift } from '../store/drifts.ts'
import { noEnvironment } from '../store/environments.ts'
import { noOperation } from '../store/operations.ts'
import { noService } from '../store/services.ts'
import type { Store } from '../store/store.ts'
import { noUrl } from '../store/urls.ts'
import { hiding } from './refused.ts'

export interface Gate {
  store: Store
  rights: Rights
}

/** The place at which a row's permission was found. Throws `not_found` for what may not be read, and `forbidden`. */
export function admitted(gate: Gate, route: Route, params: Record<string, string>): Place {
  const place = placeOf(gate, route, params)
  const { need, at, alsoNeeds = [] } = route
  if (need === null || at === 'list' || at === 'self' || at === 'bundle') return place
  if (![need, ...alsoNeeds].some((word) => may(gate.rights, word, place)))
    throw gate.store.grants.isClaimed() ? lacking(need) : unclaimed(need)
  return place
}

export const lacking = (permission: Permission): Fault =>
  new Fault('forbidden', `You may not do this: it takes the permission "${permission}".`, {
    hint: 'Ask somebody who looks after this Fairlead for a role that has it.',
    extra: { permission },
  })

/** Before there is an account, nobody has a role to give. */
const unclaimed = (permission: Permission): Fault =>
  new Fault('forbidden', `This takes an account: the permission "${permission}" is none of a stranger's.`, {
    hint: 'Make the first account: open the link that "fairlead serve" printed, or run "fairlead user create --role owner".',
    extra: { permission },
  })

function placeOf(gate: Gate, route: Route, params: Record<string, string>): Place {
  const { service = '', environment = '', id = '', digest = '' } = params
  switch (route.at) {
    case 'service':
      return serviceSeen(gate, service)
    case 'environment':
      return environmentSeen(gate, serviceSeen(gate, service), { service, environment })
    case 'bundle':
      return bundleSeen(gate, serviceSeen(gate, service), { service, digest, need: route.need })
    case 'deployment':
      return operationSeen(gate, id, 'deployments:read')
    case 'operation':
      return operationSeen(gate, id, 'operations:read')
    case 'url':
      return urlSeen(gate, id)
    case 'drift':
      return driftSeen(gate, id)
    default:
      return {}
  }
}

function serviceSeen({ store, rights }: Gate, name: string): { serviceId: string } {
  const row = store.services.find(name)
  if (!row || !may(rights, 'services:read', { serviceId: row.id }))
    throw hiding(noService(name), row !== null)
  return { serviceId: row.id }
}

function environmentSeen(
  { store, rights }: Gate,
  { serviceId }: { serviceId: string },
  names: { service: string; environment: string },
): Place {
  const row = store.environments.find(names.service, names.environment)
  const place = { serviceId, environmentId: row?.id ?? null }
  if (!row || !may(rights, 'environments:read', place)) throw hiding(noEnvironment(names), row !== null)
  return place
}

function bundleSeen(
  { store, rights }: Gate,
  { serviceId }: { serviceId: string },
  { service, digest, need }: { service: string; digest: string; need: Permission | null },
): Place {
  if (!maySeeBundle({ store, rights }, serviceId, digest))
    throw hiding(noBundle(service, digest), store.bundles.find(serviceId, digest) !== null)
  if (need !== null && need !== 'bundles:read' && !may(rights, need, { serviceId })) throw lacking(need)
  return { serviceId }
}

/** A bundle may be read in its service as a whole, and where it was deployed by those who may look there. */
export const maySeeBundle = ({ store, rights }: Gate, serviceId: string, digest: string): boolean =>
  may(rights, 'bundles:read', { serviceId }) ||
  store.deployments
    .environmentsOf(serviceId, digest)
    .some((environmentId) => may(rights, 'bundles:read', { serviceId, environmentId }))

export const noBundle = (service: string, digest: string): Fault =>
  new Fault('not_found', `The service "${service}" has no bundle ${digest.slice(0, 12)}….`, {
    hint: 'List its bundles, or upload the archive.',
  })

function operationSeen({ store, rights }: Gate, id: string, read: Permission): Place {
  const row = store.deployments.isHidden(id) ? null : store.operations.find(id)
  const place = row && { serviceId: row.serviceId, environmentId: row.environmentId }
  if (!place || !may(rights, read, place))
    throw hiding(noOperation(read === 'deployments:read'), row !== null)
  return place
}

/** Fairlead's own names belong to the instance. */
function urlSeen({ store, rights }: Gate, id: string): Place {
  const row = store.urls.find(id)
  const place = row && { serviceId: row.serviceId, environmentId: row.environmentId }
  if (!place || !may(rights, 'urls:read', place)) throw hiding(noUrl(), row !== null)
  return place
}

/** What is about the instance takes a right in the whole of it. */
function driftSeen({ store, rights }: Gate, id: string): Place {
  const row = store.drifts.find(id)
  const place = row && { serviceId: row.serviceId, environmentId: row.environmentId }
  if (!place || !may(rights, 'drift:read', place)) throw hiding(noDrift(), row !== null)
  return place
}
