/** What a person signs in with besides a password, and what follows from each change of it. */
import { Fault } from '../../base/fault.ts'
import type { Seal } from '../../base/seal.ts'
import type { Actor } from '../../domain/operation.ts'
import type { Store } from '../../store/store.ts'
import { grantsOf } from '../access.ts'
import type { World } from '../step.ts'
import { type Authority, requireHeld } from './authority.ts'
import type { Throttle } from './throttle.ts'

/** What the use cases of sign-in factors work with. */
export interface FactorWorld extends Pick<World, 'store' | 'clock'> {
  seal: Seal
  throttle: Throttle
}

export interface Person {
  id: string
  login: string
}

/** Who changes what he signs in with, in which session: that one stays open. */
export interface FactorChange {
  user: Person
  actor: Actor
  sessionId: string | null
}

export const SECOND_FACTORS = ['totp', 'passkey', 'recovery-code'] as const
export type SecondFactor = (typeof SECOND_FACTORS)[number]

/** One of these is asked for after a password or an identity provider; empty: nothing more is asked for. */
export function secondFactorsOf(store: Store, userId: string): SecondFactor[] {
  const own: SecondFactor[] = []
  if (store.totp.find(userId)?.confirmed === 1) own.push('totp')
  if (store.passkeys.of(userId).length > 0) own.push('passkey')
  return own.length > 0 && store.recoveryCodes.left(userId) > 0 ? [...own, 'recovery-code'] : own
}

/**
 * Writes down the change and ends the user's other sessions: somebody who stood in one of them would otherwise outlive
 * the very factor that is to keep him out (ASVS 5.0 §7.4.3). Call it in the transaction of the change.
 */
export function noteChange(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  { user, actor, sessionId }: FactorChange,
  change: { kind: string; before?: unknown; after?: unknown },
): void {
  const endedSessions = store.sessions.endAll(user.id, sessionId)
  const { kind, before, after } = change
  store.events.append({
    at: clock.now(),
    kind,
    actor,
    data: {
      user: user.id,
      login: user.login,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      endedSessions,
    },
  })
}

/** Throws `conflict` when the user has no way left to sign in. Call it in the transaction that has taken one. */
export function requireWayIn(store: Store, userId: string): void {
  const ways = store.passkeys.of(userId).length + store.identities.of(userId).length
  if (ways > 0 || store.users.find(userId)?.passwordHash !== null) return
  throw new Fault('conflict', 'This is the only way in which you can sign in.', {
    hint: 'Choose a password or add another way first.',
  })
}

/** Recovery codes are for those who have a factor to lose. Call it after one was removed. */
export function dropNeedlessCodes(store: Store, userId: string): void {
  if (secondFactorsOf(store, userId).length === 0) store.recoveryCodes.removeAll(userId)
}

/**
 * Takes all second factors from a user who has lost them, and ends all of his sessions: from then on his password, or
 * his identity provider, is enough. Identities stay. Throws `forbidden`, and `conflict` for oneself.
 */
export function resetFactors(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  by: Authority,
  user: Person,
): void {
  store.tx(() => {
    requireHeld(by, grantsOf(store, user.id), `reset the second factors of "${user.login}"`)
    if (user.id === by.actor.userId)
      throw new Fault('conflict', 'Second factors are reset by somebody else.', {
        hint: 'Remove your own ones in your profile, where the password is asked for.',
      })
    const before = {
      totp: store.totp.remove(user.id),
      passkeys: store.passkeys.removeAll(user.id),
      recoveryCodes: store.recoveryCodes.removeAll(user.id),
    }
    if (!before.totp && before.passkeys === 0 && before.recoveryCodes === 0) return
    const change = { user, actor: by.actor, sessionId: null }
    noteChange({ store, clock }, change, { kind: 'factors.reset', before })
  })
}

/** Nothing that opened a door stays behind when a user is deleted. Call it in that transaction. */
export function forgetFactors(store: Store, userId: string): void {
  store.totp.remove(userId)
  store.passkeys.removeAll(userId)
  store.recoveryCodes.removeAll(userId)
  store.identities.removeAll(userId)
}
