import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { linkTarget, removeAll, syncFolder } from '../../base/files.ts'
import { inParallel } from '../../base/parallel.ts'
import { sha256Hex } from '../../base/secrets.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { SHARED_FILE } from '../../domain/nginx/site.ts'
import { fileStem, hostnameOfStem } from '../gateway/host-files.ts'
import { StoredHostSite } from '../gateway/stored-site.ts'
import { type Change, FILES_AT_ONCE, textAt } from './changes.ts'

/** Read before all sites. None has a file of this name: its host would have one label. */
const FIRST_STEM = SHARED_FILE.replace(/\.conf$/, '')

const Model = z.strictObject({ hostname: z.string(), site: StoredHostSite, textSha256: z.string() })

/**
 * DATA/nginx and the links into it: of each host name its text, which is what visitors are answered by, and beside it the
 * model that the text was made of.
 */
export class SiteFolder {
  readonly #folder: string
  readonly #linkFolders: readonly string[]

  constructor(folder: string, linkFolders: readonly string[]) {
    this.#folder = folder
    this.#linkFolders = linkFolders
  }

  /** What has to stand for a site, and of one that is to go. */
  changesOf({
    hostname,
    site,
    text,
  }: {
    hostname: Hostname
    site: HostSite | null
    text: string | null
  }): Change[] {
    const stem = fileStem(hostname)
    const model = site && { hostname, site, textSha256: sha256Hex(text ?? '') }
    return [
      { path: this.#path(stem, 'json'), kind: 'file', content: model && `${JSON.stringify(model)}\n` },
      ...this.#textAndLinks(stem, text),
    ]
  }

  changesOfFirst(text: string): Change[] {
    return this.#textAndLinks(FIRST_STEM, text)
  }

  /**
   * The site that stands, whole: text, model and links; null otherwise. Throws `conflict` when somebody has changed the
   * text by hand, since nobody can say what it answers then.
   */
  async read(hostname: Hostname): Promise<HostSite | null> {
    const stem = fileStem(hostname)
    const path = this.#path(stem, 'conf')
    const [text, model] = await Promise.all([textAt(path), this.#model(stem)])
    const targets = await Promise.all(this.#linksOf(stem).map((link) => linkTarget(link).catch(() => null)))
    if (text === null || model === null || targets.some((target) => target !== path)) return null
    if (sha256Hex(text) === model.textSha256) return model.site
    throw new Fault('conflict', `The site of ${hostname} was changed by hand.`, {
      hint: `${path} is not what Fairlead wrote. Take the change back, or remove the file to have it written anew.`,
    })
  }

  /** Every host name of which there is anything. */
  async list(): Promise<Hostname[]> {
    const own = await readdir(this.#folder).catch(() => [])
    const links = await Promise.all(this.#linkFolders.map((folder) => this.#danglingIn(folder, own)))
    const stems = new Set([...stemsIn(own), ...links.flat()])
    stems.delete(FIRST_STEM)
    const names = await inParallel(
      [...stems],
      FILES_AT_ONCE,
      async (stem) => hostnameOfStem(stem) ?? (await this.#model(stem))?.hostname ?? null,
    )
    return names.filter((name) => name !== null).toSorted()
  }

  /** Whether a path is that of one of our files, or of a link to one. */
  isOurs(path: string): boolean {
    const isHere = [this.#folder, ...this.#linkFolders].includes(dirname(path))
    return isHere && existsSync(join(this.#folder, basename(path)))
  }

  /** Takes away links of ours that lead nowhere: NGINX would refuse its whole configuration for one of them. */
  async sweep(): Promise<void> {
    const own = await readdir(this.#folder).catch(() => [])
    for (const folder of this.#linkFolders) {
      const dangling = await this.#danglingIn(folder, own)
      for (const stem of dangling) await removeAll(join(folder, `${stem}.conf`))
      if (dangling.length > 0) await syncFolder(folder)
    }
  }

  #textAndLinks(stem: string, text: string | null): Change[] {
    const path = this.#path(stem, 'conf')
    const content = text === null ? null : path
    return [
      { path, kind: 'file', content: text },
      ...this.#linksOf(stem).map((link) => ({ path: link, kind: 'link' as const, content })),
    ]
  }

  #path(stem: string, ending: 'conf' | 'json'): string {
    return join(this.#folder, `${stem}.${ending}`)
  }

  #linksOf(stem: string): string[] {
    return this.#linkFolders.map((folder) => join(folder, `${stem}.conf`))
  }

  /** Stems of the links in a folder that lead to where a file of ours was and is no more. */
  async #danglingIn(folder: string, own: readonly string[]): Promise<string[]> {
    const there = new Set(own)
    const links = (await readdir(folder, { withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isSymbolicLink() && !there.has(entry.name))
      .map(({ name }) => name)
    const isOurs = await inParallel(
      links,
      FILES_AT_ONCE,
      async (name) => (await linkTarget(join(folder, name))) === join(this.#folder, name),
    )
    return stemsIn(links.filter((_, index) => isOurs[index]))
  }

  async #model(stem: string): Promise<z.infer<typeof Model> | null> {
    const text = await textAt(this.#path(stem, 'json'))
    if (text === null) return null
    try {
      return Model.parse(JSON.parse(text))
    } catch {
      return null // written by hand or by a later version: whatever it means, it does not stand
    }
  }
}

const stemsIn = (names: readonly string[]): string[] =>
  names.flatMap((name) => /^([^.].*)\.(?:conf|json)$/.exec(name)?.[1] ?? [])
