/** The browser in which somebody is on the way in: known by a cookie of five minutes, and by nothing else. */
import { randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { RouteName } from '../../contract/routes.ts'
import type { Assertion, Registration } from '../../contract/shapes/passkeys.ts'
import type { Browser } from '../../engine/account/second-factor.ts'
import type { Origin } from '../../engine/account/session.ts'
import { partyOf, type RelyingParty } from '../../engine/account/web-authn.ts'
import type { Api, Call } from '../call.ts'
import { cookieNameOf, cookieOf, setCookie } from '../cookie.ts'
import { API_ROOT } from '../openapi.ts'
import { concerning } from '../refused.ts'

const cookieName = ({ cookie }: Api): string => cookieNameOf(cookie, '-sign-in')

/** Where passkeys are bound to; null where they can't be used. */
export const partyHere = ({ accounts }: Api): RelyingParty | null => partyOf(accounts.baseUrl())

type Asker = Pick<Call<RouteName>, 'request' | 'address'>

/** Where a session is opened from. */
export const originOf = ({ request, address }: Asker): Origin => ({
  address,
  userAgent: request.headers.get('user-agent') ?? '',
})

/** A registration as the library knows it. */
export const registrationOf = ({ response, ...rest }: Registration): RegistrationResponseJSON => {
  const { transports = [], ...signed } = response
  return { ...rest, response: { ...signed, transports }, clientExtensionResults: {} }
}

/** An assertion as the library knows it. */
export const assertionOf = ({ response, ...rest }: Assertion): AuthenticationResponseJSON => {
  const { userHandle, ...signed } = response
  return { ...rest, response: { ...signed, ...(userHandle && { userHandle }) }, clientExtensionResults: {} }
}

/** The holder is empty where no such cookie has come: nothing waits for that. */
export const browserOf = (api: Api, call: Asker): Browser => ({
  ...originOf(call),
  holder: cookieOf(call.request, cookieName(api)) ?? '',
  party: partyHere(api),
})

/** Where a provider sends the browser back to, as it is registered there. */
export const redirectUriOf = ({ accounts }: Api, id: string): string =>
  `${accounts.baseUrl()}${API_ROOT}/session/oidc/${id}/callback`

/** A secret that nobody can have planted, and the header that gives it to the browser. */
export function newHolder(api: Api): { holder: string; headers: Record<string, string> } {
  const holder = randomBytes(32).toString('base64url')
  const maxAgeSeconds = LIMITS.factors.challengeMs / 1_000
  const cookie = setCookie(api.cookie, { name: cookieName(api), value: holder, maxAgeSeconds })
  return { holder, headers: { 'set-cookie': cookie } }
}

/** Somebody who has got half way and fails at the second half may have a password that is not his: a row of the audit. */
export function ofHalfKnown(
  { address }: Asker,
  user: { id: string; login: string } | null,
  thrown: unknown,
): unknown {
  if (user && thrown instanceof Fault && thrown.code === 'unauthenticated')
    concerning(thrown, { kind: 'user', name: user.login, userId: user.id, address })
  return thrown
}
