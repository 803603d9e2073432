import { pause } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { ApiProblem, readProblem } from '../contract/client.ts'
import type { LogLine } from '../contract/shapes.ts'
import type { CliContext } from './context.ts'
import type { Server } from './server.ts'

/** Lost streams in a row that bring nothing new before it is given up. */
const TRIES = 8
const PAUSE_MS = 250
const PAUSE_MOST_MS = 5_000

/**
 * The lines of an operation's log as they are written, until it has ended. A stream that breaks is taken up again after
 * the last line that came. Throws ApiProblem, or `unavailable` after eight tries that brought nothing.
 */
export async function* followLog(context: CliContext, server: Server, id: string): AsyncGenerator<LogLine> {
  const path = server.client.path('operations.log', { params: { id } })
  let last = 0
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await pause(context.clock, Math.min(PAUSE_MS * 2 ** (tries - 1), PAUSE_MOST_MS))
    for await (const { name, data } of serverEvents(server, path, last)) {
      if (name === 'end') return
      const line = data as LogLine // the contract of this route
      last = line.number
      tries = 0
      yield line
    }
  }
  throw new Fault(
    'unavailable',
    'The log could not be followed to its end: the connection breaks again and again.',
    {
      hint: `The operation goes on without us: see "fairlead operation show ${id}".`,
    },
  )
}

interface ServerEvent {
  name: string
  data: unknown
}

/** The events of one connection; ends without a word when it is lost. */
async function* serverEvents(server: Server, path: string, after: number): AsyncGenerator<ServerEvent> {
  try {
    const headers = { accept: 'text/event-stream', ...(after > 0 && { 'last-event-id': String(after) }) }
    const response = await server.fetch(path, { headers })
    if (!response.ok) throw new ApiProblem(await readProblem(response))
    yield* parsed(response.body ?? new ReadableStream())
  } catch (error) {
    const isFinal = error instanceof ApiProblem && error.problem.status < 500
    if (isFinal || error instanceof SyntaxError) throw error
  }
}

/** Events as in the HTML standard §9.2, as far as our server writes them: one `data` line each. */
async function* parsed(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const chunk of body) {
    const blocks = (pending + decoder.decode(chunk, { stream: true })).split('\n\n')
    pending = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(field))
      const data = fields.get('data')
      if (data !== undefined) yield { name: fields.get('event') ?? 'message', data: JSON.parse(data) }
    }
  }
}

function field(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}
