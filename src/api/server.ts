/** The one handler of everything on `--listen`: the API, the page, the reference, health and metrics. */

import { type Block, clientAddress } from '../base/addresses.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Assets, Connection } from '../base/platform.ts'
import { may } from '../domain/access.ts'
import type { HttpsMode } from '../domain/https.ts'
import type { AccessTokens } from '../engine/account/access-token.ts'
import type { Oidc } from '../engine/account/oidc.ts'
import type { SetUp } from '../engine/account/set-up.ts'
import type { AccountWorld } from '../engine/account/sign-in.ts'
import type { Engine } from '../engine/engine.ts'
import { Refusals } from '../engine/refusals.ts'
import { AccessWatch } from './access-watch.ts'
import { apiKeyHandlers } from './account/api-keys.ts'
import { factorHandlers } from './account/factors.ts'
import { identityHandlers } from './account/identities.ts'
import { identityProviderHandlers } from './account/identity-providers.ts'
import { invitationHandlers } from './account/invitations.ts'
import { passkeyHandlers } from './account/passkeys.ts'
import { profileHandlers } from './account/profile.ts'
import { roleHandlers } from './account/roles.ts'
import { sessionHandlers } from './account/session.ts'
import { signInHandlers } from './account/sign-in.ts'
import { grantHandlers, passwordResetHandlers, userHandlers } from './account/users.ts'
import { auditHandlers } from './audit.ts'
import { bundleHandlers } from './bundles.ts'
import type { Api, DnsKind, Handlers } from './call.ts'
import { Callers, notSignedIn } from './caller.ts'
import { certificateHandlers } from './certificates.ts'
import { cookieNameOf } from './cookie.ts'
import { deploymentHandlers } from './deployments.ts'
import { type Dispatch, dispatch, otherMethod, unknownAddress } from './dispatch.ts'
import { dnsProviderHandlers } from './dns-providers.ts'
import { driftHandlers } from './drift.ts'
import { environmentHandlers } from './environments.ts'
import { eventHandlers } from './events.ts'
import { lacking } from './gate.ts'
import { Guard, type GuardOptions } from './guard.ts'
import { type ApiLimits, Limiter } from './limiter.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import { API_ROOT, openApi } from './openapi.ts'
import { operationHandlers } from './operations.ts'
import { PageFiles } from './page.ts'
import { referenceAnswer } from './reference.ts'
import { concerning, noteRefusal, type Refused } from './refused.ts'
import { jsonResponse, problemResponse, secured, textResponse } from './reply.ts'
import { serviceHandlers } from './services.ts'
import { settingHandlers } from './settings.ts'
import { urlHandlers } from './urls.ts'

export interface ApiOptions extends GuardOptions {
  /** Their word for where a request comes from is believed. */
  trustedProxies: readonly Block[]
  engine: Engine
  /** `page/…` and `docs/…`. */
  assets: Assets
  version: string
  /** DATA/staging */
  staging: string
  clock: Clock
  log: Log
  tokens: AccessTokens
  accounts: AccountWorld
  oidc: Oidc
  setUp: SetUp
  /** Whether other machines reach the page without HTTPS. */
  isInsecure: boolean
  limits: ApiLimits
  dnsKinds: readonly DnsKind[]
  /** Throws `conflict` where a host name of its own would let passwords and keys travel without HTTPS. */
  requireSafeSelf(https: { mode: HttpsMode; redirect: boolean }): void
  /** Fires when the server is to stop: event streams and waits end, so that it can. */
  stopping: AbortSignal
}

export const handlersOf = (api: Api): Handlers => ({
  ...serviceHandlers(api),
  ...environmentHandlers(api),
  ...deploymentHandlers(api),
  ...urlHandlers(api),
  ...bundleHandlers(api),
  ...operationHandlers(api),
  ...eventHandlers(api),
  ...sessionHandlers(api),
  ...apiKeyHandlers(api),
  ...auditHandlers(api),
  ...profileHandlers(api),
  ...factorHandlers(api),
  ...passkeyHandlers(api),
  ...signInHandlers(api),
  ...identityHandlers(api),
  ...identityProviderHandlers(api),
  ...userHandlers(api),
  ...grantHandlers(api),
  ...passwordResetHandlers(api),
  ...invitationHandlers(api),
  ...roleHandlers(api),
  ...settingHandlers(api),
  ...dnsProviderHandlers(api),
  ...certificateHandlers(api),
  ...driftHandlers(api),
})

/** What `serve` of base/platform calls for each request. Never rejects. */
export function apiHandler(options: ApiOptions): Dispatch {
  const cookie = { secure: options.url?.protocol === 'https:' }
  const cookieName = cookieNameOf(cookie)
  const callers = new Callers({ ...options, cookieName })
  const refusals = new Refusals(options.engine.world)
  options.stopping.addEventListener('abort', () => refusals.flush(), { once: true })
  const api: Api = {
    ...options,
    callers,
    refusals,
    cookie,
    cookieName,
    accessWatch: new AccessWatch(options.engine.world),
    limiter: new Limiter(options.limits, options.clock),
  }
  const files = new PageFiles(options.assets)
  const { urls } = options.engine.world.store
  return front(
    { ...options, isSelf: (hostname) => urls.named(hostname)?.kind === 'self' },
    {
      api: dispatch(api, handlersOf(api)),
      places: [
        statusAnswers(options, files),
        metricsAnswer(options, api),
        (request, path) => referenceAnswer(request, path, { assets: options.assets, files }),
        (request, path) => files.answer(request, path),
      ],
      unknown: (request) => files.unknown(request),
      refused: (fault, refused) => noteRefusal(refusals, fault, refused),
    },
  )
}

