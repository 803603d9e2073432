/** What a person signs in with besides a password: codes of an app, and codes for the day on which that is lost. */
import * as a from '../shapes/account.ts'
import * as s from '../shapes/factors.ts'
import { byId, common, json, table } from './row.ts'

export const FACTOR_ROUTES = table({
  'totp.propose': {
    method: 'post',
    path: '/profile/totp',
    need: null,
    at: 'self',
    summary: 'Begin to set up an authenticator app; takes a session',
    description:
      'Nothing changes until `totp.confirm` has seen a code of the app. Asked again, it tells another secret.',
    body: { kind: 'json', schema: s.OwnerProof },
    status: 201,
    answer: json(s.TotpProposal),
    problems: ['conflict', ...common],
  },
  'totp.confirm': {
    method: 'post',
    path: '/profile/totp/confirm',
    need: null,
    at: 'self',
    summary: 'Set up the authenticator app by a code of it; ends all other sessions; takes a session',
    body: { kind: 'json', schema: s.TotpConfirm },
    status: 200,
    answer: json(s.FactorAdded),
    problems: ['conflict', ...common],
  },
  'totp.remove': {
    method: 'delete',
    path: '/profile/totp',
    need: null,
    at: 'self',
    summary: 'Remove the authenticator app; ends all other sessions; takes a session',
    body: { kind: 'json', schema: s.OwnerProof },
    status: 200,
    answer: json(a.Factors),
    problems: ['not_found', ...common],
  },
  'recovery-codes.create': {
    method: 'post',
    path: '/profile/recovery-codes',
    need: null,
    at: 'self',
    summary:
      'Make ten new recovery codes, in place of all earlier ones; ends all other sessions; takes a session',
    body: { kind: 'json', schema: s.OwnerProof },
    status: 201,
    answer: json(s.RecoveryCodes),
    problems: ['conflict', ...common],
  },
  'factors.reset': {
    method: 'delete',
    path: '/users/{id}/factors',
    need: 'users:update',
    at: 'list',
    summary: 'Take all second factors from a user who has lost them; ends all of the sessions',
    description: 'From then on the password, or the identity provider, is enough. Identities stay linked.',
    params: byId,
    status: 200,
    answer: json(a.User),
    problems: ['not_found', 'conflict', ...common],
  },
})
