import type { Environment } from '../contract/shapes.ts'
import type { EnvironmentSettings } from '../domain/environment.ts'
import { changeEnvironment, createEnvironment } from '../engine/places.ts'
import { type EnvironmentRow, noEnvironment } from '../store/environments.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { once, type Remember, remembered } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import { deletionReply, operationFault, untilEnded } from './operations.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'
import { environmentView, environmentViews, type Sees } from './views.ts'

export function environmentHandlers(api: Api): HandlersOf<'environments'> {
  const { engine } = api
  const { store } = engine.world
  const named = (params: { service: string; environment: string }): EnvironmentRow =>
    store.environments.named(store.services.named(params.service), params.environment)
  const byId = (id: string): EnvironmentRow => {
    const row = store.environments.byId(id)
    if (!row) throw new Error(`environment ${id} is gone from the database`)
    return row
  }
  const reply = (to: Sees, row: EnvironmentRow, status: number): JsonReply<Environment> => ({
    status,
    value: environmentView(engine.world, row, to),
    revision: row.revision,
    location: `${API_ROOT}/services/${row.serviceName}/environments/${row.name}`,
  })
  return {
    'environments.list': (call) => {
      const { params, query } = call
      const service = store.services.named(params.service)
      const all = environmentViews(engine.world, service, call).map((view, index) => ({
        view,
        number: index + 1,
      }))
      const page = pageOf({
        list: `environments ${service.id}`,
        query,
        rows: ({ limit, after }) => all.slice(after ?? 0, (after ?? 0) + limit),
        numberOf: ({ number }) => number,
      })
      return {
        status: 200,
        value: { items: page.rows.map(({ view }) => view), next: page.next },
      }
    },
    'environments.create': async (call) => {
      const id = await once(api, call, (remember) => create(api, call, remember))
      return reply(call, byId(id), 201)
    },
    'environments.show': (call) => reply(call, named(call.params), 200),
    'environments.update': async (call) => {
      const { id } = await update(api, call, named(call.params).id)
      return reply(call, byId(id), 200)
    },
    'environments.delete': (call) => {
      const row = named(call.params)
      requireMatch(call.request, environmentView(engine.world, row, call))
      return deletionReply(api, call, engine.acceptance.deleteEnvironment(row.id, call.actor))
    },
  }
}

async function create(api: Api, call: Call<'environments.create'>, remember: Remember): Promise<string> {
  const { name, ...settings } = await call.json()
  const service = api.engine.world.store.services.named(call.params.service)
  const wish = { name, settings: given(settings), actor: call.actor }
  return remembered(api, remember, () => createEnvironment(api.engine, service, wish))
}

/** Changes what was sent, and waits for the operation that brings new serving rules to the gateway. */
async function update(api: Api, call: Call<'environments.update'>, id: string): Promise<EnvironmentRow> {
  const { world } = api.engine
  const { name, position, ...settings } = await call.json()
  // Read when the body has come: somebody else may have changed it meanwhile, or renamed another to its name.
  const row = world.store.environments.byId(id)
  if (!row || row.deletedAt !== null) throw noEnvironment(call.params)
  requireMatch(call.request, environmentView(world, row, call))
  const change = { name, position, settings: given(settings) }
  const operation = changeEnvironment(api.engine, row, { change, actor: call.actor })
  if (operation === null) return row
  const end = await untilEnded(api, call, operation)
  if (end.status !== 'succeeded' && end.finishedAt !== null)
    throw operationFault(end, call, {
      environment: environmentView(world, world.store.environments.byId(row.id) ?? row, call),
    })
  return row
}

/** Settings that were sent: the schema gives `undefined` for those that weren't. */
const given = (settings: { [K in keyof EnvironmentSettings]?: EnvironmentSettings[K] | undefined }) =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as Partial<EnvironmentSettings> // the same keys without the undefined ones
