import { type Clock, nextTurn, pause } from '../../base/clock.ts'

/** How one piece of work ended: null, or what it failed with. */
export type Outcome = { fault: unknown } | null

export interface BatchesOptions<Item> {
  /** One outcome for each, in order; `counts`: whether it has to be paced. */
  work(items: Item[]): Promise<{ outcomes: Outcome[]; counts: boolean }>
  clock: Clock
  /** At most so many batches that count in so much time. */
  most: { batches: number; ms: number }
}

interface Waiting<Item> {
  item: Item
  signal: AbortSignal
  resolve: () => void
  reject: (reason: unknown) => void
}

/** One batch at a time. What comes while one is at work, or has to wait, goes together into the next. */
export class Batches<Item> {
  readonly #options: BatchesOptions<Item>
  #waiting: Waiting<Item>[] = []
  /** When those that count began, the newest last. */
  #begun: number[] = []
  #isRunning = false

  constructor(options: BatchesOptions<Item>) {
    this.#options = options
  }

  /** Resolves when the item is done. Aborted before its batch begins, it is not done at all. */
  add(item: Item, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, signal, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn comes together.
    await nextTurn()
    while (this.#waiting.length > 0) {
      await this.#pace()
      const batch = this.#taken()
      if (batch.length > 0) await this.#finish(batch)
    }
    this.#isRunning = false
  }

  async #pace(): Promise<void> {
    const { clock, most } = this.#options
    const [oldest] = this.#begun.slice(-most.batches)
    if (oldest === undefined || this.#begun.length < most.batches) return
    const wait = oldest + most.ms - clock.now()
    // A clock that was set back must not hold anybody up for longer.
    if (wait > 0) await pause(clock, Math.min(wait, most.ms))
  }

  #taken(): Waiting<Item>[] {
    const all = this.#waiting
    this.#waiting = []
    return all.filter(({ signal, reject }) => {
      if (signal.aborted) reject(signal.reason)
      return !signal.aborted
    })
  }

  async #finish(batch: Waiting<Item>[]): Promise<void> {
    const begunAt = this.#options.clock.now()
    const paced = () => {
      this.#begun = [...this.#begun, begunAt].slice(-this.#options.most.batches)
    }
    try {
      const { outcomes, counts } = await this.#options.work(batch.map(({ item }) => item))
      if (counts) paced()
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index]
        if (outcome) reject(outcome.fault)
        else resolve()
      })
    } catch (error) {
      paced()
      for (const { reject } of batch) reject(error)
    }
  }
}
