import { isLoopback } from '../../base/addresses.ts'
import { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { Probe } from '../../ports/gateway.ts'
import type { Finding, Hosts } from '../../ports/hosts.ts'
import type { HostSpecs } from './host-specs.ts'

interface BuiltinHostsOptions {
  specs: HostSpecs
  probe: Probe
  hostname: string
  /** The one that was taken, from when it listens. */
  port: () => number
}

/** The builtin gateway for URLs: it answers by what is in memory, so that changes count at once. */
export function builtinHosts({ specs, probe, hostname, port }: BuiltinHostsOptions): Hosts {
  return {
    read: (hostname) => specs.read(hostname),
    async put(hostname, site) {
      requireServable(hostname, site)
      await specs.put(hostname, site)
    },
    drop: (hostname) => specs.drop(hostname),
    async restore(hostname, site) {
      if (site !== null) requireServable(hostname, site)
      await specs.restore(hostname, site)
    },
    written: (hostname) => specs.written(hostname),
    list: () => specs.list(),
    async check() {
      return isLoopback(hostname) ? [unreachable(hostname, port())] : []
    },
    async settled() {
      return true
    },
    probe,
  }
}

function requireServable(hostname: Hostname, site: HostSite): void {
  if (site.kind !== 'self') return
  throw new Fault('conflict', `${hostname} can't lead to Fairlead itself through the builtin gateway.`, {
    hint: 'It serves files only. Let URLs use NGINX (fairlead setting set gateway.kind nginx), then try again.',
  })
}

const unreachable = (hostname: string, port: number): Finding => ({
  level: 'warning',
  message: `The builtin gateway listens on ${hostname}, port ${port}, where other machines don't reach it.`,
  remedy:
    'Start Fairlead with --sites-listen 0.0.0.0:80, or let URLs use NGINX: fairlead setting set gateway.kind nginx',
})
