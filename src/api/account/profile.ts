import { Fault } from '../../base/fault.ts'
import type { RouteName } from '../../contract/routes.ts'
import { Profile } from '../../contract/shapes/account.ts'
import * as own from '../../engine/account/profile.ts'
import { endSession } from '../../engine/account/session.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Api, Call, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { requireMatch } from '../precondition.ts'
import { hiding } from '../refused.ts'
import type { JsonReply } from '../reply.ts'
import { requireSession, rightsShown } from './session.ts'
import { sessionView, userView } from './views.ts'

type Asker = Call<RouteName>

export function profileHandlers(api: Api): HandlersOf<'profile'> {
  const { accounts } = api
  const { sessions } = accounts.store
  return {
    'profile.show': (call) => reply(api, call),
    'profile.update': async (call) => {
      oneself(api, call)
      const { name } = await call.json()
      call.requireStill()
      const person = oneself(api, call)
      requireMatch(call.request, reply(api, call).value)
      if (name !== undefined) own.changeOwnName(accounts, person, name)
      return reply(api, call)
    },
    'profile.password': async (call) => {
      oneself(api, call)
      const change = await call.json()
      call.requireStill()
      return {
        status: 200,
        value: { ended: await own.changeOwnPassword(accounts, oneself(api, call), change) },
      }
    },
    'profile.sessions': (call) => {
      const { user, session } = oneself(api, call)
      const all = sessions.of(user.id).map((row, index) => ({ row, number: index + 1 }))
      const page = pageOf({
        list: `sessions ${user.id}`,
        query: call.query,
        rows: ({ limit, after }) => all.slice(after ?? 0, (after ?? 0) + limit),
        numberOf: ({ number }) => number,
      })
      const items = page.rows.map(({ row }) => sessionView(row, session.id))
      return { status: 200, value: { items, next: page.next } }
    },
    'profile.end-session': (call) => {
      const { user, session } = oneself(api, call)
      const ended = sessions.find(call.params.id)
      if (!ended || ended.userId !== user.id) throw hiding(own.noSession(), ended !== null)
      endSession(accounts, ended, call.actor)
      return { status: 200, value: sessionView(ended, session.id) }
    },
    'profile.end-sessions': (call) => ({
      status: 200,
      value: { ended: own.endOtherSessions(accounts, oneself(api, call)) },
    }),
  }
}

function reply(api: Api, call: Pick<Asker, 'actor' | 'may' | 'rights'>): JsonReply<Profile> {
  const user = ownUser(api, call)
  const { store } = api.accounts
  const value = Profile.parse({ ...userView(store, user, call), rights: rightsShown(call.rights()) })
  return { status: 200, value, revision: user.revision }
}

/** Throws `forbidden` while there is no account. */
function ownUser({ accounts }: Api, { actor }: Pick<Asker, 'actor'>): UserRow {
  const user = actor.userId === undefined ? null : accounts.store.users.find(actor.userId)
  if (user) return user
  throw new Fault('forbidden', 'There is no account yet that could have a profile.', {
    hint: 'Make the first one with the link that `serve` has printed on the console.',
  })
}

/** Throws `forbidden` for API keys. */
export const oneself = (api: Api, call: Pick<Asker, 'actor' | 'session' | 'requireStill'>): own.Oneself => ({
  session: requireSession(call),
  user: ownUser(api, call),
  actor: call.actor,
  requireStill: call.requireStill,
})
