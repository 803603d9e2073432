/** What a row of the route table says. */
import { z } from 'zod'
import type { FaultCode } from '../../base/fault.ts'
import * as s from '../shapes.ts'

/** `noun:verb`, the words of access control (accounts come later; the words stand from the start). */
export type Permission =
  `${'services' | 'environments' | 'deployments' | 'bundles' | 'operations' | 'events'}:${'create' | 'read' | 'update' | 'delete' | 'deploy' | 'rollback' | 'promote' | 'cancel'}`

export type Body =
  /** `bytes`: how long the JSON may be, when not LIMITS.http.jsonBodyBytes. */
  | { kind: 'json'; schema: z.ZodType; bytes?: number }
  /** The archive itself in any content type but JSON, or multipart/form-data with the one file field `archive`. */
  | { kind: 'archive' }
  /** An archive, or JSON by this schema. */
  | { kind: 'archive-or-json'; schema: z.ZodType }

export type Answer =
  | { kind: 'json'; schema: z.ZodType }
  | { kind: 'bytes' }
  /** JSON by this schema, or server-sent events by Accept, resumable by Last-Event-ID. */
  | { kind: 'json-or-events'; schema: z.ZodType }

export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete'
  path: string
  /** Required: leaving it out does not compile. `null` is public. */
  need: Permission | null
  /** Further permissions of single body forms, for the reader and the access matrix. */
  alsoNeeds?: Permission[]
  summary: string
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
export const common: FaultCode[] = ['malformed', 'forbidden', 'misdirected', 'internal', 'unavailable']
export const table = <const T extends Record<string, Route>>(rows: T): T => rows
