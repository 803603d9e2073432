/** What of an operator's configuration Fairlead does not do, and what to do about it. */
import type { Statement } from '../parse.ts'
import { textOf } from './config.ts'

/** What may be left behind if somebody says so. */
export const ACCEPTABLE = [
  'autoindex',
  'catch-all',
  'charset',
  'error-pages',
  'headers',
  'limits',
  'paths',
] as const
export type Acceptable = (typeof ACCEPTABLE)[number]

export interface Obstacle {
  file: string
  line: number
  /** As it is written, shortened. */
  directive: string
  why: string
  remedy: string
  /** The word by which it is left behind; null: it can't be. */
  accept: Acceptable | null
}

export interface Reason {
  why: string
  remedy: string
  accept?: Acceptable
}

export const obstacle = (statement: Statement, { why, remedy, accept }: Reason): Obstacle => ({
  file: statement.file,
  line: statement.line,
  directive: textOf(statement),
  why,
  remedy,
  accept: accept ?? null,
})

const apart = 'Leave this server to NGINX; where it shares a file with others, give it one of its own.'

/** Directives that make a server more than files, by how their names begin. */
const REASONS: readonly [RegExp, Reason][] = [
  [
    /^(proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass$/,
    { why: 'it passes requests on to an application', remedy: apart },
  ],
  [
    /^(auth_|allow$|deny$|satisfy$|ssl_client_certificate$|ssl_verify|secure_link|valid_referers)/,
    {
      why: 'it lets only some visitors in, and Fairlead lets in everybody',
      remedy: apart,
    },
  ],
  [
    /^limit_/,
    { why: 'it slows visitors down, and Fairlead does not', remedy: 'Leave it behind.', accept: 'limits' },
  ],
  [
    /^autoindex$/,
    {
      why: 'it lists folders that have no index.html, and Fairlead lists none',
      remedy: 'Leave it behind, and such folders answer with 404.',
      accept: 'autoindex',
    },
  ],
  [/^(dav_|create_full_put_path$)/, { why: 'it lets visitors write files', remedy: apart }],
  [
    /^(sub_filter|ssi$|addition_|add_before_body|add_after_body|image_filter|xslt_|perl|js_|.*_by_lua)/,
    {
      why: 'it makes answers anew at each request',
      remedy: 'Have the build make them, then take the line out.',
    },
  ],
  [
    /^alias$/,
    { why: 'a part of the site lies in another folder', remedy: 'Put it below the root of the site.' },
  ],
  [/^(if|set|break|rewrite|return|map)$/, { why: 'it decides by more than a path', remedy: apart }],
  [
    /^error_page$/,
    {
      why: 'only a page for 404 is kept',
      remedy: 'Leave it behind, and other errors have a neutral page.',
      accept: 'error-pages',
    },
  ],
]

/** Of a directive that means more than serving files, or that nobody here knows. */
export function reasonFor(name: string): Reason {
  return (
    REASONS.find(([pattern]) => pattern.test(name))?.[1] ?? {
      why: 'Fairlead does not know what it means for a site',
      remedy: `Take the line out if the site does without it. ${apart}`,
    }
  )
}

/** Which says nothing about what visitors of a static site are answered, or what Fairlead does itself. */
const HARMLESS =
  /^(access_log|error_log|log_not_found|log_subrequest|rewrite_log|gzip.*|gunzip.*|brotli.*|zstd.*|sendfile.*|tcp_.*|aio.*|directio.*|read_ahead|output_buffers|postpone_output|keepalive_.*|client_.*|send_timeout|send_lowat|lingering_.*|reset_timedout_connection|large_client_header_buffers|server_tokens|etag|if_modified_since|max_ranges|types.*|default_type|open_file_cache.*|chunked_transfer_encoding|resolver.*|http2.*|http3.*|quic_.*|msie_.*|merge_slashes|absolute_redirect|port_in_redirect|server_name_in_redirect|connection_pool_size|request_pool_size|ignore_invalid_headers|underscores_in_headers|disable_symlinks|subrequest_output_buffer_size|recursive_error_pages|override_charset|source_charset|internal|fastcgi_(?!pass$).*|uwsgi_(?!pass$).*|proxy_(?!pass$).*|uninitialized_variable_warn)$/

const OWN_TLS =
  /^ssl_(protocols|ciphers|conf_command|ecdh_curve|prefer_server_ciphers|session_.*|dhparam|stapling.*|trusted_certificate|buffer_size|early_data|password_file|reject_handshake|dyn_rec_.*)$/

export type Weight = 'harmless' | 'tls' | 'cache' | 'unknown'

export function weightOf(name: string): Weight {
  if (HARMLESS.test(name)) return 'harmless'
  if (OWN_TLS.test(name)) return 'tls'
  return name === 'expires' ? 'cache' : 'unknown'
}
