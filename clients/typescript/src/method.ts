/** An operation as something to call. */

import { type ServerSentEvent, serverSentEvents } from './events.ts'
import type { RouteName } from './generated/routes.ts'
import { FairleadProblem } from './problem.ts'
import type { CallOptions, LooseCall, Reply, Transport } from './transport.ts'

/** `Call` is what the operation takes; without required parts the argument may be left out. */
type Arguments<Call> =
  Record<string, never> extends Call ? [call?: Call & CallOptions] : [call: Call & CallOptions]

export interface Method<Call, Answer> {
  /** Throws `FairleadProblem`. */
  (...call: Arguments<Call>): Promise<Answer>
  /** The same with status, ETag and Location. */
  reply(...call: Arguments<Call>): Promise<Reply<Answer>>
}

export interface Page<Item> {
  items: Item[]
  /** Cursor of the next page; null at the end. */
  next: string | null
}

/** A list: called, it answers one page. */
export interface List<Call, Item> extends Method<Call, Page<Item>> {
  /** Every item of every page; each page is fetched when its first item is asked for. */
  all(...call: Arguments<Call>): AsyncGenerator<Item, void>
}

export interface StreamOptions {
  /** Begin after the item with this number; 0: at the very beginning. */
  after?: number | undefined
  signal?: AbortSignal | undefined
}

/** A list that grows, and can be followed. */
export interface Log<Call, Item> extends List<Call, Item> {
  /**
   * Items as they come, until the log has ended (`/events` never does). A connection that breaks is made anew and goes
   * on after the last item; `signal` ends it.
   */
  stream(...call: StreamArguments<Call>): AsyncGenerator<Item, void>
}
type Followed<Call> = Omit<Call, 'query'> & StreamOptions
type StreamArguments<Call> =
  Record<string, never> extends Followed<Call> ? [call?: Followed<Call>] : [call: Followed<Call>]

type LooseMethod = Log<LooseCall, unknown>

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

/** Every operation has every way to be called; its type says which of them it has. */
export function methodOf(transport: Transport, name: RouteName): LooseMethod {
  const reply = (call: LooseCall = {}) => transport.call(name, call) as Promise<Reply<Page<unknown>>>
  return Object.assign(async (call: LooseCall = {}) => (await reply(call)).value, {
    reply,
    async *all(call: LooseCall = {}) {
      let cursor: string | null | undefined
      while (cursor !== null) {
        const query = { ...call.query, ...(cursor !== undefined && { cursor }) }
        const page: Page<unknown> = (await reply({ ...call, query })).value
        yield* page.items
        cursor = page.next
      }
    },
    stream: (call: LooseCall & StreamOptions = {}) => followed(transport, name, call),
  })
}

async function* followed(
  transport: Transport,
  name: RouteName,
  { after, ...call }: LooseCall & StreamOptions,
): AsyncGenerator<unknown, void> {
  let last = after === undefined ? null : String(after)
  let hasBegun = false
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const headers = { ...call.headers, ...(last !== null && { 'last-event-id': last }) }
      const response = await transport.send(name, { ...call, headers }, 'text/event-stream')
      hasBegun = true
      for await (const event of eventsOf(response)) {
        if (event.event === 'end') return
        last = event.id ?? last
        pauseMs = FIRST_PAUSE_MS
        yield JSON.parse(event.data)
      }
    } catch (thrown) {
      if (!hasBegun || call.signal?.aborted || !isPassing(thrown)) throw thrown
    }
    await pause(pauseMs, call.signal)
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerSentEvent> {
  if (response.body) yield* serverSentEvents(response.body)
}

/** A connection that broke, or a server that is starting anew: worth another try. */
const isPassing = (thrown: unknown): boolean =>
  thrown instanceof FairleadProblem
    ? thrown.status === 429 || thrown.status >= 502
    : thrown instanceof Error && !(thrown instanceof SyntaxError)

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }, ms)
    signal?.addEventListener('abort', leave, { once: true })
  })
