import { type Clock, pause } from '../../base/clock.ts'
import { errnoOf, Fault, shown } from '../../base/fault.ts'
import { type HttpAnswer, HttpClient } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import { GENERATION_HOST } from '../../domain/nginx/http.ts'
import { ErrorLog } from './error-log.ts'
import { reachable } from './probe.ts'
import type { NginxSetup } from './settings.ts'
import { isAtWork, masterOf, type Worker, workersOf, workOf } from './workers.ts'

export interface RunningOptions {
  setup: NginxSetup
  pidFile: string
  errorLog: string
  clock: Clock
  appliedMs: number
}

/**
 * How many answers in a row have to be new, and for how long, where the kernel does not show us the processes: NGINX lets
 * old workers take connections for 100 ms after it has begun new ones.
 */
const ANSWERS = 16
const ANSWERS_MS = 500

/**
 * An emergency in the log may be that of an earlier reload, which met our files while they changed. NGINX begins with ours
 * right after that one.
 */
const QUIET_MS = 500

/** How long a reload is waited for: as long as NGINX is seen to work on it, and a time beyond that. */
class Patience {
  readonly #options: Pick<RunningOptions, 'clock' | 'appliedMs'>
  readonly #master: number | null
  readonly #begunAt: number
  #work: number | null
  #workedAt: number

  constructor(options: Pick<RunningOptions, 'clock' | 'appliedMs'>, master: number | null) {
    this.#options = options
    this.#master = master
    this.#begunAt = options.clock.now()
    this.#work = master === null ? null : workOf(master)
    this.#workedAt = this.#begunAt
  }

