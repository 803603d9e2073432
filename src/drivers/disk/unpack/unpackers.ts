import type { Worker } from 'node:worker_threads'
import type { Clock } from '../../../base/clock.ts'
import { startWorker } from '../../../base/platform.ts'
import type { BundleFacts } from '../../../domain/bundle.ts'
import type { Flushes } from '../flushes.ts'
import { errorOf, type Reply } from './crossing.ts'
import {
  type Answer,
  CONTROL_BYTES,
  type Extracted,
  type Finished,
  type Request,
  type SharedPlan,
  STOP,
  Stopped,
  type UnpackJob,
} from './messages.ts'

/** A third gains nothing on the disks and kernels that were measured. */
const WORKERS = 2
/** Threads that have read an archive read the next one in half the time: their code is compiled. */
const IDLE_MS = 5 * 60_000

export interface Unpacked {
  facts: BundleFacts
  linked: number
}

/**
 * Two threads that read archives, so that no archive ever blocks the server. One archive at a time, both threads on it;
 * started when needed, ended after some minutes without work.
 */
export class Unpackers {
  readonly #clock: Clock
  readonly #flushes: Flushes
  #workers: Worker[] = []
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #stopIdle: () => void = () => {}

  constructor(clock: Clock, flushes: Flushes) {
    this.#clock = clock
    this.#flushes = flushes
  }

  /** Starts the threads, since work will come soon. */
  warm(): void {
    for (let index = 0; index < WORKERS; index++) this.#workers[index] ??= this.#start()
    if (this.#waiting === 0) this.#restLater()
  }

  /** Reads the archive from the first byte to the last. Throws `archive_refused`, `disk_full` or the signal's reason. */
  async run(job: Omit<UnpackJob, 'control'>, signal: AbortSignal): Promise<Unpacked> {
    this.#waiting++
    this.#stopIdle()
    const turn = this.#last.then(() => this.#read(job, signal))
    this.#last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      if (--this.#waiting === 0) this.#restLater()
    }
  }

  /** Ends the threads; the next job starts new ones. */
  async close(): Promise<void> {
    this.#stopIdle()
    const workers = this.#workers
    this.#workers = []
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #restLater(): void {
    this.#stopIdle()
    this.#stopIdle = this.#clock.after(IDLE_MS, () => void this.close())
  }

  async #read(given: Omit<UnpackJob, 'control'>, signal: AbortSignal): Promise<Unpacked> {
    signal.throwIfAborted()
    const job = { ...given, control: new SharedArrayBuffer(CONTROL_BYTES) }
    const stop = () => Atomics.store(new Int32Array(job.control), STOP, 1)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await this.#steps(job)
    } catch (error) {
      throw error instanceof Stopped && signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async #steps(job: UnpackJob): Promise<Unpacked> {
    // The answers have the shapes that unpack.worker.ts gives to these steps.
    const shared = (await this.#ask(0, { step: 'judge', job })) as SharedPlan
    const shares = Array.from({ length: WORKERS }, (_, index) =>
      this.#ask(index, { step: 'extract', job, shared }),
    )
    const parts = mergedOrThrown(await Promise.allSettled(shares))
    const extracted = parts.reduce((all, part) => ({
      linked: all.linked + part.linked,
      headersText: all.headersText ?? part.headersText,
      redirectsText: all.redirectsText ?? part.redirectsText,
    }))
    if (job.tree !== null) this.#flushes.begin(job.tree)
    // As above.
    const { facts } = (await this.#ask(0, { step: 'finish', job, shared, extracted })) as Finished
    return { facts, linked: extracted.linked }
  }

  #ask(index: number, request: Request): Promise<Answer> {
    const worker = (this.#workers[index] ??= this.#start())
    worker.ref()
    return new Promise<Answer>((resolve, reject) => {
      const onMessage = (reply: Reply) => {
        settle()
        if (reply.ok) resolve(reply.answer)
        else reject(errorOf(reply))
      }
      const onEnd = (cause: unknown) => {
        settle()
        void this.close()
        reject(new Error('A thread that unpacks archives has ended.', { cause }))
      }
      const settle = () => {
        worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd)
        worker.unref()
      }
      worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd)
      worker.postMessage(request, [])
    })
  }

  #start(): Worker {
    const worker = startWorker('drivers/disk/unpack.worker')
    worker.unref()
    // Without a listener an error of an idle thread would end the process; a job's own listener reports it.
    worker.on('error', () => {
      this.#workers = this.#workers.filter((other) => other !== worker)
    })
    return worker
  }
}

/** The parts of all workers; otherwise the true reason, which is not that one stopped because of the other. */
function mergedOrThrown(results: PromiseSettledResult<Answer>[]): Extracted[] {
  const failed = results.filter((result) => result.status === 'rejected')
  const reason = failed.find((result) => !(result.reason instanceof Stopped)) ?? failed[0]
  if (reason) throw reason.reason
  // Only the answers of `extract` come here.
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value as Extracted] : []))
}
