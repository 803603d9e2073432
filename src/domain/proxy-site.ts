/** The NGINX site that passes people on to Fairlead itself: its page and its API, over HTTPS. */
import { LIMITS } from '../base/limits.ts'
import { type Directive, directive, variable } from './nginx/config.ts'

export interface ProxySite {
  /** Under which people reach Fairlead: a host name of `HOSTNAME_PATTERN`. */
  hostname: string
  /** Of HTTPS. */
  port: number
  /** Where Fairlead listens: an IP address, and its port. */
  listen: { hostname: string; port: number }
  /** Absolute paths of PEM files. */
  certificate: string
  certificateKey: string
}

/** RFC 1123 §2.1, in lower case; also an IPv4 address. */
export const HOSTNAME_PATTERN =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** A path that NGINX reads as it stands, with nothing in it that could mean something else. */
export const FILE_PATTERN = /^\/[A-Za-z0-9._/@+-]{1,500}$/

const HTTP_PORT = 80
const HTTPS_PORT = 443
/** Longer than the longest answer is waited for. */
const PATIENCE_SECONDS = LIMITS.http.waitMs / 1000 + 60
/** For two years nobody asks by plain HTTP. */
export const HSTS = `max-age=${2 * 365 * 86_400}`

export const proxyUrl = ({ hostname, port }: ProxySite): string =>
  `https://${hostname}${port === HTTPS_PORT ? '' : `:${port}`}`

/** Where NGINX finds Fairlead: a wildcard is this very machine. */
function upstream({ listen }: Pick<ProxySite, 'listen'>): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.hostname] ?? listen.hostname
  return address.includes(':') ? `[${address}]` : address
}

/** The peer that Fairlead sees: a machine that asks itself is known by the address that it asked. */
const trustedProxy = (site: ProxySite): string => upstream(site).replace(/[[\]]/g, '')

/** How Fairlead is started behind this site. */
export const serveCommand = (site: ProxySite): string => {
  const { hostname, port } = site.listen
  const listen = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`
  return `fairlead serve --listen ${listen} --url ${proxyUrl(site)} --trusted-proxy ${trustedProxy(site)}`
}

export const proxySite = (site: ProxySite): Directive[] => [
  {
    name: 'server',
    args: [],
    notes: [
      "Fairlead's own page and API, over HTTPS. Printed by: fairlead doctor nginx",
      'Fairlead is started with:',
      `  ${serveCommand(site)}`,
    ],
    block: [
      directive('listen', `${HTTP_PORT}`),
      directive('listen', `[::]:${HTTP_PORT}`),
      directive('server_name', site.hostname),
      {
        ...directive('return', '308', [proxyUrl(site), { variable: '$request_uri' }]),
        notes: ['308 keeps the method of a request; 301 would make a GET of it.'],
      },
    ],
  },
  {
    name: 'server',
    args: [],
    block: [
      directive('listen', `${site.port}`, 'ssl', 'http2'),
      directive('listen', `[::]:${site.port}`, 'ssl', 'http2'),
      directive('server_name', site.hostname),
      { ...directive('ssl_certificate', site.certificate), notes: ['Your certificate.'] },
      directive('ssl_certificate_key', site.certificateKey),
      directive('ssl_protocols', 'TLSv1.2', 'TLSv1.3'),
      directive('add_header', 'Strict-Transport-Security', HSTS, 'always'),
      {
        ...directive('client_max_body_size', '0'),
        notes: ['Archives are large. Fairlead has limits of its own, and says which one was passed.'],
      },
      { name: 'location', args: ['/'], block: passedOn(site) },
    ],
  },
]

/** Every request as it came, but for what a client claims about itself. */
export const passedOn = (site: Pick<ProxySite, 'listen'>): Directive[] => [
  directive('proxy_pass', `http://${upstream(site)}:${site.listen.port}`),
  directive('proxy_http_version', '1.1'),
  directive('proxy_set_header', 'Host', variable('$host')),
  {
    ...directive('proxy_set_header', 'X-Forwarded-For', variable('$remote_addr')),
    notes: ['Replaced and not appended to: what a client claims about itself ends here.'],
  },
  {
    ...directive('proxy_request_buffering', 'off'),
    notes: ['Uploads go straight through; a copy of each on this disk would come first otherwise.'],
  },
  {
    ...directive('proxy_buffering', 'off'),
    notes: ['Live logs and events are shown when they happen.'],
  },
  {
    ...directive('proxy_read_timeout', `${PATIENCE_SECONDS}s`),
    notes: [`A deployment may be waited for ${LIMITS.http.waitMs / 60_000} minutes (?wait=true).`],
  },
  directive('proxy_send_timeout', `${PATIENCE_SECONDS}s`),
]
