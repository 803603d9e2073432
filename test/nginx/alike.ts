import { type RawAnswer, rawRequest } from '../serving/table.ts'
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
export async function compare(
  nginx: LiveNginx,
  host: string,
  request: RandomRequest,
  note?: (status: number) => void,
): Promise<Difference | null> {
  const text = [
    `${request.method} ${request.target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...request.headers,
    ...(request.method === 'GET' || request.method === 'HEAD' ? [] : ['Content-Length: 0']),
    '',
    '',
  ].join('\r\n')
  const answers = await Promise.all([
    rawRequest({ address: '127.0.0.1', port: nginx.builtin.port }, text),
    rawRequest({ address: '127.0.0.1', port: nginx.port }, text),
  ])
  note?.(answers[0].status)
  const [builtin, real] = answers.map(seen)
  return JSON.stringify(builtin) === JSON.stringify(real) ? null : { request, builtin, nginx: real }
}

function seen({ status, headers, body }: RawAnswer): unknown {
  const shown = [...headers]
    .filter(
      ([name, value]) => !OF_THE_SERVER.has(name) && !(name === 'content-disposition' && value === 'inline'),
    )
    .map(([name, value]) => `${name}: ${name === 'vary' ? value.split(/, */).toSorted().join(', ') : value}`)
  return { status, headers: shown.toSorted(), body: body.toString('latin1') }
}
