import * as contract from '../../contract/shapes/passkeys.ts'
import { addPasskey, askForPasskey, removePasskey, renamePasskey } from '../../engine/account/passkeys.ts'
import { provenOwner } from '../../engine/account/profile.ts'
import { requireParty } from '../../engine/account/web-authn.ts'
import type { Api, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { partyHere, registrationOf } from './browser.ts'
import { oneself } from './profile.ts'
import { factorsOf, passkeyView } from './views.ts'

export function passkeyHandlers(api: Api): HandlersOf<'passkeys'> {
  const { accounts } = api
  const { store } = accounts
  return {
    'passkeys.list': (call) => {
      const { user } = oneself(api, call)
      const all = store.passkeys.of(user.id).map((row, index) => ({ row, number: index + 1 }))
      const page = pageOf({
        list: `passkeys ${user.id}`,
        query: call.query,
        rows: ({ limit, after }) => all.slice(after ?? 0, (after ?? 0) + limit),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map(({ row }) => passkeyView(row)), next: page.next } }
    },
    'passkeys.options': async (call) => {
      const party = requireParty(partyHere(api))
      oneself(api, call)
      const { password } = await call.json()
      const person = oneself(api, call)
      await provenOwner(accounts, person, password)
      const options = await askForPasskey(accounts, person.user, { party, holder: person.session.id })
      return { status: 200, value: contract.CreationOptions.parse(options) }
    },
    'passkeys.create': async (call) => {
      const party = requireParty(partyHere(api))
      oneself(api, call)
      const { name, response } = await call.json()
      call.requireStill()
      const { user, actor, session } = oneself(api, call)
      const answer = { party, holder: session.id, name, response: registrationOf(response) }
      const change = { user, actor, sessionId: session.id }
      const { passkey, recoveryCodes } = await addPasskey(accounts, change, answer)
      const value = { passkey: passkeyView(passkey), factors: factorsOf(store, user), recoveryCodes }
      return { status: 201, value }
    },
    'passkeys.update': async (call) => {
      oneself(api, call)
      const { name } = await call.json()
      call.requireStill()
      const row = renamePasskey(accounts, oneself(api, call), { id: call.params.id, name })
      return { status: 200, value: passkeyView(row) }
    },
    'passkeys.delete': async (call) => {
      oneself(api, call)
      const { password } = await call.json()
      const change = await provenOwner(accounts, oneself(api, call), password)
      return { status: 200, value: passkeyView(removePasskey(accounts, change, call.params.id)) }
    },
  }
}
