/** Accounts elsewhere: the OpenID providers of the instance, and who somebody is there. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { Id, Name, Time } from '../shapes.ts'
import { DisplayName } from './account.ts'
import { OwnerProof } from './factors.ts'

const { issuerChars, clientIdChars, secretChars, emailDomains, nextChars } = LIMITS.identityProvider

const settings = {
  allowPrivateNetwork: z.boolean().meta({
    description: 'Whether its addresses may be of a private network, or of this machine.',
  }),
  createUsers: z.boolean().meta({
    description:
      'Whether whoever it knows gets an account at the first sign-in, by a verified e-mail address.',
  }),
  defaultRole: Name.nullable().meta({
    description: 'The role in the whole instance of accounts that are made so; null: none.',
  }),
  emailDomains: z
    .array(z.string().max(LIMITS.email.chars))
    .max(emailDomains)
    .meta({ description: 'Only addresses of these domains get an account; empty: all.' }),
}
const issuer = z.string().max(issuerChars).meta({
  description: 'Its address, as its documentation has it.',
  example: 'https://login.example.com',
})
const clientId = z.string().min(1).max(clientIdChars).meta({ description: 'What it calls this Fairlead.' })
const clientSecret = z.string().min(1).max(secretChars).meta({
  description: 'Given by the provider; never told again.',
  format: 'password',
})
const label = DisplayName.meta({ description: 'What the sign-in page calls it.', example: 'Harbour Login' })

export const IdentityProvider = z
  .object({
    id: Id,
    label: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    hasClientSecret: z.boolean().meta({
      description: 'False after a restore without the key: it has to be entered again.',
    }),
    redirectUri: z.string().meta({ description: 'To be registered at the provider.' }),
    ...settings,
    createdAt: Time,
    revision: z.number().int(),
  })
  .meta({ id: 'IdentityProvider', description: 'An OpenID provider that people may sign in with.' })
export type IdentityProvider = z.infer<typeof IdentityProvider>

export const IdentityProviderCreate = z.strictObject({
  label,
  issuer,
  clientId,
  clientSecret,
  allowPrivateNetwork: settings.allowPrivateNetwork.default(false),
  createUsers: settings.createUsers.default(false),
  defaultRole: settings.defaultRole.default(null),
  emailDomains: settings.emailDomains.default([]),
})
export const IdentityProviderPatch = z.strictObject({
  label: label.optional(),
  issuer: issuer.optional(),
  clientId: clientId.optional(),
  clientSecret: clientSecret.optional(),
  allowPrivateNetwork: settings.allowPrivateNetwork.optional(),
  createUsers: settings.createUsers.optional(),
  defaultRole: settings.defaultRole.optional(),
  emailDomains: settings.emailDomains.optional(),
})

export const Identity = z
  .object({
    id: Id,
    issuer: z.string(),
    provider: z
      .object({ id: Id, label: z.string() })
      .nullable()
      .meta({ description: 'Null: it is not set up any more, and nobody can sign in with it.' }),
    label: z.string().meta({ description: 'What the provider calls the person.' }),
    createdAt: Time,
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: 'Identity', description: 'Who somebody is at an identity provider, by issuer and subject.' })
export type Identity = z.infer<typeof Identity>

const next = z
  .string()
  .max(nextChars)
  .optional()
  .meta({ description: 'The path of the page that is opened afterwards.', example: '/services/web' })

export const IdentityLink = z.strictObject({ ...OwnerProof.shape, provider: Id, next })
export const ProviderSignIn = z.strictObject({ next })

export const Departure = z
  .object({ url: z.string().meta({ description: 'Where the browser is to go.' }) })
  .meta({ id: 'Departure', description: 'The page of the provider; it leads back to `sign-in.callback`.' })

export const Arrival = z
  .object({ url: z.string().meta({ description: 'The path of the page that is to be opened.' }) })
  .meta({ id: 'Arrival', description: 'Where a browser goes on that comes back from a provider.' })

export const ProviderChoice = z
  .object({ items: z.array(z.object({ id: Id, label: z.string() })) })
  .meta({ id: 'ProviderChoice', description: 'The providers that people may sign in with.' })

/** What providers send back along with other things of their own (RFC 6749 §4.1.2, RFC 9207). */
export const CallbackQuery = z.looseObject({
  state: z.string().optional().meta({ description: 'What `sign-in.begin` or `identities.link` has sent.' }),
  code: z.string().optional().meta({ description: 'What the provider gives a token for.' }),
  error: z.string().optional().meta({ description: 'Why there is none.' }),
})
