/** Server-sent events over fetch: unlike EventSource it tells a refusal from a lost line and waits politely. */
import { LIMITS } from '../../base/limits.ts'
import { noteAnswer } from './signed-out.ts'

export interface StreamEvent {
  id: string
  event: string
  data: string
}

export interface StreamWatch {
  path: string
  /** The number of the last event that is known already. */
  lastEventId?: string
  onEvent: (event: StreamEvent) => void
  onState: (state: 'open' | 'lost') => void
  /** Asked when the server closed the stream in good order; true ends the watch. */
  isFinished?: () => boolean
}

/** The server says something at least this often; after two silences the line is taken for dead. */
const SILENCE_MS = 2.5 * LIMITS.http.streamHeartbeatMs
const RETRY_MS = [300, 1_000, 2_000, 4_000, 8_000]

/** Follows a stream, resuming it after every break; returns the function that ends it. */
export function watchStream(watch: StreamWatch): () => void {
  const stop = new AbortController()
  const line = { lastEventId: watch.lastEventId ?? '', failures: 0 }
  const follow = async () => {
    while (!stop.signal.aborted) {
      await untilVisible(stop.signal)
      const closed = await readOnce(watch, line, stop.signal)
      if (stop.signal.aborted || (closed && watch.isFinished?.())) return
      if (!closed) watch.onState('lost')
      const wait = RETRY_MS[Math.min(line.failures, RETRY_MS.length - 1)] ?? 8_000
      line.failures += 1
      await pause(wait, stop.signal)
    }
  }
  void follow()
  return () => stop.abort()
}

interface Line {
  lastEventId: string
  failures: number
}

/** One connection. True: the server ended it, or we did because nobody looks. False: it broke. */
async function readOnce(watch: StreamWatch, line: Line, stop: AbortSignal): Promise<boolean> {
  // A browser has six connections to a server: hidden tabs give theirs back.
  const hidden = new AbortController()
  const hide = () => document.hidden && hidden.abort()
  const silent = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silent.abort(), SILENCE_MS)
  }
  document.addEventListener('visibilitychange', hide)
  try {
    const response = await fetch(watch.path, {
      headers: {
        accept: 'text/event-stream',
        ...(line.lastEventId && { 'last-event-id': line.lastEventId }),
      },
      cache: 'no-store',
      signal: AbortSignal.any([stop, hidden.signal, silent.signal]),
    })
    noteAnswer(watch.path, response.status)
    if (!response.ok || !response.body) return false
    watch.onState('open')
    line.failures = 0
    heard()
    for await (const event of parseEvents(response.body, heard)) {
      if (event.id) line.lastEventId = event.id
      watch.onEvent(event)
    }
    return true
  } catch {
    return hidden.signal.aborted
  } finally {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', hide)
  }
}

/** The events of a stream by the rules of the HTML standard, §9.2.6. */
export async function* parseEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => undefined,
): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  let event: StreamEvent = { id: '', event: 'message', data: '' }
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard()
    const lines = (rest + decoder.decode(part.value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const text of lines) {
      if (text === '') {
        if (event.data) yield { ...event, data: event.data.slice(0, -1) }
        event = { id: event.id, event: 'message', data: '' }
        continue
      }
      const colon = text.indexOf(':')
      if (colon === 0) continue
      const field = colon < 0 ? text : text.slice(0, colon)
      const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') event.data += `${value}\n`
      else if (field === 'id') event.id = value
      else if (field === 'event') event.event = value
    }
  }
}

const untilVisible = (stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (!document.hidden) return resolve()
    const done = new AbortController()
    const check = () => {
      if (document.hidden && !stop.aborted) return
      done.abort()
      resolve()
    }
    document.addEventListener('visibilitychange', check, { signal: done.signal })
    stop.addEventListener('abort', check, { signal: done.signal })
  })

const pause = (ms: number, stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    stop.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
