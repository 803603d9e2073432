import { Fault } from '../../base/fault.ts'
import type { Args, Command, Run } from '../command.ts'
import {
  grantText,
  newPassword,
  ROLE_FLAGS,
  requireYes,
  USER,
  userFacts,
  userNamed,
  wishedPlace,
} from '../people.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const DATA = { value: 'DIR', help: 'Act on this data folder itself, whether its server runs or not' } as const
const PASSWORD_STDIN = { help: 'Read the password from standard input, or ask for it on a terminal' } as const
const yes = { help: 'Do not ask' }

/** A person by --email or a machine by --machine. */
function wishedUser(args: Args): { kind: 'person' | 'machine'; login: string; name?: string; role?: string } {
  const [email, machine] = [args.optional('email'), args.optional('machine')]
  if ((email === undefined) === (machine === undefined))
    throw new Fault('usage', 'Name one: --email ADDRESS of a person, or --machine NAME.', {
      hint: 'A machine has no password; "fairlead key create" makes API keys for it.',
    })
  const [name, role] = [args.optional('name'), args.optional('role')]
  return {
    ...(machine === undefined ? { kind: 'person', login: email ?? '' } : { kind: 'machine', login: machine }),
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...wishedPlace(args),
  }
}

async function createUser(run: Run): Promise<number> {
  const { context, args, output } = run
  const user = wishedUser(args)
  const data = args.optional('data')
  if (data !== undefined && user.kind === 'person' && !args.has('password-stdin'))
    throw new Fault('usage', 'A person who is made on the data folder needs a password.', {
      hint: 'Say --password-stdin, and send the password as one line of standard input.',
    })
  const wished = args.has('password-stdin') ? { ...user, password: await newPassword(run) } : user
  if (data === undefined) {
    const { value } = await new Server(context).client.call('users.create', { json: wished })
    userFacts(output, value)
    if (value.kind === 'person' && !value.factors.password)
      output.say('There is no password yet: "fairlead user reset-password" makes a link to choose one.')
    return 0
  }
  const made = await context.offline.createUser({ ...wished, data })
  output.facts(made, [
    ['login', made.login],
    ['name', made.name],
    ['id', made.id],
    ['role', made.grants.map(grantText).join(', ') || 'none yet'],
  ])
  return 0
}

async function resetPassword(run: Run): Promise<number> {
  const { context, args, output } = run
  const login = args.text('email')
  const data = args.optional('data')
  if (data === undefined) {
    if (args.has('password-stdin') || args.has('without-factors'))
      throw new Fault('usage', 'Over the API a person chooses the new password, by a link.', {
        hint: 'Leave --password-stdin and --without-factors out, or name the data folder with --data.',
      })
    const server = new Server(context)
    const { id } = await userNamed(server, login)
    const { value } = await server.client.call('password-resets.create', { params: { id } })
    output.result(value, () => [value.url])
    output.say(`Good once, until ${value.expiresAt}. Hand it to ${login} in a way that nobody else reads.`)
    return 0
  }
  const password = await newPassword(run)
  const withoutFactors = args.has('without-factors')
  const reset = await context.offline.resetPassword({ data, login, password, withoutFactors })
  output.result(reset, () => [reset.login])
  output.say('✓ The password is set; all sessions have ended.', 'green')
  return 0
}

async function updateUser({ context, args, output }: Run): Promise<number> {
  const name = args.optional('name')
  const [disable, enable] = [args.has('disable'), args.has('enable')]
  if ((disable && enable) || (name === undefined && !disable && !enable))
    throw new Fault('usage', 'Say what is to change: --name, --disable or --enable.')
  const server = new Server(context)
  const { id } = await userNamed(server, args.word(0))
  const json = { ...(name !== undefined && { name }), ...((disable || enable) && { disabled: disable }) }
  userFacts(output, (await server.client.call('users.update', { params: { id }, json })).value)
  return 0
}

