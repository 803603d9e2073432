/** What a person signs in with besides a password. Secrets and codes are told once, by the answer that makes them. */
import { z } from 'zod'
import { Factors } from './account.ts'
import { Secret } from './session.ts'

/** Asked for with each change of what somebody signs in with: an unlocked screen is not yet its owner. */
export const OwnerProof = z.strictObject({
  password: Secret(
    'The own password, once more. Left out by those who have none: they have to have signed in within ten minutes.',
  ).optional(),
})

export const TotpProposal = z
  .object({
    secret: z.string().meta({ description: 'Base32, to be typed where no picture can be taken.' }),
    uri: z.string().meta({ description: '`otpauth://totp/…`, to be shown as a QR code.' }),
  })
  .meta({
    id: 'TotpProposal',
    description: 'What an authenticator app has to know. It counts when confirmed.',
  })

export const TotpConfirm = z.strictObject({
  code: z.string().max(20).meta({ description: 'What the app shows now.', example: '123456' }),
})

export const RecoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()).meta({ description: 'Each signs in once.' }) })
  .meta({ id: 'RecoveryCodes', description: 'Codes for the day on which the second factor is lost.' })

export const newCodes = z.array(z.string()).nullable().meta({
  description:
    'With the first second factor: told this once, each signs in once. Null: there are some already.',
})
export const FactorAdded = z
  .object({ factors: Factors, recoveryCodes: newCodes })
  .meta({ id: 'FactorAdded', description: 'How one can sign in from now on.' })

export type TotpProposal = z.infer<typeof TotpProposal>
