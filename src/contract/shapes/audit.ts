/** The audit: every change and every refusal, with who and from where. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { Event, Id, Time } from '../shapes.ts'

export const AuditEntry = z
  .object({
    ...Event.shape,
    actor: z.object({
      kind: z.enum(['local', 'system', 'user', 'key']),
      name: z.string(),
      userId: Id.optional(),
      keyId: Id.optional(),
      address: z.string().nullable().meta({ description: 'Where it came from; null: from inside.' }),
    }),
    hash: z.string().meta({ description: 'Of this row and of all before it.' }),
  })
  .meta({ id: 'AuditEntry', description: 'A change, or a refusal (`refused`), with where it came from.' })

export const AuditFilter = z.strictObject({
  actor: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'A part of a login, or the id of a user or key.' }),
  kind: z.string().max(100).optional().meta({ description: 'How the kind begins: `user.`, `refused`.' }),
  service: z.string().max(100).optional(),
  environment: z.string().max(100).optional(),
  from: Time.optional().meta({ description: 'Not before.' }),
  to: Time.optional().meta({ description: 'Before.' }),
  q: z.string().max(200).optional().meta({ description: 'Text anywhere in it.' }),
})
export const AuditQuery = z.strictObject({
  ...AuditFilter.shape,
  limit: z.coerce.number().int().min(1).max(LIMITS.http.pageItemsMost).default(LIMITS.http.pageItems),
  cursor: z.string().max(500).optional(),
})
export const AuditExport = z.strictObject({
  ...AuditFilter.shape,
  format: z.enum(['csv', 'jsonl']).default('jsonl'),
})

export const RefusalCount = z
  .object({
    minute: Time,
    source: z
      .string()
      .meta({ description: 'An address, the network of an IPv6 one, or an actor beyond his rows.' }),
    count: z.number().int(),
  })
  .meta({ id: 'RefusalCount', description: 'How often somebody was refused in a minute.' })

export const ChainFinding = z
  .object({
    number: z.number().int(),
    kind: z.string().nullable(),
    at: Time.nullable(),
    problem: z
      .enum(['altered', 'missing', 'inserted', 'cut-off', 'another-head'])
      .meta({ description: '`altered`: it, or the row before it together with its hash.' }),
  })
  .meta({ id: 'ChainFinding' })

export const ChainState = z
  .object({
    whole: z.boolean(),
    checked: z.number().int(),
    head: z
      .object({ number: z.number().int(), hash: z.string() })
      .nullable()
      .meta({ description: 'Note it elsewhere: only so it is found out when the end was rewritten.' }),
    findings: z.array(ChainFinding),
  })
  .meta({ id: 'ChainState', description: 'Whether the audit is as it was written.' })

export const ChainQuery = z.strictObject({
  head: z
    .string()
    .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'must be NUMBER:HASH, as an earlier answer told it')
    .optional()
    .meta({ description: 'A head that was noted earlier: NUMBER:HASH.' }),
})

export type AuditEntry = z.infer<typeof AuditEntry>
export type AuditFilter = z.infer<typeof AuditFilter>
export type ChainState = z.infer<typeof ChainState>
