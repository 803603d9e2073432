import { configText } from '../../domain/nginx/config.ts'
import {
  FILE_PATTERN,
  HOSTNAME_PATTERN,
  type ProxySite,
  proxySite,
  serveCommand,
} from '../../domain/proxy-site.ts'
import { parseAddress, parseUrl } from '../addresses.ts'
import { type Args, type Command, wrongValue } from '../command.ts'
import type { ListenAddress } from '../context.ts'

const doctorNginx: Command = {
  name: 'doctor nginx',
  group: 'Machine',
  summary: 'Print the NGINX site that puts Fairlead behind HTTPS on this machine',
  description:
    'The site goes to standard output and changes nothing. The certificate is yours to get; its paths are those of certbot unless they are named.',
  positionals: [],
  flags: {
    url: {
      value: 'URL',
      env: 'FAIRLEAD_URL',
      required: true,
      help: 'Address under which people are to reach Fairlead, such as https://deploy.example.com',
    },
    listen: {
      value: 'HOST:PORT',
      env: 'FAIRLEAD_LISTEN',
      default: '127.0.0.1:4750',
      help: 'Where the server answers, as for serve',
    },
    certificate: {
      value: 'FILE',
      help: 'The certificate and what it was signed with (/etc/letsencrypt/live/HOST/fullchain.pem)',
    },
    'certificate-key': {
      value: 'FILE',
      help: 'The key of the certificate (/etc/letsencrypt/live/HOST/privkey.pem)',
    },
  },
  examples: [
    'fairlead doctor nginx --url https://deploy.example.com',
    'fairlead doctor nginx --url https://deploy.example.com:8443 --listen 127.0.0.1:4751',
  ],
  async run({ args, output }) {
    const site = parseSite(args)
    const text = configText(proxySite(site))
    const serve = serveCommand(site)
    output.result({ site: text, serve }, () => text.trimEnd().split('\n'))
    output.say(`Start Fairlead with: ${serve}`)
    return 0
  },
}

function parseSite(args: Args): ProxySite {
  const url = new URL(parseUrl('url', args.text('url')))
  if (url.protocol !== 'https:')
    throw wrongValue('url', args.text('url'), 'begins with https:// (NGINX is there to bring HTTPS)')
  // A URL may have a host such as "a;{}$b", which is more than NGINX should ever read.
  if (!HOSTNAME_PATTERN.test(url.hostname))
    throw wrongValue('url', args.text('url'), 'has a host name of letters, digits, "-" and "."')
  const files = `/etc/letsencrypt/live/${url.hostname}`
  return {
    hostname: url.hostname,
    port: Number(url.port || 443),
    listen: requireNumeric(args),
    certificate: file(args, 'certificate', `${files}/fullchain.pem`),
    certificateKey: file(args, 'certificate-key', `${files}/privkey.pem`),
  }
}

/** NGINX would ask for a name once, when it starts, and try each of its addresses in turn. */
function requireNumeric(args: Args): ListenAddress {
  const text = args.text('listen')
  const { hostname, port } = parseAddress('listen', text)
  // Of a host that looks like numbers the URL standard makes an address, or nothing.
  const host = URL.parse(`http://${hostname.includes(':') ? `[${hostname}]` : hostname}`)?.hostname ?? ''
  const [, address] = /^\[?([\d.]+|[0-9a-f:]+)\]?$/.exec(host) ?? []
  if (address === undefined || port === 0)
    throw wrongValue('listen', text, 'is an IP address and a port here, such as 127.0.0.1:4750')
  return { hostname: address, port }
}

function file(args: Args, flag: string, usual: string): string {
  const path = args.optional(flag) ?? usual
  if (!FILE_PATTERN.test(path))
    throw wrongValue(flag, path, 'is an absolute path of letters, digits and . _ / @ + -')
  return path
}

export const NGINX_COMMANDS: Command[] = [doctorNginx]
