import type { Log } from '../../src/base/log.ts'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import { type MadeCertificate, makeCertificate } from '../certificates.ts'
import type { CaseSite, LiveSite } from '../serving/table.ts'
import { LiveGateway, rulesOf } from './live-site.ts'

const { signal } = new AbortController()

/** A builtin gateway that speaks HTTPS, and host names with certificates in it. */
export class LiveTls extends LiveGateway {
  tlsPort = 0
  #certificates = 0

  static async start(given: { log?: Log } = {}): Promise<LiveTls> {
    const live = new LiveTls({ ...given, tlsPort: 0 })
    live.tlsPort = (await live.gateway.startTls()).port
    return live
  }

  /** Stores a certificate for the names and resolves with its id. */
  async certificate(made: MadeCertificate): Promise<string> {
    const id = `c${++this.#certificates}`
    await this.certificates.put(id, made)
    return id
  }

  /** What a host name answers, as a deployment puts it there. */
  async siteOf(site: CaseSite): Promise<HostSite> {
    const { id } = await this.live(site)
    const rules = rulesOf(site)
    return {
      kind: 'site',
      environmentId: id,
      site: { link: `${id}-${rulesDigest(rules)}`, rules, graceFolder: id },
    }
  }

  /** Puts a site with a certificate of its own under a host name. */
  async secure(hostname: string, site: HostSite, ways: Partial<HostTls> = {}): Promise<MadeCertificate> {
    const made = makeCertificate([hostname])
    const certificate = ways.certificate ?? (await this.certificate(made))
    const tls: HostTls = { redirect: true, hsts: null, minimum: 'TLSv1.2', ...ways, certificate }
    await this.gateway.hosts.put(hostname, { ...site, tls }, signal)
    return made
  }

  /** Where HTTPS answers, with the Host header and the SNI of a name. */
  tlsAt = (hostname: string, sni = hostname): LiveSite => ({
    address: '127.0.0.1',
    port: this.tlsPort,
    host: hostname,
    sni,
  })
}
