/** What people do about their own account. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { requireDisplayName } from '../../domain/account/login.ts'
import { requireNewPassword } from '../../domain/account/password.ts'
import type { Actor } from '../../domain/operation.ts'
import type { SessionRow } from '../../store/account/sessions.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { World } from '../step.ts'
import type { FactorChange } from './factors.ts'
import { setPassword } from './password-reset.ts'
import type { AccountWorld } from './sign-in.ts'

type Rows = Pick<World, 'store' | 'clock'>

/** A person at work in one of the own sessions. */
export interface Oneself {
  user: UserRow
  session: SessionRow
  actor: Actor
  /** Throws when the session has ended meanwhile. */
  requireStill(): void
}

/** Throws `invalid`. */
export function changeOwnName({ store, clock }: Rows, { user, actor }: Oneself, wished: string): void {
  const name = requireDisplayName(wished)
  if (name === user.name) return
  store.tx(() => {
    store.users.rename(user.id, name)
    store.events.append({
      at: clock.now(),
      kind: 'user.changed',
      actor,
      data: { user: user.id, login: user.login, before: { name: user.name }, after: { name } },
    })
  })
}

export interface PasswordChange {
  current?: string | undefined
  new: string
}

/**
 * Ends all other sessions (J07). Answers how many. Throws `invalid` for the new password, `forbidden` when the current
 * one is wrong, `too_many_requests`, `conflict` when it was changed meanwhile.
 */
export async function changeOwnPassword(
  world: AccountWorld,
  oneself: Oneself,
  change: PasswordChange,
): Promise<number> {
  const { store, passwords, clock } = world
  const { user, session, actor } = oneself
  requireNewPassword(change.new, { ...user, isCommon: world.isCommonPassword }, 'new')
  await requireOwner(world, oneself, { field: 'current', password: change.current })
  const hash = await passwords.hash(change.new)
  return store.tx(() => {
    oneself.requireStill()
    if (store.users.find(user.id)?.passwordHash !== user.passwordHash)
      throw new Fault('conflict', 'The password was changed meanwhile, somewhere else.', {
        hint: 'If that was not you, ask somebody who looks after users here to sign you out everywhere.',
      })
    setPassword(world, user.id, hash)
    const endedSessions = store.sessions.endAll(user.id, session.id)
    const data = { user: user.id, login: user.login, endedSessions }
    store.events.append({ at: clock.now(), kind: 'password.changed', actor, data })
    return endedSessions
  })
}

/** Somebody at an unlocked screen is not yet the owner of the account. Throws `forbidden`, `too_many_requests`. */
async function requireOwner(
  { passwords, clock, throttle }: AccountWorld,
  { user, session, actor }: Oneself,
  { field, password }: { field: 'current' | 'password'; password: string | undefined },
): Promise<void> {
  if (user.passwordHash === null) {
    if (clock.now() - session.createdAt < LIMITS.factors.freshMs) return
    throw new Fault('forbidden', 'Your sign-in is too long ago for this.', {
      hint: 'Sign out and in again, then do this within ten minutes.',
    })
  }
  const { passwordHash } = user
  const address = actor.address ?? ''
  await throttle.attempt({ address, login: user.login }, async () => {
    if (password !== undefined && (await passwords.verify(password, passwordHash))) return
    throw new Fault('forbidden', 'The current password is wrong; nothing was changed.', {
      hint: 'Type the password that you sign in with.',
      errors: [{ field, message: password === undefined ? 'is missing' : 'is not your password' }],
    })
  })
}

/**
 * Oneself, proved once more to change what one signs in with (ASVS 5.0 §7.5.1). Throws `forbidden`,
 * `too_many_requests`, `unauthenticated` when the session has ended meanwhile.
 */
export async function provenOwner(
  world: AccountWorld,
  oneself: Oneself,
  password: string | undefined,
): Promise<FactorChange> {
  await requireOwner(world, oneself, { field: 'password', password })
  oneself.requireStill()
  const { user, actor, session } = oneself
  return { user, actor, sessionId: session.id }
}

/** Ends all of the own sessions but this one. Answers how many that were. */
export function endOtherSessions({ store, clock }: Rows, { user, session, actor }: Oneself): number {
  return store.tx(() => {
    const ended = store.sessions.endAll(user.id, session.id)
    const data = { user: user.id, login: user.login, ended }
    if (ended > 0) store.events.append({ at: clock.now(), kind: 'sessions.ended', actor, data })
    return ended
  })
}

/** What may not be read is told in the same words as what is not there. */
export const noSession = (): Fault =>
  new Fault('not_found', 'You have no such session; it may have ended.', {
    hint: 'List your sessions to see where you are signed in.',
  })
