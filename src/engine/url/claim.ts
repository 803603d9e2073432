/** Names taken and given back: the rows and the operation of one wish are one transaction. */
import { Fault } from '../../base/fault.ts'
import { type ClaimProblem, claimProblem } from '../../domain/claim.ts'
import type { Hsts, RedirectStatus, TlsVersion } from '../../domain/host-site.ts'
import { type CanonicalHostname, canonicalHostname, reservedReason } from '../../domain/hostname.ts'
import type { HttpsMode, HttpsSetting } from '../../domain/https.ts'
import { type Actor, isEnded, type OperationKind } from '../../domain/operation.ts'
import { redirectTarget, redirectText } from '../../domain/redirect-target.ts'
import type { DnsMode, UrlKind } from '../../domain/url.ts'
import type { NewUrl, UrlRow } from '../../store/urls.ts'
import type { Acceptance } from '../accept.ts'
import { operationEvent } from '../journal.ts'
import type { World } from '../step.ts'
import type { UrlFacts } from './row.ts'

/** How a name is to answer over HTTPS; what isn't said is as the setting has it, or as it was. */
export interface HttpsWish {
  https?: HttpsMode | undefined
  redirectToHttps?: boolean | undefined
  hsts?: Hsts | null | undefined
  minimumTls?: TlsVersion | undefined
}

/** What takes wishes in. */
export interface Accepting {
  world: World
  acceptance: Acceptance
}

export interface UrlWish extends HttpsWish {
  /** As it was typed. */
  hostname: string
  kind: UrlKind
  /** Null: Fairlead's own name. */
  environmentId: string | null
  redirectTo?: string | undefined
  redirectStatus?: RedirectStatus | undefined
  dnsMode: DnsMode
}

/**
 * Claims the name and queues what attaches it. Whoever claims first has it. Throws `invalid`, `conflict`, `not_found`,
 * `standing_by`.
 */
export function attachUrl(engine: Accepting, wish: UrlWish, actor: Actor): UrlRow {
  const { store, clock } = engine.world
  const given = claimed(engine.world, wish)
  return engine.acceptance.accepted(() => {
    const environment = wish.environmentId === null ? null : engine.acceptance.open(wish.environmentId)
    requireFree(engine.world, given)
    const now = clock.now()
    const row = store.urls.create({ ...given, now })
    const place = { serviceId: environment?.serviceId ?? null, environmentId: environment?.id ?? null }
    return queueUrl(engine, { url: row.id }, { kind: 'url-attach', actor, ...place, data: dataOf(row) })
  })
}

/** Queues what gives the name back. Throws `conflict`, `standing_by`. */
export function detachUrl(engine: Accepting, id: string, actor: Actor): UrlRow {
  const { store } = engine.world
  return engine.acceptance.accepted(() => {
    const row = idleUrl(engine, id)
    store.urls.setState(id, 'detaching')
    const { serviceId, environmentId } = row
    const place = { serviceId, environmentId }
    return queueUrl(
      engine,
      { url: id, was: row.state, ...keptFiles(engine, row) },
      { kind: 'url-detach', actor, ...place, data: dataOf(row) },
    )
  })
}

/** Where the files lie that a name was taken over from, if that was the last that happened to it. */
function keptFiles({ world: { store } }: Accepting, { operationId }: UrlRow): { kept?: string[] } {
  const last = operationId === null ? null : store.operations.find(operationId)
  if (last?.kind !== 'url-take-over') return {}
  const { moves = [] } = last.facts as { moves?: { to: string }[] } // learned by its first step
  return { kept: moves.map(({ to }) => to) }
}

/** A URL that nobody is about to change. Throws `not_found`, `conflict`. */
export function idleUrl({ world: { store }, acceptance }: Accepting, id: string): UrlRow {
  const row = store.urls.required(id)
  const busy = row.operationId === null ? null : store.operations.find(row.operationId)
  // A renewal is nobody's wish: what is wished comes after it.
  if (busy && !isEnded(busy.status) && busy.kind !== 'certificate-renewal') throw underWay(row, busy.kind)
  if (row.environmentId !== null) acceptance.open(row.environmentId)
  return row
}

const underWay = ({ hostname, state }: UrlRow, kind: OperationKind): Fault =>
  new Fault('conflict', `${hostname} is ${kind === 'url-change' ? 'changing' : state} just now.`, {
    hint: 'Wait for the end of the operation, or cancel it.',
  })

