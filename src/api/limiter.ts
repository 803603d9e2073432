/** How much one sender may ask of the API: so much a minute, and so much at the same time. */
import { sourceOf } from '../base/addresses.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { Crowd, Rate, type RateLimit } from '../base/rate.ts'
import type { Actor } from '../domain/operation.ts'

export type ApiLimits = Record<'strangers' | 'actors', RateLimit> &
  Record<'requestsAtOnce' | 'streamsAtOnce' | 'uploadsAtOnce', number>

export class Limiter {
  private readonly strangers: Rate
  private readonly actors: Rate
  private readonly requests: Crowd
  private readonly streams: Crowd
  private readonly uploads: Crowd

  constructor(limits: ApiLimits, clock: Clock) {
    const now = () => clock.now()
    this.strangers = new Rate(limits.strangers, now)
    this.actors = new Rate(limits.actors, now)
    this.requests = new Crowd(limits.requestsAtOnce)
    this.streams = new Crowd(limits.streamsAtOnce)
    this.uploads = new Crowd(limits.uploadsAtOnce)
  }

  /** A request that has come, of whomever: returns what to call when it is answered. Throws `too_many_requests`. */
  enter(address: string): () => void {
    return this.requests.enter(sourceOf(address)) ?? tooMuchAtOnce('requests')
  }

  /** Who asks: the request counts as his, or as one of where it came from. Throws `too_many_requests`. */
  async known<Who extends { actor: Actor }>(
    address: string,
    whoAsks: () => Promise<Who | null>,
  ): Promise<Who | null> {
    let who: Who | null = null
    try {
      who = await whoAsks()
    } catch (thrown) {
      this.ofStranger(address)
      throw thrown
    }
    if (who) this.ofActor(who.actor)
    else this.ofStranger(address)
    return who
  }

  /** A request of nobody who is known, or whose credentials do not hold. Throws `too_many_requests`. */
  ofStranger(address: string): void {
    const source = sourceOf(address)
    requireNoWait(this.strangers.wait(source))
    this.strangers.spend(source)
  }

  /** A request of somebody who is known. Throws `too_many_requests`. */
  ofActor(actor: Actor): void {
    const key = keyOf(actor)
    if (key === null) return
    requireNoWait(this.actors.wait(key))
    this.actors.spend(key)
  }

  /** Returns what to call at its end. Throws `too_many_requests`. */
  openStream(actor: Actor): () => void {
    const key = keyOf(actor)
    return key === null ? () => undefined : (this.streams.enter(key) ?? tooMuchAtOnce('event streams'))
  }

  /** Returns what to call at its end. Throws `too_many_requests`. */
  openUpload(actor: Actor): () => void {
    const key = keyOf(actor)
    return key === null ? () => undefined : (this.uploads.enter(key) ?? tooMuchAtOnce('uploads'))
  }
}

/** Null: whoever uses this machine while there is no account. */
const keyOf = ({ keyId, userId }: Actor): string | null => keyId ?? userId ?? null

function requireNoWait(seconds: number): void {
  if (seconds > 0) throw tooMany('Too many requests.', seconds)
}

function tooMuchAtOnce(what: string): never {
  throw tooMany(`Too many ${what} at the same time.`, 1)
}

const tooMany = (message: string, retryAfter: number): Fault =>
  new Fault('too_many_requests', message, { hint: `Try again in ${retryAfter} s.`, extra: { retryAfter } })
