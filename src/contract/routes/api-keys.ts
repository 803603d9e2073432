/** API keys: one's own, and those of others for who may look after them. */
import { z } from 'zod'
import * as s from '../shapes/api-key.ts'
import { PageQuery, page } from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

const Listing = z.strictObject({
  ...PageQuery.shape,
  user: z.string().max(1_024).optional().meta({ description: 'Only those of the user with this login.' }),
})

export const API_KEY_ROUTES = table({
  'api-keys.list': {
    method: 'get',
    path: '/api-keys',
    need: 'api-keys:read',
    at: 'list',
    summary: 'List the API keys: one’s own, and all for who may read them',
    query: Listing,
    status: 200,
    answer: json(page(s.ApiKey)),
    problems: ['invalid', ...common],
  },
  'api-keys.create': {
    method: 'post',
    path: '/api-keys',
    need: 'api-keys:create',
    at: 'list',
    summary: 'Make an API key for oneself, or for another user; it is told once',
    body: { kind: 'json', schema: s.ApiKeyCreate },
    status: 201,
    answer: json(s.NewApiKey),
    problems: ['invalid', 'not_found', ...common],
  },
  'api-keys.show': {
    method: 'get',
    path: '/api-keys/{id}',
    need: 'api-keys:read',
    at: 'list',
    summary: 'Show an API key, without its secret',
    params: byId,
    status: 200,
    answer: json(s.ApiKey),
    problems: ['not_found', ...common],
  },
  'api-keys.update': {
    method: 'patch',
    path: '/api-keys/{id}',
    need: 'api-keys:update',
    at: 'list',
    summary: 'Change the name, the addresses or the end of an API key',
    params: byId,
    body: { kind: 'json', schema: s.ApiKeyPatch },
    status: 200,
    answer: json(s.ApiKey),
    problems: ['invalid', 'not_found', 'precondition_failed', ...common],
  },
  'api-keys.rotate': {
    method: 'post',
    path: '/api-keys/{id}/rotate',
    need: 'api-keys:update',
    at: 'list',
    summary: 'Make a new key with the same scope; the old one works on for a while',
    params: byId,
    body: { kind: 'json', schema: s.ApiKeyRotate },
    status: 201,
    answer: json(s.NewApiKey),
    problems: ['invalid', 'not_found', 'conflict', ...common],
  },
  'api-keys.delete': {
    method: 'delete',
    path: '/api-keys/{id}',
    need: 'api-keys:delete',
    at: 'list',
    summary: 'Revoke an API key at once; the answer is the key as it was',
    params: byId,
    status: 200,
    answer: json(s.ApiKey),
    problems: ['not_found', 'precondition_failed', ...common],
  },
})
