/** What was taken over has become a bundle of its own: the tree that it was made in is to be as its bundle again. */
import type { TreeKey } from '../../domain/bundle.ts'
import type { StepContext } from '../step.ts'
import type { TreeKeeper } from '../tree-keeper.ts'

/** As far as it is kept for a rollback and nobody sees it: where else it is live, what was done there by hand stays. */
export async function mendAdopted(
  { world, operation, signal }: StepContext,
  keeper: TreeKeeper,
  tree: TreeKey,
): Promise<void> {
  const { store, trees } = world
  if (store.deployments.find(operation.id)?.cause !== 'adoption') return
  await keeper.inTurn(tree, async () => {
    const holders = store.pins.holdersOf(tree)
    const isSeen = holders.some((holder) => holder.startsWith('live:') || holder.startsWith('link:'))
    if (holders.length > 0 && !isSeen && (await trees.has(tree))) await trees.mend(tree, signal)
  })
}
