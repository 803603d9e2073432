/** The drivers that there are, as data: forms, prompts and the reference are made from these lists. */

import type { DnsProvider } from '../ports/dns.ts'
import type { Driver } from '../ports/driver.ts'
import type { Hosts } from '../ports/hosts.ts'
import { cloudflare } from './dns/cloudflare.ts'
import { manual } from './dns/manual.ts'
import { powerdns } from './dns/powerdns.ts'
import { rfc2136 } from './dns/rfc2136.ts'
import type { DnsTools } from './dns/tools.ts'
import { builtin, type GatewayTools } from './gateway/driver.ts'
import { nginx } from './nginx/driver.ts'

export const DNS_DRIVERS: readonly Driver<DnsProvider, DnsTools>[] = [cloudflare, rfc2136, powerdns, manual]

export const GATEWAY_DRIVERS: readonly Driver<Hosts, GatewayTools>[] = [builtin, nginx]

/** The gateway of URLs by its setting. Reaches nobody yet; throws `invalid` for settings that don't fit. */
export function connectGateway(
  { kind, ...settings }: { kind: string } & Record<string, unknown>,
  tools: GatewayTools,
): Hosts {
  const found = GATEWAY_DRIVERS.find((driver) => driver.kind === kind)
  if (found === undefined) throw new Error(`There is no gateway ${kind}.`)
  return found.connect(kind === 'builtin' ? {} : settings[kind], tools)
}
