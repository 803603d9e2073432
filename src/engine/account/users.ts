/** Users: made, changed, disabled, deleted, signed out; and the roles they are given. */
import { Fault } from '../../base/fault.ts'
import { canonicalEmail, requireDisplayName, requireEmail } from '../../domain/account/login.ts'
import { requireNewPassword } from '../../domain/account/password.ts'
import { NAME_PATTERN, NAME_RULE } from '../../domain/names.ts'
import type { GrantRow } from '../../store/account/grants.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Store } from '../../store/store.ts'
import { grantsOf } from '../access.ts'
import type { World } from '../step.ts'
import {
  type Authority,
  keepingAnOwner,
  type RoleAt,
  requireGivable,
  requireHeld,
  rightsAt,
  type WishedGrant,
} from './authority.ts'
import { forgetFactors } from './factors.ts'
import type { AccountWorld } from './sign-in.ts'

type Rows = Pick<World, 'store' | 'clock'>
export type Account = Pick<UserRow, 'kind' | 'login' | 'name' | 'passwordHash'>

export interface WishedAccount {
  kind: UserRow['kind']
  login: string
  name?: string | undefined
  password?: string | undefined
}

/** An account in its canonical form, its password hashed. Throws `invalid`, `too_many_requests`. */
export async function newAccount(
  { passwords, isCommonPassword }: Pick<AccountWorld, 'passwords' | 'isCommonPassword'>,
  { kind, password, ...wished }: WishedAccount,
): Promise<Account> {
  if (kind === 'machine') return { kind, ...machine(wished, password), passwordHash: null }
  const login = requireEmail(wished.login)
  const name = requireDisplayName(wished.name ?? login.slice(0, login.indexOf('@')))
  if (password === undefined) return { kind, login, name, passwordHash: null }
  requireNewPassword(password, { login, name, isCommon: isCommonPassword })
  return { kind, login, name, passwordHash: await passwords.hash(password) }
}

function machine(
  { login, name }: Pick<WishedAccount, 'login' | 'name'>,
  password: string | undefined,
): Pick<UserRow, 'login' | 'name'> {
  if (!NAME_PATTERN.test(login))
    throw new Fault('invalid', 'The login of a machine is a name.', {
      hint: `It has to be ${NAME_RULE}. An e-mail address is for a person.`,
      errors: [{ field: 'login', message: `must be ${NAME_RULE}` }],
    })
  if (password !== undefined)
    throw new Fault('invalid', 'A machine has no password: it never signs in.', {
      hint: 'Create it without one, then make API keys for it.',
      errors: [{ field: 'password', message: 'is not for machines' }],
    })
  return { login, name: requireDisplayName(name ?? login) }
}

/** Throws `conflict` when the login is taken; `not_found` and `forbidden` for a role that can't be given. */
export function createUser(
  { store, clock }: Rows,
  by: Authority,
  { account, wished }: { account: Account; wished: WishedGrant | null },
): UserRow {
  return store.tx(() => {
    by.requireStill()
    const given = wished && requireGivable(store, by, wished)
    const now = clock.now()
    const user = store.users.create({ ...account, now })
    const grant = given && store.grants.add(user.id, { ...given, now })
    const after = { ...shownOf(user), ...(grant && { grant: shownGrant(grant) }) }
    store.events.append({ at: now, kind: 'user.created', actor: by.actor, data: { user: user.id, after } })
    return user
  })
}

/** What an event tells of a user. */
export const shownOf = ({ kind, login, name }: Pick<UserRow, 'kind' | 'login' | 'name'>): object => ({
  kind,
  login,
  name,
})

export const shownGrant = ({ role, serviceName, environmentName }: GrantRow): object => ({
  role,
  service: serviceName,
  environment: environmentName,
})

export interface UserChange {
  name?: string | undefined
  disabled?: boolean | undefined
}

