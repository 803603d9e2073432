import { ApiProblem, readProblem } from '../../contract/client.ts'
import type { Bundle } from '../../contract/shapes.ts'
import type { Command } from '../command.ts'
import { megabytes, type Output } from '../output.ts'
import { requireYes } from '../people.ts'
import { Server } from '../server.ts'
import { ERASE_FLAGS, listQuery, PAGE_FLAGS, reasonOf } from '../things.ts'
import { kindOf, sendArchive, sendLocalFolder } from '../upload.ts'

const DIGEST = { name: 'DIGEST', help: 'SHA-256 of the bundle, as "bundle list" shows it' }
const service = { value: 'NAME', required: true, help: 'The service' } as const

const bundleFacts = (output: Output, thing: Bundle): void => {
  output.facts(thing, [
    ['digest', thing.digest],
    ['format', thing.format],
    ['size', megabytes(thing.size)],
    ['files', `${thing.fileCount}, ${megabytes(thing.unpackedSize)}`],
    ['stripped', thing.strippedFolder],
    ['left out', thing.droppedCount > 0 ? String(thing.droppedCount) : null],
    ['created', output.time(thing.createdAt)],
  ])
  for (const warning of thing.warnings) output.warn(warning)
}

export const BUNDLE_COMMANDS: Command[] = [
  {
    name: 'bundle list',
    group: 'Things',
    summary: 'List the bundles of a service, newest first',
    positionals: [],
    flags: { service, ...PAGE_FLAGS },
    examples: ['fairlead bundle list --service web'],
    async run({ context, args, output }) {
      const call = { params: { service: args.text('service') }, query: listQuery(args) }
      const { value } = await new Server(context).client.call('bundles.list', call)
      output.table(
        value,
        [
          ['DIGEST', (thing) => thing.digest],
          ['FORMAT', (thing) => thing.format],
          ['SIZE', (thing) => megabytes(thing.size)],
          ['FILES', (thing) => String(thing.fileCount)],
          ['CREATED', (thing) => output.time(thing.createdAt)],
        ],
        'No bundles yet: "fairlead deploy" or "fairlead bundle create" sends one.',
      )
      return 0
    },
  },
  {
    name: 'bundle show',
    group: 'Things',
    summary: 'Show a bundle; with --json the list of its files too',
    positionals: [DIGEST],
    flags: { service },
    examples: ['fairlead bundle show 9f86d081… --service web --json'],
    async run({ context, args, output }) {
      const params = { service: args.text('service'), digest: args.word(0) }
      bundleFacts(output, (await new Server(context).client.call('bundles.show', { params })).value)
      return 0
    },
  },
  {
    name: 'bundle create',
    group: 'Things',
    summary: 'Store and check a folder or an archive without deploying it',
    positionals: [{ name: 'PATH', help: 'A folder or an archive' }],
    flags: { service },
    examples: ['fairlead bundle create site.zip --service web'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const shipment = { context, output, server, path: args.word(0) }
      const params = { service: args.text('service') }
      const found = await kindOf(shipment)
      if (found.kind === 'folder') {
        const digest = await sendLocalFolder(shipment, params.service)
        const { value } = await server.client.call('bundles.show', { params: { ...params, digest } })
        bundleFacts(output, value)
      } else {
        const path = server.client.path('bundles.create', { params })
        bundleFacts(output, await sendArchive(shipment, { route: 'bundles.create', path, size: found.size }))
      }
      return 0
    },
  },
  {
    name: 'bundle delete',
    group: 'Things',
    summary: 'Erase the bytes of a bundle for good, such as a leaked secret',
    description:
      'Not while it is live, being deployed or kept for a rollback. Who, when and why stays in the audit. Backups made before still hold it.',
    positionals: [DIGEST],
    flags: { service, ...ERASE_FLAGS },
    examples: ['fairlead bundle delete 9f86d081… --service web --reason "a token was in it" --yes'],
    async run(run) {
      const { context, args, output } = run
      await requireYes(run, `Erase the bytes of ${args.word(0)} for good?`, 'yes')
      const params = { service: args.text('service'), digest: args.word(0) }
      const call = { params, query: reasonOf(args) }
      const { value } = await new Server(context).client.call('bundles.delete', call)
      output.result(value, () => [])
      output.say(`✓ Erased ${megabytes(value.size)} for good`, 'green')
      return 0
    },
  },
  {
    name: 'bundle download',
    group: 'Things',
    summary: 'Write the archive of a bundle to a file, byte for byte as it came',
    positionals: [DIGEST, { name: 'FILE', help: 'A new file' }],
    flags: { service },
    examples: ['fairlead bundle download 9f86d081… site.zip --service web'],
    async run({ context, args, output }) {
      const server = new Server(context)
      const params = { service: args.text('service'), digest: args.word(0) }
      const response = await server.fetch(server.client.path('bundles.archive', { params }), {})
      if (!response.ok) throw new ApiProblem(await readProblem(response))
      await context.files.create(args.word(1), response.body ?? new ReadableStream())
      output.result({ file: args.word(1) }, () => [args.word(1)])
      return 0
    },
  },
]
