/** Who reads an event stream, and how long he may. */
import { LIMITS } from '../base/limits.ts'
import type { RouteName } from '../contract/routes.ts'
import type { Api, Call } from './call.ts'
import type { StreamOptions } from './event-stream.ts'

export const streamOptions = (
  api: Api,
  call: Pick<Call<RouteName>, 'isStill'>,
  after: number,
): StreamOptions => ({
  clock: api.clock,
  stopping: api.stopping,
  after,
  isAllowed: call.isStill,
  onAccessChange: (changed) => api.accessWatch.onChange(changed),
})

/** Tells streams that somebody may do more or less than before, also when another process has changed it. */
export class AccessWatch {
  private readonly api: Pick<Api, 'engine' | 'clock'>
  private readonly listeners = new Set<() => void>()
  private stopLooking: () => void = () => undefined

  constructor(api: Pick<Api, 'engine' | 'clock'>) {
    this.api = api
  }

  onChange(changed: () => void): () => void {
    const { store } = this.api.engine.world
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
    this.stopLooking = this.api.clock.after(LIMITS.account.accessLookMs, () => {
      const version = this.api.engine.world.store.dataVersion()
      if (version !== known) for (const changed of this.listeners) changed()
      this.look(version)
    })
  }
}
