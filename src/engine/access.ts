/** What an actor may do at this moment. Nothing is remembered: what is withdrawn is gone with the next question. */
import { Fault } from '../base/fault.ts'
import {
  ALL_RIGHTS,
  type Grant,
  may,
  NO_RIGHTS,
  PERMISSIONS,
  type Permission,
  type Place,
  type Rights,
} from '../domain/access.ts'
import type { Actor } from '../domain/operation.ts'
import type { ApiKeyRow } from '../store/account/api-keys.ts'
import type { Store } from '../store/store.ts'

/** Accounts begin with the set-up link and not with whoever comes first. */
const OF_ACCOUNTS = /^(users|roles|api-keys|settings):/

const LOCAL_RIGHTS: Rights = {
  grants: ALL_RIGHTS.grants.map(({ scope }) => ({
    scope,
    permissions: new Set(PERMISSIONS.filter((word) => !OF_ACCOUNTS.test(word))),
  })),
  bounds: null,
}

export function rightsOf(store: Store, actor: Actor, now: number): Rights {
  if (actor.kind === 'system') return ALL_RIGHTS
  if (actor.kind === 'local') return store.grants.isClaimed() ? NO_RIGHTS : LOCAL_RIGHTS
  if (actor.userId === undefined) return NO_RIGHTS
  if (actor.keyId === undefined) return rightsOfUser(store, actor.userId)
  const key = store.apiKeys.find(actor.keyId)
  return key && isOpen(key, now) ? rightsOfKey(store, key) : NO_RIGHTS
}

export const isOpen = ({ revokedAt, expiresAt }: ApiKeyRow, now: number): boolean =>
  revokedAt === null && (expiresAt === null || now < expiresAt)

/** No more than the key's scope, and no more than its owner may now. */
export const rightsOfKey = (store: Store, key: ApiKeyRow): Rights => ({
  grants: rightsOfUser(store, key.userId).grants,
  bounds: { permissions: key.permissions && new Set(key.permissions), scopes: key.scopes },
})

/** Those of a user that is disabled or gone are none. */
export function rightsOfUser(store: Store, userId: string): Rights {
  const user = store.users.find(userId)
  if (!user || user.disabled === 1) return NO_RIGHTS
  return grantsOf(store, userId)
}

/** What a user's grants say, whether or not he is disabled: who changes him has to hold it. */
export function grantsOf(store: Store, userId: string): Rights {
  const grants = store.grants.of(userId).map(
    ({ role, serviceId, environmentId }): Grant => ({
      permissions: new Set(store.roles.find(role)?.permissions ?? []),
      scope: { serviceId, environmentId },
    }),
  )
  return { grants, bounds: null }
}

/**
 * Throws `forbidden` when somebody who has started something may no longer do it. What was taken in while there was
 * no account yet is done.
 */
export function requireStill(
  store: Store,
  actor: Actor,
  wish: { permission: Permission; place: Place; now: number },
): void {
  if (actor.kind === 'local' || may(rightsOf(store, actor, wish.now), wish.permission, wish.place)) return
  throw new Fault('forbidden', `${actor.name} may no longer do this: "${wish.permission}" was withdrawn.`, {
    hint: 'Somebody who may has to start it anew.',
  })
}
