/** NGINX's configuration as a value, and its one way to text. Values from people are judged before they come here. */

/**
 * What Fairlead writes, and nothing else: some others make `nginx -t` alone write files or load code (THREATS N17). Of
 * these, `access_log`, `ssl_certificate` and `ssl_certificate_key` open files, which are the operator's own or ours.
 */
export const DIRECTIVES = [
  'absolute_redirect',
  'access_log',
  'add_after_body',
  'add_before_body',
  'add_header',
  'addition_types',
  'allow',
  'auth_basic',
  'auth_request',
  'autoindex',
  'break',
  'charset',
  'chunked_transfer_encoding',
  'client_max_body_size',
  'dav_methods',
  'default_type',
  'directio',
  'disable_symlinks',
  'error_page',
  'etag',
  'expires',
  'geo',
  'gunzip',
  'gzip',
  'gzip_disable',
  'gzip_http_version',
  'gzip_proxied',
  'gzip_static',
  'gzip_vary',
  'http2',
  'if',
  'if_modified_since',
  'internal',
  'keepalive_disable',
  'keepalive_requests',
  'keepalive_timeout',
  'limit_rate',
  'limit_rate_after',
  'listen',
  'location',
  'log_format',
  'log_not_found',
  'map',
  'map_hash_bucket_size',
  'map_hash_max_size',
  'max_ranges',
  'merge_slashes',
  'mirror',
  'msie_padding',
  'msie_refresh',
  'open_file_cache',
  'port_in_redirect',
  'proxy_buffering',
  'proxy_cache',
  'proxy_http_version',
  'proxy_intercept_errors',
  'proxy_pass',
  'proxy_read_timeout',
  'proxy_request_buffering',
  'proxy_send_timeout',
  'proxy_set_header',
  'recursive_error_pages',
  'return',
  'rewrite',
  'rewrite_log',
  'root',
  'satisfy',
  'server',
  'server_name',
  'server_name_in_redirect',
  'server_names_hash_bucket_size',
  'server_names_hash_max_size',
  'server_tokens',
  'set',
  'ssi',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_ciphers',
  'ssl_early_data',
  'ssl_ecdh_curve',
  'ssl_prefer_server_ciphers',
  'ssl_protocols',
  'ssl_reject_handshake',
  'ssl_session_cache',
  'ssl_session_tickets',
  'ssl_session_timeout',
  'ssl_stapling',
  'ssl_verify_client',
  'sub_filter_types',
  'try_files',
  'types',
  'uninitialized_variable_warn',
  'userid',
  'variables_hash_bucket_size',
  'variables_hash_max_size',
  'volatile',
] as const
export type DirectiveName = (typeof DIRECTIVES)[number]

/** NGINX's own variables that Fairlead asks for. */
export const VARIABLES = [
  '$args',
  '$body_bytes_sent',
  '$bytes_sent',
  '$connection',
  '$connection_requests',
  '$document_root',
  '$host',
  '$http_accept',
  '$http_referer',
  '$http_sec_fetch_mode',
  '$http_user_agent',
  '$is_args',
  '$msec',
  '$realpath_root',
  '$remote_addr',
  '$request_length',
  '$request_method',
  '$request_time',
  '$request_uri',
  '$scheme',
  '$sent_http_location',
  '$server_addr',
  '$server_port',
  '$server_protocol',
  '$ssl_protocol',
  '$ssl_server_name',
  '$status',
  '$time_iso8601',
  '$uri',
] as const

/**
 * What NGINX puts in by itself; `$1`: what the last regular expression captured; `$fairlead_…`: ours. `$uri` and what is
 * captured are decoded: never in a header without `escaped`, since a decoded line break would split the answer.
 */
export type Variable = (typeof VARIABLES)[number] | `$${Digit}` | `$fairlead_${string}`
type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** A text that means itself, or a variable. */
export type Part = string | { variable: Variable }

/**
 * A text that means itself, or several parts side by side. `raw`: where NGINX puts in no variables, such as in a
 * regular expression or the key of a map.
 */
export type Argument = string | readonly Part[] | { raw: string }

export interface Directive {
  name: DirectiveName
  args: readonly Argument[]
  /** What stands in its braces. */
  block?: readonly Item[]
  /** Lines of comment above it. Never a text that came from a user (THREATS N02). */
  notes?: readonly string[]
}

/** A line of `map`, `geo` or `types`: a key and its value. */
export interface Entry {
  key: Argument
  args: readonly Argument[]
}

