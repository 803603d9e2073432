import type { TreeKey } from '../domain/bundle.ts'
import type { TreeStats } from '../ports/bundles.ts'
import type { World } from './step.ts'

/** Makes trees and retires those that nobody pins. One thing at a time a tree, so that neither undoes the other. */
export class TreeKeeper {
  private readonly world: Pick<World, 'store' | 'trees'>
  private readonly turns = new Map<TreeKey, Promise<unknown>>()

  constructor(world: Pick<World, 'store' | 'trees'>) {
    this.world = world
  }

  /** Null: it was there. The caller holds a pin, so it stays. */
  ensure(tree: TreeKey, bases: TreeKey[], signal: AbortSignal): Promise<TreeStats | null> {
    return this.inTurn(tree, async () => {
      if (await this.world.trees.has(tree)) return null
      return await this.world.trees.put(tree, bases, signal)
    })
  }

  /** Moves a tree to the trash unless somebody needs it. Absent is fine. */
  retire(tree: TreeKey): Promise<void> {
    return this.inTurn(tree, async () => {
      if (!this.world.store.pins.isPinned(tree)) await this.world.trees.drop(tree)
    })
  }

  /** Does something with the bytes of a tree while nobody else does. */
  inTurn<T>(tree: TreeKey, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(tree) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.turns.set(tree, turn)
    const clear = () => {
      if (this.turns.get(tree) === turn) this.turns.delete(tree)
    }
    turn.then(clear, clear)
    return turn
  }
}
