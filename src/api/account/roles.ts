import type { Role } from '../../contract/shapes/account.ts'
import { changeRole, createRole, deleteRole } from '../../engine/account/roles.ts'
import type { RoleRow } from '../../store/account/roles.ts'
import type { Api, HandlersOf } from '../call.ts'
import { pageOf } from '../cursor.ts'
import { once, remembered, stillThere } from '../idempotency.ts'
import { API_ROOT } from '../openapi.ts'
import { requireMatch } from '../precondition.ts'
import type { JsonReply } from '../reply.ts'
import { roleView } from './views.ts'

export function roleHandlers(api: Api): HandlersOf<'roles'> {
  const { accounts } = api
  const { roles } = accounts.store
  const reply = (row: RoleRow, status: number): JsonReply<Role> => ({
    status,
    value: roleView(row),
    revision: row.revision,
    location: `${API_ROOT}/roles/${row.name}`,
  })
  return {
    'roles.list': ({ query }) => {
      const all = roles.list().map((row, index) => ({ row, number: index + 1 }))
      const page = pageOf({
        list: 'roles',
        query,
        rows: ({ limit, after }) => all.slice(after ?? 0, (after ?? 0) + limit),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map(({ row }) => roleView(row)), next: page.next } }
    },
    'roles.create': async (call) => {
      const name = await once(api, call, async (remember) => {
        const wished = await call.json()
        return remembered(api, remember, () => ({ id: createRole(accounts, call, wished).name }))
      })
      return reply(stillThere(roles.find(name)), 201)
    },
    'roles.show': ({ params }) => reply(roles.required(params.name), 200),
    'roles.update': async (call) => {
      const { permissions } = await call.json()
      const role = roles.required(call.params.name)
      requireMatch(call.request, roleView(role))
      changeRole(accounts, call, { role, permissions })
      return reply(roles.required(role.name), 200)
    },
    'roles.delete': (call) => {
      const role = roles.required(call.params.name)
      requireMatch(call.request, roleView(role))
      deleteRole(accounts, call, role)
      return reply(role, 200)
    },
  }
}
