import type { EventRow } from '../store/events.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { eventResponse, lastEventId, wantsEvents } from './event-stream.ts'
import { streamOptions } from './reader.ts'
import { eventView } from './views.ts'

export function eventHandlers(api: Api): HandlersOf<'events'> {
  const { store } = api.engine.world
  return {
    'events.list': (call) => {
      const { request, query, connection } = call
      if (!wantsEvents(request)) {
        const page = pageOf({
          list: 'events',
          query,
          rows: (place) => store.events.list(place),
          numberOf: (row) => row.number,
          passes: (row) => mayRead(call, row),
        })
        return {
          status: 200,
          value: { items: page.rows.map(eventView), next: page.next },
          headers: { vary: 'Accept' },
        }
      }
      const from = query.cursor === undefined ? null : decodeCursor('events', query.cursor)
      connection.keepOpen()
      return eventResponse(
        {
          event: 'event',
          after: (number, limit) =>
            store.events
              .list({ after: number, limit })
              .map((row) => ({ number: row.number, data: mayRead(call, row) ? eventView(row) : null })),
          end: () => null,
          onChange: (changed) => store.onChange((change) => change.kind === 'event' && changed()),
        },
        // Without a place the stream begins with what happens next; "Last-Event-ID: 0" is the beginning.
        streamOptions(api, call, lastEventId(request) ?? from ?? store.events.newest()),
      )
    },
  }
}

/** What happened in a service is for those who look after it; what happened to accounts and settings for the audit. */
const mayRead = (call: Call<'events.list'>, row: EventRow): boolean =>
  row.serviceId === null ? call.may('audit:read') : call.may('events:read', row)
