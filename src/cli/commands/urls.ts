import { Fault } from '../../base/fault.ts'
import type { Url, UrlCreate, UrlPlan } from '../../contract/shapes/urls.ts'
import { REDIRECT_STATUSES, type RedirectStatus } from '../../domain/host-site.ts'
import { DNS_MODES } from '../../domain/url.ts'
import { type Args, type Command, type Run, wrongValue } from '../command.ts'
import { requireYes } from '../people.ts'
import { Server } from '../server.ts'
import { followOperation, listQuery, PAGE_FLAGS } from '../things.ts'
import { targetOf, URL_WORD, urlFacts, urlNamed } from '../url-facts.ts'
import { HTTPS_FLAGS, httpsCell, httpsWish } from '../url-https.ts'
import { planLines, setLines, tellTroubles } from '../url-plan.ts'

const HOSTNAME = { name: 'HOSTNAME', help: 'The host name; "*." in front makes it a wildcard' }
const wait = { 'no-wait': { help: 'Do not wait for the outcome' } } as const
const SELF = { self: { help: "Put Fairlead's own page and API there, and no environment" } } as const

const WISH_FLAGS = {
  service: { value: 'NAME', help: 'The service' },
  environment: { value: 'NAME', help: 'The environment that answers under the name' },
  'redirect-to': { value: 'HOST', help: 'Send visitors to the same path at this host instead' },
  'redirect-status': {
    value: 'STATUS',
    among: REDIRECT_STATUSES.map(String),
    help: 'How they are sent there (308 unless it is said)',
  },
  dns: {
    value: 'WORD',
    among: DNS_MODES,
    default: 'auto',
    help: 'Who makes the DNS records: the provider that holds the zone, a person, or nobody',
  },
  ...HTTPS_FLAGS,
} as const

/** Throws `usage`. */
export function wishedPlace(args: Args): { service: string; environment: string } {
  const [service, environment] = [args.optional('service'), args.optional('environment')]
  if (service !== undefined && environment !== undefined) return { service, environment }
  throw new Fault('usage', 'A URL leads to an environment: --service NAME --environment NAME.', {
    hint: 'Run "fairlead url create --help" for the other kinds.',
  })
}

export function wish(args: Args): UrlCreate {
  const [redirectTo, status] = [args.optional('redirect-to'), args.optional('redirect-status')]
  if (redirectTo === undefined && status !== undefined)
    throw wrongValue('redirect-status', status, 'needs --redirect-to')
  return {
    hostname: args.word(0),
    kind: redirectTo === undefined ? 'site' : 'redirect',
    ...(redirectTo !== undefined && { redirectTo }),
    ...(status !== undefined && { redirectStatus: Number(status) as RedirectStatus }), // one of them, says its flag
    dns: dnsMode(args),
    ...httpsWish(args),
  }
}

const selfWish = (args: Args) =>
  ({ kind: 'self', hostname: args.word(0), dns: dnsMode(args), ...httpsWish(args) }) as const

const dnsMode = (args: Args): UrlCreate['dns'] =>
  DNS_MODES.find((mode) => mode === args.text('dns')) ?? 'auto'

async function planned(server: Server, args: Args): Promise<UrlPlan> {
  if (args.has('self')) {
    return (await server.client.call('urls.plan-self', { json: selfWish(args) })).value
  }
  const call = { params: wishedPlace(args), json: wish(args) }
  return (await server.client.call('urls.plan', call)).value
}

async function created({ context, args }: Run, server: Server): Promise<Url> {
  const headers = { 'idempotency-key': context.randomId() }
  if (args.has('self')) {
    const call = { json: selfWish(args), headers }
    return (await server.patiently(() => server.client.call('urls.create-self', call))).value
  }
  const call = { params: wishedPlace(args), json: wish(args), headers }
  return (await server.patiently(() => server.client.call('urls.create', call))).value
}

/** Shows the plan, and asks where there is a terminal. Throws `cancelled`, and `conflict` for what can't be. */
async function agree({ context, args, output }: Run, plan: UrlPlan): Promise<void> {
  for (const line of planLines(plan)) output.say(line)
  tellTroubles(output, plan)
  if (!plan.possible)
    throw new Fault('conflict', `${plan.unicode} can't be attached as things are; nothing was changed.`, {
      hint: 'Mend what is named above, or choose another name or --dns.',
    })
  if (args.has('yes')) return
  const answer = await context.ask('Attach it? [y/N] ')
  if (answer !== null && !/^y(es)?$/i.test(answer.trim()))
    throw new Fault('cancelled', 'Nothing was changed.')
}

async function finishAttach(run: Run, server: Server, url: Url): Promise<number> {
  const { args, output } = run
  const id = url.operation?.id
  if (id === undefined || args.has('no-wait')) {
    output.result(url, () => [url.id])
    output.say(`Accepted. "fairlead url show ${url.hostname}" shows how far it is.`)
    return 0
  }
  const operation = await followOperation(run, server, id)
  if (operation.status !== 'succeeded') {
    output.result(operation, () => [])
    output.say(`✗ ${url.unicode} is not attached: operation ${id} ${operation.status}`, 'red')
    if (operation.problem) output.problem(operation.problem)
    return 1
  }
  const { value } = await server.patiently(() => server.client.call('urls.show', { params: { id: url.id } }))
  output.result(value, () => [value.url])
  output.say(`✓ ${value.unicode} is attached`, 'green')
  if (value.dns.state === 'by-hand') {
    output.say('These DNS records are to be made by hand:')
    for (const line of setLines(value.dns.records)) output.say(`  ${line}`)
  }
  output.say(`Ask it with: fairlead url probe ${value.hostname}`)
  return 0
}