/** Changes what is given. A user that is disabled has no session any more. Throws `invalid`, `forbidden`, `conflict`. */
export function changeUser(
  { store, clock }: Rows,
  by: Authority,
  given: { user: UserRow; change: UserChange },
): void {
  const { user, change } = given
  const before = { name: user.name, disabled: user.disabled === 1 }
  const after = {
    name: change.name === undefined ? before.name : requireDisplayName(change.name),
    disabled: change.disabled ?? before.disabled,
  }
  const changed = (['name', 'disabled'] as const).filter((field) => before[field] !== after[field])
  if (changed.length === 0) return
  const only = (values: typeof before) => Object.fromEntries(changed.map((field) => [field, values[field]]))
  store.tx(() =>
    keepingAnOwner(store, () => {
      requireHeld(by, grantsOf(store, user.id), `change the user "${user.login}"`)
      if (changed.includes('name')) store.users.rename(user.id, after.name)
      if (changed.includes('disabled')) store.users.setDisabled(user.id, after.disabled)
      if (after.disabled) closeDoors({ store }, user.id)
      store.events.append({
        at: clock.now(),
        kind: 'user.changed',
        actor: by.actor,
        data: { user: user.id, login: user.login, before: only(before), after: only(after) },
      })
    }),
  )
}

/** Ends all sessions, and whatever could open one by itself. Answers how many. */
export function closeDoors({ store }: Pick<World, 'store'>, userId: string): number {
  store.passwordResets.remove(userId)
  return store.sessions.endAll(userId)
}

/** The row stays for the history; whatever opened a door is gone. Throws `forbidden`, `conflict`. */
export function deleteUser({ store, clock }: Rows, by: Authority, user: UserRow): void {
  store.tx(() =>
    keepingAnOwner(store, () => {
      requireHeld(by, grantsOf(store, user.id), `delete the user "${user.login}"`)
      const now = clock.now()
      const before = { ...shownOf(user), grants: store.grants.of(user.id).map(shownGrant) }
      closeDoors({ store }, user.id)
      forgetFactors(store, user.id)
      store.sessions.forgetSources(user.id)
      store.grants.removeAll(user.id)
      store.apiKeys.revokeAll(user.id, now)
      store.users.markDeleted(user.id, now)
      store.events.append({ at: now, kind: 'user.deleted', actor: by.actor, data: { user: user.id, before } })
    }),
  )
}

/** Signs a user out everywhere. Answers how many sessions that were. Throws `forbidden`. */
export function signOutUser({ store, clock }: Rows, by: Authority, user: UserRow): number {
  return store.tx(() => {
    requireHeld(by, grantsOf(store, user.id), `sign out the user "${user.login}"`)
    const ended = store.sessions.endAll(user.id)
    if (ended > 0)
      store.events.append({
        at: clock.now(),
        kind: 'sessions.ended',
        actor: by.actor,
        data: { user: user.id, login: user.login, ended },
      })
    return ended
  })
}

/** Throws `invalid`, `not_found`, `forbidden`, and `conflict` when the user has it already. */
export function giveRole(
  { store, clock }: Rows,
  by: Authority,
  { user, wished }: { user: UserRow; wished: WishedGrant },
): GrantRow {
  return store.tx(() => {
    const given: RoleAt = requireGivable(store, by, wished)
    const now = clock.now()
    const grant = store.grants.add(user.id, { ...given, now })
    store.users.bumpRevision(user.id)
    store.events.append({
      at: now,
      kind: 'grant.created',
      actor: by.actor,
      data: { user: user.id, login: user.login, grant: grant.id, after: shownGrant(grant) },
    })
    return grant
  })
}

/** Throws `forbidden` for a role of which whoever does it lacks something, `conflict` for the last owner. */
export function takeRole(
  { store, clock }: Rows,
  by: Authority,
  { user, grant }: { user: UserRow; grant: GrantRow },
): void {
  store.tx(() =>
    keepingAnOwner(store, () => {
      requireHeld(by, rightsAt(store, { role: grant.role, scope: grant }), `take the role "${grant.role}"`)
      store.grants.remove(grant.id)
      store.users.bumpRevision(user.id)
      store.events.append({
        at: clock.now(),
        kind: 'grant.deleted',
        actor: by.actor,
        data: { user: user.id, login: user.login, grant: grant.id, before: shownGrant(grant) },
      })
    }),
  )
}

/** The one with this login, or none. Case does not matter. */
export function byLogin(store: Store, login: string): UserRow[] {
  const row = store.users.named(canonicalEmail(login) ?? login)
  return row ? [row] : []
}

/** What may not be read is told in the same words as what is not there. */
export const noUser = (): Fault =>
  new Fault('not_found', 'There is no such user.', { hint: 'List the users to see their ids.' })

export const noGrant = (): Fault =>
  new Fault('not_found', 'The user has no such grant.', {
    hint: 'Show the user to see the grants and their ids.',
  })
