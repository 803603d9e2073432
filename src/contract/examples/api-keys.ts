/** API keys. */
import { type ExamplesOf, from } from './example.ts'

const ID = from('api-keys.create/ci', 'id')

export const API_KEY_EXAMPLES: ExamplesOf<'api-keys'> = {
  'api-keys.create': {
    own: {
      summary: 'For oneself: it may do what you may, for 90 days',
      as: 'session',
      json: { name: 'Laptop' },
      status: 201,
    },
    ci: {
      summary: 'For a CI job that deploys one service, from one network',
      json: {
        name: 'CI of the site',
        permissions: ['deployer'],
        scopes: [{ service: 'web', environment: 'production' }],
        addresses: ['127.0.0.0/8'],
      },
      status: 201,
    },
    block: {
      summary: 'A block with bits behind its prefix',
      json: { name: 'CI of the site', addresses: ['192.0.2.1/24'] },
      status: 422,
    },
  },
  'api-keys.list': { all: { summary: 'All that the caller may read', status: 200 } },
  'api-keys.show': { ci: { summary: 'Without its secret', params: { id: ID }, status: 200 } },
  'api-keys.update': {
    name: { summary: 'Another name', params: { id: ID }, json: { name: 'CI' }, status: 200 },
  },
  'api-keys.rotate': {
    hour: {
      summary: 'A new key; the old one works for another hour',
      params: { id: ID },
      json: { overlapSeconds: 3600 },
      status: 201,
    },
  },
  'api-keys.delete': { revoke: { summary: 'Revoke it', params: { id: ID }, status: 200 } },
}
