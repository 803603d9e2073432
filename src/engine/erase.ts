/** What people take out of the history: a deployment that is hidden, and a bundle whose bytes hold a secret. */
import { Fault } from '../base/fault.ts'
import { type Digest, treeKey } from '../domain/bundle.ts'
import { type Actor, isEnded } from '../domain/operation.ts'
import type { DeploymentRow } from '../store/deployments.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { ServiceRow } from '../store/services.ts'
import type { Acceptance } from './accept.ts'
import { pinRetained } from './deployment.ts'
import { operationEvent } from './journal.ts'
import type { Queue } from './queue.ts'
import type { World } from './step.ts'
import type { Sweep } from './sweep.ts'
import type { TreeKeeper } from './tree-keeper.ts'

/** Who does it, and why; both stay for ever. */
export interface Reasoned {
  actor: Actor
  reason: string | null
}

interface Parts {
  keeper: TreeKeeper
  queue: Queue
  acceptance: Acceptance
  sweep: Sweep
}

export class Eraser {
  private readonly world: World
  private readonly parts: Parts

  constructor(world: World, parts: Parts) {
    this.world = world
    this.parts = parts
  }

  /** Nobody sees it any more, and nothing is rolled back to it; its bundle stays. Throws `conflict` for what is live or goes on, `standing_by`. */
  hide(id: string, { actor, reason }: Reasoned): void {
    const { store, clock } = this.world
    const { acceptance, queue } = this.parts
    acceptance.requireActing()
    store.tx(() => {
      const row = store.deployments.required(id)
      if (row.live)
        throw new Fault('conflict', `The deployment is live in "${row.environmentName}".`, {
          hint: 'Deploy something else there first, or roll back.',
        })
      if (!isEnded(row.status) || row.status === 'stuck')
        throw new Fault('conflict', `The deployment has not ended: it is ${row.status}.`, {
          hint: row.status === 'stuck' ? 'Retry it first.' : 'Cancel it, or wait for its end.',
        })
      store.deployments.hide(id, clock.now())
      for (const tree of pinRetained(this.world, row.environmentId)) queue.retireSoon(tree)
      store.events.append({
        ...operationEvent(store.operations.required(id), 'deleted', clock.now()),
        actor,
        data: { bundle: row.bundle, message: row.message, reason },
      })
    })
  }

  /**
   * Removes the bytes of a bundle from this service, and from the disk when no other service holds the same: when it
   * resolves, no archive, tree or grace file has them. Trees of other bundles keep what is theirs. A crash in between
   * leaves bytes without a row, which the next start removes. Throws `not_found`, `conflict` for what is in
   * use, `standing_by`.
   */
  async eraseBundle(service: ServiceRow, digest: Digest, { actor, reason }: Reasoned): Promise<void> {
    const { store, clock } = this.world
    const { acceptance, keeper, sweep } = this.parts
    acceptance.requireActing()
    // An upload of the same bytes waits until they are gone, or they wait until it has its row.
    await keeper.inTurn(treeKey(digest), async () => {
      store.tx(() => {
        this.requireUnused(service, digest)
        const now = clock.now()
        store.bundles.erase(service.id, { digest, at: now, actor, reason })
        store.grace.endNow(service.id, digest)
        store.events.append({
          at: now,
          kind: 'bundle.deleted',
          actor,
          service: { id: service.id, name: service.name },
          data: { bundle: digest, reason },
        })
      })
      for (const environmentId of store.grace.with(service.id, digest))
        await sweep.endGrace({ environmentId, digest })
      await sweep.dropUnknown(digest)
    })
  }

  private requireUnused(service: ServiceRow, digest: Digest): void {
    const { store } = this.world
    for (const environment of store.environments.of(service.id)) {
      const use = this.useOf(environment, digest)
      if (use) throw new Fault('conflict', `The bundle ${use.how} "${environment.name}".`, { hint: use.hint })
    }
  }

  private useOf(environment: EnvironmentRow, digest: Digest): { how: string; hint: string } | null {
    const { store } = this.world
    if (store.deployments.find(environment.liveDeploymentId ?? '')?.bundle === digest)
      return { how: 'is live in', hint: 'Deploy something else there first.' }
    const open = store.operations.openOf(environment.serviceId)
    const stuck = store.operations.stuckOf({
      serviceId: environment.serviceId,
      environmentId: environment.id,
    })
    const isOfIt = (row: DeploymentRow | null) =>
      row?.bundle === digest && row.environmentId === environment.id
    if (open.some(({ id }) => isOfIt(store.deployments.find(id))))
      return { how: 'is being deployed to', hint: 'Cancel that deployment, or wait for its end.' }
    if (stuck.some(({ id }) => isOfIt(store.deployments.find(id))))
      return { how: 'is in a stuck deployment to', hint: 'Retry that deployment, or deploy something else.' }
    if (store.pins.heldBy(`retained:${environment.id}`).includes(treeKey(digest)))
      return { how: 'is kept for a rollback in', hint: 'Set "retain" of the environment to 0 first.' }
    return null
  }
}
