/** How often something may happen. Nothing here is kept over a restart. */
import { LIMITS } from './limits.ts'

export interface RateLimit {
  /** So many at once … */
  burst: number
  /** … and then so many a minute. */
  perMinute: number
  /** How far below nothing the count may fall, when several fail at the same time. */
  debt: number
}

interface Bucket {
  tokens: number
  at: number
}

/** A token bucket for each key. Of the keys, those that were seen last are remembered. */
export class Rate {
  private readonly limit: RateLimit
  private readonly now: () => number
  /** Those that were seen last at the end. */
  private readonly buckets = new Map<string, Bucket>()

  constructor(limit: RateLimit, now: () => number) {
    this.limit = limit
    this.now = now
  }

  /** Whole seconds until it may happen again; 0: now. */
  wait(key: string): number {
    const { tokens } = this.bucket(key)
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - tokens) * 60) / this.limit.perMinute))
  }

  /** It has happened. */
  spend(key: string): void {
    const { tokens } = this.bucket(key)
    this.put(key, Math.max(tokens - 1, -this.limit.debt))
  }

  /** How often it has happened, less what time has made good. */
  spent(key: string): number {
    return this.limit.burst - this.bucket(key).tokens
  }

  /** So much of it is as if it had never been. */
  giveBack(key: string, count: number): void {
    if (this.buckets.has(key)) this.put(key, Math.min(this.limit.burst, this.bucket(key).tokens + count))
  }

  /** Begins anew for this key. */
  forget(key: string): void {
    this.buckets.delete(key)
  }

  private put(key: string, tokens: number): void {
    this.buckets.delete(key)
    this.buckets.set(key, { tokens, at: this.now() })
    for (const [oldest] of this.buckets) {
      if (this.buckets.size <= LIMITS.rate.keys) break
      this.buckets.delete(oldest)
    }
  }

  private bucket(key: string): Bucket {
    const { burst, perMinute } = this.limit
    const known = this.buckets.get(key)
    if (!known) return { tokens: burst, at: this.now() }
    // A clock that was set back takes nothing away.
    const minutes = Math.max(0, this.now() - known.at) / 60_000
    return { tokens: Math.min(burst, known.tokens + minutes * perMinute), at: this.now() }
  }
}

/** How many of something there are at the same time, for each key. */
export class Crowd {
  private readonly most: number
  private readonly counts = new Map<string, number>()

  constructor(most: number) {
    this.most = most
  }

  /** One more. Returns the way to leave again, once; null: there are too many. */
  enter(key: string): (() => void) | null {
    const count = this.counts.get(key) ?? 0
    if (count >= this.most) return null
    this.counts.set(key, count + 1)
    let isHere = true
    return () => {
      if (isHere) this.leave(key)
      isHere = false
    }
  }

  private leave(key: string): void {
    const count = (this.counts.get(key) ?? 0) - 1
    if (count > 0) this.counts.set(key, count)
    else this.counts.delete(key)
  }
}
