/** Servers of the operator's that answer to names which are ours. */
import type { Hostname } from '../../domain/host-site.ts'
import type { DiffLine } from '../../domain/line-diff.ts'
import type { HostDrift } from '../../ports/hosts.ts'
import { at, readListen } from './listening.ts'
import type { NamedServer, OperatorConfig } from './operator.ts'

interface Foreign {
  drift: HostDrift
  /** Where the server listens. */
  ports: number[]
}

/** Of two servers with the same name at one port NGINX takes the one that it read first, with a warning that nobody sees. */
export function foreignServers({ servers }: OperatorConfig, hostnames: readonly Hostname[]): Foreign[] {
  const ours = new Set(hostnames)
  return servers.flatMap((server) =>
    server.names.flatMap((found) =>
      found.args.flatMap(namesMeant).flatMap((hostname): Foreign[] => {
        if (!ours.has(hostname)) return []
        const text = `${at(found)}: server_name ${found.args.join(' ')};`
        const diff: DiffLine[] = [{ sign: '+', text }]
        return [{ drift: { kind: 'site-foreign', hostname, path: found.file, diff }, ports: portsOf(server) }]
      }),
    ),
  )
}

/** `.example.com` is both; what else is written with a sign is an expression and comes after names in NGINX's order. */
function namesMeant(word: string): string[] {
  const name = word.toLowerCase().replace(/\.$/, '')
  return name.startsWith('.') ? [name.slice(1), `*${name}`] : [name]
}

const HTTP_PORT = 80

function portsOf({ listens }: NamedServer): number[] {
  if (listens.length === 0) return [HTTP_PORT]
  return listens.flatMap(({ args }) => readListen(args)?.port ?? [])
}
