import { LIMITS } from '../../base/limits.ts'
import { type DriftKind, type DriftThing, healsAgainAt } from '../../domain/drift.ts'
import { isEnded, SYSTEM_ACTOR } from '../../domain/operation.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { Acceptance } from '../accept.ts'
import type { World } from '../step.ts'
import { driftEvent, type FailedLook, Looks } from './looks.ts'
import type { DriftPart } from './part.ts'
import { DriftWays } from './ways.ts'

/** How often something was put back by itself lately, and when it is next (ms); null: not any more. */
export interface Healing {
  count: number
  nextAt: number | null
}

/** Looks for drift each minute and when somebody asks, and puts back by itself what the setting names. */
export class Drift {
  readonly ways: DriftWays
  private readonly world: World
  private readonly looks: Looks
  private readonly requireActing: () => void
  /** Of open findings, by id: those that were not over afterwards. */
  private readonly tries = new Map<string, { count: number; lastAt: number }>()
  private underWay: Promise<unknown> = Promise.resolve()
  /** Not begun yet: whoever asks meanwhile is answered by it too. */
  private next: Promise<FailedLook[]> | null = null

  constructor(world: World, acceptance: Acceptance, parts: readonly DriftPart[]) {
    this.world = world
    this.looks = new Looks(world, parts)
    this.ways = new DriftWays(world, acceptance)
    this.requireActing = () => acceptance.requireActing()
  }

  /** A look that begins after this call; one at a time. Throws `standing_by`, and the signal's reason. */
  look(signal: AbortSignal): Promise<FailedLook[]> {
    this.requireActing()
    if (this.next) return this.next
    const turn = this.underWay.then(async () => {
      this.next = null
      const failures = await this.looks.look(signal)
      this.heal()
      return failures
    })
    this.next = turn
    this.underWay = turn.catch(() => {})
    return turn
  }

  /** Null: the setting does not name its kind. */
  healing(row: DriftThing & Pick<DriftRow, 'id'>): Healing | null {
    const { store, clock } = this.world
    if (!store.settings.read().drift.heal.includes(row.kind)) return null
    const heals = store.drifts.healsOf(row, clock.now() - LIMITS.drift.healForgetMs)
    const tries = this.tries.get(row.id) ?? { count: 0, lastAt: 0 }
    const [count, lastAt] = [heals.count + tries.count, Math.max(heals.lastAt, tries.lastAt)]
    return { count, nextAt: healsAgainAt(count, lastAt) }
  }

  /**
   * Once a finding, or more often when something else stood there by the time. What comes back is put back later each time,
   * and in the end left to people: also when somebody undoes it at once.
   */
  private heal(): void {
    const { store, clock, log } = this.world
    const kinds: readonly DriftKind[] = store.settings.read().drift.heal
    const open = store.drifts.open()
    const ids = new Set(open.map(({ id }) => id))
    for (const id of this.tries.keys()) if (!ids.has(id)) this.tries.delete(id)
    for (const row of open) {
      if (!kinds.includes(row.kind) || !row.revertable || this.wasTried(row)) continue
      const nextAt = this.healing(row)?.nextAt ?? null
      if (nextAt === null) this.leaveAlone(row)
      else if (nextAt <= clock.now())
        try {
          this.ways.revert(row.id, { actor: SYSTEM_ACTOR, seen: row.digest })
          this.tries.set(row.id, {
            count: (this.tries.get(row.id)?.count ?? 0) + 1,
            lastAt: clock.now(),
          })
        } catch (cause) {
          log.write('warn', 'a finding could not be put back by itself', { drift: row.id, cause })
        }
    }
  }

  private wasTried({ operationId }: DriftRow): boolean {
    const operation = operationId === null ? null : this.world.store.operations.find(operationId)
    // What was changed while its turn came is another thing to put back, and so is what a stop or a cancel has ended.
    return operation !== null && !(isEnded(operation.status) && operation.problem?.['code'] === 'conflict')
  }

  private leaveAlone(row: DriftRow): void {
    const { store, clock, log } = this.world
    if (row.leftAlone) return
    store.tx(() => {
      store.drifts.leaveAlone(row.id)
      store.events.append({ ...driftEvent(row, 'left-alone', clock.now()), actor: SYSTEM_ACTOR })
    })
    log.write('warn', 'something comes back however often it is put back, and is left alone', {
      drift: row.id,
      thing: row.thing,
    })
  }
}