/** The answer to a GET of a path outside the table, or null. Makes nothing and changes nothing. */
export type Place = (
  request: Request,
  path: string,
  connection: Connection,
) => Response | null | Promise<Response | null>

interface Front {
  api: Dispatch
  places: readonly Place[]
  unknown?: (request: Request) => Response | null
  /** Told of what was refused before a row of the table was asked. */
  refused?: (fault: Fault, refused: Refused) => void
}

/** Guard, then the place that owns the path, and the same headers on whatever comes out. */
export function front(
  options: GuardOptions & { log: Log; trustedProxies: readonly Block[] },
  to: Front,
): Dispatch {
  const guard = new Guard(options)
  const { log, trustedProxies } = options
  const answer: Dispatch = async (request, peer) => {
    const connection = fromClient(request, peer, trustedProxies)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    let path = ''
    try {
      guard.admit(request)
      requireKnownMethod(request)
      path = new URL(request.url).pathname
      for (const place of to.places) {
        const found = await place(request, path, connection)
        if (found) return isRead ? withoutBody(request, found) : otherMethod(request, ['GET'])
      }
    } catch (thrown) {
      const { address } = connection
      if (thrown instanceof Fault) to.refused?.(thrown, { route: path, address, actor: null })
      throw thrown
    }
    if (path.startsWith(`${API_ROOT}/`)) return await to.api(request, connection)
    const page = isRead ? to.unknown?.(request) : null
    if (page) return withoutBody(request, page)
    throw unknownAddress(path)
  }
  return async (request, connection) => {
    try {
      return secured(await answer(request, connection))
    } catch (thrown) {
      const told = isLeaving(request, thrown) ? goneAway(thrown) : thrown
      return secured(withoutBody(request, problemResponse(told, log)))
    }
  }
}

/** Behind a proxy that is trusted, the connection is of whom that speaks for. */
const fromClient = (request: Request, peer: Connection, trusted: readonly Block[]): Connection => ({
  address: clientAddress(peer.address, request.headers.get('x-forwarded-for'), trusted),
  port: peer.port,
  keepOpen: () => peer.keepOpen(),
})

/** The work was broken off because who asked for it is gone: nobody's mistake, and nothing for the log. */
const isLeaving = (request: Request, thrown: unknown): boolean =>
  request.signal.aborted && thrown instanceof Error && thrown.name === 'AbortError'

const goneAway = (cause: unknown): Fault =>
  new Fault('malformed', 'The connection was closed before the answer.', { hint: 'Send it again.', cause })

/** TRACE, CONNECT and what else a client may invent; methods are told by the request line and by nothing else. */
function requireKnownMethod(request: Request): void {
  const known = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']
  if (known.includes(request.method)) return
  throw new Fault('method_not_allowed', 'The method of the request is not known here.', {
    hint: `Possible are: ${known.join(', ')}.`,
    extra: { allow: known.join(', ') },
  })
}

const withoutBody = (request: Request, response: Response): Response =>
  request.method === 'HEAD' ? new Response(null, response) : response

function statusAnswers({ engine, version }: ApiOptions, files: PageFiles): Place {
  const { store } = engine.world
  let reference: string | null = null // made when first asked for: the start is quicker without it
  return (request, path) => {
    if (path === '/healthz') {
      const status = store.instance.isStandingBy() ? 'standing-by' : 'ok'
      return jsonResponse(request, { status: 200, value: { status, version } })
    }
    if (path === `${API_ROOT}/openapi.json`) {
      reference ??= JSON.stringify(openApi(version))
      return files.file(request, 'openapi.json', reference)
    }
    return null
  }
}

/** Counts of the whole instance are for those who may read its operations. */
function metricsAnswer(
  { engine, version, clock }: ApiOptions,
  { callers, limiter }: Pick<Api, 'callers' | 'limiter'>,
): Place {
  const startedAt = clock.now()
  const { store } = engine.world
  return async (request, path, { address }) => {
    if (path !== '/metrics') return null
    const caller = await limiter.known(address, () => callers.of(request, address))
    if (!caller) throw notSignedIn()
    if (!may(caller.rights(), 'operations:read')) throw concerning(lacking('operations:read'), caller.actor)
    const counts = { operations: { ...store.operations.openCounts() }, uploads: engine.uploads.inFlight }
    const text = metricsText({ version, startedAt, now: clock.now(), ...counts })
    return textResponse(200, text, { 'content-type': METRICS_TYPE })
  }
}
