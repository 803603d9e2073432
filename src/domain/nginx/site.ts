import { sha256Hex } from '../../base/secrets.ts'
import type { Hostname, HostSite } from '../host-site.ts'
import { CANONICAL_HOSTNAME } from '../hostname.ts'
import { HSTS, passedOn } from '../proxy-site.ts'
import { NEUTRAL_HEADERS } from '../serving/neutral.ts'
import { accessLog, known, ownWays, page } from './answers.ts'
import {
  type Argument,
  block,
  type Directive,
  type DirectiveName,
  directive,
  type Item,
  raw,
  variable,
} from './config.ts'
import { filesServer, type Own } from './files.ts'
import { logFormat } from './log.ts'
import { httpListens, httpsListens, LOG_FORMAT, type NginxPlace, requireFile, TLS_PROFILE } from './place.ts'

/** The file of what all sites share. */
export const SHARED_FILE = '00-fairlead.conf'

/** The server blocks of one host name: what its visitors are answered, exactly as the builtin gateway answers them. */
export function siteConfig(hostname: Hostname, site: HostSite, place: NginxPlace): Directive[] {
  // Anything else in `server_name` would be an expression, a variable or another server's name (THREATS N01 to N05).
  if (!CANONICAL_HOSTNAME.test(hostname)) throw new Error(`${JSON.stringify(hostname)} is no host name`)
  const own = ownOf(hostname, place)
  const formats = own.logFormat === LOG_FORMAT || place.logFolder === null ? [] : [logFormat(own.logFormat)]
  if (site.kind === 'redirect') return [...formats, ...servers(hostname, redirectServer(site, own), place)]
  if (site.kind === 'self') return [...formats, ...servers(hostname, selfServer(site, own), place)]
  const { maps, inside } = filesServer(hostname, site.site, own)
  return [...formats, ...maps, ...servers(hostname, inside, place)]
}

/** NGINX knows a log format only below where it stands, and some names come before the shared file (THREATS N22). */
const ownOf = (hostname: Hostname, place: NginxPlace): Own => ({
  place,
  logFormat:
    `${hostname.replace('*', '_wildcard')}.conf` < SHARED_FILE
      ? `${LOG_FORMAT}_${sha256Hex(hostname).slice(0, 16)}`
      : LOG_FORMAT,
})

/** Over plain HTTP, or over HTTPS with plain HTTP leading there. */
function servers(hostname: Hostname, inside: readonly Item[], place: NginxPlace): Directive[] {
  const name = directive('server_name', hostname)
  const { tls } = place
  if (tls === null) return [block('server', [], [...httpListens(place.listen), name, ...inside])]
  const certificate = [
    directive('ssl_certificate', requireFile(tls.certificate)),
    directive('ssl_certificate_key', requireFile(tls.certificateKey)),
  ]
  const port = tls.listen[0]?.port ?? HTTPS_PORT
  const isWildcard = hostname.startsWith('*.')
  const host = isWildcard ? ({ variable: '$host' } as const) : hostname
  const there = ['https://', host, port === HTTPS_PORT ? '' : `:${port}`] as const
  return [
    block(
      'server',
      [],
      [
        ...httpListens(place.listen),
        name,
        ...ownWays({ ...ownOf(hostname, place), early: '@page' }),
        ...acme(),
        ...(isWildcard ? [plainHostOnly] : []),
        block('location', ['/'], [directive('return', '308', [...there, { variable: '$request_uri' }])]),
        page(NEUTRAL),
      ],
    ),
    block('server', [], [...httpsListens(place), name, ...certificate, ...TLS_PROFILE, ...inside]),
  ]
}

/** What ends as a wildcard does may begin with something that is no name, and lead elsewhere (`evil.example?.ours.example`). */
const plainHostOnly = block(
  'if',
  [variable('$host'), '!~', raw('^[a-z0-9.-]+$')],
  [directive('return', '404')],
)

const HTTP_PORT = 80
const HTTPS_PORT = 443

const NEUTRAL = NEUTRAL_HEADERS.map(([name, value]) => directive('add_header', name, value, 'always'))

/** Certificates are asked for below it (THREATS N27). */
const acme = (): Directive[] => [
  block('location', ['^~', '/.well-known/acme-challenge/'], [directive('return', '404')]),
]

/** The same path and query, as they came: decoded, they could split the answer. */
function redirectServer({ to, status }: Extract<HostSite, { kind: 'redirect' }>, own: Own): Item[] {
  const { place } = own
  const usual = { http: HTTP_PORT, https: HTTPS_PORT }
  const gateways = { http: place.listen[0]?.port, https: place.tls?.listen[0]?.port }
  const scheme = to.scheme ?? (place.tls === null ? 'http' : 'https')
  const port = to.port ?? gateways[scheme] ?? usual[scheme]
  const target = `${scheme}://${to.hostname}${port === usual[scheme] ? '' : `:${port}`}`
  return [
    ...ownWays({ ...own, early: place.tls === null ? '@page' : null }),
    ...acme(),
    block('location', ['/'], [directive('return', `${status}`, [target, { variable: '$request_uri' }])]),
    page(NEUTRAL),
  ]
}

/** What of `http{}` would change an answer that is only passed on. */
const PASSED_WAYS: readonly [DirectiveName, ...Argument[]][] = [
  ['allow', 'all'],
  ['auth_basic', 'off'],
  ['auth_request', 'off'],
  ['charset', 'off'],
  ['client_max_body_size', '0'],
  ['expires', 'off'],
  ['gzip', 'off'],
  ['limit_rate', '0'],
  ['mirror', 'off'],
  ['proxy_cache', 'off'],
  ['proxy_intercept_errors', 'off'],
  ['satisfy', 'all'],
  ['server_tokens', 'off'],
  ['ssi', 'off'],
]

function selfServer({ upstream }: Extract<HostSite, { kind: 'self' }>, { place, logFormat }: Own): Item[] {
  return [
    ...known(PASSED_WAYS, place),
    accessLog(place, logFormat),
    ...(place.tls === null ? [] : [directive('add_header', 'Strict-Transport-Security', HSTS, 'always')]),
    block('location', ['/'], passedOn({ listen: upstream })),
  ]
}
