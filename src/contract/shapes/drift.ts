/** Drift: what stands in the world and is not what the database says. */
import { z } from 'zod'
import { DRIFT_ENDS, DRIFT_KINDS } from '../../domain/drift.ts'
import { OPERATION_KINDS, STATUSES } from '../../domain/operation.ts'
import { Digest, Id, Name, PageQuery, Problem, page, Time } from '../shapes.ts'

const kind = z.enum(DRIFT_KINDS).meta({ description: 'What is otherwise than it should be.' })

const DriftOperation = z
  .object({
    id: Id,
    kind: z.enum(OPERATION_KINDS),
    status: z.enum(STATUSES),
    problem: Problem.nullable(),
  })
  .meta({ id: 'DriftOperation', description: 'The newest operation that puts it back or takes it over.' })

export const Drift = z
  .object({
    id: Id,
    kind,
    thing: z.string().meta({
      description: 'What it is about: a path, a record, a host name.',
      example: 'sites/k3v9q0m2x7c5n1p8r4t6-1a2b3c4d',
    }),
    service: Name.nullable().meta({ description: 'Null: it is about the instance itself.' }),
    environment: Name.nullable(),
    url: z.object({ id: Id, hostname: z.string() }).nullable(),
    diff: z
      .array(z.object({ sign: z.enum([' ', '-', '+']), text: z.string() }))
      .meta({ description: '`-` what should stand, `+` what stands. A long one is cut.' }),
    seen: Digest.meta({
      description: 'Of all that counts. Who puts it back or takes it over sends what he has seen.',
    }),
    revertable: z.boolean(),
    adoptable: z.boolean(),
    why: z.string().nullable().meta({ description: 'What to do instead, when it is not both.' }),
    foundAt: Time,
    lastSeenAt: Time,
    endedAt: Time.nullable(),
    end: z.enum(DRIFT_ENDS).nullable().meta({
      description:
        '`reverted`: put back by somebody; `adopted`: taken into the database; `healed`: put back by itself; `gone`: it is as it should be, or what it was about is gone.',
    }),
    operation: DriftOperation.nullable(),
    healing: z
      .object({
        count: z.number().int().meta({ description: 'How often it was put back lately.' }),
        nextAt: Time.nullable().meta({
          description: 'Null: it comes back again and again, and is left alone.',
        }),
      })
      .nullable()
      .meta({ description: 'Of kinds that heal by themselves.' }),
  })
  .meta({ id: 'Drift', description: 'One thing that stands otherwise than the database says.' })
export type Drift = z.infer<typeof Drift>

export const DriftQuery = z.strictObject({
  ...PageQuery.shape,
  ended: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Those that have ended instead of those that are open.' }),
})

export const DriftLook = z
  .object({
    ...page(Drift).shape,
    failures: z
      .array(z.object({ part: z.string(), message: z.string(), hint: z.string().nullable() }))
      .meta({ description: 'What could not be looked at: findings about it stay as they are.' }),
  })
  .meta({ id: 'DriftLook', description: 'What a look has found.' })
export type DriftLook = z.infer<typeof DriftLook>

/** As If-Match: nobody puts back, or takes over, what he has not seen. */
export const DriftSeen = z.strictObject({
  seen: Digest.meta({ description: '`seen` of the finding as it was shown.' }),
})

export const driftSettings = {
  heal: z
    .array(kind)
    .max(DRIFT_KINDS.length)
    .meta({
      description:
        'Kinds that are put back as soon as they are found. What comes back again and again is left alone after a few times.',
      example: ['tree', 'link'],
    }),
}
