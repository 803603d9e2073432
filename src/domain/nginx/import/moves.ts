/** `return` and `rewrite` that send visitors elsewhere. */

import { Fault } from '../../../base/fault.ts'
import { REDIRECT_STATUSES, type RedirectStatus } from '../../host-site.ts'
import { redirectTarget } from '../../redirect-target.ts'
import type { Statement } from '../parse.ts'

/** The same path and query at another host; `hostname` null: the one that was asked for. */
export interface HostMove {
  kind: 'host'
  scheme: 'http' | 'https' | null
  hostname: string | null
  port: number | null
  status: RedirectStatus
  /** Whether visitors lose the path that they came with. */
  losesPath: boolean
}

/** One place of the site for another, or for an address elsewhere. */
export interface PathMove {
  kind: 'path'
  to: string
  status: RedirectStatus
}

/** Nothing is there: 404, or no answer at all. */
export interface Nothing {
  kind: 'nothing'
}

const HOST =
  /^(https?|\$scheme):\/\/(\$host|\$server_name|\$http_host|[A-Za-z0-9.*-]+)(?::(\d{1,5}))?(\/?)(.*)$/
const WHOLE = new Set(['$request_uri', '$uri$is_args$args', '$uri'])

/** Null: something else. */
export function readReturn({ words }: Statement): HostMove | PathMove | Nothing | null {
  const [, first = '', second] = words
  if (/^(404|410|444)$/.test(first)) return { kind: 'nothing' }
  const [code, target] = second === undefined ? ['302', first] : [first, second]
  return target.startsWith('/') || /^(https?|\$scheme):/.test(target) ? moveTo(target, statusOf(code)) : null
}

const statusOf = (code: string): RedirectStatus | null =>
  REDIRECT_STATUSES.find((status) => String(status) === code) ?? (code === '303' ? 302 : null)

function moveTo(target: string, status: RedirectStatus | null): HostMove | PathMove | null {
  if (status === null) return null
  const [, scheme, host = '', port, slash, rest = ''] = HOST.exec(target) ?? []
  if (scheme === undefined) return plainPath(target) ? { kind: 'path', to: target, status } : null
  const isOwn = host.startsWith('$')
  const path = `${slash}${rest}`
  if (!isOwn && hostOf(host) === null) return null
  if (WHOLE.has(path) || path === '' || path === '/')
    return {
      kind: 'host',
      scheme: scheme === '$scheme' ? null : scheme === 'http' ? 'http' : 'https',
      hostname: isOwn ? null : hostOf(host),
      port: port === undefined ? null : Number(port),
      status,
      losesPath: !WHOLE.has(path),
    }
  if (!plainPath(path)) return null
  if (isOwn) return { kind: 'path', to: path, status }
  return { kind: 'path', to: `${scheme === '$scheme' ? 'https' : scheme}://${host}${path}`, status }
}

const plainPath = (path: string): boolean =>
  path.startsWith('/') && /^[\x21-\x7e]+$/.test(path) && !path.includes('$')

function hostOf(text: string): string | null {
  try {
    return redirectTarget(text).hostname
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

export interface RewriteMove {
  /** As `_redirects` writes it; null: all of the server, in `move`. */
  from: string | null
  move: HostMove | PathMove
}

const FLAGS: Readonly<Record<string, RedirectStatus>> = { permanent: 301, redirect: 302 }

/** `rewrite ^/old/(.*)$ /new/$1 permanent` and its like; null: something else. */
export function readRewrite({ words }: Statement): RewriteMove | null {
  const [, pattern = '', target = '', flag = ''] = words
  const status = FLAGS[flag] ?? (/^https?:/.test(target) && flag === '' ? 302 : null)
  if (status === null) return null
  const plain = target.replace(/\?$/, '')
  if (/^\^?(\(\.\*\)|\/\(\.\*\)|\/|\.\*)?\$?$/.test(pattern)) {
    const whole = pattern.includes('(') ? plain.replace(/\/?\$1$/, '$request_uri') : plain
    const move = moveTo(whole, status)
    return move && { from: null, move }
  }
  const from = fromPattern(pattern)
  if (from === null) return null
  const to = from.endsWith('*') ? plain.replace(/\$1/, ':splat') : plain
  const move = moveTo(to, status)
  if (move?.kind !== 'path' || to.includes('$')) return null
  return { from, move }
}

/** `^/old$` is `/old`, `^/old/(.*)$` is `/old/*`; null: more than that. */
export function fromPattern(pattern: string): string | null {
  const [, path = '', splat] = /^\^(\/[A-Za-z0-9_/.\\-]*?)\/?\??(\(\.\*\)|\.\*)?\$?$/.exec(pattern) ?? []
  const plain = path.replace(/\\([.-])/g, '$1')
  if (path === '' || plain.includes('\\')) return null
  if (splat !== undefined) return /\/(\(\.\*\)|\.\*)\$?$/.test(pattern) ? `${plain}/*` : `${plain}*`
  return pattern.endsWith('$') ? plain : null
}
