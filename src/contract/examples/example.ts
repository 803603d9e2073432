/** What an example of a call says. The reference shows it; test/reference/examples.test.ts makes the call. */
import type { z } from 'zod'
import type { ROUTES, RouteName } from '../routes.ts'

type Row<N extends RouteName> = (typeof ROUTES)[N]
type Params<N extends RouteName> =
  Row<N> extends { params: infer S extends z.ZodType } ? { params: z.input<S> } : { params?: never }
type Query<N extends RouteName> =
  Row<N> extends { query: infer S extends z.ZodType }
    ? { query?: Partial<Record<keyof z.input<S>, string>> }
    : { query?: never }
type Json<S extends z.ZodType> = { json: z.input<S>; archive?: never }
type Archive = { archive: ArchiveName; json?: never }
type Body<N extends RouteName> =
  Row<N> extends { body: { kind: 'json'; schema: infer S extends z.ZodType } }
    ? Json<S>
    : Row<N> extends { body: { kind: 'archive-or-json'; schema: infer S extends z.ZodType } }
      ? Json<S> | Archive
      : Row<N> extends { body: { kind: 'archive' } }
        ? Archive
        : { json?: never; archive?: never }

/** Files that examples send; test/reference/archives.ts has what is in them. */
export type ArchiveName = 'site.tar' | 'site-2.tar' | 'contents.tar' | 'notes.txt'

/** Whose credentials travel: the API key of an owner unless the example says otherwise. */
export type Caller = 'key' | 'session' | 'nobody'

export type Example<N extends RouteName> = Params<N> &
  Query<N> &
  Body<N> & {
    summary: string
    headers?: Record<string, string>
    as?: Caller
    /** What it is answered with; the answer itself stands in answers.json, as a server gave it. */
    status: number
  }

/** Each by a short key; the first one that succeeds gives the parameters of the route their examples. */
export type ExamplesOf<Noun extends string> = {
  [N in Extract<RouteName, `${Noun}.${string}`>]: Record<string, Example<N>>
}

/** `services.create/web`: an example by its route and key. */
export type ExampleName = `${RouteName}/${string}`

/** Stands for a value of the answer to an earlier example: `from('deployments.create/archive', 'id')`. */
export const from = (example: ExampleName, path: string): string => `{{${example}:${path}}}`

/** Stands for what only the outside world knows, such as the code of an authenticator; `shown` is what readers see. */
export const given = (what: string, shown: string): string => `{{given ${what}:${shown}}}`
