import { parseAddress, parseSize, parseUrl } from '../addresses.ts'
import type { Args, Command } from '../command.ts'
import type { ListenAddress } from '../context.ts'
import { examine } from '../doctor.ts'
import { megabytes } from '../output.ts'

const DATA = { value: 'DIR', env: 'FAIRLEAD_DATA', default: './data', help: 'The data folder' } as const
const LISTEN = {
  value: 'HOST:PORT',
  env: 'FAIRLEAD_LISTEN',
  default: '127.0.0.1:4750',
  help: 'Where the page and the API answer',
} as const
const SITES_LISTEN = {
  value: 'HOST:PORT',
  env: 'FAIRLEAD_SITES_LISTEN',
  default: '127.0.0.1:4780',
  help: 'Where the sites answer',
} as const
const SITES_TLS_LISTEN = {
  value: 'HOST:PORT',
  env: 'FAIRLEAD_SITES_TLS_LISTEN',
  help: 'Where the sites answer over HTTPS (without it they do not; NGINX has addresses of its own)',
} as const

/** Where the sites answer, and where over HTTPS. */
function sitesAddresses(args: Args): { sitesListen: ListenAddress; sitesTlsListen?: ListenAddress } {
  const secure = args.optional('sites-tls-listen')
  return {
    sitesListen: parseAddress('sites-listen', args.text('sites-listen')),
    ...(secure !== undefined && { sitesTlsListen: parseAddress('sites-tls-listen', secure) }),
  }
}

const serve: Command = {
  name: 'serve',
  group: 'Server',
  summary: 'Run the server: page, API and sites',
  description:
    'It runs until it gets SIGINT or SIGTERM, then ends what it is doing in good order; a second signal ends it at once. Sites that NGINX serves go on without it.',
  positionals: [],
  flags: {
    data: DATA,
    listen: LISTEN,
    'sites-listen': SITES_LISTEN,
    'sites-tls-listen': SITES_TLS_LISTEN,
    url: {
      value: 'URL',
      env: 'FAIRLEAD_URL',
      help: 'Address under which people reach the page, if it is another',
    },
    'trusted-proxy': {
      value: 'LIST',
      env: 'FAIRLEAD_TRUSTED_PROXIES',
      help: 'Addresses or CIDR blocks of proxies that tell in X-Forwarded-For where a request comes from',
    },
    'insecure-http': { help: 'Let other machines reach the page without HTTPS: passwords can be overheard' },
    open: { help: 'Show the page in the browser, if there is a display' },
    'disk-reserve': {
      value: 'SIZE',
      help: 'Refuse uploads that would leave less free than this (1 GiB or 5 %, whichever is more)',
    },
  },
  examples: [
    'fairlead serve --open',
    'fairlead serve --data /var/lib/fairlead --sites-listen 0.0.0.0:80',
    'fairlead serve --sites-listen 0.0.0.0:80 --sites-tls-listen 0.0.0.0:443',
  ],
  async run({ context, args, output }) {
    const url = args.optional('url')
    const reserve = args.optional('disk-reserve')
    const options = {
      data: args.text('data'),
      listen: parseAddress('listen', args.text('listen')),
      ...sitesAddresses(args),
      url: url === undefined ? null : parseUrl('url', url),
      trustedProxies: (args.optional('trusted-proxy') ?? '').split(',').filter((block) => block !== ''),
      insecureHttp: args.has('insecure-http'),
      ...(reserve !== undefined && { diskReserveBytes: parseSize('disk-reserve', reserve) }),
    }
    const interrupted = context.interrupted()
    const app = await context.serve(options)
    const { sitesUrl, sitesTlsUrl } = app
    output.result({ url: app.url, sitesUrl, sitesTlsUrl, version: context.version }, () => [
      `Fairlead ${context.version} is ready: ${app.url}`,
    ])
    const { port } = new URL(sitesUrl)
    output.say(`Sites answer at http://<environment>.<service>.localhost:${port}/`)
    if (app.setUpUrl !== null) {
      output.say('There is no account yet, so only this machine is let in. Make the first one here:')
      output.say(`  ${app.setUpUrl}`)
    }
    if (app.isInsecure)
      output.warn(
        'People reach the page without HTTPS. "fairlead doctor nginx" prints a proxy that brings it.',
      )
    if (args.has('open')) await context.openBrowser(app.url)
    await interrupted
    output.say('Stopping. Once more ends it at once.')
    await app.stop()
    return 0
  },
}

