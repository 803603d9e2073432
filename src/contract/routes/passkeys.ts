/** The passkeys of a person. */
import { LIMITS } from '../../base/limits.ts'
import { OwnerProof } from '../shapes/factors.ts'
import * as s from '../shapes/passkeys.ts'
import { PageQuery, page } from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

export const PASSKEY_ROUTES = table({
  'passkeys.list': {
    method: 'get',
    path: '/profile/passkeys',
    need: null,
    at: 'self',
    summary: 'List the own passkeys; takes a session',
    query: PageQuery,
    status: 200,
    answer: json(page(s.Passkey)),
    problems: ['invalid', ...common],
  },
  'passkeys.options': {
    method: 'post',
    path: '/profile/passkeys/options',
    need: null,
    at: 'self',
    summary: 'What the browser is to make, within five minutes; takes a session',
    body: { kind: 'json', schema: OwnerProof },
    status: 200,
    answer: json(s.CreationOptions),
    problems: ['conflict', ...common],
  },
  'passkeys.create': {
    method: 'post',
    path: '/profile/passkeys',
    need: null,
    at: 'self',
    summary: 'Keep a passkey that the browser has made; ends all other sessions; takes a session',
    body: { kind: 'json', schema: s.PasskeyCreate, bytes: LIMITS.factors.passkeyBytes },
    status: 201,
    answer: json(s.PasskeyAdded),
    problems: ['conflict', ...common],
  },
  'passkeys.update': {
    method: 'patch',
    path: '/profile/passkeys/{id}',
    need: null,
    at: 'self',
    summary: 'Rename one of the own passkeys; takes a session',
    params: byId,
    body: { kind: 'json', schema: s.PasskeyPatch },
    status: 200,
    answer: json(s.Passkey),
    problems: ['not_found', ...common],
  },
  'passkeys.delete': {
    method: 'delete',
    path: '/profile/passkeys/{id}',
    need: null,
    at: 'self',
    summary: 'Remove one of the own passkeys; ends all other sessions; takes a session',
    params: byId,
    body: { kind: 'json', schema: OwnerProof },
    status: 200,
    answer: json(s.Passkey),
    problems: ['not_found', 'conflict', ...common],
  },
})
