/** What is asked of a CA: as our account there, and only while it wants to be asked. */
import { isoTime } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import type { SealedPlace } from '../../../base/seal.ts'
import { authorityLabel } from '../../../domain/authorities.ts'
import type {
  AuthorityAccount,
  CertificateAuthority,
  ConnectAuthority,
} from '../../../ports/certificate-authority.ts'
import { isSetUp } from '../../authority-setting.ts'
import type { World } from '../../step.ts'

type Asking = Pick<World, 'store' | 'clock' | 'authority'>

/** Where the key of an account stands. */
export const accountKeyPlace = (directoryUrl: string): SealedPlace => ({
  table: 'acme_accounts',
  row: directoryUrl,
  column: 'key',
})

/** Where the key of a certificate stands. */
export const certificateKeyPlace = (id: string): SealedPlace => ({
  table: 'certificates',
  row: id,
  column: 'key',
})

/** One connection a CA for as long as its settings stay: it knows the directory, and nonces. */
export function keptConnections(connect: ConnectAuthority): ConnectAuthority {
  let kept: { key: string; authority: CertificateAuthority } | null = null
  return (given) => {
    const key = JSON.stringify(given)
    if (kept?.key !== key) kept = { key, authority: connect(given) }
    return kept.authority
  }
}

/**
 * Asks the CA that is set up, unless it wants to be left alone, which is remembered for all names. Throws `unavailable`
 * (with `extra.retryAt` when it is known), `conflict` for what it refuses or when another one was set up meanwhile, `not_found` for
 * what it knows no more; an account of ours is then opened anew the next time.
 */
export async function atAuthority<T>(
  world: Asking,
  directoryUrl: string,
  work: (authority: CertificateAuthority) => Promise<T>,
): Promise<T> {
  const { certificates } = world.store.settings.read()
  if (!isSetUp(certificates) || certificates.directoryUrl !== directoryUrl)
    throw new Fault(
      'conflict',
      `The CA ${authorityLabel(directoryUrl)} is not the one that is set up any more.`,
      {
        hint: 'Try again: the CA of the settings will be asked.',
      },
    )
  requireUnblocked(world, directoryUrl)
  try {
    return await work(world.authority({ directoryUrl, root: certificates.root }))
  } catch (error) {
    const retryAt = error instanceof Fault ? error.extra['retryAt'] : undefined
    if (typeof retryAt === 'number') block(world, directoryUrl, retryAt)
    if (isAccountGone(error)) world.store.acmeAccounts.forget(directoryUrl)
    throw error
  }
}

/** Whether a CA knows our account no more: it was set up anew, or has thrown the account out. */
export const isAccountGone = (error: unknown): boolean =>
  error instanceof Fault &&
  error.code === 'not_found' &&
  String(Object(error.extra['authorityProblem']).type).endsWith(':accountDoesNotExist')

/** Until when a CA wants to be left alone; null: it doesn't. A clock that was put back keeps nobody waiting for longer. */
export function blockedUntil(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  directoryUrl: string,
): number | null {
  const until = store.acmeAccounts.find(directoryUrl)?.blockedUntil ?? null
  const now = clock.now()
  if (until === null || until <= now) return null
  return Math.min(until, now + LIMITS.certificate.blockedMsMost)
}

/** Throws `unavailable`. */
export function requireUnblocked(world: Pick<World, 'store' | 'clock'>, directoryUrl: string): void {
  const until = blockedUntil(world, directoryUrl)
  if (until === null) return
  throw new Fault(
    'unavailable',
    `The CA ${authorityLabel(directoryUrl)} wants to be left alone until ${isoTime(until)}.`,
    { hint: 'It has had too many requests. Try again then.', extra: { retryAt: until } },
  )
}

/** Whatever it says, it is asked again after a day: what it limits may be one name only. */
function block({ store, clock }: Asking, directoryUrl: string, retryAt: number): void {
  const until = Math.min(retryAt, clock.now() + LIMITS.certificate.blockedMsMost)
  store.acmeAccounts.setBlocked(directoryUrl, until)
}

/** Our account at a CA, with its key. Throws `broken_data` when another key has sealed it. */
export function accountAt(
  { store, seal }: Pick<World, 'store' | 'seal'>,
  directoryUrl: string,
): AuthorityAccount {
  const row = store.acmeAccounts.find(directoryUrl)
  if (!row?.key) throw new Error(`there is no account at ${directoryUrl}`)
  return { key: seal.open(row.key, accountKeyPlace(directoryUrl)), url: row.url }
}
