/** The API as data: one readable row a route. Server, OpenAPI document, CLI and page are made from it. */
import { z } from 'zod'
import type { FaultCode } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import * as s from './shapes.ts'

/** `noun:verb`, the words of access control (accounts come later; the words stand from the start). */
export type Permission =
  `${'services' | 'environments' | 'deployments' | 'bundles' | 'operations' | 'events'}:${'create' | 'read' | 'update' | 'delete' | 'deploy' | 'rollback' | 'promote' | 'cancel'}`

export type Body =
  | { kind: 'json'; schema: z.ZodType }
  /** The archive itself in any content type but JSON, or multipart/form-data with the one file field `archive`. */
  | { kind: 'archive' }
  /** An archive, or JSON by this schema. */
  | { kind: 'archive-or-json'; schema: z.ZodType }

export type Answer =
  | { kind: 'json'; schema: z.ZodType }
  | { kind: 'bytes' }
  /** JSON by this schema, or server-sent events by Accept, resumable by Last-Event-ID. */
  | { kind: 'json-or-events'; schema: z.ZodType }

export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete'
  path: string
  /** Required: leaving it out does not compile. `null` is public. */
  need: Permission | null
  /** Further permissions of single body forms, for the reader and the access matrix. */
  alsoNeeds?: Permission[]
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: Body
  /** The success answer; 202 and 201 carry the same thing. */
  status: 200 | 201 | 202
  answer: Answer
  problems: FaultCode[]
}

const inService = z.object({ service: s.Name })
const inEnvironment = z.object({ service: s.Name, environment: s.Name })
const byId = z.object({ id: s.Id })
const WaitQuery = z.strictObject({
  wait: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Answer when it has ended, after 10 minutes at the latest.' }),
})

export const ServiceCreate = z.strictObject({ name: s.Name, kind: z.enum(['static']).default('static') })
export const ServicePatch = z.strictObject({ name: s.Name.optional() })
export const EnvironmentCreate = z.strictObject({ name: s.Name, ...s.EnvironmentSettings.partial().shape })
export const EnvironmentPatch = z.strictObject({
  name: s.Name.optional(),
  position: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .meta({ description: 'Place in the order, from 0; the others move.' }),
  ...s.EnvironmentSettings.partial().shape,
})
const Message = z.string().max(LIMITS.names.messageChars).nullable().optional()
export const DeploymentSource = z.union([
  z.strictObject({ bundle: s.Digest, message: Message }),
  z.strictObject({ rollbackTo: z.union([s.Id, z.literal('previous')]), message: Message }),
  z.strictObject({ promoteFrom: s.Name, message: Message }),
])
export const DeploymentPatch = z.strictObject({ message: Message })
export const DeploymentCreateQuery = z.strictObject({
  ...WaitQuery.shape,
  message: z.string().max(LIMITS.names.messageChars).optional(),
  sha256: s.Digest.optional().meta({ description: 'Refuse the archive unless these are its bytes.' }),
})

const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json' as const, schema })
const common: FaultCode[] = ['malformed', 'forbidden', 'misdirected', 'internal', 'unavailable']
const table = <const T extends Record<string, Route>>(rows: T): T => rows

