import { asFault, Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { type Digest, type TreeKey, treeKey } from '../domain/bundle.ts'
import type { Actor } from '../domain/operation.ts'
import type { ReceivedArchive, ReceiveOptions } from '../ports/bundles.ts'
import type { ServiceRow } from '../store/services.ts'
import type { Acceptance, DeploymentWish } from './accept.ts'
import { basesFor } from './deployment.ts'
import { environmentOf } from './standing.ts'
import type { World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'

/** Faults of an archive that came whole, or would have: they make a failed deployment. Others left nothing to record. */
const RECORDED = new Set(['archive_refused', 'digest_mismatch', 'too_large', 'disk_full'])

export type UploadOutcome = { deploymentId: string } | { deploymentId: string | null; refused: Fault }

export interface BundleWish {
  service: ServiceRow
  actor: Actor
}

interface Intake {
  receive(): Promise<ReceivedArchive>
  bases: TreeKey[]
  unpack: boolean
  signal: AbortSignal
}

/** Takes archives in: receive, judge from the first byte to the last, keep, and only then write rows. */
export class Uploads {
  private readonly world: World
  private readonly keeper: TreeKeeper
  private readonly acceptance: Acceptance
  /** Archives that are on their way and may not have a row yet. */
  inFlight = 0

  constructor(world: World, keeper: TreeKeeper, acceptance: Acceptance) {
    this.world = world
    this.keeper = keeper
    this.acceptance = acceptance
  }

  /** Stores an archive and queues its deployment. A refusal is recorded as a failed deployment and answered. */
  async deploy(
    wish: DeploymentWish,
    body: AsyncIterable<Uint8Array>,
    options: ReceiveOptions,
  ): Promise<UploadOutcome> {
    this.acceptance.requireActing()
    try {
      const liveTree = this.world.store.pins.heldBy(`live:${wish.environmentId}`)[0] ?? null
      const bases = basesFor(this.world, environmentOf(this.world, wish.environmentId).serviceId, liveTree)
      const receive = () => this.world.bundles.receive(body, options)
      return await this.takeIn({ receive, bases, unpack: true, signal: options.signal }, (digest) => ({
        deploymentId: this.acceptance.deployUpload(wish, digest),
      }))
    } catch (thrown) {
      const refused = asFault(thrown)
      if (!RECORDED.has(refused.code)) throw thrown
      return { deploymentId: this.recorded(wish, refused), refused }
    }
  }

  /** Stores an archive for a service without deploying it. */
  async store(wish: BundleWish, body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<Digest> {
    this.acceptance.requireActing()
    const receive = () => this.world.bundles.receive(body, options)
    return await this.takeIn({ receive, bases: [], unpack: false, signal: options.signal }, (digest) =>
      this.addBundle(wish, digest),
    )
  }

  /**
   * Stores an archive that was rebuilt from a folder. It is unpacked in the same reading, since its deployment
   * usually follows at once; a tree that nobody has deployed after a while is retired again.
   */
  async storeFolder(
    wish: BundleWish,
    receive: () => Promise<ReceivedArchive>,
    signal: AbortSignal,
  ): Promise<Digest> {
    const { world, keeper } = this
    this.acceptance.requireActing()
    const bases = basesFor(world, wish.service.id, null)
    const digest = await this.takeIn({ receive, bases, unpack: true, signal }, (stored) =>
      this.addBundle(wish, stored),
    )
    world.clock.after(LIMITS.disk.unusedTreeMs, () => {
      keeper
        .retire(treeKey(digest))
        .catch((cause) => world.log.write('error', 'retiring a tree failed', { cause }))
    })
    return digest
  }

  private addBundle({ service, actor }: BundleWish, digest: Digest): Digest {
    const { store, clock } = this.world
    return store.tx(() => {
      if (store.services.byId(service.id)?.deletedAt !== null)
        throw new Fault('not_found', `The service "${service.name}" has been deleted.`)
      const now = clock.now()
      const about = { id: service.id, name: service.name }
      if (store.bundles.add(service.id, digest, now))
        store.events.append({
          at: now,
          kind: 'bundle.created',
          actor,
          service: about,
          data: { bundle: digest },
        })
      return digest
    })
  }

  private async takeIn<T>(intake: Intake, accept: (digest: Digest) => T): Promise<T> {
    const { bundles } = this.world
    this.inFlight++
    try {
      const received = await intake.receive()
      try {
        return await this.keeper.inTurn(treeKey(received.digest), async () => {
          // Judged before, it needs no second look; the fresh copy replaces one that the disk may have damaged.
          if (await bundles.manifest(received.digest)) await bundles.keepUnread(received)
          else await this.judge(received, intake)
          return accept(received.digest)
        })
      } catch (error) {
        // What was unpacked for nothing is pinned by nobody.
        await this.keeper.retire(treeKey(received.digest))
        throw error
      } finally {
        await bundles.discard(received.staging)
      }
    } finally {
      this.inFlight--
    }
  }

  private async judge(received: ReceivedArchive, { bases, unpack, signal }: Intake): Promise<void> {
    const { bundles, trees } = this.world
    const prepared = await bundles.prepare(received, { bases, unpack, signal })
    await bundles.keep(prepared)
    if (prepared.unpacked) await trees.adopt(treeKey(received.digest), prepared, signal)
  }

  private recorded(wish: DeploymentWish, refused: Fault): string | null {
    try {
      return this.acceptance.recordRefusal(wish, refused)
    } catch (cause) {
      // The environment may be gone meanwhile, a full disk may refuse the row as well; the sender is told in any case.
      const level = cause instanceof Fault ? 'info' : 'error'
      this.world.log.write(level, 'a refused upload could not be recorded', { cause })
      return null
    }
  }
}
