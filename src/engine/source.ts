import { isoTime } from '../base/clock.ts'
import { Fault, shown } from '../base/fault.ts'
import type { Digest } from '../domain/bundle.ts'
import type { Cause } from '../domain/deployment.ts'
import type { DeploymentRow } from '../store/deployments.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { Store } from '../store/store.ts'

/** What a deployment is to be made from, besides an upload. */
export type Source = { bundle: Digest } | { rollbackTo: string } | { promoteFrom: string }

export interface ResolvedSource {
  bundle: Digest
  cause: Cause
  /** Null: its own. */
  originNumber: number | null
  source: string | null
}

/** Which bundle a source means now. Throws `not_found`, `conflict`, `invalid`. */
export function resolveSource(store: Store, environment: EnvironmentRow, source: Source): ResolvedSource {
  if ('bundle' in source) return storedBundle(store, environment, source.bundle)
  if ('promoteFrom' in source) return promotion(store, environment, source.promoteFrom)
  return source.rollbackTo === 'previous'
    ? oneBefore(store, environment)
    : earlier(store, environment, source.rollbackTo)
}

export const noBundle = (service: string, bundle: Digest): Fault =>
  new Fault('not_found', `The service "${service}" has no bundle ${bundle.slice(0, 12)}….`, {
    hint: 'List its bundles, or upload the archive.',
    errors: [{ field: 'bundle', message: 'is not a bundle of this service' }],
  })

export const noOrigin = (service: string, from: string): Fault =>
  new Fault('not_found', `The service "${service}" has no environment "${shown(from, 60)}".`, {
    hint: 'List its environments to see their names.',
    errors: [{ field: 'promoteFrom', message: 'is not an environment of this service' }],
  })

function storedBundle(store: Store, environment: EnvironmentRow, bundle: Digest): ResolvedSource {
  requireNotErased(store, environment.serviceId, bundle)
  if (!store.bundles.find(environment.serviceId, bundle)) throw noBundle(environment.serviceName, bundle)
  return { bundle, cause: 'upload', originNumber: null, source: null }
}

function promotion(store: Store, environment: EnvironmentRow, from: string): ResolvedSource {
  const origin = store.environments.find(environment.serviceName, from)
  if (!origin) throw noOrigin(environment.serviceName, from)
  if (origin.id === environment.id)
    throw new Fault('invalid', `"${from}" can't be promoted to itself.`, {
      hint: 'Name another environment to promote from.',
      errors: [{ field: 'promoteFrom', message: 'is the environment itself' }],
    })
  const live = origin.liveDeploymentId && store.deployments.find(origin.liveDeploymentId)
  if (!live || live.bundle === null)
    throw new Fault('conflict', `Nothing is live in "${from}", so there is nothing to promote.`, {
      hint: `Deploy to "${from}" first.`,
    })
  return { bundle: live.bundle, cause: 'promotion', originNumber: null, source: from }
}

function oneBefore(store: Store, environment: EnvironmentRow): ResolvedSource {
  const live = environment.liveDeploymentId && store.deployments.find(environment.liveDeploymentId)
  const before = live ? store.deployments.before(live) : null
  if (!before)
    throw new Fault('conflict', `"${environment.name}" has no deployment to roll back to.`, {
      hint: 'Only a deployment that succeeded earlier, with other content, can be rolled back to.',
    })
  return rollbackTo(before)
}

function earlier(store: Store, environment: EnvironmentRow, id: string): ResolvedSource {
  const target = store.deployments.find(id)
  if (!target || target.environmentId !== environment.id || store.deployments.isHidden(id))
    throw new Fault('not_found', `"${environment.name}" has no deployment ${shown(id, 40)}.`, {
      hint: 'List the deployments of the environment to see their ids.',
      errors: [{ field: 'rollbackTo', message: 'is not a deployment of this environment' }],
    })
  if (target.status !== 'succeeded')
    throw new Fault(
      'conflict',
      `The deployment ${id} did not succeed (${target.status}), so it can't be rolled back to.`,
      {
        hint: 'Choose one that succeeded, or deploy its bundle anew.',
      },
    )
  if (target.bundle !== null) requireNotErased(store, environment.serviceId, target.bundle)
  return rollbackTo(target)
}

/** Throws `conflict` for a bundle that somebody has erased. */
export function requireNotErased(store: Store, serviceId: string, bundle: Digest): void {
  const erased = store.bundles.erased(serviceId, bundle)
  if (!erased) return
  const { at, actor, reason } = erased
  const why = reason === null ? '' : `: ${shown(reason, 200)}`
  throw new Fault(
    'conflict',
    `Its bundle was erased on ${isoTime(at).slice(0, 10)} by ${actor.name}${why}.`,
    {
      hint: 'The bytes are gone for good. Upload the archive again, without what had to go.',
    },
  )
}

function rollbackTo(target: DeploymentRow): ResolvedSource {
  if (target.bundle === null) throw new Error(`deployment ${target.id} succeeded without a bundle`)
  return { bundle: target.bundle, cause: 'rollback', originNumber: target.originNumber, source: target.id }
}
