/** Accounts and what they may do. Responses are allow-lists: no hash, code or secret has a field here. */
import { z } from 'zod'
import { PERMISSIONS } from '../../domain/access.ts'
import { Actor, Id, Name, PageQuery, Time } from '../shapes.ts'
import { Permission, Right, Secret } from './session.ts'

/** Logins and display names as they are typed; the rules of their canonical forms are judged behind the edge. */
export const Login = z
  .string()
  .max(1_024)
  .meta({ description: 'The e-mail address of a person, the name of a machine.', example: 'ann@example.com' })
export const DisplayName = z
  .string()
  .max(1_024)
  .meta({ description: 'What people call somebody.', example: 'Ann Harbour' })
export const NewPassword = Secret('8 characters to 72 bytes, and not a common one.')
export const Code = z.string().max(200).meta({ description: 'What stands behind # in the link.' })
export const Permissions = z.array(Permission).max(PERMISSIONS.length)

const scopeFields = {
  service: Name.nullable().meta({ description: 'Null: the whole instance.' }),
  environment: Name.nullable().meta({ description: 'Null: all environments of the service.' }),
}

/** What somebody wants to give: the whole instance without a service, a whole service without an environment. */
export const GrantCreate = z.strictObject({
  role: Name,
  service: Name.optional(),
  environment: Name.optional().meta({ description: 'Of the service, which has to be named too.' }),
})

export const Grant = z
  .object({ id: Id, role: Name, ...scopeFields, createdAt: Time })
  .meta({ id: 'Grant', description: 'A role of a user: in the whole instance, a service or an environment.' })

export const Factors = z
  .object({
    password: z.boolean(),
    totp: z.boolean().meta({ description: 'Codes of an authenticator app.' }),
    passkeys: z.number().int(),
    recoveryCodes: z.number().int().meta({ description: 'How many are left.' }),
    identities: z.number().int().meta({ description: 'Accounts at identity providers.' }),
  })
  .meta({ id: 'Factors', description: 'How the person can sign in.' })

export const User = z
  .object({
    id: Id,
    kind: z.enum(['person', 'machine']).meta({ description: 'A machine holds API keys and never signs in.' }),
    login: z.string(),
    name: z.string(),
    disabled: z.boolean(),
    factors: Factors,
    grants: z.array(Grant).meta({ description: 'Those at things that the reader may see.' }),
    createdAt: Time,
    lastSeenAt: Time.nullable().meta({ description: 'The last use of a session or an API key.' }),
    revision: z.number().int(),
  })
  .meta({ id: 'User', description: 'An account: of a person, or of a machine.' })

export const Profile = z
  .object({ ...User.shape, rights: z.array(Right).meta({ description: 'What this request may do.' }) })
  .meta({ id: 'Profile', description: 'The own account.' })

export const Role = z
  .object({
    name: Name,
    builtIn: z.boolean(),
    permissions: z.array(Permission),
    createdAt: Time.nullable().meta({ description: 'Null for those that come with Fairlead.' }),
    revision: z.number().int(),
  })
  .meta({ id: 'Role', description: 'A named set of permissions.' })

const invitationFields = {
  id: Id,
  login: z.string(),
  role: Name,
  ...scopeFields,
  invitedBy: Actor,
  valid: z.boolean().meta({ description: 'Whether the inviter still holds what it gives.' }),
  createdAt: Time,
  expiresAt: Time,
}
export const Invitation = z
  .object(invitationFields)
  .meta({ id: 'Invitation', description: 'A link by which a person makes an account of its own, once.' })
export const NewInvitation = z
  .object({ ...invitationFields, url: z.string().meta({ description: 'Told this once, and never again.' }) })
  .meta({ id: 'NewInvitation', description: 'An invitation with its link.' })

export const PasswordReset = z
  .object({ url: z.string().meta({ description: 'Told this once, and never again.' }), expiresAt: Time })
  .meta({ id: 'PasswordReset', description: 'A link by which a person chooses a new password, once.' })

export const Session = z
  .object({
    id: Id,
    current: z.boolean().meta({ description: 'Whether this request comes from it.' }),
    methods: z.array(z.string()).meta({ description: 'How the person proved who it is.' }),
    address: z.string().meta({ description: 'Where it was used last.' }),
    userAgent: z.string(),
    createdAt: Time,
    seenAt: Time,
    expiresAt: Time,
  })
  .meta({ id: 'Session', description: 'A sign-in of a person.' })

/** How many sessions were ended. */
export const Ended = z.object({ ended: z.number().int() }).meta({ id: 'Ended' })

export const UserCreate = z.strictObject({
  login: Login,
  kind: z.enum(['person', 'machine']).default('person'),
  name: DisplayName.optional(),
  password: NewPassword.optional().meta({
    description: 'Of a person, who is asked for it at sign-in. Better: an invitation.',
  }),
  role: Name.optional(),
  service: Name.optional(),
  environment: Name.optional(),
})
export const UserQuery = z.strictObject({
  ...PageQuery.shape,
  login: Login.optional().meta({ description: 'The user with this login alone.' }),
})
export const UserPatch = z.strictObject({ name: DisplayName.optional(), disabled: z.boolean().optional() })
export const RoleCreate = z.strictObject({ name: Name, permissions: Permissions })
export const RolePatch = z.strictObject({ permissions: Permissions })
export const InvitationCreate = z.strictObject({ login: Login, ...GrantCreate.shape })
export const InvitationAccept = z.strictObject({
  code: Code,
  name: DisplayName.optional(),
  password: NewPassword,
})
export const PasswordResetAccept = z.strictObject({ code: Code, password: NewPassword })
export const ProfilePatch = z.strictObject({ name: DisplayName.optional() })
export const PasswordChange = z.strictObject({
  current: Secret('The password until now; left out by those who have none yet.').optional(),
  new: NewPassword,
})

export type Factors = z.infer<typeof Factors>
export type Grant = z.infer<typeof Grant>
export type User = z.infer<typeof User>
export type Profile = z.infer<typeof Profile>
export type Role = z.infer<typeof Role>
export type Invitation = z.infer<typeof Invitation>
export type NewInvitation = z.infer<typeof NewInvitation>
export type PasswordReset = z.infer<typeof PasswordReset>
export type Session = z.infer<typeof Session>