export const USER_COMMANDS: Command[] = [
  {
    name: 'user list',
    group: 'Access',
    summary: 'List the users and their roles',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead user list'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('users.list', { query: listQuery(args) })
      output.table(
        value,
        [
          ['LOGIN', (user) => user.login],
          ['NAME', (user) => user.name],
          ['KIND', (user) => user.kind],
          ['ROLES', (user) => (user.disabled ? 'disabled' : user.grants.map(grantText).join(', ') || '–')],
          ['LAST SEEN', (user) => output.time(user.lastSeenAt)],
        ],
        'No users.',
      )
      return 0
    },
  },
  {
    name: 'user show',
    group: 'Access',
    summary: 'Show a user with the roles',
    positionals: [USER],
    flags: {},
    examples: ['fairlead user show ann@example.com'],
    async run({ context, args, output }) {
      userFacts(output, await userNamed(new Server(context), args.word(0)))
      return 0
    },
  },
  {
    name: 'user create',
    group: 'Access',
    summary: 'Create a user: a person, or a machine',
    description:
      'Over the API; with --data on the data folder itself, which is how the first owner is made by a script. Rather than choosing a password for somebody, send an invitation: "fairlead user invite".',
    positionals: [],
    flags: {
      email: { value: 'ADDRESS', help: 'Of a person, who signs in with it' },
      machine: { value: 'NAME', help: 'Of a machine, which holds API keys and never signs in' },
      name: { value: 'TEXT', help: 'What people call the user' },
      ...ROLE_FLAGS,
      'password-stdin': PASSWORD_STDIN,
      data: DATA,
    },
    examples: [
      'fairlead user create --email ann@example.com --role owner --password-stdin --data ./data',
      'fairlead user create --machine build-robot --role deployer --service web',
    ],
    run: createUser,
  },
  {
    name: 'user update',
    group: 'Access',
    summary: 'Rename, disable or enable a user',
    positionals: [USER],
    flags: {
      name: { value: 'TEXT', help: 'What people call the user' },
      disable: { help: 'Shut the user out; all sessions end, and API keys are refused' },
      enable: { help: 'Let the user in again' },
    },
    examples: ['fairlead user update ann@example.com --disable'],
    run: updateUser,
  },
  {
    name: 'user delete',
    group: 'Access',
    summary: 'Delete a user with the roles, API keys and sessions',
    positionals: [USER],
    flags: { yes },
    examples: ['fairlead user delete ann@example.com --yes'],
    async run(run) {
      const { context, args, output } = run
      const login = args.word(0)
      await requireYes(run, `Delete the user "${login}"?`, login)
      const server = new Server(context)
      const { id } = await userNamed(server, login)
      const { value } = await server.client.call('users.delete', { params: { id } })
      output.result(value, () => [])
      output.say('✓ Deleted', 'green')
      return 0
    },
  },
  {
    name: 'user invite',
    group: 'Access',
    summary: 'Make a link by which a person makes an account of its own, with a role',
    positionals: [],
    flags: {
      email: { value: 'ADDRESS', required: true, help: 'Of the person' },
      ...ROLE_FLAGS,
      role: { ...ROLE_FLAGS.role, required: true },
    },
    examples: ['fairlead user invite --email ben@example.com --role deployer --service web'],
    async run({ context, args, output }) {
      const json = { login: args.text('email'), role: args.text('role'), ...wishedPlace(args) }
      const { value } = await new Server(context).client.call('invitations.create', { json })
      output.result(value, () => [value.url])
      output.say(`Good once, until ${value.expiresAt}. Hand it to ${value.login} and nobody else.`)
      return 0
    },
  },
  {
    name: 'user reset-password',
    group: 'Access',
    summary: 'Make a link by which a person chooses a new password',
    description:
      'With --data the password is set on the data folder itself: the way back in for an owner who is locked out.',
    positionals: [],
    flags: {
      email: { value: 'ADDRESS', required: true, help: 'Of the person' },
      'password-stdin': PASSWORD_STDIN,
      'without-factors': { help: 'Take second factors away too; with --data' },
      data: DATA,
    },
    examples: [
      'fairlead user reset-password --email ben@example.com',
      'fairlead user reset-password --email ann@example.com --password-stdin --data /var/lib/fairlead',
    ],
    run: resetPassword,
  },
  {
    name: 'user sign-out',
    group: 'Access',
    summary: 'End all sessions of a user; API keys stay',
    positionals: [USER],
    flags: {},
    examples: ['fairlead user sign-out ann@example.com'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await userNamed(server, args.word(0))
      const { value } = await server.client.call('users.sign-out', { params: { id } })
      output.result(value, () => [String(value.ended)])
      output.say(`✓ Ended ${value.ended} ${value.ended === 1 ? 'session' : 'sessions'}`, 'green')
      return 0
    },
  },
]
