import { Fault } from '../../base/fault.ts'
import type { Drift } from '../../contract/shapes/drift.ts'
import type { Command, Run } from '../command.ts'
import type { Output, Style } from '../output.ts'
import { Server } from '../server.ts'
import { followOperation, listQuery, PAGE_FLAGS } from '../things.ts'

const FINDING = { name: 'FINDING', help: 'Its id, as "drift list" tells it' }
const WAY_FLAGS = {
  yes: { help: 'Do not ask' },
  'no-wait': { help: 'Do not wait for the outcome' },
} as const

const STYLES: Record<Drift['diff'][number]['sign'], Style | undefined> = {
  '-': 'red',
  '+': 'green',
  ' ': undefined,
}

const placeOf = ({ service, environment, url }: Drift): string =>
  url?.hostname ?? (service === null ? 'Fairlead itself' : `${service}/${environment ?? ''}`)

const tellDiff = (output: Output, { diff }: Drift): void =>
  output.lines(diff.map(({ sign, text }): [string, Style | undefined] => [`${sign} ${text}`, STYLES[sign]]))

function tellFinding(output: Output, drift: Drift): void {
  output.facts(drift, [
    ['finding', drift.id],
    ['kind', drift.kind],
    ['thing', drift.thing],
    ['of', placeOf(drift)],
    ['found', output.time(drift.foundAt)],
    ['last seen', output.time(drift.lastSeenAt)],
    ['over', drift.endedAt && `${output.time(drift.endedAt)}, ${drift.end ?? ''}`],
    ['ways out', drift.end === null ? waysText(drift) : null],
    ['else', drift.end === null ? drift.why : null],
    ['by itself', healingText(output, drift)],
    [
      'operation',
      drift.operation && `${drift.operation.kind} ${drift.operation.id}: ${drift.operation.status}`,
    ],
    ['problem', drift.operation?.problem?.detail ?? null],
  ])
  tellDiff(output, drift)
}

const waysText = ({ revertable, adoptable }: Drift): string =>
  [...(revertable ? ['revert'] : []), ...(adoptable ? ['adopt'] : [])].join(' or ') || 'none'

const healingText = (output: Output, { healing }: Drift): string | null =>
  healing &&
  (healing.nextAt === null
    ? `not any more: it came back ${healing.count} times`
    : `put back ${healing.count} times lately; next ${output.time(healing.nextAt)}`)

function tellFindings(output: Output, page: { items: Drift[]; next: string | null }, nothing: string): void {
  output.table(
    page,
    [
      ['FINDING', (drift) => drift.id],
      ['KIND', (drift) => drift.kind],
      ['OF', placeOf],
      ['THING', (drift) => drift.thing],
      ['SINCE', (drift) => output.time(drift.foundAt)],
      ['WAYS OUT', (drift) => drift.end ?? waysText(drift)],
    ],
    nothing,
  )
}

/** Shows what stands there, and asks where there is a terminal; what was shown is what is meant. */
async function wayOut(run: Run, way: 'revert' | 'adopt'): Promise<number> {
  const { context, args, output } = run
  const server = new Server(context)
  const params = { id: args.word(0) }
  const { value: drift } = await server.client.call('drift.show', { params })
  if (!output.isJson) tellDiff(output, drift)
  if (!args.has('yes')) {
    const question = way === 'revert' ? 'Put back what the database says?' : 'Take over what stands there?'
    const answer = await context.ask(`${question} [y/N] `)
    if (answer !== null && !/^y(es)?$/i.test(answer.trim()))
      throw new Fault('cancelled', 'Nothing was changed.')
  }
  const { value } = await server.client.call(`drift.${way}`, { params, json: { seen: drift.seen } })
  if (args.has('no-wait')) {
    output.result(value, () => [])
    output.say(`Accepted: operation ${value.id}`, 'green')
    return 0
  }
  const ended = await followOperation(run, server, value.id)
  output.result(ended, () => [])
  if (ended.status === 'succeeded') {
    output.say(way === 'revert' ? '✓ Put back' : '✓ Taken over', 'green')
    return 0
  }
  output.say(
    `✗ Nothing was ${way === 'revert' ? 'put back' : 'taken over'}: operation ${ended.id} ${ended.status}`,
    'red',
  )
  if (ended.problem) output.problem(ended.problem)
  return 1
}

export const DRIFT_COMMANDS: Command[] = [
  {
    name: 'drift',
    group: 'Things',
    summary: 'Look now for what stands otherwise than the database says, and list it',
    description:
      'Exit code 0: everything was looked at and is as it should be; 1: something is open, or could not be looked at. There is a look every minute anyway: "drift list" tells what it has found.',
    positionals: [],
    flags: {},
    examples: ['fairlead drift', 'fairlead drift --json'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('drift.look', {})
      tellFindings(output, value, '✓ Everything is as it should be.')
      for (const { part, message } of value.failures)
        output.warn(`${part} could not be looked at: ${message}`)
      return value.items.length === 0 && value.failures.length === 0 ? 0 : 1
    },
  },
  {
    name: 'drift list',
    group: 'Things',
    summary: 'List what the last look has found',
    positionals: [],
    flags: { ended: { help: 'What is over instead of what is open' }, ...PAGE_FLAGS },
    examples: ['fairlead drift list', 'fairlead drift list --ended'],
    async run({ context, args, output }) {
      const query = { ...listQuery(args), ...(args.has('ended') && { ended: 'true' as const }) }
      const { value } = await new Server(context).client.call('drift.list', { query })
      tellFindings(output, value, args.has('ended') ? 'Nothing has been found yet.' : 'Nothing is open.')
      return 0
    },
  },
  {
    name: 'drift show',
    group: 'Things',
    summary: 'Show a finding: what should stand, what stands, and the ways out',
    positionals: [FINDING],
    flags: {},
    examples: ['fairlead drift show k3v9q0m2x7c5n1p8r4t6'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('drift.show', { params: { id: args.word(0) } })
      tellFinding(output, value)
      return 0
    },
  },
  {
    name: 'drift revert',
    group: 'Things',
    summary: 'Put back what the database says',
    description:
      'What stands there is shown first, and on a terminal it asks. When something else stands there by the time, nothing is changed.',
    positionals: [FINDING],
    flags: WAY_FLAGS,
    examples: ['fairlead drift revert k3v9q0m2x7c5n1p8r4t6 --yes'],
    run: (run) => wayOut(run, 'revert'),
  },
  {
    name: 'drift adopt',
    group: 'Things',
    summary: 'Take what stands into the database',
    description:
      'A tree or a link becomes a deployment, which follows. What stands there is shown first, and on a terminal it asks.',
    positionals: [FINDING],
    flags: WAY_FLAGS,
    examples: ['fairlead drift adopt k3v9q0m2x7c5n1p8r4t6'],
    run: (run) => wayOut(run, 'adopt'),
  },
]
