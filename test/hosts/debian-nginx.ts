/** A real NGINX on free ports of loopback, its files laid out as Debian does, and a data folder beside them. */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { HttpClient } from '../../src/base/http.ts'
import { silentLog } from '../../src/base/log.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { rulesDigest, servingRules } from '../../src/domain/serving/rules.ts'
import { diskCertificates } from '../../src/drivers/disk/certificates.ts'
import { diskChallenges } from '../../src/drivers/disk/challenges.ts'
import { type NginxHostsOptions, nginxHosts } from '../../src/drivers/nginx/hosts.ts'
import { NginxSettings } from '../../src/drivers/nginx/settings.ts'
import { workersOf } from '../../src/drivers/nginx/workers.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { makeCertificate } from '../certificates.ts'

export const { signal } = new AbortController()
const BINARY =
  ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path)) ?? 'nginx'
const START_MS = 10_000

export class DebianNginx {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'debian-')))
  readonly data = join(this.folder, 'data')
  readonly etc = join(this.folder, 'nginx')
  readonly enabled = join(this.etc, 'sites-enabled')
  readonly available = join(this.etc, 'sites-available')
  readonly config = join(this.etc, 'nginx.conf')
  /** Each command that the driver gave, a word a line. */
  readonly calls = join(this.folder, 'calls')
  readonly port: number
  /** Of HTTPS. */
  readonly tlsPort: number
  readonly certificates = diskCertificates(this.data)
  readonly challenges = diskChallenges(this.data)
  #child: ReturnType<typeof spawn> | null = null
  #client = new HttpClient()
  #environments = 0
  #certificates = 0

  private constructor([port, tlsPort]: readonly [number, number]) {
    this.port = port
    this.tlsPort = tlsPort
  }

  /** Laid out and not started yet. */
  static async laidOut(): Promise<DebianNginx> {
    const nginx = new DebianNginx([await freePort(), await freePort()])
    chmodSync(nginx.folder, 0o755) // its workers are somebody else when the tests are root
    for (const name of ['sites-enabled', 'sites-available', 'conf.d'])
      mkdirSync(join(nginx.etc, name), { recursive: true })
    for (const name of ['sites', 'trees', 'grace', 'staging', 'challenges', 'certificates'])
      mkdirSync(join(nginx.data, name), { recursive: true })
    chmodSync(nginx.data, 0o711)
    writeFileSync(nginx.config, nginx.mainConfig())
    nginx.commands()
    return nginx
  }

  static async started(): Promise<DebianNginx> {
    const nginx = await DebianNginx.laidOut()
    await nginx.start()
    return nginx
  }

  mainConfig(inHttp = ''): string {
    return `${process.getuid?.() === 0 ? 'user www-data;' : ''}
worker_processes 2;
pid ${this.folder}/nginx.pid;
error_log ${this.folder}/error.log;
daemon off;
events { worker_connections 512; }
http {
    access_log off;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${this.folder}/${name};`).join('\n    ')}
    ${inHttp}
    include ${this.etc}/conf.d/*.conf;
    include ${this.enabled}/*;
}
`
  }

  /** What the driver runs to test or to reload: notes the call, then does what is said in the shell's words. */
  command(word: string, script: string): void {
    writeFileSync(join(this.folder, word), `#!/bin/sh\necho ${word} >> ${this.calls}\n${script}\n`, {
      mode: 0o755,
    })
  }

  /** Both commands as they should be. */
  commands(): void {
    this.command('test', `exec ${BINARY} -t -c ${this.config}`)
    this.command('reload', `exec ${BINARY} -s reload -c ${this.config}`)
  }

  /** NGINX itself, without anything that notes the calls. */
  plainCommands(): { test: [string, ...string[]]; reload: [string, ...string[]] } {
    return { test: [BINARY, '-t', '-c', this.config], reload: [BINARY, '-s', 'reload', '-c', this.config] }
  }

  called(word: string): number {
    return existsSync(this.calls)
      ? readFileSync(this.calls, 'utf8')
          .split('\n')
          .filter((line) => line === word).length
      : 0
  }

  async start(): Promise<void> {
    this.#child = spawn(BINARY, ['-c', this.config], { stdio: 'ignore' })
    await until(
      () =>
        existsSync(join(this.folder, 'nginx.pid')) &&
        readFileSync(join(this.folder, 'nginx.pid'), 'utf8') !== '',
    )
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** At once, with its workers, and with its pid file left behind. */
  async kill(): Promise<void> {
    const workers = workersOf(this.#child?.pid ?? 0) ?? []
    await this.#end('SIGKILL')
    for (const { pid } of workers) process.kill(pid, 'SIGKILL')
    await until(async () => !(await answersAt(this.port)))
  }

  async #end(by: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(by)
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    this.#client.close()
    rmSync(this.folder, { recursive: true })
  }

  settings(more: Partial<NginxSettings> = {}): NginxSettings {
    return NginxSettings.parse({
      binary: BINARY,
      config: this.config,
      listen: [{ address: '127.0.0.1', port: this.port }],
      tlsListen: [{ address: '127.0.0.1', port: this.tlsPort }],
      test: [join(this.folder, 'test')],
      reload: [join(this.folder, 'reload')],
      ...more,
    })
  }

  /** The driver, as another process would have it. */
  hosts(
    more: Partial<NginxSettings> = {},
    options: Partial<Omit<NginxHostsOptions, 'data' | 'settings' | 'instance'>> = {},
  ): Hosts {
    return nginxHosts({
      data: this.data,
      settings: this.settings(more),
      instance: 'instance1',
      clock: systemClock,
      log: silentLog,
      ...options,
    })
  }

  /** A site that is live, as a deployment leaves it. */
  site(text: string): HostSite {
    const id = `e${++this.#environments}`
    const rules = servingRules(DEFAULT_SETTINGS, { headersText: null, redirectsText: null, ownGzip: [] })
    const link = `${id}-${rulesDigest(rules)}`
    const tree = `${Buffer.from(id.padEnd(32, 'x')).toString('hex')}-1`
    mkdirSync(join(this.data, 'trees', tree))
    writeFileSync(join(this.data, 'trees', tree, 'index.html'), text)
    symlinkSync(`../trees/${tree}`, join(this.data, 'sites', link))
    return { kind: 'site', environmentId: id, site: { link, rules, graceFolder: id } }
  }

  /** HTTPS of a name's own, by a certificate that is made and stored. */
  async tls(hostname: string, ways: Partial<HostTls> = {}): Promise<HostTls & { sha256: string }> {
    const made = makeCertificate([hostname])
    const certificate = `c${++this.#certificates}`
    await this.certificates.put(certificate, made)
    return { certificate, redirect: true, hsts: null, minimum: 'TLSv1.2', ...ways, sha256: made.sha256 }
  }

  /** What a visitor is answered: the status and the text. */
  async says(hostname: string, path = '/'): Promise<string> {
    const answer = await this.#client.request({
      protocol: 'http:',
      dial: { address: '127.0.0.1', port: this.port },
      host: hostname,
      path,
      headers: { connection: 'close' },
      deadlineMs: 5_000,
      maxBodyBytes: 1_000_000,
    })
    return `${answer.status} ${Buffer.from(answer.body).toString()}`
  }

  generation = (): Promise<string> => this.says('generation.fairlead.invalid', '/')

  names(folder: string): string[] {
    return readdirSync(folder).toSorted()
  }
}

/** Waits for a condition, not for a time. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('It does not come true.')
    await Bun.sleep(5)
  }
}

export const answersAt = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
