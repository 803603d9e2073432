import { closeSync, mkdirSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, errnoOf } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import type { TreeKey } from '../../domain/bundle.ts'
import { CHALLENGE_TOKEN, challengesFolder, fileStem } from '../../domain/host-files.ts'
import type { HostSite } from '../../domain/host-site.ts'
import { fingerprinted, REVALIDATE } from '../../domain/serving/cache.ts'
import { hstsText } from '../../domain/serving/hsts.ts'
import { NEUTRAL_HEADERS, NOTHING_YET } from '../../domain/serving/neutral.ts'
import { readPath } from '../../domain/serving/path.ts'
import { type Decision, resolve, type SiteRequest } from '../../domain/serving/resolve.ts'
import { rulesDigest } from '../../domain/serving/rules.ts'
import type { LinkName, Site } from '../../ports/gateway.ts'
import { answerOf, neutralAnswer } from './answer.ts'
import type { HostSpecs } from './host-specs.ts'
import { type OpenFile, openInside, SiteFiles } from './site-files.ts'
import type { SiteSpecs } from './site-specs.ts'

const TREE_TARGET = /^\.\.\/trees\/([0-9a-f]{64}-\d+)$/
const MARKER_PATH = '/.well-known/fairlead'
/** Certificates are asked for below it (THREATS N27). */
const ACME_FOLDER = '/.well-known/acme-challenge/'
/** Tries when the link is switched and the old tree retired while a request looks at it. */
const SWITCHES = 3

/** The ports that visitors come by; https null: HTTPS is not spoken. */
export interface Ports {
  http: number
  https: number | null
}

/** How a visitor came; over HTTPS he has said a name before he asked. */
export type Way = { scheme: 'http' } | { scheme: 'https'; name: string | null }

export interface VisitorsOptions {
  data: string
  siteOf(hostname: string): { environmentId: string } | null
  log: Log
  specs: SiteSpecs
  hostSpecs: HostSpecs
  ports(): Ports
}

interface Asked extends SiteRequest {
  /** Path and query, also an empty one. */
  target: string
  hostname: string
  way: Way
  request: Request
}

export class Visitors {
  readonly #options: VisitorsOptions
  /** Without symlinks on the way, as the kernel names open files. */
  readonly #trees: string
  readonly #grace: string
  readonly #challenges: string

  constructor(options: VisitorsOptions) {
    this.#options = options
    this.#trees = realFolder(join(options.data, 'trees'))
    this.#grace = realFolder(join(options.data, 'grace'))
    this.#challenges = realFolder(challengesFolder(options.data))
  }

  /** Synchronous on purpose: see `openFileBody`. */
  answer(request: Request, way: Way): Response {
    const hostname = hostnameOf(request.headers.get('host'))
    if (hostname === null) return neutralAnswer(400)
    // One connection is for one name, whatever its certificate is good for (RFC 9110 §7.4, THREATS N12).
    if (way.scheme === 'https' && way.name !== hostname) return neutralAnswer(421)
    const answering = this.#guarded(() => this.#answering(hostname))
    if (answering instanceof Response) return answering
    if (way.scheme === 'https' && answering?.tls === undefined) return neutralAnswer(421)
    if (answering === null) return neutralAnswer(404)
    const asked: Asked = { ...siteRequest(request), hostname, way, request }
    const answer = this.#guarded(() => this.#answer(answering, asked))
    withHsts(answer.headers, answering, way)
    return answer
  }

  /** What could not be answered, in the log and to the visitor. */
  failed(error: unknown): Response {
    this.#options.log.write('error', 'A visitor could not be answered.', { error })
    return neutralAnswer(asFault(error).code === 'internal' ? 500 : 503)
  }

