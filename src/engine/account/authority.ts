/** Who gives, changes or takes rights has to hold them himself: so nobody can raise anybody, least of all himself (Z09). */
import { Fault } from '../../base/fault.ts'
import { ALL_RIGHTS, lacked, may, type Permission, type Rights, type Scope } from '../../domain/access.ts'
import { type Actor, LOCAL_ACTOR } from '../../domain/operation.ts'
import { noEnvironment } from '../../store/environments.ts'
import { noService } from '../../store/services.ts'
import type { Store } from '../../store/store.ts'

/** On whose behalf something is done. What he may is asked for at the moment in which it is done. */
export interface Authority {
  actor: Actor
  rights(): Rights
  /** Throws `unauthenticated` or `forbidden` when he may no longer do what he has asked for. */
  requireStill(): void
}

/** Whoever may write the data folder may do everything, with or without this program. */
export const OF_THE_DATA_FOLDER: Authority = {
  actor: LOCAL_ACTOR,
  rights: () => ALL_RIGHTS,
  requireStill() {},
}

/** What somebody wants to give, by the names that people use. */
export interface WishedGrant {
  role: string
  service?: string | undefined
  environment?: string | undefined
}

/** A role at a scope, as it would be given. */
export interface RoleAt {
  role: string
  scope: Scope
}

/**
 * Throws `forbidden` unless everything that these rights allow is allowed to whoever does it, and what `requireStill`
 * throws. `deed`: such as "give the role …".
 */
export function requireHeld(by: Authority, these: Rights, deed: string): void {
  by.requireStill()
  const missing = lacked(by.rights(), these)
  if (missing.length === 0) return
  throw new Fault('forbidden', `You may not ${deed}: that takes rights which you lack yourself.`, {
    hint: `Ask somebody who has them. Among them: ${missing.slice(0, SHOWN).join(', ')}.`,
    extra: { missing },
  })
}

const SHOWN = 5

/** What a role allows at a scope; nothing when there is no such role any more. */
export const rightsAt = (store: Store, { role, scope }: RoleAt): Rights => ({
  grants: [{ permissions: new Set<Permission>(store.roles.find(role)?.permissions), scope }],
  bounds: null,
})

/**
 * The role and scope that are meant. Throws `invalid`, `not_found` (also for a service or environment that whoever
 * does it may not see, in the same words), and `forbidden` when it is more than he holds.
 */
export function requireGivable(store: Store, by: Authority, wished: WishedGrant): RoleAt {
  const { name: role } = store.roles.required(wished.role)
  const given = { role, scope: scopeOf(store, by.rights(), wished) }
  requireHeld(by, rightsAt(store, given), `give the role "${role}"`)
  return given
}

/** Throws `invalid`, and `not_found` for what these rights may not see. */
export function scopeOf(
  store: Store,
  rights: Rights,
  { service, environment }: Omit<WishedGrant, 'role'>,
): Scope {
  if (service === undefined) {
    if (environment === undefined) return { serviceId: null, environmentId: null }
    throw new Fault('invalid', 'An environment is named, but not its service.', {
      hint: 'Name both, or neither.',
      errors: [{ field: 'service', message: 'is missing' }],
    })
  }
  const serviceId = store.services.find(service)?.id
  if (serviceId === undefined || !may(rights, 'services:read', { serviceId })) throw noService(service)
  if (environment === undefined) return { serviceId, environmentId: null }
  const environmentId = store.environments.find(service, environment)?.id
  if (environmentId === undefined || !may(rights, 'environments:read', { serviceId, environmentId }))
    throw noEnvironment({ service, environment })
  return { serviceId, environmentId }
}

/** Does something in a transaction, which is as if it had never been when nobody would be left who may do everything. */
export function keepingAnOwner<T>(store: Store, work: () => T): T {
  const owned = store.grants.owners().length > 0
  const result = work()
  if (owned && store.grants.owners().length === 0)
    throw new Fault('conflict', 'This is the last owner: somebody has to be able to do everything.', {
      hint: 'Make another person an owner of the whole instance first.',
    })
  return result
}
