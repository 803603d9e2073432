/** Which name servers have to know a change. */
import { isAddress } from '../../base/addresses.ts'
import { Fault, shown } from '../../base/fault.ts'
import type { NameServer } from '../../ports/dns.ts'
import { type DnsTools, placesOf } from './tools.ts'

interface ServerText {
  host: string
  port: number
}

const DNS_PORT = 53

/** `192.0.2.53`, `2001:db8::53`, `[2001:db8::53]:5300`, `ns1.example.com:5300`; null for whatever is no server. */
export function parsedServer(text: string): ServerText | null {
  const trimmed = text.trim()
  if (isAddress(trimmed)) return { host: trimmed, port: DNS_PORT }
  const [, bracketed, plain, digits] =
    /^(?:\[([\da-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(trimmed) ?? []
  const host = bracketed ?? plain
  const port = Number(digits ?? DNS_PORT)
  if (host === undefined || port < 1 || port > 65_535) return null
  return bracketed === undefined || isAddress(bracketed) ? { host, port } : null
}

export interface Asking {
  tools: DnsTools
  allowPrivateNetwork: boolean
}

/** Those that the settings name. Throws when one has no address. */
export async function namedServers(texts: readonly string[], asking: Asking): Promise<NameServer[]> {
  const servers = texts.flatMap((text) => parsedServer(text) ?? [])
  return (await Promise.all(servers.map((server) => addressed(server, asking)))).flat()
}

/** Those that a zone names. One without an address answers nobody, so it is left out as long as another has one. */
export async function zoneServers(
  zone: string,
  names: readonly string[],
  asking: Asking,
): Promise<NameServer[]> {
  const results = await Promise.allSettled(
    [...new Set(names)].map((host) => addressed({ host, port: DNS_PORT }, asking)),
  )
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (servers.length > 0) return servers
  const [reason] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  throw new Fault('unavailable', `None of the name servers of ${shown(zone, 100)} has an address to ask.`, {
    hint: `${reason instanceof Fault ? `${reason.message} ` : ''}Name the servers to ask in the settings of the provider.`,
    cause: reason,
  })
}

async function addressed(server: ServerText, { tools, allowPrivateNetwork }: Asking): Promise<NameServer[]> {
  const places = await placesOf(tools, { ...server, allowPrivateNetwork })
  return places.map((place) => ({ name: server.host, ...place }))
}
