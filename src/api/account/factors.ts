import { resetFactors } from '../../engine/account/factors.ts'
import { provenOwner } from '../../engine/account/profile.ts'
import { renewRecoveryCodes } from '../../engine/account/recovery-codes.ts'
import { confirmTotp, proposeTotp, removeTotp } from '../../engine/account/totp.ts'
import type { Api, HandlersOf } from '../call.ts'
import { oneself } from './profile.ts'
import { changeable, present } from './users.ts'
import { factorsOf, userView } from './views.ts'

export function factorHandlers(api: Api): HandlersOf<'totp' | 'recovery-codes' | 'factors'> {
  const { accounts } = api
  const { store } = accounts
  return {
    'totp.propose': async (call) => {
      oneself(api, call)
      const { password } = await call.json()
      const { user } = await provenOwner(accounts, oneself(api, call), password)
      return { status: 201, value: proposeTotp(accounts, user) }
    },
    'totp.confirm': async (call) => {
      oneself(api, call)
      const { code } = await call.json()
      call.requireStill()
      const { user, actor, session } = oneself(api, call)
      const recoveryCodes = confirmTotp(accounts, { user, actor, sessionId: session.id }, code)
      return { status: 200, value: { factors: factorsOf(store, user), recoveryCodes } }
    },
    'totp.remove': async (call) => {
      oneself(api, call)
      const { password } = await call.json()
      const change = await provenOwner(accounts, oneself(api, call), password)
      removeTotp(accounts, change)
      return { status: 200, value: factorsOf(store, change.user) }
    },
    'recovery-codes.create': async (call) => {
      oneself(api, call)
      const { password } = await call.json()
      const change = await provenOwner(accounts, oneself(api, call), password)
      return { status: 201, value: { recoveryCodes: renewRecoveryCodes(accounts, change) } }
    },
    'factors.reset': (call) => {
      const user = changeable(api, call, call.params.id)
      resetFactors(accounts, call, user)
      const now = present(api, user.id)
      return { status: 200, value: userView(store, now, call), revision: now.revision }
    },
  }
}
