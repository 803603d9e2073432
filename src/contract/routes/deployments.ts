/** Deployments. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import * as s from '../shapes.ts'
import { byId, common, inEnvironment, json, table, WaitQuery } from './row.ts'

const Message = z.string().max(LIMITS.names.messageChars).nullable().optional()
export const DeploymentSource = z.union([
  z.strictObject({ bundle: s.Digest, message: Message }),
  z.strictObject({ rollbackTo: z.union([s.Id, z.literal('previous')]), message: Message }),
  z.strictObject({ promoteFrom: s.Name, message: Message }),
])
const DeploymentPatch = z.strictObject({ message: Message })
const DeploymentCreateQuery = z.strictObject({
  ...WaitQuery.shape,
  message: z.string().max(LIMITS.names.messageChars).optional(),
  sha256: s.Digest.optional().meta({ description: 'Refuse the archive unless these are its bytes.' }),
})

export const DEPLOYMENT_ROUTES = table({
  'deployments.list': {
    method: 'get',
    path: '/services/{service}/environments/{environment}/deployments',
    need: 'deployments:read',
    at: 'environment',
    summary: 'List the deployments of an environment, newest first',
    params: inEnvironment,
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Deployment)),
    problems: ['invalid', 'not_found', ...common],
  },
  'deployments.create': {
    method: 'post',
    path: '/services/{service}/environments/{environment}/deployments',
    need: 'deployments:deploy',
    at: 'environment',
    alsoNeeds: ['deployments:rollback', 'deployments:promote'],
    summary:
      'Deploy an archive, a stored bundle, an earlier deployment (rollback) or what another environment has live (promotion)',
    description:
      'The body is the archive itself, or JSON that names what is there already. Without `wait` the answer is 202 at once, and the deployment goes on by itself. With `wait=true` it is 201 only when visitors have it; otherwise a problem that holds the `deployment`: what was live before stays live.',
    params: inEnvironment,
    query: DeploymentCreateQuery,
    body: { kind: 'archive-or-json', schema: DeploymentSource },
    idempotent: true,
    status: 202,
    answer: json(s.Deployment),
    problems: [
      'invalid',
      'archive_refused',
      'digest_mismatch',
      'not_found',
      'conflict',
      'cancelled',
      'superseded',
      'too_large',
      'too_slow',
      'unsupported_media_type',
      'disk_full',
      'deployment_failed',
      'deployment_reverted',
      'operation_stuck',
      'standing_by',
      ...common,
    ],
  },
  'deployments.show': {
    method: 'get',
    path: '/deployments/{id}',
    need: 'deployments:read',
    at: 'deployment',
    summary: 'Show a deployment',
    params: byId,
    status: 200,
    answer: json(s.Deployment),
    problems: ['not_found', ...common],
  },
  'deployments.update': {
    method: 'patch',
    path: '/deployments/{id}',
    need: 'deployments:update',
    at: 'deployment',
    summary: 'Change the message of a deployment',
    params: byId,
    body: { kind: 'json', schema: DeploymentPatch },
    status: 200,
    answer: json(s.Deployment),
    problems: ['invalid', 'not_found', 'precondition_failed', ...common],
  },
  'deployments.delete': {
    method: 'delete',
    path: '/deployments/{id}',
    need: 'deployments:delete',
    at: 'deployment',
    summary: 'Hide a deployment that is not live; its bundle stays. The answer is it as it was',
    params: byId,
    query: s.Reasoned,
    status: 200,
    answer: json(s.Deployment),
    problems: ['invalid', 'not_found', 'conflict', 'precondition_failed', 'standing_by', ...common],
  },
  'deployments.approve': {
    method: 'post',
    path: '/deployments/{id}/approve',
    need: 'deployments:approve',
    at: 'deployment',
    summary: 'Approve a deployment that waits for a second person; not for whoever started it',
    params: byId,
    status: 200,
    answer: json(s.Deployment),
    problems: ['not_found', 'conflict', 'standing_by', ...common],
  },
  'deployments.log': {
    method: 'get',
    path: '/deployments/{id}/log',
    need: 'deployments:read',
    at: 'deployment',
    summary: 'The log of a deployment, whole or live',
    description:
      'With `Accept: text/event-stream` each line is an event `line` as it is written, from the first one or the one after `Last-Event-ID`; the event `end` tells how the deployment ended.',
    params: byId,
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.LogLine) },
    problems: ['invalid', 'not_found', ...common],
  },
})
