/** The way in besides a password alone: second factors, passkeys. */
import { z } from 'zod'
import { Problem } from '../shapes.ts'
import { Assertion } from './passkeys.ts'

export const SecondFactor = z.enum(['totp', 'passkey', 'recovery-code']).meta({ id: 'SecondFactor' })

export const PendingSignIn = z
  .object({
    login: z
      .string()
      .nullable()
      .meta({ description: 'Whose first proof was right; null: nobody is on the way in.' }),
    factors: z.array(SecondFactor).meta({ description: 'One of these is asked for now.' }),
    next: z.string().meta({ description: 'The path that is to be opened then.' }),
    problem: Problem.nullable().meta({
      description: 'Why the way back from a provider has failed, for five minutes; null: it has not.',
    }),
  })
  .meta({ id: 'PendingSignIn', description: 'How far this browser has come with signing in.' })
export type PendingSignIn = z.infer<typeof PendingSignIn>

export const SecondProof = z.strictObject({
  totp: z.string().max(20).optional().meta({ description: 'The code that the authenticator app shows.' }),
  recoveryCode: z.string().max(64).optional().meta({ description: 'One of the codes for a lost phone.' }),
  passkey: Assertion.optional(),
})
