/** Who may do what: words, roles, scopes, and one pure question. */

const VERBS = {
  services: ['create', 'read', 'update', 'delete'],
  environments: ['create', 'read', 'update', 'delete'],
  deployments: ['read', 'deploy', 'rollback', 'promote', 'update', 'delete', 'approve'],
  bundles: ['create', 'read', 'delete'],
  operations: ['read', 'cancel', 'update'],
  events: ['read'],
  urls: ['create', 'read', 'update', 'delete', 'wildcard'],
  users: ['create', 'read', 'update', 'delete'],
  roles: ['create', 'read', 'update', 'delete'],
  'api-keys': ['create', 'read', 'update', 'delete'],
  drift: ['read', 'update'],
  audit: ['read'],
  settings: ['read', 'update'],
  certificates: ['create', 'read', 'delete'],
} as const

type Verbs = typeof VERBS
/** `noun:verb`. */
export type Permission = { [Noun in keyof Verbs]: `${Noun}:${Verbs[Noun][number]}` }[keyof Verbs]

export const PERMISSIONS: readonly Permission[] = Object.entries(VERBS).flatMap(
  ([noun, verbs]) => verbs.map((verb) => `${noun}:${verb}` as Permission), // the very pairs of the type
)

const words: ReadonlySet<string> = new Set(PERMISSIONS)
export const isPermission = (word: string): word is Permission => words.has(word)

/** Nouns that stand in a service: what a viewer sees. The others belong to the instance. */
const IN_SERVICES = [
  'services',
  'environments',
  'deployments',
  'bundles',
  'operations',
  'events',
  'urls',
  'drift',
]

const reads = PERMISSIONS.filter(
  (word) => word.endsWith(':read') && IN_SERVICES.includes(word.split(':', 1)[0] ?? ''),
)
const releases: readonly Permission[] = [
  'deployments:deploy',
  'deployments:rollback',
  'deployments:promote',
  'deployments:update',
  'deployments:approve',
  'bundles:create',
  'operations:cancel',
  'operations:update',
  'drift:update',
]
const changesRoles: readonly Permission[] = ['roles:create', 'roles:update', 'roles:delete']

export const BUILT_IN_ROLES = {
  owner: PERMISSIONS,
  /** All but saying what a role means: so an admin can do nothing to an owner. */
  admin: PERMISSIONS.filter((word) => !changesRoles.includes(word)),
  deployer: PERMISSIONS.filter((word) => reads.includes(word) || releases.includes(word)),
  viewer: reads,
} as const satisfies Record<string, readonly Permission[]>

export type BuiltInRole = keyof typeof BUILT_IN_ROLES
export const isBuiltInRole = (name: string): name is BuiltInRole => Object.hasOwn(BUILT_IN_ROLES, name)

/** Where something stands: in the instance as a whole, in a service, or in one of its environments. */
export interface Place {
  serviceId?: string | null
  environmentId?: string | null
}

/** How far a grant reaches: everywhere (both null), a service with all of its environments, or one environment. */
export interface Scope {
  serviceId: string | null
  environmentId: string | null
}

export const EVERYWHERE: Scope = { serviceId: null, environmentId: null }

export interface Grant {
  permissions: ReadonlySet<Permission>
  scope: Scope
}

/** What an actor may do, computed anew for each request. */
export interface Rights {
  grants: readonly Grant[]
  /** An API key may do no more than this, whatever its owner may; null: no bounds. */
  bounds: { permissions: ReadonlySet<Permission> | null; scopes: readonly Scope[] | null } | null
}

export const NO_RIGHTS: Rights = { grants: [], bounds: null }
export const ALL_RIGHTS: Rights = {
  grants: [{ permissions: new Set(PERMISSIONS), scope: EVERYWHERE }],
  bounds: null,
}

/** What somebody at work in one environment needs of the service around it: to see it, and to bring bundles there. */
const OF_THE_SERVICE_AROUND: ReadonlySet<Permission> = new Set(['services:read', 'bundles:create'])

export function may(rights: Rights, permission: Permission, place: Place = {}): boolean {
  const { grants, bounds } = rights
  if (bounds?.permissions && !bounds.permissions.has(permission)) return false
  if (bounds?.scopes && !bounds.scopes.some((scope) => covers(scope, permission, place))) return false
  return grants.some((grant) => grant.permissions.has(permission) && covers(grant.scope, permission, place))
}

function covers(scope: Scope, permission: Permission, place: Place): boolean {
  if (scope.serviceId === null) return true
  if (scope.serviceId !== place.serviceId) return false
  if (scope.environmentId === null || scope.environmentId === place.environmentId) return true
  return !place.environmentId && OF_THE_SERVICE_AROUND.has(permission)
}

/** Whether everything that these rights allow is allowed by those: who gives rights away has to hold them. */
export const hold = (those: Rights, these: Rights): boolean => lacked(those, these).length === 0

/** What these rights allow and those do not, somewhere. */
export function lacked(those: Rights, these: Rights): Permission[] {
  const words = these.grants.flatMap(({ permissions, scope }) =>
    [...permissions].filter((permission) => !holdsOne(those, permission, scope)),
  )
  return [...new Set(words)]
}

function holdsOne({ grants, bounds }: Rights, permission: Permission, wanted: Scope): boolean {
  if (bounds?.permissions && !bounds.permissions.has(permission)) return false
  if (bounds?.scopes && !bounds.scopes.some((scope) => includes(scope, wanted))) return false
  return grants.some((grant) => grant.permissions.has(permission) && includes(grant.scope, wanted))
}

const includes = (outer: Scope, inner: Scope): boolean =>
  outer.serviceId === null ||
  (outer.serviceId === inner.serviceId &&
    (outer.environmentId === null || outer.environmentId === inner.environmentId))

/** The same rights as grants alone: what the bounds of an API key leave of each. */
export function effective({ grants, bounds }: Rights): Grant[] {
  if (bounds === null) return [...grants]
  const { permissions: words, scopes } = bounds
  return grants.flatMap((grant) => {
    const permissions = new Set([...grant.permissions].filter((word) => words?.has(word) ?? true))
    const reached = (scopes ?? [EVERYWHERE]).flatMap((scope) => narrower(grant.scope, scope) ?? [])
    return permissions.size === 0 ? [] : reached.map((scope) => ({ permissions, scope }))
  })
}

/** What lies in both. */
const narrower = (a: Scope, b: Scope): Scope | null => (includes(a, b) ? b : includes(b, a) ? a : null)
