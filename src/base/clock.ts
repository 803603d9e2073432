/** The one owner of time. Times are integers: milliseconds since 1970-01-01 UTC. */
export interface Clock {
  now(): number
  /** Calls back after `ms` unless the returned function is called first. Never keeps the process alive. */
  after(ms: number, then: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      stop()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Starts counting; the returned function tells the milliseconds since. Of the machine, whatever clock the program has. */
export function stopwatch(): () => number {
  const from = performance.now()
  return () => performance.now() - from
}

/** Lets everything else that waits have its turn: between the pieces of long synchronous work. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** ISO 8601 in UTC, as the API shows times. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
