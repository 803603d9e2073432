import type { Deployment, Operation } from '../../contract/shapes.ts'
import type { Command, Run } from '../command.ts'
import type { Output } from '../output.ts'
import { requireYes } from '../people.ts'
import { finishRelease, RELEASE_FLAGS } from '../release.ts'
import { Server } from '../server.ts'
import { ERASE_FLAGS, listQuery, PAGE_FLAGS, reasonOf } from '../things.ts'
import { release } from './release.ts'

const ID = { name: 'ID', help: 'Its id, as the list shows it' }
const environment = { value: 'NAME', required: true, help: 'The environment' } as const

const deploymentFacts = (output: Output, thing: Deployment): void =>
  output.facts(thing, [
    ['id', thing.id],
    ['status', thing.live ? `${thing.status}, live` : thing.status],
    ['place', `${thing.service}/${thing.environment}`],
    ['bundle', thing.bundle ?? 'refused'],
    ['cause', thing.source ? `${thing.cause} of ${thing.source}` : thing.cause],
    ['by', thing.actor.name],
    ['message', thing.message],
    ['created', output.time(thing.createdAt)],
    ['finished', output.time(thing.finishedAt)],
    ['steps', stepsText(thing)],
    ['approval', approvalText(thing)],
    ['bundle erased', erasedText(output, thing)],
    ['problem', thing.problem?.detail ?? null],
    ['hint', thing.problem?.hint ?? null],
    ['address', thing.urls.join(' ') || null],
  ])

const erasedText = (output: Output, { erased }: Deployment): string | null => {
  if (erased === null) return null
  const why = erased.reason === null ? '' : `: ${erased.reason}`
  return `${output.time(erased.at)} by ${erased.by.name}${why}`
}

const approvalText = ({ approval }: Deployment): string | null => {
  if (approval === null) return null
  return approval.by === null ? 'waits for a second person' : `by ${approval.by.name}`
}

const operationFacts = (output: Output, thing: Operation): void =>
  output.facts(thing, [
    ['id', thing.id],
    ['kind', thing.kind],
    ['status', thing.status],
    ['place', placeOf(thing)],
    ['by', thing.actor.name],
    ['created', output.time(thing.createdAt)],
    ['finished', output.time(thing.finishedAt)],
    ['steps', stepsText(thing)],
    ['problem', thing.problem?.detail ?? null],
    ['hint', thing.problem?.hint ?? null],
  ])

const stepsText = ({ steps }: Operation | Deployment): string | null =>
  steps.map((step) => `${step.name} (${step.status})`).join(', ') || null

const placeOf = ({ service, environment }: Operation): string =>
  environment === null ? (service ?? 'instance') : `${service}/${environment}`

