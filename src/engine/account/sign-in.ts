/** Who somebody is: by a password, and by a second factor where there is one. */
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import type { Passwords } from '../../base/passwords.ts'
import { canonicalEmail } from '../../domain/account/login.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import type { SignInMethod } from '../../store/account/sessions.ts'
import type { UserRow } from '../../store/account/users.ts'
import { type FactorWorld, secondFactorsOf } from './factors.ts'
import { userByIdentity } from './identities.ts'
import type { Claims } from './oidc.ts'
import { notAccepted, usePasskey } from './passkey-assertion.ts'
import { type Browser, leaveHalfWay, methodOfCode, secondFactorWanted } from './second-factor.ts'
import { type OpenedSession, type Origin, openSession } from './session.ts'
import { requireParty } from './web-authn.ts'

/** What the use cases of accounts work with. */
export interface AccountWorld extends FactorWorld {
  passwords: Passwords
  isCommonPassword: (password: string) => boolean
  /** The origin under which people reach the page: the base of every link. */
  baseUrl(): string
}

export interface PasswordProof {
  login: string
  password: string
  totp?: string | undefined
  recoveryCode?: string | undefined
}

export interface SignedIn extends OpenedSession {
  user: UserRow
}

/** Where somebody comes from. `holder`: the secret of a browser that can bring the second factor later. */
export interface Way extends Origin {
  holder: string | null
}

/** Throws `unauthenticated`, with the `factors` that are asked for once the password was right; `too_many_requests`. */
export async function signIn(world: AccountWorld, proof: PasswordProof, origin: Way): Promise<SignedIn> {
  const { throttle } = world
  const attempt = { address: origin.address, login: proof.login }
  const user = await throttle.attempt(attempt, () => byPassword(world, proof))
  const second = () => secondMethods(world, user, { ...proof, ...origin })
  const hasCode = proof.totp !== undefined || proof.recoveryCode !== undefined
  const methods = ['password' as const, ...(hasCode ? await throttle.attempt(attempt, second) : second())]
  const rehashed = world.passwords.needsRehash(user.passwordHash)
    ? await world.passwords.hash(proof.password)
    : null
  const { store } = world
  return store.tx(() => {
    // What was proved has to hold still: hashing takes its time.
    const current = store.users.find(user.id)
    if (current?.passwordHash !== user.passwordHash || current.disabled === 1) throw wrongPassword()
    if (rehashed !== null) store.users.rehash(user.id, rehashed)
    throttle.forgive(attempt)
    return { user: current, ...openSession(world, current, { methods, origin }) }
  })
}

type WithPassword = UserRow & { passwordHash: string }

/** Unknown and known accounts take the same time and get the same answer (J12). */
async function byPassword(world: AccountWorld, { login, password }: PasswordProof): Promise<WithPassword> {
  const { store, passwords } = world
  const email = canonicalEmail(login)
  const user = email === null ? null : store.users.named(email)
  if (user === null || user.kind !== 'person' || user.passwordHash === null || user.disabled === 1) {
    await passwords.verifyNothing()
    throw wrongPassword()
  }
  if (!(await passwords.verify(password, user.passwordHash))) throw wrongPassword()
  return { ...user, passwordHash: user.passwordHash }
}

function secondMethods(world: AccountWorld, user: UserRow, proof: PasswordProof & Way): SignInMethod[] {
  const factors = secondFactorsOf(world.store, user.id)
  if (factors.length === 0) return []
  const { totp, recoveryCode, address, holder } = proof
  const method = methodOfCode(world, { user, address }, { totp, recoveryCode })
  if (method !== null) return [method]
  if (holder !== null) leaveHalfWay(world, holder, { userId: user.id, methods: ['password'], next: '/' })
  throw secondFactorWanted(factors, { totp, recoveryCode })
}

/**
 * Signs in by a passkey alone, which has verified its person: something he has and something he is or knows. Throws
 * `unauthenticated`, `conflict` where passkeys can't be used.
 */
export async function signInByPasskey(
  world: FactorWorld,
  browser: Browser,
  response: AuthenticationResponseJSON,
): Promise<SignedIn> {
  const { store } = world
  const party = requireParty(browser.party)
  const attempt = { address: browser.address, login: null }
  const { userId } = await world.throttle.attempt(attempt, () =>
    usePasskey(world, { ...browser, party, response }, null),
  )
  return store.tx(() => {
    const user = store.users.find(userId)
    if (!user || user.disabled === 1) throw notAccepted()
    return { user, ...openSession(world, user, { methods: ['passkey'], origin: browser }) }
  })
}

/**
 * Signs in whom a provider has named. Null: he is half way in, and a second factor is asked for. Throws `forbidden` for
 * whom nobody here knows.
 */
export function signInByIdentity(
  world: FactorWorld,
  provider: ProviderRow,
  given: { claims: Claims; origin: Way & { holder: string }; next: string },
): SignedIn | null {
  const { store } = world
  const { claims, origin, next } = given
  return store.tx(() => {
    const user = userByIdentity(world, provider, { claims, address: origin.address })
    const methods = ['oidc' as const]
    if (secondFactorsOf(store, user.id).length === 0)
      return { user, ...openSession(world, user, { methods, origin }) }
    leaveHalfWay(world, origin.holder, { userId: user.id, methods, next })
    return null
  })
}

const wrongPassword = (): Fault =>
  new Fault('unauthenticated', 'The e-mail address or the password is wrong.', {
    hint: 'Check both. Somebody who looks after this Fairlead can make a link for a new password.',
  })
