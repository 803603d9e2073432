import { Fault } from '../../base/fault.ts'
import type { ApiKey, NewApiKey } from '../../contract/shapes/api-key.ts'
import { type Args, type Command, type Run, wrongValue } from '../command.ts'
import type { Output } from '../output.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const KEY = { name: 'KEY', help: 'The id of the key, or how it begins: fl_…' }
const NARROWING = {
  scope: {
    value: 'LIST',
    help: 'Permissions and names of roles, with commas between: deployer,bundles:read',
  },
  service: { value: 'NAME', help: 'In this service only' },
  environment: { value: 'NAME', help: 'In this environment of the service only' },
} as const
const FROM = { value: 'LIST', help: 'From these addresses and blocks only: 192.0.2.7,2001:db8::/32' } as const
const EXPIRES = { value: 'WHEN', help: 'After a time (90d, 12h), at a date (2027-01-31), or never' } as const

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)

const UNITS_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** Milliseconds, null for never; undefined without the flag. Throws `usage`. */
function endOf(args: Args, now: number): number | null | undefined {
  const text = args.optional('expires')
  if (text === undefined) return undefined
  if (text === 'never') return null
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  if (count !== undefined) return now + Number(count) * (UNITS_MS[unit ?? ''] ?? 0)
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw wrongValue('expires', text, 'is a time such as 90d, a date such as 2027-01-31, or never')
  return at
}

function wishedKey(args: Args, now: number) {
  const [scope, service, environment, from] = ['scope', 'service', 'environment', 'from'].map((flag) =>
    args.optional(flag),
  )
  if (environment !== undefined && service === undefined)
    throw new Fault('usage', '--environment needs --service: which one is it in?')
  const expiresAt = endOf(args, now)
  return {
    name: args.text('name'),
    ...(scope !== undefined && { permissions: listOf(scope) }),
    ...(service !== undefined && {
      scopes: [{ service, ...(environment !== undefined && { environment }) }],
    }),
    ...(from !== undefined && { addresses: listOf(from) }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

async function createKey({ context, args, output }: Run): Promise<number> {
  const wished = wishedKey(args, context.clock.now())
  const [user, data] = [args.optional('user'), args.optional('data')]
  if (data === undefined) {
    const { expiresAt, permissions, ...same } = wished
    const json = {
      ...same,
      ...(user !== undefined && { user }),
      // The server says which word it does not know.
      ...(permissions && { permissions: permissions as ApiKey['permissions'] & object }),
      ...(expiresAt !== undefined && {
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      }),
    }
    tell(output, (await new Server(context).client.call('api-keys.create', { json })).value)
    return 0
  }
  if (user === undefined)
    throw new Fault('usage', 'On the data folder nobody is signed in: whose key is it to be?', {
      hint: 'Say --user with the login of a person or machine.',
    })
  const made = await context.offline.createKey({ ...wished, user, data })
  output.result(made, () => [made.key])
  output.say(ONCE)
  return 0
}

const ONCE =
  'This is the key. It is shown this once: put it where the program that uses it keeps its secrets.'

function tell(output: Output, made: NewApiKey): void {
  output.result(made, () => [made.key])
  output.say(ONCE)
}

const placesOf = ({ scopes }: ApiKey): string =>
  scopes === null
    ? 'everywhere'
    : scopes
        .map(({ service, environment }) => `${service}${environment === null ? '' : `/${environment}`}`)
        .join(', ') || 'nowhere any more'

const keyFacts = (output: Output, key: ApiKey): void =>
  output.facts(key, [
    ['name', key.name],
    ['begins', key.prefix],
    ['id', key.id],
    ['user', key.user.login],
    ['may', key.permissions?.join(', ') ?? 'all that its user may'],
    ['where', placesOf(key)],
    ['from', key.addresses?.join(', ') ?? 'anywhere'],
    ['expires', key.expiresAt === null ? 'never' : output.time(key.expiresAt)],
    [
      'last used',
      key.lastUsedAt === null ? 'never' : `${output.time(key.lastUsedAt)} from ${key.lastUsedFrom}`,
    ],
    ['replaced by', key.replacedBy],
    ['created', output.time(key.createdAt)],
  ])

/** By its id, or by how it begins. Throws `not_found`. */
async function keyNamed(server: Server, word: string): Promise<ApiKey> {
  if (!word.startsWith('fl_'))
    return (await server.client.call('api-keys.show', { params: { id: word } })).value
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor && { cursor }) }
    const { value } = await server.client.call('api-keys.list', { query })
    // People paste the whole key here; no more than its beginning is looked at.
    const found = value.items.find((key) => key.prefix === word.slice(0, key.prefix.length))
    if (found) return found
    cursor = value.next
  }
  throw new Fault('not_found', 'There is no API key that begins so.', { hint: 'Run "fairlead key list".' })
}

