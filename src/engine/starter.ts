/** Who has started an operation, and who has approved it, have to be allowed to until its switch: what was withdrawn meanwhile counts (Z10). */
import type { Permission } from '../domain/access.ts'
import type { Cause } from '../domain/deployment.ts'
import { adoptPermission, adoptPlace } from '../domain/drift.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Store } from '../store/store.ts'
import { requireStill } from './access.ts'
import type { DriftFacts } from './drift/plans.ts'
import type { World } from './step.ts'
import { rowOf } from './url/row.ts'

const OF_CAUSE: Record<Cause, Permission> = {
  upload: 'deployments:deploy',
  webhook: 'deployments:deploy',
  rollback: 'deployments:rollback',
  promotion: 'deployments:promote',
  adoption: 'deployments:deploy',
}

/** Throws `forbidden`. */
export function requireStarter({ store, clock }: World, operation: OperationRow): void {
  const { actor, serviceId, environmentId } = operation
  const permission = permissionOf(store, operation)
  const wish = { place: { serviceId, environmentId }, now: clock.now() }
  if (permission !== null) requireStill(store, actor, { ...wish, permission })
  if (operation.kind === 'url-attach' && rowOf({ store }, operation).hostname.startsWith('*.'))
    requireStill(store, actor, { ...wish, permission: 'urls:wildcard' })
  if (operation.kind === 'drift-adopt') {
    const { thing } = operation.facts as DriftFacts // given by whoever queued it
    const place = adoptPlace(thing.kind, wish.place)
    requireStill(store, actor, { ...wish, place, permission: adoptPermission(thing.kind) })
  }
  const approver = store.deployments.find(operation.id)?.approval?.by
  if (approver) requireStill(store, approver, { ...wish, permission: 'deployments:approve' })
}

/** What it took to start it; null for what the program does by itself. */
export function permissionOf(store: Store, { id, kind, environmentId }: OperationRow): Permission | null {
  switch (kind) {
    case 'deployment': {
      const deployment = store.deployments.find(id)
      return deployment && OF_CAUSE[deployment.cause]
    }
    case 'settings-change':
      return 'environments:update'
    case 'environment-deletion':
      return 'environments:delete'
    case 'service-deletion':
      return 'services:delete'
    case 'site-repair':
      return null
    case 'url-attach':
      return ofUrl(environmentId, 'urls:create')
    case 'url-detach':
      return ofUrl(environmentId, 'urls:delete')
    case 'drift-revert':
    case 'drift-adopt':
      return 'drift:update'
    case 'url-take-over':
      return 'settings:update'
    case 'url-change':
    case 'certificate-renewal':
      return ofUrl(environmentId, 'urls:update')
  }
}

/** Fairlead's own names are a setting of the instance. */
const ofUrl = (environmentId: string | null, permission: Permission): Permission =>
  environmentId === null ? 'settings:update' : permission