export const DEPLOYMENT_COMMANDS: Command[] = [
  {
    name: 'deployment list',
    group: 'Things',
    summary: 'List the deployments of an environment, newest first',
    positionals: [],
    flags: { service: RELEASE_FLAGS.service, environment, ...PAGE_FLAGS },
    examples: ['fairlead deployment list --service web --environment production'],
    async run({ context, args, output }) {
      const params = { service: args.text('service'), environment: args.text('environment') }
      const call = { params, query: listQuery(args) }
      const { value } = await new Server(context).client.call('deployments.list', call)
      output.table(
        value,
        [
          ['ID', (thing) => thing.id],
          ['STATUS', (thing) => (thing.live ? `${thing.status} live` : thing.status)],
          ['CAUSE', (thing) => thing.cause],
          ['BUNDLE', (thing) => thing.bundle?.slice(0, 12) ?? '–'],
          ['CREATED', (thing) => output.time(thing.createdAt)],
          ['MESSAGE', (thing) => thing.message ?? ''],
        ],
        'No deployments yet: "fairlead deploy" makes one.',
      )
      return 0
    },
  },
  {
    name: 'deployment show',
    group: 'Things',
    summary: 'Show a deployment, its steps and its problem',
    positionals: [ID],
    flags: {},
    examples: ['fairlead deployment show k3v9q0m2x7c5n1p8r4t6'],
    async run({ context, args, output }) {
      const params = { id: args.word(0) }
      deploymentFacts(output, (await new Server(context).client.call('deployments.show', { params })).value)
      return 0
    },
  },
  {
    name: 'deployment create',
    group: 'Things',
    summary: 'Deploy a bundle that the service holds already',
    positionals: [],
    flags: {
      ...RELEASE_FLAGS,
      environment,
      bundle: { value: 'DIGEST', required: true, help: 'SHA-256 of the bundle, as "bundle list" shows it' },
    },
    examples: ['fairlead deployment create --service web --environment staging --bundle 9f86d081…'],
    async run(run) {
      const server = new Server(run.context)
      return finishRelease(
        run,
        server,
        await release(run, server, { source: { bundle: run.args.text('bundle') } }),
      )
    },
  },
  {
    name: 'deployment delete',
    group: 'Things',
    summary: 'Take a deployment that is not live out of the history; its bundle stays',
    positionals: [ID],
    flags: ERASE_FLAGS,
    examples: ['fairlead deployment delete k3v9q0m2x7c5n1p8r4t6 --reason "wrong customer" --yes'],
    async run(run) {
      const { context, args, output } = run
      await requireYes(run, `Take the deployment ${args.word(0)} out of the history?`, 'yes')
      const call = { params: { id: args.word(0) }, query: reasonOf(args) }
      const { value } = await new Server(context).client.call('deployments.delete', call)
      output.result(value, () => [])
      output.say('✓ Deleted; its bundle stays', 'green')
      return 0
    },
  },
  {
    name: 'deployment approve',
    group: 'Things',
    summary: 'Approve a deployment that waits for a second person, and wait for its outcome',
    description: 'Not for whoever started it, nor with a key of his. To reject it, cancel it.',
    positionals: [ID],
    flags: { 'no-wait': RELEASE_FLAGS['no-wait'] },
    examples: ['fairlead deployment approve k3v9q0m2x7c5n1p8r4t6'],
    async run(run) {
      const server = new Server(run.context)
      const params = { id: run.args.word(0) }
      return finishRelease(run, server, (await server.client.call('deployments.approve', { params })).value)
    },
  },
  ...changes('deployment', deploymentOf),
]

export const OPERATION_COMMANDS: Command[] = [
  {
    name: 'operation list',
    group: 'Things',
    summary: 'List the operations, newest first',
    positionals: [],
    flags: PAGE_FLAGS,
    examples: ['fairlead operation list --limit 10'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('operations.list', { query: listQuery(args) })
      output.table(
        value,
        [
          ['ID', (thing) => thing.id],
          ['KIND', (thing) => thing.kind],
          ['STATUS', (thing) => thing.status],
          ['PLACE', placeOf],
          ['CREATED', (thing) => output.time(thing.createdAt)],
        ],
        'No operations yet.',
      )
      return 0
    },
  },
  {
    name: 'operation show',
    group: 'Things',
    summary: 'Show an operation, its steps and its problem',
    positionals: [ID],
    flags: {},
    examples: ['fairlead operation show k3v9q0m2x7c5n1p8r4t6'],
    async run({ context, args, output }) {
      const params = { id: args.word(0) }
      operationFacts(output, (await new Server(context).client.call('operations.show', { params })).value)
      return 0
    },
  },
  ...changes('operation', async ({ output }, _, operation) => operationFacts(output, operation)),
]

type Tell = (run: Run, server: Server, operation: Operation) => Promise<void>

async function deploymentOf({ output }: Run, server: Server, { id }: Operation): Promise<void> {
  deploymentFacts(output, (await server.client.call('deployments.show', { params: { id } })).value)
}

/** A deployment is an operation with the same id: both can be cancelled and tried again. */
function changes(noun: string, tell: Tell): Command[] {
  return [
    {
      name: `${noun} cancel`,
      group: 'Things',
      summary: `Cancel a ${noun === 'operation' ? 'queued or running operation' : noun}; possible until its switch has begun`,
      positionals: [ID],
      flags: {},
      examples: [`fairlead ${noun} cancel k3v9q0m2x7c5n1p8r4t6`],
      async run(run) {
        const server = new Server(run.context)
        const params = { id: run.args.word(0) }
        await tell(run, server, (await server.client.call('operations.cancel', { params })).value)
        return 0
      },
    },
    {
      name: `${noun} retry`,
      group: 'Things',
      summary: `Try a stuck ${noun} again, or deploy the bundle of an ended deployment once more`,
      positionals: [ID],
      flags: {},
      examples: [`fairlead ${noun} retry k3v9q0m2x7c5n1p8r4t6`],
      async run(run) {
        const server = new Server(run.context)
        const params = { id: run.args.word(0) }
        await tell(run, server, (await server.client.call('operations.retry', { params })).value)
        return 0
      },
    },
  ]
}
