/** Looks at our files and links again and again, and reads only what changed since. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { nextTurn } from '../../base/clock.ts'
import { errnoOf } from '../../base/fault.ts'
import { inParallel } from '../../base/parallel.ts'
import { sha256Hex } from '../../base/secrets.ts'
import { fileStem, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { type DiffLine, lineDiff } from '../../domain/line-diff.ts'
import type { AskedDrift, EditedTexts, HostDrift } from '../../ports/hosts.ts'
import { stampOf, Verdicts } from '../gateway/file-stamp.ts'
import { jsonDiff } from '../gateway/host-watch.ts'
import { FILES_AT_ONCE } from './changes.ts'
import { FIRST_STEM } from './site-folder.ts'

const Model = z.object({
  hostname: z.string().optional(),
  site: z.looseObject({ extra: z.string().optional() }).optional(),
  textSha256: z.string(),
})
type Model = z.infer<typeof Model>

export interface WatchOptions {
  /** DATA/nginx. */
  folder: string
  linkFolders: readonly string[]
  /** What was written for a host name, or (null) for all of them; null: nobody can tell any more. */
  written: (hostname: Hostname | null) => Promise<string | null>
  /** The same of an edited site, without directives of the operator's own. */
  plain: (hostname: Hostname) => Promise<string | null>
  /** What a site comes to here. */
  textOf: (hostname: Hostname, site: HostSite) => string
}

/** How many are looked at until others have their turn. */
const AT_ONCE = 200

