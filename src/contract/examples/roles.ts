/** Roles. */
import type { ExamplesOf } from './example.ts'

export const ROLE_EXAMPLES: ExamplesOf<'roles'> = {
  'roles.list': { all: { summary: 'The built-in ones and our own', status: 200 } },
  'roles.create': {
    auditor: {
      summary: 'Who looks at what was done, and by whom',
      json: { name: 'auditor', permissions: ['audit:read', 'users:read'] },
      status: 201,
    },
  },
  'roles.show': { one: { summary: 'A role by its name', params: { name: 'auditor' }, status: 200 } },
  'roles.update': {
    more: {
      summary: 'Let all who hold it see the roles too',
      params: { name: 'auditor' },
      headers: { 'If-Match': '"1"' },
      json: { permissions: ['audit:read', 'users:read', 'roles:read'] },
      status: 200,
    },
    builtIn: {
      summary: 'The built-in ones stay as they are',
      params: { name: 'viewer' },
      json: { permissions: ['services:read'] },
      status: 409,
    },
  },
  'roles.delete': {
    one: { summary: 'Delete a role that nobody holds', params: { name: 'auditor' }, status: 200 },
  },
}
