/** Sign-ins of persons: made after every proof anew, so that nobody can prepare one for somebody else (J10). */
import { randomBytes } from 'node:crypto'
import { sourceOf } from '../../base/addresses.ts'
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'
import type { Actor } from '../../domain/operation.ts'
import type { SessionRow, SignInMethod } from '../../store/account/sessions.ts'
import type { World } from '../step.ts'

export interface Origin {
  /** Where the request came from. */
  address: string
  userAgent: string
}

export interface OpenedSession {
  session: SessionRow
  /** What the cookie holds: 256 bits. Only its hash is kept. */
  token: string
}

/** When it ends unless it is used before. */
export const endOf = ({ expiresAt, seenAt }: SessionRow): number =>
  Math.min(expiresAt, seenAt + LIMITS.account.sessionIdleMs)

export const isLive = (session: SessionRow, now: number): boolean => now < endOf(session)

/** Call it in the transaction that settles the proof. */
export function openSession(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  { id, login }: { id: string; login: string },
  given: { methods: readonly SignInMethod[]; origin: Origin },
): OpenedSession {
  const token = `fs_${randomBytes(32).toString('base64url')}`
  const now = clock.now()
  const { address, userAgent } = given.origin
  store.sessions.sweep(now, now - LIMITS.account.sessionIdleMs)
  const session = store.sessions.create({
    userId: id,
    tokenHash: sha256Hex(token),
    address,
    userAgent: userAgent.slice(0, LIMITS.account.userAgentChars),
    methods: given.methods,
    now,
    expiresAt: now + LIMITS.account.sessionMs,
  })
  store.sessions.rememberSource(id, sourceOf(address), now)
  store.events.append({
    at: now,
    kind: 'session.opened',
    actor: { kind: 'user', name: login, userId: id, address },
    data: { session: session.id, methods: given.methods },
  })
  return { session, token }
}

/** Ends one session. */
export function endSession(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  session: SessionRow,
  actor: Actor,
): void {
  store.tx(() => {
    store.sessions.end(session.id)
    store.events.append({
      at: clock.now(),
      kind: 'session.ended',
      actor,
      data: { session: session.id, user: session.userId },
    })
  })
}
