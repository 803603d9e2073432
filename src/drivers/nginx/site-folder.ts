import { existsSync } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { linkTarget, removeAll, syncFolder, writeDurably } from '../../base/files.ts'
import { inParallel } from '../../base/parallel.ts'
import { sha256Hex } from '../../base/secrets.ts'
import { fileStem, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { SHARED_FILE } from '../../domain/nginx/site.ts'
import type { WrittenFile, WrittenLink } from '../../ports/hosts.ts'
import { StoredHostSite } from '../gateway/stored-site.ts'
import { type Change, changedByHand, FILES_AT_ONCE, textAt } from './changes.ts'

/** Read before all sites. None has a file of this name: its host would have one label. */
export const FIRST_STEM = SHARED_FILE.replace(/\.conf$/, '')

const Model = z.strictObject({ hostname: z.string(), site: StoredHostSite, textSha256: z.string() })
type Model = z.infer<typeof Model>

/** What is to stand for a host name. */
export interface Wanted {
  hostname: Hostname
  site: HostSite | null
  text: string | null
  /** What stood there when it was judged; absent: whatever stands may go. */
  seen?: string | null
  /** Links are made over whatever stands in their place. */
  anyway?: true
}

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
  changesOf({ hostname, site, text, ...given }: Wanted): Change[] {
    const stem = fileStem(hostname)
    const model = site && { hostname, site, textSha256: sha256Hex(text ?? '') }
    return [
      { path: this.#path(stem, 'json'), kind: 'file', content: model && `${JSON.stringify(model)}\n` },
      ...this.#textAndLinks(stem, { text, ...given }),
    ]
  }

  /** The text that stands. Throws `conflict` when somebody has made it something else than what was written, and than `wanted`. */
  async ownText(hostname: Hostname, wanted: string | null): Promise<string | null> {
    const { file, stands, isByHand } = await this.#seen(hostname)
    if (isByHand && stands !== wanted) throw changedByHand(file)
    return stands
  }

  /** `textOf`: what a site comes to. */
  async written(hostname: Hostname, textOf: (site: HostSite) => string): Promise<WrittenFile[]> {
    const { file, stands, isByHand, model } = await this.#seen(hostname)
    const links = await Promise.all(this.#linksOf(fileStem(hostname)).map(linkAt))
    if (stands === null && model === null && links.every(({ target }) => target !== file)) return []
    const wrote = stands !== null && !isByHand ? stands : model && textOf(model.site)
    return [{ file, wrote, stands, isByHand, links }]
  }

  async #seen(hostname: Hostname) {
    const stem = fileStem(hostname)
    const file = this.#path(stem, 'conf')
    const [stands, stored] = await Promise.all([textAt(file), textAt(this.#path(stem, 'json'))])
    // Also a model that only a later version can read says what was written.
    const sha256 = stored === null ? null : (/"textSha256":"([0-9a-f]{64})"\}\s*$/.exec(stored)?.[1] ?? null)
    const isByHand = stands !== null && sha256Hex(stands) !== sha256
    return { file, stands, isByHand, isNoted: stored !== null, model: readModel(stored) }
  }

  /**
   * The site that stands, whole: text, model and links. Null where there is none, or where all of it was lost: with a
   * folder that is another one now, say. Throws `conflict` when somebody has changed a part of it by hand, since nobody
   * can say what answers then.
   */
  async read(hostname: Hostname): Promise<HostSite | null> {
    const stem = fileStem(hostname)
    const { file, stands, isByHand, isNoted, model } = await this.#seen(hostname)
    if (isByHand || (stands === null && isNoted)) throw changedByHand(file)
    if (stands === null) return null
    const isLinked = await Promise.all(this.#linkFolders.map((folder) => this.#isLinked(folder, stem)))
    return isLinked.every(Boolean) ? (model?.site ?? null) : null
  }

  /** Whether a link is as it was made; false: it was lost. Throws `conflict` when somebody has changed it. */
  async #isLinked(folder: string, stem: string): Promise<boolean> {
    const path = join(folder, `${stem}.conf`)
    const { target, isTaken } = await linkAt(path)
    if (target === this.#path(stem, 'conf')) return true
    if (isTaken || (target !== null && existsSync(path))) throw changedByHand(path)
    // A link that leads nowhere serves nobody, and where the first one of all is gone, so are the others.
    const first = await linkAt(join(folder, `${FIRST_STEM}.conf`))
    if (target === null && first.target === this.#path(FIRST_STEM, 'conf')) throw changedByHand(path)
    return false
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

  /** A link in the place of a file of ours becomes that file, so that a change of it is seen again. */
  async makePlain(stem: string): Promise<void> {
    for (const ending of ['conf', 'json'] as const) {
      const path = this.#path(stem, ending)
      const target = await linkTarget(path).catch(() => null)
      if (target === null) continue
      const text = await textAt(path)
      await (text === null ? removeAll(path) : writeDurably(path, text))
    }
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

  #textAndLinks(stem: string, { text, seen, anyway }: Pick<Wanted, 'text' | 'seen' | 'anyway'>): Change[] {
    const path = this.#path(stem, 'conf')
    const content = text === null ? null : path
    return [
      { path, kind: 'file', content: text, ...(seen !== undefined && { seen }) },
      ...this.#linksOf(stem).map(
        (link): Change => ({ path: link, kind: 'link', content, ...(anyway && { anyway }) }),
      ),
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

  async #model(stem: string): Promise<Model | null> {
    return readModel(await textAt(this.#path(stem, 'json')))
  }
}

function readModel(text: string | null): Model | null {
  if (text === null) return null
  try {
    return Model.parse(JSON.parse(text))
  } catch {
    return null // written by hand or by a later version: whatever it means, it does not stand
  }
}

/** What may not be looked at is told as nothing. */
export async function linkAt(path: string): Promise<WrittenLink> {
  const found = await lstat(path).catch(() => null)
  const target = found?.isSymbolicLink() ? await readlink(path).catch(() => null) : null
  return { path, target, isTaken: found !== null && !found.isSymbolicLink() }
}

const stemsIn = (names: readonly string[]): string[] =>
  names.flatMap((name) => /^([^.].*)\.(?:conf|json)$/.exec(name)?.[1] ?? [])
