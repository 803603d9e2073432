import { FAULT_CODES, Fault, type FaultCode } from '../base/fault.ts'
import type { Deployment } from '../contract/shapes.ts'
import type { Place } from '../domain/access.ts'
import { isEnded } from '../domain/operation.ts'
import type { DeploymentWish } from '../engine/accept.ts'
import type { Engine } from '../engine/engine.ts'
import { noBundle, noOrigin, type Source } from '../engine/source.ts'
import type { DeploymentRow } from '../store/deployments.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import { noOperation } from '../store/operations.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { lacking, maySeeBundle } from './gate.ts'
import { once } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import { logReply, operationFault, untilEnded } from './operations.ts'
import { requireMatch } from './precondition.ts'
import { hiding } from './refused.ts'
import type { JsonReply } from './reply.ts'
import { deploymentView, type Hears } from './views.ts'

export function deploymentHandlers(api: Api): HandlersOf<'deployments'> {
  const { engine } = api
  const { store } = engine.world
  const environmentOf = (params: { service: string; environment: string }): EnvironmentRow =>
    store.environments.named(store.services.named(params.service), params.environment)
  return {
    'deployments.list': (call) => {
      const { params, query } = call
      const environment = environmentOf(params)
      const page = pageOf({
        list: `deployments ${environment.id}`,
        query,
        rows: (place) => store.deployments.list(environment.id, place),
        numberOf: (row) => row.number,
      })
      return {
        status: 200,
        value: { items: page.rows.map((row) => deploymentView(engine.world, row, call)), next: page.next },
      }
    },
    'deployments.create': async (call) => {
      const environment = environmentOf(call.params)
      const id = await once(api, call, (accepted) =>
        accept(api, call, { environmentId: environment.id, actor: call.actor, accepted }),
      )
      return await outcome(api, call, id)
    },
    'deployments.show': (call) =>
      deploymentReply(api, call, { row: store.deployments.required(call.params.id), status: 200 }),
    'deployments.update': async (call) => await changeMessage(api, call),
    'deployments.delete': (call) => {
      const { request, params, query, actor } = call
      const reply = deploymentReply(api, call, { row: store.deployments.required(params.id), status: 200 })
      requireMatch(request, reply.value)
      engine.eraser.hide(params.id, { actor, reason: query.reason ?? null })
      return reply
    },
    'deployments.approve': (call) => {
      const { id } = call.params
      engine.acceptance.approve(id, call.actor)
      return deploymentReply(api, call, { row: store.deployments.required(id), status: 200 })
    },
    'deployments.log': (call) => {
      store.deployments.required(call.params.id)
      return logReply(api, call)
    },
  }
}

async function changeMessage(api: Api, call: Call<'deployments.update'>): Promise<JsonReply<Deployment>> {
  const { engine } = api
  const { store } = engine.world
  const { message } = await call.json()
  const row = store.deployments.required(call.params.id)
  requireMatch(call.request, deploymentView(engine.world, row, call))
  if (message !== undefined && message !== row.message)
    store.tx(() => {
      store.deployments.setMessage(row.id, message)
      store.events.append({
        at: api.clock.now(),
        kind: 'deployment.changed',
        actor: call.actor,
        operationId: row.id,
        service: { id: row.serviceId, name: row.serviceName },
        environment: { id: row.environmentId, name: row.environmentName },
        data: { before: { message: row.message }, after: { message } },
      })
    })
  return deploymentReply(api, call, { row: store.deployments.required(row.id), status: 200 })
}

type Creation = Call<'deployments.create'>

/** Takes a wish for a deployment in; answers its id, also that of one whose archive was refused. */
async function accept(
  { engine }: Api,
  call: Creation,
  given: Omit<DeploymentWish, 'message'>,
): Promise<string> {
  const wish = { ...given, message: call.query.message ?? null }
  const place = environmentPlace(engine, given.environmentId)
  if (call.isJson) {
    const { message, ...source } = await call.json()
    requireSource(engine, call, { source, place })
    return engine.acceptance.deploy({ ...wish, message: message ?? wish.message }, source)
  }
  if (!call.may('deployments:deploy', place)) throw lacking('deployments:deploy')
  const { body, ...options } = call.upload(call.query.sha256)
  const end = await engine.uploads.deploy(wish, body, options)
  if ('refused' in end && end.deploymentId === null) throw end.refused
  return end.deploymentId ?? ''
}

const environmentPlace = ({ world: { store } }: Engine, environmentId: string): Required<Place> => ({
  serviceId: store.environments.byId(environmentId)?.serviceId ?? null,
  environmentId,
})

/** Throws `forbidden`, and `not_found` for a source that the caller may not read, as if it did not exist. */
function requireSource(
  { world: { store } }: Engine,
  call: Creation,
  { source, place }: { source: Source; place: Required<Place> },
): void {
  const permission =
    'bundle' in source
      ? 'deployments:deploy'
      : 'promoteFrom' in source
        ? 'deployments:promote'
        : 'deployments:rollback'
  if (!call.may(permission, place)) throw lacking(permission)
  const { service } = call.params
  if ('bundle' in source) {
    const gate = { store, rights: call.rights() }
    const serviceId = place.serviceId ?? ''
    if (!maySeeBundle(gate, serviceId, source.bundle))
      throw hiding(noBundle(service, source.bundle), store.bundles.find(serviceId, source.bundle) !== null)
  } else if ('promoteFrom' in source) {
    const origin = store.environments.find(service, source.promoteFrom)
    const there = { ...place, environmentId: origin?.id ?? null }
    if (!origin || !call.may('environments:read', there))
      throw hiding(noOrigin(service, source.promoteFrom), origin !== null)
  }
}

/** DESIGN §5: 202 at once, and so for what has to be approved first; with `?wait=true` 201 only if it succeeded, else a problem that holds the deployment. */
async function outcome(api: Api, call: Creation, id: string): Promise<JsonReply<Deployment>> {
  const { store } = api.engine.world
  requireAccepted(api, call, store.deployments.required(id))
  const isPending = store.deployments.required(id).approval?.state === 'pending'
  if (call.query.wait !== 'true' || isPending)
    return deploymentReply(api, call, { row: store.deployments.required(id), status: 202 })
  const { status } = await untilEnded(api, call, id)
  const row = store.deployments.required(id)
  if (!call.may('deployments:read', row)) throw hiding(noOperation(true), true)
  if (status === 'succeeded') return deploymentReply(api, call, { row, status: 201 })
  if (!isEnded(status)) return deploymentReply(api, call, { row, status: 202 })
  throw operationFault({ ...row, kind: 'deployment' }, call, {
    deployment: deploymentView(api.engine.world, row, call),
  })
}

/** An archive that was refused has a failed deployment without a bundle; its problem is the answer, wait or not. */
function requireAccepted(api: Api, to: Hears, row: DeploymentRow): void {
  if (row.bundle !== null) return
  const { code, detail, hint, errors } = row.problem ?? {}
  throw new Fault(isCode(code) ? code : 'archive_refused', String(detail), {
    ...(typeof hint === 'string' && { hint }),
    ...(Array.isArray(errors) && { errors }),
    extra: { deployment: deploymentView(api.engine.world, row, to) },
  })
}

const isCode = (code: unknown): code is FaultCode => FAULT_CODES.some((known) => known === code)

function deploymentReply(
  api: Api,
  to: Hears,
  { row, status }: { row: DeploymentRow; status: number },
): JsonReply<Deployment> {
  return {
    status,
    value: deploymentView(api.engine.world, row, to),
    location: `${API_ROOT}/deployments/${row.id}`,
  }
}
