import { Fault, type FaultCode } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { RouteName } from '../contract/routes.ts'
import type { Operation } from '../contract/shapes.ts'
import { isEnded, type OperationKind, type OperationStatus } from '../domain/operation.ts'
import { permissionOf } from '../engine/starter.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { unknownCredentials } from './caller.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { eventResponse, type Feed, lastEventId, wantsEvents } from './event-stream.ts'
import { lacking } from './gate.ts'
import { API_ROOT } from './openapi.ts'
import { toldProblem } from './paths.ts'
import { streamOptions } from './reader.ts'
import type { JsonReply } from './reply.ts'
import { type Hears, logLineView, operationView } from './views.ts'

export function operationHandlers(api: Api): HandlersOf<'operations'> {
  const { engine } = api
  const { store } = engine.world
  return {
    'operations.list': (call) => {
      const page = pageOf({
        list: 'operations',
        query: call.query,
        rows: (place) => store.operations.list(place),
        numberOf: (row) => row.number,
        passes: (row) => call.may('operations:read', row) && !store.deployments.isHidden(row.id),
      })
      return {
        status: 200,
        value: { items: page.rows.map((row) => operationView(engine.world, row, call)), next: page.next },
      }
    },
    'operations.show': (call) => operationReply(api, call, { id: call.params.id, status: 200 }),
    'operations.log': (call) => logReply(api, call),
    'operations.cancel': (call) => {
      const { id } = engine.queue.cancel(call.params.id, call.actor)
      return operationReply(api, call, { id, status: 202 })
    },
    'operations.retry': (call) => {
      const operation = store.operations.required(call.params.id)
      const permission = permissionOf(store, operation)
      if (permission !== null && !call.may(permission, operation)) throw lacking(permission)
      const id = engine.acceptance.retry(operation.id, call.actor)
      return operationReply(api, call, { id, status: 202 })
    },
  }
}

export function operationReply(
  api: Api,
  to: Hears,
  { id, status }: { id: string; status: number },
): JsonReply<Operation> {
  const { world } = api.engine
  return {
    status,
    value: operationView(world, world.store.operations.required(id), to),
    location: `${API_ROOT}/operations/${id}`,
  }
}

type Waiting = Pick<Call<RouteName>, 'request' | 'connection' | 'isKnown'>

/**
 * Resolves when the operation has ended, after 10 minutes, or when the client goes away: that changes nothing. Throws
 * `unauthenticated` for whoever was shut out meanwhile: the operation goes on, but he is told nothing of it.
 */
export async function untilEnded(api: Api, call: Waiting, id: string): Promise<OperationRow> {
  call.connection.keepOpen()
  const timeout = new AbortController()
  const stop = api.clock.after(LIMITS.http.waitMs, () => timeout.abort())
  try {
    const signal = AbortSignal.any([timeout.signal, call.request.signal, api.stopping])
    const row = await api.engine.queue.waitFor(id, signal)
    if (!call.isKnown()) throw unknownCredentials()
    return row
  } finally {
    stop()
  }
}

/** 202, or with `?wait=true` 200 once it is done and a problem that holds the operation when it isn't going to be. */
export async function deletionReply(
  api: Api,
  call: Waiting & Hears & { query: { wait?: 'true' | 'false' | undefined } },
  id: string,
): Promise<JsonReply<Operation>> {
  if (call.query.wait !== 'true') return operationReply(api, call, { id, status: 202 })
  const end = await untilEnded(api, call, id)
  if (!isEnded(end.status)) return operationReply(api, call, { id, status: 202 })
  if (end.status === 'succeeded') return operationReply(api, call, { id, status: 200 })
  throw operationFault(end, call, { operation: operationView(api.engine.world, end, call) })
}

const CODES: Record<Exclude<OperationStatus, 'queued' | 'running' | 'succeeded'>, FaultCode> = {
  failed: 'deployment_failed',
  reverted: 'deployment_reverted',
  stuck: 'operation_stuck',
  cancelled: 'cancelled',
  superseded: 'superseded',
}

/** Of what the outside world said about host names: the client can tell by them what to do. */
const OWN_CODES = ['invalid', 'archive_refused', 'forbidden', 'not_found', 'conflict', 'unavailable'] as const

function codeOf({ kind, status, problem }: Ended): FaultCode {
  if (status !== 'failed' && status !== 'reverted') return CODES[status]
  // What was changed by hand stops deployments too.
  if (!TOLD.includes(kind)) return problem?.['code'] === 'conflict' ? 'conflict' : CODES[status]
  return OWN_CODES.find((code) => code === problem?.['code']) ?? 'operation_failed'
}

/** Deletions take URLs away first. */
const TOLD: readonly OperationKind[] = [
  'url-attach',
  'url-detach',
  'url-take-over',
  'url-change',
  'certificate-renewal',
  'environment-deletion',
  'service-deletion',
  'drift-revert',
  'drift-adopt',
]

type Ended = Pick<OperationRow, 'kind' | 'problem'> & { status: keyof typeof CODES }

/** An operation that ended otherwise than well, as the problem that a waiting client is answered. */
export function operationFault(
  row: Pick<OperationRow, 'id' | 'kind' | 'status' | 'problem'>,
  { told }: Hears,
  extra: Record<string, unknown>,
): Fault {
  const { status } = row
  if (status === 'queued' || status === 'running' || status === 'succeeded')
    throw new Error(`operation ${row.id} has not failed`)
  const { detail, hint, errors }: { [Member in 'detail' | 'hint' | 'errors']?: unknown } =
    toldProblem(row.problem, told) ?? {}
  const message = typeof detail === 'string' ? detail : `The operation ended as ${status}.`
  return new Fault(codeOf({ ...row, status }), message, {
    ...(typeof hint === 'string' && { hint }),
    ...(Array.isArray(errors) && { errors }),
    extra,
  })
}

/** The log as a page of JSON, or from its beginning to its end as it is written. */
export function logReply(
  api: Api,
  call: Call<'operations.log'> | Call<'deployments.log'>,
): Response | JsonReply<{ items: ReturnType<typeof logLineView>[]; next: string | null }> {
  const { store } = api.engine.world
  const { id } = store.operations.required(call.params.id)
  const list = `log ${id}`
  if (wantsEvents(call.request)) {
    const { cursor } = call.query
    const after = lastEventId(call.request) ?? (cursor === undefined ? 0 : decodeCursor(list, cursor))
    call.connection.keepOpen()
    return eventResponse(logFeed(api, id, call), streamOptions(api, call, after))
  }
  const page = pageOf({
    list,
    query: call.query,
    rows: (place) => store.logs.list(id, place),
    numberOf: (row) => row.number,
  })
  return {
    status: 200,
    value: { items: page.rows.map((row) => logLineView(row, call)), next: page.next },
    headers: { vary: 'Accept' },
  }
}

function logFeed(api: Api, id: string, to: Hears): Feed {
  const { store } = api.engine.world
  return {
    event: 'line',
    after: (number, limit) =>
      store.logs
        .list(id, { after: number, limit })
        .map((row) => ({ number: row.number, data: logLineView(row, to) })),
    end() {
      const { status } = store.operations.required(id)
      return isEnded(status) ? { status } : null
    },
    onChange: (changed) =>
      store.onChange((change) => {
        // An operation that ends without a word (superseded in the queue) still makes an event.
        if (change.kind === 'event' || (change.kind === 'log' && change.operationId === id)) changed()
      }),
  }
}
