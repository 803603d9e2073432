/** Operations and events. */
import * as s from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

export const OPERATION_ROUTES = table({
  'operations.list': {
    method: 'get',
    path: '/operations',
    need: 'operations:read',
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
    summary: 'The log of an operation, whole or live',
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
    summary: 'What happened, oldest first, or live',
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.Event) },
    problems: ['invalid', ...common],
  },
})
