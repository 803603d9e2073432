/** What a person signs in with besides a password, and what follows from each change of it. */
import type { Seal } from '../../base/seal.ts'
import type { Actor } from '../../domain/operation.ts'
import type { Store } from '../../store/store.ts'
import type { World } from '../step.ts'

/** What the use cases of sign-in factors work with. */
export interface FactorWorld extends Pick<World, 'store' | 'clock'> {
  seal: Seal
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

/** Recovery codes are for those who have a factor to lose. Call it after one was removed. */
export function dropNeedlessCodes(store: Store, userId: string): void {
  if (secondFactorsOf(store, userId).length === 0) store.recoveryCodes.removeAll(userId)
}

/**
 * Takes all second factors from a user who has lost them, and ends all of his sessions: from then on his password, or
 * his identity provider, is enough. Identities stay. Answers whether there was any.
 */
export function resetFactors(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  { user, actor }: { user: Person; actor: Actor },
): boolean {
  return store.tx(() => {
    const before = {
      totp: store.totp.remove(user.id),
      passkeys: store.passkeys.removeAll(user.id),
      recoveryCodes: store.recoveryCodes.removeAll(user.id),
    }
    const had = before.totp || before.passkeys > 0 || before.recoveryCodes > 0
    if (had) noteChange({ store, clock }, { user, actor, sessionId: null }, { kind: 'factors.reset', before })
    return had
  })
}

/** Nothing that opened a door stays behind when a user is deleted. Call it in that transaction. */
export function forgetFactors(store: Store, userId: string): void {
  store.totp.remove(userId)
  store.passkeys.removeAll(userId)
  store.recoveryCodes.removeAll(userId)
  store.identities.removeAll(userId)
}
