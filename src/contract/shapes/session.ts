/** Who is signed in, and how. */
import { z } from 'zod'
import { PERMISSIONS } from '../../domain/access.ts'
import { Id, Time } from '../shapes.ts'

export const Permission = z
  .enum(PERMISSIONS as [(typeof PERMISSIONS)[number], ...(typeof PERMISSIONS)[number][]]) // the list is not empty
  .meta({ id: 'Permission', description: 'What may be done: noun:verb.' })

/** Some permissions and how far they reach; ids, because names may change while a page is open. */
export const Right = z
  .object({
    permissions: z.array(Permission),
    serviceId: Id.nullable().meta({ description: 'Null: in all services, and in the instance as a whole.' }),
    environmentId: Id.nullable().meta({ description: 'Null: in all environments of the service.' }),
  })
  .meta({ id: 'Right' })
export type Right = z.infer<typeof Right>

export const Whoami = z
  .object({
    kind: z.enum(['local', 'user', 'key']).nullable().meta({
      description: 'Null: nobody is signed in. `local`: there is no account yet; this machine is let in.',
    }),
    user: z.object({ id: Id, login: z.string(), name: z.string() }).nullable(),
    session: z.object({ id: Id, expiresAt: Time }).nullable(),
    rights: z.array(Right),
    setupOpen: z.boolean().meta({ description: 'Whether the first account is still to be made.' }),
    insecure: z.boolean().meta({
      description: 'Whether the page is reached without HTTPS from other machines (--insecure-http).',
    }),
  })
  .meta({ id: 'Whoami', description: 'Who sends this request, and what he may do.' })
export type Whoami = z.infer<typeof Whoami>

export const AccessToken = z
  .object({ accessToken: z.string(), tokenType: z.literal('Bearer'), expiresAt: Time })
  .meta({ id: 'AccessToken', description: 'A JWT that speaks for a session for ten minutes.' })
export type AccessToken = z.infer<typeof AccessToken>

/** As long as anything that could be one; whether it is one is told in one and the same way. */
export const Secret = (description: string) => z.string().max(1_024).meta({ description, format: 'password' })

export const SignIn = z.strictObject({
  login: z.string().max(1_024).meta({ description: 'The e-mail address.', example: 'ann@example.com' }),
  password: Secret('The password.'),
  totp: z.string().max(20).optional().meta({ description: 'The code that the authenticator app shows.' }),
  recoveryCode: z.string().max(64).optional().meta({ description: 'One of the codes for a lost phone.' }),
  as: z
    .enum(['cookie', 'token'])
    .default('cookie')
    .meta({ description: '`token`: for programs. No cookie is set; the answer is an access token.' }),
})

export const SetUp = z.strictObject({
  code: z.string().max(200).meta({ description: 'What stands behind # in the link on the console.' }),
  login: z.string().max(1_024).meta({ description: 'An e-mail address.', example: 'ann@example.com' }),
  name: z.string().max(1_024).optional().meta({ description: 'What people call you.' }),
  password: Secret('8 characters to 72 bytes, and not a common one.'),
})
