import type { Service } from '../contract/shapes.ts'
import { createService, renameService } from '../engine/places.ts'
import type { ServiceRow } from '../store/services.ts'
import type { Api, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { once, remembered } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import { deletionReply } from './operations.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'
import { type Sees, serviceView, serviceViews } from './views.ts'

export function serviceHandlers(api: Api): HandlersOf<'services'> {
  const { engine } = api
  const { store } = engine.world
  const reply = (call: Sees, row: ServiceRow, status: number): JsonReply<Service> => ({
    status,
    value: serviceView(engine.world, row, call),
    revision: row.revision,
    location: `${API_ROOT}/services/${row.name}`,
  })
  const byId = (id: string): ServiceRow => {
    const row = store.services.byId(id)
    if (!row) throw new Error(`service ${id} is gone from the database`)
    return row
  }
  return {
    'services.list': (call) => {
      const page = pageOf({
        list: 'services',
        query: call.query,
        rows: (place) => store.services.list(place),
        numberOf: (row) => row.number,
        passes: (row) => call.may('services:read', { serviceId: row.id }),
      })
      return {
        status: 200,
        value: { items: serviceViews(engine.world, page.rows, call), next: page.next },
      }
    },
    'services.create': async (call) => {
      const id = await once(api, call, async (remember) => {
        const { name } = await call.json()
        return remembered(api, remember, () => createService(engine, name, call.actor))
      })
      return reply(call, byId(id), 201)
    },
    'services.show': (call) => reply(call, store.services.named(call.params.service), 200),
    'services.update': async (call) => {
      const change = await call.json()
      const row = store.services.named(call.params.service)
      requireMatch(call.request, serviceView(engine.world, row, call))
      if (change.name !== undefined) renameService(engine, row, { name: change.name, actor: call.actor })
      return reply(call, byId(row.id), 200)
    },
    'services.delete': (call) => {
      const row = store.services.named(call.params.service)
      requireMatch(call.request, serviceView(engine.world, row, call))
      return deletionReply(api, call, engine.acceptance.deleteService(row, call.actor))
    },
  }
}
