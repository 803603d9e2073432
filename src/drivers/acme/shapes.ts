/** What a CA may say: of everything else that it says, nothing is looked at. */
import { z } from 'zod'
import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { AuthorityProblem } from '../../ports/certificate-authority.ts'

const { acme } = LIMITS

const url = z.string().max(acme.urlChars)
const text = z
  .string()
  .max(acme.textChars)
  .transform((value) => shown(value, 500))

/** A word of the CA's, such as a status: it comes to stand in messages. */
const word = z
  .string()
  .max(50)
  .transform((value) => shown(value))

/** An array of which only so much, and only what fits, is kept. */
const kept = <Schema extends z.ZodType>(schema: Schema, most: number) =>
  z.array(z.unknown()).transform((all) =>
    all.slice(0, most).flatMap((one) => {
      const parsed = schema.safeParse(one)
      return parsed.success ? [parsed.data] : []
    }),
  )

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined)

export const directoryShape = z.object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  renewalInfo: optional(url),
  meta: optional(
    z.object({
      termsOfService: optional(url),
      externalAccountRequired: optional(z.boolean()),
      profiles: optional(z.record(z.string().regex(/^[\w.:-]{1,100}$/), z.unknown())),
    }),
  ),
})
export type DirectoryAnswer = z.infer<typeof directoryShape>

const subproblem = z.object({
  detail: text,
  identifier: optional(z.object({ value: z.string().max(300) })),
})
const problemShape = z.object({
  type: z.string().max(200).catch('about:blank'),
  detail: optional(text),
  title: optional(text),
  subproblems: optional(kept(subproblem, acme.subproblems)),
})

/** RFC 9457, with what was wrong about each name (RFC 8555 §6.7.1); null: it says nothing that can be read. */
export function problemOf(body: unknown): AuthorityProblem | null {
  const parsed = problemShape.safeParse(body)
  if (!parsed.success) return null
  const { type, detail, title, subproblems = [] } = parsed.data
  const parts = subproblems.map(({ identifier, detail }) =>
    identifier ? `${identifier.value}: ${detail}` : detail,
  )
  const whole = [detail ?? title ?? '', ...parts].filter((part) => part !== '').join(' · ')
  return { type: shown(type), detail: shown(whole, 1_000) }
}

const problem = z
  .unknown()
  .optional()
  .transform((body) => (body === undefined || body === null ? null : problemOf(body)))

export const accountShape = z.object({
  status: word,
  contact: optional(z.array(z.string().max(500)).max(100)),
})

const identifier = z.object({
  type: z.literal('dns'),
  value: z
    .string()
    .max(300)
    .transform((value) => shown(value.toLowerCase(), 300)),
})

export const orderShape = z.object({
  status: word,
  identifiers: z.array(identifier).max(acme.names),
  authorizations: z.array(url).max(acme.names),
  finalize: url,
  certificate: optional(url),
  error: problem,
})
export type OrderAnswer = z.infer<typeof orderShape>

/** A token becomes the name of a file and of a record: base64url alone (RFC 8555 §8.1). */
const challenge = z.object({
  type: word,
  url,
  token: z
    .string()
    .min(1)
    .max(acme.tokenChars)
    .regex(/^[\w-]+$/),
  status: word,
  error: problem,
})

export const authorizationShape = z.object({
  identifier,
  status: word,
  wildcard: optional(z.boolean()),
  challenges: kept(challenge, acme.challenges),
})
export type AuthorizationAnswer = z.infer<typeof authorizationShape>

const time = z
  .string()
  .max(50)
  .transform((value, context) => {
    const ms = Date.parse(value)
    if (Number.isFinite(ms)) return ms
    context.addIssue('no time')
    return z.NEVER
  })

export const renewalShape = z.object({ suggestedWindow: z.object({ start: time, end: time }) })
