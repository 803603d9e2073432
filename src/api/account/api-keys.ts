import type { ApiKey, NewApiKey } from '../../contract/shapes/api-key.ts'
import { may, type Permission } from '../../domain/access.ts'
import * as keys from '../../engine/account/api-keys.ts'
import { noUser } from '../../engine/account/users.ts'
import type { ApiKeyRow } from '../../store/account/api-keys.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Api, Call, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { lacking } from '../gate.ts'
import { API_ROOT } from '../openapi.ts'
import { requireMatch } from '../precondition.ts'
import { hiding } from '../refused.ts'
import type { JsonReply } from '../reply.ts'
import { apiKeyView, newApiKeyView } from './views.ts'

type Asker = Pick<Call<'api-keys.show'>, 'actor' | 'may' | 'rights' | 'requireStill'>

export function apiKeyHandlers(api: Api): HandlersOf<'api-keys'> {
  const { accounts } = api
  const { store } = accounts
  const view = (call: Asker, row: ApiKeyRow): ApiKey => apiKeyView(store, row, call)
  const reply = (call: Asker, row: ApiKeyRow): JsonReply<ApiKey> => ({
    status: 200,
    value: view(call, row),
    revision: row.revision,
  })
  const made = (call: Asker, { row, key }: keys.MadeKey): JsonReply<NewApiKey> => ({
    status: 201,
    value: newApiKeyView(store, { row, key }, call),
    location: `${API_ROOT}/api-keys/${row.id}`,
  })
  return {
    'api-keys.list': (call) => {
      const owner = call.query.user === undefined ? null : store.users.named(call.query.user)
      const wanted = call.may('api-keys:read') ? (owner?.id ?? null) : (call.actor.userId ?? '')
      const page = pageOf({
        list: 'api-keys',
        query: call.query,
        rows: (place) => store.apiKeys.list(place, wanted),
        numberOf: (row) => row.number,
        passes: (row) => call.query.user === undefined || row.userId === owner?.id,
      })
      return { status: 200, value: { items: page.rows.map((row) => view(call, row)), next: page.next } }
    },
    'api-keys.create': async (call) => {
      requireMaker(call)
      const { user: login, ...wished } = await call.json()
      const user = login === undefined ? oneself(api, call) : ownerOf(api, call, login)
      return made(call, keys.createApiKey(accounts, call, { user, wished: withTimes(wished) }))
    },
    'api-keys.show': (call) => reply(call, readable(api, call, call.params.id)),
    'api-keys.update': async (call) => {
      changeable(api, call, 'api-keys:update')
      const change = await call.json()
      const row = changeable(api, call, 'api-keys:update')
      requireMatch(call.request, view(call, row))
      return reply(call, keys.changeApiKey(accounts, call, { row, change: withTimes(change) }))
    },
    'api-keys.rotate': async (call) => {
      changeable(api, call, 'api-keys:update')
      const { overlapSeconds } = await call.json()
      const row = changeable(api, call, 'api-keys:update')
      return made(call, keys.rotateApiKey(accounts, call, { row, overlapMs: overlapSeconds * 1000 }))
    },
    'api-keys.delete': (call) => {
      const row = changeable(api, call, 'api-keys:delete')
      const was = reply(call, row)
      requireMatch(call.request, was.value)
      keys.revokeApiKey(accounts, call, row)
      return was
    },
  }
}

type Timed = { expiresAt?: string | null | undefined }
const withTimes = <T extends Timed>({ expiresAt, ...rest }: T) => ({
  ...rest,
  expiresAt: typeof expiresAt === 'string' ? Date.parse(expiresAt) : expiresAt,
})

/** A person makes his own keys; a key makes keys only when it was given the right to. */
function requireMaker({ actor, rights }: Asker): void {
  if (actor.kind !== 'key' || isGranted(rights, 'api-keys:create')) return
  throw lacking('api-keys:create')
}

/** Whether a key holds a permission at all, wherever. */
const isGranted = (rights: Asker['rights'], permission: Permission): boolean => {
  const { grants, bounds } = rights()
  return may({ grants, bounds: bounds && { ...bounds, scopes: null } }, permission)
}

function oneself({ accounts }: Api, { actor }: Asker): UserRow {
  const user = actor.userId === undefined ? null : accounts.store.users.find(actor.userId)
  if (!user) throw lacking('api-keys:create')
  return user
}

/** Throws `not_found` for a user that the caller may not read, and `forbidden`. */
function ownerOf({ accounts }: Api, call: Asker, login: string): UserRow {
  const user = accounts.store.users.named(login)
  if (user && user.id === call.actor.userId) return user
  if (!user || !call.may('users:read')) throw hiding(noUser(), user !== null)
  if (!call.may('api-keys:create')) throw lacking('api-keys:create')
  return user
}

/** Throws `not_found` for keys that the caller may not read. He may always read his own. */
function readable({ accounts }: Api, call: Asker, id: string): ApiKeyRow {
  const row = accounts.store.apiKeys.find(id)
  if (!row || row.revokedAt !== null) throw keys.noApiKey()
  if (row.userId !== call.actor.userId && !call.may('api-keys:read')) throw hiding(keys.noApiKey(), true)
  return row
}

/** Throws `not_found`, and `forbidden` for those that he may only read. */
function changeable(
  api: Api,
  call: Asker & { params: { id: string } },
  need: 'api-keys:update' | 'api-keys:delete',
): ApiKeyRow {
  const row = readable(api, call, call.params.id)
  const isOwn =
    row.userId === call.actor.userId && (call.actor.kind !== 'key' || isGranted(call.rights, need))
  if (!isOwn && !call.may(need)) throw lacking(need)
  return row
}
