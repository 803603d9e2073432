/** What changes of identity providers and identities tell the audit. */
import { type Case, type Changing, PASSWORD, type Stage, withPassword } from './stage.ts'

const providerOf = async ({ issuer }: Stage) => ({
  label: 'Harbour',
  issuer: (await issuer.start()).url,
  clientId: 'fairlead',
  clientSecret: 'told once, by the provider',
  allowPrivateNetwork: true,
})
const made = async (at: Stage): Promise<string> =>
  await at.made('id', '/identity-providers', { json: await providerOf(at) })

export const IDENTITIES = {
  'identity-providers.create': {
    tells: ['identity-provider.created'],
    data: { after: { label: 'Harbour', clientSecret: '•••' } },
    call: async (at) => ({ path: '/identity-providers', given: { json: await providerOf(at) } }),
  },
  'identity-providers.update': {
    tells: ['identity-provider.changed'],
    data: { before: { label: 'Harbour' }, after: { label: 'Quay' }, clientSecretChanged: true },
    call: async (at) => ({
      path: `/identity-providers/${await made(at)}`,
      given: { json: { label: 'Quay', clientSecret: 'another' } },
    }),
  },
  'identity-providers.delete': {
    tells: ['identity-provider.deleted'],
    data: { before: { label: 'Harbour' } },
    call: async (at) => ({ path: `/identity-providers/${await made(at)}` }),
  },
  // Both are told of when the browser comes back.
  'sign-in.begin': {
    tells: [],
    call: async (at) => ({ path: `/session/oidc/${await made(at)}`, given: { json: {} } }),
  },
  'identities.link': {
    tells: [],
    call: async (at) => {
      const { login, headers } = await withPassword(at)
      const json = { password: PASSWORD, provider: await made(at) }
      return { path: '/profile/identities', given: { json, headers }, by: login }
    },
  },
  'identities.delete': {
    tells: ['identity.unlinked'],
    data: { before: { subject: 'ann', label: 'Ann' } },
    call: async (at) => {
      const { id: userId, login, headers } = await withPassword(at)
      const { identities } = at.people.store
      const row = { userId, issuer: 'https://login.example.com', subject: 'ann', label: 'Ann', createdAt: 0 }
      const { id } = identities.add(row)
      return {
        path: `/profile/identities/${id}`,
        given: { json: { password: PASSWORD }, headers },
        by: login,
      }
    },
  },
} satisfies Partial<Record<Changing, Case>>
