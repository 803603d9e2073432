/** A running app over a real NGINX and a real name server, with hands at both, and somebody who looks. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import type { Operation } from '../../src/contract/shapes.ts'
import { EVERYWHERE } from '../../src/domain/access.ts'
import type { RecordSet, Zone } from '../../src/domain/dns/records.ts'
import { powerdns } from '../../src/drivers/dns/powerdns.ts'
import { rfc2136 } from '../../src/drivers/dns/rfc2136.ts'
import { dnsSecretPlace } from '../../src/engine/dns-providers.ts'
import type { DnsProvider } from '../../src/ports/dns.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'
import { type Answer, type Asked, archiveOf, ask, UNLIMITED } from '../api/app.ts'
import { KEY, Named } from '../dns/named.ts'
import { API_KEY, Pdns } from '../dns/pdns.ts'
import { toolsFor } from '../dns/tools.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'

export const ADDRESS = '203.0.113.5'
export const PRODUCTION = '/services/web/environments/production'
export const { signal } = new AbortController()
const ZONE: Zone = { name: 'example.com', id: 'example.com' }

export type ServerKind = 'bind' | 'powerdns'

interface NameServer {
  provider: DnsProvider
  zone: Zone
  config: Record<string, unknown>
  kind: string
  secrets: Record<string, string>
  stop(): Promise<void>
  up(): Promise<void>
  end(): Promise<void>
}

async function nameServer(kind: ServerKind): Promise<NameServer> {
  if (kind === 'bind') {
    const named = await Named.start()
    const { secret, ...key } = KEY
    const nameservers = [`127.0.0.1:${named.port}`]
    const config = {
      server: '127.0.0.1',
      port: named.port,
      zones: [ZONE.name],
      allowPrivateNetwork: true,
      ...key,
      nameservers,
    }
    const provider = rfc2136.connect({ ...config, secret }, toolsFor())
    const secrets = { secret }
    return {
      provider,
      zone: ZONE,
      config,
      secrets,
      kind: 'rfc2136',
      stop: () => named.stop(),
      up: () => named.up(),
      end: () => named.end(),
    }
  }
  const pdns = await Pdns.start()
  const config = { url: pdns.url, allowPrivateNetwork: true, nameservers: [`127.0.0.1:${pdns.port}`] }
  const provider = powerdns.connect({ ...config, apiKey: API_KEY }, toolsFor())
  const [zone = ZONE] = await provider.zones(signal)
  return {
    provider,
    zone,
    config,
    secrets: { apiKey: API_KEY },
    kind: 'powerdns',
    stop: () => pdns.stop(),
    up: () => pdns.up(),
    end: () => pdns.end(),
  }
}

export class NamesStage {
  readonly nginx: DebianNginx
  readonly server: NameServer
  private readonly clock: Clock | undefined
  private app: App | null = null
  private key = ''

  private constructor(nginx: DebianNginx, server: NameServer, clock: Clock | undefined) {
    this.nginx = nginx
    this.server = server
    this.clock = clock
  }

  /** With the service `web`, whose production has been deployed. */
  static async start(kind: ServerKind = 'bind', clock?: Clock): Promise<NamesStage> {
    const stage = new NamesStage(await DebianNginx.started(), await nameServer(kind), clock)
    stage.settings()
    await stage.run()
    await stage.ok('POST', '/services', { json: { name: 'web' } })
    await stage.deploy('one')
    return stage
  }

  async run(): Promise<void> {
    const loopback = { hostname: '127.0.0.1', port: 0 }
    this.app = await startApp({
      data: this.nginx.data,
      listen: loopback,
      sitesListen: loopback,
      passwordCost: 4,
      url: null,
      assets: new Map(),
      diskReserveBytes: 0,
      rates: UNLIMITED,
      log: silentLog,
      ...(this.clock && { clock: this.clock }),
    })
  }

  async pause(): Promise<void> {
    await this.app?.stop()
    this.app = null
  }

  async stop(): Promise<void> {
    await this.pause()
    await this.nginx.remove()
    await this.server.end()
  }

  /** As an owner would by the API. */
  private settings(): void {
    const store = this.store()
    const seal = openSeal(this.nginx.data, store.instance)
    const { gateway } = store.settings.read()
    const { test, reload, listen, tlsListen, binary, config } = this.nginx.settings()
    const folders = { enabled: this.nginx.enabled, available: this.nginx.available }
    const own = { test: [...(test ?? [])], reload: [...(reload ?? [])], listen, tlsListen, ...folders }
    const programs = { binary: binary ?? null, config: config ?? null }
    store.settings.put('gateway', { kind: 'nginx', nginx: { ...gateway.nginx, ...own, ...programs } })
    store.settings.put('dns', { addresses: [ADDRESS], cname: null, ttlSeconds: 300 })
    const { kind, config: dns, secrets } = this.server
    const sealed = (id: string) =>
      Object.fromEntries(
        Object.entries(secrets).map(([name, text]) => [name, seal.seal(text, dnsSecretPlace(id, name))]),
      )
    store.dnsProviders.create({ kind, label: 'Names', config: dns }, sealed, 0)
    this.key = ownersKey(store)
    store.close()
  }

  /** The database beside the running app. */
  store(): Store {
    return new Store(join(this.nginx.data, 'fairlead.db'), { now: 0 })
  }

  call(method: string, path: string, given: Asked = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.key}` }
    return ask(`${this.app?.url}/api/v1${path}`, method, { ...given, headers })
  }

  async ok<T>(method: string, path: string, given: Asked = {}): Promise<T> {
    const { status, body, text } = await this.call(method, path, given)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
    return body
  }

  deploy(text: string, headers?: string): Promise<Answer> {
    const files = { 'index.html': text, ...(headers !== undefined && { _headers: headers }) }
    return this.call('POST', `${PRODUCTION}/deployments?wait=true`, { body: archiveOf(files) })
  }

  attach(hostname: string, more: object = {}): Promise<{ id: string }> {
    return this.ok('POST', `${PRODUCTION}/urls?wait=true`, { json: { hostname, ...more } })
  }

  detach(id: string): Promise<Answer> {
    return this.call('DELETE', `/urls/${id}?wait=true`)
  }

  async look(): Promise<Drift[]> {
    const { items, failures } = await this.ok<{ items: Drift[]; failures: unknown[] }>('POST', '/drift/look')
    if (failures.length > 0) throw new Error(JSON.stringify(failures))
    return items
  }

  /** The one thing that there is to find. */
  async found(): Promise<Drift> {
    const [only, ...more] = await this.look()
    if (!only || more.length > 0)
      throw new Error(`found ${JSON.stringify([only, ...more].map((one) => one && [one.kind, one.thing]))}`)
    return only
  }

  way({ id, seen }: Pick<Drift, 'id' | 'seen'>, way: 'revert' | 'adopt'): Promise<Answer> {
    return this.call('POST', `/drift/${id}/${way}?wait=true`, { json: { seen } })
  }

  async done(drift: Pick<Drift, 'id' | 'seen'>, way: 'revert' | 'adopt'): Promise<Operation> {
    const { status, text, body } = await this.way(drift, way)
    if (status !== 200) throw new Error(`${way}: ${status} ${text}`)
    return body
  }

  /** A file of NGINX's folder in DATA. */
  file(name: string): string {
    return join(this.nginx.data, 'nginx', name)
  }

  digest(path: string): string {
    return sha256Hex(readFileSync(path, 'utf8'))
  }

  async set(name: string, type: string): Promise<RecordSet | null> {
    const { provider, zone } = this.server
    return (await provider.sets(zone, name, signal)).find((one) => one.type === type) ?? null
  }

  /** What somebody makes of a record by hand; null: nothing. */
  async byHand(name: string, type: string, set: Omit<RecordSet, 'name' | 'type'> | null): Promise<void> {
    const { provider, zone } = this.server
    const before = await this.set(name, type)
    await provider.change(zone, [{ name, type, before, after: set && { name, type, ...set } }], signal)
  }
}

function ownersKey(store: Store): string {
  const given = { kind: 'person', login: 'ann@example.com', name: 'Ann', passwordHash: null } as const
  const { id: userId } = store.users.create({ ...given, now: 0 })
  store.grants.add(userId, { role: 'owner', scope: EVERYWHERE, now: 0 })
  const prefix = 'fl_0a1b2c3d'
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`
  const bounds = { permissions: null, scopes: null, addresses: null, expiresAt: Number.MAX_SAFE_INTEGER }
  store.apiKeys.create({ userId, name: 'test', prefix, keyHash: sha256Hex(key), ...bounds, now: 0 })
  return key
}

/** The lines of a diff that are not in both, without the blanks around. */
export const changed = ({ diff }: Pick<Drift, 'diff'>): string[] =>
  diff.filter(({ sign }) => sign !== ' ').map(({ sign, text }) => `${sign}${text.trim()}`)
