/** A real NGINX on a free port of loopback, over the data folder of a builtin gateway: both answer for the same sites. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { configText, type Directive } from '../../src/domain/nginx/config.ts'
import { GENERATION_HOST, sharedConfig } from '../../src/domain/nginx/http.ts'
import type { NginxPlace } from '../../src/domain/nginx/place.ts'
import { siteConfig } from '../../src/domain/nginx/site.ts'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import { type MadeCertificate, makeCertificate } from '../certificates.ts'
import { LiveGateway, rulesOf } from '../gateway/live-site.ts'
import { type CaseSite, type LiveSite, rawRequest } from '../serving/table.ts'

const START_MS = 30_000
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }

export interface NginxOptions {
  /** Lines of `http{}`, before anything of ours. */
  http?: string
  /** Whether a request is logged. */
  logged?: boolean
  /** Over HTTPS, with a certificate of its own. */
  encrypted?: boolean
  operator?: Parameters<typeof sharedConfig>[0]['operator']
}

export class LiveNginx {
  readonly builtin = new LiveGateway()
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'nginx-')))
  readonly place: NginxPlace
  readonly #options: NginxOptions
  #child: ReturnType<typeof spawn> | null = null
  #generation = 0
  #isSecured = false
  /** What drivers find by themselves: names without HTTPS below wildcards that have it. */
  refused: string[] = []
  #certificates = 0

  private constructor([port, tlsPort]: readonly [number, number], options: NginxOptions) {
    this.#options = options
    const listen = (at: number) => [{ address: '127.0.0.1', port: at }]
    this.place = {
      data: this.builtin.data,
      listen: listen(port),
      tls: options.encrypted
        ? {
            certificate: join(this.folder, 'certificate.pem'),
            certificateKey: join(this.folder, 'key.pem'),
          }
        : null,
      tlsListen: listen(tlsPort),
      logFolder: options.logged ? this.folder : null,
      version: [1, 22, 1],
      instance: 'test',
    }
    for (const name of ['sites', 'client', 'proxy']) mkdirSync(join(this.folder, name))
    // Its workers are somebody else when the tests are root.
    for (const path of [this.folder, this.builtin.data]) chmodSync(path, 0o755)
  }

  static async start(options: NginxOptions = {}): Promise<LiveNginx> {
    const nginx = new LiveNginx([await freePort(), await freePort()], options)
    if (options.encrypted) {
      const { key, chain } = makeCertificate(['test'])
      writeFileSync(join(nginx.folder, 'certificate.pem'), chain)
      writeFileSync(join(nginx.folder, 'key.pem'), key)
    }
    await nginx.load()
    return nginx
  }

  get port(): number {
    return this.place.listen[0]?.port ?? 0
  }

  get tlsPort(): number {
    return this.place.tlsListen[0]?.port ?? 0
  }

  at = (host: string): LiveSite => ({ address: '127.0.0.1', port: this.port, host })

  /** The same site in both gateways; answers of NGINX are asked at what it resolves with. */
  async live(site: CaseSite): Promise<LiveSite> {
    const { host } = await this.put(site)
    await this.load()
    return this.at(host)
  }

  /** Without a reload. */
  async put(site: CaseSite): Promise<LiveSite & { id: string; tree: string }> {
    const live = await this.builtin.live(site)
    const host = live.host.replace(/:\d+$/, '')
    this.write(host, hostSite(live.id, site))
    return { ...live, host }
  }

  /** A site of the serving table, as a deployment gives it to a host name. */
  async siteOf(site: CaseSite): Promise<HostSite> {
    return hostSite((await this.builtin.live(site)).id, site)
  }

  /** With a certificate of its own, which is made. */
  async secure(host: string, site: HostSite, ways: Partial<HostTls> = {}): Promise<MadeCertificate> {
    const made = makeCertificate([host])
    const certificate = `c${++this.#certificates}`
    await this.builtin.certificates.put(certificate, made)
    this.write(host, {
      ...site,
      tls: { redirect: true, hsts: null, minimum: 'TLSv1.2', certificate, ...ways },
    })
    return made
  }

  /** Where HTTPS answers. */
  tlsAt = (host: string, sni = host): LiveSite => ({
    address: '127.0.0.1',
    port: this.tlsPort,
    host,
    sni,
  })

  write(host: string, site: HostSite): void {
    this.writeText(host, siteConfig(host, site, this.place))
  }

  writeText(host: string, text: Directive[] | string): void {
    // As drivers name them, but for the hash of a long one.
    const name = `${host.replace('*', '_wildcard').slice(0, 180)}.conf`
    const written = typeof text === 'string' ? text : configText(text)
    if (/^ *ssl_certificate /m.test(written)) this.#isSecured = true
    writeFileSync(join(this.folder, 'sites', name), written)
  }

  /** Starts, or takes on what was written: resolves when only the new generation answers. */
  async load(): Promise<void> {
    this.#generation += 1
    const operator = this.#options.operator ?? { http: [], defaultServers: [] }
    const shared = sharedConfig({
      place: this.place,
      generation: `g${this.#generation}`,
      operator,
      isSecured: this.#isSecured,
      refused: this.refused,
    })
    writeFileSync(join(this.folder, 'sites', '00-fairlead.conf'), configText(shared))
    writeFileSync(join(this.folder, 'nginx.conf'), this.#main())
    const before = this.#workers()
    if (this.#child === null)
      this.#child = spawn(
        'nginx',
        ['-e', join(this.folder, 'error.log'), '-c', join(this.folder, 'nginx.conf'), '-p', this.folder],
        {
          env,
          stdio: 'ignore',
        },
      )
    else this.#child.kill('SIGHUP')
    const deadline = Date.now() + START_MS
    for (;;) {
      const answer = await this.ask('GET / HTTP/1.1', GENERATION_HOST).catch(() => null)
      const isAlone = !this.#workers().some((worker) => before.includes(worker))
      if (answer?.body.toString() === `g${this.#generation}` && isAlone) return
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        this.#child.kill('SIGKILL')
        throw new Error(this.log().slice(-3000))
      }
      await Bun.sleep(5)
    }
  }

  /** Old ones take connections for a moment after new ones do. */
  #workers(): string[] {
    const pid = this.#child?.pid
    if (pid === undefined) return []
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  }

  ask = (line: string, host: string, ...headers: string[]) => this.askAt(this.at(host), line, ...headers)

  askAt = ({ host, ...at }: LiveSite, line: string, ...headers: string[]) =>
    rawRequest(
      at,
      [line, ...(host === '' ? [] : [`Host: ${host}`]), ...headers, 'Connection: close', '', ''].join('\r\n'),
    )

  log = (): string => readFileSync(join(this.folder, 'error.log'), 'utf8')

  #main(): string {
    const { folder } = this
    const user = process.getuid?.() === 0 ? 'user root;' : ''
    return `${user}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events {}
http {
    access_log off;
    client_body_temp_path ${folder}/client;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
${this.#options.http ?? ''}
    include ${folder}/sites/*.conf;
}
`
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child !== null && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    }
    await this.builtin.stop()
    rmSync(this.folder, { recursive: true })
  }
}

function hostSite(environmentId: string, site: CaseSite): HostSite {
  const rules = rulesOf(site)
  const link = `${environmentId}-${rulesDigest(rules)}`
  return { kind: 'site', environmentId, site: { link, rules, graceFolder: environmentId } }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