  /** Since NGINX was last seen at work. */
  idleMs(): number {
    const now = this.#options.clock.now()
    const work = this.#master === null ? null : workOf(this.#master)
    if (work !== this.#work) [this.#work, this.#workedAt] = [work, now]
    return now - this.#workedAt
  }

  isOver(): boolean {
    const { appliedMs, clock } = this.#options
    return this.idleMs() > appliedMs || clock.now() - this.#begunAt > LIMITS.nginx.appliedMsMost
  }

  /** Until the next look: a small part of what has been waited for. */
  nextMs(): number {
    const { lookMs, lookMsMost } = LIMITS.nginx
    return Math.min(lookMsMost, Math.max(lookMs, (this.#options.clock.now() - this.#begunAt) / 20))
  }
}

/** Answers by one generation that nobody has interrupted. */
class Streak {
  readonly #clock: Clock
  #length = 0
  #begunAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(isNew: boolean): void {
    if (this.#length === 0) this.#begunAt = this.#clock.now()
    this.#length = isNew ? this.#length + 1 : 0
  }

  hasBegun(): boolean {
    return this.#length > 0
  }

  isLong(): boolean {
    return this.#length >= ANSWERS && this.#clock.now() - this.#begunAt >= ANSWERS_MS
  }
}

/** The server as it runs, asked through the address where visitors ask. */
export class RunningNginx {
  readonly #options: RunningOptions
  readonly #log: ErrorLog

  constructor(options: RunningOptions) {
    this.#options = options
    this.#log = new ErrorLog(options.errorLog)
  }

  /** Which generation of our files answers now; null: nobody answers, or somebody without a mark. */
  async mark(): Promise<string | null> {
    try {
      const { status, body } = await this.#ask()
      return status === 200 ? Buffer.from(body).toString().trim() : null
    } catch {
      return null // nobody there, or nobody that answers this
    }
  }

  /** Whether there surely is none: its pid file names nobody, and nobody listens where visitors ask. */
  async isDown(): Promise<boolean> {
    if (this.master() !== null) return false
    try {
      await this.#ask()
      return false
    } catch (error) {
      return error instanceof Fault && errnoOf(error.cause) === 'ECONNREFUSED'
    }
  }

  async #ask(): Promise<HttpAnswer> {
    const [listen] = this.#options.setup.listen
    if (listen === undefined) throw new Error('Sites have to listen somewhere.')
    // A kept connection would be answered by the worker that it was made to.
    const client = new HttpClient()
    try {
      return await client.request({
        protocol: 'http:',
        dial: { address: reachable(listen), port: listen.port },
        host: GENERATION_HOST,
        path: '/',
        deadlineMs: LIMITS.nginx.answerMs,
        maxBodyBytes: 64 * 1024,
      })
    } finally {
      client.close()
    }
  }

  /** The number of the master; null when it does not run, or its pid file can't be read. */
  master(): number | null {
    return masterOf(this.#options.pidFile)
  }

  /** Whether nobody answers by an older configuration any more, `ms` from now at the latest. */
  async settled(ms: number, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options
    for (const begunAt = clock.now(); ; ) {
      const master = this.master()
      const workers = this.#workers(master)
      // At work on a reload, it has yet to tell the older workers to leave.
      const isDone = master !== null && isAtWork(master) !== true
      if (isDone && workers?.every(({ state }) => state !== 'leaving')) return true
      // Where nobody shows us the workers, that nobody answers at all is all that can be seen.
      if (workers === null && (await this.mark()) === null) return true
      if (clock.now() - begunAt >= ms) return false
      await pause(clock, Math.min(ms, LIMITS.nginx.lookMsMost), signal)
    }
  }

  /**
   * Has `reload` ask for the configuration of a generation, and resolves when every new connection is answered by it. Throws
   * `unavailable` with what NGINX itself says when it is not taken in time.
   */
  async reloaded(generation: string, reload: () => Promise<void>): Promise<void> {
    const master = this.master()
    await this.#untilFree(master, generation)
    // Whoever is not among them begins later, and so by what our files say now.
    const before = new Set(this.#workers(master)?.map(({ pid }) => pid))
    await this.#log.begin()
    await reload()
    const patience = new Patience(this.#options, master)
    for (const streak = new Streak(this.#options.clock); ; ) {
      const mark = await this.mark()
      streak.add(mark === generation)
      if (streak.hasBegun() && this.#isAlone(master, before, streak)) return
      if (patience.idleMs() > QUIET_MS) await this.#requireNoEmergency(generation, master)
      if (patience.isOver()) throw notTaken(generation, await this.#why(master, mark))
      await pause(this.#options.clock, patience.nextMs())
    }
  }

  /**
   * An earlier reload, of an operator or of a process of ours that was ended, may have read our files as they were, and
   * its workers begin only when it has read everything.
   */
  async #untilFree(master: number | null, generation: string): Promise<void> {
    if (master === null) return
    const patience = new Patience(this.#options, master)
    while (isAtWork(master)) {
      if (patience.isOver()) throw notTaken(generation, 'it is still at work on an earlier one')
      await pause(this.#options.clock, patience.nextMs())
    }
  }

  #workers(master: number | null): Worker[] | null {
    return master === null ? null : workersOf(master)
  }

  /** Whether none of the workers that were there before takes connections any more. */
  #isAlone(master: number | null, before: ReadonlySet<number>, streak: Streak): boolean {
    const workers = this.#workers(master)
    const isSeen = workers !== null && master !== null && isAtWork(master) !== null
    if (!isSeen && !streak.isLong()) return false
    return (workers ?? []).every(({ pid, state }) => state === 'leaving' || !before.has(pid))
  }

  /** NGINX tries to get a port five times before it gives up, so that only its last word on it counts. */
  async #requireNoEmergency(generation: string, master: number | null): Promise<void> {
    const last = (await this.#log.emergencies(master)).at(-1)
    if (last === undefined || master === null || last.startsWith('bind() to')) return
    throw notTaken(generation, await this.#why(master, null))
  }

  async #why(master: number | null, mark: string | null): Promise<string> {
    const lines = await this.#log.emergencies(master)
    const line = lines.find((text) => !text.startsWith('still could not')) ?? lines.at(-1)
    if (line !== undefined) return line
    const [listen] = this.#options.setup.listen
    const where = `port ${listen?.port} of ${listen && reachable(listen)}`
    return mark === null ? `nobody answers for it at ${where}` : `an older one still answers at ${where}`
  }
}

const notTaken = (generation: string, why: string): Fault =>
  new Fault('unavailable', `NGINX did not take its new configuration: ${shown(why, 500)}`, {
    hint: `What was there before is back. Look at NGINX's error log, then try again. (Generation ${generation}.)`,
  })
