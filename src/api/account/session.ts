import { isoTime } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { RouteName } from '../../contract/routes.ts'
import { AccessToken, type Right, Whoami } from '../../contract/shapes/session.ts'
import { effective, NO_RIGHTS, type Rights } from '../../domain/access.ts'
import { rightsOf } from '../../engine/access.ts'
import { endSession } from '../../engine/account/session.ts'
import { type SignedIn, signIn } from '../../engine/account/sign-in.ts'
import { byLogin } from '../../engine/account/users.ts'
import type { SessionRow } from '../../store/account/sessions.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Api, Call, HandlersOf } from '../call.ts'
import type { Caller } from '../caller.ts'
import { clearCookie, setCookie } from '../cookie.ts'
import { carrying, type JsonReply } from '../reply.ts'
import { newHolder, ofHalfKnown, originOf } from './browser.ts'

export function sessionHandlers(api: Api): HandlersOf<'setup' | 'session'> {
  const { accounts, setUp } = api
  return {
    'setup.show': () => ({ status: 200, value: { open: setUp.isOpen() } }),
    'setup.complete': async (call) =>
      signedInReply(api, await setUp.complete(await call.json(), originOf(call))),
    'session.show': async (call) => ({ status: 200, value: whoami(api, await callerOf(api, call)) }),
    'session.open': async (call) => {
      const { as, ...proof } = await call.json()
      const { holder, headers } = newHolder(api)
      const way = { ...originOf(call), holder: as === 'token' ? null : holder }
      const signedIn = await signIn(accounts, proof, way).catch((thrown: unknown) => {
        const known = ofHalfKnown(call, halfKnown(api, proof, thrown), thrown)
        throw as === 'token' ? known : carrying(headers, known)
      })
      return as === 'token' ? await tokenReply(api, signedIn.session) : signedInReply(api, signedIn)
    },
    'session.end': (call) => {
      if (!call.session)
        throw new Fault('conflict', 'There is no session to end: you have not signed in.', {
          hint: 'To end an API key, delete it.',
        })
      endSession(accounts, call.session, call.actor)
      return {
        status: 200,
        value: whoami(api, null),
        headers: { 'set-cookie': clearCookie(api.cookie, api.cookieName) },
      }
    },
    'session.token': async (call) => await tokenReply(api, requireSession(call)),
  }
}

/** Whose password was right, when the code that came with it was not. */
function halfKnown(
  { accounts }: Api,
  {
    login,
    totp,
    recoveryCode,
  }: { login: string; totp?: string | undefined; recoveryCode?: string | undefined },
  thrown: unknown,
): UserRow | null {
  const isHalfWay = thrown instanceof Fault && thrown.extra['factors'] !== undefined
  const hasCode = (totp ?? recoveryCode) !== undefined
  return isHalfWay && hasCode ? (byLogin(accounts.store, login)[0] ?? null) : null
}

/** Throws `forbidden` for those who have not signed in themselves. */
export function requireSession({ session }: { session: SessionRow | null }): SessionRow {
  if (session) return session
  throw new Fault('forbidden', 'This takes a person who has signed in; an API key is not enough.', {
    hint: 'Do it on the page.',
  })
}

/** The header that gives a browser its session. */
export const sessionCookie = (api: Api, token: string): Record<string, string> => ({
  'set-cookie': setCookie(api.cookie, {
    name: api.cookieName,
    value: token,
    maxAgeSeconds: LIMITS.account.sessionMs / 1000,
  }),
})

/** Sets the cookie of a new session and tells who has come in. */
export function signedInReply(api: Api, { user, session, token }: SignedIn): JsonReply<Whoami> {
  const { store } = api.engine.world
  const actor = { kind: 'user', name: user.login, userId: user.id } as const
  return {
    status: 201,
    value: whoami(api, { actor, session, rights: () => rightsOf(store, actor, api.clock.now()) }),
    headers: sessionCookie(api, token),
  }
}

async function tokenReply(api: Api, session: SessionRow): Promise<JsonReply<AccessToken>> {
  const { accessToken, expiresAt } = await api.tokens.issue({ userId: session.userId, sessionId: session.id })
  const value = AccessToken.parse({ accessToken, tokenType: 'Bearer', expiresAt: isoTime(expiresAt) })
  return { status: 201, value }
}

/** Whoever it is; credentials that no longer hold are nobody's. */
export async function callerOf(
  { callers }: Api,
  call: Pick<Call<RouteName>, 'request' | 'address'>,
): Promise<Caller | null> {
  try {
    return await callers.of(call.request, call.address)
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unauthenticated') return null
    throw thrown
  }
}

function whoami(api: Api, caller: Pick<Caller, 'actor' | 'session' | 'rights'> | null): Whoami {
  const { store } = api.engine.world
  const { actor, session } = caller ?? { actor: null, session: null }
  const user = actor?.userId === undefined ? null : store.users.find(actor.userId)
  return Whoami.parse({
    kind: actor?.kind ?? null,
    user,
    session: session && { id: session.id, expiresAt: isoTime(session.expiresAt) },
    rights: rightsShown(caller?.rights() ?? NO_RIGHTS),
    setupOpen: api.setUp.isOpen(),
    insecure: api.isInsecure,
  })
}

export const rightsShown = (rights: Rights): Right[] =>
  effective(rights).map(({ permissions, scope }) => ({ ...scope, permissions: [...permissions] }))
