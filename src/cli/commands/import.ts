import { Fault } from '../../base/fault.ts'
import { ApiProblem } from '../../contract/client.ts'
import { ACCEPTABLE } from '../../domain/nginx/import/obstacle.ts'
import type { ImportPlan, ImportUnit } from '../../domain/nginx/import/unit.ts'
import { type Command, type Run, wrongValue } from '../command.ts'
import { blocking, type Counted, type UnitFacts, unitLines } from '../import-lines.ts'
import { deploySite, differences, makeService, type Place } from '../import-site.ts'
import { megabytes } from '../output.ts'
import { Server } from '../server.ts'
import { followOperation } from '../things.ts'

const WORDS = [...ACCEPTABLE, 'differences']

interface Found {
  plan: ImportPlan
  units: UnitFacts[]
  listen: { http: Place; https: Place }
}

const importNginx: Command = {
  name: 'import nginx',
  group: 'Machine',
  summary: 'Take static sites over that the NGINX of this machine serves by files of somebody else',
  description:
    'Shows what it understood and what not, and changes nothing without --yes or an answer. Each file goes as a whole: its folders become services, its names URLs, its certificates are brought, and the file makes room in one change with one reload. It is kept in DATA/nginx/taken-over.',
  positionals: [],
  flags: {
    config: { value: 'FILE', help: 'The main file of NGINX, if it is not the one of the settings' },
    data: { value: 'DIR', env: 'FAIRLEAD_DATA', default: './data', help: 'The data folder' },
    site: { value: 'LIST', help: 'Only the files that answer for these names, with commas between' },
    accept: { value: 'LIST', help: `What may be left behind: ${WORDS.join(', ')}` },
    yes: { help: 'Take over without asking' },
  },
  examples: [
    'fairlead import nginx',
    'fairlead import nginx --site docs.example.com,www.example.com --yes',
    'fairlead import nginx --accept autoindex,catch-all --yes',
  ],
  async run(run) {
    const { args, output } = run
    const server = new Server(run.context)
    const found = await understood(run, server)
    const { plan, units } = found
    const ready = units.filter((facts) => blocking(facts).length === 0).map(({ unit }) => unit)
    const isAgreed = args.has('yes') || (await agreed(run, found, ready))
    if (!isAgreed) {
      output.result({ ...plan, units: units.map(({ unit }) => unit) }, () => planLines(found))
      return 0
    }
    const [unread] = plan.unread
    if (unread !== undefined)
      throw new Fault('conflict', `NGINX's configuration can't be read whole: ${unread}`, {
        hint: 'Run it as a user who may read it, such as root.',
      })
    const taken: string[] = []
    for (const unit of ready)
      if (await takenOver(run, server, { unit, listen: found.listen })) taken.push(...unit.files)
    output.result({ taken }, () => taken)
    return taken.length === ready.flatMap(({ files }) => files).length ? 0 : 1
  },
}

async function understood(run: Run, server: Server): Promise<Found> {
  const { context, args } = run
  const { gateway } = (await server.client.call('settings.show', {})).value
  if (gateway.kind !== 'nginx')
    throw new Fault('conflict', 'URLs use the builtin gateway, and not the NGINX of this machine.', {
      hint: 'Let them use it first: fairlead setting set gateway.kind nginx ("fairlead doctor --nginx" says what it lacks).',
    })
  const accepted = listOf(args.optional('accept'))
  const odd = accepted.find((word) => !WORDS.includes(word))
  if (odd !== undefined) throw wrongValue('accept', odd, `is one of ${WORDS.join(', ')}`)
  const wanted = listOf(args.optional('site'))
  const given = { settings: gateway.nginx, config: args.optional('config') ?? null, data: args.text('data') }
  const plan = await context.offline.nginxImport.plan(given)
  const chosen = plan.units.filter(
    ({ hostnames }) => wanted.length === 0 || hostnames.some((name) => wanted.includes(name)),
  )
  const units: UnitFacts[] = []
  for (const unit of chosen)
    units.push({ unit, accepted, counted: counted(run, unit), certificates: await told(run, unit) })
  const { listen, tlsListen } = gateway.nginx
  const [http = { address: null, port: 80 }] = listen
  const [https = { address: null, port: 443 }] = tlsListen
  return { plan, units, listen: { http, https } }
}

const listOf = (text = ''): string[] => text.split(',').filter((word) => word !== '')

