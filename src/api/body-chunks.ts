/** The bytes of a request as they come: counted, and cut when they stop coming. */
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'

export interface BodyBounds {
  clock: Clock
  /** Most bytes. */
  bytes: number
  /** True: the whole body within 15 s. False: no total deadline, but at least 1 KiB/s over any 60 s of waiting. */
  whole: boolean
}

/**
 * Nothing is read ahead: the sender waits while the reader works, and that time isn't counted against the sender.
 * Throws `too_large`, `too_slow`, and `malformed` when the sender went away. What is left of a refused body is
 * thrown away by the server, so the answer is seen and the connection can be used again.
 */
export async function* bodyChunks(request: Request, bounds: BodyBounds): AsyncGenerator<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > bounds.bytes) throw tooLarge(bounds.bytes)
  const reader = request.body?.getReader()
  if (!reader) return
  const pace = new Pace(bounds)
  let bytes = 0
  try {
    for (;;) {
      const part = await pace.read(reader)
      if (part.done) return
      bytes += part.value.length
      if (bytes > bounds.bytes) throw tooLarge(bounds.bytes)
      yield part.value
    }
  } catch (error) {
    throw error instanceof Fault ? error : brokenOff(bytes, error)
  } finally {
    // Rejects only when the sender is gone, and then there is nothing left to give back.
    reader.cancel().catch(() => undefined)
  }
}

interface Chunk {
  done: boolean
  value?: Uint8Array | undefined
}
interface ChunkReader {
  read(): Promise<Chunk>
}

/** Judges how fast a sender is by the time that was spent waiting for it. */
class Pace {
  private readonly clock: Clock
  private readonly whole: boolean
  private readonly windowMs: number
  private waitedMs = 0
  private windowBytes = 0

  constructor({ clock, whole }: BodyBounds) {
    this.clock = clock
    this.whole = whole
    this.windowMs = whole ? LIMITS.http.jsonBodyMs : LIMITS.http.slowBodyWindowMs
  }

  async read(reader: ChunkReader): Promise<{ done: true } | { done: false; value: Uint8Array }> {
    const next = reader.read()
    for (;;) {
      const since = this.clock.now()
      const part = await this.orTimeout(next)
      if (part !== null) {
        this.waitedMs += this.clock.now() - since
        if (part.done || part.value === undefined) return { done: true }
        this.windowBytes += part.value.length
        this.judge()
        return { done: false, value: part.value }
      }
      this.waitedMs = this.windowMs
      this.judge()
    }
  }

  private judge(): void {
    if (this.waitedMs < this.windowMs) return
    if (this.whole || this.windowBytes < LIMITS.http.slowBodyBytesPerWindow) throw this.tooSlow()
    this.waitedMs = 0
    this.windowBytes = 0
  }

  private orTimeout(next: Promise<Chunk>): Promise<Chunk | null> {
    return new Promise((resolve, reject) => {
      const stop = this.clock.after(Math.max(0, this.windowMs - this.waitedMs), () => resolve(null))
      next.then(resolve, reject).finally(stop)
    })
  }

  private tooSlow(): Fault {
    return new Fault('too_slow', 'The body of the request did not arrive in time, so it was cut.', {
      hint: this.whole
        ? `Send JSON within ${LIMITS.http.jsonBodyMs / 1000} seconds.`
        : 'Send at least 1 KiB a second; on a bad line, deploy a folder by the CLI, which sends only what changed.',
    })
  }
}

const tooLarge = (bytes: number): Fault =>
  new Fault('too_large', `The body of the request is larger than ${mebibytes(bytes)} MiB.`, {
    hint: 'Send less at once; the limits are in the documentation of the API.',
  })

const mebibytes = (bytes: number): number => Math.round(bytes / 1_048_576)

const brokenOff = (bytes: number, cause: unknown): Fault =>
  new Fault('malformed', `The request broke off after ${bytes} bytes of its body.`, {
    hint: 'Send it again.',
    cause,
  })
