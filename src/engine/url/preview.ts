/** What attaching a host name would change: asked for before anything is. */
import type { DnsPlan } from '../../domain/dns/plan.ts'
import type { RedirectStatus } from '../../domain/host-site.ts'
import type { CanonicalHostname } from '../../domain/hostname.ts'
import type { GatewayKind, UrlKind } from '../../domain/url.ts'
import type { Finding } from '../../ports/hosts.ts'
import type { ConnectedProvider, World } from '../step.ts'
import { type HttpsPlan, planHttps } from './certificate/preview.ts'
import { claimed, requireFree, type UrlWish } from './claim.ts'
import { planDns, requiredProvider } from './records.ts'

export interface UrlPreview {
  canonical: CanonicalHostname
  kind: UrlKind
  /** As visitors write it. */
  url: string
  https: HttpsPlan
  redirectTo: string | null
  redirectStatus: RedirectStatus | null
  gateway: GatewayKind
  dns: DnsPlan
  provider: Pick<ConnectedProvider, 'id' | 'kind' | 'label'> | null
  findings: Finding[]
  /** Whether nothing known stands in the way. */
  isPossible: boolean
}

/** Asks the gateway and the providers; changes nothing. Throws `invalid`, `conflict` for a name that can't be had. */
export async function planUrl(world: World, wish: UrlWish, signal: AbortSignal): Promise<UrlPreview> {
  const given = claimed(world, wish)
  requireFree(world, given)
  const [findings, dns, https] = await Promise.all([
    world.hosts.check(signal),
    planDns(world, given, signal),
    planHttps(world, given, signal),
  ])
  const { canonical, kind, redirectTo, redirectStatus } = given
  const troubles = kind === 'self' ? [...findings, ...selfFindings(world)] : findings
  const connected = dns.provider === null ? null : requiredProvider(world, dns.provider)
  return {
    canonical,
    kind,
    url: world.hosts.probe.url(canonical.hostname, https.mode === 'none' ? undefined : 'https'),
    https,
    redirectTo,
    redirectStatus,
    gateway: world.store.settings.read().gateway.kind,
    dns,
    provider: connected && { id: connected.id, kind: connected.kind, label: connected.label },
    findings: troubles,
    isPossible:
      dns.conflicts.length === 0 &&
      [...troubles, ...https.findings].every(({ level }) => level !== 'problem'),
  }
}

function selfFindings({ store }: World): Finding[] {
  if (store.settings.read().gateway.kind !== 'builtin') return []
  return [
    {
      level: 'problem',
      message: "The builtin gateway serves files, and can't lead to Fairlead itself.",
      remedy: 'Let URLs use NGINX: fairlead setting set gateway.kind nginx',
    },
  ]
}
