import type { IdentityProvider } from '../../contract/shapes/identities.ts'
import { changeProvider, createProvider, deleteProvider } from '../../engine/account/identity-providers.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import type { Api, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { API_ROOT } from '../openapi.ts'
import { requireMatch } from '../precondition.ts'
import type { JsonReply } from '../reply.ts'
import { redirectUriOf } from './browser.ts'
import { identityProviderView } from './views.ts'

export function identityProviderHandlers(api: Api): HandlersOf<'identity-providers'> {
  const { accounts, oidc } = api
  const { identityProviders } = accounts.store
  const world = { ...accounts, oidc }
  const view = (row: ProviderRow): IdentityProvider => {
    const hasClientSecret = row.clientSecret !== null && accounts.seal.canOpen(row.clientSecret)
    return identityProviderView(row, { hasClientSecret, redirectUri: redirectUriOf(api, row.id) })
  }
  const reply = (row: ProviderRow, status = 200): JsonReply<IdentityProvider> => ({
    status,
    value: view(row),
    revision: row.revision,
    location: `${API_ROOT}/identity-providers/${row.id}`,
  })
  return {
    'identity-providers.list': (call) => {
      const page = pageOf({
        list: 'identity-providers',
        query: call.query,
        rows: ({ limit, after }) =>
          identityProviders
            .list()
            .filter(({ number }) => number > (after ?? 0))
            .slice(0, limit),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map(view), next: page.next } }
    },
    'identity-providers.create': async (call) => {
      const { label, issuer, clientId, clientSecret, ...settings } = await call.json()
      const given = { label, issuer, clientId, clientSecret, settings }
      return reply(await createProvider(world, call, given), 201)
    },
    'identity-providers.show': (call) => reply(identityProviders.required(call.params.id)),
    'identity-providers.update': async (call) => {
      const { label, issuer, clientId, clientSecret, ...settings } = await call.json()
      const row = identityProviders.required(call.params.id)
      requireMatch(call.request, view(row))
      const wish = { label, issuer, clientId, clientSecret, settings }
      return reply(await changeProvider(world, call, { row, wish }))
    },
    'identity-providers.delete': (call) => {
      const row = identityProviders.required(call.params.id)
      const was = reply(row)
      requireMatch(call.request, was.value)
      deleteProvider(accounts, call, row)
      return was
    },
  }
}
