/** Passkeys, and the way in with a second factor. */
import { type ExamplesOf, from, given } from './example.ts'
import { PROVIDER_SIGN_IN_EXAMPLES } from './identities.ts'

const owner = { password: 'eight boats at sea' }
const key = { id: from('passkeys.create/laptop', 'passkey.id') }
const credential = {
  id: given('id of the passkey', 'mVwvJ2ZkFQk3vX9q0m2x7A'),
  rawId: given('id of the passkey', 'mVwvJ2ZkFQk3vX9q0m2x7A'),
  type: 'public-key' as const,
}
const wrong = {
  ...credential,
  response: {
    clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiWmsifQ',
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA',
    signature: 'MEUCIQDp',
  },
}

export const PASSKEY_EXAMPLES: ExamplesOf<'passkeys' | 'sign-in'> = {
  'passkeys.options': {
    own: { summary: 'What the browser is to make', as: 'session', json: owner, status: 200 },
  },
  'passkeys.create': {
    laptop: {
      summary: 'What it has made',
      as: 'session',
      json: {
        name: 'Laptop',
        response: {
          ...credential,
          response: {
            clientDataJSON: given(
              'clientDataJSON of the passkey',
              'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiWmsifQ',
            ),
            attestationObject: given(
              'attestationObject of the passkey',
              'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ',
            ),
            transports: ['internal'],
          },
        },
      },
      status: 201,
    },
  },
  'passkeys.list': { all: { summary: 'All of the own ones', as: 'session', status: 200 } },
  'passkeys.update': {
    name: { summary: 'Another name', as: 'session', params: key, json: { name: 'Old laptop' }, status: 200 },
  },
  'passkeys.delete': {
    one: { summary: 'A laptop that was sold', as: 'session', params: key, json: owner, status: 200 },
  },
  'sign-in.show': { nobody: { summary: 'Nobody is on the way in', as: 'nobody', status: 200 } },
  'sign-in.second-factor': {
    late: {
      summary: 'Nobody is on the way in, or not any more',
      as: 'nobody',
      json: { totp: '123456' },
      status: 404,
    },
  },
  'sign-in.second-factor-options': {
    late: { summary: 'Nobody is on the way in, or not any more', as: 'nobody', status: 404 },
  },
  'sign-in.passkey-options': { asked: { summary: 'What a passkey is to sign', as: 'nobody', status: 200 } },
  'sign-in.passkey': {
    unknown: { summary: 'Nobody has asked for it', as: 'nobody', json: { response: wrong }, status: 401 },
  },
  ...PROVIDER_SIGN_IN_EXAMPLES,
}
