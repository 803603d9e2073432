/** Signing in and out, and the first account. */
import type { ExamplesOf } from './example.ts'

export const SESSION_EXAMPLES: ExamplesOf<'setup' | 'session'> = {
  'setup.show': { asked: { summary: 'Whether there is an account', as: 'nobody', status: 200 } },
  'setup.complete': {
    late: {
      summary: 'The first account has been made long ago',
      as: 'nobody',
      json: { code: 'the-code-of-the-link', login: 'eve@example.com', password: 'seven boats at anchor' },
      status: 404,
    },
  },
  'session.show': { key: { summary: 'Who an API key is, and what it may do', status: 200 } },
  'session.open': {
    wrong: {
      summary: 'A wrong password',
      as: 'nobody',
      json: { login: 'ann@example.com', password: 'not the one' },
      status: 401,
    },
  },
  'session.token': { token: { summary: 'A token for ten minutes', as: 'session', status: 201 } },
  'session.end': { out: { summary: 'Sign out', as: 'session', status: 200 } },
}
