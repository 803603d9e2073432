import type { Clock } from '../base/clock.ts'
import type { WalkedFile } from '../base/local-files.ts'
import type { Sha256 } from '../contract/folder.ts'
import type { ChainState } from '../contract/shapes/audit.ts'
import type { HttpsState } from '../domain/https.ts'
import type { ImportPlan } from '../domain/nginx/import/unit.ts'
import type { Logins } from './logins.ts'

/** Where text goes. */
export interface Screen {
  write(text: string): void
  isTerminal: boolean
  /** Characters a line; 80 when nobody knows. */
  columns: number
}

/** Files on the client's machine. */
export interface LocalFiles {
  /** Null: nothing stands there. Follows a symlink. */
  kind(path: string): Promise<{ kind: 'file' | 'folder' | 'other'; size: number } | null>
  /** Everything below a folder but folders; what `skip` names is not entered. */
  walk(folder: string, skip: (path: string) => boolean): Iterable<WalkedFile>
  read(path: string): AsyncIterable<Uint8Array>
  /** Writes a new file; throws `conflict` if one stands there. Nothing stays when it fails. */
  create(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  join(folder: string, path: string): string
}

export interface ListenAddress {
  hostname: string
  port: number
}

/** What a check may learn of the machine that it runs on. */
export interface Machine {
  userId: number
  /** Null: nothing stands there. Does not follow a symlink. */
  look(path: string): Promise<{ kind: 'file' | 'folder' | 'other'; mode: number; ownerId: number } | null>
  /** Whether this user may make files in the folder. */
  mayWrite(folder: string): Promise<boolean>
  space(folder: string): Promise<{ freeBytes: number; totalBytes: number }>
  /** The existing folder that holds this path, or the path itself. */
  nearestFolder(path: string): Promise<string>
  hasProgram(name: string): Promise<boolean>
  /** The error that binding the address gives, such as EADDRINUSE; null when it is free. */
  bindError(address: ListenAddress): Promise<string | null>
  /** Addresses of a host name; empty when it has none. */
  addresses(hostname: string): Promise<string[]>
  /** What the gateway that URLs use lacks here; `asNginx`: what NGINX would lack, whichever it is. Throws a Fault. */
  gateway(
    data: string,
    asNginx: boolean,
  ): Promise<{
    kind: 'builtin' | 'nginx'
    findings: { level: 'problem' | 'warning'; message: string; remedy: string }[]
  }>
  /** How the URLs of a data folder that have HTTPS, or are to, answer over it. Throws a Fault. */
  https(data: string): Promise<
    {
      hostname: string
      https: {
        state: HttpsState
        certificate: { notAfter: number } | null
        problem: { message: string; hint: string | null } | null
      }
    }[]
  >
  /** Whether a Fairlead answers at this address. */
  answersAsFairlead(address: ListenAddress): Promise<boolean>
  now(): number
}

export interface ServerOptions {
  data: string
  listen: ListenAddress
  sitesListen: ListenAddress
  /** Without it sites don't answer over HTTPS. */
  sitesTlsListen?: ListenAddress
  url: string | null
  trustedProxies: string[]
  insecureHttp: boolean
  diskReserveBytes?: number
}

export interface RunningServer {
  url: string
  sitesUrl: string
  /** Over HTTPS; null: they do not. */
  sitesTlsUrl: string | null
  /** Where the first account is made; null once there is one. */
  setUpUrl: string | null
  /** Whether other machines reach the page without HTTPS. */
  isInsecure: boolean
  stop(): Promise<void>
}

/** What is learned of the NGINX of this machine, to take its sites over. */
export interface NginxImport {
  plan(given: { settings: object; config: string | null; data: string }): Promise<ImportPlan>
  certificate(paths: { certificate: string; certificateKey: string }): Promise<{
    certificate: string
    key: string
    daysLeft: number | null
    problem: string | null
  }>
  ask(request: {
    scheme: 'http' | 'https'
    address: string
    port: number
    hostname: string
    path: string
  }): Promise<{ status: number; location: string | null; type: string | null; sha256: string }>
}

/** Commands that act on a data folder and not through a server. */
export interface Offline {
  nginxImport: NginxImport
  exportFolder(given: {
    data: string
    folder: string
    withKeys: boolean
  }): Promise<{ sites: number; notes: string[] }>
  /** `missing`: bundles that the database refers to and the disk does not hold. */
  backup(given: {
    data: string
    file: string
    withoutBundles: boolean
  }): Promise<{ bundles: number; missing: string[]; bytes: number }>
  backupKey(given: { data: string; file: string }): Promise<void>
  restore(given: { data: string; file: string; keyFile: string | null }): Promise<{ bundles: number }>
  takeover(given: { data: string }): Promise<void>
  createUser(given: {
    data: string
    kind: 'person' | 'machine'
    login: string
    name?: string | undefined
    password?: string | undefined
    role?: string | undefined
    service?: string | undefined
    environment?: string | undefined
  }): Promise<{
    id: string
    kind: 'person' | 'machine'
    login: string
    name: string
    grants: { id: string; role: string; service: string | null; environment: string | null }[]
  }>
  createKey(given: {
    data: string
    user: string
    name: string
    permissions?: readonly string[]
    scopes?: readonly { service: string; environment?: string }[]
    addresses?: readonly string[]
    /** Milliseconds; null: never; absent: after the usual time. */
    expiresAt?: number | null
  }): Promise<{
    id: string
    name: string
    prefix: string
    user: string
    expiresAt: string | null
    key: string
  }>
  /** `head`: NUMBER:HASH of an earlier time. */
  verifyAudit(given: { data: string; head: string | null }): Promise<ChainState>
  /** `withoutFactors`: second factors are taken away too. */
  resetPassword(given: {
    data: string
    login: string
    password: string
    withoutFactors: boolean
  }): Promise<{ id: string; login: string }>
}

export interface TypedSecret {
  text: string
  /** By a person, who can mistype. */
  isTyped: boolean
}

/** Everything that a command may touch, handed in: the command line itself does no I/O. */
export interface CliContext {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  version: string
  out: Screen
  err: Screen
  /** Answers a question on the terminal; null when there is none to ask on. */
  ask(question: string): Promise<string | null>
  /** A line that is not shown while it is typed; without a terminal the one line of standard input. */
  secret(question: string): Promise<TypedSecret | null>
  /** Standard input as it comes; null when it is a terminal. */
  input(): AsyncIterable<Uint8Array> | null
  /** From now on resolves at the first SIGINT or SIGTERM; a second one ends the program at once. */
  interrupted(): Promise<void>
  fetch(url: string, init: RequestInit): Promise<Response>
  clock: Clock
  sha256(): Sha256
  randomId(): string
  files: LocalFiles
  machine: Machine
  serve(options: ServerOptions): Promise<RunningServer>
  /** Shows an address in the person's browser, if there is a display. */
  openBrowser(url: string): Promise<void>
  offline: Offline
  logins: Logins
}
