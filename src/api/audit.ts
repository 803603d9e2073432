import { isoTime } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import * as s from '../contract/shapes/audit.ts'
import { type ChainVerdict, verifyChain } from '../engine/audit.ts'
import type { AuditFilter, AuditRow } from '../store/audit.ts'
import type { Api, HandlersOf } from './call.ts'
import { csvLine } from './csv.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

const LIST = 'audit'
const REFUSALS = 200

export function auditHandlers(api: Api): HandlersOf<'audit'> {
  const { store } = api.engine.world
  return {
    'audit.list': ({ query }) => {
      const { limit, cursor, ...filter } = query
      const before = cursor === undefined ? null : decodeCursor(LIST, cursor)
      const most = LIMITS.audit.searchRows
      const { rows, next } = store.audit.search(filterOf(filter), { before, limit, most })
      return {
        status: 200,
        value: { items: rows.map(entryView), next: next === null ? null : encodeCursor(LIST, next) },
      }
    },
    'audit.export': (call) => {
      const { format, ...filter } = call.query
      call.connection.keepOpen()
      const name = `audit-${isoTime(api.clock.now()).slice(0, 10)}.${format}`
      return new Response(exported(api, filterOf(filter), { format, isStill: () => call.isStill() }), {
        headers: {
          'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
          'content-disposition': `attachment; filename="${name}"`,
        },
      })
    },
    'audit.refusals': () => {
      api.refusals.flush()
      const items = store.audit
        .counts(REFUSALS)
        .map((row) => s.RefusalCount.parse({ ...row, minute: isoTime(row.minute) }))
      return { status: 200, value: { items } }
    },
    'audit.verify': async ({ query }) => {
      const [number = '', hash = ''] = query.head?.split(':') ?? []
      const noted = query.head === undefined ? null : { number: Number(number), hash }
      return { status: 200, value: chainState(await verifyChain(store, noted)) }
    },
  }
}

/** As the API and the command line show it. */
export const chainState = ({ checked, head, findings }: ChainVerdict): s.ChainState =>
  s.ChainState.parse({
    whole: findings.length === 0,
    checked,
    head,
    findings: findings.map((found) => ({ ...found, at: found.at === null ? null : isoTime(found.at) })),
  })

const filterOf = ({ from, to, q, ...same }: s.AuditFilter): AuditFilter => ({
  ...same,
  text: q,
  from: from === undefined ? undefined : Date.parse(from),
  to: to === undefined ? undefined : Date.parse(to),
})

const entryView = (row: AuditRow): s.AuditEntry =>
  s.AuditEntry.parse({
    ...row,
    at: isoTime(row.at),
    operation: row.operationId,
    actor: { ...row.actor, address: row.actor.address ?? null },
  })

const COLUMNS = [
  'number',
  'at',
  'kind',
  'actor',
  'key',
  'address',
  'service',
  'environment',
  'operation',
  'data',
  'hash',
]

const FORMATS: Record<'csv' | 'jsonl', { head: string; line: (entry: s.AuditEntry) => string }> = {
  jsonl: { head: '', line: (entry) => `${JSON.stringify(entry)}\n` },
  csv: {
    head: csvLine(COLUMNS),
    line: ({ number, at, kind, actor, service, environment, operation, data, hash }) =>
      csvLine([
        String(number),
        at,
        kind,
        actor.name,
        actor.keyId ?? '',
        actor.address ?? '',
        service ?? '',
        environment ?? '',
        operation ?? '',
        JSON.stringify(data),
        hash,
      ]),
  },
}

/** Rows are read when the reader has room for them and not before, so a million of them cost no memory. */
function exported(
  { engine }: Api,
  filter: AuditFilter,
  { format, isStill }: { format: 'csv' | 'jsonl'; isStill: () => boolean },
): ReadableStream<Uint8Array> {
  const { head, line } = FORMATS[format]
  const encoder = new TextEncoder()
  let before: number | null = null
  let text = head
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (!isStill()) return controller.error(new Error('the reader may no longer read this'))
        const found = engine.world.store.audit.search(filter, {
          before,
          limit: LIMITS.audit.exportRows,
          most: LIMITS.audit.searchRows,
        })
        text += found.rows.map((row) => line(entryView(row))).join('')
        controller.enqueue(encoder.encode(text))
        text = ''
        before = found.next
        if (found.next === null) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
