/** From a request to the handler of its row: path, method, query, body; all judged by the table. */
import { dirname } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { Fault, shown } from '../base/fault.ts'
import type { Connection } from '../base/platform.ts'
import { ROUTES, type Route, type RouteName } from '../contract/routes.ts'
import { may, NO_RIGHTS, type Permission, type Place } from '../domain/access.ts'
import { SYSTEM_ACTOR } from '../domain/operation.ts'
import type { Api, Call, Handlers } from './call.ts'
import { type Caller, notSignedIn, unknownCredentials } from './caller.ts'
import { admitted } from './gate.ts'
import { invalid, isJson, readJson, requireValid, unknownField } from './json-body.ts'
import { API_ROOT } from './openapi.ts'
import { withoutPaths } from './paths.ts'
import { noteRefusal, type Refused } from './refused.ts'
import { jsonResponse } from './reply.ts'
import { openUpload } from './upload.ts'

export type Dispatch = (request: Request, connection: Connection) => Promise<Response>

export type AnyHandler = (call: Call<RouteName>) => ReturnType<Handlers[RouteName]>

/** Answers everything below /api/v1. Throws Faults. */
export function dispatch(api: Api, handlers: Handlers): Dispatch {
  const app = new Hono<{ Bindings: { connection: Connection } }>({ strict: true })
  const methods = new Map<string, string[]>()
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = `${API_ROOT}${route.path.replace(/\{(\w+)\}/g, ':$1')}`
    // The table pairs each name with the handler of the same row; in a loop the compiler can't follow that.
    const handler = handlers[name as RouteName] as AnyHandler
    methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
    app.on(route.method.toUpperCase(), path, async (context) => {
      const connection = context.env.connection
      const request = context.req.raw
      const incoming: Incoming = {
        name,
        route,
        params: context.req.param(),
        request,
        connection,
        caller: null,
      }
      const leave = [api.limiter.enter(connection.address)]
      try {
        incoming.caller = await knownCaller(api, incoming)
        requireAdmitted(api, incoming)
        if (isUpload(route) && incoming.caller) leave.push(api.limiter.openUpload(incoming.caller.actor))
        const answer = await handler(callOf(api, incoming))
        return answer instanceof Response ? answer : jsonResponse(request, answer)
      } catch (thrown) {
        if (thrown instanceof Fault) noteRefusal(api.refusals, thrown, refusedAt(incoming))
        throw thrown
      } finally {
        for (const each of leave) each()
      }
    })
  }
  for (const [path, known] of methods) app.all(path, (context) => otherMethod(context.req.raw, known))
  app.notFound((context) => {
    throw unknownAddress(new URL(context.req.url).pathname)
  })
  app.onError((error) => {
    throw error
  })
  return async (request, connection) => await app.fetch(request, { connection })
}

export const unknownAddress = (path: string): Fault =>
  new Fault('not_found', `There is nothing at ${shown(path, 120)}.`, {
    hint: 'The API reference at /docs lists every address.',
  })

/** OPTIONS is answered without a word about other origins; every other method that isn't there is a 405. */
export function otherMethod(request: Request, known: readonly string[]): Response {
  const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } })
  throw new Fault('method_not_allowed', `The method ${shown(request.method, 20)} is not known here.`, {
    hint: `Possible are: ${allow}.`,
    extra: { allow },
  })
}

interface Incoming {
  name: string
  route: Route
  params: Record<string, string>
  request: Request
  connection: Connection
  /** Null: nobody has said who asks. */
  caller: Caller | null
}

const refusedAt = ({ name, params, connection, caller }: Incoming): Refused => ({
  route: name,
  params,
  address: connection.address,
  actor: caller?.actor ?? null,
})

const isUpload = ({ body }: Route): boolean => body?.kind === 'archive'

/**
 * Null on public rows, where credentials only tell as whose the request counts: many people share a source. Throws
 * `unauthenticated`, `too_many_requests`.
 */
async function knownCaller(
  { callers, limiter }: Api,
  { route, request, connection: { address } }: Incoming,
): Promise<Caller | null> {
  const whoAsks = () => callers.of(request, address)
  if (route.at !== 'public') return await limiter.known(address, whoAsks)
  await limiter.known(address, () => whoAsks().catch(nobody))
  return null
}