export const ROUTES = table({
  'services.list': {
    method: 'get',
    path: '/services',
    need: 'services:read',
    summary: 'List the services with what is live in each environment',
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Service)),
    problems: ['invalid', ...common],
  },
  'services.create': {
    method: 'post',
    path: '/services',
    need: 'services:create',
    summary: 'Create a service; it comes with the environment production',
    body: { kind: 'json', schema: ServiceCreate },
    status: 201,
    answer: json(s.Service),
    problems: ['invalid', 'conflict', 'standing_by', ...common],
  },
  'services.show': {
    method: 'get',
    path: '/services/{service}',
    need: 'services:read',
    summary: 'Show a service',
    params: inService,
    status: 200,
    answer: json(s.Service),
    problems: ['not_found', ...common],
  },
  'services.update': {
    method: 'patch',
    path: '/services/{service}',
    need: 'services:update',
    summary: 'Rename a service',
    params: inService,
    body: { kind: 'json', schema: ServicePatch },
    status: 200,
    answer: json(s.Service),
    problems: ['invalid', 'not_found', 'conflict', 'precondition_failed', ...common],
  },
  'services.delete': {
    method: 'delete',
    path: '/services/{service}',
    need: 'services:delete',
    summary: 'Delete a service; its bundles and history stay',
    params: inService,
    query: WaitQuery,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', 'precondition_failed', 'standing_by', 'operation_stuck', ...common],
  },

  'environments.list': {
    method: 'get',
    path: '/services/{service}/environments',
    need: 'environments:read',
    summary: 'List the environments of a service in their order',
    params: inService,
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Environment)),
    problems: ['invalid', 'not_found', ...common],
  },
  'environments.create': {
    method: 'post',
    path: '/services/{service}/environments',
    need: 'environments:create',
    summary: 'Add an environment',
    params: inService,
    body: { kind: 'json', schema: EnvironmentCreate },
    status: 201,
    answer: json(s.Environment),
    problems: ['invalid', 'not_found', 'conflict', 'standing_by', ...common],
  },
  'environments.show': {
    method: 'get',
    path: '/services/{service}/environments/{environment}',
    need: 'environments:read',
    summary: 'Show an environment',
    params: inEnvironment,
    status: 200,
    answer: json(s.Environment),
    problems: ['not_found', ...common],
  },
  'environments.update': {
    method: 'patch',
    path: '/services/{service}/environments/{environment}',
    need: 'environments:update',
    summary: 'Change the name, place or settings of an environment',
    params: inEnvironment,
    body: { kind: 'json', schema: EnvironmentPatch },
    status: 200,
    answer: json(s.Environment),
    problems: ['invalid', 'not_found', 'conflict', 'precondition_failed', 'deployment_reverted', ...common],
  },
  'environments.delete': {
    method: 'delete',
    path: '/services/{service}/environments/{environment}',
    need: 'environments:delete',
    summary: 'Delete an environment; its bundles and history stay',
    params: inEnvironment,
    query: WaitQuery,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', 'precondition_failed', 'standing_by', 'operation_stuck', ...common],
  },

  'deployments.list': {
    method: 'get',
    path: '/services/{service}/environments/{environment}/deployments',
    need: 'deployments:read',
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
    alsoNeeds: ['deployments:rollback', 'deployments:promote'],
    summary:
      'Deploy an archive, a stored bundle, an earlier deployment (rollback) or what another environment has live (promotion)',
    params: inEnvironment,
    query: DeploymentCreateQuery,
    body: { kind: 'archive-or-json', schema: DeploymentSource },
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
    summary: 'Change the message of a deployment',
    params: byId,
    body: { kind: 'json', schema: DeploymentPatch },
    status: 200,
    answer: json(s.Deployment),
    problems: ['invalid', 'not_found', 'precondition_failed', ...common],
  },
  'deployments.log': {
    method: 'get',
    path: '/deployments/{id}/log',
    need: 'deployments:read',
    summary: 'The log of a deployment, whole or live',
    params: byId,
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.LogLine) },
    problems: ['invalid', 'not_found', ...common],
  },

  'bundles.list': {
    method: 'get',
    path: '/services/{service}/bundles',
    need: 'bundles:read',
    summary: 'List the bundles of a service, newest first',
    params: inService,
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Bundle)),
    problems: ['invalid', 'not_found', ...common],
  },
  'bundles.create': {
    method: 'post',
    path: '/services/{service}/bundles',
    need: 'bundles:create',
    summary: 'Store and check an archive without deploying it',
    params: inService,
    query: z.strictObject({ sha256: s.Digest.optional() }),
    body: { kind: 'archive' },
    status: 201,
    answer: json(s.Bundle),
    problems: [
      'invalid',
      'archive_refused',
      'digest_mismatch',
      'not_found',
      'too_large',
      'too_slow',
      'unsupported_media_type',
      'disk_full',
      'standing_by',
      ...common,
    ],
  },
  'bundles.diff': {
    method: 'post',
    path: '/services/{service}/bundles/diff',
    need: 'bundles:create',
    summary: 'Ask what of a folder the service does not hold yet',
    params: inService,
    body: { kind: 'json', schema: s.BundleDiffRequest },
    status: 200,
    answer: json(s.BundleDiffAnswer),
    problems: ['invalid', 'not_found', 'too_large', ...common],
  },
  'bundles.show': {
    method: 'get',
    path: '/services/{service}/bundles/{digest}',
    need: 'bundles:read',
    summary: 'The manifest of a bundle',
    params: z.object({ service: s.Name, digest: s.Digest }),
    status: 200,
    answer: json(s.BundleManifest),
    problems: ['not_found', ...common],
  },
  'bundles.archive': {
    method: 'get',
    path: '/services/{service}/bundles/{digest}/archive',
    need: 'bundles:read',
    summary: 'The very bytes that came',
    params: z.object({ service: s.Name, digest: s.Digest }),
    status: 200,
    answer: { kind: 'bytes' },
    problems: ['not_found', ...common],
  },
  'bundles.files': {
    method: 'post',
    path: '/services/{service}/bundles/{digest}/files',
    need: 'bundles:create',
    summary: 'Send the missing contents of a folder as one tar; the bundle is rebuilt from them',
    params: z.object({ service: s.Name, digest: s.Digest }),
    body: { kind: 'archive' },
    status: 201,
    answer: json(s.Bundle),
    problems: [
      'invalid',
      'archive_refused',
      'digest_mismatch',
      'not_found',
      'conflict',
      'too_large',
      'too_slow',
      'disk_full',
      'standing_by',
      ...common,
    ],
  },

  'operations.list': {
    method: 'get',
    path: '/operations',
    need: 'operations:read',
    summary: 'List the operations, newest first',
    query: s.PageQuery,
    status: 200,
    answer: json(s.page(s.Operation)),
    problems: ['invalid', ...common],
  },
  'operations.show': {
    method: 'get',
    path: '/operations/{id}',
    need: 'operations:read',
    summary: 'Show an operation',
    params: byId,
    status: 200,
    answer: json(s.Operation),
    problems: ['not_found', ...common],
  },
  'operations.log': {
    method: 'get',
    path: '/operations/{id}/log',
    need: 'operations:read',
    summary: 'The log of an operation, whole or live',
    params: byId,
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.LogLine) },
    problems: ['invalid', 'not_found', ...common],
  },
  'operations.cancel': {
    method: 'post',
    path: '/operations/{id}/cancel',
    need: 'operations:cancel',
    summary: 'Cancel an operation; possible until its switch has begun',
    params: byId,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', ...common],
  },
  'operations.retry': {
    method: 'post',
    path: '/operations/{id}/retry',
    need: 'operations:update',
    summary: 'Try a stuck operation again, or deploy the bundle of an ended deployment once more',
    params: byId,
    status: 202,
    answer: json(s.Operation),
    problems: ['not_found', 'conflict', 'standing_by', ...common],
  },

  'events.list': {
    method: 'get',
    path: '/events',
    need: 'events:read',
    summary: 'What happened, oldest first, or live',
    query: s.PageQuery,
    status: 200,
    answer: { kind: 'json-or-events', schema: s.page(s.Event) },
    problems: ['invalid', ...common],
  },
})

export type RouteName = keyof typeof ROUTES
