/** NGINX's configuration as a value, and its one way to text. Values from people are judged before they come here. */

/** What Fairlead writes, and nothing else: some others make `nginx -t` alone write files or load code. */
export type DirectiveName =
  | 'add_header'
  | 'client_max_body_size'
  | 'listen'
  | 'location'
  | 'proxy_buffering'
  | 'proxy_http_version'
  | 'proxy_pass'
  | 'proxy_read_timeout'
  | 'proxy_request_buffering'
  | 'proxy_send_timeout'
  | 'proxy_set_header'
  | 'return'
  | 'server'
  | 'server_name'
  | 'ssl_certificate'
  | 'ssl_certificate_key'
  | 'ssl_protocols'

/** What NGINX puts in by itself. Never `$uri`: it is decoded, and a decoded line break splits the answer. */
export type Variable = '$host' | '$remote_addr' | '$request_uri'

/** A text that means itself, or one that a variable follows. */
export type Argument = string | { text: string; next: Variable }

export interface Directive {
  name: DirectiveName
  args: readonly Argument[]
  /** What stands in its braces. */
  block?: readonly Directive[]
  /** Lines of comment above it. */
  notes?: readonly string[]
}

export const directive = (name: DirectiveName, ...args: Argument[]): Directive => ({ name, args })

export const variable = (next: Variable): Argument => ({ text: '', next })

/** The text of a file. Throws for an argument that could not be written so that it means itself. */
export const configText = (directives: readonly Directive[]): string =>
  `${lines(directives, '').join('\n')}\n`

function lines(directives: readonly Directive[], indent: string): string[] {
  return directives.flatMap(({ name, args, block, notes = [] }, index) => {
    const head = [name, ...args.map(written)].join(' ')
    // A block, and what has a comment, stand apart from what is above them.
    const space = index > 0 && (block !== undefined || notes.length > 0) ? [''] : []
    const comment = notes.map((note) => `${indent}# ${requireVisible(note)}`.trimEnd())
    if (!block) return [...space, ...comment, `${indent}${head};`]
    return [...space, ...comment, `${indent}${head} {`, ...lines(block, `${indent}    `), `${indent}}`]
  })
}

function written(argument: Argument): string {
  const { text, next } = typeof argument === 'string' ? { text: argument, next: '' } : argument
  // Within quotes these still have a meaning, which differs from directive to directive.
  if (/[\\$"]/.test(requireVisible(text)))
    throw new Error(`NGINX would not read ${JSON.stringify(text)} as it is`)
  const whole = `${text}${next}`
  return whole === '' || /[\s;{}'#]/.test(whole) ? `"${whole}"` : whole
}

function requireVisible(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is no line of visible ASCII`)
  return text
}
