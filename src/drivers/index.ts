/** The drivers that there are, as data: forms, prompts and the reference are made from these lists. */

import type { DnsProvider } from '../ports/dns.ts'
import type { Driver } from '../ports/driver.ts'
import { cloudflare } from './dns/cloudflare.ts'
import { manual } from './dns/manual.ts'
import { powerdns } from './dns/powerdns.ts'
import { rfc2136 } from './dns/rfc2136.ts'
import type { DnsTools } from './dns/tools.ts'

export const DNS_DRIVERS: readonly Driver<DnsProvider, DnsTools>[] = [cloudflare, rfc2136, powerdns, manual]
