import { errnoOf, Fault, type FaultCode, type FieldError } from '../../../base/fault.ts'
import { type Answer, Stopped } from './messages.ts'

/** An error as data that can be sent between threads. */
export type Reply =
  | { ok: true; answer: Answer }
  | { ok: false; kind: 'stopped' }
  | { ok: false; kind: 'fault'; code: FaultCode; message: string; hint?: string; errors: FieldError[] }
  | { ok: false; kind: 'error'; errno: string | null; message: string; stack: string }

export function replyOf(thrown: unknown): Reply {
  if (thrown instanceof Stopped) return { ok: false, kind: 'stopped' }
  if (thrown instanceof Fault) {
    const { code, message, hint, errors } = thrown
    return { ok: false, kind: 'fault', code, message, ...(hint !== undefined && { hint }), errors }
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { message, stack = '' } = error
  return { ok: false, kind: 'error', errno: errnoOf(error) ?? null, message, stack }
}

/** The inverse: a Fault again, or an Error with its errno. */
export function errorOf(reply: Exclude<Reply, { ok: true }>): Error {
  if (reply.kind === 'stopped') return new Stopped('stopped')
  if (reply.kind === 'fault') {
    const { hint, errors } = reply
    return new Fault(reply.code, reply.message, { ...(hint !== undefined && { hint }), errors })
  }
  const error = new Error(reply.message, { cause: reply.stack })
  return reply.errno === null ? error : Object.assign(error, { code: reply.errno })
}
