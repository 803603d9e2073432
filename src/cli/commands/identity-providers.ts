import { Fault, shown } from '../../base/fault.ts'
import type { IdentityProvider } from '../../contract/shapes/identities.ts'
import type { Args, Command, Run } from '../command.ts'
import type { Output } from '../output.ts'
import { requireYes } from '../people.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const PROVIDER = { name: 'PROVIDER', help: 'Its id, or what the sign-in page calls it' }
const ON_OFF = ['on', 'off'] as const
const SETTING_FLAGS = {
  'create-users': {
    value: 'WORD',
    among: ON_OFF,
    help: 'Whether whoever it knows gets an account, by a verified e-mail address',
  },
  'default-role': { value: 'ROLE', help: 'Of those accounts, everywhere; "none" for none' },
  'email-domains': { value: 'LIST', help: 'Only addresses of these domains get one; "any" for all' },
  'private-network': {
    value: 'WORD',
    among: ON_OFF,
    help: 'Whether it is in a private network, or on this machine',
  },
} as const
const SECRET_NOTE =
  'The client secret is read from standard input, or asked for on a terminal; it is sealed and never shown again.'

const providerFacts = (output: Output, provider: IdentityProvider): void =>
  output.facts(provider, [
    ['label', provider.label],
    ['id', provider.id],
    ['issuer', provider.issuer],
    ['client id', provider.clientId],
    ['client secret', provider.hasClientSecret ? 'kept, sealed' : 'has to be entered again'],
    ['redirect URI', provider.redirectUri],
    ['creates users', provider.createUsers ? `yes, with the role ${provider.defaultRole ?? 'none'}` : 'no'],
    ['of domains', provider.emailDomains.join(' ') || null],
    ['private network', provider.allowPrivateNetwork ? 'allowed' : null],
    ['created', output.time(provider.createdAt)],
  ])

function settings(args: Args) {
  const isOn = (flag: string) => (args.optional(flag) === undefined ? undefined : args.text(flag) === 'on')
  const role = args.optional('default-role')
  const domains = args.optional('email-domains')
  const all = {
    createUsers: isOn('create-users'),
    allowPrivateNetwork: isOn('private-network'),
    defaultRole: role === 'none' ? null : role,
    emailDomains: domains === 'any' ? [] : domains?.split(',').filter(Boolean),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

async function clientSecret({ context }: Run): Promise<string> {
  const typed = await context.secret('Client secret: ')
  if (typed && typed.text !== '') return typed.text
  throw new Fault('usage', 'No client secret came.', {
    hint: 'Send it as one line of standard input, or run this on a terminal and type it.',
  })
}

/** Throws `not_found`. */
async function named(server: Server, word: string): Promise<IdentityProvider> {
  const { value } = await server.client.call('identity-providers.list', { query: { limit: 200 } })
  const found = value.items.find(({ id, label }) => id === word || label === word)
  if (found) return found
  throw new Fault('not_found', `There is no identity provider "${shown(word, 60)}".`, {
    hint: 'Run "fairlead identity-provider list" to see them.',
  })
}

export const IDENTITY_PROVIDER_COMMANDS: Command[] = [
  {
    name: 'identity-provider list',
    group: 'Access',
    summary: 'List the OpenID providers that people may sign in with',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead identity-provider list'],
    async run({ context, args, output }) {
      const call = { query: listQuery(args) }
      const { value } = await new Server(context).client.call('identity-providers.list', call)
      output.table(
        value,
        [
          ['LABEL', (provider) => provider.label],
          ['ISSUER', (provider) => provider.issuer],
          ['CREATES USERS', (provider) => (provider.createUsers ? 'yes' : 'no')],
          ['ID', (provider) => provider.id],
        ],
        'No identity providers yet: "fairlead identity-provider create" sets one up.',
      )
      return 0
    },
  },
  {
    name: 'identity-provider show',
    group: 'Access',
    summary: 'Show an identity provider, with the redirect URI to register there',
    positionals: [PROVIDER],
    flags: {},
    examples: ['fairlead identity-provider show "Harbour Login"'],
    async run({ context, args, output }) {
      providerFacts(output, await named(new Server(context), args.word(0)))
      return 0
    },
  },
  {
    name: 'identity-provider create',
    group: 'Access',
    summary: 'Set up an OpenID provider, such as Keycloak, Entra ID or Google',
    description: SECRET_NOTE,
    positionals: [],
    flags: {
      label: { value: 'TEXT', required: true, help: 'What the sign-in page calls it' },
      issuer: { value: 'URL', required: true, help: 'Its address, as its documentation has it' },
      'client-id': { value: 'TEXT', required: true, help: 'What it calls this Fairlead' },
      ...SETTING_FLAGS,
    },
    examples: [
      'fairlead identity-provider create --label SSO --issuer https://sso.example.com --client-id web',
    ],
    async run(run) {
      const { context, args, output } = run
      const json = {
        label: args.text('label'),
        issuer: args.text('issuer'),
        clientId: args.text('client-id'),
        clientSecret: await clientSecret(run),
        ...settings(args),
      }
      const { value } = await new Server(context).client.call('identity-providers.create', { json })
      providerFacts(output, value)
      output.say(`Register ${value.redirectUri} there: then people can sign in.`)
      return 0
    },
  },
  {
    name: 'identity-provider update',
    group: 'Access',
    summary: 'Change an identity provider; with --client-secret-stdin its secret too',
    positionals: [PROVIDER],
    flags: {
      label: { value: 'TEXT', help: 'What the sign-in page calls it' },
      issuer: { value: 'URL', help: 'Its address; takes the client secret too' },
      'client-id': { value: 'TEXT', help: 'What it calls this Fairlead' },
      'client-secret-stdin': {
        help: 'Read a new client secret from standard input, or ask for it on a terminal',
      },
      ...SETTING_FLAGS,
    },
    examples: ['fairlead identity-provider update "Harbour Login" --create-users on --default-role viewer'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id } = await named(server, args.word(0))
      const texts = {
        label: args.optional('label'),
        issuer: args.optional('issuer'),
        clientId: args.optional('client-id'),
      }
      const json = {
        ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
        ...(args.has('client-secret-stdin') && { clientSecret: await clientSecret(run) }),
        ...settings(args),
      }
      if (Object.keys(json).length === 0)
        throw new Fault('usage', 'Nothing to change is named.', {
          hint: 'Run "fairlead identity-provider update --help" for the list.',
        })
      const { value } = await server.client.call('identity-providers.update', { params: { id }, json })
      providerFacts(output, value)
      return 0
    },
  },
  {
    name: 'identity-provider delete',
    group: 'Access',
    summary: 'Delete an identity provider; accounts stay',
    positionals: [PROVIDER],
    flags: { yes: { help: 'Do not ask' } },
    examples: ['fairlead identity-provider delete "Harbour Login" --yes'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id, label } = await named(server, args.word(0))
      await requireYes(run, `Delete the identity provider "${label}"?`, label)
      const { value } = await server.client.call('identity-providers.delete', { params: { id } })
      output.result(value, () => [])
      output.say('✓ Deleted', 'green')
      return 0
    },
  },
]
