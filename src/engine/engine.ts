import { LIMITS } from '../base/limits.ts'
import { Acceptance } from './accept.ts'
import { Eraser } from './erase.ts'
import { Queue } from './queue.ts'
import type { World } from './step.ts'
import { Sweep } from './sweep.ts'
import { TreeKeeper } from './tree-keeper.ts'
import { Uploads } from './upload.ts'

/** The machine: takes wishes in, drives them as operations, and keeps the data folder tidy. */
export class Engine {
  readonly world: World
  readonly keeper: TreeKeeper
  readonly queue: Queue
  readonly acceptance: Acceptance
  readonly uploads: Uploads
  readonly eraser: Eraser
  private readonly sweep: Sweep
  private readonly stopping = new AbortController()
  private stopTimer: (() => void) | null = null
  private background: Promise<void> = Promise.resolve()
  /** Whether all that should stand was looked at while this instance acted. */
  private hasStoodUp = false

  constructor(world: World) {
    this.world = world
    this.keeper = new TreeKeeper(world)
    this.queue = new Queue(world, this.keeper)
    this.acceptance = new Acceptance(world, this.queue)
    this.uploads = new Uploads(world, this.keeper, this.acceptance)
    this.sweep = new Sweep(world, this.keeper, this.queue)
    this.eraser = new Eraser(world, {
      keeper: this.keeper,
      queue: this.queue,
      acceptance: this.acceptance,
      sweep: this.sweep,
    })
  }

  /** Clears leftovers, then resumes and starts operations; the rest of the tidying goes on in the background. */
  async start(): Promise<void> {
    await this.sweep.atStart()
    this.queue.open()
    this.background = this.standUp()
      .then(() => this.sweep.strayBundles(() => this.stopping.signal.aborted))
      .then(() => this.sweep.strayRecords(this.stopping.signal))
      .catch((cause) =>
        this.world.log.write('error', 'the tidying after the start was interrupted', { cause }),
      )
    this.eachMinute()
  }

  /** Resolves when the tidying that is under way has ended. */
  settled(): Promise<void> {
    return this.background
  }

  async stop(): Promise<void> {
    this.stopTimer?.()
    this.stopping.abort()
    await this.queue.close()
    await this.background
  }

  /** Puts back what should stand; once more when `fairlead takeover` has ended the standing by. */
  private standUp(): Promise<void> {
    this.hasStoodUp = !this.world.store.instance.isStandingBy()
    return this.sweep.standUp(this.stopping.signal)
  }

  private eachMinute(): void {
    this.stopTimer = this.world.clock.after(LIMITS.operation.sweepMs, () => {
      this.queue.kick()
      this.background = this.background
        .then(() =>
          this.hasStoodUp || this.world.store.instance.isStandingBy() ? undefined : this.standUp(),
        )
        .then(() => this.sweep.whatIsOver(this.stopping.signal))
        .catch((cause) => this.world.log.write('error', 'a sweep was interrupted', { cause }))
      this.eachMinute()
    })
  }
}
