import { LIMITS } from '../base/limits.ts'
import type { DriftKind } from '../domain/drift.ts'
import { Acceptance } from './accept.ts'
import { Drift } from './drift/drift.ts'
import type { DriftPart } from './drift/part.ts'
import { driftParts } from './drift/parts.ts'
import { Eraser } from './erase.ts'
import { Queue } from './queue.ts'
import type { World } from './step.ts'
import { Sweep } from './sweep.ts'
import { TreeKeeper } from './tree-keeper.ts'
import { Uploads } from './upload.ts'
import { CertificateKeeper } from './url/certificate/keeper.ts'
import { Renewals } from './url/certificate/renewals.ts'

/** The machine: takes wishes in, drives them as operations, and keeps the data folder tidy. */
export class Engine {
  readonly world: World
  readonly keeper: TreeKeeper
  readonly certificates: CertificateKeeper
  readonly queue: Queue
  readonly acceptance: Acceptance
  readonly uploads: Uploads
  readonly eraser: Eraser
  readonly drift: Drift
  private readonly sweep: Sweep
  private readonly renewals: Renewals
  private readonly stopping = new AbortController()
  private stopTimer: (() => void) | null = null
  private background: Promise<void> = Promise.resolve()
  /** Whether all that should stand was looked at while this instance acted. */
  private hasStoodUp = false

  constructor(world: World) {
    this.world = world
    this.keeper = new TreeKeeper(world)
    const parts: DriftPart[] = []
    this.certificates = new CertificateKeeper(world)
    const keepers = { trees: this.keeper, certificates: this.certificates }
    this.queue = new Queue(world, keepers, ({ kind }) => requiredPart(parts, kind))
    this.acceptance = new Acceptance(world, this.queue)
    parts.push(
      ...driftParts({
        world,
        keeper: this.keeper,
        storeFolder: (...given) => this.uploads.storeFolder(...given),
        deployAdopted: ({ bundle, ...wish }) =>
          this.acceptance.deployUpload({ ...wish, message: null }, bundle, 'adoption'),
      }),
    )
    this.drift = new Drift(world, this.acceptance, parts)
    this.renewals = new Renewals(world, this.acceptance)
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
    await this.certificates.standUp()
    this.queue.open()
    this.background = this.standUp()
      .then(() => this.certificates.sweep())
      .then(() => this.sweep.strayBundles(() => this.stopping.signal.aborted))
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

  private async lookForDrift(): Promise<void> {
    const { store, log } = this.world
    if (this.stopping.signal.aborted || !this.hasStoodUp || store.instance.isStandingBy()) return
    await this.drift.look(this.stopping.signal).catch((cause) => {
      if (!this.stopping.signal.aborted) log.write('error', 'a look for drift was interrupted', { cause })
    })
  }

  private eachMinute(): void {
    this.stopTimer = this.world.clock.after(LIMITS.operation.sweepMs, () => {
      this.queue.kick()
      this.background = this.background
        .then(() =>
          this.hasStoodUp || this.world.store.instance.isStandingBy() ? undefined : this.standUp(),
        )
        .then(() => this.sweep.whatIsOver(this.stopping.signal))
        .then(() => this.certificates.standUp({ quickly: true }))
        .then(() => this.certificates.sweep())
        .then(() => this.renewals.look(this.stopping.signal))
        .catch((cause) => this.world.log.write('error', 'a sweep was interrupted', { cause }))
        .then(() => this.lookForDrift())
      this.eachMinute()
    })
  }
}

function requiredPart(parts: readonly DriftPart[], kind: DriftKind): DriftPart {
  const part = parts.find(({ kinds }) => kinds.includes(kind))
  if (!part) throw new Error(`no part looks for drift of the kind ${kind}`)
  return part
}
