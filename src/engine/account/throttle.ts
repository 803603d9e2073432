/** Slows down whoever guesses how somebody signs in, and nobody else. */
import { sourceOf } from '../../base/addresses.ts'
import { Fault } from '../../base/fault.ts'
import { Rate, type RateLimit } from '../../base/rate.ts'
import { canonicalEmail } from '../../domain/account/login.ts'
import type { World } from '../step.ts'

/** A try to prove something. */
export interface Attempt {
  address: string
  /** Whom it is about; null where a code alone is tried. */
  login: string | null
}

export type ThrottleLimits = Record<'failuresBySource' | 'failuresByAccount', RateLimit>

/**
 * Failures are counted twice: by where they come from, and by the account that they are about. The second count is what
 * holds a thousand machines that guess at one account; it does not concern the sources from which its owner has signed
 * in before, so nobody can lock him out.
 */
export class Throttle {
  private readonly store: World['store']
  private readonly bySource: Rate
  private readonly byAccount: Rate
  /** Of a source's failures, those that were about one account. */
  private readonly byBoth: Rate

  constructor({ store, clock }: Pick<World, 'store' | 'clock'>, limits: ThrottleLimits) {
    const now = () => clock.now()
    this.store = store
    this.bySource = new Rate(limits.failuresBySource, now)
    this.byAccount = new Rate(limits.failuresByAccount, now)
    this.byBoth = new Rate(limits.failuresBySource, now)
  }

  /** Does what proves something, and counts when it fails. Throws `too_many_requests` before anything is spent on it. */
  async attempt<T>(attempt: Attempt, work: () => Promise<T> | T): Promise<T> {
    const source = sourceOf(attempt.address)
    const account = this.accountOf(attempt)
    const seconds = Math.max(this.bySource.wait(source), account === null ? 0 : this.byAccount.wait(account))
    if (seconds > 0) throw tooManyFailures(seconds)
    try {
      return await work()
    } catch (thrown) {
      if (isFailure(thrown)) {
        this.bySource.spend(source)
        if (account !== null) this.byAccount.spend(account)
        this.byBoth.spend(bothOf(attempt))
      }
      throw thrown
    }
  }

  /**
   * Somebody is in: what went wrong before, from there and about him, was probably he. Nothing else is forgiven: who has
   * an account could wipe the slate between two guesses at his neighbour's.
   */
  forgive(attempt: Attempt): void {
    const both = bothOf(attempt)
    this.bySource.giveBack(sourceOf(attempt.address), this.byBoth.spent(both))
    this.byBoth.forget(both)
  }

  /** Whether or not there is such an account: it must not show. */
  private accountOf({ login, address }: Attempt): string | null {
    if (login === null) return null
    const email = canonicalEmail(login)
    if (email === null) return null
    const user = this.store.users.named(email)
    return user && this.store.sessions.isKnownSource(user.id, sourceOf(address)) ? null : email
  }
}

const bothOf = ({ address, login }: Attempt): string =>
  `${sourceOf(address)} ${canonicalEmail(login ?? '') ?? ''}`

const FAILURES: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'not_found'])
const isFailure = (thrown: unknown): boolean => thrown instanceof Fault && FAILURES.has(thrown.code)

const tooManyFailures = (retryAfter: number): Fault =>
  new Fault('too_many_requests', 'Too many tries have failed.', {
    hint: `Try again in ${retryAfter} s.`,
    extra: { retryAfter },
  })
