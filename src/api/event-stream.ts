/** Server-sent events from a numbered log: a stream is a cursor, so a slow reader costs a socket and no memory. */
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'

export interface Numbered {
  number: number
  /** Null: not for this reader; the stream goes on after it without a word. */
  data: object | null
}

/** A log that grows at its end. */
export interface Feed {
  /** The name of each event on the wire. */
  event: string
  /** The oldest rows after this number, in their order. */
  after(number: number, limit: number): Numbered[]
  /** What to say at the end, once nothing more will be added; null: it goes on. */
  end(): object | null
  /** Calls back after each addition; returns the way to stop that. */
  onChange(changed: () => void): () => void
}

export interface StreamOptions {
  after: number
  clock: Clock
  /** The server is stopping. */
  stopping: AbortSignal
  /** Whether the reader may still see this; asked before each piece. */
  isAllowed(): boolean
  /** When that ends by itself; null: never. */
  endsAt(): number | null
  /** Calls back when somebody may do more or less than before; returns the way to stop that. */
  onAccessChange(changed: () => void): () => void
  /** It is over, however it ended. */
  onEnd(): void
}

export const wantsEvents = (request: Request): boolean =>
  (request.headers.get('accept') ?? '')
    .toLowerCase()
    .split(',')
    .some((type) => type.split(';', 1)[0]?.trim() === 'text/event-stream')

/** The number of the last event that the reader has; null without the header. Throws `invalid`. */
export function lastEventId(request: Request): number | null {
  const header = request.headers.get('last-event-id')
  if (header === null || header === '') return null
  if (/^\d{1,15}$/.test(header)) return Number(header)
  throw new Fault('invalid', 'The header Last-Event-ID is not a number that this stream has sent.', {
    hint: 'Send the id of the last event as it came, or leave the header out.',
    errors: [{ field: 'Last-Event-ID', message: 'must be a whole number from 0' }],
  })
}

export function eventResponse(feed: Feed, options: StreamOptions): Response {
  return new Response(eventStream(feed, options), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that gathers an answer before it passes it on would hold the events back (NGINX).
      'x-accel-buffering': 'no',
      vary: 'Accept',
    },
  })
}

const encoder = new TextEncoder()

/** One event. JSON has no raw line ends, so a payload is always one line, whatever it holds. */
const eventText = (event: string, data: object, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/**
 * Rows are read from the log when the reader has room for them and not before. A reader that takes nothing for a
 * minute is dropped; it resumes with Last-Event-ID.
 */
export function eventStream(feed: Feed, options: StreamOptions): ReadableStream<Uint8Array> {
  const stream = new OneStream(feed, options)
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => stream.pull(controller),
      cancel: () => stream.close(),
    },
    { highWaterMark: 0 },
  )
}

class OneStream {
  private readonly feed: Feed
  private readonly options: StreamOptions
  private position: number
  private hasBegun = false
  private hasClosed = false
  private hasNews = false
  private wake: () => void = () => undefined
  private readonly cleanUps: (() => void)[] = []
  private stopStallTimer: () => void = () => undefined

  constructor(feed: Feed, options: StreamOptions) {
    this.feed = feed
    this.options = options
    this.position = options.after
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.stopStallTimer()
    const text = this.hasBegun ? await this.next() : this.begin()
    if (this.hasClosed) return
    controller.enqueue(encoder.encode(text ?? ''))
    if (this.isOver(text)) {
      this.close()
      controller.close()
      return
    }
    this.stopStallTimer = this.options.clock.after(LIMITS.http.streamStalledMs, () => {
      this.close()
      controller.error(new Error('the reader takes nothing'))
    })
  }

  close(): void {
    this.hasClosed = true
    this.options.onEnd()
    this.stopStallTimer()
    for (const cleanUp of this.cleanUps.splice(0)) cleanUp()
    this.wake()
  }

  /** Sends the headers on their way at once; a comment means nothing to the reader. */
  private begin(): string {
    this.hasBegun = true
    const news = () => {
      this.hasNews = true
      this.wake()
    }
    this.cleanUps.push(this.feed.onChange(news), this.options.onAccessChange(news))
    this.options.stopping.addEventListener('abort', news)
    this.cleanUps.push(() => this.options.stopping.removeEventListener('abort', news))
    return ': open\n\n'
  }

  private isOver(text: string | null): boolean {
    return text === null || text.startsWith('event: end\n')
  }

  /** The next piece of the stream; null when the server is stopping. */
  private async next(): Promise<string | null> {
    for (;;) {
      if (this.options.stopping.aborted || !this.options.isAllowed()) return null
      this.hasNews = false
      // Asked before reading: a row added in between is then found by the next round, never lost.
      const end = this.feed.end()
      const rows = this.feed.after(this.position, LIMITS.http.streamBatchRows)
      const last = rows.at(-1)
      if (last) {
        this.position = last.number
        const shown = rows.flatMap(({ number, data }) =>
          data ? [eventText(this.feed.event, data, number)] : [],
        )
        if (shown.length > 0) return shown.join('')
        continue
      }
      if (end) return eventText('end', end)
      if (!(await this.news())) return ': still here\n\n'
      if (this.hasClosed) return null
    }
  }

  /** True when something was added; false when it is time for a heartbeat, or to ask again who may read. */
  private news(): Promise<boolean> {
    if (this.hasNews) return Promise.resolve(true)
    const { clock } = this.options
    const left = (this.options.endsAt() ?? Number.POSITIVE_INFINITY) - clock.now()
    return new Promise((resolve) => {
      const stop = clock.after(Math.min(LIMITS.http.streamHeartbeatMs, left), () => resolve(false))
      this.wake = () => {
        stop()
        resolve(true)
      }
    })
  }
}