const doctor: Command = {
  name: 'doctor',
  group: 'Machine',
  summary: 'Say what on this machine is missing or wrong, each with its remedy',
  positionals: [],
  flags: {
    data: DATA,
    listen: LISTEN,
    'sites-listen': SITES_LISTEN,
    'sites-tls-listen': SITES_TLS_LISTEN,
    nginx: { help: 'Say what NGINX lacks for URLs, also while they do not use it' },
  },
  examples: ['fairlead doctor', 'fairlead doctor --nginx', 'fairlead doctor --data /var/lib/fairlead --json'],
  async run({ context, args, output }) {
    const findings = await examine(context.machine, {
      data: args.text('data'),
      listen: parseAddress('listen', args.text('listen')),
      ...sitesAddresses(args),
      asNginx: args.has('nginx'),
    })
    output.result({ findings }, () =>
      findings.flatMap(({ name, status, detail, remedy }) => [
        `${status.padEnd(4)}  ${name}: ${detail}`,
        ...(remedy === null ? [] : [`      → ${remedy}`]),
      ]),
    )
    return findings.some((finding) => finding.status === 'fail') ? 1 : 0
  },
}

const FILE = {
  name: 'FILE',
  help: 'A new file; one of an earlier time is replaced when the new one is whole',
}

const backup: Command = {
  name: 'backup',
  group: 'Machine',
  summary: 'Write the database and the bundles to one tar, while the server runs or not',
  description:
    'The key that seals secrets is not in it: "fairlead backup key" writes it to a file of its own.',
  positionals: [FILE],
  flags: {
    data: DATA,
    'without-bundles': { help: 'The database alone; bundles never change, so rsync can keep them' },
  },
  examples: ['fairlead backup /backup/fairlead.tar', 'fairlead backup db.tar --without-bundles'],
  async run({ context, args, output }) {
    const file = args.word(0)
    const withoutBundles = args.has('without-bundles')
    const written = await context.offline.backup({ data: args.text('data'), file, withoutBundles })
    output.result({ file, ...written }, () => [file])
    output.say(`Wrote ${megabytes(written.bytes)} with ${written.bundles} bundles.`)
    for (const digest of written.missing) output.warn(`The bundle ${digest} is not on the disk any more.`)
    return written.missing.length > 0 ? 1 : 0
  },
}

const backupKey: Command = {
  name: 'backup key',
  group: 'Machine',
  summary: 'Write the key that seals secrets to a file of its own',
  positionals: [FILE],
  flags: { data: DATA },
  examples: ['fairlead backup key /safe/fairlead.key'],
  async run({ context, args, output }) {
    const file = args.word(0)
    await context.offline.backupKey({ data: args.text('data'), file })
    output.result({ file }, () => [file])
    output.warn('Keep it apart from the backup: together they hold every secret.')
    return 0
  },
}

const restore: Command = {
  name: 'restore',
  group: 'Machine',
  summary: 'Fill an empty data folder from a backup',
  description:
    'The server then starts standing by: it serves and shows, but changes nothing outside until "fairlead takeover". Without the key, sealed secrets must be entered again.',
  positionals: [{ name: 'FILE', help: 'What "fairlead backup" wrote' }],
  flags: { data: DATA, key: { value: 'FILE', help: 'What "fairlead backup key" wrote' } },
  examples: ['fairlead restore /backup/fairlead.tar --key /safe/fairlead.key'],
  async run({ context, args, output }) {
    const data = args.text('data')
    const keyFile = args.optional('key') ?? null
    const restored = await context.offline.restore({ data, file: args.word(0), keyFile })
    output.result({ data, ...restored }, () => [data])
    output.say(`Restored ${restored.bundles} bundles. The server stands by until "fairlead takeover".`)
    return 0
  },
}

const takeover: Command = {
  name: 'takeover',
  group: 'Machine',
  summary: 'Let a restored instance act again, when the old one has stopped for good',
  positionals: [],
  flags: { data: DATA },
  examples: ['fairlead takeover --data /var/lib/fairlead'],
  async run({ context, args, output }) {
    const data = args.text('data')
    await context.offline.takeover({ data })
    output.result({ data }, () => [data])
    output.say('✓ This instance acts from now on.', 'green')
    return 0
  },
}

export const SERVER_COMMANDS: Command[] = [serve]
export const MACHINE_COMMANDS: Command[] = [doctor, backup, backupKey, restore, takeover]
