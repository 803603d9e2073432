/** Accounts of people elsewhere: linked by issuer and subject only. An e-mail address proves nothing here. */
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { EVERYWHERE } from '../../domain/access.ts'
import { canonicalDisplayName, canonicalEmail } from '../../domain/account/login.ts'
import type { IdentityRow } from '../../store/account/identities.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import type { UserRow } from '../../store/account/users.ts'
import { type FactorChange, type FactorWorld, noteChange, requireWayIn } from './factors.ts'
import type { Claims } from './oidc.ts'

const LABEL_CHARS = 100

/** How a person knows it again in a list. */
const labelOf = ({ email, name, subject }: Claims): string => shown(email ?? name ?? subject, LABEL_CHARS)

/**
 * The user that an identity belongs to; made now if the provider's settings say so. Throws `forbidden` with what to do
 * when nobody has linked it.
 */
export function userByIdentity(
  world: Pick<FactorWorld, 'store' | 'clock'>,
  provider: ProviderRow,
  given: { claims: Claims; address: string },
): UserRow {
  const { store, clock } = world
  const { issuer, subject } = given.claims
  return store.tx(() => {
    const identity = store.identities.at(issuer, subject)
    const user = identity ? store.users.find(identity.userId) : createUser(world, provider, given)
    if (!user || user.disabled === 1)
      throw new Fault('forbidden', 'The account of this identity may not sign in.', {
        hint: 'Ask somebody who looks after users here.',
      })
    if (identity) store.identities.used(identity.id, clock.now())
    return user
  })
}

function createUser(
  { store, clock }: Pick<FactorWorld, 'store' | 'clock'>,
  provider: ProviderRow,
  { claims, address }: { claims: Claims; address: string },
): UserRow {
  const login = loginOfNew(provider, claims)
  if (store.users.named(login))
    throw unlinked(
      provider,
      claims,
      `An account "${login}" exists; sign in to it and link this identity there.`,
    )
  const now = clock.now()
  const name = canonicalDisplayName(claims.name ?? '') ?? login.slice(0, login.indexOf('@'))
  const user = store.users.create({ kind: 'person', login, name, passwordHash: null, now })
  const { defaultRole } = provider.settings
  const role = defaultRole === null ? null : (store.roles.find(defaultRole)?.name ?? null)
  if (role !== null) store.grants.add(user.id, { role, scope: EVERYWHERE, now })
  const { issuer, subject } = claims
  store.identities.add({ userId: user.id, issuer, subject, label: labelOf(claims), createdAt: now })
  store.events.append({
    at: now,
    kind: 'user.created',
    actor: { kind: 'user', name: login, userId: user.id, address },
    data: { user: user.id, after: { login, name, role }, by: `identity provider ${provider.label}` },
  })
  return user
}

/** Throws `forbidden` unless the provider vouches for an address that may get an account. */
function loginOfNew(provider: ProviderRow, claims: Claims): string {
  const { createUsers, emailDomains } = provider.settings
  if (!createUsers)
    throw unlinked(
      provider,
      claims,
      'Sign in with your password and link it on your profile, or ask for an invitation.',
    )
  const login = claims.emailVerified ? canonicalEmail(claims.email ?? '') : null
  if (login === null)
    throw unlinked(
      provider,
      claims,
      'It has no verified e-mail address to make an account of: ask for an invitation.',
    )
  const domain = login.slice(login.lastIndexOf('@') + 1)
  if (emailDomains.length > 0 && !emailDomains.includes(domain))
    throw unlinked(
      provider,
      claims,
      `Addresses of ${domain} get no account by themselves: ask for an invitation.`,
    )
  return login
}

const unlinked = (provider: ProviderRow, claims: Claims, hint: string): Fault =>
  new Fault('forbidden', `Nobody here has linked "${labelOf(claims)}" of "${provider.label}".`, { hint })

/** Links who somebody is elsewhere to who he is here. Throws `conflict`. */
export function linkIdentity(world: FactorWorld, change: FactorChange, claims: Claims): IdentityRow {
  const { store, clock } = world
  const { user } = change
  const { issuer, subject } = claims
  return store.tx(() => {
    if (store.identities.of(user.id).length >= LIMITS.factors.identities)
      throw new Fault(
        'conflict',
        `You have linked ${LIMITS.factors.identities} identities, and more are not kept.`,
        {
          hint: 'Unlink one that you no longer use.',
        },
      )
    const label = labelOf(claims)
    const row = store.identities.add({ userId: user.id, issuer, subject, label, createdAt: clock.now() })
    noteChange(world, change, { kind: 'identity.linked', after: { issuer, subject, label } })
    return row
  })
}

/** Throws `not_found`, and `conflict` for the last way of signing in. */
export function unlinkIdentity(world: FactorWorld, change: FactorChange, id: string): IdentityRow {
  const { store } = world
  const { user } = change
  return store.tx(() => {
    const row = requireIdentity(world, user.id, id)
    const { issuer, subject, label } = row
    store.identities.remove(id)
    requireWayIn(store, user.id)
    noteChange(world, change, { kind: 'identity.unlinked', before: { issuer, subject, label } })
    return row
  })
}

/** Throws `not_found`. */
function requireIdentity({ store }: Pick<FactorWorld, 'store'>, userId: string, id: string): IdentityRow {
  const row = store.identities.find(userId, id)
  if (!row)
    throw new Fault('not_found', 'You have linked no such identity.', {
      hint: 'List your identities to see their ids.',
    })
  return row
}
