import { nextTurn } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type BundleFile, type Digest, treeKey } from '../domain/bundle.ts'
import { SYSTEM_ACTOR } from '../domain/operation.ts'
import { fingerprinted } from '../domain/serving/cache.ts'
import type { Manifest } from '../ports/bundles.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import { dropWaitingLinks } from './old-links.ts'
import type { Queue } from './queue.ts'
import { queueRefresh } from './refresh.ts'
import { environmentOf, siteOf, standing } from './standing.ts'
import type { World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'
import { UrlSweep } from './url/sweep.ts'

/** Clears what crashes, kills and time have left, and puts back what should stand by the database. */
export class Sweep {
  private readonly world: World
  private readonly keeper: TreeKeeper
  private readonly queue: Queue
  private readonly urls: UrlSweep

  constructor(world: World, keeper: TreeKeeper, queue: Queue) {
    this.world = world
    this.keeper = keeper
    this.queue = queue
    this.urls = new UrlSweep(world)
  }

  /** Before the first request: keys of uploads that died, trees that nobody pins. */
  async atStart(): Promise<void> {
    const { store, trees } = this.world
    store.idempotency.releaseAll()
    for (const tree of await trees.list()) if (!store.pins.isPinned(tree)) await this.keeper.retire(tree)
  }

  /** In the background: bytes without a row, left by a crash between storing and accepting, or while they were erased. */
  async strayBundles(isStopping: () => boolean): Promise<void> {
    const { store, bundles, log } = this.world
    // Of an erased bundle the manifest tells which assets are its own.
    await this.endedGrace()
    for await (const digest of bundles.list()) {
      if (isStopping()) return
      if (store.bundles.isKnown(digest)) continue
      log.write('info', 'an archive without a row was left by a crash and is removed', { digest })
      await this.keeper.inTurn(treeKey(digest), () => this.dropUnknown(digest))
    }
  }

  /** All bytes of a bundle that no service has; in the turn of its tree, which an upload keeps until it has its row. */
  async dropUnknown(digest: Digest): Promise<void> {
    const { store, trees, bundles } = this.world
    if (store.bundles.isKnown(digest)) return
    await trees.drop(treeKey(digest))
    await bundles.drop(digest)
  }

  /**
   * Every live deployment has its tree, its link and its site; after a restore none of them is there. What is missing
   * is put back by an operation, in its turn; an instance that is standing by has no turns and does it at once, but for
   * what stands outside of its data folder.
   */
  async standUp(signal: AbortSignal): Promise<void> {
    const { store, log } = this.world
    for (const environment of store.environments.all()) {
      if (signal.aborted) return
      await nextTurn()
      await this.standUpOne(environment, signal).catch((cause) =>
        log.write('error', 'a live site could not be put back', { environment: environment.id, cause }),
      )
    }
    if (store.instance.isStandingBy()) return
    await this.urls.standUp(signal)
    await this.urls.dropStraySites(signal)
  }

  private async standUpOne({ id }: EnvironmentRow, signal: AbortSignal): Promise<void> {
    const { store } = this.world
    const wanted = this.liveBundle(id)
    if (wanted === null) return
    const stands = await standing(this.world, id, signal)
    const treeStands = stands.tree !== null && (await this.world.trees.has(stands.tree))
    const isWhole = treeStands && stands.tree === treeKey(wanted)
    // Somebody has led it there by hand: that is told as drift, and not undone in silence.
    if (treeStands && !isWhole && !store.instance.isStandingBy()) return
    if (isWhole && (store.instance.isStandingBy() || (await this.urls.sitesStand(id, stands.site, signal))))
      return
    const manifest = await this.world.bundles.manifest(wanted)
    if (!manifest)
      throw new Fault('broken_data', `The bundle ${wanted} of a live deployment is missing.`, {
        hint: 'Copy the folder `bundles` back from a backup and start again.',
      })
    if (store.instance.isStandingBy()) await this.keeper.ensure(treeKey(wanted), [], signal)
    // From here to the queue without a pause: no operation can come between the look and the verdict.
    const environment = environmentOf(this.world, id)
    if (store.operations.isBusy(environment) || this.liveBundle(id) !== wanted) return
    if (store.instance.isStandingBy()) return this.putBack(environment, manifest, signal)
    this.world.log.write('warn', 'a live site does not stand and is put back', { environment: id })
    store.tx(() => queueRefresh(this.world, environment, { kind: 'site-repair', actor: SYSTEM_ACTOR }))
    this.queue.kick()
  }

  private async putBack(environment: EnvironmentRow, manifest: Manifest, signal: AbortSignal): Promise<void> {
    const { links, gateway } = this.world
    const site = siteOf(environment, manifest)
    await links.put(site.link, treeKey(manifest.facts.digest), signal)
    await gateway.put(environment.id, site, signal)
  }

  private liveBundle(environmentId: string): Digest | null {
    const { store } = this.world
    const environment = environmentOf(this.world, environmentId)
    return store.deployments.find(environment.liveDeploymentId ?? '')?.bundle ?? null
  }

  /** Each minute: what only waited for its time. */
  async whatIsOver(signal: AbortSignal): Promise<void> {
    this.world.store.urls.forgetHolds(this.world.clock.now())
    await this.endedGrace()
    await dropWaitingLinks(this.world, this.keeper, signal)
  }

  /** Assets whose grace is over. */
  async endedGrace(): Promise<void> {
    const { store, clock, log } = this.world
    for (const row of store.grace.ended(clock.now()))
      await this.endGrace(row).catch((cause) =>
        log.write('error', 'assets whose grace is over could not be removed', { ...row, cause }),
      )
  }

  async endGrace({ environmentId, digest }: { environmentId: string; digest: Digest }): Promise<void> {
    const { store, clock, grace, bundles } = this.world
    const { settings, serviceId } = environmentOf(this.world, environmentId)
    const manifest = await bundles.manifest(digest)
    const kept = await this.filesStillInGrace(environmentId, digest)
    // A rollback and what came after it may have given the same tree a new grace meanwhile.
    if (!store.grace.hasEnded(environmentId, digest, clock.now())) return
    const isErased = store.bundles.find(serviceId, digest) === null
    const isLast = store.grace.of(environmentId).length === 1
    // At once: what is dropped stays in the trash for a while.
    if (isErased && manifest)
      await grace.remove(
        environmentId,
        [...manifest.files()]
          .filter(({ path, sha256 }) => kept(path)?.sha256 !== sha256)
          .map(({ path }) => path),
      )
    // Whatever the build folders were when its files were linked: behind the last one nothing stays.
    if (isLast || (isErased && !manifest)) await grace.drop(environmentId)
    else if (manifest && !isErased)
      await grace.remove(
        environmentId,
        [...manifest.files()]
          .map(({ path }) => path)
          .filter((path) => !kept(path) && fingerprinted(path, settings.buildFolders)),
      )
    store.grace.remove(environmentId, digest)
  }

  /** What another bundle in its grace has at a path. */
  private async filesStillInGrace(
    environmentId: string,
    ending: Digest,
  ): Promise<(path: string) => BundleFile | null> {
    const others = this.world.store.grace.of(environmentId).filter((digest) => digest !== ending)
    const manifests = await Promise.all(others.map((digest) => this.world.bundles.manifest(digest)))
    return (path) => manifests.map((manifest) => manifest?.file(path)).find((file) => file) ?? null
  }
}
