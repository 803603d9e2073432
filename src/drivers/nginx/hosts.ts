import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { fileStem } from '../../domain/host-files.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { AskedDrift, HostDrift, Hosts } from '../../ports/hosts.ts'
import { Batches } from './batches.ts'
import { Changes } from './changes.ts'
import { Commands } from './commands.ts'
import type { Exchange } from './exchange.ts'
import { FirstFile } from './first-file.ts'
import { foreignServers } from './foreign.ts'
import { inspector } from './inspect.ts'
import { findBuild, type NginxMachine, setupOf } from './layout.ts'
import { thisMachine } from './machine.ts'
import { type OperatorChange, type OperatorConfig, type ReadFiles, readOperatorConfig } from './operator.ts'
import { nginxProbe } from './probe.ts'
import { Publisher } from './publisher.ts'
import { RunningNginx } from './running.ts'
import { SecuredNames } from './secured-names.ts'
import { type NginxSettings, type NginxSetup, tlsOf } from './settings.ts'
import { FIRST_STEM, SiteFolder } from './site-folder.ts'
import type { Order } from './sorting.ts'
import { TakeOvers } from './take-over.ts'
import { Turns } from './turns.ts'
import { SiteWatch } from './watch.ts'

export interface NginxHostsOptions {
  /** The data folder, absolute. */
  data: string
  settings: NginxSettings
  /** This instance's id: on its word alone what stands is ours. */
  instance: string
  clock: Clock
  log: Log
  machine?: NginxMachine
  /** Called before NGINX reads its configuration: puts back files of certificates that sites name. */
  mendCertificates?: () => Promise<void>
  /** Called when a step has been done, for a test to end the process there. */
  reached?: (step: string) => void
  /** Any of LIMITS.nginx, set lower. */
  limits?: { commandMs?: number; appliedMs?: number }
}

/** What is found once, when NGINX is needed first. */
interface Core {
  first: FirstFile
  sites: SiteFolder
  running: RunningNginx
  publisher: Publisher
  takeOvers: TakeOvers
  watch: SiteWatch
  /** The operator's own, of which only what changed is read. */
  operatorConfig: () => OperatorConfig
}

/** NGINX as the gateway of URLs. Finding it, and mending what an earlier process left, waits for the first use. */
export function nginxHosts(options: NginxHostsOptions): Hosts {
  const { data, settings, clock, mendCertificates = async () => {} } = options
  const secured = new SecuredNames(join(data, 'nginx'))
  let core: Promise<Core> | null = null
  const ready = () => {
    core ??= begin({ ...options, mendCertificates }, secured).catch((error: unknown) => {
      core = null // it may be installed meanwhile
      throw error
    })
    return core
  }
  const turns = new Turns()
  const batches = new Batches<Order>({
    work: (orders) => turns.take(async () => (await ready()).publisher.work(orders)),
    clock,
    most: { batches: LIMITS.nginx.reloads, ms: LIMITS.nginx.reloadsMs },
  })
  const exchange = (wanted: Exchange) =>
    turns.take(async () => await (await ready()).publisher.exchange(wanted))
  const order = async (wanted: Order, signal: AbortSignal) => {
    // One name that can't be a file must not end the batch that it would be in.
    fileStem(wanted.hostname)
    await batches.add(wanted, signal)
  }
  return {
    read: async (hostname) => (await ready()).sites.read(hostname),
    put: (hostname, site, signal) => order({ hostname, site }, signal),
    drop: (hostname, signal) => order({ hostname, site: null }, signal),
    async restore(hostname, site, signal) {
      const { sites, publisher } = await ready()
      await turns.take(() => sites.makePlain(hostname === null ? FIRST_STEM : fileStem(hostname)))
      if (hostname === null) await turns.take(() => publisher.restoreFirst())
      else await order({ hostname, site, anyway: true }, signal)
    },
    planTakeOver: async (wish) => (await ready()).takeOvers.plan(wish),
    takeOver: (sites, moves) => exchange({ sites, moves }),
    giveBack: (hostnames, moved) =>
      exchange({
        sites: hostnames.map((hostname) => ({ hostname, site: null })),
        moves: moved.map(({ path, to }) => ({ path: to, to: path })),
      }),
    async written(hostname) {
      const { first, sites, publisher } = await ready()
      if (hostname === null) return [await first.look()]
      return await sites.written(hostname, (site) => publisher.textOf(hostname, site))
    },
    // In a turn of its own: in the middle of a change nothing is as it was written.
    drift: (asked, signal) => turns.take(async () => await drift(await ready(), { asked, settings }, signal)),
    list: async () => (await ready()).sites.list(),
    ...inspector({ ...options, machine: options.machine ?? thisMachine, secured, mendCertificates }),
    settled: async (ms, signal) => (await ready()).running.settled(ms, signal),
    probe: nginxProbe({
      ...settings,
      tls: tlsOf(settings),
      isSecured: (hostname) => secured.answers(hostname),
    }),
  }
}

