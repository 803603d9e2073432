import { isoTime } from '../base/clock.ts'
import type { Drift } from '../contract/shapes/drift.ts'
import * as shapes from '../contract/shapes/drift.ts'
import type { Operation } from '../contract/shapes.ts'
import { effective } from '../domain/access.ts'
import { adoptPermission, adoptPlace } from '../domain/drift.ts'
import type { Engine } from '../engine/engine.ts'
import type { DriftRow } from '../store/drifts.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { lacking } from './gate.ts'
import { deletionReply } from './operations.ts'
import { toldProblem } from './paths.ts'
import type { JsonReply } from './reply.ts'
import type { Hears } from './views.ts'

export function driftHandlers(api: Api): HandlersOf<'drift'> {
  const { engine } = api
  const { store } = engine.world
  return {
    'drift.list': (call) => {
      const { ended, ...query } = call.query
      return {
        status: 200,
        value: findings(api, call, { which: ended === 'true' ? 'ended' : 'open', query }),
      }
    },
    'drift.show': (call) => ({
      status: 200,
      value: driftView(engine, store.drifts.required(call.params.id), call),
    }),
    'drift.look': async (call) => {
      if (!effective(call.rights()).some(({ permissions }) => permissions.has('drift:update')))
        throw lacking('drift:update')
      call.connection.keepOpen()
      // Others may wait for the same look: it ends with the server and not with who has asked.
      const failures = await engine.drift.look(api.stopping)
      const page = findings(api, call, { which: 'open', query: { limit: PAGE } })
      return {
        status: 200,
        value: shapes.DriftLook.parse({
          ...page,
          failures: failures.map(({ part, fault }) => ({
            part,
            message: call.told(fault.message),
            hint: fault.hint === undefined ? null : call.told(fault.hint),
          })),
        }),
      }
    },
    'drift.revert': (call) => wayOut(api, call, 'revert'),
    'drift.adopt': (call) => {
      const row = store.drifts.required(call.params.id)
      const permission = adoptPermission(row.kind)
      if (!call.may(permission, adoptPlace(row.kind, row))) throw lacking(permission)
      return wayOut(api, call, 'adopt')
    },
  }
}

const PAGE = 200

function findings(
  { engine }: Api,
  call: Call<'drift.list'> | Call<'drift.look'>,
  { which, query }: { which: 'open' | 'ended'; query: { limit: number; cursor?: string | undefined } },
): { items: Drift[]; next: string | null } {
  const page = pageOf({
    list: `drift ${which}`,
    query,
    rows: (place) => engine.world.store.drifts.list(place, which),
    numberOf: ({ number }) => number,
    passes: (row) => call.may('drift:read', row),
  })
  return { items: page.rows.map((row) => driftView(engine, row, call)), next: page.next }
}

async function wayOut(
  api: Api,
  call: Call<'drift.revert'> | Call<'drift.adopt'>,
  way: 'revert' | 'adopt',
): Promise<JsonReply<Operation>> {
  const { seen } = await call.json()
  call.requireStill()
  const id = api.engine.drift.ways[way](call.params.id, { actor: call.actor, seen })
  return await deletionReply(api, call, id)
}

function driftView({ world, drift }: Engine, row: DriftRow, { told }: Hears): Drift {
  const operation = row.operationId === null ? null : world.store.operations.find(row.operationId)
  const healing = row.ended === null ? drift.healing(row) : null
  return shapes.Drift.parse({
    ...row,
    thing: told(row.thing),
    service: row.serviceName,
    environment: row.environmentName,
    url: row.urlId === null ? null : { id: row.urlId, hostname: row.hostname },
    diff: row.diff.map(({ sign, text }) => ({ sign, text: told(text) })),
    seen: row.digest,
    why: row.why === null ? null : told(row.why),
    foundAt: isoTime(row.foundAt),
    lastSeenAt: isoTime(row.lastSeenAt),
    endedAt: row.endedAt === null ? null : isoTime(row.endedAt),
    end: row.ended,
    operation: operation && { ...operation, problem: toldProblem(operation.problem, told) },
    healing: healing && {
      count: healing.count,
      nextAt: healing.nextAt === null ? null : isoTime(healing.nextAt),
    },
  })
}
