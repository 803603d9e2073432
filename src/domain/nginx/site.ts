import { sha256Hex } from '../../base/secrets.ts'
import { fileStem } from '../host-files.ts'
import type { Hostname, HostSite } from '../host-site.ts'
import { CANONICAL_HOSTNAME } from '../hostname.ts'
import { passedOn } from '../proxy-site.ts'
import { NEUTRAL_HEADERS } from '../serving/neutral.ts'
import { accessLog, known, ownWays, page } from './answers.ts'
import { challengeLocation } from './challenges.ts'
import {
  type Argument,
  block,
  type Directive,
  type DirectiveName,
  directive,
  entry,
  type Item,
  raw,
  variable,
} from './config.ts'
import { extraDirectives } from './extra.ts'
import { type FilesServer, filesServer, type Own } from './files.ts'
import { logFormat } from './log.ts'
import { map, otherwise } from './map.ts'
import { httpListens, httpsListens, LOG_FORMAT, type NginxPlace } from './place.ts'
import { certificateOf, hstsHeader, MISDIRECTED, requireOwnName, securedOf, tlsProfile } from './tls.ts'
import { v } from './variables.ts'

/** The file of what all sites share. */
export const SHARED_FILE = '00-fairlead.conf'

/** The server blocks of one host name: what its visitors are answered, exactly as the builtin gateway answers them. */
export function siteConfig(hostname: Hostname, site: HostSite, place: NginxPlace): Directive[] {
  // Anything else in `server_name` would be an expression, a variable or another server's name (THREATS N01 to N05).
  if (!CANONICAL_HOSTNAME.test(hostname)) throw new Error(`${JSON.stringify(hostname)} is no host name`)
  const own = ownOf(hostname, site, place)
  const formats = own.logFormat === LOG_FORMAT || place.logFolder === null ? [] : [logFormat(own.logFormat)]
  const { maps, inside } = contentOf(hostname, site, own)
  const extra = site.extra === undefined ? [] : extraDirectives(site.extra)
  return [...formats, ...maps, ...hstsMap(hostname, own), ...servers(hostname, [...inside, ...extra], own)]
}

function contentOf(hostname: Hostname, site: HostSite, own: Own): FilesServer {
  if (site.kind === 'redirect') return redirectServer(hostname, site, own)
  if (site.kind === 'self') return { maps: [], inside: selfServer(hostname, site, own) }
  return filesServer(hostname, site.site, own)
}

const idOf = (hostname: Hostname): string => sha256Hex(hostname).slice(0, 16)

function ownOf(hostname: Hostname, site: HostSite, place: NginxPlace): Own {
  const secured = securedOf(site, place)
  const isBoth = secured?.redirect === false
  return {
    place,
    secured,
    secureHeaders: hstsHeader(
      secured?.hsts && isBoth ? v(`hsts_${idOf(hostname)}`) : (secured?.hsts ?? null),
    ),
    // NGINX knows a log format only below where it stands, and some names come before the shared file (THREATS N22).
    logFormat: `${fileStem(hostname)}.conf` < SHARED_FILE ? `${LOG_FORMAT}_${idOf(hostname)}` : LOG_FORMAT,
  }
}

/** Where one server answers over both, the header is sent by one of them. */
const hstsMap = (hostname: Hostname, { secured }: Own): Directive[] =>
  secured?.redirect === false && secured.hsts !== null
    ? [
        map([{ variable: '$scheme' }], `hsts_${idOf(hostname)}`, [
          entry('https', secured.hsts),
          otherwise(''),
        ]),
      ]
    : []

/** Over plain HTTP, over both, or over HTTPS with plain HTTP leading there. The last one is the one that answers the site. */
function servers(hostname: Hostname, inside: readonly Item[], own: Own): Directive[] {
  const { place, secured } = own
  const name = directive('server_name', hostname)
  const http = httpListens(place.listen)
  if (secured === null) return [block('server', [], [...http, name, ...inside])]
  const content = (listens: readonly Directive[]): Directive =>
    block(
      'server',
      [],
      [...listens, name, ...certificateOf(secured), ...tlsProfile(secured.minimum), ...inside],
    )
  if (!secured.redirect) return [content([...http, ...httpsListens(place)])]
  return [block('server', [], [...http, name, ...toHttps(hostname, own)]), content(httpsListens(place))]
}

