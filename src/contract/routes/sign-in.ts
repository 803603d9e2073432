/** The way in besides a password alone. A cookie of five minutes tells the browser that is on it from all others. */
import { LIMITS } from '../../base/limits.ts'
import * as i from '../shapes/identities.ts'
import * as p from '../shapes/passkeys.ts'
import { Whoami } from '../shapes/session.ts'
import * as s from '../shapes/sign-in.ts'
import { byId, common, json, table } from './row.ts'

export const SIGN_IN_ROUTES = table({
  'sign-in.show': {
    method: 'get',
    path: '/session/pending',
    need: null,
    at: 'public',
    summary: 'How far this browser has come with signing in',
    status: 200,
    answer: json(s.PendingSignIn),
    problems: [...common],
  },
  'sign-in.second-factor': {
    method: 'post',
    path: '/session/second-factor',
    need: null,
    at: 'public',
    summary: 'Sign in with the second factor, after session.open has asked for one',
    description: 'Of a few wrong ones the last ends the way in: it begins anew with the password then.',
    body: { kind: 'json', schema: s.SecondProof, bytes: LIMITS.factors.passkeyBytes },
    status: 201,
    answer: json(Whoami),
    problems: ['unauthenticated', 'not_found', 'conflict', ...common],
  },
  'sign-in.second-factor-options': {
    method: 'post',
    path: '/session/second-factor/options',
    need: null,
    at: 'public',
    summary: 'What a passkey is to sign as the second factor',
    status: 200,
    answer: json(p.RequestOptions),
    problems: ['not_found', 'conflict', ...common],
  },
  'sign-in.passkey-options': {
    method: 'post',
    path: '/session/passkey/options',
    need: null,
    at: 'public',
    summary: 'What a passkey is to sign in order to sign in by it alone',
    status: 200,
    answer: json(p.RequestOptions),
    problems: ['conflict', ...common],
  },
  'sign-in.passkey': {
    method: 'post',
    path: '/session/passkey',
    need: null,
    at: 'public',
    summary: 'Sign in by a passkey alone, one that has verified its person; the answer sets the cookie',
    body: { kind: 'json', schema: p.PasskeySignIn, bytes: LIMITS.factors.passkeyBytes },
    status: 201,
    answer: json(Whoami),
    problems: ['unauthenticated', 'conflict', ...common],
  },
  'sign-in.providers': {
    method: 'get',
    path: '/session/providers',
    need: null,
    at: 'public',
    summary: 'List the identity providers that people may sign in with',
    status: 200,
    answer: json(i.ProviderChoice),
    problems: [...common],
  },
  'sign-in.begin': {
    method: 'post',
    path: '/session/oidc/{id}',
    need: null,
    at: 'public',
    summary: 'Begin to sign in at an identity provider: the answer says where to go',
    params: byId,
    body: { kind: 'json', schema: i.ProviderSignIn },
    status: 201,
    answer: json(i.Departure),
    problems: ['not_found', 'unauthenticated', ...common],
  },
  'sign-in.callback': {
    method: 'get',
    path: '/session/oidc/{id}/callback',
    need: null,
    at: 'public',
    summary: 'Where a provider sends the browser back to; signs in, or links',
    description:
      'Leads to the path that was to be opened. When it has failed, `#problem` stands behind that, and `sign-in.show` tells why.',
    params: byId,
    query: i.CallbackQuery,
    status: 200,
    answer: { kind: 'json-or-redirect', schema: i.Arrival },
    problems: ['not_found', ...common],
  },
})
