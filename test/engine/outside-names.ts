/** Host names and DNS of the world in memory: a gateway for URLs, zones with their name servers. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../src/base/fault.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import {
  type RecordChange,
  type RecordSet,
  sameData,
  setText,
  type Zone,
} from '../../src/domain/dns/records.ts'
import type { Hostname, HostSite } from '../../src/domain/host-site.ts'
import { isBelowWildcard } from '../../src/domain/hostname.ts'
import type { ConnectedProvider, DnsWorld } from '../../src/engine/step.ts'
import type { ProbeAnswer } from '../../src/ports/gateway.ts'
import type { AskedDrift, HostDrift, Hosts, MovedFile, WrittenFile } from '../../src/ports/hosts.ts'
import type { Power } from './outside.ts'
import type { OutsideCertificates } from './outside-certificates.ts'

export const PROVIDER = 'memory'
export const ZONE: Zone = { name: 'example.com', id: 'zone' }
export const ADDRESS = '203.0.113.5'

/** What somebody who changes a site by hand has added to it. */
const ADDED = { wrote: 'server {\n}\n', stands: 'server {\n    lingering_timeout 7s;\n}\n', kept: null }

/** Which of the names answers for a host, as both gateways choose: itself, else the longest wildcard above it. */
const bestMatch = (name: Hostname, names: Iterable<Hostname>): Hostname | null => {
  let best: Hostname | null = null
  for (const candidate of names) {
    if (candidate === name) return candidate
    if (isBelowWildcard(name, candidate) && candidate.length > (best?.length ?? 0)) best = candidate
  }
  return best
}

