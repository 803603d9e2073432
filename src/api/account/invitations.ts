import {
  acceptInvitation,
  invite,
  isValid,
  noInvitation,
  withdrawInvitation,
} from '../../engine/account/invitations.ts'
import type { InvitationRow } from '../../store/account/invitations.ts'
import type { Api, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { lacking } from '../gate.ts'
import { hiding } from '../refused.ts'
import { originOf } from './browser.ts'
import { signedInReply } from './session.ts'
import { invitationView, isSeen } from './views.ts'

export function invitationHandlers(api: Api): HandlersOf<'invitations'> {
  const { accounts } = api
  const { invitations } = accounts.store
  const view = (row: InvitationRow) => invitationView(row, isValid(accounts, row))
  return {
    'invitations.list': (call) => {
      const page = pageOf({
        list: 'invitations',
        query: call.query,
        rows: (place) => invitations.list(place, api.clock.now()),
        numberOf: (row) => row.number,
        passes: (row) => isSeen(row, call),
      })
      return { status: 200, value: { items: page.rows.map(view), next: page.next } }
    },
    'invitations.create': async (call) => {
      const { invitation, url } = invite(accounts, call, await call.json())
      return { status: 201, value: { ...view(invitation), url } }
    },
    'invitations.delete': (call) => {
      const row = invitations.find(call.params.id, api.clock.now())
      if (!row || !call.may('users:read') || !isSeen(row, call)) throw hiding(noInvitation(), row !== null)
      if (!call.may('users:create')) throw lacking('users:create')
      const was = view(row)
      withdrawInvitation(accounts, call, row)
      return { status: 200, value: was }
    },
    'invitations.accept': async (call) =>
      signedInReply(api, await acceptInvitation(accounts, await call.json(), originOf(call))),
  }
}
