/** Operations and events. */
import * as s from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

export const OPERATION_ROUTES = table({
  'operations.list': {
    method: 'get',
    path: '/operations',
    need: 'operations:read',
    at: 'list',
    summary: 'List the operations, newest first',
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Operation)),
    problems: ['invalid', ...common],
  },
  'operations.show': {
    method: 'get',
    path: '/operations/{id}',
    need: 'operations:read',
    at: 'operation',
    summary: 'Show an operation',
    params: byId,
    status: 200,
    answer: json(s.Operation),
    problems: ['not_found', ...common],
  },
  'operations.log': {
    method: 'get',
    path: '/operations/{id}/log',
    need: 'operations:read',
    at: 'operation',
    summary: 'The log of an operation, whole or live',
    description:
      'With `Accept: text/event-stream` each line is an event `line` as it is written, from the first one or the one after `Last-Event-ID`; the event `end` tells how the operation ended.',
    params: byId,
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.LogLine) },
    problems: ['invalid', 'not_found', ...common],
  },
  'operations.cancel': {
    method: 'post',
    path: '/operations/{id}/cancel',
    need: 'operations:cancel',
    at: 'operation',
    summary: 'Cancel an operation; possible until its switch has begun',
    params: byId,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', ...common],
  },
  'operations.retry': {
    method: 'post',
    path: '/operations/{id}/retry',
    need: 'operations:update',
    at: 'operation',
    summary: 'Try a stuck operation again, or deploy the bundle of an ended deployment once more',
    params: byId,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', 'standing_by', ...common],
  },

  'events.list': {
    method: 'get',
    path: '/events',
    need: 'events:read',
    at: 'list',
    summary: 'What happened, oldest first, or live',
    description:
      'With `Accept: text/event-stream` each row is an event `event`: those that happen next, or those after `Last-Event-ID` (`0`: from the very beginning). The stream does not end.',
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.Event) },
    problems: ['invalid', ...common],
  },
})
