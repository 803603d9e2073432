/** A typed client made from the route table; the page and the CLI hand it their way to fetch. */
import type { z } from 'zod'
import { ROUTES, type RouteName } from './routes.ts'
import type { Problem } from './shapes.ts'

type Row<N extends RouteName> = (typeof ROUTES)[N]
type Params<N extends RouteName> =
  Row<N> extends { params: infer S extends z.ZodType } ? { params: z.input<S> } : unknown
type Query<N extends RouteName> =
  Row<N> extends { query: infer S extends z.ZodType } ? { query?: Partial<z.input<S>> } : unknown
type Send<N extends RouteName> =
  Row<N> extends { body: { kind: 'json'; schema: infer S extends z.ZodType } }
    ? { json: z.input<S> }
    : Row<N> extends { body: { kind: 'archive-or-json'; schema: infer S extends z.ZodType } }
      ? { json: z.input<S> } | { body: BodyInit }
      : Row<N> extends { body: { kind: 'archive' } }
        ? { body: BodyInit }
        : unknown
export type Call<N extends RouteName> = Params<N> &
  Query<N> &
  Send<N> & { headers?: Record<string, string>; signal?: AbortSignal }
export type Result<N extends RouteName> =
  Row<N> extends { answer: { schema: infer S extends z.ZodType } } ? z.output<S> : Response

/** A problem that the server answered. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export interface Reply<N extends RouteName> {
  value: Result<N>
  status: number
  /** Revision for If-Match. */
  etag: string | null
  location: string | null
}

export interface Client {
  call<N extends RouteName>(name: N, call: Call<N>): Promise<Reply<N>>
  /** The path of a route, for uploads with progress and event streams. */
  path<N extends RouteName>(name: N, call: Params<N> & Query<N>): string
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>

export function apiClient(fetch: Fetch): Client {
  const path: Client['path'] = (name, call) => pathOf(name, call as LooseCall) // what the types of a row boil down to
  return {
    path,
    async call(name, call) {
      const loose = call as LooseCall // ditto
      const isJson = loose.json !== undefined
      const response = await fetch(pathOf(name, loose), {
        method: ROUTES[name].method.toUpperCase(),
        headers: {
          accept: 'application/json',
          ...(isJson && { 'content-type': 'application/json' }),
          ...loose.headers,
        },
        ...(isJson ? { body: JSON.stringify(loose.json) } : loose.body !== undefined && { body: loose.body }),
        ...(loose.signal && { signal: loose.signal }),
      })
      if (!response.ok) throw new ApiProblem(await readProblem(response))
      const answer: { kind: string } = ROUTES[name].answer
      return {
        value: (answer.kind === 'bytes' ? response : await response.json()) as never, // the contract says so
        status: response.status,
        etag: response.headers.get('etag'),
        location: response.headers.get('location'),
      }
    },
  }
}

interface LooseCall {
  params?: Record<string, string>
  query?: Record<string, unknown>
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal
}

function pathOf(name: RouteName, call: LooseCall): string {
  const path = ROUTES[name].path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(call.params?.[key] ?? ''),
  )
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) query.set(key, String(value))
  return `/api/v1${path}${query.size > 0 ? `?${query}` : ''}`
}

/** The problem document of a failed answer, or one that says what came instead. */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text()
  if (response.headers.get('content-type')?.includes('json')) {
    try {
      const body = JSON.parse(text) as Problem // checked by the fields below
      if (typeof body.detail === 'string' && typeof body.code === 'string') return body
    } catch {
      // not JSON after all: told below
    }
  }
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'unavailable',
    detail: `The server answered ${response.status} ${response.statusText} without a problem document.`,
    hint: 'Is this the address of a Fairlead server? A proxy in front of it may have answered instead.',
    errors: [],
  }
}
