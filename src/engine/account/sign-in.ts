/** Who somebody is: by a password, and by a second factor where there is one. */
import { Fault } from '../../base/fault.ts'
import type { Passwords } from '../../base/passwords.ts'
import { canonicalEmail } from '../../domain/account/login.ts'
import type { SignInMethod } from '../../store/account/sessions.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { FactorWorld } from './factors.ts'
import { secondFactorsOf } from './factors.ts'
import { useRecoveryCode } from './recovery-codes.ts'
import { type OpenedSession, type Origin, openSession } from './session.ts'
import { useTotpCode } from './totp.ts'

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

/** Throws `unauthenticated`, with the `factors` that are asked for once the password was right; `too_many_requests`. */
export async function signIn(world: AccountWorld, proof: PasswordProof, origin: Origin): Promise<SignedIn> {
  const user = await byPassword(world, proof)
  const methods = ['password' as const, ...secondMethod(world, user, { ...proof, address: origin.address })]
  const rehashed = world.passwords.needsRehash(user.passwordHash)
    ? await world.passwords.hash(proof.password)
    : null
  const { store } = world
  return store.tx(() => {
    // What was proved has to hold still: hashing takes its time.
    const current = store.users.find(user.id)
    if (current?.passwordHash !== user.passwordHash || current.disabled === 1) throw wrongPassword()
    if (rehashed !== null) store.users.rehash(user.id, rehashed)
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

function secondMethod(
  world: AccountWorld,
  user: UserRow,
  proof: PasswordProof & { address: string },
): SignInMethod[] {
  const factors = secondFactorsOf(world.store, user.id)
  if (factors.length === 0) return []
  if (proof.totp !== undefined && useTotpCode(world, user, proof.totp)) return ['totp']
  const { recoveryCode: code, address } = proof
  if (code !== undefined && useRecoveryCode(world, user, { code, address })) return ['recovery-code']
  const isWrong = proof.totp !== undefined || proof.recoveryCode !== undefined
  throw new Fault('unauthenticated', isWrong ? 'The code is not right.' : 'A second factor is asked for.', {
    hint: 'Send the code of the authenticator app, or a recovery code; each works once.',
    extra: { factors },
  })
}

const wrongPassword = (): Fault =>
  new Fault('unauthenticated', 'The e-mail address or the password is wrong.', {
    hint: 'Check both. Somebody who looks after this Fairlead can make a link for a new password.',
  })
