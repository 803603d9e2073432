/** One-time codes for the day on which the second factor is lost. */
import { randomBytes } from 'node:crypto'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'
import type { Store } from '../../store/store.ts'
import type { World } from '../step.ts'
import { type FactorChange, noteChange, type Person, secondFactorsOf } from './factors.ts'

/** 32 characters, so that a byte gives five even bits; without i, l and o, which are read as 1 and 0. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const GROUP_CHARS = 4

/** `4f7k-…`, six groups of four: 120 bits. */
export function newRecoveryCode(): string {
  let code = ''
  for (const byte of randomBytes(LIMITS.factors.recoveryCodeChars)) code += ALPHABET[byte & 31]
  return code.match(new RegExp(`.{${GROUP_CHARS}}`, 'g'))?.join('-') ?? code
}

/** The one spelling of what somebody has typed: case, dashes and blanks do not matter, nor i, l and o. */
export function canonicalCode(typed: string): string | null {
  if (typed.length > 4 * LIMITS.factors.recoveryCodeChars) return null
  const code = typed.toLowerCase().replace(/[\s-]/g, '').replace(/[il]/g, '1').replace(/o/g, '0')
  const isOne =
    code.length === LIMITS.factors.recoveryCodeChars && Array.from(code).every((c) => ALPHABET.includes(c))
  return isOne ? code : null
}

/** Bound to the user, so that equal codes of two would have nothing in common. */
const hashOf = (userId: string, code: string): string => sha256Hex(`recovery code ${userId} ${code}`)

/** New codes in place of all earlier ones, to be shown once. Call it in a transaction. */
export function makeRecoveryCodes(store: Store, userId: string): string[] {
  const codes = Array.from({ length: LIMITS.factors.recoveryCodes }, newRecoveryCode)
  store.recoveryCodes.replace(
    userId,
    codes.map((code) => hashOf(userId, code.replaceAll('-', ''))),
  )
  return codes
}

/** Codes for a user's first second factor; null when he has some. Call it in the transaction that adds the factor. */
export const firstRecoveryCodes = (store: Store, userId: string): string[] | null =>
  store.recoveryCodes.left(userId) > 0 ? null : makeRecoveryCodes(store, userId)

/** On demand: the earlier ones are void from then on. Throws `conflict` when there is no second factor to lose. */
export function renewRecoveryCodes(world: Pick<World, 'store' | 'clock'>, change: FactorChange): string[] {
  const { store } = world
  return store.tx(() => {
    if (secondFactorsOf(store, change.user.id).length === 0)
      throw new Fault('conflict', 'You have no second factor that could be lost.', {
        hint: 'Set up an authenticator app or a passkey first: the codes come with it.',
      })
    const before = store.recoveryCodes.left(change.user.id)
    const codes = makeRecoveryCodes(store, change.user.id)
    noteChange(world, change, { kind: 'recovery-codes.made', before, after: codes.length })
    return codes
  })
}

/** Uses a code up. False when it is none of the user's, or was used before. */
export function useRecoveryCode(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  user: Person,
  given: { code: string; address: string },
): boolean {
  const code = canonicalCode(given.code)
  if (code === null) return false
  return store.tx(() => {
    if (!store.recoveryCodes.use(user.id, hashOf(user.id, code), clock.now())) return false
    store.events.append({
      at: clock.now(),
      kind: 'recovery-code.used',
      actor: { kind: 'user', name: user.login, userId: user.id, address: given.address },
      data: { user: user.id, login: user.login, left: store.recoveryCodes.left(user.id) },
    })
    return true
  })
}
