/** Invitations. */
import { type ExamplesOf, from } from './example.ts'

export const INVITATION_EXAMPLES: ExamplesOf<'invitations'> = {
  'invitations.list': { open: { summary: 'Those that are open', status: 200 } },
  'invitations.create': {
    deployer: {
      summary: 'A person who may deploy one service',
      json: { login: 'cleo@example.com', role: 'deployer', service: 'web' },
      status: 201,
    },
    admin: {
      summary: 'A person who may do nearly everything',
      json: { login: 'dora@example.com', role: 'admin' },
      status: 201,
    },
    taken: {
      summary: 'Who has an account is given a role instead',
      json: { login: 'ben@example.com', role: 'viewer' },
      status: 409,
    },
  },
  'invitations.delete': {
    one: {
      summary: 'Withdraw it',
      params: { id: from('invitations.create/deployer', 'id') },
      status: 200,
    },
  },
  'invitations.accept': {
    dora: {
      summary: 'The code stands behind # in the link',
      as: 'nobody',
      json: {
        code: from('invitations.create/admin', '#url'),
        name: 'Dora Mole',
        password: 'nine ropes on a cleat',
      },
      status: 201,
    },
    unknown: {
      summary: 'An invitation that is not open',
      as: 'nobody',
      json: { code: 'the-code-of-the-link', name: 'Cleo', password: 'seven boats at anchor' },
      status: 404,
    },
  },
}
