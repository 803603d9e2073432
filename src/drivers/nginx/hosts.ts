import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import type { Hosts } from '../../ports/hosts.ts'
import { fileStem } from '../gateway/host-files.ts'
import { Batches } from './batches.ts'
import { Changes } from './changes.ts'
import { inspector } from './inspect.ts'
import { findBuild, type NginxMachine, setupOf } from './layout.ts'
import { thisMachine } from './machine.ts'
import { readOperatorConfig } from './operator.ts'
import { nginxProbe } from './probe.ts'
import { Publisher } from './publisher.ts'
import { RunningNginx } from './running.ts'
import { SecuredNames } from './secured-names.ts'
import { type NginxSettings, type NginxSetup, tlsOf } from './settings.ts'
import { SiteFolder } from './site-folder.ts'
import type { Order } from './sorting.ts'

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
  sites: SiteFolder
  running: RunningNginx
  publisher: Publisher
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
  const batches = new Batches<Order>({
    work: async (orders) => (await ready()).publisher.work(orders),
    clock,
    most: { batches: LIMITS.nginx.reloads, ms: LIMITS.nginx.reloadsMs },
  })
  const order = async (wanted: Order, signal: AbortSignal) => {
    // One name that can't be a file must not end the batch that it would be in.
    fileStem(wanted.hostname)
    await batches.add(wanted, signal)
  }
  return {
    read: async (hostname) => (await ready()).sites.read(hostname),
    put: (hostname, site, signal) => order({ hostname, site }, signal),
    drop: (hostname, signal) => order({ hostname, site: null }, signal),
    restore: (hostname, site, signal) => order({ hostname, site, anyway: true }, signal),
    async written(hostname) {
      const { sites, publisher } = await ready()
      return await sites.written(hostname, (site) => publisher.textOf(hostname, site))
    },
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
  const operatorConfig = () =>
    readOperatorConfig({ config: setup.config, prefix: build.prefix, enabled: setup.enabled, ours: folder })
  const operator = operatorConfig()
  const sites = new SiteFolder(folder, [...new Set([setup.available ?? setup.enabled, setup.enabled])])
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
    sites,
    secured,
    running,
    operatorConfig,
    mendCertificates: options.mendCertificates,
    commandMs,
    log,
    reached,
  })
  await publisher.recover()
  return { sites, running, publisher }
}

const placeOf = ({ listen, tlsListen, tls, logFolder }: NginxSetup) => ({ listen, tlsListen, tls, logFolder })
