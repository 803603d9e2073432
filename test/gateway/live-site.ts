import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pointLink } from '../../src/base/files.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import { contentMtime, type TreeKey, treeKey } from '../../src/domain/bundle.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import { rulesDigest, type ServingRules, servingRules } from '../../src/domain/serving/rules.ts'
import { diskCertificates } from '../../src/drivers/disk/certificates.ts'
import { diskChallenges } from '../../src/drivers/disk/challenges.ts'
import { type BuiltinGateway, builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import type { CertificateFiles, Challenges } from '../../src/ports/certificates.ts'
import { bytesOf, type CaseSite, type LiveSite } from '../serving/table.ts'

/** A builtin gateway over a temporary data folder, and sites in it. */
export class LiveGateway {
  readonly data = realpathSync(mkdtempSync(join(tmpdir(), 'gateway-')))
  readonly gateway: BuiltinGateway
  readonly port: number
  readonly certificates: CertificateFiles
  readonly challenges: Challenges
  #sites = 0

  /** `tlsPort`: of HTTPS, any free one for 0; without it HTTPS is not spoken. */
  constructor(given: { tlsPort?: number; log?: Log } = {}) {
    for (const name of ['sites', 'trees', 'grace']) mkdirSync(join(this.data, name))
    for (const name of ['certificates', 'challenges', 'staging']) mkdirSync(join(this.data, name))
    this.certificates = diskCertificates(this.data)
    this.challenges = diskChallenges(this.data)
    const listen = { hostname: '127.0.0.1', port: given.tlsPort ?? 0 }
    this.gateway = builtinGateway({
      data: this.data,
      listen: { hostname: '127.0.0.1', port: 0 },
      tls: given.tlsPort === undefined ? null : { listen, certificates: this.certificates },
      siteOf: (hostname) => {
        const id = /^(e\d+)\.test\.localhost$/.exec(hostname)?.[1]
        return id === undefined ? null : { environmentId: id }
      },
      log: given.log ?? silentLog,
    })
    this.port = this.gateway.start().port
  }

  /** Resolves with the site's own host name; its environment's id is the first label. */
  async live(site: CaseSite): Promise<LiveSite & { id: string; tree: TreeKey }> {
    const id = `e${++this.#sites}`
    const tree = this.addTree(site)
    await this.point(id, rulesOf(site), tree)
    for (const [name, content] of Object.entries(site.grace ?? {}))
      this.write(join('grace', id, name), bytesOf(content))
    return { id, tree, ...this.at(`${id}.test.localhost:${this.port}`) }
  }

  at = (host: string): LiveSite => ({ address: '127.0.0.1', port: this.port, host })

  /** The link first, then the site, as a deployment does. */
  async point(id: string, rules: ServingRules, tree: TreeKey): Promise<void> {
    const link = `${id}-${rulesDigest(rules)}`
    await pointLink(join(this.data, 'sites', link), `../trees/${tree}`, this.data)
    await this.gateway.gateway.put(id, { link, rules, graceFolder: id }, new AbortController().signal)
  }

  addTree(site: CaseSite): TreeKey {
    const tree = treeKey(sha256Hex(JSON.stringify(site.files)))
    for (const [name, content] of Object.entries(site.files)) {
      const bytes = bytesOf(content)
      this.write(join('trees', tree, name), bytes)
      if (site.zipped?.includes(name)) this.write(join('trees', tree, `${name}.gz`), gzipSync(bytes))
    }
    for (const [name, text] of [
      ['_headers', site.headers],
      ['_redirects', site.redirects],
    ] as const)
      if (text !== undefined) this.write(join('trees', tree, name), Buffer.from(text))
    return tree
  }

  /** A file below DATA with the mtime of its content. */
  write(path: string, bytes: Uint8Array): string {
    const whole = join(this.data, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, bytes)
    const mtime = contentMtime(sha256Hex(bytes))
    utimesSync(whole, mtime, mtime)
    return whole
  }

  async stop(): Promise<void> {
    await this.gateway.stop(true)
    rmSync(this.data, { recursive: true })
  }
}

export const rulesOf = (site: CaseSite): ServingRules =>
  servingRules(
    { ...DEFAULT_SETTINGS, ...site.settings },
    {
      headersText: site.headers ?? null,
      redirectsText: site.redirects ?? null,
      ownGzip: site.ownGzip ?? [],
    },
  )
