/** Passkeys, in the JSON of WebAuthn level 3 (§5.1.8 to §5.1.10): what a browser is asked, and what it answers. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { Id, Time } from '../shapes.ts'
import { DisplayName, Factors } from './account.ts'
import { newCodes } from './factors.ts'

const Bytes = z.string().max(LIMITS.factors.passkeyBytes).meta({ description: 'base64url.' })

export const Passkey = z
  .object({
    id: Id,
    name: z.string(),
    backedUp: z
      .boolean()
      .meta({ description: 'Whether it outlives its device, in a cloud or a password manager.' }),
    createdAt: Time,
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: 'Passkey', description: 'A key in a device or a password manager that signs in.' })
export type Passkey = z.infer<typeof Passkey>

const Descriptor = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()).optional(),
})
const Verification = z.enum(['required', 'preferred', 'discouraged'])

export const CreationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number().int() })),
    timeout: z.number().int(),
    excludeCredentials: z.array(Descriptor),
    authenticatorSelection: z.object({
      residentKey: z.string(),
      requireResidentKey: z.boolean(),
      userVerification: Verification,
    }),
    attestation: z.literal('none'),
  })
  .meta({
    id: 'PasskeyCreationOptions',
    description:
      'For `PublicKeyCredential.parseCreationOptionsFromJSON`, and then `navigator.credentials.create`.',
  })

export const RequestOptions = z
  .object({
    rpId: z.string(),
    challenge: z.string(),
    timeout: z.number().int(),
    userVerification: Verification,
    allowCredentials: z.array(Descriptor).optional(),
  })
  .meta({
    id: 'PasskeyRequestOptions',
    description:
      'For `PublicKeyCredential.parseRequestOptionsFromJSON`, and then `navigator.credentials.get`.',
  })

const credential = {
  id: Bytes,
  rawId: Bytes,
  type: z.literal('public-key'),
}

/** What else browsers add is left out: it is theirs, and grows. */
export const Registration = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: Bytes,
      attestationObject: Bytes,
      transports: z.array(z.string().max(40)).max(20).optional(),
    }),
  })
  .meta({ id: 'PasskeyRegistration', description: '`toJSON()` of what `navigator.credentials.create` gave.' })

export const Assertion = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: Bytes,
      authenticatorData: Bytes,
      signature: Bytes,
      userHandle: Bytes.nullish(),
    }),
  })
  .meta({ id: 'PasskeyAssertion', description: '`toJSON()` of what `navigator.credentials.get` gave.' })
export type Registration = z.infer<typeof Registration>
export type Assertion = z.infer<typeof Assertion>

export const PasskeyCreate = z.strictObject({ name: DisplayName, response: Registration })
export const PasskeyPatch = z.strictObject({ name: DisplayName })
export const PasskeyAdded = z
  .object({ passkey: Passkey, factors: Factors, recoveryCodes: newCodes })
  .meta({ id: 'PasskeyAdded', description: 'A new passkey, and how one can sign in from now on.' })
export const PasskeySignIn = z.strictObject({ response: Assertion })
