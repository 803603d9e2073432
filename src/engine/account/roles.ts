/** Roles that owners make. Who makes, changes or deletes one holds all that it allows, and allowed, everywhere. */
import { Fault } from '../../base/fault.ts'
import { EVERYWHERE, PERMISSIONS, type Permission, type Rights } from '../../domain/access.ts'
import type { RoleRow } from '../../store/account/roles.ts'
import type { World } from '../step.ts'
import { type Authority, requireHeld } from './authority.ts'

type Rows = Pick<World, 'store' | 'clock'>

export interface WishedRole {
  name: string
  permissions: readonly Permission[]
}

/** Each once, in the order of the table. */
const inOrder = (permissions: readonly Permission[]): Permission[] =>
  PERMISSIONS.filter((word) => permissions.includes(word))

const everywhere = (permissions: readonly Permission[]): Rights => ({
  grants: [{ permissions: new Set(permissions), scope: EVERYWHERE }],
  bounds: null,
})

/** Throws `conflict`, `forbidden`. */
export function createRole({ store, clock }: Rows, by: Authority, wished: WishedRole): RoleRow {
  const permissions = inOrder(wished.permissions)
  return store.tx(() => {
    requireHeld(by, everywhere(permissions), `make the role "${wished.name}"`)
    const role = store.roles.create(wished.name, permissions, clock.now())
    store.events.append({
      at: clock.now(),
      kind: 'role.created',
      actor: by.actor,
      data: { role: role.name, after: { permissions } },
    })
    return role
  })
}

/** For all who hold it, at once. Throws `conflict` for a built-in one, `forbidden`. */
export function changeRole(
  { store, clock }: Rows,
  by: Authority,
  { role, permissions: wished }: { role: RoleRow; permissions: readonly Permission[] },
): void {
  const before = inOrder(role.permissions)
  const after = inOrder(wished)
  store.tx(() => {
    requireCustom(role)
    requireHeld(by, everywhere([...before, ...after]), `change the role "${role.name}"`)
    if (before.join() === after.join()) return
    store.roles.setPermissions(role.name, after)
    store.events.append({
      at: clock.now(),
      kind: 'role.changed',
      actor: by.actor,
      data: { role: role.name, before: { permissions: before }, after: { permissions: after } },
    })
  })
}

/** Throws `conflict` for a built-in one, and for one that somebody holds; `forbidden`. */
export function deleteRole({ store, clock }: Rows, by: Authority, role: RoleRow): void {
  store.tx(() => {
    requireCustom(role)
    requireHeld(by, everywhere(role.permissions), `delete the role "${role.name}"`)
    const holders = store.grants.holders(role.name)
    if (holders > 0)
      throw new Fault(
        'conflict',
        `${holders} ${holders === 1 ? 'user holds' : 'users hold'} the role "${role.name}".`,
        { hint: 'Give them another role first.', extra: { holders } },
      )
    store.roles.remove(role.name)
    store.events.append({
      at: clock.now(),
      kind: 'role.deleted',
      actor: by.actor,
      data: { role: role.name, before: { permissions: role.permissions } },
    })
  })
}

function requireCustom({ name, builtIn }: RoleRow): void {
  if (builtIn)
    throw new Fault('conflict', `The role "${name}" comes with Fairlead and stays as it is.`, {
      hint: 'Make a role of your own with the permissions that you want.',
    })
}
