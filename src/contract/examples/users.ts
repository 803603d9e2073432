/** Users, their roles, and how they come in. */
import { type ExamplesOf, from } from './example.ts'

const ben = { id: from('users.create/person', 'id') }
const robot = { id: from('users.create/machine', 'id') }

export const USER_EXAMPLES: ExamplesOf<'users' | 'grants' | 'password-resets'> = {
  'users.list': { all: { summary: 'The first page', query: { limit: '20' }, status: 200 } },
  'users.create': {
    person: {
      summary: 'A person who may look at everything',
      json: { login: 'ben@example.com', name: 'Ben Quay', role: 'viewer' },
      status: 201,
    },
    machine: {
      summary: 'A machine that may deploy one service',
      json: { kind: 'machine', login: 'build-robot', role: 'deployer', service: 'web' },
      status: 201,
    },
    taken: { summary: 'There is one already', json: { login: 'ben@example.com' }, status: 409 },
    lookalike: {
      summary: 'A login that only looks like one: its first letter is Cyrillic',
      json: { login: 'аnn@example.com' },
      status: 422,
    },
  },
  'users.show': {
    one: { summary: 'A user by its id', params: ben, status: 200 },
    missing: {
      summary: 'There is none of that id, or none that you may see',
      params: { id: 'k3v9q0m2x7c5n1p8r4t6' },
      status: 404,
    },
  },
  'users.update': {
    disable: {
      summary: 'Shut a user out, with all of the sessions and keys',
      params: robot,
      json: { disabled: true },
      status: 200,
    },
  },
  'users.delete': { one: { summary: 'A machine that is not needed any more', params: robot, status: 200 } },
  'users.sign-out': { everywhere: { summary: 'End all sessions', params: ben, status: 200 } },
  'grants.create': {
    environment: {
      summary: 'Deploy to staging, and nowhere else',
      params: ben,
      json: { role: 'deployer', service: 'web', environment: 'staging' },
      status: 201,
    },
  },
  'grants.delete': {
    one: {
      summary: 'Take it back',
      params: { ...ben, grant: from('grants.create/environment', 'id') },
      status: 200,
    },
  },
  'password-resets.create': {
    person: { summary: 'A link for somebody who has forgotten it', params: ben, status: 201 },
    machine: { summary: 'Machines have no password', params: robot, status: 409 },
  },
  'password-resets.accept': {
    chosen: {
      summary: 'The code stands behind # in the link',
      as: 'nobody',
      json: { code: from('password-resets.create/person', '#url'), password: 'ten gulls in a row' },
      status: 200,
    },
    unknown: {
      summary: 'A link that is not open',
      as: 'nobody',
      json: { code: 'the-code-of-the-link', password: 'seven boats at anchor' },
      status: 404,
    },
  },
}
