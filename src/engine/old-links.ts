/** Links that a switch with other rules leaves behind: they go when no visitor is answered by them any more. */
import { LIMITS } from '../base/limits.ts'
import type { TreeKey } from '../domain/bundle.ts'
import type { LinkName } from '../ports/gateway.ts'
import type { Holder } from '../store/pins.ts'
import type { StepContext, World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'

/** Who needs the tree that an old link leads to. */
export const linkHolder = (link: LinkName): Holder => `link:${link}`

/**
 * Drops a link that is not live any more. As long as visitors of URLs may be answered by it, it stays, and its tree too:
 * the sweep looks again.
 */
export async function dropOldLink(
  { world, signal, say }: StepContext,
  keeper: TreeKeeper,
  { link, tree, hasUrls }: { link: LinkName; tree: TreeKey; hasUrls: boolean },
): Promise<void> {
  if (hasUrls && !(await world.hosts.settled(LIMITS.url.settledMs, signal))) {
    world.store.pins.add(tree, linkHolder(link))
    return say('Some visitors are still answered as before; what they get stays until they are gone.')
  }
  await world.links.drop(link, signal)
  for (const released of world.store.pins.release(linkHolder(link))) await keeper.retire(released)
}

/** Each minute: old links that waited for the last of their visitors. */
export async function dropWaitingLinks(world: World, keeper: TreeKeeper, signal: AbortSignal): Promise<void> {
  const { store, gateway, hosts, links } = world
  const waiting = store.pins.links()
  if (waiting.length === 0 || store.instance.isStandingBy() || !(await hosts.settled(0, signal))) return
  for (const link of waiting)
    await keeper.inTurn(link, async () => {
      const environment = store.environments.byId(link.split('-', 1)[0] ?? '')
      const live = environment && (await gateway.read(environment.id, signal))
      // From here to the drop without a pause, and a switch puts its link in the same turn.
      const isBusy = environment !== null && store.operations.isBusy(environment)
      const released = live?.link === link || isBusy ? [] : store.pins.heldBy(linkHolder(link))
      if (released.length === 0) return
      await links.drop(link, signal)
      store.pins.release(linkHolder(link))
      for (const tree of released) await keeper.retire(tree)
    })
}
