/** What a row of the route table says. */
import { z } from 'zod'
import type { FaultCode } from '../../base/fault.ts'
import type { Permission } from '../../domain/access.ts'
import * as s from '../shapes.ts'

/**
 * Where the permission of a row is asked for, before the body is read and the handler runs. What the caller may not
 * read is not there (404, whether it exists or not); what he may read but not do is forbidden (403).
 * - `public`: nobody has to say who he is.
 * - `self`: anybody who has: what follows is his own.
 * - `list`: the same; the list holds what he may read.
 * - `instance`: the instance as a whole.
 * - `service`, `environment`, `deployment`, `operation`, `bundle`, `url`, `drift`: the thing that the path names.
 */
export type At =
  | 'public'
  | 'self'
  | 'list'
  | 'instance'
  | 'service'
  | 'environment'
  | 'deployment'
  | 'operation'
  | 'bundle'
  | 'url'
  | 'drift'

export type Body =
  /** `bytes`: how long the JSON may be, when not LIMITS.http.jsonBodyBytes. */
  | { kind: 'json'; schema: z.ZodType; bytes?: number }
  /** The archive itself in any content type but JSON, or multipart/form-data with the one file field `archive`. */
  | { kind: 'archive' }
  /** An archive, or JSON by this schema. */
  | { kind: 'archive-or-json'; schema: z.ZodType }

export type Answer =
  | { kind: 'json'; schema: z.ZodType }
  /** Something else than JSON, in one of these media types; `ranges`: a part of it may be asked for. */
  | { kind: 'bytes'; types: readonly string[]; ranges?: true }
  /** JSON by this schema, or server-sent events by Accept, resumable by Last-Event-ID. */
  | { kind: 'json-or-events'; schema: z.ZodType }
  /** The browser is led on (303); who asks for JSON by Accept is told where to instead. */
  | { kind: 'json-or-redirect'; schema: z.ZodType }

export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete'
  path: string
  /** Required: leaving it out does not compile. `null`: it takes no permission to do this at `at`. */
  need: Permission | null
  at: At
  /** Permissions of other body forms: one of them all is enough to be let in, and the handler asks for the right one. */
  alsoNeeds?: Permission[]
  summary: string
  /** What the summary leaves open, in Markdown. */
  description?: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: Body
  /** Whether an Idempotency-Key is honoured. */
  idempotent?: true
  /** The success answer; 202 and 201 carry the same thing. */
  status: 200 | 201 | 202
  answer: Answer
  problems: FaultCode[]
}

export const inService = z.object({ service: s.Name })
export const inEnvironment = z.object({ service: s.Name, environment: s.Name })
export const byId = z.object({ id: s.Id })
export const WaitQuery = z.strictObject({
  wait: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Answer when it has ended, after 10 minutes at the latest.' }),
})

export const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json' as const, schema })
export const common: FaultCode[] = [
  'malformed',
  'forbidden',
  'too_many_requests',
  'misdirected',
  'internal',
  'unavailable',
]
export const table = <const T extends Record<string, Route>>(rows: T): T => rows