async function begin(
  options: NginxHostsOptions & Required<Pick<NginxHostsOptions, 'mendCertificates'>>,
  secured: SecuredNames,
): Promise<Core> {
  const { data, settings, instance, clock, log, machine = thisMachine, limits, reached = () => {} } = options
  const { commandMs, appliedMs } = { ...LIMITS.nginx, ...limits }
  const build = await findBuild(settings, machine)
  const setup = setupOf(settings, build, machine)
  const folder = join(data, 'nginx')
  const staging = join(data, 'staging')
  const at = { config: setup.config, prefix: build.prefix, enabled: setup.enabled, ours: folder }
  const operatorConfig = (change?: OperatorChange) => readOperatorConfig({ ...at, ...(change && { change }) })
  const operator = operatorConfig()
  const linkFolders = [...new Set([setup.available ?? setup.enabled, setup.enabled])]
  const [first, sites] = [new FirstFile(folder, linkFolders), new SiteFolder(folder, linkFolders)]
  const running = new RunningNginx({
    setup,
    pidFile: operator.pid ?? build.pid,
    errorLog: operator.errorLog ?? build.errorLog,
    clock,
    appliedMs,
  })
  const publisher = new Publisher({
    setup,
    place: { ...placeOf(setup), data, version: build.version, modules: build.modules, instance },
    candidate: { binary: setup.binary, staging, deadlineMs: commandMs },
    changes: new Changes({ folder, aside: staging, reached }),
    first,
    sites,
    secured,
    running,
    operatorConfig,
    commands: new Commands({ setup, mendCertificates: options.mendCertificates, commandMs, log }),
    log,
    reached,
  })
  await publisher.recover()
  const textsOf = async (hostname: Hostname, of: (site: HostSite) => HostSite) =>
    (await sites.written(hostname, (site) => publisher.textOf(hostname, of(site))))[0]?.wrote ?? null
  const watch = new SiteWatch({
    folder,
    linkFolders,
    written: (hostname) => (hostname === null ? first.written() : textsOf(hostname, (site) => site)),
    plain: (hostname) => textsOf(hostname, withoutExtra),
    textOf: (hostname, site) => publisher.textOf(hostname, site),
  })
  const known: ReadFiles = new Map()
  const takeOvers = new TakeOvers({ folder, linkFolders, setup })
  return {
    first,
    sites,
    running,
    publisher,
    takeOvers,
    watch,
    operatorConfig: () => readOperatorConfig(at, known),
  }
}

/** Servers of others count where they answer in the place of ours. */
async function drift(
  { watch, operatorConfig }: Core,
  { asked, settings }: { asked: AskedDrift; settings: NginxSettings },
  signal: AbortSignal,
): Promise<HostDrift[]> {
  const found = await watch.look(asked, signal)
  const portsOf = (listens: NginxSettings['listen']) => listens.map(({ port }) => port)
  const secure = portsOf(settings.tlsListen)
  const plain = [...portsOf(settings.listen), ...(tlsOf(settings) ? secure : [])]
  for (const foreign of foreignServers(operatorConfig(), asked.hostnames)) {
    const isInTheWay = (ports: readonly number[]) => foreign.ports.some((port) => ports.includes(port))
    const isSecure =
      isInTheWay(secure) && (await asked.wanted(foreign.drift.hostname ?? ''))?.tls !== undefined
    if (isSecure || isInTheWay(plain)) found.push(foreign.drift)
  }
  return found
}

const placeOf = ({ listen, tlsListen, tls, logFolder }: NginxSetup) => ({ listen, tlsListen, tls, logFolder })

function withoutExtra(site: HostSite): HostSite {
  const { extra: _, ...plain } = site
  return plain
}
