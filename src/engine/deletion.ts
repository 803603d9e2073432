import type { TreeKey } from '../domain/bundle.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Store } from '../store/store.ts'
import { clearStuck } from './journal.ts'
import { environmentOf, type Standing, standing } from './standing.ts'
import type { Act, Look, Plan, World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'
import {
  askForGone,
  keepUrls,
  putUrlSitesBack,
  type RemovalFacts,
  releaseUrls,
  removeRecords,
  seeUrls,
  takeUrlSitesDown,
} from './url/removal.ts'

interface DeletionFacts extends RemovalFacts {
  /** The environments to delete: one, or all of a service. Given when it was accepted. */
  environments: string[]
  before: Record<string, Standing>
  retiring: TreeKey[]
}

/**
 * See what stands · remove the DNS records · ask the name servers · take the sites down · drop the links · clear the
 * disk. Bundles and history stay.
 */
export function deletionPlan(keeper: TreeKeeper): Plan<DeletionFacts> {
  return {
    steps: [seeWhatStands, removeRecords, askForGone, takeSitesDown, dropLinks, clearDisk(keeper)],
    switchAt: 3,
    commitAt: 4,
    commit({ world, operation }, { environments }) {
      const { store, clock } = world
      const now = clock.now()
      const retiring: TreeKey[] = []
      for (const id of environments) {
        retiring.push(...store.pins.release(`live:${id}`), ...store.pins.release(`retained:${id}`))
        store.grace.removeAll(id)
        releaseUrls(
          world,
          store.urls.of(id).map((url) => url.id),
        )
        store.environments.markDeleted(id, now)
      }
      if (operation.kind === 'service-deletion' && operation.serviceId !== null)
        store.services.markDeleted(operation.serviceId, now)
      return { retiring: [...retiring, ...clearStuck(world, operation)] }
    },
    ended({ world, operation }, status) {
      if (status === 'succeeded') return
      if (status !== 'stuck') keepUrls(world, operation.facts)
      keepAfterAll(world.store, operation)
    },
  }
}

/** What a deletion that came to nothing was to delete takes operations again. */
export function keepAfterAll(store: Store, { kind, serviceId, environmentId }: OperationRow): void {
  if (kind === 'service-deletion' && serviceId) store.services.setDeleting(serviceId, false)
  if (kind === 'environment-deletion' && environmentId) store.environments.setDeleting(environmentId, false)
}

const seeWhatStands: Look<DeletionFacts> = {
  kind: 'look',
  name: 'see what stands',
  async run(context, { environments }) {
    const { world, signal, say } = context
    const before: Record<string, Standing> = {}
    const urls: NonNullable<DeletionFacts['urls']> = []
    for (const id of environments) {
      before[id] = await standing(world, id, signal)
      const { name } = environmentOf(world, id)
      say(before[id].tree ? `${name} has a live site.` : `${name} has nothing live.`)
      urls.push(...(await seeUrls(context, world.store.urls.of(id))))
    }
    return { before, urls }
  },
}

const takeSitesDown: Act<DeletionFacts> = {
  kind: 'act',
  name: 'take the sites down',
  async run(context, facts) {
    const { world, signal } = context
    await takeUrlSitesDown(context, facts)
    for (const id of facts.environments) await world.gateway.drop(id, signal)
  },
  async undo(context, facts) {
    const { world, signal } = context
    for (const id of facts.environments) {
      const site = facts.before[id]?.site
      if (site && (await stillDown(world, id, signal))) await world.gateway.put(id, site, signal)
    }
    await putUrlSitesBack(context, facts)
  },
}

const dropLinks: Act<DeletionFacts> = {
  kind: 'act',
  name: 'drop the links',
  async run({ world, signal }, { before }) {
    for (const { site } of Object.values(before)) if (site) await world.links.drop(site.link, signal)
  },
  async undo({ world, signal }, { before }) {
    for (const [id, { site, tree }] of Object.entries(before))
      if (site && tree && (await stillDown(world, id, signal))) await world.links.put(site.link, tree, signal)
  },
}

/** A deletion that was stuck may be retried when something else has been deployed: that stays. */
const stillDown = async (world: World, id: string, signal: AbortSignal): Promise<boolean> =>
  (await world.gateway.read(id, signal)) === null

const clearDisk = (keeper: TreeKeeper): Act<DeletionFacts> => ({
  kind: 'act',
  name: 'clear the disk',
  async run({ world }, { environments, retiring }) {
    for (const id of environments) await world.grace.drop(id)
    for (const tree of retiring) await keeper.retire(tree)
  },
  async undo() {},
})
