/** What a person signs in with besides a password. */
import { type ExamplesOf, from, given } from './example.ts'

const owner = { password: 'eight boats at sea' }

export const FACTOR_EXAMPLES: ExamplesOf<'totp' | 'recovery-codes' | 'factors'> = {
  'totp.propose': {
    own: { summary: 'What the app has to know', as: 'session', json: owner, status: 201 },
    wrong: {
      summary: 'Somebody at an unlocked screen',
      as: 'session',
      json: { password: 'not the one' },
      status: 403,
    },
  },
  'totp.confirm': {
    own: {
      summary: 'A code of the app; the answer tells the recovery codes',
      as: 'session',
      json: { code: given('code of the app', '123456') },
      status: 200,
    },
    wrong: { summary: 'Not what the app shows', as: 'session', json: { code: '12345' }, status: 422 },
  },
  'totp.remove': {
    own: { summary: 'The app is not asked for any more', as: 'session', json: owner, status: 200 },
  },
  'recovery-codes.create': {
    own: { summary: 'Ten new ones', as: 'session', json: owner, status: 201 },
    needless: { summary: 'There is nothing to lose', as: 'session', json: owner, status: 409 },
  },
  'factors.reset': {
    lost: {
      summary: 'Somebody has lost the phone and the codes',
      params: { id: from('users.create/person', 'id') },
      status: 200,
    },
  },
}
