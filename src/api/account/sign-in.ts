import { RequestOptions } from '../../contract/shapes/passkeys.ts'
import { PendingSignIn } from '../../contract/shapes/sign-in.ts'
import { askForAssertion } from '../../engine/account/passkey-assertion.ts'
import { askForSecondPasskey, goTheSecondHalf, halfWay } from '../../engine/account/second-factor.ts'
import { signInByPasskey } from '../../engine/account/sign-in.ts'
import { requireParty } from '../../engine/account/web-authn.ts'
import type { Api, HandlersOf } from '../call.ts'
import { assertionOf, browserOf, newHolder, partyHere } from './browser.ts'
import { signedInReply } from './session.ts'

export function signInHandlers(api: Api): HandlersOf<'sign-in'> {
  const { accounts } = api
  return {
    'sign-in.show': (call) => {
      const waiting = halfWay(accounts, browserOf(api, call).holder)
      const value = PendingSignIn.parse({
        login: waiting?.user.login ?? null,
        factors: waiting?.factors ?? [],
        next: waiting?.half.next ?? '/',
      })
      return { status: 200, value }
    },
    'sign-in.second-factor': async (call) => {
      const { passkey, ...codes } = await call.json()
      const proof = { ...codes, ...(passkey && { passkey: assertionOf(passkey) }) }
      return signedInReply(api, await goTheSecondHalf(accounts, browserOf(api, call), proof))
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
  }
}