/** A directive of the operator's own, by its words as NGINX reads them. */
export interface Foreign {
  words: readonly string[]
  inside: readonly Foreign[] | null
}

export type Item = Directive | Entry | Foreign

/** `if` takes its condition without parentheses: `['-f', path]` or `[variable, operator, value]`. */
export const directive = (name: DirectiveName, ...args: Argument[]): Directive => ({ name, args })

export const block = (
  name: DirectiveName,
  args: readonly Argument[],
  inside: readonly Item[],
): Directive => ({
  name,
  args,
  block: inside,
})

export const entry = (key: Argument, ...args: Argument[]): Entry => ({ key, args })

export const variable = (name: Variable): Argument => [{ variable: name }]

/** Where NGINX puts in no variables. */
export const raw = (text: string): Argument => ({ raw: text })

/** A `$` that means itself: NGINX has no escape for it, so the shared file names one (DESIGN §7). */
export const DOLLAR: Variable = '$fairlead_dollar'

/** The text of a file. Throws for an argument that could not be written so that it means itself. */
export const configText = (items: readonly Item[]): string => `${lines(items, '').join('\n')}\n`

function lines(items: readonly Item[], indent: string): string[] {
  return items.flatMap((item, index) => {
    if ('key' in item) return [`${indent}${[item.key, ...item.args].map(written).join(' ')};`]
    if ('words' in item) return foreignLines(item, indent)
    const { name, args, block: inside, notes = [] } = item
    const words = args.map(written).join(' ')
    const head = name === 'if' ? `if (${words})` : [name, words].join(' ').trimEnd()
    // A block, and what has a comment, stand apart from what is above them.
    const space = index > 0 && (inside !== undefined || notes.length > 0) ? [''] : []
    const comment = notes.map((note) => `${indent}# ${requireVisible(note)}`.trimEnd())
    if (!inside) return [...space, ...comment, `${indent}${head};`]
    return [...space, ...comment, `${indent}${head} {`, ...lines(inside, `${indent}    `), `${indent}}`]
  })
}

function foreignLines({ words, inside }: Foreign, indent: string): string[] {
  const head = `${indent}${words.map((word) => written(raw(word))).join(' ')}`
  return inside === null ? [`${head};`] : [`${head} {`, ...lines(inside, `${indent}    `), `${indent}}`]
}

function written(argument: Argument): string {
  const parts = partsOf(argument)
  let whole = ''
  for (const [index, part] of parts.entries()) whole += writtenPart(part, parts[index + 1])
  if (new TextEncoder().encode(whole).length > LONGEST_BYTES)
    throw new Error(`NGINX reads no word of ${whole.length} characters: ${whole.slice(0, 80)}…`)
  return whole === '' || /[\s;{}'"#\\]/.test(whole) ? `"${whole}"` : whole
}

/** NGX_CONF_BUFFER, with the quotes. */
const LONGEST_BYTES = 4093

const partsOf = (argument: Argument): readonly (Part | { raw: string })[] =>
  typeof argument === 'string' || 'raw' in argument ? [argument] : argument

function writtenPart(part: Part | { raw: string }, next: Part | { raw: string } | undefined): string {
  if (typeof part === 'string') return quoted(part).replaceAll('$', `\${${DOLLAR.slice(1)}}`)
  if ('raw' in part) return quoted(part.raw)
  const name = requireVariable(part.variable)
  const runsOn = typeof next === 'string' && /^[A-Za-z0-9_[]/.test(next)
  return runsOn && !/^\$[1-9]$/.test(name) ? `\${${name.slice(1)}}` : name
}

/** As it stands within double quotes (ngx_conf_read_token): `\\`, `\"` and `\t` are the only escapes used. */
const quoted = (text: string): string =>
  requireWritable(text).replace(/[\\"]/g, String.raw`\$&`).replaceAll('\t', String.raw`\t`)

function requireWritable(text: string): string {
  if (/[^\P{Cc}\t]|\p{Cs}/u.test(text))
    throw new Error(`NGINX would not read ${JSON.stringify(text)} as it is`)
  return text
}

function requireVariable(name: Variable): Variable {
  const known: readonly string[] = VARIABLES
  if (!known.includes(name) && !/^\$(fairlead_[a-z0-9_]+|[1-9])$/.test(name))
    throw new Error(`${JSON.stringify(name)} is no variable that Fairlead writes`)
  return name
}

function requireVisible(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is no line of visible ASCII`)
  return text
}
