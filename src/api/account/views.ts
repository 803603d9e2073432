/** From rows of accounts to what the API shows. Every view passes its schema, so nothing else is ever sent. */
import { isoTime } from '../../base/clock.ts'
import { Factors, Grant, Invitation, Role, Session, User } from '../../contract/shapes/account.ts'
import { ApiKey, NewApiKey } from '../../contract/shapes/api-key.ts'
import { Identity, IdentityProvider } from '../../contract/shapes/identities.ts'
import { Passkey } from '../../contract/shapes/passkeys.ts'
import type { Scope } from '../../domain/access.ts'
import type { Actor } from '../../domain/operation.ts'
import type { ApiKeyRow } from '../../store/account/api-keys.ts'
import type { GrantRow } from '../../store/account/grants.ts'
import type { IdentityRow } from '../../store/account/identities.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import type { InvitationRow } from '../../store/account/invitations.ts'
import type { PasskeyRow } from '../../store/account/passkeys.ts'
import type { RoleRow } from '../../store/account/roles.ts'
import type { SessionRow } from '../../store/account/sessions.ts'
import type { SignInFacts, UserRow } from '../../store/account/users.ts'
import type { Store } from '../../store/store.ts'
import type { Sees } from '../views.ts'

/** For whom a view is. */
export interface Reader extends Sees {
  actor: Actor
}

export function userView(store: Store, row: UserRow, to: Reader): User {
  const [view] = userViews(store, [row], to)
  if (!view) throw new Error(`user ${row.id} has no view`)
  return view
}

/** A page of them by two queries. */
export function userViews(store: Store, rows: readonly UserRow[], to: Reader): User[] {
  const ids = rows.map(({ id }) => id)
  const facts = store.users.signInFacts(ids)
  const grants = store.grants.ofEach(ids)
  return rows.map((row) => {
    const own = facts.get(row.id)
    const seen = (grant: GrantRow) => row.id === to.actor.userId || isSeen(grant, to)
    return User.parse({
      ...row,
      disabled: row.disabled === 1,
      factors: factorsView(own),
      grants: (grants.get(row.id) ?? []).filter(seen).map(grantView),
      createdAt: isoTime(row.createdAt),
      lastSeenAt: own?.lastSeenAt == null ? null : isoTime(own.lastSeenAt),
    })
  })
}

const factorsView = (facts: SignInFacts | undefined): Factors =>
  Factors.parse({ ...facts, password: facts?.hasPassword === 1, totp: facts?.hasTotp === 1 })

/** How a user can sign in now. */
export const factorsOf = (store: Store, { id }: Pick<UserRow, 'id'>): Factors =>
  factorsView(store.users.signInFacts([id]).get(id))

/** Whether somebody may know of the place of a grant: of those elsewhere he does not learn that there is one. */
export function isSeen({ serviceId, environmentId }: Scope, to: Sees): boolean {
  if (serviceId === null) return true
  if (!to.may('services:read', { serviceId })) return false
  return environmentId === null || to.may('environments:read', { serviceId, environmentId })
}

const placeFields = (row: { serviceName: string | null; environmentName: string | null }) => ({
  service: row.serviceName,
  environment: row.environmentName,
})

export const grantView = (row: GrantRow): Grant =>
  Grant.parse({ ...row, ...placeFields(row), createdAt: isoTime(row.createdAt) })

export const roleView = (row: RoleRow): Role =>
  Role.parse({ ...row, createdAt: row.createdAt === null ? null : isoTime(row.createdAt) })

/** `valid`: whether it could be accepted now. */
export const invitationView = (row: InvitationRow, valid: boolean): Invitation =>
  Invitation.parse({
    ...row,
    ...placeFields(row),
    valid,
    createdAt: isoTime(row.createdAt),
    expiresAt: isoTime(row.expiresAt),
  })

export const sessionView = (row: SessionRow, currentId: string): Session =>
  Session.parse({
    ...row,
    current: row.id === currentId,
    createdAt: isoTime(row.createdAt),
    seenAt: isoTime(row.seenAt),
    expiresAt: isoTime(row.expiresAt),
  })

export const passkeyView = (row: PasskeyRow): Passkey =>
  Passkey.parse({
    ...row,
    createdAt: isoTime(row.createdAt),
    lastUsedAt: row.lastUsedAt === null ? null : isoTime(row.lastUsedAt),
  })

export const identityProviderView = (
  { settings, ...row }: ProviderRow,
  more: { hasClientSecret: boolean; redirectUri: string },
): IdentityProvider =>
  IdentityProvider.parse({ ...row, ...settings, ...more, createdAt: isoTime(row.createdAt) })

/** `provider`: the one by which it signs in. */
export const identityView = (row: IdentityRow, provider: ProviderRow | null): Identity =>
  Identity.parse({
    ...row,
    provider,
    createdAt: isoTime(row.createdAt),
    lastUsedAt: row.lastUsedAt === null ? null : isoTime(row.lastUsedAt),
  })

export const apiKeyView = (store: Store, row: ApiKeyRow, to: Reader): ApiKey =>
  ApiKey.parse(apiKeyFields(store, row, to))

export const newApiKeyView = (
  store: Store,
  { row, key }: { row: ApiKeyRow; key: string },
  to: Reader,
): NewApiKey => NewApiKey.parse({ ...apiKeyFields(store, row, to), key })

function apiKeyFields(store: Store, row: ApiKeyRow, to: Reader): object {
  const timeOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms))
  const isOwn = row.userId === to.actor.userId
  return {
    ...row,
    user: { id: row.userId, login: store.users.find(row.userId)?.login ?? '' },
    scopes:
      row.scopes
        ?.filter((scope) => isOwn || isSeen(scope, to))
        .flatMap((scope) => scopeNames(store, scope)) ?? null,
    expiresAt: timeOrNull(row.expiresAt),
    lastUsedAt: timeOrNull(row.lastUsedAt),
    createdAt: isoTime(row.createdAt),
  }
}

/** What has been deleted is no scope any more. */
function scopeNames(store: Store, { serviceId, environmentId }: Scope): object[] {
  const service = store.services.byId(serviceId ?? '')
  const environment = environmentId === null ? null : store.environments.byId(environmentId)
  if (!service || service.deletedAt !== null || environment?.deletedAt) return []
  return [{ service: service.name, environment: environment?.name ?? null }]
}
