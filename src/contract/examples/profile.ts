/** The own account. */
import { type ExamplesOf, from } from './example.ts'

export const PROFILE_EXAMPLES: ExamplesOf<'profile'> = {
  'profile.show': { own: { summary: 'Who you are and what you may do', as: 'session', status: 200 } },
  'profile.update': {
    name: { summary: 'Another name', as: 'session', json: { name: 'Ann Harbour' }, status: 200 },
  },
  'profile.password': {
    changed: {
      summary: 'Another password',
      as: 'session',
      json: { current: 'seven boats at anchor', new: 'eight boats at sea' },
      status: 200,
    },
    common: {
      summary: 'A password that many people use',
      as: 'session',
      json: { current: 'seven boats at anchor', new: 'password1' },
      status: 422,
    },
    wrong: {
      summary: 'The current password is wrong',
      as: 'session',
      json: { current: 'not the one', new: 'eight boats at sea' },
      status: 403,
    },
  },
  'profile.sessions': { all: { summary: 'Where you are signed in', as: 'session', status: 200 } },
  'profile.end-session': {
    other: {
      summary: 'The one on the other device',
      as: 'session',
      params: { id: from('profile.sessions/all', 'items.1.id') },
      status: 200,
    },
    missing: {
      summary: 'None of yours has that id',
      as: 'session',
      params: { id: 'k3v9q0m2x7c5n1p8r4t6' },
      status: 404,
    },
  },
  'profile.end-sessions': { others: { summary: 'Sign out everywhere else', as: 'session', status: 200 } },
}
