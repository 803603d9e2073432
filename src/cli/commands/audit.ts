import { Fault } from '../../base/fault.ts'
import { ApiProblem, readProblem } from '../../contract/client.ts'
import type { AuditEntry, ChainState } from '../../contract/shapes/audit.ts'
import type { Args, Command, Run } from '../command.ts'
import type { Output } from '../output.ts'
import { Server } from '../server.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'

const FILTERS = {
  actor: { value: 'TEXT', help: 'By whom: a part of a login, or an id' },
  kind: { value: 'START', help: 'How the kind begins: user., refused' },
  service: { value: 'NAME', help: 'In this service' },
  environment: { value: 'NAME', help: 'In environments of this name' },
  from: { value: 'TIME', help: 'Not before, such as 2026-11-24 or 2026-11-24T12:00:00Z' },
  to: { value: 'TIME', help: 'Before' },
  search: { value: 'TEXT', help: 'Text anywhere in it' },
} as const

function filterOf(args: Args) {
  const [actor, kind, service, environment, q] = ['actor', 'kind', 'service', 'environment', 'search'].map(
    (flag) => args.optional(flag),
  )
  const [from, to] = [timeOf(args, 'from'), timeOf(args, 'to')]
  const all = { actor, kind, service, environment, q, from, to }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function timeOf(args: Args, flag: string): string | undefined {
  const text = args.optional(flag)
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at))
    throw new Fault('usage', `--${flag} is no time.`, { hint: 'Write it as 2026-11-24T12:00:00Z.' })
  return new Date(at).toISOString()
}

const whereOf = ({ service, environment }: AuditEntry): string =>
  service === null ? '–' : `${service}${environment === null ? '' : `/${environment}`}`

function tellChain(output: Output, state: ChainState): number {
  const { whole, checked, head, findings } = state
  output.result(state, () => (head ? [`${head.number}:${head.hash}`] : []))
  for (const { number, kind, at, problem } of findings)
    output.say(`✗ event ${number}${kind === null ? '' : ` (${kind}, ${at})`}: ${SAYING[problem]}`, 'red')
  if (whole) output.say(`✓ ${checked} events are as they were written.`, 'green')
  if (whole && head)
    output.say('Note the line above elsewhere, and hold it against the audit later with --head.')
  return whole ? 0 : 1
}

const SAYING: Record<ChainState['findings'][number]['problem'], string> = {
  altered: 'was altered, or the one before it together with its hash',
  missing: 'is missing',
  inserted: 'was slipped in',
  'cut-off': 'and what followed was cut off',
  'another-head': 'is not the one whose hash was noted: the end was rewritten',
}

async function exportAudit({ context, args, output }: Run): Promise<number> {
  const format = args.text('format')
  const query = new URLSearchParams({ ...filterOf(args), format })
  const answer = await new Server(context).fetch(`/api/v1/audit/export?${query}`, {})
  if (!answer.ok || !answer.body) throw new ApiProblem(await readProblem(answer))
  const file = args.word(0)
  await context.files.create(file, answer.body)
  output.result({ file }, () => [])
  output.say(`✓ Wrote ${file}.`, 'green')
  return 0
}

export const AUDIT_COMMANDS: Command[] = [
  {
    name: 'audit list',
    group: 'Access',
    summary: 'Search the audit, newest first: who did what, from where',
    positionals: [],
    flags: { ...FILTERS, ...PAGE_FLAGS },
    examples: ['fairlead audit list --kind user.', 'fairlead audit list --actor ann@ --from 2026-11-01'],
    async run({ context, args, output }) {
      const query = { ...listQuery(args), ...filterOf(args) }
      const { value } = await new Server(context).client.call('audit.list', { query })
      output.table(
        value,
        [
          ['AT', (entry) => output.time(entry.at)],
          ['WHO', (entry) => entry.actor.name],
          ['FROM', (entry) => entry.actor.address ?? '–'],
          ['WHAT', (entry) => entry.kind],
          ['WHERE', whereOf],
        ],
        'Nothing of the kind.',
      )
      return 0
    },
  },
  {
    name: 'audit export',
    group: 'Access',
    summary: 'Write all that a search finds into a file',
    positionals: [{ name: 'FILE', help: 'A new file' }],
    flags: {
      ...FILTERS,
      format: { value: 'FORMAT', among: ['jsonl', 'csv'], default: 'jsonl', help: 'Lines of JSON, or CSV' },
    },
    examples: ['fairlead audit export audit.csv --format csv --from 2026-01-01'],
    run: exportAudit,
  },
  {
    name: 'audit verify',
    group: 'Access',
    summary: 'Say whether the audit is as it was written, and which rows are not',
    description:
      'The events are chained by hashes, so a row that was altered, deleted or slipped in is named. Only a head that was noted elsewhere shows that the end was rewritten.',
    positionals: [],
    flags: {
      head: { value: 'NUMBER:HASH', help: 'A head that was noted earlier' },
      data: { value: 'DIR', help: 'Read this data folder itself, whether its server runs or not' },
    },
    examples: ['fairlead audit verify', 'fairlead audit verify --data ./data'],
    async run({ context, args, output }) {
      const [head, data] = [args.optional('head'), args.optional('data')]
      if (data !== undefined)
        return tellChain(output, await context.offline.verifyAudit({ data, head: head ?? null }))
      const query = { ...(head !== undefined && { head }) }
      return tellChain(output, (await new Server(context).client.call('audit.verify', { query })).value)
    },
  },
]
