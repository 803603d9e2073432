/** Invitations: a person makes an account of its own, with a role that the inviter holds then and still (J17). */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { hold, may } from '../../domain/access.ts'
import { requireEmail } from '../../domain/account/login.ts'
import type { InvitationRow } from '../../store/account/invitations.ts'
import type { Store } from '../../store/store.ts'
import { rightsOf } from '../access.ts'
import type { World } from '../step.ts'
import { type Authority, requireGivable, requireHeld, rightsAt, type WishedGrant } from './authority.ts'
import { codeHashOf, makerOf, newLink } from './one-time-code.ts'
import { type Origin, openSession } from './session.ts'
import { requireAccount } from './set-up.ts'
import type { AccountWorld, SignedIn } from './sign-in.ts'
import { shownGrant, shownOf } from './users.ts'

type Rows = Pick<World, 'store' | 'clock'>

export interface WishedInvitation extends WishedGrant {
  login: string
}

/**
 * Makes the link, in place of an earlier one to the same person. Throws `invalid`, `not_found`, `forbidden`; and
 * `conflict` when there is such a user, told to those only who may read users.
 */
export function invite(
  { store, clock, baseUrl }: Pick<AccountWorld, 'store' | 'clock' | 'baseUrl'>,
  by: Authority,
  wished: WishedInvitation,
): { invitation: InvitationRow; url: string } {
  const login = requireEmail(wished.login)
  return store.tx(() => {
    const given = requireGivable(store, by, wished)
    if (store.users.named(login) && may(by.rights(), 'users:read')) throw isUser(login)
    const now = clock.now()
    const replaced = store.invitations.of(login, now)
    if (replaced) requireHeld(by, rightsOfInvitation(store, replaced), 'replace the earlier invitation')
    const { url, codeHash } = newLink(`${baseUrl()}/invitation`)
    const expiresAt = now + LIMITS.account.invitationMs
    const invitedBy = makerOf(by.actor)
    const invitation = store.invitations.put({ login, ...given, codeHash, invitedBy, now, expiresAt })
    store.events.append({
      at: now,
      kind: 'invitation.created',
      actor: by.actor,
      data: {
        invitation: invitation.id,
        ...(replaced && { before: shownInvitation(replaced) }),
        after: shownInvitation(invitation),
      },
    })
    return { invitation, url }
  })
}

/** Throws `forbidden`. */
export function withdrawInvitation({ store, clock }: Rows, by: Authority, invitation: InvitationRow): void {
  store.tx(() => {
    requireHeld(by, rightsOfInvitation(store, invitation), 'withdraw this invitation')
    store.invitations.remove(invitation.id)
    store.events.append({
      at: clock.now(),
      kind: 'invitation.deleted',
      actor: by.actor,
      data: { invitation: invitation.id, before: shownInvitation(invitation) },
    })
  })
}

export interface Acceptance {
  code: string
  name?: string | undefined
  password: string
}

/** Makes the account and signs in. Throws `not_found` for whatever is no open invitation, `invalid`. */
export async function acceptInvitation(
  world: AccountWorld,
  { code, name, password }: Acceptance,
  origin: Origin,
): Promise<SignedIn> {
  const { store, clock, passwords, throttle } = world
  const { address } = origin
  const { login } = await throttle.attempt({ address, login: null }, () => openInvitation(world, code))
  const account = requireAccount(world, { login, name, password })
  const passwordHash = await passwords.hash(password)
  return store.tx(() => {
    const invitation = openInvitation(world, code)
    const now = clock.now()
    const user = store.users.create({ kind: 'person', ...account, passwordHash, now })
    const grant = store.grants.add(user.id, { role: invitation.role, scope: invitation, now })
    store.invitations.remove(invitation.id)
    store.events.append({
      at: now,
      kind: 'user.created',
      actor: { kind: 'user', name: user.login, userId: user.id, address: origin.address },
      data: {
        user: user.id,
        after: { ...shownOf(user), grant: shownGrant(grant) },
        invitation: invitation.id,
        invitedBy: invitation.invitedBy,
      },
    })
    return { user, ...openSession(world, user, { methods: ['invitation'], origin }) }
  })
}

/** Unknown, used, replaced, expired and void codes are all the same, and cost the same: a look by the hash. */
function openInvitation({ store, clock }: Rows, code: string): InvitationRow {
  const invitation = store.invitations.byCode(codeHashOf(code), clock.now())
  if (!invitation || !isValid({ store, clock }, invitation) || store.users.named(invitation.login))
    throw new Fault('not_found', 'This invitation is not open, or not any more.', {
      hint: 'Each works once, for seven days. Ask whoever has invited you for a new one.',
    })
  return invitation
}

/** Whether whoever has invited may still do so, and still holds what is given. */
export function isValid({ store, clock }: Rows, invitation: InvitationRow): boolean {
  const rights = rightsOf(store, invitation.invitedBy, clock.now())
  const isRole = store.roles.find(invitation.role) !== null
  return isRole && may(rights, 'users:create') && hold(rights, rightsOfInvitation(store, invitation))
}

const rightsOfInvitation = (store: Store, invitation: InvitationRow) =>
  rightsAt(store, { role: invitation.role, scope: invitation })

const shownInvitation = (row: InvitationRow): object => ({
  login: row.login,
  role: row.role,
  service: row.serviceName,
  environment: row.environmentName,
})

const isUser = (login: string): Fault =>
  new Fault('conflict', `"${login}" has an account already.`, {
    hint: 'Give the user another role instead.',
    errors: [{ field: 'login', message: 'is taken' }],
  })

/** What may not be read is told in the same words as what is not there. */
export const noInvitation = (): Fault =>
  new Fault('not_found', 'There is no such invitation; it may have been accepted, or be too old.', {
    hint: 'List the invitations to see those that are open.',
  })
