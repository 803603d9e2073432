interface Waiting {
  start(): void
}

export interface SlotsOptions {
  parallel: number
  waiting: number
  /** What is thrown when the line is full. */
  full: () => Error
}

/** Work of which only so much is done at the same time; the rest waits in line, and only so much of that too. */
export class Slots {
  private readonly parallel: number
  private readonly mostWaiting: number
  private readonly full: () => Error
  private readonly line: Waiting[] = []
  private running = 0

  constructor({ parallel, waiting, full }: SlotsOptions) {
    this.parallel = parallel
    this.mostWaiting = waiting
    this.full = full
  }

  /** Does `work` when its turn has come. Throws the signal's reason when aborted before that. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.running < this.parallel) this.running++
    else await this.turn(signal)
    try {
      return await work()
    } finally {
      const next = this.line.shift()
      if (next) next.start()
      else this.running--
    }
  }

  /** Resolves when somebody hands over his slot. */
  private turn(signal?: AbortSignal): Promise<void> {
    if (this.line.length >= this.mostWaiting) return Promise.reject(this.full())
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start() {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = () => {
        this.line.splice(this.line.indexOf(waiting), 1)
        reject(signal?.reason)
      }
      this.line.push(waiting)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