  #answer(answering: HostSite, asked: Asked): Response {
    const read = readPath(asked.path)
    if ('path' in read && read.path.startsWith(ACME_FOLDER))
      return this.#challenge(answering, asked, read.path.slice(ACME_FOLDER.length))
    // Nobody is led anywhere by a path that can't be read.
    if ('status' in read && read.status === 400) return neutralAnswer(400)
    return this.#toHttps(answering, asked) ?? this.#answerAs(answering, asked)
  }

  #guarded<T>(work: () => T): T | Response {
    try {
      return work()
    } catch (error) {
      return this.failed(error)
    }
  }

  #answering(hostname: string): HostSite | null {
    const { specs, hostSpecs } = this.#options
    const owner = this.#options.siteOf(hostname)
    if (owner === null) return hostSpecs.answering(hostname)
    const { environmentId } = owner
    return { kind: 'site', environmentId, site: specs.get(environmentId) }
  }

  /** The whole folder is the platform's. A name below a wildcard has none of its own. */
  #challenge(answering: HostSite, asked: Asked, token: string): Response {
    const { hostname, method } = asked
    const isOwn = CHALLENGE_TOKEN.test(token) && this.#options.hostSpecs.has(hostname)
    const file = isOwn ? openInside(this.#challenges, `${fileStem(hostname)}/${token}`) : null
    const text = file && wholeOf(file)
    if (text === null)
      return isThere(answering) && this.#toHttps(answering, asked) === null
        ? missingPage()
        : neutralAnswer(404)
    if (method !== 'GET' && method !== 'HEAD') return neutralAnswer(405)
    const headers = new Headers([...NEUTRAL_HEADERS, ['content-type', 'application/octet-stream']])
    if (method === 'HEAD') headers.set('content-length', String(text.length))
    return new Response(method === 'HEAD' ? null : text, { headers })
  }

  #toHttps({ tls }: HostSite, { hostname, way, target }: Asked): Response | null {
    const { https } = this.#options.ports()
    if (way.scheme === 'https' || tls?.redirect !== true || https === null) return null
    return redirect(308, `https://${withPort(hostname, https, 443)}${target}`)
  }

  #answerAs(answering: HostSite, asked: Asked): Response {
    if (answering.kind === 'redirect') return this.#elsewhere(answering, asked)
    if (answering.kind !== 'site') return neutralAnswer(404)
    const { site } = answering
    if (asked.path === MARKER_PATH && (asked.method === 'GET' || asked.method === 'HEAD'))
      return this.#marker(site)
    if (site === null) return neutralAnswer(404, NOTHING_YET)
    return this.#fromTree(site, asked)
  }

  /** The same path and query at another host. */
  #elsewhere({ to, status }: Extract<HostSite, { kind: 'redirect' }>, { way, target }: Asked): Response {
    const scheme = to.scheme ?? way.scheme
    const usual = { http: 80, https: 443 }[scheme]
    const port = to.port ?? this.#options.ports()[scheme] ?? usual
    return redirect(status, `${scheme}://${withPort(to.hostname, port, usual)}${target}`)
  }

  #fromTree(site: Site, asked: Asked): Response {
    let tree = this.#liveTree(site.link)
    for (let switches = 0; tree !== null; switches++) {
      const files = this.#filesOf(site, tree)
      try {
        const decision = resolve(site.rules, asked, (name) => files.has(name))
        const before: TreeKey = tree
        if (isMiss(decision)) tree = this.#liveTree(site.link)
        if (tree === before || switches === SWITCHES) return answerOf(decision, asked.request, files)
      } finally {
        files.close()
      }
    }
    return neutralAnswer(404, NOTHING_YET)
  }

  #filesOf(site: Site, tree: TreeKey): SiteFiles {
    const roots = [`${this.#trees}/${tree}`]
    if (site.graceFolder !== null) roots.push(`${this.#grace}/${site.graceFolder}`)
    // A page of an earlier tree is no asset of one, whatever its name.
    const isAsset = (name: string) => !name.endsWith('.html')
    const { buildFolders } = site.rules.settings
    return new SiteFiles(roots, (name) => isAsset(name) && fingerprinted(name, buildFolders))
  }

  #liveTree(link: LinkName): TreeKey | null {
    try {
      return TREE_TARGET.exec(readlinkSync(join(this.#options.data, 'sites', link)))?.[1] ?? null
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'EINVAL') return null
      throw error
    }
  }

  /** Which tree and rules answer; asked for by the verification of a deployment. */
  #marker(site: Site | null): Response {
    const seen = {
      tree: site && this.#liveTree(site.link),
      rules: site && rulesDigest(site.rules),
    }
    return new Response(JSON.stringify(seen), {
      headers: [...NEUTRAL_HEADERS, ['content-type', 'application/json']],
    })
  }
}

/** Of the host name, whatever its site says: over HTTPS, and never without it (RFC 6797 §7.2). */
function withHsts(headers: Headers, { tls }: HostSite, way: Way): void {
  if (!tls?.hsts) return
  if (way.scheme === 'https') headers.set('strict-transport-security', hstsText(tls.hsts))
  else headers.delete('strict-transport-security')
}

export const withPort = (hostname: string, port: number, usual: number): string =>
  port === usual ? hostname : `${hostname}:${port}`

const redirect = (status: number, location: string): Response =>
  new Response(null, { status, headers: [...NEUTRAL_HEADERS, ['location', location]] })

const isThere = (answering: HostSite): boolean => answering.kind === 'site' && answering.site !== null

/** As a site says that it lacks something. */
const missingPage = (): Response => {
  const answer = neutralAnswer(404)
  answer.headers.set('cache-control', REVALIDATE)
  return answer
}

/** Null: more than a CA would ask for. */
function wholeOf({ descriptor, size }: OpenFile): Buffer<ArrayBuffer> | null {
  try {
    if (size > LIMITS.gateway.challengeBytes) return null
    const bytes = Buffer.alloc(size)
    return bytes.subarray(0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

function realFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 })
  return realpathSync(path)
}

const isMiss = (decision: Decision): boolean => decision.kind !== 'redirect' && decision.status === 404

/** Null for a Host that is absent, twice there (Bun joins them by a comma) or no host name at all. */
function hostnameOf(host: string | null): string | null {
  const read = /^([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i.exec(host ?? '')
  return read?.[1]?.toLowerCase().replace(/\.$/, '') ?? null
}

function siteRequest(request: Request): SiteRequest & { target: string } {
  const url = request.url.replace(/#.*$/s, '')
  const path = url.indexOf('/', url.indexOf('://') + 3)
  const query = url.indexOf('?')
  const end = query === -1 ? url.length : query
  return {
    method: request.method,
    target: path === -1 ? '' : url.slice(path),
    path: path === -1 ? '' : url.slice(path, end),
    query: url.length > end + 1 ? url.slice(end) : '',
    accept: request.headers.get('accept'),
    secFetchMode: request.headers.get('sec-fetch-mode'),
  }
}
