/** Signing in and out, and the first account. */
import { type ExamplesOf, from, given } from './example.ts'

const ann = { login: 'ann@example.com', password: 'seven boats at anchor' }

export const SESSION_EXAMPLES: ExamplesOf<'setup' | 'session'> = {
  'setup.show': { asked: { summary: 'Whether there is an account', as: 'nobody', status: 200 } },
  'setup.complete': {
    first: {
      summary: 'The first account; `code` stands behind # in the link on the console',
      as: 'nobody',
      json: {
        code: given('set-up code', 'Zk3vX9q0m2x7c5n1p8r4t6Zk3vX9q0m2x7c5n1p8r4t'),
        name: 'Ann',
        ...ann,
      },
      status: 201,
    },
    late: {
      summary: 'The first account has been made long ago',
      as: 'nobody',
      json: { code: 'the-code-of-the-link', ...ann },
      status: 404,
    },
  },
  'session.show': { key: { summary: 'Who an API key is, and what it may do', status: 200 } },
  'session.open': {
    cookie: { summary: 'Sign in; the answer sets the cookie', as: 'nobody', json: ann, status: 201 },
    token: {
      summary: 'Sign in for a token of ten minutes',
      as: 'nobody',
      json: { ...ann, as: 'token' },
      status: 201,
    },
    wrong: {
      summary: 'A wrong password',
      as: 'nobody',
      json: { login: 'ann@example.com', password: 'not the one' },
      status: 401,
    },
    factor: {
      summary: 'The password is right, and a second factor is asked for',
      as: 'nobody',
      json: { ...ann, password: 'eight boats at sea' },
      status: 401,
    },
    'recovery-code': {
      summary: 'Sign in with a recovery code',
      as: 'nobody',
      json: {
        ...ann,
        password: 'eight boats at sea',
        recoveryCode: from('recovery-codes.create/own', 'recoveryCodes.0'),
        as: 'token',
      },
      status: 201,
    },
  },
  'session.token': { token: { summary: 'A token for ten minutes', as: 'session', status: 201 } },
  'session.end': { out: { summary: 'Sign out', as: 'session', status: 200 } },
}
