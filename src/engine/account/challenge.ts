/** Questions that are answered once, by the session or browser that was asked, within five minutes. */
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'
import type { FactorWorld } from './factors.ts'

export type ChallengeKind =
  | 'passkey-registration'
  | 'passkey'
  | 'second-passkey'
  | 'oidc'
  | 'second-factor'
  | 'sign-in-problem'

interface Asked {
  kind: ChallengeKind
  /** What the answer will bring along: a challenge of WebAuthn, a state of OAuth; empty where a holder has one question. */
  text: string
  /** The secret of the session or browser that was asked. */
  holder: string
}

const keyOf = ({ kind, text, holder }: Asked) => ({
  kind,
  // Of the holder too: where a holder has one question, all of them have the same text.
  id: sha256Hex(`${kind} ${holder} ${text}`),
  holder: sha256Hex(holder),
})

const placeOf = (id: string) => ({ table: 'challenges', row: id, column: 'data' })

/** Remembers what belongs to the question until it is answered. */
export function ask({ store, clock, seal }: FactorWorld, asked: Asked, data: object): void {
  const key = keyOf(asked)
  const now = clock.now()
  store.challenges.put(key, {
    data: seal.seal(JSON.stringify(data), placeOf(key.id)),
    expiresAt: now + LIMITS.factors.challengeMs,
    now,
    most: LIMITS.factors.challenges,
  })
}

/** What was remembered, while it is waited for. */
export function waiting<Data>({ store, clock, seal }: FactorWorld, asked: Asked): Data | null {
  const key = keyOf(asked)
  const sealed = store.challenges.find(key, clock.now())
  return sealed === null ? null : (JSON.parse(seal.open(sealed, placeOf(key.id))) as Data) // `ask` wrote it
}

/** What was remembered, once; null when nobody asked this holder, or too long ago. */
export function answered<Data>({ store, clock, seal }: FactorWorld, asked: Asked): Data | null {
  const key = keyOf(asked)
  const sealed = store.challenges.take(key, clock.now())
  return sealed === null ? null : (JSON.parse(seal.open(sealed, placeOf(key.id))) as Data) // `ask` wrote it
}
