/** How URLs are named and shown on the command line. */
import { Fault, shown } from '../base/fault.ts'
import type { Url } from '../contract/shapes/urls.ts'
import type { Output } from './output.ts'
import type { Server } from './server.ts'
import { httpsFacts } from './url-https.ts'
import { dnsText, nameText } from './url-plan.ts'

export const URL_WORD = { name: 'URL', help: 'Its host name, or its id' }

export const urlFacts = (output: Output, url: Url): void =>
  output.facts(url, [
    ['address', url.url],
    ['name', nameText(url)],
    ['id', url.id],
    ['leads to', targetOf(url)],
    ['state', url.state],
    ['site', url.site.state],
    ['DNS', `${dnsText(url.dns)} (${url.dns.state})`],
    ...url.dns.records.map(({ name, type, values }): [string, string] => [
      'record',
      `${name} ${type} ${values.join(' ')}`,
    ]),
    ...httpsFacts(output, url.https),
    ['last probe', probeText(output, url)],
    ['operation', url.operation && `${url.operation.kind} ${url.operation.id}: ${url.operation.status}`],
    ['problem', url.operation?.problem?.detail ?? null],
    ['hint', url.operation?.problem?.hint ?? null],
    ['created', output.time(url.createdAt)],
  ])

export function targetOf({ kind, service, environment, redirectTo, redirectStatus }: Url): string {
  const place = service === null ? 'Fairlead itself' : `${service}/${environment ?? ''}`
  return kind === 'redirect' ? `${redirectTo ?? ''} (${redirectStatus ?? ''}), of ${place}` : place
}

const probeText = (output: Output, { lastProbe }: Url): string | null =>
  lastProbe && `${lastProbe.ok ? 'good' : 'bad'}, ${output.time(lastProbe.at)}: ${lastProbe.detail}`

const ID = /^[a-z0-9]{20}$/

/** Throws `not_found`. */
export async function urlNamed(server: Server, word: string): Promise<Url> {
  if (ID.test(word)) return (await server.client.call('urls.show', { params: { id: word } })).value
  const { value } = await server.client.call('urls.all', { query: { hostname: word } })
  const [found] = value.items
  if (found) return found
  throw new Fault('not_found', `There is no URL "${shown(word, 100)}".`, {
    hint: 'Run "fairlead url list" to see them.',
  })
}
