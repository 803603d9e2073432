import type { Url } from '../contract/shapes/urls.ts'
import type { Operation } from '../contract/shapes.ts'
import { canonicalHostname } from '../domain/hostname.ts'
import type { UrlKind } from '../domain/url.ts'
import { changeUrl, renewUrl } from '../engine/url/certificate/change.ts'
import { attachUrl, detachUrl, type UrlWish, wishedHttps } from '../engine/url/claim.ts'
import { planUrl } from '../engine/url/preview.ts'
import { probeUrl } from '../engine/url/probe.ts'
import { takeOverUrls } from '../engine/url/take-over-wish.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Store } from '../store/store.ts'
import type { UrlRow } from '../store/urls.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { lacking } from './gate.ts'
import { once, remembered } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import { deletionReply, operationFault, untilEnded } from './operations.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'
import { urlPlanView, urlView } from './url-views.ts'
import { type Hears, operationView } from './views.ts'

export function urlHandlers(api: Api): HandlersOf<'urls'> {
  const { engine } = api
  const { store } = engine.world
  const view = (row: UrlRow, to: Hears): Url => urlView(engine.world, row, to)
  const reply = (row: UrlRow, to: Hears): JsonReply<Url> => ({ status: 200, value: view(row, to) })
  return {
    'urls.all': (call) => {
      const { hostname, kind, ...query } = call.query
      const passes = (row: UrlRow) => call.may('urls:read', row) && (kind === undefined || row.kind === kind)
      const few = fewOf(store, hostname, kind)
      if (few)
        return { status: 200, value: { items: few.filter(passes).map((row) => view(row, call)), next: null } }
      const page = pageOf({
        list: 'urls',
        query,
        rows: (place) => store.urls.list(place),
        numberOf: ({ number }) => number,
        passes,
      })
      return { status: 200, value: { items: page.rows.map((row) => view(row, call)), next: page.next } }
    },
    'urls.list': (call) => {
      const { params, query } = call
      const { id } = environmentOf(api, params)
      const page = pageOf({
        list: `urls ${id}`,
        query,
        rows: (place) => store.urls.listOf(id, place),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map((row) => view(row, call)), next: page.next } }
    },
    'urls.create': async (call) => await attached(api, call, () => environmentWish(api, call)),
    'urls.plan': async (call) => await planned(api, call, await environmentWish(api, call)),
    'urls.create-self': async (call) => await attached(api, call, () => selfWish(api, call)),
    'urls.plan-self': async (call) => await planned(api, call, await selfWish(api, call)),
    'urls.take-over': (call) => takenOver(api, call),
    'urls.show': (call) => reply(store.urls.required(call.params.id), call),
    'urls.update': (call) => updated(api, call),
    'urls.renew': (call) => renewed(api, call),
    'urls.probe': async (call) => {
      const signal = AbortSignal.any([call.request.signal, api.stopping])
      return reply(await probeUrl(engine.world, call.params.id, signal), call)
    },
    'urls.delete': (call) => {
      const row = changeable(api, call)
      requireMatch(call.request, view(row, call))
      return deletionReply(api, call, operationOf(api, detachUrl(engine, row.id, call.actor)).id)
    },
  }
}

/** Those that are found without reading a list; null: there may be many. */
function fewOf({ urls }: Store, hostname?: string, kind?: 'self'): UrlRow[] | null {
  if (hostname === undefined) return kind === 'self' ? urls.ofInstance() : null
  const row = urls.named(canonicalHostname(hostname).hostname)
  return row ? [row] : []
}

const environmentOf = (
  { engine: { world } }: Api,
  { service, environment }: { service: string; environment: string },
) => world.store.environments.named(world.store.services.named(service), environment)

/** What is asked for an environment. Throws `forbidden` for a wildcard that takes more, and `invalid`. */
async function environmentWish(api: Api, call: Call<'urls.create'> | Call<'urls.plan'>): Promise<UrlWish> {
  const { dns, ...wish } = await call.json()
  const environment = environmentOf(api, call.params)
  const place = { serviceId: environment.serviceId, environmentId: environment.id }
  if (canonicalHostname(wish.hostname).wildcard && !call.may('urls:wildcard', place))
    throw lacking('urls:wildcard')
  return { ...wish, dnsMode: dns, environmentId: environment.id }
}

