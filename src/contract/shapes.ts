/** The nouns as the API shows them. Responses are allow-lists: what isn't here is never sent. */
import { z } from 'zod'
import { LIMITS } from '../base/limits.ts'
import { BUNDLE_FORMATS, DIGEST_PATTERN } from '../domain/bundle.ts'
import { APPROVAL_STATES, CAUSES } from '../domain/deployment.ts'
import { HTML_HANDLING, NOT_FOUND_HANDLING } from '../domain/environment.ts'
import { NAME_PATTERN, NAME_RULE } from '../domain/names.ts'
import { OPERATION_KINDS, STATUSES, STEP_STATUSES } from '../domain/operation.ts'

export const Name = z
  .string()
  .regex(NAME_PATTERN, `must have ${NAME_RULE}`)
  .meta({ id: 'Name', description: `A name: ${NAME_RULE}.`, example: 'production' })
export const Id = z
  .string()
  .regex(/^[a-z0-9]{20}$/, 'must be an id: 20 characters of a-z and 0-9')
  .meta({ id: 'Id', description: 'A random id.', example: 'k3v9q0m2x7c5n1p8r4t6' })
export const Digest = z
  .string()
  .regex(DIGEST_PATTERN, 'must be a SHA-256: 64 lower-case hex digits')
  .meta({ id: 'Digest', description: 'SHA-256 in lower-case hex.' })
export const Time = z.iso.datetime().meta({ id: 'Time', description: 'ISO 8601, UTC, milliseconds.' })

export const Actor = z
  .object({
    kind: z.enum(['local', 'system', 'user', 'key']),
    name: z.string().meta({ description: 'The login of the account.' }),
    userId: Id.optional(),
    keyId: Id.optional().meta({ description: 'The API key that was used.' }),
  })
  .meta({ id: 'Actor', description: 'Who did it.' })

export const FieldError = z.object({ field: z.string(), message: z.string() }).meta({ id: 'FieldError' })

export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'One of the closed list of problem codes.' }),
    detail: z.string().meta({ description: 'What failed, and on which thing.' }),
    hint: z.string().nullable().meta({ description: 'What to do about it.' }),
    errors: z.array(FieldError),
  })
  .meta({ id: 'Problem', description: 'A problem as in RFC 9457.' })

