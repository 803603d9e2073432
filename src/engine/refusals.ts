/** What was refused to whom: rows of the audit for known actors, counts for strangers. Never delivered to anybody. */
import { LIMITS } from '../base/limits.ts'
import { type Actor, actorKey } from '../domain/operation.ts'
import { REFUSED } from '../store/events.ts'
import type { World } from './step.ts'

const MINUTE_MS = 60_000

export class Refusals {
  private readonly world: Pick<World, 'store' | 'clock' | 'log'>
  /** Not yet written, by minute and source. */
  private readonly counts = new Map<string, { minute: number; source: string; count: number }>()
  private rows = { minute: 0, of: new Map<string, number>() }
  private stopTimer: (() => void) | null = null

  constructor(world: Pick<World, 'store' | 'clock' | 'log'>) {
    this.world = world
  }

  /** A row, for some of them a minute; the rest are counted under the actor. */
  ofActor(actor: Actor, data: Record<string, unknown>): void {
    const { store, clock } = this.world
    const key = actorKey(actor)
    const minute = this.minute()
    if (this.rows.minute !== minute) this.rows = { minute, of: new Map() }
    const already = this.rows.of.get(key) ?? 0
    this.rows.of.set(key, already + 1)
    if (already >= LIMITS.audit.refusalRowsPerMinute) return this.ofStranger(key)
    this.quietly(() => store.events.append({ at: clock.now(), kind: REFUSED, actor, data }))
  }

  /** A flood of them costs one row a minute and source. */
  ofStranger(source: string): void {
    const minute = this.minute()
    const key = `${minute} ${source}`
    const known = this.counts.get(key)
    if (known) known.count++
    else if (this.counts.size < LIMITS.audit.refusalSources)
      this.counts.set(key, { minute, source, count: 1 })
    this.stopTimer ??= this.world.clock.after(LIMITS.audit.refusalFlushMs, () => this.flush())
  }

  /** Writes down what was counted. */
  flush(): void {
    this.stopTimer?.()
    this.stopTimer = null
    const { store, clock } = this.world
    const counted = [...this.counts.values()]
    this.counts.clear()
    this.quietly(() =>
      store.tx(() => {
        for (const { source, ...given } of counted) store.audit.count(source, given)
        store.audit.sweepCounts(clock.now() - LIMITS.audit.refusalCountsMs)
      }),
    )
  }

  private minute(): number {
    const now = this.world.clock.now()
    return now - (now % MINUTE_MS)
  }

  /** A refusal stands whether or not it could be written down, on a full disk say. */
  private quietly(write: () => void): void {
    try {
      write()
    } catch (cause) {
      this.world.log.write('error', 'a refusal could not be written down', { cause })
    }
  }
}
