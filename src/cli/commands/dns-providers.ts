import { Fault, shown } from '../../base/fault.ts'
import type { DnsProvider, DnsProviderKind } from '../../contract/shapes/dns-providers.ts'
import type { Command } from '../command.ts'
import { askedFields, fieldRow, SECRET_FLAGS, secretsOf, typedFields, valueText } from '../driver-fields.ts'
import { aligned, type Output } from '../output.ts'
import { nearest } from '../parse.ts'
import { requireYes } from '../people.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const PROVIDER = { name: 'PROVIDER', help: 'Its id, or its label' }
const FIELDS = {
  name: 'FIELD=VALUE',
  help: 'What its kind wants to know, as "dns-provider kinds" lists it',
  optional: true,
  many: true,
} as const
const SECRET_NOTE =
  'A secret is read from standard input, or asked for on a terminal; it is sealed and never shown again.'

const providerFacts = (output: Output, provider: DnsProvider): void =>
  output.facts(provider, [
    ['label', provider.label],
    ['id', provider.id],
    ['kind', provider.kind],
    ...Object.entries(provider.config).map(([name, value]): [string, string] => [name, valueText(value)]),
    ...Object.entries(provider.secrets).map(([name, isSet]): [string, string] => [
      name,
      isSet ? 'kept, sealed' : 'has to be entered',
    ]),
    ['created', output.time(provider.createdAt)],
  ])

/** Throws `not_found`. */
async function named(server: Server, word: string): Promise<DnsProvider> {
  const { value } = await server.client.call('dns-providers.list', { query: { limit: 200 } })
  const found = value.items.find(({ id, label }) => id === word || label === word)
  if (found) return found
  throw new Fault('not_found', `There is no DNS provider "${shown(word, 60)}".`, {
    hint: 'Run "fairlead dns-provider list" to see them.',
  })
}

/** Throws `usage`, naming what was probably meant. */
async function kindNamed(server: Server, word: string): Promise<DnsProviderKind> {
  const { items } = (await server.client.call('dns-providers.kinds', {})).value
  const found = items.find(({ kind }) => kind === word)
  if (found) return found
  const kinds = items.map(({ kind }) => kind)
  const meant = nearest(word, kinds)
  throw new Fault('usage', `There is no kind of DNS provider "${shown(word, 60)}".`, {
    hint: meant ? `Did you mean ${meant}?` : `There are: ${kinds.join(', ')}.`,
  })
}