/** Throws `forbidden` for an environment in which the caller may attach nothing. */
async function takenOver(api: Api, call: Call<'urls.take-over'>): Promise<JsonReply<Operation>> {
  const { files, withCatchAll, urls } = await call.json()
  const wishes = urls.map(({ service, environment, ...wish }): UrlWish => {
    const { id, serviceId } = environmentOf(api, { service, environment })
    const need = canonicalHostname(wish.hostname).wildcard ? 'urls:wildcard' : 'urls:create'
    if (!call.may(need, { serviceId, environmentId: id })) throw lacking(need)
    return { ...wish, dnsMode: 'none', environmentId: id }
  })
  const { id } = takeOverUrls(api.engine, { files, withCatchAll, urls: wishes }, call.actor)
  return await deletionReply(api, call, id)
}

async function selfWish(
  api: Api,
  call: Call<'urls.create-self'> | Call<'urls.plan-self'>,
): Promise<UrlWish & { kind: UrlKind }> {
  const { dns, ...wish } = await call.json()
  api.requireSafeSelf(wishedHttps(api.engine.world.store.settings.read().https, wish))
  return { ...wish, dnsMode: dns, environmentId: null }
}

async function planned(
  api: Api,
  call: Call<'urls.plan'> | Call<'urls.plan-self'>,
  wish: UrlWish,
): Promise<JsonReply<ReturnType<typeof urlPlanView>>> {
  const { world } = api.engine
  const signal = AbortSignal.any([call.request.signal, api.stopping])
  return { status: 200, value: urlPlanView(await planUrl(world, wish, signal), call) }
}

async function updated(api: Api, call: Call<'urls.update'>): Promise<JsonReply<Url>> {
  const { world } = api.engine
  const wish = await call.json()
  const row = changeable(api, call)
  if (row.kind === 'self') api.requireSafeSelf(wishedHttps({ default: row.https.mode, ...row.https }, wish))
  requireMatch(call.request, urlView(world, row, call))
  const { id } = operationOf(api, changeUrl(api.engine, row.id, { wish, actor: call.actor }))
  return await reported(api, call, { id, done: 200 })
}

async function renewed(api: Api, call: Call<'urls.renew'>): Promise<JsonReply<Url>> {
  const row = renewUrl(api.engine, changeable(api, call).id, call.actor)
  return await reported(api, call, { id: operationOf(api, row).id, done: 201 })
}

/** Of Fairlead itself it takes more. Throws `not_found`, `forbidden`. */
function changeable(
  { engine }: Api,
  call: Call<'urls.update'> | Call<'urls.renew'> | Call<'urls.delete'>,
): UrlRow {
  const row = engine.world.store.urls.required(call.params.id)
  if (row.kind === 'self' && !call.may('settings:update')) throw lacking('settings:update')
  return row
}

type Creation = Call<'urls.create'> | Call<'urls.create-self'>

/** 202 at once; with `?wait=true` 201 only if it is attached, else a problem that holds the operation. */
async function attached(api: Api, call: Creation, wished: () => Promise<UrlWish>): Promise<JsonReply<Url>> {
  const id = await once(api, call, async (remember) => {
    const wish = await wished()
    // The operation and not the URL: a name that could not be attached is gone again.
    return remembered(api, remember, () => operationOf(api, attachUrl(api.engine, wish, call.actor)))
  })
  return await reported(api, call, { id, done: 201 })
}

type Reporting = Creation | Call<'urls.update'> | Call<'urls.renew'>

/** 202 at once; with `?wait=true` `done` only if it has succeeded, else a problem that holds the operation. */
async function reported(
  api: Api,
  call: Reporting,
  { id, done }: { id: string; done: 200 | 201 },
): Promise<JsonReply<Url>> {
  const { world } = api.engine
  const isWaiting = call.query.wait === 'true'
  const end = isWaiting ? await untilEnded(api, call, id) : world.store.operations.required(id)
  if (isWaiting && end.finishedAt !== null && end.status !== 'succeeded')
    throw operationFault(end, call, { operation: operationView(world, end, call) })
  return {
    status: isWaiting && end.status === 'succeeded' ? done : 202,
    value: urlView(world, urlOf(api, end), call),
    location: `${API_ROOT}/operations/${id}`,
  }
}

function operationOf({ engine: { world } }: Api, { id, operationId }: UrlRow): OperationRow {
  if (operationId === null) throw new Error(`nothing has been done about the URL ${id}`)
  return world.store.operations.required(operationId)
}

function urlOf({ engine: { world } }: Api, { id, facts }: OperationRow): UrlRow {
  const row = world.store.urls.byId(String(facts['url']))
  if (!row) throw new Error(`the operation ${id} is about no URL`)
  return row
}
