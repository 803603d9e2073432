/** Services and their environments. */
import type { ExamplesOf } from './example.ts'

export const SERVICE_EXAMPLES: ExamplesOf<'services' | 'environments'> = {
  'services.list': {
    all: { summary: 'The first page', query: { limit: '20' }, status: 200 },
  },
  'services.create': {
    web: { summary: 'A site', json: { name: 'web' }, status: 201 },
    second: { summary: 'Another one', json: { name: 'docs', kind: 'static' }, status: 201 },
    taken: { summary: 'The name is taken', json: { name: 'web' }, status: 409 },
    unknown: { summary: 'A name that is none', json: { name: 'Web Site', kind: 'static' }, status: 422 },
  },
  'services.show': {
    web: { summary: 'A service by its name', params: { service: 'web' }, status: 200 },
    missing: { summary: 'There is none of that name', params: { service: 'shop' }, status: 404 },
  },
  'services.update': {
    rename: {
      summary: 'Another name, unless somebody changed the service meanwhile',
      params: { service: 'docs' },
      headers: { 'If-Match': '"1"' },
      json: { name: 'handbook' },
      status: 200,
    },
    changed: {
      summary: 'Somebody changed it meanwhile',
      params: { service: 'handbook' },
      headers: { 'If-Match': '"1"' },
      json: { name: 'manual' },
      status: 412,
    },
  },
  'services.delete': {
    waited: {
      summary: 'Delete it and wait until it is gone',
      params: { service: 'handbook' },
      query: { wait: 'true' },
      status: 200,
    },
  },

  'environments.list': {
    all: { summary: 'In their order', params: { service: 'web' }, status: 200 },
  },
  'environments.create': {
    staging: {
      summary: 'A place to look at before production',
      params: { service: 'web' },
      json: { name: 'staging', retain: 2 },
      status: 201,
    },
  },
  'environments.show': {
    production: {
      summary: 'What is live',
      params: { service: 'web', environment: 'production' },
      status: 200,
    },
  },
  'environments.update': {
    fallback: {
      summary: 'Serve a single-page app, first in the order',
      params: { service: 'web', environment: 'staging' },
      json: { notFoundHandling: 'single-page-application', position: 0 },
      status: 200,
    },
  },
  'environments.delete': {
    waited: {
      summary: 'Delete it and wait until it is gone',
      params: { service: 'web', environment: 'staging' },
      query: { wait: 'true' },
      status: 200,
    },
  },
}
