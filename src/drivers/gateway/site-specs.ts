import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, Fault, shown } from '../../base/fault.ts'
import { ensureFolder, removeAll, syncFolder, writeDurably } from '../../base/files.ts'
import type { Gateway, Site } from '../../ports/gateway.ts'
import { StoredSite } from './stored-site.ts'

/**
 * The sites of the builtin gateway: one file each in DATA/builtin, so that visitors are answered whatever the
 * database does. This process is the only writer; what was read stays in memory.
 */
export class SiteSpecs implements Gateway {
  readonly #folder: string
  /** DATA/staging, which is emptied at each start. */
  readonly #aside: string
  readonly #known = new Map<string, Site | null>()
  /** The end of the last write of each site: writes of one site never overlap. */
  readonly #writes = new Map<string, Promise<void>>()

  constructor(data: string) {
    this.#folder = join(data, 'builtin')
    this.#aside = join(data, 'staging')
  }

  /** Throws `broken_data` when the file can't be read as a site. */
  get(environmentId: string): Site | null {
    const known = this.#known.get(environmentId)
    if (known !== undefined) return known
    const site = readSite(this.#path(environmentId))
    this.#known.set(environmentId, site)
    return site
  }

  read(environmentId: string): Promise<Site | null> {
    return new Promise((resolve) => resolve(this.get(environmentId)))
  }

  put(environmentId: string, site: Site): Promise<void> {
    const checked = StoredSite.parse(site)
    return this.#inTurn(environmentId, async () => {
      for (const folder of [this.#folder, this.#aside]) await ensureFolder(folder, 0o700)
      await writeDurably(this.#path(environmentId), `${JSON.stringify(checked)}\n`, this.#aside)
      this.#known.set(environmentId, checked)
    })
  }

  drop(environmentId: string): Promise<void> {
    return this.#inTurn(environmentId, async () => {
      await ensureFolder(this.#folder, 0o700)
      await removeAll(this.#path(environmentId))
      await syncFolder(this.#folder)
      this.#known.set(environmentId, null)
    })
  }

  #path(environmentId: string): string {
    if (!/^[a-z0-9-]{1,64}$/.test(environmentId))
      throw new Error(`An environment id that can't be a file name: ${shown(environmentId, 80)}`)
    return join(this.#folder, `${environmentId}.json`)
  }

  #inTurn(environmentId: string, write: () => Promise<void>): Promise<void> {
    const done = (this.#writes.get(environmentId) ?? Promise.resolve()).then(write, write)
    this.#writes.set(environmentId, done)
    const forget = () => {
      if (this.#writes.get(environmentId) === done) this.#writes.delete(environmentId)
    }
    done.then(forget, forget)
    return done
  }
}

function readSite(path: string): Site | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    return StoredSite.parse(JSON.parse(text))
  } catch (cause) {
    throw new Fault('broken_data', `The site in ${path} can't be read.`, {
      hint: 'Remove the file and deploy the environment again; nothing else depends on it.',
      cause,
    })
  }
}