export const KEY_COMMANDS: Command[] = [
  {
    name: 'key list',
    group: 'Access',
    summary: 'List the API keys: your own, and all if you may see them',
    positionals: [],
    flags: { user: { value: 'LOGIN', help: 'Those of this user' }, ...PAGE_FLAGS },
    examples: ['fairlead key list'],
    async run({ context, args, output }) {
      const user = args.optional('user')
      const query = { ...listQuery(args), ...(user !== undefined && { user }) }
      const { value } = await new Server(context).client.call('api-keys.list', { query })
      output.table(
        value,
        [
          ['BEGINS', (key) => key.prefix],
          ['NAME', (key) => key.name],
          ['USER', (key) => key.user.login],
          ['WHERE', placesOf],
          ['EXPIRES', (key) => (key.expiresAt === null ? 'never' : output.time(key.expiresAt))],
          ['LAST USED', (key) => output.time(key.lastUsedAt)],
        ],
        'No API keys.',
      )
      return 0
    },
  },
  {
    name: 'key show',
    group: 'Access',
    summary: 'Show an API key, without its secret',
    positionals: [KEY],
    flags: {},
    examples: ['fairlead key show fl_x7k2m9qa'],
    async run({ context, args, output }) {
      keyFacts(output, await keyNamed(new Server(context), args.word(0)))
      return 0
    },
  },
  {
    name: 'key create',
    group: 'Access',
    summary: 'Make an API key; it is shown this once',
    description:
      'A key never does more than its user may at that moment, and less where --scope, --service, --environment and --from say so. It ends after 90 days unless --expires says otherwise.',
    positionals: [],
    flags: {
      name: { value: 'TEXT', required: true, help: 'What it is for' },
      user: { value: 'LOGIN', help: 'Whose key it is: a person or a machine; yours without it' },
      ...NARROWING,
      from: FROM,
      expires: EXPIRES,
      data: { value: 'DIR', help: 'Act on this data folder itself, whether its server runs or not' },
    },
    examples: [
      'fairlead key create --name "CI of the shop" --scope deployer --service shop',
      'fairlead key create --user ci --name deploys --scope deployer --data ./data --json',
    ],
    run: createKey,
  },
  {
    name: 'key update',
    group: 'Access',
    summary: 'Change the name, the addresses or the end of an API key',
    positionals: [KEY],
    flags: {
      name: { value: 'TEXT', help: 'What it is for' },
      from: { ...FROM, help: `${FROM.help}, or anywhere` },
      expires: EXPIRES,
    },
    examples: ['fairlead key update fl_x7k2m9qa --from 192.0.2.0/24 --expires 30d'],
    async run({ context, args, output }) {
      const [name, from] = [args.optional('name'), args.optional('from')]
      const end = endOf(args, context.clock.now())
      if (name === undefined && from === undefined && end === undefined)
        throw new Fault('usage', 'Say what is to change: --name, --from or --expires.')
      const server = new Server(context)
      const { id } = await keyNamed(server, args.word(0))
      const json = {
        ...(name !== undefined && { name }),
        ...(from !== undefined && { addresses: from === 'anywhere' ? null : listOf(from) }),
        ...(end !== undefined && { expiresAt: end === null ? null : new Date(end).toISOString() }),
      }
      keyFacts(output, (await server.client.call('api-keys.update', { params: { id }, json })).value)
      return 0
    },
  },
  {
    name: 'key rotate',
    group: 'Access',
    summary: 'Make a new key with the same scope; the old one works on for a while',
    positionals: [KEY],
    flags: { overlap: { value: 'SECONDS', help: 'How long the old one still works (86400: a day)' } },
    examples: ['fairlead key rotate fl_x7k2m9qa --overlap 3600'],
    async run({ context, args, output }) {
      const overlapSeconds = args.number('overlap')
      const server = new Server(context)
      const { id } = await keyNamed(server, args.word(0))
      const json = { ...(overlapSeconds !== undefined && { overlapSeconds }) }
      tell(output, (await server.client.call('api-keys.rotate', { params: { id }, json })).value)
      return 0
    },
  },
  {
    name: 'key delete',
    group: 'Access',
    summary: 'Revoke an API key at once',
    positionals: [KEY],
    flags: {},
    examples: ['fairlead key delete fl_x7k2m9qa'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await keyNamed(server, args.word(0))
      const { value } = await server.client.call('api-keys.delete', { params: { id } })
      output.result(value, () => [])
      output.say(`✓ ${value.prefix} (${value.name}) opens nothing any more.`, 'green')
      return 0
    },
  },
]
