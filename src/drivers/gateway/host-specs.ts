import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { errnoOf, Fault } from '../../base/fault.ts'
import { ensureFolder, removeAll, syncFolder, writeDurably } from '../../base/files.ts'
import { fileStem, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname, HostSite, HostTls } from '../../domain/host-site.ts'
import type { AskedDrift, HostDrift, WrittenFile } from '../../ports/hosts.ts'
import type { Resource } from '../../ports/resource.ts'
import { HostWatch } from './host-watch.ts'
import { StoredHostSite } from './stored-site.ts'

const StoredHost = z.strictObject({ hostname: z.string(), site: StoredHostSite })

/** A file that can't be read: its host is known, what it answers is not. */
type Known = HostSite | Fault

/**
 * What answers under host names in the builtin gateway: one file each in DATA/builtin/hosts. This process is the only
 * writer; all of them stay in memory once the first visitor has come, so that names nobody has cost no look at the disk.
 */
export class HostSpecs implements Resource<Hostname, HostSite> {
  readonly #folder: string
  /** DATA/staging, which is emptied at each start. */
  readonly #aside: string
  readonly #watch: HostWatch
  #known: Map<Hostname, Known> | null = null
  /** The end of the last write: writes never overlap. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(data: string) {
    this.#folder = join(data, 'builtin', 'hosts')
    this.#aside = join(data, 'staging')
    this.#watch = new HostWatch(this.#folder)
  }

  /**
   * What answers for a host name (lower case, without a trailing dot): its own site, else that of the longest wildcard above
   * it. Throws `broken_data` when that is kept in a file that can't be read: nobody else's site may answer instead.
   */
  answering(hostname: string): HostSite | null {
    const found = this.#find(hostname)
    if (found instanceof Fault) throw found
    return found ?? null
  }

  /** How a host name answers over HTTPS; null where it doesn't, or nobody can tell. */
  tlsOf(hostname: string): HostTls | null {
    const found = this.#find(hostname)
    return found instanceof Fault ? null : (found?.tls ?? null)
  }

  /** The names that have HTTPS of their own. */
  secured(): Hostname[] {
    return [...this.#all().keys()].filter((hostname) => this.tlsOf(hostname) !== null).toSorted()
  }

  /** Whether a site stands under this very name, be it readable or not. */
  has(hostname: string): boolean {
    return this.#all().has(hostname)
  }

  async read(hostname: Hostname): Promise<HostSite | null> {
    await this.#writing
    const found = this.#all().get(hostname)
    if (found instanceof Fault) throw found
    return found ?? null
  }

  put(hostname: Hostname, site: HostSite): Promise<void> {
    return this.#put(hostname, site, false)
  }

  drop(hostname: Hostname): Promise<void> {
    return this.#drop(hostname, false)
  }

  /** Over whatever stands. */
  restore(hostname: Hostname, site: HostSite | null): Promise<void> {
    return site === null ? this.#drop(hostname, true) : this.#put(hostname, site, true)
  }

  async drift(asked: AskedDrift, signal: AbortSignal): Promise<HostDrift[]> {
    return await this.#inTurn(() => this.#watch.look(asked, signal))
  }

  async written(hostname: Hostname): Promise<WrittenFile[]> {
    await this.#writing
    const found = this.#all().get(hostname)
    const file = this.#path(hostname)
    const stands = textAt(file)
    if (found === undefined && stands === null) return []
    const wrote = found === undefined || found instanceof Fault ? null : hostText({ hostname, site: found })
    return [{ file, wrote, stands, isByHand: this.#isByHand(hostname), links: [] }]
  }

  #put(hostname: Hostname, site: HostSite, anyway: boolean): Promise<void> {
    const checked = StoredHost.parse({ hostname, site })
    return this.#inTurn(async () => {
      if (!anyway) this.#requireOurs(hostname)
      for (const folder of [this.#folder, this.#aside]) await ensureFolder(folder, 0o700)
      await writeDurably(this.#path(hostname), hostText(checked), this.#aside)
      this.#all().set(hostname, checked.site)
    })
  }

  #drop(hostname: Hostname, anyway: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!anyway) this.#requireOurs(hostname)
      await ensureFolder(this.#folder, 0o700)
      await removeAll(this.#path(hostname))
      await syncFolder(this.#folder)
      this.#all().delete(hostname)
    })
  }

  #requireOurs(hostname: Hostname): void {
    if (!this.#isByHand(hostname)) return
    throw new Fault('conflict', `The site of ${hostname} was changed by hand.`, {
      hint: `${this.#path(hostname)} is not what Fairlead wrote. Take the change back, then try again.`,
    })
  }

  /** What nobody can read was judged when it was first met, and is no word of anybody's. */
  #isByHand(hostname: Hostname): boolean {
    const known = this.#all().get(hostname)
    const text = textAt(this.#path(hostname))
    if (known instanceof Fault || text === null) return false
    const stands = storedIn(text)
    return known === undefined || stands === null || !isDeepStrictEqual(stands, { hostname, site: known })
  }

  async list(): Promise<Hostname[]> {
    await this.#writing
    return [...this.#all().keys()].toSorted()
  }

  #find(hostname: string): Known | undefined {
    const hosts = this.#all()
    return (
      hosts.get(hostname) ??
      namesAbove(hostname)
        .map((name) => hosts.get(`*.${name}`))
        .find((site) => site !== undefined)
    )
  }

  #path(hostname: Hostname): string {
    return join(this.#folder, `${fileStem(hostname)}.json`)
  }

  #all(): Map<Hostname, Known> {
    this.#known ??= readAll(this.#folder)
    return this.#known
  }

  #inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
    const done = this.#writing.then(write)
    this.#writing = done.catch(() => undefined)
    return done
  }
}

type Stored = z.infer<typeof StoredHost>

const hostText = (stored: Stored): string => `${JSON.stringify(stored)}\n`

function storedIn(text: string): Stored | null {
  try {
    return StoredHost.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function textAt(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** `a.b.c`: `b.c` and `c`. */
function namesAbove(hostname: string): string[] {
  const labels = hostname.split('.')
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'))
}

function readAll(folder: string): Map<Hostname, Known> {
  const files = namesIn(folder).filter((name) => name.endsWith('.json'))
  return new Map(files.flatMap((name) => readHost(join(folder, name), name.slice(0, -'.json'.length))))
}

function readHost(path: string, stem: string): [Hostname, Known][] {
  try {
    const { hostname, site } = StoredHost.parse(JSON.parse(readFileSync(path, 'utf8')))
    return [[hostname, site]]
  } catch (cause) {
    const hostname = hostnameOfStem(stem)
    const fault = new Fault('broken_data', `The site in ${path} can't be read.`, {
      hint: 'Remove the file, detach the URL and attach it again; nothing else depends on it.',
      cause,
    })
    return hostname === null ? [] : [[hostname, fault]]
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
