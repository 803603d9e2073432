import type { Command } from '../command.ts'
import { grantText } from '../people.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

export const INVITATION_COMMANDS: Command[] = [
  {
    name: 'invitation list',
    group: 'Access',
    summary: 'List the invitations that nobody has accepted yet',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead invitation list'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('invitations.list', { query: listQuery(args) })
      output.table(
        value,
        [
          ['ID', (one) => one.id],
          ['FOR', (one) => one.login],
          ['ROLE', grantText],
          ['BY', (one) => one.invitedBy.name],
          ['UNTIL', (one) => (one.valid ? one.expiresAt : 'void: who invited lacks the rights by now')],
        ],
        'No open invitations: "fairlead user invite" makes one.',
      )
      return 0
    },
  },
  {
    name: 'invitation delete',
    group: 'Access',
    summary: 'Withdraw an invitation',
    positionals: [{ name: 'ID', help: 'Its id' }],
    flags: {},
    examples: ['fairlead invitation delete k3v9q0m2x7c5n1p8r4t6'],
    async run({ context, args, output }) {
      const params = { id: args.word(0) }
      const { value } = await new Server(context).client.call('invitations.delete', { params })
      output.result(value, () => [])
      output.say(`✓ The link of ${value.login} opens nothing any more`, 'green')
      return 0
    },
  },
]
