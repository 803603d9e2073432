import { type Directive, directive, type Part, raw, type Variable } from './config.ts'
import { our } from './variables.ts'

/** What a line of the access log tells: field to variable. `root`: the tree that answered. */
const FIELDS: readonly [string, Variable][] = [
  ['time', '$time_iso8601'],
  ['host', '$host'],
  ['client', '$remote_addr'],
  ['method', '$request_method'],
  ['target', '$request_uri'],
  ['protocol', '$server_protocol'],
  ['status', '$status'],
  ['bytes', '$body_bytes_sent'],
  ['seconds', '$request_time'],
  ['referer', '$http_referer'],
  ['agent', '$http_user_agent'],
  ['root', our('root')],
]

/** One JSON object a line, whatever a visitor sends (THREATS N25). */
export function logFormat(name: string): Directive {
  const parts: Part[] = FIELDS.flatMap(([field, variable], index): Part[] => [
    `${index === 0 ? '{' : ','}"${field}":"`,
    { variable },
    '"',
  ])
  return directive('log_format', raw(name), 'escape=json', [...parts, '}'])
}
