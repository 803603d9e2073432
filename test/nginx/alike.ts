import { rulesOf } from '../gateway/live-site.ts'
import { type CaseSite, type LiveSite, type RawAnswer, rawRequest } from '../serving/table.ts'
import type { LiveNginx } from './live-nginx.ts'
import type { RandomRequest } from './random-sites.ts'

/** What of an answer says nothing of the site. */
const OF_THE_SERVER = new Set(['date', 'server', 'connection', 'keep-alive', 'transfer-encoding'])

export interface Difference {
  request: RandomRequest
  builtin: unknown
  nginx: unknown
}

/** Asks both gateways the same; null: they answer alike. */
export function compare(
  nginx: LiveNginx,
  host: string,
  request: RandomRequest,
  note?: (status: number) => void,
): Promise<Difference | null> {
  const address = '127.0.0.1'
  const places = { builtin: { address, port: nginx.builtin.port, host }, nginx: nginx.at(host) }
  return compareAt(places, request, note)
}

/** The same at two places; the port in a Location is that of the place. */
export async function compareAt(
  { builtin: one, nginx: other }: { builtin: LiveSite; nginx: LiveSite },
  request: RandomRequest,
  note?: (status: number) => void,
): Promise<Difference | null> {
  const text = [
    `${request.method} ${request.target} HTTP/1.1`,
    `Host: ${one.host}`,
    'Connection: close',
    ...request.headers,
    ...(request.method === 'GET' || request.method === 'HEAD' ? [] : ['Content-Length: 0']),
    '',
    '',
  ].join('\r\n')
  const answers = await Promise.all([rawRequest(one, text), rawRequest(other, text)])
  note?.(answers[0].status)
  const [builtin, real] = answers.map((answer) => seen(answer, one.host))
  return JSON.stringify(builtin) === JSON.stringify(real) ? null : { request, builtin, nginx: real }
}

function seen({ status, headers, body }: RawAnswer, host: string): unknown {
  const shown = [...headers]
    .filter(
      ([name, value]) => !OF_THE_SERVER.has(name) && !(name === 'content-disposition' && value === 'inline'),
    )
    .map(([name, value]) => `${name}: ${textOf({ name, value, host })}`)
  return { status, headers: shown.toSorted(), body: body.toString('latin1') }
}

/** What leads to HTTPS under the same name has another port, and in Bun the path that WHATWG's URL makes of it. */
function textOf({ name, value, host }: { name: string; value: string; host: string }): string {
  if (name === 'vary') return value.split(/, */).toSorted().join(', ')
  if (name !== 'location' || !value.startsWith(`https://${host}:`)) return value
  const { pathname, search } = new URL(value)
  return `https://${host}${pathname}${search}${value.endsWith('?') ? '?' : ''}`
}

/** Without the rules that a bundle could not bring. */
export function acceptable(site: CaseSite): CaseSite {
  const bare: CaseSite = { ...site }
  for (const part of ['headers', 'redirects'] as const)
    if (!isAccepted({ ...bare, [part === 'headers' ? 'redirects' : 'headers']: '' })) delete bare[part]
  return bare
}

function isAccepted(site: CaseSite): boolean {
  try {
    rulesOf(site)
    return true
  } catch {
    return false
  }
}
