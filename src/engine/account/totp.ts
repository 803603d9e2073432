/** One-time codes of an authenticator app (RFC 6238): SHA-1, 6 digits, 30 s, as every such app knows them. */
import { Secret, TOTP } from 'otpauth'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { dropNeedlessCodes, type FactorChange, type FactorWorld, noteChange, type Person } from './factors.ts'
import { firstRecoveryCodes } from './recovery-codes.ts'

const ISSUER = 'Fairlead'
const SECRET_BYTES = 20

const codesOf = (secret: string, login = ''): TOTP =>
  new TOTP({ issuer: ISSUER, label: login, secret: Secret.fromBase32(secret) })

const placeOf = ({ id }: Person) => ({ table: 'users', row: id, column: 'totp_secret' })

/** The step whose code it is, if it is one of now or next to it; else null. */
export function stepOf(secret: string, code: string, now: number): number | null {
  const digits = code.replaceAll(' ', '')
  if (!/^\d{6}$/.test(digits)) return null
  const delta = codesOf(secret).validate({
    token: digits,
    timestamp: now,
    window: LIMITS.factors.totpStepsAside,
  })
  return delta === null ? null : Math.floor(now / LIMITS.factors.totpStepMs) + delta
}

export interface TotpProposal {
  /** Base32, to be typed where no picture can be taken. */
  secret: string
  /** `otpauth://totp/…`, to be shown as a QR code. */
  uri: string
}

/** A new secret, which counts when `confirmTotp` has seen a code of it. Throws `conflict`. */
export function proposeTotp({ store, seal }: FactorWorld, user: Person): TotpProposal {
  if (store.totp.find(user.id)?.confirmed === 1)
    throw new Fault('conflict', 'An authenticator app is set up already.', {
      hint: 'Remove it first, then set up the new one.',
    })
  const secret = new Secret({ size: SECRET_BYTES }).base32
  store.totp.propose(user.id, seal.seal(secret, placeOf(user)))
  return { secret, uri: codesOf(secret, user.login).toString() }
}

/**
 * The app shows the right codes: from now on one is asked for. Answers the recovery codes if these are the user's
 * first, null when he has some. Throws `conflict`, and `invalid` for a wrong code.
 */
export function confirmTotp(world: FactorWorld, change: FactorChange, code: string): string[] | null {
  const { store, clock } = world
  const { user } = change
  return store.tx(() => {
    const row = store.totp.find(user.id)
    if (!row || row.confirmed === 1)
      throw new Fault('conflict', 'No authenticator app is waiting to be confirmed.', {
        hint: row ? 'It is set up already.' : 'Begin anew: show the QR code and scan it.',
      })
    const step = stepOf(world.seal.open(row.secret, placeOf(user)), code, clock.now())
    if (step === null)
      throw new Fault('invalid', 'The code is not the one that the app should show now.', {
        hint: 'Type the current code. If it stays wrong, the clock of the phone or of this server is off.',
        errors: [{ field: 'code', message: 'is not right' }],
      })
    store.totp.confirm(user.id, step)
    const codes = firstRecoveryCodes(store, user.id)
    noteChange(world, change, { kind: 'totp.added', before: false, after: true })
    return codes
  })
}

/** Whether it is a code of now that was not used before; it is used up by this. Throws `unauthenticated`. */
export function useTotpCode({ store, clock, seal }: FactorWorld, user: Person, code: string): boolean {
  const row = store.totp.find(user.id)
  if (row?.confirmed !== 1) return false
  if (!seal.canOpen(row.secret))
    throw new Fault(
      'unauthenticated',
      'The codes of the app can no longer be checked: the key was lost in a restore.',
      {
        hint: 'Use a recovery code, or ask somebody who looks after users to reset your second factors.',
      },
    )
  const step = stepOf(seal.open(row.secret, placeOf(user)), code, clock.now())
  return step !== null && store.totp.accept(user.id, step)
}

/** Throws `not_found`. */
export function removeTotp(world: FactorWorld, change: FactorChange): void {
  const { store } = world
  store.tx(() => {
    if (!store.totp.remove(change.user.id))
      throw new Fault('not_found', 'No authenticator app is set up.', { hint: 'Nothing has to be done.' })
    dropNeedlessCodes(store, change.user.id)
    noteChange(world, change, { kind: 'totp.removed', before: true, after: false })
  })
}
