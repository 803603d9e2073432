import { Fault, shown } from '../../base/fault.ts'
import type { Environment, Operation, Service } from '../../contract/shapes.ts'
import { HTML_HANDLING, NOT_FOUND_HANDLING } from '../../domain/environment.ts'
import { type Args, type Command, type Run, wrongValue } from '../command.ts'
import type { Output } from '../output.ts'
import { Server } from '../server.ts'
import { followOperation, listQuery, PAGE_FLAGS } from '../things.ts'

const NAME = { name: 'NAME', help: 'Its name' }
const service = { value: 'NAME', required: true, help: 'The service' } as const
const yes = { help: 'Do not ask' }

const serviceFacts = (output: Output, thing: Service): void =>
  output.facts(thing, [
    ['name', thing.name],
    ['kind', thing.kind],
    ['created', output.time(thing.createdAt)],
    ...thing.environments.map((one): [string, string] => [one.name, liveText(one)]),
  ])

const liveText = ({ live, url }: Environment): string =>
  live ? `${url}  ${live.bundle?.slice(0, 12) ?? ''}` : 'nothing live'

const environmentFacts = (output: Output, thing: Environment): void =>
  output.facts(thing, [
    ['name', thing.name],
    ['service', thing.service],
    ['address', thing.url],
    ['live', thing.live ? `deployment ${thing.live.id}` : 'nothing'],
    ['html handling', thing.htmlHandling],
    ['not found', thing.notFoundHandling],
    ['retain', String(thing.retain)],
    ['asset grace', `${thing.assetGraceSeconds} s`],
    ['build folders', thing.buildFolders.join(' ')],
    ['approval', thing.approval ? 'by a second person' : null],
    ['created', output.time(thing.createdAt)],
  ])

/** Asks before something is deleted; without a terminal --yes must stand there. */
async function requireYes({ context, args }: Run, what: string): Promise<void> {
  if (args.has('yes')) return
  const name = args.word(0)
  const answer = await context.ask(`Delete ${what}? Its sites stop. Type its name to go on: `)
  if (answer === null)
    throw new Fault('usage', 'Deleting asks first, and there is no terminal to ask on.', {
      hint: 'Say --yes.',
    })
  if (answer.trim() !== name)
    throw new Fault('cancelled', `"${shown(answer.trim(), 60)}" is not its name; nothing was deleted.`)
}

async function finishDeletion(run: Run, server: Server, operation: Operation): Promise<number> {
  const ended = run.args.has('no-wait') ? operation : await followOperation(run, server, operation.id)
  run.output.result(ended, () => [])
  if (ended.status !== 'succeeded' && !run.args.has('no-wait')) {
    run.output.say(`✗ The deletion ${ended.status}: operation ${ended.id}`, 'red')
    if (ended.problem) run.output.problem(ended.problem)
    return 1
  }
  run.output.say(run.args.has('no-wait') ? `Accepted: operation ${ended.id}` : '✓ Deleted', 'green')
  return 0
}

const ON_OFF = ['on', 'off'] as const

const SETTING_FLAGS = {
  'html-handling': { value: 'WORD', among: HTML_HANDLING, help: 'How paths and .html files meet' },
  'not-found-handling': { value: 'WORD', among: NOT_FOUND_HANDLING, help: 'What answers a missing path' },
  retain: { value: 'COUNT', help: 'Earlier releases kept unpacked for a rollback at once' },
  'asset-grace': { value: 'SECONDS', help: 'How long fingerprinted files of earlier releases still answer' },
  'build-folders': { value: 'LIST', help: 'Folders with fingerprinted files, such as assets/,static/' },
  approval: {
    value: 'WORD',
    among: ON_OFF,
    help: 'Whether a second person has to approve deployments and promotions',
  },
} as const

