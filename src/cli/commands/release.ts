import { Fault } from '../../base/fault.ts'
import { ApiProblem } from '../../contract/client.ts'
import type { Deployment, LogLine } from '../../contract/shapes.ts'
import { NAME_PATTERN, NAME_RULE } from '../../domain/names.ts'
import { type Command, type Run, wrongValue } from '../command.ts'
import { followLog } from '../log-stream.ts'
import { finishRelease, lineText, RELEASE_FLAGS } from '../release.ts'
import { Server } from '../server.ts'
import { kindOf, sendArchive, sendLocalFolder } from '../upload.ts'

const environment = { value: 'NAME', required: true, help: 'The environment' } as const

const deploy: Command = {
  name: 'deploy',
  group: 'Release',
  summary: 'Deploy a folder or an archive',
  description:
    'PATH is the folder that your build wrote, or a ZIP, tar, tar.gz or tar.zst. Of a folder only the files travel that the service does not hold yet. The command ends when the release is live and verified; its address is the result.',
  positionals: [{ name: 'PATH', help: 'A folder or an archive' }],
  flags: {
    service: RELEASE_FLAGS.service,
    environment,
    create: { help: 'Create the service and the environment if they are missing' },
    message: RELEASE_FLAGS.message,
    'no-wait': RELEASE_FLAGS['no-wait'],
  },
  examples: [
    'fairlead deploy ./dist --service web --environment staging --create',
    'fairlead deploy site.zip --service web --environment production --message "Release 7"',
  ],
  async run(run) {
    const { context, args, output } = run
    const server = new Server(context)
    const shipment = { context, output, server, path: args.word(0) }
    const found = await kindOf(shipment)
    await requirePlace(run, server)
    const params = { service: args.text('service'), environment: args.text('environment') }
    const message = args.optional('message')
    if (found.kind === 'folder') {
      const bundle = await sendLocalFolder(shipment, params.service)
      return finishRelease(run, server, await release(run, server, { source: { bundle } }))
    }
    const query = message === undefined ? {} : { message }
    const path = server.client.path('deployments.create', { params, query })
    const target = { route: 'deployments.create', path, size: found.size } as const
    return finishRelease(run, server, await sendArchive(shipment, target))
  },
}

const rollback: Command = {
  name: 'rollback',
  group: 'Release',
  summary: 'Put an earlier deployment back',
  description:
    'Without --to it is the newest succeeded deployment before the live one that had another bundle. A rollback is a deployment of its own.',
  positionals: [],
  flags: {
    ...RELEASE_FLAGS,
    environment,
    to: { value: 'DEPLOYMENT', default: 'previous', help: 'The deployment to go back to' },
  },
  examples: [
    'fairlead rollback --service web --environment production',
    'fairlead rollback --service web --environment production --to k3v9q0m2x7c5n1p8r4t6',
  ],
  async run(run) {
    const server = new Server(run.context)
    return finishRelease(
      run,
      server,
      await release(run, server, { source: { rollbackTo: run.args.text('to') } }),
    )
  },
}

const promote: Command = {
  name: 'promote',
  group: 'Release',
  summary: 'Deploy what one environment has live to another',
  description: 'The same bundle is released, byte for byte; nothing is built or sent again.',
  positionals: [],
  flags: {
    ...RELEASE_FLAGS,
    from: { value: 'ENVIRONMENT', required: true, help: 'Where it is live now' },
    to: { value: 'ENVIRONMENT', required: true, help: 'Where it goes live' },
  },
  examples: ['fairlead promote --service web --from staging --to production'],
  async run(run) {
    const server = new Server(run.context)
    const wish = { source: { promoteFrom: run.args.text('from') }, environment: run.args.text('to') }
    return finishRelease(run, server, await release(run, server, wish))
  },
}

const logs: Command = {
  name: 'logs',
  group: 'Release',
  summary: 'Show the log of a deployment or another operation',
  positionals: [{ name: 'DEPLOYMENT', help: 'Its id, as "deployment list" shows it' }],
  flags: { follow: { help: 'Go on until it has ended; with --json one object a line' } },
  examples: ['fairlead logs k3v9q0m2x7c5n1p8r4t6 --follow'],
  async run({ context, args, output }) {
    const server = new Server(context)
    const id = args.word(0)
    if (args.has('follow')) {
      for await (const line of followLog(context, server, id)) output.result(line, () => [lineText(line)])
      return 0
    }
    const items: LogLine[] = []
    let cursor: string | null = null
    do {
      const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor !== null && { cursor }) }
      const { value } = await server.client.call('operations.log', { params: { id }, query })
      items.push(...value.items)
      cursor = value.next
    } while (cursor !== null)
    output.result({ items, next: null }, () => items.map(lineText))
    return 0
  },
}

export const RELEASE_COMMANDS: Command[] = [deploy, rollback, promote, logs]

interface Wish {
  source: { bundle: string } | { rollbackTo: string } | { promoteFrom: string }
  /** Where to; that of --environment when it is left out. */
  environment?: string
}

/** Asks for a deployment of something that the server holds; a lost answer is asked for again under the same key. */
export async function release({ context, args }: Run, server: Server, wish: Wish): Promise<Deployment> {
  const environment = wish.environment ?? args.text('environment')
  const headers = { 'idempotency-key': context.randomId() }
  const params = { service: args.text('service'), environment }
  const message = args.optional('message')
  const json = { ...wish.source, ...(message !== undefined && { message }) }
  const { value } = await server.patiently(() =>
    server.client.call('deployments.create', { params, json, headers }),
  )
  return value
}

/** Makes what is missing with --create, and says how otherwise, before anything is read or sent. */
async function requirePlace({ args, output }: Run, server: Server): Promise<void> {
  const params = { service: args.text('service'), environment: args.text('environment') }
  try {
    await server.client.call('environments.show', { params })
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'not_found') throw error
    if (!args.has('create'))
      throw new Fault('not_found', error.problem.detail, {
        hint: 'With --create it is made first.',
      })
    const { service, environment } = params
    requireName('service', service)
    requireName('environment', environment)
    await unlessThere(() => server.client.call('services.create', { json: { name: service } }))
    await unlessThere(() =>
      server.client.call('environments.create', { params: { service }, json: { name: environment } }),
    )
    output.say(`Created ${service}/${environment}`)
  }
}

/** Both names are judged before the first of the two is made. */
function requireName(flag: string, name: string): void {
  if (!NAME_PATTERN.test(name)) throw wrongValue(flag, name, `has ${NAME_RULE}`)
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'conflict') throw error
  }
}
