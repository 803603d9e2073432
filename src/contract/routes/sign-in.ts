/** The way in besides a password alone. A cookie of five minutes tells the browser that is on it from all others. */
import { LIMITS } from '../../base/limits.ts'
import * as p from '../shapes/passkeys.ts'
import { Whoami } from '../shapes/session.ts'
import * as s from '../shapes/sign-in.ts'
import { common, json, table } from './row.ts'

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
    summary: 'Sign in with the second factor, after `session.open` has asked for one',
    description: 'Of a few wrong ones the last ends the way in: it begins anew with the password then.',
    body: { kind: 'json', schema: s.SecondProof, bytes: LIMITS.factors.passkeyBytes },
    status: 201,
    answer: json(Whoami),
    problems: ['unauthenticated', 'not_found', 'conflict', 'too_many_requests', ...common],
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
    problems: ['unauthenticated', 'conflict', 'too_many_requests', ...common],
  },
})
