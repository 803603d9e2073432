import { LIMITS } from '../base/limits.ts'
import type { World } from '../engine/step.ts'

/** Tells streams that somebody may do more or less than before, also when another process has changed it. */
export class AccessWatch {
  private readonly world: Pick<World, 'store' | 'clock'>
  private readonly listeners = new Set<() => void>()
  private stopLooking: () => void = () => undefined

  constructor(world: Pick<World, 'store' | 'clock'>) {
    this.world = world
  }

  onChange(changed: () => void): () => void {
    const { store } = this.world
    if (this.listeners.size === 0) this.look(store.dataVersion())
    this.listeners.add(changed)
    const stop = store.onChange((change) => change.kind === 'access' && changed())
    return () => {
      stop()
      this.listeners.delete(changed)
      if (this.listeners.size === 0) this.stopLooking()
    }
  }

  /** SQLite tells its own connection nothing of what others write; its data version moves with it. */
  private look(known: number): void {
    this.stopLooking = this.world.clock.after(LIMITS.account.accessLookMs, () => {
      const version = this.world.store.dataVersion()
      if (version !== known) for (const changed of this.listeners) changed()
      this.look(version)
    })
  }
}
