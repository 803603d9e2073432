import { problemOf } from '../../contract/problem.ts'
import { RequestOptions } from '../../contract/shapes/passkeys.ts'
import { PendingSignIn } from '../../contract/shapes/sign-in.ts'
import { ownPath } from '../../domain/own-path.ts'
import { askForAssertion } from '../../engine/account/passkey-assertion.ts'
import { askForSecondPasskey, goTheSecondHalf, halfWay } from '../../engine/account/second-factor.ts'
import { signInByPasskey } from '../../engine/account/sign-in.ts'
import { problemLeft } from '../../engine/account/sign-in-problem.ts'
import { requireParty } from '../../engine/account/web-authn.ts'
import type { Api, HandlersOf } from '../call.ts'
import { assertionOf, browserOf, newHolder, ofHalfKnown, partyHere, redirectUriOf } from './browser.ts'
import { comeBack } from './callback.ts'
import { signedInReply } from './session.ts'

export function signInHandlers(api: Api): HandlersOf<'sign-in'> {
  const { accounts } = api
  const { store } = accounts
  return {
    'sign-in.show': (call) => {
      const { holder } = browserOf(api, call)
      const waiting = halfWay(accounts, holder)
      const problem = problemLeft(accounts, holder)
      const value = PendingSignIn.parse({
        login: waiting?.user.login ?? null,
        factors: waiting?.factors ?? [],
        next: waiting?.half.next ?? '/',
        problem: problem && problemOf(problem),
      })
      return { status: 200, value }
    },
    'sign-in.second-factor': async (call) => {
      const { passkey, ...codes } = await call.json()
      const proof = { ...codes, ...(passkey && { passkey: assertionOf(passkey) }) }
      const browser = browserOf(api, call)
      const user = halfWay(accounts, browser.holder)?.user ?? null
      const signedIn = await goTheSecondHalf(accounts, browser, proof).catch((thrown: unknown) => {
        throw ofHalfKnown(call, user, thrown)
      })
      return signedInReply(api, signedIn)
    },
    'sign-in.second-factor-options': async (call) => {
      const options = await askForSecondPasskey(accounts, browserOf(api, call))
      return { status: 200, value: RequestOptions.parse(options) }
    },
    'sign-in.passkey-options': async () => {
      const party = requireParty(partyHere(api))
      const { holder, headers } = newHolder(api)
      const options = await askForAssertion(accounts, { party, holder }, null)
      return { status: 200, value: RequestOptions.parse(options), headers }
    },
    'sign-in.passkey': async (call) => {
      const { response } = await call.json()
      const browser = browserOf(api, call)
      return signedInReply(api, await signInByPasskey(accounts, browser, assertionOf(response)))
    },
    'sign-in.providers': () => {
      const items = store.identityProviders.list().map(({ id, label }) => ({ id, label }))
      return { status: 200, value: { items } }
    },
    'sign-in.begin': async (call) => {
      const { next } = await call.json()
      const provider = store.identityProviders.required(call.params.id)
      const { holder, headers } = newHolder(api)
      const journey = { holder, redirectUri: redirectUriOf(api, provider.id) }
      const url = await api.oidc.begin(provider, journey, { kind: 'sign-in', next: ownPath(next) })
      return { status: 201, value: { url }, headers }
    },
    'sign-in.callback': (call) => comeBack(api, call),
  }
}
