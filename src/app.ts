/** Everything put together by calling constructors: configuration in, running program out. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import type { ApiLimits } from './api/limiter.ts'
import { apiHandler } from './api/server.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { Egress } from './base/egress.ts'
import { HttpClient } from './base/http.ts'
import { LIMITS } from './base/limits.ts'
import { jsonLog, type Log } from './base/log.ts'
import { machineName } from './base/machine.ts'
import { isCommonPassword, Passwords } from './base/passwords.ts'
import { type Assets, type Server, serve } from './base/platform.ts'
import { derivedKey } from './base/secrets.ts'
import { openDataFolder } from './data-folder.ts'
import { dnsWorld } from './dns-world.ts'
import { parseBuiltinHostname } from './domain/names.ts'
import { connectAuthority } from './drivers/acme/authority.ts'
import { diskDrivers } from './drivers/disk/index.ts'
import { builtinGateway } from './drivers/gateway/builtin.ts'
import type { Ports } from './drivers/gateway/visitors.ts'
import { DNS_DRIVERS } from './drivers/index.ts'
import { AccessTokens } from './engine/account/access-token.ts'
import { Oidc } from './engine/account/oidc.ts'
import { SetUp } from './engine/account/set-up.ts'
import type { AccountWorld } from './engine/account/sign-in.ts'
import { Throttle, type ThrottleLimits } from './engine/account/throttle.ts'
import { Engine } from './engine/engine.ts'
import { requireFinishedRestore } from './engine/restore.ts'
import type { World } from './engine/step.ts'
import { keptConnections } from './engine/url/certificate/at-authority.ts'
import { bound } from './listening.ts'
import {
  gatewayPlace,
  hostsOf,
  isInsecure,
  ownAddress,
  requireBlock,
  requireSafeAddress,
  requireSafeSelf,
} from './outside.ts'
import { openSeal, readKey } from './store/key.ts'
import { FolderLock } from './store/lock.ts'
import { Store } from './store/store.ts'
import { urlGateway } from './url-gateway.ts'

export interface AppConfig {
  data: string
  listen: Address
  sitesListen: Address
  /** Where the builtin gateway speaks HTTPS; nowhere if it is not given. */
  sitesTlsListen?: Address
  /** Where people reach the page, if not at `listen`: the base of links and an allowed Host. */
  url: string | null
  /** CIDR blocks of proxies whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[]
  /** Lets other machines reach the page without HTTPS. */
  insecureHttp?: boolean
  assets: Assets
  /** Bytes that uploads leave free on the disk, instead of DESIGN §4's reserve. */
  diskReserveBytes?: number
  /** The cost of password hashes, instead of what takes this machine a quarter of a second. */
  passwordCost?: number
  /** How often who may ask and fail, instead of LIMITS.rate. */
  rates?: Rates
  clock?: Clock
  log?: Log
}

export type Rates = ApiLimits & ThrottleLimits

export interface Address {
  hostname: string
  port: number
}

export interface App {
  /** Where the page and the API answer. */
  url: string
  /** Where the first account is made; null once there is one. For the console and nowhere else. */
  setUpUrl: string | null
  /** Where the builtin gateway answers. */
  sitesUrl: string
  /** The same over HTTPS; null: it does not speak it. */
  sitesTlsUrl: string | null
  /** Whether other machines reach the page without HTTPS. */
  isInsecure: boolean
  stop(): Promise<void>
}

/**
 * Starts a server on a data folder. Throws `conflict` (in use), `broken_data`, `unavailable` (port taken), `usage` (an
 * address that is not safe to listen on); nothing runs then.
 */
