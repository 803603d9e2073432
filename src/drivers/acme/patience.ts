import { pause } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'
import { retryAfterMs } from './retry-after.ts'
import type { AcmeTools, Answer } from './way.ts'

/** Waits between looks at what a CA is about: longer each time, or as long as it says; until its time is up. */
export class Patience {
  private readonly tools: AcmeTools
  private readonly until: number
  private waitMs: number = LIMITS.acme.pollMs

  constructor(tools: AcmeTools) {
    this.tools = tools
    this.until = tools.clock.now() + (tools.patienceMs ?? LIMITS.acme.patienceMs)
  }

  /** False, at once: there is no time left. */
  async wait(answer: Answer, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.tools
    const leftMs = this.until - clock.now()
    if (leftMs <= 0) return false
    const { pollMs, pollMsMost } = LIMITS.acme
    const wantedMs = retryAfterMs(answer, clock.now()) ?? this.waitMs
    this.waitMs = Math.min(pollMsMost, this.waitMs * 1.5)
    await pause(clock, Math.min(leftMs, pollMsMost, Math.max(pollMs, wantedMs)), signal)
    return true
  }
}
