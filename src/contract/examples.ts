/** An example of every call, in the words of the reference: leaving a route out does not compile. */
import recorded from './examples/answers.json' with { type: 'json' }
import { API_KEY_EXAMPLES } from './examples/api-keys.ts'
import { AUDIT_EXAMPLES } from './examples/audit.ts'
import { BUNDLE_EXAMPLES } from './examples/bundles.ts'
import { CERTIFICATE_EXAMPLES } from './examples/certificates.ts'
import { DEPLOYMENT_EXAMPLES } from './examples/deployments.ts'
import { DRIFT_EXAMPLES } from './examples/drift.ts'
import type { Caller, Example } from './examples/example.ts'
import { FACTOR_EXAMPLES } from './examples/factors.ts'
import { IDENTITY_EXAMPLES } from './examples/identities.ts'
import { INVITATION_EXAMPLES } from './examples/invitations.ts'
import { PASSKEY_EXAMPLES } from './examples/passkeys.ts'
import { PROFILE_EXAMPLES } from './examples/profile.ts'
import { ROLE_EXAMPLES } from './examples/roles.ts'
import { SERVICE_EXAMPLES } from './examples/services.ts'
import { SESSION_EXAMPLES } from './examples/session.ts'
import { SETTING_EXAMPLES, URL_EXAMPLES } from './examples/urls.ts'
import { USER_EXAMPLES } from './examples/users.ts'
import type { RouteName } from './routes.ts'

export const EXAMPLES: { [N in RouteName]: Record<string, Example<N>> } = {
  ...SERVICE_EXAMPLES,
  ...DEPLOYMENT_EXAMPLES,
  ...URL_EXAMPLES,
  ...BUNDLE_EXAMPLES,
  ...SESSION_EXAMPLES,
  ...API_KEY_EXAMPLES,
  ...AUDIT_EXAMPLES,
  ...PROFILE_EXAMPLES,
  ...FACTOR_EXAMPLES,
  ...PASSKEY_EXAMPLES,
  ...IDENTITY_EXAMPLES,
  ...USER_EXAMPLES,
  ...INVITATION_EXAMPLES,
  ...ROLE_EXAMPLES,
  ...SETTING_EXAMPLES,
  ...DRIFT_EXAMPLES,
  ...CERTIFICATE_EXAMPLES,
}

/** An example of whatever route. */
export interface AnyExample {
  summary: string
  params?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  json?: unknown
  archive?: string
  as?: Caller
  status: number
}

/** What a server answered: parsed JSON, the text of events, or nothing to read (bytes). */
export interface RecordedAnswer {
  /** Its media type. */
  type: string
  body: unknown
  /** The path of the Location header. */
  location?: string
}

export const ANSWERS: Readonly<Record<string, RecordedAnswer | undefined>> = recorded

/** The examples of a route by their keys. */
export const examplesOf = (name: RouteName): [key: string, example: AnyExample][] =>
  Object.entries(EXAMPLES[name] as Record<string, AnyExample>) // each of them is one

/** `example`: `services.create/web`, or `given …`. */
export type Lookup = (example: string, path: string) => string

/** The value with each stand-in (`from`, `given`) replaced by what `lookup` answers for it. */
export function resolved<T>(value: T, lookup: Lookup): T {
  if (typeof value === 'string')
    return value.replace(/\{\{(.+?):(.+?)\}\}/g, (_, name: string, path: string) => lookup(name, path)) as T // a string for a string
  if (Array.isArray(value)) return value.map((item) => resolved<unknown>(item, lookup)) as T // ditto
  if (!(value instanceof Object)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner, lookup)])) as T // ditto
}

/** The place `a.b.0` of an answer; a leading `#` takes what stands behind the `#` of a link there. */
export function valueAt(body: unknown, path: string): string {
  const isFragment = path.startsWith('#')
  let value = body
  for (const key of path.replace(/^#/, '').split('.'))
    value = (value as Record<string, unknown> | null)?.[key] // undefined if it is none
  if (typeof value !== 'string') throw new Error(`the answer has no text at ${path}`)
  return isFragment ? value.slice(value.indexOf('#') + 1) : value
}

/** As the reference shows it: values of earlier answers are those that were recorded. */
export const shownExample = (example: AnyExample): AnyExample =>
  resolved(example, (name, path) => {
    if (name.startsWith('given ')) return path
    const answer = ANSWERS[name]
    return answer ? valueAt(answer.body, path) : `(${path} of ${name}, which no server has answered yet)`
  })
