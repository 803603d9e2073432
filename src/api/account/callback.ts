/** The way back from an identity provider: a page for a person, who is led on whatever has happened. */
import { sourceOf } from '../../base/addresses.ts'
import { Fault } from '../../base/fault.ts'
import { linkIdentity } from '../../engine/account/identities.ts'
import type { Claims, Purpose } from '../../engine/account/oidc.ts'
import { signInByIdentity } from '../../engine/account/sign-in.ts'
import { leaveProblem } from '../../engine/account/sign-in-problem.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import type { Api, Call } from '../call.ts'
import { jsonResponse } from '../reply.ts'
import { browserOf, newHolder, originOf, redirectUriOf } from './browser.ts'
import { callerOf, sessionCookie } from './session.ts'

type Arrival = Call<'sign-in.callback'>

export async function comeBack(api: Api, call: Arrival): Promise<Response> {
  const provider = api.accounts.store.identityProviders.required(call.params.id)
  const { holder } = browserOf(api, call)
  const journey = { holder, redirectUri: redirectUriOf(api, provider.id) }
  let path = null
  try {
    const query = new URL(call.request.url).searchParams
    const { purpose, claims } = api.oidc.comeBack(provider, journey, query)
    path = purpose.next
    const headers = await settled(api, call, { provider, purpose, claims: await claims() })
    return ledTo(call, path, headers)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    path ??= (await callerOf(api, call))?.session ? '/profile' : '/'
    return ledTo(call, `${path.replace(/#.*/, '')}#problem`, failed(api, call, thrown))
  }
}

interface Settled {
  provider: ProviderRow
  purpose: Purpose
  claims: Claims
}

/** The headers of who is in, or half way; none when an identity was linked. */
async function settled(
  api: Api,
  call: Arrival,
  { provider, purpose, claims }: Settled,
): Promise<Record<string, string>> {
  if (purpose.kind === 'link') {
    await link(api, call, { purpose, claims })
    return {}
  }
  const { holder, headers } = newHolder(api)
  const origin = { ...originOf(call), holder }
  const signedIn = signInByIdentity(api.accounts, provider, { claims, origin, next: purpose.next })
  return signedIn ? sessionCookie(api, signedIn.token) : headers
}

/** Throws `forbidden` unless the session that has begun it is still the one of this browser. */
async function link(
  api: Api,
  call: Arrival,
  { purpose, claims }: { purpose: Extract<Purpose, { kind: 'link' }>; claims: Claims },
): Promise<void> {
  const caller = await callerOf(api, call)
  const user = api.accounts.store.users.find(purpose.userId)
  if (!user || !caller?.isStill() || caller.session?.id !== purpose.sessionId)
    throw new Fault('forbidden', 'Somebody else is signed in here by now, or nobody: nothing was linked.', {
      hint: 'Sign in, and link the identity in your profile.',
    })
  linkIdentity(api.accounts, { user, actor: caller.actor, sessionId: purpose.sessionId }, claims)
}

/** Leaves word for the page, and for the log and the audit what a problem would have told them. */
function failed(api: Api, call: Arrival, fault: Fault): Record<string, string> {
  if (fault.code === 'unavailable') api.log.write('warn', fault.message, { fault })
  else api.refusals.ofStranger(sourceOf(call.address))
  const { holder, headers } = newHolder(api)
  leaveProblem(api.accounts, holder, fault)
  return headers
}

/** Browsers do not ask for JSON when somebody opens an address. */
function ledTo({ request }: Arrival, path: string, headers: Record<string, string>): Response {
  if (/\bapplication\/json\b/.test(request.headers.get('accept') ?? ''))
    return jsonResponse(request, { status: 200, value: { url: path }, headers })
  return new Response(null, { status: 303, headers: { location: path, ...headers } })
}
