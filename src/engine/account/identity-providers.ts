/** The OpenID providers that people may sign in with: settings of the instance. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { EVERYWHERE } from '../../domain/access.ts'
import { canonicalEmail, requireDisplayName } from '../../domain/account/login.ts'
import type { ProviderRow, ProviderSettings } from '../../store/account/identity-providers.ts'
import { type Authority, requireHeld, rightsAt } from './authority.ts'
import type { FactorWorld } from './factors.ts'
import { type Oidc, secretPlace } from './oidc.ts'

export interface NewProvider {
  label: string
  issuer: string
  clientId: string
  clientSecret: string
  settings: ProviderSettings
}

export type ProviderWish = {
  [Key in Exclude<keyof NewProvider, 'settings'>]?: NewProvider[Key] | undefined
} & {
  settings: { [Key in keyof ProviderSettings]?: ProviderSettings[Key] | undefined }
}

interface ProviderWorld extends FactorWorld {
  oidc: Oidc
}

const shownOf = ({ label, issuer, clientId, settings }: Omit<ProviderRow, 'clientSecret'>) => ({
  label,
  issuer,
  clientId,
  clientSecret: '•••',
  ...settings,
})

/**
 * The provider is asked for its metadata before it is kept: what can't work is refused by its reason. Throws `invalid`,
 * `conflict`, `not_found` for the role, `forbidden`.
 */
export async function createProvider(
  world: ProviderWorld,
  by: Authority,
  given: NewProvider,
): Promise<ProviderRow> {
  const { store, clock, seal } = world
  const wished = canonical(given)
  requireRoom(world)
  requireGivableRole(world, by, wished.settings)
  await requireWorking(world, wished)
  return store.tx(() => {
    by.requireStill()
    requireRoom(world)
    requireGivableRole(world, by, wished.settings)
    const sealed = (id: string) => seal.seal(given.clientSecret, secretPlace(id))
    const row = store.identityProviders.create(wished, sealed, clock.now())
    store.events.append({
      at: clock.now(),
      kind: 'identity-provider.created',
      actor: by.actor,
      data: { provider: row.id, after: shownOf(row) },
    })
    return row
  })
}

/** Another issuer is another world: whoever was linked there stays linked to it. Throws as `createProvider` does. */
export async function changeProvider(
  world: ProviderWorld,
  by: Authority,
  { row, wish }: { row: ProviderRow; wish: ProviderWish },
): Promise<ProviderRow> {
  const { store, clock, seal } = world
  const { clientSecret: secret } = wish
  const wished = canonical(merged(row, wish))
  const isElsewhere = wished.issuer !== row.issuer
  if (isElsewhere && secret === undefined)
    throw new Fault('invalid', 'A new issuer needs its client secret: the one kept was made for another.', {
      hint: 'Send clientSecret too.',
      errors: [{ field: 'clientSecret', message: 'is missing' }],
    })
  requireGivableRole(world, by, wished.settings)
  const { allowPrivateNetwork } = wished.settings
  if (isElsewhere || allowPrivateNetwork !== row.settings.allowPrivateNetwork)
    await requireWorking(world, wished)
  return store.tx(() => {
    by.requireStill()
    requireUnchanged(world, row)
    requireGivableRole(world, by, wished.settings)
    const clientSecret = secret === undefined ? row.clientSecret : seal.seal(secret, secretPlace(row.id))
    store.identityProviders.change(row, { ...wished, clientSecret })
    const after = store.identityProviders.required(row.id)
    store.events.append({
      at: clock.now(),
      kind: 'identity-provider.changed',
      actor: by.actor,
      data: {
        provider: row.id,
        before: shownOf(row),
        after: shownOf(after),
        ...(secret !== undefined && { clientSecretChanged: true }),
      },
    })
    return after
  })
}

/** Nobody can sign in with it any more; links to its issuer stay, for the day on which it is set up again. */
export function deleteProvider(world: FactorWorld, by: Authority, row: ProviderRow): void {
  const { store, clock } = world
  store.tx(() => {
    by.requireStill()
    store.identityProviders.remove(row.id)
    store.events.append({
      at: clock.now(),
      kind: 'identity-provider.deleted',
      actor: by.actor,
      data: { provider: row.id, before: shownOf(row) },
    })
  })
}

type Kept = Omit<NewProvider, 'clientSecret'>

function merged(row: ProviderRow, wish: ProviderWish): Kept {
  const { label = row.label, issuer = row.issuer, clientId = row.clientId } = wish
  const {
    allowPrivateNetwork = row.settings.allowPrivateNetwork,
    createUsers = row.settings.createUsers,
    defaultRole = row.settings.defaultRole,
    emailDomains = row.settings.emailDomains,
  } = wish.settings
  return {
    label,
    issuer,
    clientId,
    settings: { allowPrivateNetwork, createUsers, defaultRole, emailDomains },
  }
}

/** Throws `invalid`. */
function canonical({ label, issuer, clientId, settings }: Kept): Kept {
  const emailDomains = settings.emailDomains.map((domain, index) => {
    const address = canonicalEmail(`somebody@${domain}`)
    if (address === null) throw wrong(`emailDomains.${index}`, 'is no domain of e-mail addresses')
    return address.slice(address.indexOf('@') + 1)
  })
  return {
    label: requireDisplayName(label, 'label'),
    issuer: requireIssuer(issuer),
    clientId,
    settings: { ...settings, emailDomains },
  }
}

/** OpenID Connect Discovery §3: an address without a query or a fragment. */
function requireIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOne =
    url && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}${url.password}` === ''
  if (isOne) return text
  throw wrong('issuer', 'is no https: address without a query')
}

const wrong = (field: string, message: string): Fault =>
  new Fault('invalid', 'The identity provider can not be set up so.', {
    hint: 'The documentation of the provider tells its issuer, and gives a client id and a client secret.',
    errors: [{ field, message }],
  })

/** Throws `invalid`, in the words of what went wrong, unless the issuer answers with metadata that can be used. */
async function requireWorking({ oidc }: ProviderWorld, wished: Kept): Promise<void> {
  try {
    await oidc.probe(wished)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    throw new Fault('invalid', thrown.message, {
      hint: thrown.hint ?? 'Check the issuer.',
      errors: [{ field: 'issuer', message: 'does not work' }],
      cause: thrown,
    })
  }
}

/** Throws `conflict`. */
function requireUnchanged({ store }: FactorWorld, { id, revision }: ProviderRow): void {
  if (store.identityProviders.required(id).revision === revision) return
  throw new Fault('conflict', 'The identity provider was changed meanwhile.', {
    hint: 'Look at it, and try again.',
  })
}

function requireRoom({ store }: FactorWorld): void {
  if (store.identityProviders.list().length < LIMITS.identityProvider.providers) return
  throw new Fault('conflict', `There are ${LIMITS.identityProvider.providers} identity providers already.`, {
    hint: 'Delete one that is no longer used.',
  })
}

/** Nobody gives a role away, to people who are still to come, that holds more than he may himself (Z09). */
function requireGivableRole({ store }: FactorWorld, by: Authority, { defaultRole }: ProviderSettings): void {
  if (defaultRole === null) return
  const { name: role } = store.roles.required(defaultRole)
  requireHeld(by, rightsAt(store, { role, scope: EVERYWHERE }), `give the role "${role}"`)
}
