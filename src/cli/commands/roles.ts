import { Fault, shown } from '../../base/fault.ts'
import type { Role } from '../../contract/shapes/account.ts'
import { isPermission, PERMISSIONS, type Permission } from '../../domain/access.ts'
import type { Args, Command } from '../command.ts'
import type { Output } from '../output.ts'
import { nearest } from '../parse.ts'
import { grantText, ROLE_FLAGS, requireYes, userNamed, wishedPlace } from '../people.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const NAME = { name: 'NAME', help: 'Its name' }
const PERMISSION_FLAG = {
  permissions: {
    value: 'LIST',
    required: true,
    help: 'What it allows, such as services:read,deployments:deploy',
  },
} as const
const user = { value: 'USER', required: true, help: 'The login of the user' } as const

const roleFacts = (output: Output, role: Role): void =>
  output.facts(role, [
    ['name', role.name],
    ['kind', role.builtIn ? 'comes with Fairlead' : 'your own'],
    ...role.permissions.map((word): [string, string] => ['allows', word]),
    ['created', role.createdAt === null ? null : output.time(role.createdAt)],
  ])

function permissionsOf(args: Args): Permission[] {
  const words = args.text('permissions').split(',').filter(Boolean)
  return words.map((word) => {
    if (isPermission(word)) return word
    const meant = nearest(word, PERMISSIONS)
    throw new Fault('usage', `There is no permission "${shown(word, 60)}".`, {
      hint: meant ? `Did you mean ${meant}?` : '"fairlead role show owner" lists all of them.',
    })
  })
}

export const ROLE_COMMANDS: Command[] = [
  {
    name: 'role list',
    group: 'Access',
    summary: 'List the roles, the built-in ones first',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead role list'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('roles.list', { query: listQuery(args) })
      output.table(
        value,
        [
          ['NAME', (role) => role.name],
          ['KIND', (role) => (role.builtIn ? 'built in' : 'your own')],
          ['PERMISSIONS', (role) => String(role.permissions.length)],
        ],
        'No roles.',
      )
      return 0
    },
  },
  {
    name: 'role show',
    group: 'Access',
    summary: 'Show what a role allows',
    positionals: [NAME],
    flags: {},
    examples: ['fairlead role show deployer'],
    async run({ context, args, output }) {
      const params = { name: args.word(0) }
      roleFacts(output, (await new Server(context).client.call('roles.show', { params })).value)
      return 0
    },
  },
  {
    name: 'role create',
    group: 'Access',
    summary: 'Make a role of permissions that you have yourself',
    positionals: [NAME],
    flags: PERMISSION_FLAG,
    examples: ['fairlead role create auditor --permissions audit:read,users:read'],
    async run({ context, args, output }) {
      const json = { name: args.word(0), permissions: permissionsOf(args) }
      roleFacts(output, (await new Server(context).client.call('roles.create', { json })).value)
      return 0
    },
  },
  {
    name: 'role update',
    group: 'Access',
    summary: 'Say anew what a role allows, for all who hold it',
    positionals: [NAME],
    flags: PERMISSION_FLAG,
    examples: ['fairlead role update auditor --permissions audit:read'],
    async run({ context, args, output }) {
      const call = { params: { name: args.word(0) }, json: { permissions: permissionsOf(args) } }
      roleFacts(output, (await new Server(context).client.call('roles.update', call)).value)
      return 0
    },
  },
  {
    name: 'role delete',
    group: 'Access',
    summary: 'Delete a role that nobody holds',
    positionals: [NAME],
    flags: { yes: { help: 'Do not ask' } },
    examples: ['fairlead role delete auditor --yes'],
    async run(run) {
      const { context, args, output } = run
      const name = args.word(0)
      await requireYes(run, `Delete the role "${name}"?`, name)
      const { value } = await new Server(context).client.call('roles.delete', { params: { name } })
      output.result(value, () => [])
      output.say('✓ Deleted', 'green')
      return 0
    },
  },
]

export const GRANT_COMMANDS: Command[] = [
  {
    name: 'grant create',
    group: 'Access',
    summary: 'Give a user a role: in the whole instance, a service or an environment',
    positionals: [],
    flags: { user, ...ROLE_FLAGS, role: { ...ROLE_FLAGS.role, required: true } },
    examples: [
      'fairlead grant create --user ben@example.com --role deployer --service web --environment staging',
    ],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await userNamed(server, args.text('user'))
      const json = { role: args.text('role'), ...wishedPlace(args) }
      const { value } = await server.client.call('grants.create', { params: { id }, json })
      output.result(value, () => [value.id])
      output.say(`✓ ${args.text('user')} is ${grantText(value)}`, 'green')
      return 0
    },
  },
  {
    name: 'grant delete',
    group: 'Access',
    summary: 'Take a role from a user',
    positionals: [{ name: 'GRANT', help: 'Its id, as "fairlead user show" tells it' }],
    flags: { user },
    examples: ['fairlead grant delete k3v9q0m2x7c5n1p8r4t6 --user ben@example.com'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await userNamed(server, args.text('user'))
      const params = { id, grant: args.word(0) }
      const { value } = await server.client.call('grants.delete', { params })
      output.result(value, () => [])
      output.say(`✓ ${args.text('user')} is no longer ${grantText(value)}`, 'green')
      return 0
    },
  },
]
