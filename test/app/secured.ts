/** The whole program with a gateway, a DNS provider and a CA that are real, and a visitor who trusts that CA. */
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type App, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import { dnsSecretPlace } from '../../src/engine/dns-providers.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'
import { Pebble, type PebbleWanted } from '../acme/pebble.ts'
import { archiveOf, ask, UNLIMITED } from '../api/app.ts'
import { freePort } from '../dns/daemon.ts'
import { KEY, Named } from '../dns/named.ts'
import { API_KEY, type Pdns } from '../dns/pdns.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'

const PRODUCTION = '/services/web/environments/production'

interface Wanted extends PebbleWanted {
  gateway: 'nginx' | 'builtin'
  zone: Named | Pdns
}

interface Ports {
  http: number
  tls: number
}

export interface Visit {
  /** By the root of the CA. */
  trusted: boolean
  names: string[]
  fingerprint: string
  body: string
}

export class Secured {
  readonly data: string
  readonly ports: Ports
  readonly pebble: Pebble
  readonly nginx: DebianNginx | null
  private readonly zone: Named | Pdns
  app: App | null = null

  private constructor(parts: {
    ports: Ports
    pebble: Pebble
    nginx: DebianNginx | null
    zone: Named | Pdns
  }) {
    this.ports = parts.ports
    this.pebble = parts.pebble
    this.nginx = parts.nginx
    this.zone = parts.zone
    this.data = parts.nginx?.data ?? join(mkdtempSync(join(tmpdir(), 'fairlead-https-')), 'data')
  }

  static async start(wanted: Wanted): Promise<Secured> {
    const stage = await Secured.prepared(wanted)
    await stage.up()
    await stage.call('POST', '/services', { json: { name: 'web' } })
    await stage.deploy('one')
    return stage
  }

  /** Set up, for a program that somebody else starts. */
  static async prepared({ gateway, zone, ...wanted }: Wanted): Promise<Secured> {
    const nginx = gateway === 'nginx' ? await DebianNginx.started() : null
    const ports = nginx
      ? { http: nginx.port, tls: nginx.tlsPort }
      : { http: await freePort(), tls: await freePort() }
    const dnsServer = `127.0.0.1:${zone.port}`
    const pebble = await Pebble.start({ httpPort: ports.http, dnsServer, ...wanted })
    const stage = new Secured({ ports, pebble, nginx, zone })
    stage.setUp()
    return stage
  }

  /** As an owner would by the API. */
  private setUp(): void {
    mkdirSync(this.data, { recursive: true })
    const store = new Store(join(this.data, 'fairlead.db'), { now: 0 })
    const seal = openSeal(this.data, store.instance)
    const { gateway, certificates } = store.settings.read()
    if (this.nginx) {
      const { test, reload, listen, tlsListen, binary, config } = this.nginx.settings()
      const commands = { test: [...(test ?? [])], reload: [...(reload ?? [])] }
      const program = { binary: binary ?? null, config: config ?? null, listen, tlsListen, ...commands }
      const folders = { enabled: this.nginx.enabled, available: this.nginx.available }
      store.settings.put('gateway', { kind: 'nginx', nginx: { ...gateway.nginx, ...program, ...folders } })
    }
    // The CA asks the name servers where a name leads.
    store.settings.put('dns', { addresses: ['127.0.0.1'], cname: null, ttlSeconds: 300 })
    const { directoryUrl, root } = this.pebble
    store.settings.put('certificates', { ...certificates, directoryUrl, root, termsAgreed: true })
    const provider = this.provider()
    store.dnsProviders.create(
      provider,
      (id) =>
        Object.fromEntries(
          Object.entries(provider.secrets).map(([name, text]) => [
            name,
            seal.seal(text, dnsSecretPlace(id, name)),
          ]),
        ),
      0,
    )
    store.close()
  }

