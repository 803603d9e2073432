/** What every server of ours sets, so that nothing of it is inherited, and its neutral page. */
import { LIMITS } from '../../base/limits.ts'
import {
  type Argument,
  block,
  type Directive,
  type DirectiveName,
  directive,
  type Item,
  raw,
} from './config.ts'
import { type NginxPlace, requireFile } from './place.ts'
import { v } from './variables.ts'

/** Everything in `http{}` that could change an answer, set as sites need it (DESIGN §7). */
const WAYS: readonly [DirectiveName, ...Argument[]][] = [
  ['absolute_redirect', 'off'],
  ['add_after_body', ''],
  ['add_before_body', ''],
  ['addition_types', 'text/none'],
  ['allow', 'all'],
  ['auth_basic', 'off'],
  ['auth_request', 'off'],
  ['autoindex', 'off'],
  ['charset', 'off'],
  ['client_max_body_size', `${LIMITS.gateway.requestBodyBytes}`],
  ['dav_methods', 'off'],
  ['directio', 'off'],
  ['etag', 'on'],
  ['expires', 'off'],
  ['gzip', 'off'],
  ['gzip_disable', raw('(?!)')],
  ['gzip_http_version', '1.0'],
  ['gzip_proxied', 'any'],
  ['gzip_static', 'on'],
  ['gzip_vary', 'off'],
  ['if_modified_since', 'exact'],
  ['keepalive_timeout', `${LIMITS.gateway.idleSeconds}s`],
  ['limit_rate', '0'],
  ['log_not_found', 'off'],
  ['max_ranges', '1'],
  ['merge_slashes', 'on'],
  ['mirror', 'off'],
  ['msie_padding', 'off'],
  ['msie_refresh', 'off'],
  ['open_file_cache', 'off'],
  ['port_in_redirect', 'off'],
  ['recursive_error_pages', 'on'],
  ['satisfy', 'all'],
  ['server_tokens', 'off'],
  ['ssi', 'off'],
  ['sub_filter_types', 'text/none'],
  ['uninitialized_variable_warn', 'off'],
  ['userid', 'off'],
]

/** Directives that NGINX knows only when it was built with a module. */
const OF_MODULES: Readonly<Partial<Record<DirectiveName, string>>> = {
  add_after_body: 'http_addition_module',
  add_before_body: 'http_addition_module',
  addition_types: 'http_addition_module',
  auth_request: 'http_auth_request_module',
  dav_methods: 'http_dav_module',
  gzip_static: 'http_gzip_static_module',
  sub_filter_types: 'http_sub_module',
}

/** What `WAYS` says but for these, for a location in a server that does not say it. */
export const locationWays = (place: NginxPlace, but: readonly DirectiveName[]): Directive[] => [
  ...known(
    WAYS.filter(([name]) => name !== 'merge_slashes' && !but.includes(name)),
    place,
  ),
  block('types', [], []),
]

/** What of these the NGINX of this machine knows. */
export const known = (
  ways: readonly (readonly [DirectiveName, ...Argument[]])[],
  { modules }: NginxPlace,
): Directive[] =>
  ways
    .filter(([name]) => {
      const of = OF_MODULES[name]
      return of === undefined || modules === undefined || modules.includes(of)
    })
    .map(([name, ...args]) => directive(name, ...args))

export interface Ways {
  place: NginxPlace
  /** The name of the format of its log. */
  logFormat: string
  /** Where what is missing is answered. */
  missing?: Argument
  /** Where it is said that a request can't be read; null: by NGINX itself. */
  early: Argument | null
}

export const ownWays = ({ place, logFormat, missing = '@page', early }: Ways): Directive[] => [
  ...known(WAYS, place),
  // Filters that rewrite bodies look at the type that NGINX knows; it knows none, and the header is added by name.
  directive('default_type', ''),
  block('types', [], []),
  accessLog(place, logFormat),
  ...errorPages(missing, early),
]

export function accessLog({ logFolder }: NginxPlace, format: string): Directive {
  return logFolder === null
    ? directive('access_log', 'off')
    : directive('access_log', requireFile(`${logFolder}/fairlead.log`), format)
}

/** Statuses by which the servers of ours say what they mean; nobody outside sees them. */
export const PLAIN = '410'
export const NOTHING = '409'

/** Found out before NGINX knows the path, and so before there can be a named location. */
const EARLY = '400 408 413 414 431 494 505'.split(' ')

const LATE = '301 302 303 307 308 405 411 412 421 500 501 502 503 504'.split(' ')

const errorPages = (missing: Argument, early: Argument | null): Directive[] => [
  directive('error_page', PLAIN, NOTHING, '=404', '@page'),
  directive('error_page', '403', '=404', missing),
  directive('error_page', '404', missing),
  directive('error_page', ...LATE, '@page'),
  ...(early === null ? [] : [directive('error_page', ...EARLY, early)]),
]

/** The one place from which neutral pages come: the status is that of the error, the text is a map's. */
export const page = (headers: readonly Item[], name: readonly string[] = ['@page']): Directive =>
  block('location', name, [
    ...(name.length > 1 ? [directive('internal')] : []),
    ...headers,
    directive('add_header', 'Content-Type', v('page_type'), 'always'),
    directive('add_header', 'Allow', v('allowed'), 'always'),
    directive('return', '200', v('page')),
  ])