interface Queued {
  kind: 'url-attach' | 'url-detach' | 'url-change' | 'certificate-renewal'
  actor: Actor
  serviceId: string | null
  environmentId: string | null
}

/** Queues an operation about a URL, in a transaction of acceptance. `facts` are what it begins with. */
export function queueUrl(
  { world: { store, clock } }: Pick<Accepting, 'world'>,
  facts: UrlFacts & Record<string, unknown>,
  { data = {}, ...given }: Queued & { data?: Record<string, unknown> },
): UrlRow {
  const operation = store.operations.create({ ...given, facts: { ...facts }, now: clock.now() })
  store.urls.setOperation(facts.url, operation.id)
  const row = store.urls.required(facts.url)
  store.events.append({
    ...operationEvent(operation, 'queued', clock.now()),
    data: { hostname: row.hostname, urlKind: row.kind, ...data },
  })
  return row
}

/** What the audit is told of a URL that comes or goes. */
const dataOf = ({ dnsMode, redirectTo, redirectStatus, https }: UrlRow) => ({
  dns: dnsMode,
  ...(redirectTo !== null && { redirectTo, redirectStatus }),
  ...(https.mode !== 'none' && { https: https.mode }),
})

export type Claimed = Omit<NewUrl, 'now'> & { serviceId: string | null; canonical: CanonicalHostname }

/** What a wish claims, in canonical form. Throws `invalid`. */
export function claimed({ store }: World, wish: UrlWish): Claimed {
  const canonical = canonicalHostname(wish.hostname)
  const { kind, environmentId, dnsMode } = wish
  const serviceId = store.environments.byId(environmentId ?? '')?.serviceId ?? null
  return {
    hostname: canonical.hostname,
    canonical,
    kind,
    environmentId,
    serviceId,
    dnsMode,
    https: wishedHttps(store.settings.read().https, wish),
    ...redirectOf(wish, canonical),
  }
}

type Https = NonNullable<NewUrl['https']>

/** As it is wished, else as it is given. */
export function wishedHttps(
  { default: mode, redirect, hsts, minimumTls }: HttpsSetting,
  wish: HttpsWish,
): Https {
  return {
    mode: wish.https ?? mode,
    redirect: wish.redirectToHttps ?? redirect,
    hsts: wish.hsts === undefined ? hsts : wish.hsts,
    minimumTls: wish.minimumTls ?? minimumTls,
  }
}

function redirectOf(
  { kind, redirectTo, redirectStatus }: UrlWish,
  { hostname }: CanonicalHostname,
): Pick<NewUrl, 'redirectTo' | 'redirectStatus'> {
  if (kind !== 'redirect') {
    if (redirectTo === undefined && redirectStatus === undefined)
      return { redirectTo: null, redirectStatus: null }
    throw wrongRedirect(redirectTo === undefined ? 'redirectStatus' : 'redirectTo', 'is for redirects only')
  }
  if (redirectTo === undefined) throw wrongRedirect('redirectTo', 'is missing')
  const target = redirectTarget(redirectTo)
  if (target.hostname === hostname && target.port === null)
    throw wrongRedirect('redirectTo', 'is the name itself')
  return { redirectTo: redirectText(target), redirectStatus: redirectStatus ?? DEFAULT_STATUS }
}

const DEFAULT_STATUS: RedirectStatus = 308

const wrongRedirect = (field: string, message: string): Fault =>
  new Fault('invalid', `The field ${field} ${message}.`, {
    hint: 'A redirect needs redirectTo, such as "https://example.com"; a site has none.',
    errors: [{ field, message }],
  })

type Wished = Pick<Claimed, 'hostname' | 'serviceId' | 'kind'>

/** Throws `conflict` for names that are reserved, and for those of others. */
export function requireFree(world: World, wish: Wished): void {
  const problem = nameProblem(world, wish)
  if (problem)
    throw new Fault('conflict', problem.message, {
      hint: problem.hint,
      errors: [{ field: 'hostname', message: problem.message }],
    })
}

/** Why nobody, or not this service, may have a name; null: it may. */
export function nameProblem(
  { store, clock, own }: World,
  { hostname, serviceId, kind }: Wished,
): ClaimProblem | null {
  const reserved = reservedReason(hostname, { own: kind === 'self' ? [] : own.hostnames() })
  if (reserved) return { message: `${hostname} ${reserved}.`, hint: 'Choose another name.' }
  const now = clock.now()
  return claimProblem(hostname, { serviceId, existing: store.urls.claimsOf(hostname, now), now })
}
