/** What can go wrong with an OpenID provider, in words for the person who waits; the rest is for the log. */
import { Fault } from '../../base/fault.ts'

interface Named {
  label: string
}

const BROKEN: Record<string, string> = {
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'it answers with an error',
  OAUTH_RESPONSE_IS_NOT_JSON: 'what answers there is no OpenID provider',
  OAUTH_PARSE_ERROR: 'what answers there is no OpenID provider',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'its metadata names another issuer',
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'it wants to be asked by plain HTTP',
  OAUTH_TIMEOUT: 'it does not answer in time',
}

const UNTRUE: Record<string, string> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'its token is not valid now: one of the two clocks is off',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'its token was not made for this sign-in',
  OAUTH_KEY_SELECTION_FAILED: 'its token is signed with a key that it does not publish',
  OAUTH_INVALID_RESPONSE: 'its token or its answer does not hold',
  OAUTH_UNSUPPORTED_OPERATION: 'its token is signed in a way that is not accepted',
}

/** Any failure of a talk with a provider. Where its own servers stand is no stranger's business. */
export function providerFault({ label }: Named, thrown: unknown): Fault {
  const inner = faultBelow(thrown)
  if (inner) return inner === thrown ? inner : down(label, 'it can not be reached', thrown)
  const { code, error } = memberTexts(thrown)
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') return refused(label, error, thrown)
  if (code === 'OAUTH_RESPONSE_BODY_ERROR') return ofTokenEndpoint(label, error, thrown)
  if (code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return ofTokenEndpoint(label, 'invalid_client', thrown)
  const untrue = UNTRUE[code]
  if (untrue !== undefined) return notWhatItClaims({ label }, untrue, thrown)
  return down(label, BROKEN[code] ?? 'what it answers is not understood', thrown)
}

/** Of the library's errors: what failed, and the `error` of OAuth that the provider has answered. */
function memberTexts(thrown: unknown): { code: string; error: string } {
  if (!(thrown instanceof Error)) return { code: '', error: '' }
  const text = (name: 'code' | 'error') =>
    name in thrown ? String(Object.getOwnPropertyDescriptor(thrown, name)?.value ?? '') : ''
  return { code: text('code'), error: text('error') }
}

/** The provider's answer doesn't hold. */
export const notWhatItClaims = ({ label }: Named, why: string, cause?: unknown): Fault =>
  new Fault('unauthenticated', `The answer of "${label}" was not accepted: ${why}.`, {
    hint: 'Begin anew. If it stays so, tell whoever looks after this Fairlead.',
    cause,
  })

const down = (label: string, why: string, cause: unknown): Fault =>
  new Fault('unavailable', `"${label}" can not be used now: ${why}.`, {
    hint: 'Sign in another way, or try again later. The log of the server has the details.',
    cause,
  })

/** The person came back with an error instead of a code (RFC 6749 §4.1.2.1). */
function refused(label: string, error: string, cause: unknown): Fault {
  if (error === 'access_denied')
    return new Fault('forbidden', `The sign-in was cancelled or refused at "${label}".`, {
      hint: 'Begin anew, or sign in another way.',
      cause,
    })
  return down(label, 'it refuses the request of this Fairlead', cause)
}

/** RFC 6749 §5.2. */
function ofTokenEndpoint(label: string, error: string, cause: unknown): Fault {
  if (error === 'invalid_grant')
    return new Fault('unauthenticated', `"${label}" does not know the code of this sign-in any more.`, {
      hint: 'It works once and for a short time. Begin anew on the sign-in page.',
      cause,
    })
  if (error === 'invalid_client' || error === 'unauthorized_client')
    return down(label, 'it does not accept the client id or the client secret of this Fairlead', cause)
  return down(label, 'it refuses the request of this Fairlead', cause)
}

/** A Fault that the library has wrapped, such as those of the way out. */
export function faultBelow(thrown: unknown): Fault | null {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (error instanceof Fault) return error
  return null
}