function settings(args: Args) {
  const one = <T extends string>(flag: string, among: readonly T[]): T | undefined =>
    among.find((word) => word === args.optional(flag))
  const buildFolders = args.optional('build-folders')?.split(',').filter(Boolean)
  const all = {
    htmlHandling: one('html-handling', HTML_HANDLING),
    notFoundHandling: one('not-found-handling', NOT_FOUND_HANDLING),
    retain: args.number('retain'),
    assetGraceSeconds: args.number('asset-grace'),
    buildFolders,
    approval: one('approval', ON_OFF) && args.text('approval') === 'on',
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const of = (args: Args) => ({ service: args.text('service'), environment: args.word(0) })

export const SERVICE_COMMANDS: Command[] = [
  {
    name: 'service list',
    group: 'Things',
    summary: 'List the services with what is live where',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead service list'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('services.list', { query: listQuery(args) })
      const live = (thing: Service) => thing.environments.filter((one) => one.live).map((one) => one.name)
      output.table(
        value,
        [
          ['NAME', (thing) => thing.name],
          ['ENVIRONMENTS', (thing) => thing.environments.map((one) => one.name).join(' ')],
          ['LIVE', (thing) => live(thing).join(' ') || '–'],
          ['CREATED', (thing) => output.time(thing.createdAt)],
        ],
        'No services yet: "fairlead service create NAME" makes one.',
      )
      return 0
    },
  },
  {
    name: 'service show',
    group: 'Things',
    summary: 'Show a service and its environments',
    positionals: [NAME],
    flags: {},
    examples: ['fairlead service show web'],
    async run({ context, args, output }) {
      const params = { service: args.word(0) }
      serviceFacts(output, (await new Server(context).client.call('services.show', { params })).value)
      return 0
    },
  },
  {
    name: 'service create',
    group: 'Things',
    summary: 'Create a service; it comes with the environment production',
    positionals: [NAME],
    flags: {},
    examples: ['fairlead service create web'],
    async run({ context, args, output }) {
      const json = { name: args.word(0) }
      serviceFacts(output, (await new Server(context).client.call('services.create', { json })).value)
      return 0
    },
  },
  {
    name: 'service rename',
    group: 'Things',
    summary: 'Rename a service; its addresses change with it',
    positionals: [NAME, { name: 'NEW', help: 'Its new name' }],
    flags: {},
    examples: ['fairlead service rename web shop'],
    async run({ context, args, output }) {
      const call = { params: { service: args.word(0) }, json: { name: args.word(1) } }
      serviceFacts(output, (await new Server(context).client.call('services.update', call)).value)
      return 0
    },
  },
  {
    name: 'service delete',
    group: 'Things',
    summary: 'Delete a service; its bundles and history stay',
    positionals: [NAME],
    flags: { yes, 'no-wait': { help: 'Do not wait for the outcome' } },
    examples: ['fairlead service delete web --yes'],
    async run(run) {
      await requireYes(run, `the service "${run.args.word(0)}"`)
      const server = new Server(run.context)
      const params = { service: run.args.word(0) }
      return finishDeletion(run, server, (await server.client.call('services.delete', { params })).value)
    },
  },
]

export const ENVIRONMENT_COMMANDS: Command[] = [
  {
    name: 'environment list',
    group: 'Things',
    summary: 'List the environments of a service in their order',
    positionals: [],
    flags: { service, ...PAGE_FLAGS },
    examples: ['fairlead environment list --service web'],
    async run({ context, args, output }) {
      const params = { service: args.text('service') }
      const call = { params, query: listQuery(args) }
      const { value } = await new Server(context).client.call('environments.list', call)
      output.table(
        value,
        [
          ['NAME', (thing) => thing.name],
          ['LIVE', (thing) => thing.live?.id ?? '–'],
          ['BUNDLE', (thing) => thing.live?.bundle?.slice(0, 12) ?? '–'],
          ['SINCE', (thing) => output.time(thing.live?.finishedAt ?? null)],
          ['ADDRESS', (thing) => thing.url],
        ],
        'No environments.',
      )
      return 0
    },
  },
  {
    name: 'environment show',
    group: 'Things',
    summary: 'Show an environment and its settings',
    positionals: [NAME],
    flags: { service },
    examples: ['fairlead environment show staging --service web'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('environments.show', { params: of(args) })
      environmentFacts(output, value)
      return 0
    },
  },
  {
    name: 'environment create',
    group: 'Things',
    summary: 'Add an environment to a service',
    positionals: [NAME],
    flags: { service, ...SETTING_FLAGS },
    examples: ['fairlead environment create staging --service web --retain 2'],
    async run({ context, args, output }) {
      const params = { service: args.text('service') }
      const call = { params, json: { name: args.word(0), ...settings(args) } }
      environmentFacts(output, (await new Server(context).client.call('environments.create', call)).value)
      return 0
    },
  },
  {
    name: 'environment update',
    group: 'Things',
    summary: 'Change the settings of an environment',
    positionals: [NAME],
    flags: { service, ...SETTING_FLAGS },
    examples: ['fairlead environment update production --service web --retain 3'],
    async run({ context, args, output }) {
      const json = settings(args)
      if (Object.keys(json).length === 0)
        throw new Fault('usage', 'No setting is named.', {
          hint: 'Run "fairlead environment update --help" for the list.',
        })
      const { value } = await new Server(context).client.call('environments.update', {
        params: of(args),
        json,
      })
      environmentFacts(output, value)
      return 0
    },
  },
  {
    name: 'environment rename',
    group: 'Things',
    summary: 'Rename an environment; its address changes with it',
    positionals: [NAME, { name: 'NEW', help: 'Its new name' }],
    flags: { service },
    examples: ['fairlead environment rename staging preview --service web'],
    async run({ context, args, output }) {
      const call = { params: of(args), json: { name: args.word(1) } }
      environmentFacts(output, (await new Server(context).client.call('environments.update', call)).value)
      return 0
    },
  },
  {
    name: 'environment move',
    group: 'Things',
    summary: 'Move an environment to another place in the order',
    positionals: [NAME, { name: 'POSITION', help: 'From 0; the others make room' }],
    flags: { service },
    examples: ['fairlead environment move production 2 --service web'],
    async run({ context, args, output }) {
      if (!/^\d{1,4}$/.test(args.word(1))) throw wrongValue('position', args.word(1), 'is a number from 0')
      const call = { params: of(args), json: { position: Number(args.word(1)) } }
      environmentFacts(output, (await new Server(context).client.call('environments.update', call)).value)
      return 0
    },
  },
  {
    name: 'environment delete',
    group: 'Things',
    summary: 'Delete an environment; its bundles and history stay',
    positionals: [NAME],
    flags: { service, yes, 'no-wait': { help: 'Do not wait for the outcome' } },
    examples: ['fairlead environment delete preview --service web --yes'],
    async run(run) {
      await requireYes(run, `the environment "${run.args.word(0)}"`)
      const server = new Server(run.context)
      const { value } = await server.client.call('environments.delete', { params: of(run.args) })
      return finishDeletion(run, server, value)
    },
  },
]
