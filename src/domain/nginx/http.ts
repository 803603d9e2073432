/** `00-fairlead.conf`: what stands in `http{}` once, for every site. */
import type { Hostname } from '../host-site.ts'
import { NEUTRAL_HEADERS } from '../serving/neutral.ts'
import { ownWays, page } from './answers.ts'
import { block, type Directive, type DirectiveName, directive, entry, raw } from './config.ts'
import { set, when } from './flow.ts'
import { logFormat } from './log.ts'
import { READ_BY_MAPS, sharedMaps } from './maps.ts'
import {
  httpListens,
  httpsListens,
  LOG_FORMAT,
  listenAddresses,
  listensWithTls,
  type NginxPlace,
} from './place.ts'
import { MISDIRECTED, tlsProfile } from './tls.ts'
import { our, v } from './variables.ts'

/** What the operator's own configuration sets already; it is left to him, since NGINX refuses a second one. */
export interface OperatorSettings {
  /** Directives of `http{}`: `server_names_hash_bucket_size`, `map_hash_max_size`, … */
  http: readonly string[]
  /** `address:port` as `listenAddresses` writes them, for which he has a default server. */
  defaultServers: readonly string[]
}

export interface SharedOptions {
  place: NginxPlace
  /** What `generation.fairlead.invalid` answers to this machine itself. */
  generation: string
  operator: OperatorSettings
  /** Whether a host name has HTTPS of its own. Without any, port 443 may be somebody else's. */
  isSecured: boolean
  /** Names without HTTPS below wildcards that have it, which would answer for them there. */
  refused?: readonly Hostname[]
}

/** The name under which a gateway tells, to this machine alone, which configuration it runs. */
export const GENERATION_HOST = 'generation.fairlead.invalid'

/** Large enough for names of 253 bytes, for 10,000 of them, and for redirects from paths of 2,000 characters. */
export const SIZES: readonly [DirectiveName, string][] = [
  ['server_names_hash_bucket_size', '512'],
  ['server_names_hash_max_size', '65536'],
  ['map_hash_bucket_size', '8192'],
  ['map_hash_max_size', '16384'],
  ['variables_hash_bucket_size', '128'],
  ['variables_hash_max_size', '4096'],
]

/** What all sites share. */
export function sharedConfig(options: SharedOptions): Directive[] {
  const { place, generation, operator, isSecured, refused = [] } = options
  const tlsListen = isSecured || place.tls !== null ? place.tlsListen : []
  return [
    ...SIZES.filter(([name]) => !operator.http.includes(name)).map(([name, size]) => directive(name, size)),
    ...(place.logFolder === null ? [] : [logFormat(LOG_FORMAT)]),
    block('geo', [raw(our('dollar'))], [entry('default', raw('$'))]),
    block('geo', [raw(our('question'))], [entry('default', raw('?'))]),
    ...sharedMaps(),
    ...defaultServers({ ...place, tlsListen }, operator),
    ...(refused.length > 0 && tlsListen.length > 0 ? [refusing(place, httpsListens(place), refused)] : []),
    generationServer(place, generation),
  ]
}

/** For a Host that no site has: a neutral page, and over HTTPS no certificate at all (THREATS N12, N13). */
function defaultServers(place: NginxPlace, operator: OperatorSettings): Directive[] {
  const isFree = (address: string) => !operator.defaultServers.includes(address)
  const plain = place.listen.flatMap(listenAddresses).filter(isFree)
  const encrypted = place.tlsListen.flatMap(listenAddresses).filter(isFree)
  const servers: Directive[] = []
  if (plain.length > 0)
    servers.push(
      block(
        'server',
        [],
        [
          ...plain.map((address) => directive('listen', address, 'default_server')),
          directive('server_name', ''),
          ...ownWays({ place, logFormat: LOG_FORMAT, early: EARLY_PAGE }),
          block('location', ['/'], [directive('return', '404')]),
          page(NEUTRAL_PAGE),
          page(NEUTRAL_PAGE, ['=', EARLY_PAGE]),
        ],
      ),
    )
  if (encrypted.length > 0)
    servers.push(refusing(place, listensWithTls(place, encrypted, 'default_server'), ['']))
  return servers
}

/** No certificate is shown for these names. */
const refusing = (place: NginxPlace, listens: readonly Directive[], names: readonly string[]): Directive =>
  block(
    'server',
    [],
    [
      ...listens,
      ...names.map((name) => directive('server_name', name)),
      ...tlsProfile('TLSv1.2'),
      directive('ssl_reject_handshake', 'on'),
      // Over a connection that was made to another name.
      ...ownWays({ place, logFormat: LOG_FORMAT, early: null }),
      block('location', ['/'], [directive('return', MISDIRECTED)]),
      page(NEUTRAL_PAGE),
    ],
  )

/** A path, since a request that can't be read has none and so can't be led to a named location. */
const EARLY_PAGE = '/.unreadable'

const NEUTRAL_PAGE = NEUTRAL_HEADERS.map(([name, value]) => directive('add_header', name, value, 'always'))

/** `return` comes before `allow` and `deny` in NGINX, so who asks is looked at first. */
const generationServer = (place: NginxPlace, generation: string): Directive =>
  block(
    'server',
    [],
    [
      ...httpListens(place.listen),
      directive('server_name', GENERATION_HOST),
      ...ownWays({ place: { ...place, logFolder: null }, logFormat: LOG_FORMAT, early: null }),
      ...NEUTRAL_PAGE,
      directive('add_header', 'Content-Type', 'text/plain', 'always'),
      ...READ_BY_MAPS.map((name) => set(name, '')),
      when([v('near')], directive('return', '200', generation)),
      directive('return', '404'),
      page(NEUTRAL_PAGE),
    ],
  )
