/** Services and their environments. */
import { z } from 'zod'
import * as s from '../shapes.ts'
import { common, inEnvironment, inService, json, table, WaitQuery } from './row.ts'

export const ServiceCreate = z.strictObject({ name: s.Name, kind: z.enum(['static']).default('static') })
const ServicePatch = z.strictObject({ name: s.Name.optional() })
const EnvironmentCreate = z.strictObject({ name: s.Name, ...s.EnvironmentSettings.partial().shape })
const EnvironmentPatch = z.strictObject({
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

export const SERVICE_ROUTES = table({
  'services.list': {
    method: 'get',
    path: '/services',
    need: 'services:read',
    at: 'list',
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
    at: 'instance',
    summary: 'Create a service; it comes with the environment production',
    body: { kind: 'json', schema: ServiceCreate },
    idempotent: true,
    status: 201,
    answer: json(s.Service),
    problems: ['invalid', 'conflict', 'standing_by', ...common],
  },
  'services.show': {
    method: 'get',
    path: '/services/{service}',
    need: 'services:read',
    at: 'service',
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
    at: 'service',
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
    at: 'service',
    summary: 'Delete a service; its bundles and history stay',
    params: inService,
    query: WaitQuery,
    status: 202,
    answer: json(s.Operation),
    problems: [
      'not_found',
      'conflict',
      'precondition_failed',
      'operation_failed',
      'operation_stuck',
      'standing_by',
      ...common,
    ],
  },

  'environments.list': {
    method: 'get',
    path: '/services/{service}/environments',
    need: 'services:read',
    at: 'service',
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
    at: 'service',
    summary: 'Add an environment',
    params: inService,
    body: { kind: 'json', schema: EnvironmentCreate },
    idempotent: true,
    status: 201,
    answer: json(s.Environment),
    problems: ['invalid', 'not_found', 'conflict', 'standing_by', ...common],
  },
  'environments.show': {
    method: 'get',
    path: '/services/{service}/environments/{environment}',
    need: 'environments:read',
    at: 'environment',
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
    at: 'environment',
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
    at: 'environment',
    summary: 'Delete an environment; its bundles and history stay',
    params: inEnvironment,
    query: WaitQuery,
    status: 202,
    answer: json(s.Operation),
    problems: [
      'not_found',
      'conflict',
      'precondition_failed',
      'operation_failed',
      'operation_stuck',
      'standing_by',
      ...common,
    ],
  },
})