export const URL_COMMANDS: Command[] = [
  {
    name: 'url list',
    group: 'Things',
    summary: 'List the URLs with their state',
    positionals: [],
    flags: {
      service: { value: 'NAME', help: 'Of this service; takes --environment too' },
      environment: { value: 'NAME', help: 'Of this environment of the service' },
      ...PAGE_FLAGS,
    },
    examples: ['fairlead url list', 'fairlead url list --service web --environment production'],
    async run({ context, args, output }) {
      const { client } = new Server(context)
      const query = listQuery(args)
      const isOfPlace = args.optional('service') !== undefined || args.optional('environment') !== undefined
      const { value } = isOfPlace
        ? await client.call('urls.list', { params: wishedPlace(args), query })
        : await client.call('urls.all', { query })
      output.table(
        value,
        [
          ['ADDRESS', (url) => url.url],
          ['LEADS TO', targetOf],
          ['STATE', (url) => url.state],
          ['SITE', (url) => url.site.state],
          ['DNS', (url) => url.dns.state],
          ['HTTPS', (url) => httpsCell(output, url.https)],
          ['LAST PROBE', (url) => (url.lastProbe === null ? '–' : url.lastProbe.ok ? 'good' : 'bad')],
        ],
        'No URLs yet: "fairlead url create HOSTNAME --service NAME --environment NAME" attaches one.',
      )
      return 0
    },
  },
  {
    name: 'url show',
    group: 'Things',
    summary: 'Show a URL, its DNS records, its certificate and its last probe',
    positionals: [URL_WORD],
    flags: {},
    examples: ['fairlead url show docs.example.com'],
    async run({ context, args, output }) {
      urlFacts(output, await urlNamed(new Server(context), args.word(0)))
      return 0
    },
  },
  {
    name: 'url create',
    group: 'Things',
    summary: 'Attach a host name: the site in the gateway, the DNS records, the certificate, and a probe',
    description:
      'What it is going to change is shown first, and on a terminal it asks. A name that has DNS records of somebody else is refused, and they are shown.',
    positionals: [HOSTNAME],
    flags: { ...WISH_FLAGS, ...SELF, ...wait, yes: { help: 'Do not ask' } },
    examples: [
      'fairlead url create docs.example.com --service web --environment production',
      'fairlead url create www.example.com --redirect-to example.com --service web --environment live',
      'fairlead url create shop.example.com --https auto --service web --environment production',
      'fairlead url create deploy.example.com --self --dns manual',
    ],
    async run(run) {
      const server = new Server(run.context)
      await agree(run, await planned(server, run.args))
      return await finishAttach(run, server, await created(run, server))
    },
  },
  {
    name: 'url probe',
    group: 'Things',
    summary: 'Ask what visitors of a URL are answered now',
    positionals: [URL_WORD],
    flags: {},
    examples: ['fairlead url probe docs.example.com'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const { id } = await urlNamed(server, args.word(0))
      const { value } = await server.client.call('urls.probe', { params: { id } })
      output.result(value, () => [value.lastProbe?.detail ?? ''])
      output.say(value.lastProbe?.ok ? '✓ Good' : '✗ Bad', value.lastProbe?.ok ? 'green' : 'red')
      return value.lastProbe?.ok ? 0 : 1
    },
  },
  {
    name: 'url delete',
    group: 'Things',
    summary: 'Detach a host name: first its DNS records, then its site',
    positionals: [URL_WORD],
    flags: { yes: { help: 'Do not ask' }, ...wait },
    examples: ['fairlead url delete docs.example.com --yes'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id, unicode, hostname } = await urlNamed(server, args.word(0))
      await requireYes(run, `Detach ${unicode}? Visitors find nothing there any more.`, hostname)
      const { value } = await server.client.call('urls.delete', { params: { id } })
      const ended = args.has('no-wait') ? value : await followOperation(run, server, value.id)
      output.result(ended, () => [])
      if (args.has('no-wait')) output.say(`Accepted: operation ${ended.id}`, 'green')
      else if (ended.status === 'succeeded') output.say('✓ Detached', 'green')
      else {
        output.say(`✗ ${unicode} is not detached: operation ${ended.id} ${ended.status}`, 'red')
        if (ended.problem) output.problem(ended.problem)
        return 1
      }
      return 0
    },
  },
]

export const DNS_COMMANDS: Command[] = [
  {
    name: 'dns plan',
    group: 'Things',
    summary: 'Show what attaching a host name would change; nothing is changed',
    positionals: [HOSTNAME],
    flags: { ...WISH_FLAGS, ...SELF },
    examples: ['fairlead dns plan docs.example.com --service web --environment production'],
    async run({ context, args, output }) {
      const plan = await planned(new Server(context), args)
      output.result(plan, () => planLines(plan))
      tellTroubles(output, plan)
      return plan.possible ? 0 : 1
    },
  },
]
