/** What a handler is given and what it answers, both typed by the row of the route table. */
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Connection } from '../base/platform.ts'
import type { ROUTES, RouteName } from '../contract/routes.ts'
import type { Permission, Place, Rights } from '../domain/access.ts'
import type { Digest } from '../domain/bundle.ts'
import type { HttpsMode } from '../domain/https.ts'
import type { Actor } from '../domain/operation.ts'
import type { AccessTokens } from '../engine/account/access-token.ts'
import type { Oidc } from '../engine/account/oidc.ts'
import type { SetUp } from '../engine/account/set-up.ts'
import type { AccountWorld } from '../engine/account/sign-in.ts'
import type { Engine } from '../engine/engine.ts'
import type { Refusals } from '../engine/refusals.ts'
import type { Driver } from '../ports/driver.ts'
import type { SessionRow } from '../store/account/sessions.ts'
import type { AccessWatch } from './access-watch.ts'
import type { Callers } from './caller.ts'
import type { CookieOptions } from './cookie.ts'
import type { Limiter } from './limiter.ts'
import type { JsonReply } from './reply.ts'
import type { Upload } from './upload.ts'

type Row<N extends RouteName> = (typeof ROUTES)[N]
type Params<N extends RouteName> = Row<N> extends { params: infer S extends z.ZodType } ? z.output<S> : object
type Query<N extends RouteName> = Row<N> extends { query: infer S extends z.ZodType } ? z.output<S> : object
type Body<N extends RouteName> =
  Row<N> extends { body: { schema: infer S extends z.ZodType } } ? z.output<S> : never
type Value<N extends RouteName> =
  Row<N> extends { answer: { schema: infer S extends z.ZodType } } ? z.output<S> : never

export interface Call<N extends RouteName> {
  name: N
  request: Request
  connection: Connection
  actor: Actor
  /** The session behind the request; null for an API key, on a machine without accounts, and on public rows. */
  session: SessionRow | null
  /** Where the request came from. */
  address: string
  /** Whether the caller may do this now, at a place; without one: in the instance as a whole. */
  may(permission: Permission, place?: Place): boolean
  /** A sentence as the caller may read it: paths of this machine are for those who may read the settings. */
  told(text: string): string
  rights(): Rights
  /** Throws `unauthenticated`, `not_found` or `forbidden` when what the row takes was withdrawn meanwhile. */
  requireStill(): void
  /** Whether streams may go on: the same question as an answer. */
  isStill(): boolean
  /** Whether whoever asks is still who he was, whatever his path leads to meanwhile. */
  isKnown(): boolean
  /** When the credentials end by themselves; null: never. */
  endsAt(): number | null
  params: Params<N>
  query: Query<N>
  /** Whether the body is announced as JSON. */
  isJson: boolean
  /** Reads the body. Throws `invalid` and its kin. */
  json(): Promise<Body<N>>
  /** Opens the body as an archive. */
  upload(sha256?: Digest): Upload
}

export type Handler<N extends RouteName> = (
  call: Call<N>,
) => Promise<JsonReply<Value<N>> | Response> | JsonReply<Value<N>> | Response

export type Handlers = { [N in RouteName]: Handler<N> }
export type HandlersOf<Noun extends string> = Pick<Handlers, Extract<RouteName, `${Noun}.${string}`>>

/** What is known of a kind of DNS provider before it is connected. */
export type DnsKind = Pick<Driver<never, never>, 'kind' | 'label' | 'config'>

/** What handlers work with. */
export interface Api {
  engine: Engine
  clock: Clock
  log: Log
  version: string
  /** DATA/staging, where folders are rebuilt. */
  staging: string
  /** Fires when the server stops: streams and waits end. */
  stopping: AbortSignal
  callers: Callers
  refusals: Refusals
  tokens: AccessTokens
  accounts: AccountWorld
  oidc: Oidc
  setUp: SetUp
  cookie: CookieOptions
  cookieName: string
  /** Whether other machines reach the page without HTTPS. */
  isInsecure: boolean
  dnsKinds: readonly DnsKind[]
  /** Throws `conflict` where a host name of its own would let passwords and keys travel without HTTPS. */
  requireSafeSelf(https: { mode: HttpsMode; redirect: boolean }): void
  accessWatch: AccessWatch
  limiter: Limiter
}