function nobody(thrown: unknown): null {
  if (thrown instanceof Fault) return null
  throw thrown
}

/** Throws `unauthenticated`, `not_found` or `forbidden`. Nothing of the body has been read by then. */
function requireAdmitted(api: Api, { route, params, caller }: Incoming): void {
  if (route.at === 'public') return
  if (!caller) throw notSignedIn()
  if (!caller.isStill()) throw unknownCredentials()
  const parsed = validParams(route, params)
  admitted({ store: api.engine.world.store, rights: caller.rights() }, route, parsed)
}

function isAdmitted(api: Api, incoming: Incoming): boolean {
  try {
    requireAdmitted(api, incoming)
    return true
  } catch (thrown) {
    if (thrown instanceof Fault) return false
    throw thrown
  }
}

function callOf(api: Api, incoming: Incoming): Call<RouteName> {
  const { route, request, connection, caller } = incoming
  const { clock } = api
  const rights = () => caller?.rights() ?? NO_RIGHTS
  if (!route.body) requireNoBody(request)
  const call = {
    name: incoming.name as RouteName, // a key of the table
    request,
    connection,
    // Public rows have no caller; what they make, they make as whoever proves to be somebody.
    actor: caller?.actor ?? SYSTEM_ACTOR,
    session: caller?.session ?? null,
    address: connection.address,
    rights,
    may: (permission: Permission, place: Place = {}) => may(rights(), permission, place),
    told: (text: string) =>
      may(rights(), 'settings:read') ? text : withoutPaths(text, dirname(api.staging)),
    requireStill: () => requireAdmitted(api, incoming),
    isStill: () => isAdmitted(api, incoming),
    isKnown: () => caller?.isStill() ?? false,
    endsAt: () => caller?.endsAt() ?? null,
    params: validParams(route, incoming.params),
    query: validQuery(route, new URL(request.url).search),
    isJson: isJson(request.headers.get('content-type')),
    async json() {
      const { body } = route
      if (!body || body.kind === 'archive') throw new Error(`${incoming.name} takes no JSON`)
      const value = await readJson(request, body.schema, {
        clock,
        ...(body.kind === 'json' && body.bytes !== undefined && { bytes: body.bytes }),
      })
      // The body took its time to come.
      requireAdmitted(api, incoming)
      return value
    },
    upload: (sha256?: string) =>
      openUpload(request, { clock, connection, sha256, requireStill: () => requireAdmitted(api, incoming) }),
  }
  return call as Call<RouteName> // its parts were made by the schemas of this very row
}

/** A path that breaks the grammar of a name is the path of nothing. */
function validParams(route: Route, given: Record<string, string>): Record<string, string> {
  const parsed = route.params?.safeParse(given)
  if (!parsed) return {}
  if (parsed.success) return parsed.data as Record<string, string> // every parameter of a path is a text
  const field = String(parsed.error.issues[0]?.path[0] ?? 'path')
  throw new Fault('not_found', `There is no ${field} "${shown(given[field] ?? '', 60)}".`, {
    hint: 'Check the address; names and ids are lower-case letters, digits and "-".',
  })
}

function validQuery(route: Route, search: string): object {
  try {
    decodeURIComponent(search)
  } catch {
    throw new Fault('malformed', 'The query is not percent-encoded UTF-8.', {
      hint: 'Encode each value by the rules of URLs.',
    })
  }
  const query = new URLSearchParams(search)
  const names = [...query.keys()]
  const shape: object = route.query?.shape ?? {}
  const isOpen = route.query?.def.catchall instanceof z.ZodUnknown
  const unknown = isOpen ? [] : names.filter((name) => !Object.hasOwn(shape, name))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  if (unknown.length > 0) throw invalid('query', unknown.map(unknownField))
  if (twice.length > 0) throw invalid('query', [{ field: shown(twice[0] ?? ''), message: 'is there twice' }])
  return requireValid(route.query ?? z.object({}), Object.fromEntries(query), 'query') as object // of an object schema
}

/** Rows without a body take none: what is sent in vain was probably meant for another address. */
function requireNoBody(request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const isEmpty = request.body === null || request.headers.get('content-length') === '0'
  if (isEmpty) return
  throw new Fault('invalid', 'This request takes no body.', {
    hint: 'Send it without one.',
    errors: [{ field: '', message: 'takes no body' }],
  })
}
