import { ownPath } from '../../domain/own-path.ts'
import { unlinkIdentity } from '../../engine/account/identities.ts'
import { provenOwner } from '../../engine/account/profile.ts'
import type { IdentityRow } from '../../store/account/identities.ts'
import type { Api, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { newHolder, redirectUriOf } from './browser.ts'
import { oneself } from './profile.ts'
import { identityView } from './views.ts'

export function identityHandlers(api: Api): HandlersOf<'identities'> {
  const { accounts, oidc } = api
  const { identities, identityProviders } = accounts.store
  const view = (row: IdentityRow) => {
    const provider = identityProviders.list().find(({ issuer }) => isSameIssuer(issuer, row.issuer))
    return identityView(row, provider ?? null)
  }
  return {
    'identities.list': (call) => {
      const { user } = oneself(api, call)
      const all = identities.of(user.id).map((row, index) => ({ row, number: index + 1 }))
      const page = pageOf({
        list: `identities ${user.id}`,
        query: call.query,
        rows: ({ limit, after }) => all.slice(after ?? 0, (after ?? 0) + limit),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map(({ row }) => view(row)), next: page.next } }
    },
    'identities.link': async (call) => {
      oneself(api, call)
      const { provider: id, next, password } = await call.json()
      const person = oneself(api, call)
      await provenOwner(accounts, person, password)
      const provider = identityProviders.required(id)
      const { holder, headers } = newHolder(api)
      const journey = { holder, redirectUri: redirectUriOf(api, id) }
      const url = await oidc.begin(provider, journey, {
        kind: 'link',
        next: next === undefined ? '/profile' : ownPath(next),
        userId: person.user.id,
        sessionId: person.session.id,
      })
      return { status: 201, value: { url }, headers }
    },
    'identities.delete': async (call) => {
      oneself(api, call)
      const { password } = await call.json()
      const change = await provenOwner(accounts, oneself(api, call), password)
      return { status: 200, value: view(unlinkIdentity(accounts, change, call.params.id)) }
    },
  }
}

/** Typed with a slash at its end or without one. */
const isSameIssuer = (typed: string, claimed: string): boolean =>
  new URL(typed).href === new URL(claimed).href
