/** Who holds DNS zones, and what it takes to reach them. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { Id, Problem, Time } from '../shapes.ts'
import { DisplayName } from './account.ts'

const { fields, fieldNameChars, kindChars } = LIMITS.dnsProvider

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()])

const Field = z
  .object({
    name: z.string(),
    label: z.string(),
    type: z.enum(['text', 'number', 'switch', 'choice', 'list']),
    choices: z.array(z.string()).meta({ description: 'Of a `choice`; else empty.' }),
    secret: z.boolean().meta({ description: 'Sealed, and never told again.' }),
    required: z.boolean(),
    default: value.meta({ description: 'What it is when it is not given.' }),
    help: z.string().nullable(),
    example: z.string().nullable(),
  })
  .meta({ id: 'DnsProviderField', description: 'What a kind of DNS provider has to be told.' })
export type DnsProviderField = z.infer<typeof Field>

export const DnsProviderKind = z
  .object({
    kind: z.string().meta({ example: 'rfc2136' }),
    label: z.string().meta({ example: 'BIND, Knot and others (RFC 2136)' }),
    fields: z.array(Field),
  })
  .meta({ id: 'DnsProviderKind', description: 'A kind of DNS provider.' })
export type DnsProviderKind = z.infer<typeof DnsProviderKind>

export const DnsProviderKinds = z.object({ items: z.array(DnsProviderKind) }).meta({ id: 'DnsProviderKinds' })

const config = z
  .record(z.string().max(fieldNameChars), value)
  .refine((given) => Object.keys(given).length <= fields, `has at most ${fields} fields`)
  .meta({
    description: 'The fields of its kind, secrets too; `GET /dns-providers/kinds` has the list.',
  })
const label = DisplayName.meta({ description: 'What people call it.', example: 'The BIND in the cellar' })

export const DnsProvider = z
  .object({
    id: Id,
    kind: z.string(),
    label: z.string(),
    config: z.record(z.string(), value).meta({ description: 'What it was told, without the secrets.' }),
    secrets: z.record(z.string(), z.boolean()).meta({
      description:
        'For each secret field whether it is kept. False after a restore without the key: it has to be entered again.',
    }),
    createdAt: Time,
    revision: z.number().int(),
  })
  .meta({ id: 'DnsProvider', description: 'A DNS provider that is set up.' })
export type DnsProvider = z.infer<typeof DnsProvider>

export const DnsProviderCreate = z.strictObject({
  kind: z.string().min(1).max(kindChars).meta({ example: 'rfc2136' }),
  label,
  config,
})
export const DnsProviderPatch = z.strictObject({
  label: label.optional(),
  config: config
    .optional()
    .meta({ description: 'The fields that change; the others stay, secrets too. Null takes one away.' }),
})

export const DnsProviderTest = z
  .object({
    ok: z.boolean(),
    zones: z.array(z.string()).meta({ description: 'The zones that it holds.' }),
    problem: Problem.nullable().meta({ description: 'Why it can not be used; null: it can.' }),
  })
  .meta({
    id: 'DnsProviderTest',
    description: 'What a DNS provider answered when it was asked for its zones.',
  })
export type DnsProviderTest = z.infer<typeof DnsProviderTest>