function toHttps(hostname: Hostname, { place, logFormat }: Own): Item[] {
  const port = place.tlsListen[0]?.port ?? HTTPS_PORT
  const isWildcard = hostname.startsWith('*.')
  const host = isWildcard ? ({ variable: '$host' } as const) : hostname
  const there = ['https://', host, port === HTTPS_PORT ? '' : `:${port}`] as const
  return [
    ...ownWays({ place, logFormat, early: '@page' }),
    challengeLocation(hostname, { place, headers: [] }),
    ...(isWildcard ? [plainHostOnly] : []),
    block('location', ['/'], [directive('return', '308', [...there, { variable: '$request_uri' }])]),
    page(NEUTRAL),
  ]
}

/** What ends as a wildcard does may begin with something that is no name, and lead elsewhere (`evil.example?.ours.example`). */
const plainHostOnly = block(
  'if',
  [variable('$host'), '!~', raw('^[a-z0-9._-]+$')],
  [directive('return', '404')],
)

const HTTP_PORT = 80
const HTTPS_PORT = 443

const NEUTRAL = NEUTRAL_HEADERS.map(([name, value]) => directive('add_header', name, value, 'always'))

/** The same path and query, as they came: decoded, they could split the answer. */
function redirectServer(
  hostname: Hostname,
  { to, status }: Extract<HostSite, { kind: 'redirect' }>,
  { place, logFormat, secured, secureHeaders }: Own,
): FilesServer {
  const usual = { http: HTTP_PORT, https: HTTPS_PORT }
  const gateways = { http: place.listen[0]?.port, https: place.tlsListen[0]?.port }
  const target = (scheme: 'http' | 'https') => {
    const port = to.port ?? gateways[scheme] ?? usual[scheme]
    return `${scheme}://${to.hostname}${port === usual[scheme] ? '' : `:${port}`}`
  }
  const cameBy = `came_${idOf(hostname)}`
  const isEither = to.scheme === null && secured?.redirect === false
  const there = isEither ? v(cameBy) : [target(to.scheme ?? (secured === null ? 'http' : 'https'))]
  const inside = [
    ...ownWays({ place, logFormat, early: secured === null ? '@page' : null }),
    ...secureHeaders,
    ...(secured === null ? [] : [requireOwnName()]),
    challengeLocation(hostname, { place, headers: secureHeaders }),
    block('location', ['/'], [directive('return', `${status}`, [...there, { variable: '$request_uri' }])]),
    page([...secureHeaders, ...NEUTRAL]),
  ]
  const byScheme = [entry('https', target('https')), otherwise(target('http'))]
  return { maps: isEither ? [map([{ variable: '$scheme' }], cameBy, byScheme)] : [], inside }
}

/** What of `http{}` would change an answer that is only passed on. */
const PASSED_WAYS: readonly [DirectiveName, ...Argument[]][] = [
  ['add_after_body', ''],
  ['add_before_body', ''],
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
  ['sub_filter_types', 'text/none'],
  ['userid', 'off'],
]

function selfServer(
  hostname: Hostname,
  { upstream }: Extract<HostSite, { kind: 'self' }>,
  { place, logFormat, secured, secureHeaders }: Own,
): Item[] {
  return [
    ...known(PASSED_WAYS, place),
    accessLog(place, logFormat),
    ...secureHeaders,
    directive('error_page', MISDIRECTED, '@page'),
    ...(secured === null ? [] : [requireOwnName()]),
    challengeLocation(hostname, { place, headers: secureHeaders, isBare: true }),
    block('location', ['/'], passedOn({ listen: upstream })),
    page([...secureHeaders, ...NEUTRAL]),
  ]
}
