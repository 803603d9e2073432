/** Links by which a person who has forgotten the password chooses a new one. Second factors stay as they are. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { hold, may } from '../../domain/access.ts'
import { requireNewPassword } from '../../domain/account/password.ts'
import type { UserRow } from '../../store/account/users.ts'
import { grantsOf, rightsOf } from '../access.ts'
import type { World } from '../step.ts'
import { type Authority, requireHeld } from './authority.ts'
import { codeHashOf, makerOf, newLink } from './one-time-code.ts'
import type { AccountWorld } from './sign-in.ts'
import { closeDoors } from './users.ts'

export interface ResetLink {
  url: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** In place of an earlier link. Throws `forbidden`, and `conflict` for those who do not sign in. */
export function makeResetLink(
  { store, clock, baseUrl }: Pick<AccountWorld, 'store' | 'clock' | 'baseUrl'>,
  by: Authority,
  user: UserRow,
): ResetLink {
  return store.tx(() => {
    requireHeld(by, grantsOf(store, user.id), `reset the password of "${user.login}"`)
    requireResettable(by, user)
    const now = clock.now()
    const { url, codeHash } = newLink(`${baseUrl()}/password-reset`)
    const expiresAt = now + LIMITS.account.passwordResetMs
    store.passwordResets.put(user.id, { codeHash, madeBy: makerOf(by.actor), now, expiresAt })
    store.events.append({
      at: now,
      kind: 'password-reset.created',
      actor: by.actor,
      data: { user: user.id, login: user.login },
    })
    return { url, expiresAt }
  })
}

function requireResettable(by: Authority, user: UserRow): void {
  if (user.id === by.actor.userId)
    throw new Fault('conflict', 'A link for a new password is made by somebody else.', {
      hint: 'Change your own password in your profile, where the one until now is asked for.',
    })
  if (user.kind === 'machine')
    throw new Fault('conflict', `"${user.login}" is a machine: it has no password.`, {
      hint: 'Machines use API keys.',
    })
  if (user.disabled === 1)
    throw new Fault('conflict', `The user "${user.login}" is disabled.`, { hint: 'Enable the user first.' })
}

/** Ends all sessions. Answers whose password it is now. Throws `not_found` for whatever is no open link, `invalid`. */
export async function acceptReset(
  world: AccountWorld,
  { code, password }: { code: string; password: string },
  address: string,
): Promise<UserRow> {
  const { store, passwords, throttle } = world
  const { login, name } = await throttle.attempt({ address, login: null }, () => resetting(world, code))
  requireNewPassword(password, { login, name, isCommon: world.isCommonPassword })
  const hash = await passwords.hash(password)
  return store.tx(() => {
    const user = resetting(world, code)
    setPassword(world, user.id, hash)
    store.events.append({
      at: world.clock.now(),
      kind: 'password.reset',
      actor: { kind: 'user', name: user.login, userId: user.id, address },
      data: { user: user.id, login: user.login, endedSessions: closeDoors(world, user.id) },
    })
    return user
  })
}

/** The way back in for whoever holds the data folder. Ends all sessions. Throws `invalid`, `conflict`. */
export async function replacePassword(
  world: Pick<AccountWorld, 'store' | 'clock' | 'passwords' | 'isCommonPassword'>,
  by: Authority,
  { user, password }: { user: UserRow; password: string },
): Promise<void> {
  const { store, clock, passwords } = world
  requireResettable(by, user)
  requireNewPassword(password, { ...user, isCommon: world.isCommonPassword })
  const hash = await passwords.hash(password)
  store.tx(() => {
    requireHeld(by, grantsOf(store, user.id), `reset the password of "${user.login}"`)
    setPassword(world, user.id, hash)
    const data = { user: user.id, login: user.login, endedSessions: closeDoors(world, user.id) }
    store.events.append({ at: clock.now(), kind: 'password.reset', actor: by.actor, data })
  })
}

/** From now on this password and no other; a link that waits is void. Call it in a transaction. */
export function setPassword(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  userId: string,
  hash: string,
): void {
  store.users.setPassword(userId, hash, clock.now())
  store.passwordResets.remove(userId)
}

/** Whose code it is. Unknown, used, replaced, expired and void ones are all the same. */
function resetting({ store, clock }: Pick<World, 'store' | 'clock'>, code: string): UserRow {
  const now = clock.now()
  const reset = store.passwordResets.byCode(codeHashOf(code), now)
  const user = reset && store.users.find(reset.userId)
  const rights = reset && rightsOf(store, reset.madeBy, now)
  if (
    !user ||
    !rights ||
    user.disabled === 1 ||
    !may(rights, 'users:update') ||
    !hold(rights, grantsOf(store, user.id))
  )
    throw new Fault('not_found', 'This link for a new password is not open, or not any more.', {
      hint: 'Each works once, for 24 hours. Ask for a new one.',
    })
  return user
}