export class SiteWatch {
  readonly #options: WatchOptions
  readonly #verdicts = new Verdicts<HostDrift>()

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** What is not as it was written, of host names that have a site and of whatever else of ours there is. */
  async look(asked: AskedDrift, signal: AbortSignal): Promise<HostDrift[]> {
    const expected = new Map(asked.hostnames.map((hostname) => [fileStem(hostname), hostname]))
    const strays = (await this.#stems()).filter((stem) => !expected.has(stem) && stem !== FIRST_STEM)
    const stamped: [stem: string, stamp: string][] = []
    for (const [index, stem] of [FIRST_STEM, ...expected.keys()].entries()) {
      if (index % AT_ONCE === 0) await nextTurn()
      stamped.push([stem, this.#stamp(stem)])
    }
    signal.throwIfAborted()
    const found = await inParallel(stamped, FILES_AT_ONCE, async ([stem, stamp]) => {
      const standing = this.#verdicts.standing(stem, stamp)
      if (standing !== null) return standing
      const drifts = await this.#judge(stem, expected.get(stem) ?? null, asked)
      this.#verdicts.note(stem, stamp, drifts)
      return drifts
    })
    this.#verdicts.turn()
    return [...found.flat(), ...(await this.#strays(strays))]
  }

  async #judge(stem: string, hostname: Hostname | null, asked: AskedDrift): Promise<HostDrift[]> {
    const [path, modelPath] = [this.#path(stem, 'conf'), this.#path(stem, 'json')]
    const [text, modelText] = await Promise.all([contentOf(path), contentOf(modelPath)])
    // Before anything was put, and as long as an earlier version has written it: nobody noted what.
    if (hostname === null && modelText === null) return []
    const links = await this.#links(stem, hostname, text)
    // What somebody has put in their place is his, whatever else is gone.
    const taken = links.filter(({ sha256 }) => sha256 !== undefined)
    if (text === null) return [missing(hostname, path), ...taken]
    const model = modelText === null ? null : modelOf(modelText)
    if (model === null) return [await this.#withoutModel(stem, { hostname, text, asked }), ...taken]
    const drifts = links
    if (typeof text !== 'string')
      drifts.push({ kind: 'site-text', hostname, path, diff: [{ sign: '+', text: text.problem }] })
    else if (sha256Hex(text) !== model.textSha256) {
      const wrote = await this.#options.written(hostname)
      const texts = hostname === null || wrote === null ? null : { wrote, stands: text }
      const kept = texts && (await this.#kept(hostname, model))
      const diff = lineDiff(wrote ?? '', text)
      drifts.push({
        kind: 'site-text',
        hostname,
        path,
        diff,
        sha256: sha256Hex(text),
        ...(texts && { texts: { ...texts, kept } }),
      })
    }
    const diff = hostname === null ? [] : modelDiff(await asked.wanted(hostname), model)
    if (diff.length > 0) drifts.push({ kind: 'site-text', hostname, path: modelPath, diff })
    return drifts
  }

  async #kept(hostname: Hostname | null, { site }: Model): Promise<EditedTexts['kept']> {
    const extra = site?.extra
    const plain = hostname === null || extra === undefined ? null : await this.#options.plain(hostname)
    return extra === undefined || plain === null ? null : { extra, plain }
  }

  /** Nobody can tell any more whether the text was edited: what would stand in its place is shown. */
  async #withoutModel(
    stem: string,
    { hostname, text, asked }: { hostname: Hostname | null; text: Content; asked: AskedDrift },
  ): Promise<HostDrift> {
    const gone = missing(hostname, this.#path(stem, 'json'))
    const site = hostname === null ? null : await asked.wanted(hostname)
    if (hostname === null || site === null || typeof text !== 'string') return gone
    const diff = lineDiff(this.#options.textOf(hostname, site), text)
    return { ...gone, diff: [...gone.diff, ...diff], sha256: sha256Hex(text) }
  }

  async #links(stem: string, hostname: Hostname | null, text: Content | null): Promise<HostDrift[]> {
    const target = this.#path(stem, 'conf')
    const drifts: HostDrift[] = []
    for (const folder of this.#options.linkFolders) {
      const path = join(folder, `${stem}.conf`)
      const found = await whatStandsAt(path)
      if (found === `→ ${target}`) continue
      const diff: DiffLine[] = [{ sign: '-', text: `${path} → ${target}` }]
      if (found !== null) diff.push({ sign: '+', text: `${path} ${found}` })
      // An editor that writes a file anew makes one of a link: what it holds is somebody's work.
      const own = found === null || found.startsWith('→') ? null : await contentOf(path)
      const isText = typeof own === 'string'
      if (isText) diff.push(...lineDiff(typeof text === 'string' ? text : '', own))
      drifts.push({ kind: 'site-link', hostname, path, diff, ...(isText && { sha256: sha256Hex(own) }) })
    }
    return drifts
  }

  async #strays(stems: readonly string[]): Promise<HostDrift[]> {
    return await inParallel(stems, FILES_AT_ONCE, async (stem): Promise<HostDrift> => {
      const [path, modelPath] = [this.#path(stem, 'conf'), this.#path(stem, 'json')]
      const [text, model] = await Promise.all([contentOf(path), contentOf(modelPath)])
      const hostname = hostnameOfStem(stem) ?? (model === null ? null : modelOf(model)?.hostname) ?? null
      const diff: DiffLine[] = [{ sign: '+', text: path }]
      if (typeof text !== 'string') return { kind: 'site-stray', hostname, path, diff }
      return {
        kind: 'site-stray',
        hostname,
        path,
        diff: [...diff, ...lineDiff('', text)],
        sha256: sha256Hex(text),
      }
    })
  }

  /** Stems of files in the folder, and of links that lead to where one was and is no more. */
  async #stems(): Promise<string[]> {
    const { folder, linkFolders } = this.#options
    const own = await namesIn(folder)
    const there = new Set(own)
    const dangling = await Promise.all(
      linkFolders.map(async (links) => {
        const others = (await namesIn(links)).filter((name) => name.endsWith('.conf') && !there.has(name))
        const found = await inParallel(others, FILES_AT_ONCE, (name) => whatStandsAt(join(links, name)))
        return others.filter((name, index) => found[index] === `→ ${join(folder, name)}`)
      }),
    )
    return [...new Set([...own, ...dangling.flat()].flatMap(stemOf))].toSorted()
  }

  /** Of all that says whether a site stands. */
  #stamp(stem: string): string {
    const paths = [this.#path(stem, 'conf'), this.#path(stem, 'json')]
    const links = this.#options.linkFolders.map((folder) => join(folder, `${stem}.conf`))
    return [...paths, ...links].map(stampOf).join(' · ')
  }

  #path(stem: string, ending: 'conf' | 'json'): string {
    return join(this.#options.folder, `${stem}.${ending}`)
  }
}

const missing = (hostname: Hostname | null, path: string): HostDrift => ({
  kind: 'site-missing',
  hostname,
  path,
  diff: [{ sign: '-', text: path }],
})

/** The model is what is put back after a failure, so that it has to say what the database says. */
const modelDiff = (wanted: unknown, { site }: Model): DiffLine[] => jsonDiff(wanted, JSON.stringify(site))

function modelOf(text: Content): Model | null {
  if (typeof text !== 'string') return null
  try {
    return Model.parse(JSON.parse(text))
  } catch {
    return null // written by hand: whatever it means, it does not stand
  }
}

type Content = string | { problem: string }

/** Null: nothing stands there. A link in the place of a file is no file: nobody sees when what it leads to changes. */
async function contentOf(path: string): Promise<Content | null> {
  const found = await whatStandsAt(path)
  if (found?.startsWith('→')) return { problem: `${path} ${found}` }
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const errno = errnoOf(error) ?? String(error)
    return errno === 'ENOENT' ? null : { problem: `${path} can't be read (${errno})` }
  }
}

/** Where a link leads, or what else it is; null: nothing. */
async function whatStandsAt(path: string): Promise<string | null> {
  try {
    return `→ ${await readlink(path)}`
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null
    if (errno === 'EINVAL') return 'is a file and no link'
    throw error
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  })

const stemOf = (name: string): string[] => /^([^.].*)\.(?:conf|json)$/.exec(name)?.slice(1) ?? []