  private provider() {
    const nameservers = [`127.0.0.1:${this.zone.port}`]
    const rest = { zones: ['example.com'], nameservers, allowPrivateNetwork: true }
    if (this.zone instanceof Named) {
      const { secret, ...key } = KEY
      const config = { ...key, ...rest, server: '127.0.0.1', port: this.zone.port }
      return { kind: 'rfc2136', label: 'BIND', config, secrets: { secret } }
    }
    const { zones: _, ...config } = rest
    return {
      kind: 'powerdns',
      label: 'PowerDNS',
      config: { ...config, url: this.zone.url },
      secrets: { apiKey: API_KEY },
    }
  }

  async up(): Promise<void> {
    const at = (port: number) => ({ hostname: '127.0.0.1', port })
    this.app = await startApp({
      data: this.data,
      listen: at(0),
      sitesListen: at(this.nginx ? 0 : this.ports.http),
      ...(!this.nginx && { sitesTlsListen: at(this.ports.tls) }),
      passwordCost: 4,
      url: null,
      assets: new Map(),
      diskReserveBytes: 0,
      rates: UNLIMITED,
      log: silentLog,
    })
  }

  async end(): Promise<void> {
    await this.app?.stop()
    await this.nginx?.remove()
    await this.pebble.end()
    await this.zone.end()
    if (!this.nginx) rmSync(this.data, { recursive: true })
  }

  call(method: string, path: string, given = {}) {
    return ask(`${this.app?.url}/api/v1${path}`, method, given)
  }

  async deploy(text: string): Promise<void> {
    const given = { body: archiveOf({ 'index.html': text }) }
    this.require(await this.call('POST', `${PRODUCTION}/deployments?wait=true`, given))
  }

  async attach(hostname: string, more = {}): Promise<{ id: string; certificate: string }> {
    const json = { hostname, ...more }
    const answer = await this.call('POST', `${PRODUCTION}/urls?wait=true`, { json })
    this.require(answer)
    const { id, https } = answer.body as { id: string; https: { certificate: { id: string } } } // as the API has it
    return { id, certificate: https.certificate.id }
  }

  async renew(id: string): Promise<void> {
    this.require(await this.call('POST', `/urls/${id}/renew?wait=true`))
  }

  async detach(id: string): Promise<void> {
    this.require(await this.call('DELETE', `/urls/${id}?wait=true`))
  }

  /** That it is done, and not only begun. */
  private require({ status, text }: { status: number; text: string }): void {
    if (status !== 200 && status !== 201) throw new Error(`${status}: ${text}`)
  }

  /** What stands in a folder of the data folder. */
  files(folder: string): string[] {
    return existsSync(join(this.data, folder)) ? readdirSync(join(this.data, folder)) : []
  }

  /** The zone without its serial number. */
  async records(): Promise<string[]> {
    return (await this.zone.dump()).filter((line) => !line.includes('SOA')).toSorted()
  }

  /** Over HTTPS, as somebody who trusts the CA and nobody else. */
  async visit(hostname: string, path = '/'): Promise<Visit> {
    const ca = await this.pebble.issuingRoot()
    const { promise, resolve, reject } = Promise.withResolvers<Visit>()
    const socket = connect(
      { host: '127.0.0.1', port: this.ports.tls, servername: hostname, ca, rejectUnauthorized: false },
      () => {
        const { raw } = socket.getPeerCertificate()
        const names = new X509Certificate(raw).subjectAltName?.split(', ').map((name) => name.slice(4)) ?? []
        const fingerprint = createHash('sha256').update(raw).digest('hex')
        const pieces: Buffer[] = []
        socket.on('data', (piece: Buffer) => pieces.push(piece))
        socket.on('end', () =>
          resolve({
            trusted: socket.authorized,
            names,
            fingerprint,
            body: Buffer.concat(pieces).toString().split('\r\n\r\n')[1] ?? '',
          }),
        )
        socket.write(`GET ${path} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`)
      },
    )
    socket.on('error', reject)
    return promise
  }

  /** Where plain HTTP leads, or what it says. */
  async plain(hostname: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.ports.http}/`, {
      headers: { host: `${hostname}:${this.ports.http}` },
      redirect: 'manual',
    })
    return answer.headers.get('location') ?? `${answer.status} ${await answer.text()}`
  }
}
