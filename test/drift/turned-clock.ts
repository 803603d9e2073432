/** The machine's clock, turned by hand: what waits for a time comes when it is turned past it. */
import { type Clock, systemClock } from '../../src/base/clock.ts'

interface Timer {
  at: number
  come: () => void
}

export class TurnedClock implements Clock {
  turned = 0
  private readonly timers = new Set<Timer>()

  now(): number {
    return systemClock.now() + this.turned
  }

  after(ms: number, then: () => void): () => void {
    const timer: Timer = {
      at: this.now() + ms,
      come: () => {
        stop()
        then()
      },
    }
    const stopReal = systemClock.after(ms, timer.come)
    const stop = () => {
      stopReal()
      this.timers.delete(timer)
    }
    this.timers.add(timer)
    return stop
  }

  turn(ms: number): void {
    this.turned += ms
    for (const timer of [...this.timers].toSorted((a, b) => a.at - b.at))
      if (timer.at <= this.now()) timer.come()
  }
}
