import { isoTime } from '../../base/clock.ts'
import type { User } from '../../contract/shapes/account.ts'
import type { Permission } from '../../domain/access.ts'
import { requireGivable } from '../../engine/account/authority.ts'
import { acceptReset, makeResetLink } from '../../engine/account/password-reset.ts'
import * as users from '../../engine/account/users.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Api, Call, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { lacking } from '../gate.ts'
import { once, type Remember, remembered, stillThere } from '../idempotency.ts'
import { invalid } from '../json-body.ts'
import { API_ROOT } from '../openapi.ts'
import { requireMatch } from '../precondition.ts'
import { hiding } from '../refused.ts'
import type { JsonReply } from '../reply.ts'
import { grantView, isSeen, type Reader, userView, userViews } from './views.ts'

export function userHandlers(api: Api): HandlersOf<'users'> {
  const { accounts } = api
  const { store } = accounts
  const reply = (call: Reader, row: UserRow, status: number): JsonReply<User> => ({
    status,
    value: userView(store, row, call),
    revision: row.revision,
    location: `${API_ROOT}/users/${row.id}`,
  })
  return {
    'users.list': (call) => {
      const { login } = call.query
      const page = pageOf({
        list: 'users',
        query: call.query,
        rows: (place) => (login === undefined ? store.users.list(place) : users.byLogin(store, login)),
        numberOf: (row) => row.number,
      })
      return { status: 200, value: { items: userViews(store, page.rows, call), next: page.next } }
    },
    'users.create': async (call) => {
      // Whoever creates learns which logins are taken.
      if (!call.may('users:read')) throw lacking('users:read')
      const id = await once(api, call, (remember) => create(api, call, remember))
      return reply(call, stillThere(store.users.find(id)), 201)
    },
    'users.show': (call) => reply(call, readable(api, call, call.params.id), 200),
    'users.update': async (call) => {
      changeable(api, call, call.params.id)
      const change = await call.json()
      call.requireStill()
      const user = changeable(api, call, call.params.id)
      requireMatch(call.request, userView(store, user, call))
      users.changeUser(accounts, call, { user, change })
      return reply(call, present(api, user.id), 200)
    },
    'users.delete': (call) => {
      const user = changeable(api, call, call.params.id, 'users:delete')
      const was = reply(call, user, 200)
      requireMatch(call.request, was.value)
      users.deleteUser(accounts, call, user)
      return was
    },
    'users.sign-out': (call) => {
      const user = changeable(api, call, call.params.id)
      return { status: 200, value: { ended: users.signOutUser(accounts, call, user) } }
    },
  }
}

export function grantHandlers(api: Api): HandlersOf<'grants'> {
  const { accounts } = api
  const { store } = accounts
  return {
    'grants.create': async (call) => {
      changeable(api, call, call.params.id)
      const wished = await call.json()
      call.requireStill()
      const user = changeable(api, call, call.params.id)
      const grant = users.giveRole(accounts, call, { user, wished })
      const location = `${API_ROOT}/users/${user.id}`
      return { status: 201, value: grantView(grant), location }
    },
    'grants.delete': (call) => {
      const user = changeable(api, call, call.params.id)
      const grant = store.grants.find(user.id, call.params.grant)
      if (!grant || !isSeen(grant, call)) throw hiding(users.noGrant(), grant !== null)
      users.takeRole(accounts, call, { user, grant })
      return { status: 200, value: grantView(grant) }
    },
  }
}

export function passwordResetHandlers(api: Api): HandlersOf<'password-resets'> {
  const { accounts } = api
  return {
    'password-resets.create': (call) => {
      const link = makeResetLink(accounts, call, changeable(api, call, call.params.id))
      return { status: 201, value: { url: link.url, expiresAt: isoTime(link.expiresAt) } }
    },
    'password-resets.accept': async (call) => {
      const { login } = await acceptReset(accounts, await call.json(), call.address)
      return { status: 200, value: { login } }
    },
  }
}

async function create(api: Api, call: Call<'users.create'>, remember: Remember): Promise<string> {
  const { accounts } = api
  const { role, service, environment, ...account } = await call.json()
  if (role === undefined && (service ?? environment) !== undefined)
    throw invalid('body', [{ field: 'role', message: 'is missing: what is the user to have there?' }])
  const wished = role === undefined ? null : { role, service, environment }
  // Refused before a hash is made for it, and judged again when it is.
  if (wished) requireGivable(accounts.store, call, wished)
  const hashed = await users.newAccount(accounts, account)
  return remembered(api, remember, () => users.createUser(accounts, call, { account: hashed, wished }))
}

export function present({ accounts }: Api, id: string): UserRow {
  const row = accounts.store.users.find(id)
  if (!row) throw users.noUser()
  return row
}

/** Throws `not_found` for everybody whom the caller may not read. He may always read himself. */
function readable(api: Api, call: Pick<Call<'users.show'>, 'actor' | 'may'>, id: string): UserRow {
  if (id !== call.actor.userId && !call.may('users:read'))
    throw hiding(users.noUser(), api.accounts.store.users.find(id) !== null)
  return present(api, id)
}

/** Throws `not_found` for whom the caller may not read, and `forbidden` for whom he may only read. */
export function changeable(
  api: Api,
  call: Pick<Call<'users.show'>, 'actor' | 'may'>,
  ...[id, need = 'users:update']: [id: string, need?: Permission]
): UserRow {
  const row = readable(api, call, id)
  if (!call.may(need)) throw lacking(need)
  return row
}
