/** A hand-made set-up of NGINX of test/import/setups, on free ports of loopback, with content and a Fairlead beside it. */
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import { offline } from '../../src/offline.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'
import { UNLIMITED } from '../api/app.ts'
import { makeCertificate } from '../certificates.ts'
import { DebianNginx, freePort } from '../hosts/debian-nginx.ts'

const SETUPS = join(import.meta.dirname, 'setups')

export interface Content {
  /** By paths below /var/www. */
  files: Record<string, string>
  /** Names of certificates by their folder below /etc/letsencrypt/live. */
  certificates?: Record<string, string[]>
}

export class Setup {
  readonly nginx: DebianNginx
  readonly tlsPort: number
  private app: App | null = null

  private constructor(nginx: DebianNginx, tlsPort: number) {
    this.nginx = nginx
    this.tlsPort = tlsPort
  }

  static async of(name: string, { files, certificates = {} }: Content): Promise<Setup> {
    const setup = new Setup(await DebianNginx.laidOut(), await freePort())
    const { nginx } = setup
    rmSync(nginx.etc, { recursive: true })
    cpSync(join(SETUPS, name, 'nginx'), nginx.etc, { recursive: true, verbatimSymlinks: true })
    setup.adapt(nginx.etc)
    writeFileSync(join(nginx.etc, 'mime.types'), TYPES)
    writeFileSync(join(nginx.etc, 'htpasswd'), '')
    for (const folder of ['log', 'www']) mkdirSync(join(nginx.folder, folder))
    for (const [path, text] of Object.entries(files)) setup.write(`www/${path}`, text)
    for (const [folder, names] of Object.entries(certificates)) {
      const { chain, key } = makeCertificate(names, { issuer: ROOT })
      setup.write(`letsencrypt/live/${folder}/fullchain.pem`, chain + ROOT.chain)
      setup.write(`letsencrypt/live/${folder}/privkey.pem`, key)
    }
    return setup
  }

  write(path: string, text: string): void {
    const whole = join(this.nginx.folder, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
  }

  /** Starts NGINX, then Fairlead with URLs at that NGINX. Answers what a client of an owner needs to know. */
  async start(): Promise<Record<string, string>> {
    const { nginx } = this
    await nginx.start()
    mkdirSync(nginx.data, { recursive: true })
    const store = new Store(join(nginx.data, 'fairlead.db'), { now: 0 })
    openSeal(nginx.data, store.instance)
    const { gateway } = store.settings.read()
    const { binary, config, test, reload, listen } = nginx.settings()
    const own = {
      binary: binary ?? null,
      config: config ?? null,
      test: [...(test ?? [])],
      reload: [...(reload ?? [])],
    }
    const tlsListen = [{ address: '127.0.0.1', port: this.tlsPort }]
    store.settings.put('gateway', { kind: 'nginx', nginx: { ...gateway.nginx, ...own, listen, tlsListen } })
    store.close()
    const loopback = { hostname: '127.0.0.1', port: 0 }
    this.app = await startApp({
      data: nginx.data,
      listen: loopback,
      sitesListen: loopback,
      passwordCost: 4,
      url: null,
      assets: new Map(),
      diskReserveBytes: 0,
      rates: UNLIMITED,
      log: silentLog,
    })
    const data = nginx.data
    await offline.createUser({ data, kind: 'machine', login: 'importer', role: 'owner' })
    const { key } = await offline.createKey({ data, user: 'importer', name: 'import' })
    return { FAIRLEAD_SERVER: this.app.url, FAIRLEAD_DATA: data, FAIRLEAD_KEY: key }
  }

  /** Fairlead alone. */
  async stopFairlead(): Promise<void> {
    await this.app?.stop()
    this.app = null
  }

  async remove(): Promise<void> {
    await this.stopFairlead()
    await this.nginx.remove()
  }

  /** As the set-up was written, whatever the place. */
  plain(text: string): string {
    const { etc, folder } = this.nginx
    return text
      .replaceAll(etc, '/etc/nginx')
      .replaceAll(`${folder}/www`, '/var/www')
      .replaceAll(folder, '/etc')
      .replace(/\d+ days left/g, 'N days left')
  }

  private adapt(folder: string): void {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      const found = lstatSync(path)
      if (found.isDirectory()) this.adapt(path)
      else if (found.isFile()) writeFileSync(path, this.adapted(readFileSync(path, 'utf8')))
    }
  }

  private adapted(text: string): string {
    const { etc, folder, port } = this.nginx
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    return text
      .replace(/^user .*$/m, process.getuid?.() === 0 ? 'user www-data;' : '')
      .replace(/^include .*modules-enabled.*$/m, '')
      .replace(/^pid .*$/m, `pid ${folder}/nginx.pid;\ndaemon off;`)
      .replace(/^http \{/m, `http { ${temporary.join(' ')}`)
      .replace(/^\s*listen +\[::\].*$/gm, '')
      .replace(/listen( +)80\b/g, `listen$1127.0.0.1:${port}`)
      .replace(/listen( +)443\b/g, `listen$1127.0.0.1:${this.tlsPort}`)
      .replaceAll('/etc/nginx', etc)
      .replaceAll('/etc/letsencrypt', `${folder}/letsencrypt`)
      .replaceAll('/var/log/nginx', `${folder}/log`)
      .replaceAll('/var/www', `${folder}/www`)
  }
}

const ROOT = { ...makeCertificate(['Root'], { isAuthority: true }), name: 'Root' }

const TYPES = `types {
  text/html html; text/css css; application/javascript js; text/plain txt; image/svg+xml svg;
}
`