function counted({ context }: Run, { sites }: ImportUnit): Map<string, Counted | null> {
  const all = new Map<string, Counted | null>()
  for (const { root } of sites) {
    const sum = { files: 0, bytes: 0 }
    try {
      for (const { size } of context.files.walk(root, () => false)) {
        sum.files++
        sum.bytes += size
      }
      all.set(root, sum)
    } catch {
      all.set(root, null) // not there, or not for us: it is told so
    }
  }
  return all
}

async function told({ context }: Run, { names }: ImportUnit): Promise<Map<string, string>> {
  const all = new Map<string, string>()
  for (const { https } of names) {
    if (https === null || all.has(https.certificate)) continue
    const { daysLeft, problem } = await context.offline.nginxImport.certificate(https)
    all.set(https.certificate, problem ?? `${https.certificate} (${daysLeft} days left)`)
  }
  return all
}

function planLines({ plan, units }: Found): string[] {
  return [
    ...units.flatMap((facts) => unitLines(facts, megabytes)),
    ...plan.leftAlone.map((file) => `– ${file}: it has no server with a name, and stays`),
    ...plan.unread.map((text) => `✗ ${text}`),
  ]
}

/** Without a terminal nobody agrees. */
async function agreed({ context, output, args }: Run, found: Found, ready: ImportUnit[]): Promise<boolean> {
  if (ready.length === 0 || args.has('json')) return false
  if (!context.err.isTerminal) {
    output.say('Nothing was changed. With --yes what has a ✓ is taken over.')
    return false
  }
  for (const line of planLines(found)) output.say(line)
  const answer = await context.ask(`Take over ${ready.length} of ${found.units.length}? [y/N] `)
  if (/^y(es)?$/i.test((answer ?? '').trim())) return true
  throw new Fault('cancelled', 'Nothing was changed.')
}

interface Taking {
  unit: ImportUnit
  listen: Found['listen']
}

async function takenOver(run: Run, server: Server, { unit, listen }: Taking): Promise<boolean> {
  const { output, args } = run
  const [file = ''] = unit.files
  output.say(`Taking over ${unit.files.join(', ')}`)
  const builtin = new Map<string, string>()
  for (const site of unit.sites) builtin.set(site.service, await deploySite(run, server, { site, file }))
  for (const { service } of unit.names) if (!builtin.has(service)) await makeService(server, service)
  await bringCertificates(run, server, unit)
  const differing = await differences(run, { unit, builtin, listen })
  for (const line of differing) output.warn(line)
  if (differing.length > 0 && !listOf(args.optional('accept')).includes('differences')) {
    output.say(
      '✗ It stays with NGINX as it was. With --accept differences it is taken over all the same.',
      'red',
    )
    return false
  }
  const { value } = await server.client.call('urls.take-over', {
    json: {
      files: unit.files,
      withCatchAll: unit.hasCatchAll,
      urls: unit.names.map(({ hostname, kind, redirectTo, redirectStatus, https, service }) => ({
        hostname,
        kind,
        service,
        environment: 'production',
        ...(redirectTo !== null && { redirectTo }),
        ...(redirectStatus !== null && { redirectStatus }),
        https: https === null ? ('none' as const) : ('own' as const),
        ...(https !== null && { redirectToHttps: https.redirect, hsts: https.hsts }),
      })),
    },
  })
  const ended = await followOperation(run, server, value.id)
  if (ended.status === 'succeeded') {
    output.say(`✓ ${unit.names.map(({ hostname }) => hostname).join(', ')}`, 'green')
    return true
  }
  if (ended.problem) output.problem(ended.problem)
  return false
}

/** Those that are here already are as good. */
async function bringCertificates({ context }: Run, server: Server, { names }: ImportUnit): Promise<void> {
  const brought = new Set<string>()
  for (const { https } of names) {
    if (https === null || brought.has(https.certificate)) continue
    brought.add(https.certificate)
    const { certificate, key, problem } = await context.offline.nginxImport.certificate(https)
    if (problem !== null)
      throw new Fault('conflict', problem, {
        hint: 'NGINX serves the site as before. Run it as root, or mend the file.',
      })
    try {
      await server.client.call('certificates.create', { json: { certificate, key } })
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'conflict') throw error
    }
  }
}

export const IMPORT_COMMANDS: Command[] = [importNginx]
