/** Roles: named sets of permissions, the built-in ones and those that an owner makes. */
import { z } from 'zod'
import * as s from '../shapes/account.ts'
import { Name, PageQuery, page } from '../shapes.ts'
import { common, json, table } from './row.ts'

const byName = z.object({ name: Name })

export const ROLE_ROUTES = table({
  'roles.list': {
    method: 'get',
    path: '/roles',
    need: 'roles:read',
    at: 'instance',
    summary: 'List the roles and what they allow, the built-in ones first',
    query: PageQuery,
    status: 200,
    answer: json(page(s.Role)),
    problems: ['invalid', ...common],
  },
  'roles.create': {
    method: 'post',
    path: '/roles',
    need: 'roles:create',
    at: 'instance',
    summary: 'Make a role of permissions that one has oneself',
    body: { kind: 'json', schema: s.RoleCreate },
    idempotent: true,
    status: 201,
    answer: json(s.Role),
    problems: ['invalid', 'conflict', ...common],
  },
  'roles.show': {
    method: 'get',
    path: '/roles/{name}',
    need: 'roles:read',
    at: 'instance',
    summary: 'Show a role',
    params: byName,
    status: 200,
    answer: json(s.Role),
    problems: ['not_found', ...common],
  },
  'roles.update': {
    method: 'patch',
    path: '/roles/{name}',
    need: 'roles:update',
    at: 'instance',
    summary: 'Change what a role allows, for all who hold it, from now on',
    params: byName,
    body: { kind: 'json', schema: s.RolePatch },
    status: 200,
    answer: json(s.Role),
    problems: ['invalid', 'not_found', 'conflict', 'precondition_failed', ...common],
  },
  'roles.delete': {
    method: 'delete',
    path: '/roles/{name}',
    need: 'roles:delete',
    at: 'instance',
    summary: 'Delete a role that nobody holds; the answer is the role as it was',
    params: byName,
    status: 200,
    answer: json(s.Role),
    problems: ['not_found', 'conflict', 'precondition_failed', ...common],
  },
})
