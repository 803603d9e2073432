import { nextTurn, stopwatch } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'

/** Long work in slices: whoever waits gets his turn after a few milliseconds. */
export class Slices {
  readonly #signal: AbortSignal
  #sinceTurn = stopwatch()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Asked of each file, where a promise would cost more than the file. */
  isDue(): boolean {
    return this.#sinceTurn() >= LIMITS.drift.sliceMs
  }

  /** Throws the signal's reason when it is aborted. */
  async letOthers(): Promise<void> {
    this.#signal.throwIfAborted()
    await nextTurn()
    this.#sinceTurn = stopwatch()
  }
}