export const Step = z
  .object({
    name: z.string(),
    kind: z.enum(['look', 'act']),
    status: z.enum(STEP_STATUSES),
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Step' })

export const Operation = z
  .object({
    id: Id,
    kind: z.enum(OPERATION_KINDS),
    service: Name.nullable().meta({ description: 'Null: it is about the instance itself.' }),
    environment: Name.nullable(),
    status: z.enum(STATUSES),
    actor: Actor,
    createdAt: Time,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
    steps: z.array(Step),
    problem: Problem.nullable(),
  })
  .meta({ id: 'Operation', description: 'A journalled change of the outside world.' })

export const Approval = z
  .object({
    state: z.enum(APPROVAL_STATES),
    by: Actor.nullable(),
    at: Time.nullable(),
  })
  .meta({
    id: 'Approval',
    description: 'The consent of a second person: until then the deployment waits, `queued`.',
  })

export const Erased = z
  .object({
    at: Time,
    by: Actor,
    reason: z.string().nullable(),
  })
  .meta({ id: 'Erased', description: 'The bytes of its bundle are gone for good: who did that, and why.' })

export const Deployment = z
  .object({
    id: Id,
    service: Name,
    environment: Name,
    status: z.enum(STATUSES),
    live: z.boolean().meta({ description: 'Whether visitors are answered from this deployment now.' }),
    bundle: Digest.nullable().meta({ description: 'Null when the archive was refused.' }),
    cause: z.enum(CAUSES),
    source: z.string().nullable().meta({
      description:
        'Where the bundle came from: the deployment rolled back to, or the environment promoted from.',
    }),
    actor: Actor,
    message: z.string().nullable(),
    createdAt: Time,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
    steps: z.array(Step),
    problem: Problem.nullable(),
    urls: z.array(z.string()),
    approval: Approval.nullable().meta({ description: 'Null: none is asked for.' }),
    erased: Erased.nullable().meta({ description: 'Null: nobody has erased its bundle.' }),
  })
  .meta({ id: 'Deployment', description: 'One release of a bundle into an environment.' })

export const EnvironmentSettings = z.object({
  htmlHandling: z.enum(HTML_HANDLING),
  notFoundHandling: z.enum(NOT_FOUND_HANDLING),
  buildFolders: z
    .array(z.string().regex(/^([A-Za-z0-9_.-]+\/)+$/, 'must be a folder such as "assets/"'))
    .max(32)
    .meta({ description: 'Folders whose fingerprinted files may be cached for a year.' }),
  assetGraceSeconds: z.number().int().min(0).max(31_536_000),
  retain: z.number().int().min(0).max(100),
  approval: z
    .boolean()
    .meta({ description: 'Whether a second person has to approve deployments and promotions.' }),
})

/** A deployment as other things mention it. */
export const DeploymentBrief = z
  .object({
    id: Id,
    status: z.enum(STATUSES),
    bundle: Digest.nullable(),
    cause: z.enum(CAUSES),
    message: z.string().nullable(),
    createdAt: Time,
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'DeploymentBrief' })

export const Environment = z
  .object({
    id: Id,
    service: Name,
    name: Name,
    position: z.number().int(),
    ...EnvironmentSettings.shape,
    url: z.string().meta({ description: 'Where the builtin gateway answers for it.' }),
    urls: z
      .object({
        first: z
          .object({ url: z.string(), unicode: z.string() })
          .nullable()
          .meta({ description: 'The oldest that is no wildcard.' }),
        count: z.number().int(),
      })
      .meta({ description: 'The attached host names that answer with what is live in it.' }),
    live: DeploymentBrief.nullable(),
    latest: DeploymentBrief.nullable().meta({ description: 'The newest deployment, whatever became of it.' }),
    deleting: z.boolean(),
    revision: z.number().int(),
    createdAt: Time,
  })
  .meta({ id: 'Environment' })

export const Service = z
  .object({
    id: Id,
    name: Name,
    kind: z.enum(['static']),
    environments: z.array(Environment).meta({ description: 'In their order.' }),
    deleting: z.boolean(),
    revision: z.number().int(),
    createdAt: Time,
  })
  .meta({ id: 'Service' })

/** Why something is taken out of the history. */
export const Reasoned = z.strictObject({
  reason: z
    .string()
    .max(LIMITS.names.messageChars)
    .optional()
    .meta({ description: 'Why; it stays in the audit.', example: 'a token was in it' }),
})

export const BundleFile = z
  .object({ path: z.string(), size: z.number().int(), sha256: Digest })
  .meta({ id: 'BundleFile' })

const bundleFields = {
  digest: Digest,
  service: Name,
  format: z.enum(BUNDLE_FORMATS),
  size: z.number().int().meta({ description: 'Bytes of the archive.' }),
  fileCount: z.number().int(),
  unpackedSize: z.number().int().meta({ description: 'Bytes of all files together.' }),
  strippedFolder: z.string().nullable(),
  dropped: z.array(z.string()),
  droppedCount: z.number().int(),
  warnings: z.array(z.string()),
  createdAt: Time,
}
export const Bundle = z
  .object(bundleFields)
  .meta({ id: 'Bundle', description: 'An uploaded archive, kept as it came.' })
export const BundleManifest = z
  .object({ ...bundleFields, files: z.array(BundleFile) })
  .meta({ id: 'BundleManifest', description: 'A bundle with the list of its files.' })

export const LogLine = z
  .object({
    number: z.number().int(),
    at: Time,
    level: z.enum(['info', 'warn', 'error']),
    step: z.string().nullable(),
    text: z.string(),
  })
  .meta({ id: 'LogLine' })

export const Event = z
  .object({
    number: z.number().int(),
    at: Time,
    kind: z.string().meta({ example: 'deployment.succeeded' }),
    actor: Actor,
    service: z.string().nullable(),
    environment: z.string().nullable(),
    operation: Id.nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event', description: 'Who did what to which thing, when.' })

export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null at the end.' }),
  })

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.http.pageItemsMost).default(LIMITS.http.pageItems),
  cursor: z.string().max(500).optional(),
})

/** Folder deploy, first and second question (DESIGN §5). */
export const BundleDiffRequest = z.union([
  z
    .strictObject({
      digest: Digest.meta({ description: 'Of the canonical tar of the folder.' }),
      buckets: z
        .base64()
        .meta({ description: '1,024 × 16 bytes: the first half of the SHA-256 of each bucket.' }),
    })
    .meta({ id: 'BundleDiffBuckets' }),
  z
    .strictObject({
      digest: Digest,
      base: Digest.nullable().meta({ description: 'The bundle named by the first answer.' }),
      entries: z.array(BundleFile).max(LIMITS.archive.entries),
    })
    .meta({ id: 'BundleDiffEntries' }),
])
export const BundleDiffAnswer = z
  .object({
    known: z
      .boolean()
      .meta({ description: 'True: the service holds the bundle already; nothing is to be sent.' }),
    base: Digest.nullable(),
    buckets: z
      .array(z.number().int())
      .meta({ description: 'Buckets that differ from the base: send their entries.' }),
    missing: z.array(Digest).meta({ description: 'Contents that the service does not hold: send them.' }),
  })
  .meta({ id: 'BundleDiffAnswer' })

export const Health = z
  .object({ status: z.enum(['ok', 'standing-by']), version: z.string() })
  .meta({ id: 'Health' })

export type Service = z.infer<typeof Service>
export type Environment = z.infer<typeof Environment>
export type Deployment = z.infer<typeof Deployment>
export type DeploymentBrief = z.infer<typeof DeploymentBrief>
export type Operation = z.infer<typeof Operation>
export type Bundle = z.infer<typeof Bundle>
export type BundleManifest = z.infer<typeof BundleManifest>
export type LogLine = z.infer<typeof LogLine>
export type Event = z.infer<typeof Event>
export type Problem = z.infer<typeof Problem>
export type Step = z.infer<typeof Step>
export type BundleDiffAnswer = z.infer<typeof BundleDiffAnswer>
export type BundleDiffRequest = z.infer<typeof BundleDiffRequest>
