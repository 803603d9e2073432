import { pause } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { problemOf } from '../contract/problem.ts'
import type { TreeKey } from '../domain/bundle.ts'
import type { DriftThing } from '../domain/drift.ts'
import {
  type Actor,
  isEnded,
  isOfUrl,
  type OperationKind,
  type OperationStatus,
} from '../domain/operation.ts'
import type { OperationRow } from '../store/operations.ts'
import { deletionPlan } from './deletion.ts'
import { deploymentPlan } from './deployment.ts'
import type { DriftPart } from './drift/part.ts'
import { adoptPlan, revertPlan } from './drift/plans.ts'
import { CANCELLED, drive, STOPPING } from './drive.ts'
import { operationEvent } from './journal.ts'
import type { Facts, Plan, World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'
import type { CertificateKeeper } from './url/certificate/keeper.ts'
import { urlPlans } from './url/certificate/plans.ts'
import { detachPlan } from './url/detach.ts'
import { takeOverPlan } from './url/take-over.ts'

interface Running {
  kind: OperationKind
  cancel: AbortController
  end: Promise<void>
}

/** Starts operations in their order, one at a time an environment, and lets others wait for their end. */
export class Queue {
  private readonly world: World
  private readonly keeper: TreeKeeper
  private readonly plans: Record<OperationKind, (operation: OperationRow) => Plan<Facts>>
  private readonly running = new Map<string, Running>()
  private readonly stopping = new AbortController()
  private readonly waiting = new Map<string, Set<() => void>>()
  private isOpen = false
  private isClosed = false

  constructor(
    world: World,
    { trees, certificates }: { trees: TreeKeeper; certificates: CertificateKeeper },
    partOf: (thing: DriftThing) => DriftPart,
  ) {
    this.world = world
    this.keeper = trees
    // A plan reads only facts that its own acceptance and steps have put into its own operations.
    const always = (plan: Plan<Facts>) => () => plan
    const deployment = always(deploymentPlan(trees))
    const deletion = always(deletionPlan(trees))
    const urls = urlPlans(world, certificates)
    this.plans = {
      deployment,
      'settings-change': deployment,
      'site-repair': deployment,
      'environment-deletion': deletion,
      'service-deletion': deletion,
      'url-attach': urls.attach,
      'url-detach': always(detachPlan()),
      'url-change': urls.change,
      'certificate-renewal': urls.change,
      'url-take-over': always(takeOverPlan()),
      'drift-revert': always(revertPlan(partOf)),
      'drift-adopt': always(adoptPlan(partOf)),
    }
  }

  /** Resumes what a crash or stop left running, then starts what waits; an instance that is standing by does neither. */
  open(): void {
    if (this.isOpen || this.isClosed || this.world.store.instance.isStandingBy()) return
    this.isOpen = true
    for (const { id, kind } of this.world.store.operations.withStatus('running')) this.run(id, kind)
    this.kick()
  }

  /** Interrupts running operations where they are; the next start goes on with them. */
  async close(): Promise<void> {
    this.isOpen = false
    this.isClosed = true
    this.stopping.abort(STOPPING)
    await Promise.all([...this.running.values()].map(({ end }) => end))
    for (const [id] of this.waiting) this.wake(id)
  }

  /** Starts every operation that may start now; one that can't be is started by a later kick. */
  kick(): void {
    const { store, clock } = this.world
    // `fairlead takeover` may have ended the standing by since the last look.
    if (!this.isOpen) return this.open()
    try {
      for (const { id, kind } of store.operations.startable()) {
        if (!this.hasRoomFor(kind)) continue
        store.tx(() => {
          store.operations.start(id, clock.now())
          store.events.append(operationEvent(store.operations.required(id), 'started', clock.now()))
        })
        this.run(id, kind)
      }
    } catch (cause) {
      this.complain('an operation could not be started yet', cause)
    }
  }

  /** Resolves when the operation has ended, or early when the signal is aborted or the program stops. */
  async waitFor(id: string, signal: AbortSignal): Promise<OperationRow> {
    const row = this.world.store.operations.required(id)
    if (isEnded(row.status) || signal.aborted || !this.isOpen) return row
    const wakers = this.waiting.get(id) ?? new Set()
    this.waiting.set(id, wakers)
    await new Promise<void>((resolve) => {
      wakers.add(resolve)
      signal.addEventListener(
        'abort',
        () => {
          wakers.delete(resolve)
          resolve()
        },
        { once: true },
      )
    })
    return this.world.store.operations.required(id)
  }

  /** Throws `conflict` when it has ended or when its switch has begun. */
  cancel(id: string, actor: Actor): OperationRow {
    const { store } = this.world
    const operation = store.operations.required(id)
    if (isEnded(operation.status))
      throw new Fault('conflict', `The operation has ended already: ${operation.status}.`, {
        hint: 'Only a queued or running operation can be cancelled.',
      })
    if (operation.status === 'queued' && operation.direction === 'forward')
      store.tx(() => {
        this.noteCancel(operation, actor)
        this.endQueued(operation, 'cancelled', CANCELLED)
      })
    else {
      const switchAt = this.planOf(operation).switchAt
      const begun = store.operations
        .steps(id)
        .some((step) => step.position >= switchAt && step.status !== 'pending')
      if (begun || operation.direction === 'back')
        throw new Fault('conflict', 'The operation can no longer be cancelled: its switch has begun.', {
          hint: operation.kind === 'deployment' ? 'Wait for its end, then roll back.' : 'Wait for its end.',
        })
      if (!operation.cancelRequested)
        store.tx(() => {
          store.operations.requestCancel(id)
          this.noteCancel(operation, actor)
        })
      this.running.get(id)?.cancel.abort(CANCELLED)
    }
    return store.operations.required(id)
  }

  /** The end of an operation is told with who began it, so who asked for a cancel is told before. */
  private noteCancel(operation: OperationRow, actor: Actor): void {
    const { store, clock } = this.world
    const at = clock.now()
    store.logs.append(operation.id, { at, level: 'info', step: null, text: 'A cancel was asked for.' })
    store.events.append({ ...operationEvent(operation, 'cancel-requested', at), actor })
  }

  /** Ends an operation that never started. */
  endQueued(operation: OperationRow, status: 'cancelled' | 'superseded', fault: Fault): void {
    const { store, clock } = this.world
    const pinned = store.pins.heldBy(`operation:${operation.id}`)
    store.tx(() => {
      store.operations.end(operation.id, { status, problem: problemOf(fault), now: clock.now() })
      this.planOf(operation).ended({ world: this.world, operation }, status)
      store.events.append(operationEvent(operation, status, clock.now()))
    })
    store.db.whenCommitted(() => {
      this.wake(operation.id)
      for (const tree of pinned)
        this.keeper.retire(tree).catch((cause) => this.complain('retiring a tree failed', cause))
    })
  }

  /** Retires a tree once the current transaction stands, unless somebody pins it. */
  retireSoon(tree: TreeKey): void {
    this.world.store.db.whenCommitted(() => {
      this.keeper.retire(tree).catch((cause) => this.complain('retiring a tree failed', cause))
    })
  }

  private planOf(operation: OperationRow): Plan<Facts> {
    return this.plans[operation.kind](operation)
  }

  private hasRoomFor(kind: OperationKind): boolean {
    const limit = limitOf(kind)
    const others = [...this.running.values()].filter((one) => limitOf(one.kind) === limit)
    return others.length < LIMITS.operation[limit]
  }

  private run(id: string, kind: OperationKind): void {
    const cancel = new AbortController()
    const end = this.drive(id, AbortSignal.any([cancel.signal, this.stopping.signal]))
    this.running.set(id, { kind, cancel, end })
  }

  private async drive(id: string, signal: AbortSignal): Promise<void> {
    const { store } = this.world
    const pinned = store.pins.heldBy(`operation:${id}`)
    const plan = this.planOf(store.operations.required(id))
    let status: OperationStatus = 'running'
    while (status === 'running' && !this.stopping.signal.aborted) {
      try {
        status = await drive(this.world, id, { plan, signal })
      } catch (cause) {
        // The journal itself could not be written (a full disk, say): nothing was claimed, so go on when it can be.
        this.complain('an operation was interrupted and is resumed', cause)
        await pause(this.world.clock, LIMITS.operation.resumeMs, this.stopping.signal).catch(() => {})
      }
    }
    this.running.delete(id)
    if (status === 'running') return
    for (const tree of pinned)
      await this.keeper.retire(tree).catch((cause) => this.complain('retiring a tree failed', cause))
    this.wake(id)
    this.kick()
  }

  private wake(id: string): void {
    const wakers = this.waiting.get(id) ?? []
    this.waiting.delete(id)
    for (const wake of wakers) wake()
  }

  private complain(message: string, cause: unknown): void {
    this.world.log.write('error', message, { cause })
  }
}

/** Those that wait for the same things share what may run at the same time. */
const limitOf = (kind: OperationKind): 'parallel' | 'parallelUrls' | 'parallelDrift' =>
  isOfUrl(kind) ? 'parallelUrls' : kind.startsWith('drift-') ? 'parallelDrift' : 'parallel'