const key = ({ name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${name} ${type}`

interface Answers {
  siteAnswer: (site: HostSite, path: string) => { status: number; body: string }
  certificates: OutsideCertificates
}

function move(files: readonly MovedFile[], from: Map<string, Hostname[]>, to: Map<string, Hostname[]>): void {
  for (const { path } of files) {
    const names = from.get(path)
    if (names) to.set(path, names)
    from.delete(path)
  }
}

/** Sites by host name, and the sets of one zone. */
export class Names {
  readonly hosts = new Map<Hostname, HostSite>()
  readonly records = new Map<string, RecordSet>()
  /** What the gateway finds fault with. */
  findings: Awaited<ReturnType<Hosts['check']>> = []
  httpsFindings: typeof this.findings = []
  /** Host names whose site somebody has changed. */
  readonly changed = new Set<Hostname>()
  /** Files of somebody else's, with the names that they answer for; and those that were taken over. */
  readonly foreign = new Map<string, Hostname[]>()
  readonly taken = new Map<string, Hostname[]>()
  /** Whether old workers of the gateway are gone. */
  isSettled = true
  /** Overrides what a name server knows. */
  stale: ((server: string) => RecordSet[] | null) | null = null

  copy(): Names {
    const { hosts, records, foreign, taken, findings, changed, isSettled, stale } = this
    return Object.assign(new Names(), {
      hosts: structuredClone(hosts),
      foreign: structuredClone(foreign),
      taken: structuredClone(taken),
      records: structuredClone(records),
      findings,
      changed: new Set(changed),
      isSettled,
      stale,
    })
  }

  put(set: RecordSet): void {
    this.records.set(key(set), set)
  }

  /** The zone as text, for comparing. */
  dump(): string[] {
    return [...this.records.values()].map(setText).toSorted()
  }

  gateway(power: Power, { siteAnswer, certificates }: Answers): Hosts {
    const answerOf = (
      hostname: Hostname,
      path: string,
      scheme: 'http' | 'https',
    ): Omit<ProbeAnswer, 'body' | 'size' | 'sha256'> & { body: string } => {
      const site = this.hosts.get(bestMatch(hostname, this.hosts.keys()) ?? '')
      if (!site) return { status: 404, headers: {}, body: '' }
      if (scheme === 'https') {
        if (!site.tls) throw new Error('no certificate')
        return { ...kindAnswer(site, path), ...certificates.served(site.tls.certificate) }
      }
      const [, token] = /^\/\.well-known\/acme-challenge\/(.*)$/.exec(path) ?? []
      if (token !== undefined) {
        const body = certificates.answers.get(`${hostname}/${token}`)
        return { status: body === undefined ? 404 : 200, headers: {}, body: body ?? '' }
      }
      if (site.tls?.redirect)
        return { status: 308, headers: { location: `https://${hostname}${path}` }, body: '' }
      return kindAnswer(site, path)
    }
    const kindAnswer = (
      site: HostSite,
      path: string,
    ): Omit<ProbeAnswer, 'body' | 'size' | 'sha256'> & { body: string } => {
      if (site.kind === 'self') return { status: 200, headers: {}, body: '{"version":"1"}' }
      if (site.kind === 'site') return { headers: {}, ...siteAnswer(site, path) }
      const location = `${site.to.scheme ?? 'http'}://${site.to.hostname}${path}`
      return { status: site.status, headers: { location }, body: '' }
    }
    return {
      read: async (hostname) => {
        this.requireOurs(hostname)
        return structuredClone(this.hosts.get(hostname) ?? null)
      },
      put: (hostname, site) =>
        power.deed(() => {
          this.requireOurs(hostname)
          // As NGINX does for want of the file.
          if (site.tls) certificates.served(site.tls.certificate)
          this.hosts.set(hostname, structuredClone(site))
        }),
      drop: (hostname) =>
        power.deed(() => {
          this.requireOurs(hostname)
          this.hosts.delete(hostname)
        }),
      restore: (hostname, site) =>
        power.deed(() => {
          if (hostname === null) return
          this.changed.delete(hostname)
          if (site === null) this.hosts.delete(hostname)
          else this.hosts.set(hostname, structuredClone(site))
        }),
      drift: (asked) => this.driftOf(asked),
      written: async (hostname) => (hostname === null ? [] : this.writtenOf(hostname)),
      planTakeOver: async ({ files, hostnames }) =>
        files.map((path) => {
          const names = this.foreign.get(path)
          if (!names?.every((name) => hostnames.includes(name)))
            throw new Fault('conflict', `${path} answers for other names too.`)
          return { path, to: `/taken-over${path}` }
        }),
      takeOver: (sites, files) =>
        power.deed(() => {
          for (const { hostname, site } of sites) this.hosts.set(hostname, structuredClone(site))
          move(files, this.foreign, this.taken)
        }),
      giveBack: (hostnames, files) =>
        power.deed(() => {
          for (const hostname of hostnames) this.hosts.delete(hostname)
          move(files, this.taken, this.foreign)
        }),
      list: async () => [...this.hosts.keys()],
      check: async () => this.findings,
      checkHttps: async () => this.httpsFindings,
      settled: async () => this.isSettled,
      probe: {
        url: (hostname, scheme = 'http') => `${scheme}://${hostname}/`,
        async ask({ hostname, path, scheme = 'http' }) {
          const answer = answerOf(hostname, path, scheme)
          const body = Buffer.from(answer.body)
          return { ...answer, body, size: body.length, sha256: sha256Hex(body) }
        },
      },
    }
  }

  private requireOurs(hostname: Hostname): void {
    if (this.changed.has(hostname))
      throw new Fault('conflict', `The site of ${hostname} was changed by hand.`)
  }

  private async driftOf({ hostnames, wanted }: AskedDrift): Promise<HostDrift[]> {
    const drifts: HostDrift[] = []
    const note = (kind: HostDrift['kind'], hostname: Hostname, texts?: HostDrift['texts']) =>
      drifts.push({
        kind,
        hostname,
        path: `/nginx/${hostname}.conf`,
        diff: [{ sign: '+', text: kind }],
        ...(texts && { texts }),
      })
    for (const hostname of hostnames) {
      const [site, should] = [this.hosts.get(hostname), await wanted(hostname)]
      if (site === undefined) note('site-missing', hostname)
      else if (this.changed.has(hostname)) note('site-text', hostname, ADDED)
      else if (!isDeepStrictEqual(site, should)) note('site-text', hostname)
    }
    for (const hostname of this.hosts.keys()) if (!hostnames.includes(hostname)) note('site-stray', hostname)
    return drifts
  }

  private writtenOf(hostname: Hostname): WrittenFile[] {
    const site = this.hosts.get(hostname)
    if (!site) return []
    const file = `/nginx/${hostname}.conf`
    const [wrote, isByHand] = [`${JSON.stringify(site)}\n`, this.changed.has(hostname)]
    const link = { path: `/enabled/${hostname}.conf`, target: file, isTaken: false }
    return [{ file, wrote, stands: isByHand ? `${wrote}# by hand\n` : wrote, isByHand, links: [link] }]
  }

  dns(power: Power): DnsWorld {
    return {
      providers: () => [this.provider(power)],
      ask: async ({ name: server }, question) => {
        const known = this.stale ? this.stale(server) : [...this.records.values()]
        return known && (known.find((set) => key(set) === key(question))?.values ?? [])
      },
    }
  }

  private provider(power: Power): ConnectedProvider {
    const all = () => structuredClone([...this.records.values()])
    return {
      id: PROVIDER,
      kind: 'memory',
      label: 'Memory',
      heard: { zones: null },
      provider: {
        writes: true,
        zones: async () => [ZONE],
        asKept: (set) => set,
        sets: async (_zone, name) => all().filter((set) => set.name === name),
        all: async () => all(),
        change: (_zone, changes) => power.deed(() => this.change(changes)),
        nameservers: async () =>
          ['ns1.example.com', 'ns2.example.com'].map((name, at) => ({
            name,
            address: `192.0.2.${at}`,
            port: 53,
          })),
      },
    }
  }

  private change(changes: RecordChange[]): void {
    for (const change of changes) {
      const now = this.records.get(key(change)) ?? null
      if (!sameData(now, change.before) && !sameData(now, change.after))
        throw new Fault('conflict', `${change.name} ${change.type} was changed by somebody else.`)
    }
    for (const { name, type, after } of changes)
      if (after) this.records.set(key(after), structuredClone(after))
      else this.records.delete(key({ name, type }))
  }
}
