import type { Command } from '../command.ts'

const exportSites: Command = {
  name: 'export',
  group: 'Machine',
  summary: 'Write a folder by which NGINX alone serves the sites, while the server runs or not',
  description:
    'It holds the texts of NGINX, the files of what is live, and all that Fairlead knows as JSON, without secrets; its README says how to use it. Without --with-keys names that have HTTPS answer over plain HTTP there.',
  positionals: [{ name: 'DIR', help: 'A folder that there is not yet, or an empty one' }],
  flags: {
    data: { value: 'DIR', env: 'FAIRLEAD_DATA', default: './data', help: 'The data folder' },
    'with-keys': {
      help: 'Write certificates with their keys too; whoever reads them can pose as these sites',
    },
  },
  examples: ['fairlead export /srv/sites', 'fairlead export /srv/sites --with-keys'],
  async run({ context, args, output }) {
    const folder = args.word(0)
    const given = { data: args.text('data'), folder, withKeys: args.has('with-keys') }
    const written = await context.offline.exportFolder(given)
    output.result({ folder, ...written }, () => [folder])
    for (const note of written.notes) output.warn(note)
    output.say(
      `Wrote ${written.sites} ${written.sites === 1 ? 'host name' : 'host names'}. ${folder}/README says how NGINX serves them.`,
    )
    return 0
  },
}

export const EXPORT_COMMANDS: Command[] = [exportSites]