export const DNS_PROVIDER_COMMANDS: Command[] = [
  {
    name: 'dns-provider kinds',
    group: 'Server',
    summary: 'List the kinds of DNS providers with the fields that each wants',
    positionals: [],
    flags: {},
    examples: ['fairlead dns-provider kinds'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('dns-providers.kinds', {})
      output.result(value, () =>
        value.items.flatMap(({ kind, label, fields }) => [
          `${kind}  ${label}`,
          ...aligned(fields.map(fieldRow)),
        ]),
      )
      return 0
    },
  },
  {
    name: 'dns-provider list',
    group: 'Server',
    summary: 'List the DNS providers that are set up',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead dns-provider list'],
    async run({ context, args, output }) {
      const call = { query: listQuery(args) }
      const { value } = await new Server(context).client.call('dns-providers.list', call)
      output.table(
        value,
        [
          ['LABEL', (provider) => provider.label],
          ['KIND', (provider) => provider.kind],
          ['ID', (provider) => provider.id],
          ['CREATED', (provider) => output.time(provider.createdAt)],
        ],
        'No DNS providers yet: "fairlead dns-provider create KIND" sets one up.',
      )
      return 0
    },
  },
  {
    name: 'dns-provider show',
    group: 'Server',
    summary: 'Show a DNS provider, without its secrets',
    positionals: [PROVIDER],
    flags: {},
    examples: ['fairlead dns-provider show "The BIND in the cellar"'],
    async run({ context, args, output }) {
      providerFacts(output, await named(new Server(context), args.word(0)))
      return 0
    },
  },
  {
    name: 'dns-provider create',
    group: 'Server',
    summary: 'Set up a DNS provider, and ask it for its zones',
    description: SECRET_NOTE,
    positionals: [{ name: 'KIND', help: 'Such as rfc2136, powerdns or cloudflare' }, FIELDS],
    flags: { label: { value: 'TEXT', required: true, help: 'What people call it' }, ...SECRET_FLAGS },
    examples: [
      'fairlead dns-provider create powerdns url=https://dns.example.com:8443 --label PowerDNS',
      'fairlead dns-provider create cloudflare --label Cloudflare --api-token-stdin',
    ],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const kind = await kindNamed(server, args.word(0))
      const typed = typedFields(run, kind)
      const asked = await askedFields(run, kind, typed)
      const config = { ...typed, ...asked, ...(await secretsOf(run, kind, true)) }
      const json = { kind: kind.kind, label: args.text('label'), config }
      const { value } = await server.client.call('dns-providers.create', { json })
      providerFacts(output, value)
      await tellZones(output, server, value)
      return 0
    },
  },
  {
    name: 'dns-provider update',
    group: 'Server',
    summary: 'Change a DNS provider; what is not named stays',
    description: SECRET_NOTE,
    positionals: [PROVIDER, FIELDS],
    flags: { label: { value: 'TEXT', help: 'What people call it' }, ...SECRET_FLAGS },
    examples: ['fairlead dns-provider update Cloudflare --api-token-stdin'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id, kind: word } = await named(server, args.word(0))
      const kind = await kindNamed(server, word)
      const config = { ...typedFields(run, kind), ...(await secretsOf(run, kind, false)) }
      const label = args.optional('label')
      const json = {
        ...(label !== undefined && { label }),
        ...(Object.keys(config).length > 0 && { config }),
      }
      if (Object.keys(json).length === 0)
        throw new Fault('usage', 'Nothing to change is named.', {
          hint: 'Run "fairlead dns-provider update --help" for the list.',
        })
      const { value } = await server.client.call('dns-providers.update', { params: { id }, json })
      providerFacts(output, value)
      await tellZones(output, server, value)
      return 0
    },
  },
  {
    name: 'dns-provider test',
    group: 'Server',
    summary: 'Ask a DNS provider for its zones',
    positionals: [PROVIDER],
    flags: {},
    examples: ['fairlead dns-provider test Cloudflare'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await named(server, args.word(0))
      const { value } = await server.client.call('dns-providers.test', { params: { id } })
      output.result(value, () => value.zones)
      if (value.problem) output.problem(value.problem)
      else
        output.say(`✓ It holds ${value.zones.length} ${value.zones.length === 1 ? 'zone' : 'zones'}`, 'green')
      return value.ok ? 0 : 1
    },
  },
  {
    name: 'dns-provider delete',
    group: 'Server',
    summary: 'Delete a DNS provider that no URL uses; its records stay',
    positionals: [PROVIDER],
    flags: { yes: { help: 'Do not ask' } },
    examples: ['fairlead dns-provider delete Cloudflare --yes'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id, label } = await named(server, args.word(0))
      await requireYes(run, `Delete the DNS provider "${label}"?`, label)
      const { value } = await server.client.call('dns-providers.delete', { params: { id } })
      output.result(value, () => [])
      output.say('✓ Deleted', 'green')
      return 0
    },
  },
]

/** What was set up is asked at once: a wrong key is best known while it is at hand. */
async function tellZones(output: Output, server: Server, { id, label }: DnsProvider): Promise<void> {
  const { zones, problem } = (await server.client.call('dns-providers.test', { params: { id } })).value
  if (problem === null) return output.say(`✓ It holds ${zones.join(', ') || 'no zone yet'}`, 'green')
  output.warn(`It is kept, but does not work yet: ${problem.detail}`)
  if (problem.hint) output.say(`  ${problem.hint}`)
  output.say(`Ask it again with: fairlead dns-provider test "${label}"`)
}
