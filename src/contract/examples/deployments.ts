/** Deployments, and the operations and events that come of them. */
import { type ExamplesOf, from } from './example.ts'

const toStaging = { service: 'web', environment: 'staging' }
const toProduction = { service: 'web', environment: 'production' }
const first = { id: from('deployments.create/archive', 'id') }

export const DEPLOYMENT_EXAMPLES: ExamplesOf<'deployments' | 'operations' | 'events'> = {
  'deployments.list': {
    newest: {
      summary: 'The newest two',
      params: toProduction,
      query: { limit: '2' },
      status: 200,
    },
  },
  'deployments.create': {
    archive: {
      summary: 'An archive to staging, and wait until it is live',
      params: toStaging,
      query: { wait: 'true', message: 'Autumn timetable' },
      headers: { 'Idempotency-Key': 'build-1187' },
      archive: 'site-2.tar',
      status: 201,
    },
    bundle: {
      summary: 'A bundle that the service holds already',
      params: toProduction,
      query: { wait: 'true' },
      json: { bundle: from('bundles.create/archive', 'digest'), message: 'Summer timetable' },
      status: 201,
    },
    promotion: {
      summary: 'What staging has live, to production',
      params: toProduction,
      query: { wait: 'true' },
      json: { promoteFrom: 'staging' },
      status: 201,
    },
    rollback: {
      summary: 'The bundle before',
      params: toProduction,
      query: { wait: 'true' },
      json: { rollbackTo: 'previous' },
      status: 201,
    },
    refused: {
      summary: 'Something that is no archive',
      params: toStaging,
      query: { wait: 'true' },
      archive: 'notes.txt',
      status: 422,
    },
  },
  'deployments.show': {
    one: { summary: 'A deployment by its id', params: first, status: 200 },
  },
  'deployments.update': {
    message: {
      summary: 'Say what it is about',
      params: first,
      json: { message: 'Autumn timetable, with the new ferry' },
      status: 200,
    },
  },
  'deployments.delete': {
    live: { summary: 'It is live', params: first, status: 409 },
  },
  'deployments.approve': {
    ended: { summary: 'It waits for nobody', params: first, status: 409 },
  },
  'deployments.log': {
    page: { summary: 'The first three lines', params: first, query: { limit: '3' }, status: 200 },
    live: {
      summary: 'Live, as server-sent events, until it has ended',
      params: first,
      headers: { Accept: 'text/event-stream' },
      status: 200,
    },
  },

  'operations.list': {
    newest: { summary: 'The newest', query: { limit: '1' }, status: 200 },
  },
  'operations.show': {
    one: { summary: 'A deployment is an operation with the same id', params: first, status: 200 },
  },
  'operations.log': {
    rest: {
      summary: 'What came after the second line, as server-sent events',
      params: first,
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': '2' },
      status: 200,
    },
  },
  'operations.cancel': {
    ended: { summary: 'It has ended already', params: first, status: 409 },
  },
  'operations.retry': {
    succeeded: { summary: 'There is nothing to try again', params: first, status: 409 },
  },

  'events.list': {
    oldest: { summary: 'The oldest two', query: { limit: '2' }, status: 200 },
    live: {
      summary: 'Live, as server-sent events, from the first event on',
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': '0' },
      status: 200,
    },
  },
}
