import { dirname } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { OLDEST_VERSION } from '../../domain/nginx/place.ts'
import { type Argv, type NginxSettings, type NginxSetup, tlsOf } from './settings.ts'

/** What finding NGINX needs to know of a machine. */
export interface NginxMachine {
  /** 0 is root. */
  userId: number
  isProgram(path: string): boolean
  isFolder(path: string): boolean
  /** Whether it has IPv6 at all: where it was switched off NGINX can't listen on it. */
  hasIpv6: boolean
  /** What the program says about itself (`nginx -V`). Throws `unavailable` when it can't be run. */
  build(binary: string): Promise<string>
}

/** What a program was built for, from `nginx -V`. */
export interface NginxBuild {
  version: readonly [number, number, number]
  /** Such as `http_sub_module`; those that may be loaded when it runs are not among them. */
  modules: readonly string[]
  prefix: string
  config: string
  pid: string
  errorLog: string
  accessLog: string
  /** Whom workers run as when the configuration does not say. */
  user: string
}

const PROGRAM_FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/local/nginx/sbin',
  '/sbin',
]

/** Below the folder of the configuration: where each family of distributions includes sites from. */
const FOLDERS: readonly { available: string | null; enabled: string }[] = [
  { available: 'sites-available', enabled: 'sites-enabled' }, // Debian, Ubuntu
  { available: null, enabled: 'http.d' }, // Alpine; its conf.d is for whatever stands outside of http { }
  { available: null, enabled: 'conf.d' }, // RHEL, Fedora, and the packages of nginx.org
  { available: null, enabled: 'sites-enabled' }, // made by hand
]

/** Throws `unavailable` when there is no NGINX, or none that reads what we write. */
export async function findBuild(
  settings: NginxSettings,
  machine: NginxMachine,
): Promise<NginxBuild & { binary: string }> {
  const binary =
    settings.binary ??
    PROGRAM_FOLDERS.map((folder) => `${folder}/nginx`).find((path) => machine.isProgram(path))
  if (binary === undefined || !machine.isProgram(binary))
    throw new Fault(
      'unavailable',
      binary === undefined ? 'NGINX is not installed.' : `There is no program ${binary}.`,
      {
        hint: 'Install it (apt-get install nginx, dnf install nginx, apk add nginx), or say where it is: fairlead setting set gateway.nginx.binary PATH',
      },
    )
  return { binary, ...readBuild(binary, await machine.build(binary)) }
}

function readBuild(binary: string, text: string): NginxBuild {
  const [, major, minor, patch] = /\bversion: \S+?\/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []
  if (major === undefined)
    throw new Fault('unavailable', `${binary} does not say which version of NGINX it is.`, {
      hint: `Look at what "${binary} -V" prints.`,
    })
  const version = [Number(major), Number(minor), Number(patch)] as const
  if (!isSince(version, OLDEST_VERSION))
    throw new Fault(
      'unavailable',
      `NGINX ${version.join('.')} is too old: sites are written for ${OLDEST_VERSION.join('.')} and later.`,
      { hint: 'Install a later one, such as that of nginx.org.' },
    )
  const option = (name: string, usual: string) => new RegExp(` --${name}=(\\S+)`).exec(text)?.[1] ?? usual
  const prefix = option('prefix', '/usr/local/nginx')
  const absolute = (path: string) => (path.startsWith('/') || path === 'stderr' ? path : `${prefix}/${path}`)
  return {
    version,
    modules: [...text.matchAll(/ --with-(\w+_module)(?=\s|$)/g)].map(([, name = '']) => name),
    prefix,
    config: absolute(option('conf-path', 'conf/nginx.conf')),
    pid: absolute(option('pid-path', 'logs/nginx.pid')),
    errorLog: absolute(option('error-log-path', 'logs/error.log')),
    accessLog: absolute(option('http-log-path', 'logs/access.log')),
    user: option('user', 'nobody'),
  }
}

/** Whether a version is that one, or later. */
export const isSince = (version: readonly number[], least: readonly number[]): boolean => {
  const index = least.findIndex((part, at) => part !== version[at])
  return index === -1 || (version[index] ?? 0) > (least[index] ?? 0)
}

/** What is said, and for the rest what the machine looks like. Throws `unavailable` when there is no folder for sites. */
export function setupOf(
  settings: NginxSettings,
  { binary, ...build }: NginxBuild & { binary: string },
  machine: NginxMachine,
): NginxSetup {
  const config = settings.config ?? build.config
  const named = config === build.config ? [] : ['-c', config]
  // Whoever is not root runs it by the two lines in sudoers.
  const program: Argv = machine.userId === 0 ? [binary] : ['sudo', '-n', binary]
  return {
    binary,
    config,
    ...foldersOf(settings, config, machine),
    test: argvOf(settings.test) ?? [...program, '-t', ...named],
    reload: argvOf(settings.reload) ?? [...program, '-s', 'reload', ...named],
    listen: listenOn(settings.listen, machine),
    logFolder: logFolderOf(settings, build, machine),
    tlsListen: listenOn(settings.tlsListen, machine),
    tls: tlsOf(settings),
  }
}

const listenOn = (listen: NginxSetup['listen'], { hasIpv6 }: NginxMachine): NginxSetup['listen'] =>
  listen.map(({ address, port }) => ({ address: address ?? (hasIpv6 ? null : '0.0.0.0'), port }))

/** An NGINX with a configuration of its own logs wherever that says, which is not read here. */
function logFolderOf(
  { logFolder, config }: NginxSettings,
  build: NginxBuild,
  machine: NginxMachine,
): string | null {
  if (logFolder === 'off') return null
  if (logFolder) return logFolder
  const usual = dirname(build.accessLog)
  return (config ?? build.config) === build.config && machine.isFolder(usual) ? usual : null
}

function foldersOf(
  settings: NginxSettings,
  config: string,
  machine: NginxMachine,
): Pick<NginxSetup, 'available' | 'enabled'> {
  const folder = dirname(config)
  if (settings.enabled) return { available: settings.available ?? null, enabled: settings.enabled }
  const found = FOLDERS.map(({ available, enabled }) => ({
    available: available && `${folder}/${available}`,
    enabled: `${folder}/${enabled}`,
  })).find(
    ({ available, enabled }) =>
      machine.isFolder(enabled) && (available === null || machine.isFolder(available)),
  )
  if (found === undefined)
    throw new Fault('unavailable', `There is no folder for sites beside ${config}.`, {
      hint: `Make one (mkdir ${folder}/sites-enabled), include it inside http { } of ${config} (include ${folder}/sites-enabled/*;), and name it: fairlead setting set gateway.nginx.enabled ${folder}/sites-enabled`,
    })
  return { available: settings.available ?? found.available, enabled: found.enabled }
}

const argvOf = (argv: readonly string[] | null | undefined): Argv | undefined => {
  const [program, ...args] = argv ?? []
  return program === undefined ? undefined : [program, ...args]
}
