/** Signing in and out, and the first account. */
import { z } from 'zod'
import * as s from '../shapes/session.ts'
import { common, json, table } from './row.ts'

export const SESSION_ROUTES = table({
  'setup.show': {
    method: 'get',
    path: '/setup',
    need: null,
    at: 'public',
    summary: 'Whether the first account is still to be made',
    status: 200,
    answer: json(z.object({ open: z.boolean() }).meta({ id: 'SetUpState' })),
    problems: [...common],
  },
  'setup.complete': {
    method: 'post',
    path: '/setup',
    need: null,
    at: 'public',
    summary: 'Make the first account, an owner, with the link that serve has printed; signs in',
    body: { kind: 'json', schema: s.SetUp },
    status: 201,
    answer: json(s.Whoami),
    problems: ['invalid', 'forbidden', 'not_found', ...common],
  },
  'session.show': {
    method: 'get',
    path: '/session',
    need: null,
    at: 'public',
    summary: 'Who sends this request, and what he may do',
    status: 200,
    answer: json(s.Whoami),
    problems: [...common],
  },
  'session.open': {
    method: 'post',
    path: '/session',
    need: null,
    at: 'public',
    summary: 'Sign in with a password, and with a second factor if the account has one',
    body: { kind: 'json', schema: s.SignIn },
    status: 201,
    answer: json(z.union([s.Whoami, s.AccessToken])),
    problems: ['invalid', 'unauthenticated', ...common],
  },
  'session.end': {
    method: 'delete',
    path: '/session',
    need: null,
    at: 'self',
    summary: 'Sign out',
    status: 200,
    answer: json(s.Whoami),
    problems: ['conflict', ...common],
  },
  'session.token': {
    method: 'post',
    path: '/session/token',
    need: null,
    at: 'self',
    summary: 'An access token for this session',
    status: 201,
    answer: json(s.AccessToken),
    problems: ['forbidden', ...common],
  },
})
