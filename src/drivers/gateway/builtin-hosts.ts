import { isLoopback } from '../../base/addresses.ts'
import { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { Probe } from '../../ports/gateway.ts'
import type { Finding, Hosts } from '../../ports/hosts.ts'
import type { HostSpecs } from './host-specs.ts'
import type { Ports } from './visitors.ts'

interface BuiltinHostsOptions {
  specs: HostSpecs
  probe: Probe
  listen: { hostname: string }
  /** Null: HTTPS is not spoken. */
  tlsListen: { hostname: string } | null
  ports: Ports
}

/** The builtin gateway for URLs: it answers by what is in memory, so that changes count at once. */
export function builtinHosts({ specs, probe, listen, tlsListen, ports }: BuiltinHostsOptions): Hosts {
  const requireServable = (hostname: Hostname, site: HostSite) => {
    requireFiles(hostname, site)
    if (site.tls !== undefined && tlsListen === null) requireHttps(hostname)
  }
  return {
    read: (hostname) => specs.read(hostname),
    async put(hostname, site) {
      requireServable(hostname, site)
      await specs.put(hostname, site)
    },
    drop: (hostname) => specs.drop(hostname),
    async restore(hostname, site) {
      // Host names have nothing in common here.
      if (hostname === null) return
      if (site !== null) requireServable(hostname, site)
      await specs.restore(hostname, site)
    },
    written: async (hostname) => (hostname === null ? [] : specs.written(hostname)),
    drift: (asked, signal) => specs.drift(asked, signal),
    planTakeOver: async () => {
      throw nothingToTake()
    },
    takeOver: async () => {
      throw nothingToTake()
    },
    giveBack: async () => {
      throw nothingToTake()
    },
    list: () => specs.list(),
    async check() {
      const silent = tlsListen === null ? specs.secured() : []
      return [
        ...(isLoopback(listen.hostname)
          ? [unreachable({ ...listen, port: ports.http }, '--sites-listen')]
          : []),
        ...(silent.length === 0 ? [] : [withoutHttps(silent)]),
      ]
    },
    async checkHttps() {
      if (tlsListen === null) return [noHttps]
      if (!isLoopback(tlsListen.hostname)) return []
      return [unreachable({ ...tlsListen, port: ports.https ?? 0 }, '--sites-tls-listen')]
    },
    async settled() {
      return true
    },
    probe,
  }
}

function requireFiles(hostname: Hostname, site: HostSite): void {
  if (site.kind !== 'self') return
  throw new Fault('conflict', `${hostname} can't lead to Fairlead itself through the builtin gateway.`, {
    hint: `It serves files only. Let URLs use NGINX (${USE_NGINX}), then try again.`,
  })
}

const nothingToTake = (): Fault =>
  new Fault(
    'conflict',
    'Sites of NGINX are taken over while URLs use NGINX; here they use the builtin gateway.',
    {
      hint: `Let them use NGINX: ${USE_NGINX}`,
    },
  )

const USE_NGINX = 'fairlead setting set gateway.kind nginx'

const noHttps: Finding = {
  level: 'problem',
  message: 'The builtin gateway does not speak HTTPS: no address is set for it.',
  remedy: `Start Fairlead with --sites-tls-listen 0.0.0.0:443, or let URLs use NGINX: ${USE_NGINX}`,
}

function requireHttps(hostname: Hostname): never {
  throw new Fault(
    'conflict',
    `${hostname} can't have HTTPS: no address is set at which the builtin gateway speaks it.`,
    {
      hint: noHttps.remedy,
    },
  )
}

const withoutHttps = ([first, ...others]: Hostname[]): Finding => ({
  level: 'warning',
  message: `${first}${others.length === 0 ? '' : ` (and ${others.length} more)`} should answer over HTTPS, and the builtin gateway does not speak it now.`,
  remedy: noHttps.remedy,
})

const unreachable = ({ hostname, port }: { hostname: string; port: number }, option: string): Finding => ({
  level: 'warning',
  message: `The builtin gateway listens on ${hostname}, port ${port}, where other machines don't reach it.`,
  remedy: `Start Fairlead with ${option} 0.0.0.0:${option === '--sites-listen' ? 80 : 443}, or let URLs use NGINX: ${USE_NGINX}`,
})
