/** The second proof of who somebody is: asked for after a password or an identity provider, whichever way he comes. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { SignInMethod } from '../../store/account/sessions.ts'
import type { UserRow } from '../../store/account/users.ts'
import { answered, ask, waiting } from './challenge.ts'
import { type FactorWorld, type Person, type SecondFactor, secondFactorsOf } from './factors.ts'
import { askForAssertion, usePasskey } from './passkey-assertion.ts'
import { useRecoveryCode } from './recovery-codes.ts'
import { type OpenedSession, type Origin, openSession } from './session.ts'
import { useTotpCode } from './totp.ts'
import { type RelyingParty, requireParty } from './web-authn.ts'

export interface CodeProof {
  totp?: string | undefined
  recoveryCode?: string | undefined
}
export interface SecondProof extends CodeProof {
  passkey?: AuthenticationResponseJSON | undefined
}

/** A browser in which somebody is on the way in. */
export interface Browser extends Origin {
  /** The secret of its cookie. */
  holder: string
  /** Null where passkeys can't be used. */
  party: RelyingParty | null
}

/** Who has come half way: the first proof holds, the second one is asked for. */
interface HalfSignIn {
  userId: string
  methods: SignInMethod[]
  /** The path that is opened when he is in. */
  next: string
  /** When the first half was proved. */
  provedAt: number
  /** Wrong answers so far. */
  tries: number
}

export interface HalfWay {
  half: HalfSignIn
  user: UserRow
  /** Those that will do; empty when they were reset meanwhile. */
  factors: SecondFactor[]
}

const asked = (holder: string) => ({ kind: 'second-factor', text: '', holder }) as const

/** Remembers the first half for five minutes, for this browser alone. `holder`: a new secret that nobody can have planted. */
export function leaveHalfWay(
  world: FactorWorld,
  holder: string,
  half: Pick<HalfSignIn, 'userId' | 'methods' | 'next'>,
): void {
  ask(world, asked(holder), { ...half, provedAt: world.clock.now(), tries: 0 } satisfies HalfSignIn)
}

/** Who waits in this browser for a second factor; null: nobody, or not any more. */
export function halfWay(world: FactorWorld, holder: string): HalfWay | null {
  const half = waiting<HalfSignIn>(world, asked(holder))
  const user = half && world.store.users.find(half.userId)
  if (!half || !user || user.disabled === 1) return null
  // A password that was changed meanwhile no longer proves anything.
  if (user.passwordChangedAt !== null && user.passwordChangedAt > half.provedAt) return null
  return { half, user, factors: secondFactorsOf(world.store, user.id) }
}

/** Throws `not_found`. */
export function requireHalfWay(world: FactorWorld, holder: string): HalfWay {
  const found = halfWay(world, holder)
  if (found) return found
  throw new Fault('not_found', 'No sign-in is waiting for a second factor in this browser.', {
    hint: 'It waits for five minutes and a few wrong answers. Begin anew.',
  })
}

/** What the authenticator is to sign for whoever is half way. Throws `not_found`, `conflict`. */
export async function askForSecondPasskey(
  world: FactorWorld,
  { holder, party }: Browser,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { user } = requireHalfWay(world, holder)
  return await askForAssertion(world, { holder, party: requireParty(party) }, user.id)
}

/**
 * Goes the second half, and is in. Throws `not_found` when nobody is half way, `unauthenticated` for a wrong proof,
 * `conflict` where passkeys can't be used.
 */
export async function goTheSecondHalf(
  world: FactorWorld,
  browser: Browser,
  proof: SecondProof,
): Promise<OpenedSession & { user: UserRow }> {
  const { store } = world
  const { user } = requireHalfWay(world, browser.holder)
  const attempt = { address: browser.address, login: user.login }
  const method = await world.throttle.attempt(attempt, () =>
    methodOf(world, { browser, user }, proof).catch((thrown: unknown) => {
      countTry(world, browser.holder)
      throw thrown
    }),
  )
  return store.tx(() => {
    // Asked again: a signature takes its time, and of two answers at once one takes what waits.
    const { half, user: current, factors } = requireHalfWay(world, browser.holder)
    if (method === null && factors.length > 0) throw secondFactorWanted(factors, proof)
    answered(world, asked(browser.holder))
    world.throttle.forgive(attempt)
    const methods = method === null ? half.methods : [...half.methods, method]
    return { user: current, ...openSession(world, current, { methods, origin: browser }) }
  })
}

/** How it was proved; null for nothing that was to be proved. Throws `unauthenticated`, `conflict`. */
async function methodOf(
  world: FactorWorld,
  { browser, user }: { browser: Browser; user: Person },
  proof: SecondProof,
): Promise<SignInMethod | null> {
  const byCode = methodOfCode(world, { user, address: browser.address }, proof)
  if (byCode !== null) return byCode
  if (proof.passkey !== undefined) {
    const { holder } = browser
    await usePasskey(world, { holder, party: requireParty(browser.party), response: proof.passkey }, user.id)
    return 'passkey'
  }
  const factors = secondFactorsOf(world.store, user.id)
  if (factors.length > 0) throw secondFactorWanted(factors, proof)
  return null
}

/** Whoever knows a password may guess a few times; then he has to prove the first half again. */
function countTry(world: FactorWorld, holder: string): void {
  world.store.tx(() => {
    const half = answered<HalfSignIn>(world, asked(holder))
    if (half && half.tries + 1 < LIMITS.factors.tries)
      ask(world, asked(holder), { ...half, tries: half.tries + 1 } satisfies HalfSignIn)
  })
}

/** By which code the user has proved it; null when none was sent, or it is wrong. */
export function methodOfCode(
  world: FactorWorld,
  { user, address }: { user: Person; address: string },
  { totp, recoveryCode: code }: CodeProof,
): SignInMethod | null {
  if (totp !== undefined && useTotpCode(world, user, totp)) return 'totp'
  if (code !== undefined && useRecoveryCode(world, user, { code, address })) return 'recovery-code'
  return null
}

/** `factors`: what can be sent. */
export function secondFactorWanted(factors: readonly SecondFactor[], proof: SecondProof): Fault {
  const isWrong = Object.values(proof).some((one) => one !== undefined)
  return new Fault('unauthenticated', isWrong ? 'The code is not right.' : 'A second factor is asked for.', {
    hint: isWrong
      ? 'Each code works once: wait for the next one, or use a recovery code.'
      : 'Send a code of the authenticator app, a passkey, or a recovery code.',
    extra: { factors },
  })
}
