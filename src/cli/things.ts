import type { Operation } from '../contract/shapes.ts'
import type { Args, Run } from './command.ts'
import { followLog } from './log-stream.ts'
import { sayLine } from './release.ts'
import type { Server } from './server.ts'

/** Flags of every list. */
export const PAGE_FLAGS = {
  limit: { value: 'COUNT', help: 'How many at most (50; the server allows 200)' },
  cursor: { value: 'CURSOR', help: 'Go on where the list before ended' },
} as const

/** Flags of what takes something out of the history. */
export const ERASE_FLAGS = {
  reason: { value: 'TEXT', help: 'Why; it stays in the audit' },
  yes: { help: 'Do not ask' },
} as const

export const reasonOf = (args: Args): { reason?: string } => {
  const reason = args.optional('reason')
  return reason === undefined ? {} : { reason }
}

export function listQuery(args: Args): { limit?: number; cursor?: string } {
  const limit = args.number('limit')
  const cursor = args.optional('cursor')
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) }
}

/** Shows the log of an operation until it has ended, and answers what became of it. */
export async function followOperation(
  { context, output }: Run,
  server: Server,
  id: string,
): Promise<Operation> {
  for await (const line of followLog(context, server, id)) sayLine(output, line)
  return (await server.patiently(() => server.client.call('operations.show', { params: { id } }))).value
}
