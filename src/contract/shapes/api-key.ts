/** API keys: credentials of programs. The key itself is told once, in the answer that makes it. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { PERMISSIONS } from '../../domain/access.ts'
import { Id, Name, Time } from '../shapes.ts'
import { DisplayName, Login } from './account.ts'
import { Permission } from './session.ts'

const scope = z.object({
  service: Name,
  environment: Name.nullable().meta({ description: 'Null: all environments of the service.' }),
})

const keyFields = {
  id: Id,
  name: z.string(),
  prefix: z.string().meta({ description: 'How the key begins: tells one from another.' }),
  user: z.object({ id: Id, login: z.string() }).meta({ description: 'For whom it acts.' }),
  permissions: z
    .array(Permission)
    .nullable()
    .meta({ description: 'What it may at most; null: all that its owner may. Never more than that.' }),
  scopes: z
    .array(scope)
    .nullable()
    .meta({ description: 'Where, among what the reader may see; null: wherever its owner may.' }),
  addresses: z
    .array(z.string())
    .nullable()
    .meta({ description: 'From where, as CIDR blocks; null: from anywhere.' }),
  expiresAt: Time.nullable(),
  lastUsedAt: Time.nullable().meta({ description: 'To the minute.' }),
  lastUsedFrom: z.string().nullable(),
  replacedBy: Id.nullable().meta({ description: 'The key that a rotation has put in its place.' }),
  createdAt: Time,
  revision: z.number().int(),
}

export const ApiKey = z
  .object(keyFields)
  .meta({ id: 'ApiKey', description: 'A credential of a program, for a user.' })
export const NewApiKey = z
  .object({ ...keyFields, key: z.string().meta({ description: 'Told this once, and never again.' }) })
  .meta({ id: 'NewApiKey', description: 'An API key with its secret.' })

const Blocks = z
  .array(z.string().max(64))
  .min(1)
  .max(LIMITS.apiKey.addresses)
  .meta({ description: 'Addresses or CIDR blocks.', example: ['192.0.2.0/24', '2001:db8::/32'] })

export const ApiKeyCreate = z.strictObject({
  name: DisplayName.meta({ description: 'What it is for.', example: 'CI of the shop' }),
  user: Login.optional().meta({ description: 'The login of its owner; oneself without it.' }),
  permissions: z
    .array(z.union([Permission, Name]))
    .min(1)
    .max(PERMISSIONS.length)
    .optional()
    .meta({ description: 'Permissions, or names of roles that stand for theirs of today.' }),
  scopes: z
    .array(z.strictObject({ service: Name, environment: Name.optional() }))
    .min(1)
    .max(LIMITS.apiKey.scopes)
    .optional(),
  addresses: Blocks.optional(),
  expiresAt: Time.nullable().optional().meta({ description: 'In 90 days without it; null: never.' }),
})
export const ApiKeyPatch = z.strictObject({
  name: DisplayName.optional(),
  addresses: Blocks.nullable().optional(),
  expiresAt: Time.nullable().optional(),
})
export const ApiKeyRotate = z.strictObject({
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(LIMITS.apiKey.overlapSecondsMost)
    .default(LIMITS.apiKey.overlapSeconds)
    .meta({ description: 'How long the old one still works.' }),
})

export type ApiKey = z.infer<typeof ApiKey>
export type NewApiKey = z.infer<typeof NewApiKey>
