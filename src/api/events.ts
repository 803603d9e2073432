import type { Api, HandlersOf } from './call.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { eventResponse, lastEventId, wantsEvents } from './event-stream.ts'
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
          after: (number, limit) => store.events.list({ after: number, limit }).map(eventView),
          end: () => null,
          onChange: (changed) => store.onChange((change) => change.kind === 'event' && changed()),
        },
        // Without a place the stream begins with what happens next; "Last-Event-ID: 0" is the beginning.
        { ...api, after: lastEventId(request) ?? from ?? store.events.newest() },
      )
    },
  }
}