export async function startApp(config: AppConfig): Promise<App> {
  const data = resolve(config.data)
  const clock = config.clock ?? systemClock
  const log =
    config.log ??
    jsonLog(
      (line) => void process.stderr.write(`${line}\n`),
      () => clock.now(),
    )
  const opened: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  try {
    // Nothing is made for a start that can not be.
    if (!existsSync(join(data, 'fairlead.db'))) requireSafeAddress(config, false)
    const opening = { data, clock, log, opened }
    const folder = await openFolder(config, opening)
    const { store, seal } = folder
    const egress = wayOut(opened)
    let { port } = config.listen
    const { engine, ports } = await startEngine(config, opening, { ...folder, egress, port: () => port })
    const stopping = new AbortController()
    const accounts = accountsOf(config, { store, clock, seal, baseUrl: () => baseUrl(config, port) })
    const setUp = new SetUp(accounts)
    const server = await bound(config.listen, '--listen', () =>
      listen(config, {
        engine,
        accounts,
        oidc: new Oidc(accounts, egress),
        setUp,
        data,
        clock,
        log,
        stopping,
      }),
    )
    port = server.port
    opened.push(async () => {
      stopping.abort()
      await server.stop(true)
    })
    return {
      url: accounts.baseUrl(),
      setUpUrl: setUp.isOpen() ? setUp.url() : null,
      sitesUrl: origin(config.sitesListen, ports.http),
      sitesTlsUrl:
        config.sitesTlsListen && ports.https !== null
          ? origin(config.sitesTlsListen, ports.https, 'https')
          : null,
      isInsecure: isInsecure(config),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Opening {
  data: string
  clock: Clock
  log: Log
  /** What is to be closed, last one first. */
  opened: (() => Promise<void> | void)[]
}

/** The data folder, which is ours alone from then on, with its database, key and files. */
async function openFolder(config: AppConfig, { data, clock, log, opened }: Opening) {
  await openDataFolder(data)
  const lock = FolderLock.take(data)
  opened.push(() => lock.release())
  await requireFinishedRestore(data)
  const store = new Store(join(data, 'fairlead.db'), { now: clock.now(), check: lock.wasLeftOpen })
  opened.push(() => store.close())
  requireSafeAddress(config, store.grants.isClaimed())
  const seal = openSeal(data, store.instance)
  const disk = diskDrivers({ data, clock, log, ...reserve(config) })
  await disk.start()
  opened.push(() => disk.stop())
  return { store, seal, disk }
}

interface Grounds {
  egress: Egress
  /** Where the page listens by now. */
  port: () => number
}

/** Gateways and DNS at work, and the machine that drives them. */
async function startEngine(
  config: AppConfig,
  { data, clock, log, opened }: Opening,
  { store, seal, disk, egress, port }: Awaited<ReturnType<typeof openFolder>> & Grounds,
): Promise<{ engine: Engine; ports: Ports }> {
  const { sitesListen: listen, sitesTlsListen: tlsListen } = config
  const tls = tlsListen ? { listen: tlsListen, certificates: disk.certificates } : null
  const sites = builtinGateway({ data, listen, tls, siteOf: siteOf(store), log })
  opened.push(() => sites.stop(true))
  const { port: http } = await bound(listen, '--sites-listen', () => sites.start())
  const secure = tlsListen && (await bound(tlsListen, '--sites-tls-listen', () => sites.startTls()))
  const { gateway, probe, hosts: builtin } = sites
  const mendCertificates = () => engine.certificates.standUp()
  const hosts = urlGateway({
    setting: () => store.settings.read().gateway,
    tools: { data, instance: store.instance.id(), clock, log, builtin, mendCertificates },
  })
  const dns = dnsWorld({ store, seal, egress, clock })
  const authority = keptConnections(connectAuthority({ egress, clock }))
  const own = ownNames(config, port)
  const world = { store, clock, log, ...disk, gateway, probe, hosts, dns, authority, seal, own }
  const engine: Engine = new Engine(world)
  await engine.start()
  opened.push(() => engine.stop())
  return { engine, ports: { http, https: secure?.port ?? null } }
}

type AccountGrounds = Pick<AccountWorld, 'store' | 'clock' | 'seal' | 'baseUrl'>

const accountsOf = ({ rates, passwordCost }: AppConfig, grounds: AccountGrounds): AccountWorld => ({
  ...grounds,
  throttle: new Throttle(grounds, rates ?? LIMITS.rate),
  isCommonPassword,
  passwords: new Passwords(passwordCost === undefined ? {} : { cost: passwordCost }),
})

const baseUrl = ({ url, listen }: AppConfig, port: number): string => url ?? origin(listen, port)

function wayOut(opened: (() => void)[]): Egress {
  const client = new HttpClient()
  opened.push(() => client.close())
  return new Egress(client)
}

interface Parts {
  engine: Engine
  accounts: AccountWorld
  oidc: Oidc
  setUp: SetUp
  data: string
  clock: Clock
  log: Log
  stopping: AbortController
}

function listen(config: AppConfig, parts: Parts): Server {
  const { engine, accounts, oidc, setUp, data, clock, log, stopping } = parts
  const handle = apiHandler({
    engine,
    clock,
    log,
    assets: config.assets,
    version: packageJson.version,
    hosts: hostsOf(config.listen),
    trustedProxies: (config.trustedProxies ?? []).map(requireBlock),
    limits: config.rates ?? LIMITS.rate,
    url: config.url === null ? null : new URL(config.url),
    staging: join(data, 'staging'),
    stopping: stopping.signal,
    tokens: accessTokens(data, engine.world),
    accounts,
    oidc,
    setUp,
    isInsecure: isInsecure(config),
    dnsKinds: DNS_DRIVERS,
    requireSafeSelf: (https) =>
      requireSafeSelf(config, gatewayPlace(config, engine.world.store.settings.read().gateway, https)),
  })
  return serve({
    ...config.listen,
    // The API counts by itself and says what is wrong; the runtime's own 413 would be a bare one.
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    idleSeconds: LIMITS.http.idleSeconds,
    fetch: handle,
    onError: () => new Response(null, { status: 500 }),
  })
}

/** What no URL may be called, and where one of Fairlead's own leads to. */
const ownNames = ({ url, listen: { hostname } }: AppConfig, port: () => number): World['own'] => ({
  hostnames: () => [machineName(), ...(url === null ? [] : [new URL(url).hostname])],
  upstream: () => ({ hostname: ownAddress(hostname), port: port() }),
})

const accessTokens = (data: string, { store, clock }: World): AccessTokens =>
  new AccessTokens({
    key: derivedKey(readKey(join(data, 'key')), 'access tokens'),
    instanceId: store.instance.id(),
    clock,
  })

/** The environment behind a host name of the builtin gateway. */
const siteOf = (store: Store) => (hostname: string) => {
  const names = parseBuiltinHostname(hostname)
  const environment = names && store.environments.find(names.service, names.environment)
  return environment && { environmentId: environment.id }
}

const reserve = ({ diskReserveBytes }: Pick<AppConfig, 'diskReserveBytes'>) =>
  diskReserveBytes === undefined ? {} : { reserveBytes: diskReserveBytes }

const origin = ({ hostname }: Address, port: number, scheme = 'http'): string =>
  `${scheme}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`
