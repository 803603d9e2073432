import { mkdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, errnoOf } from '../../base/fault.ts'
import { HttpClient } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { type Server, serve } from '../../base/platform.ts'
import type { TreeKey } from '../../domain/bundle.ts'
import type { HostSite } from '../../domain/host-site.ts'
import { fingerprinted } from '../../domain/serving/cache.ts'
import { NEUTRAL_HEADERS, NOTHING_YET } from '../../domain/serving/neutral.ts'
import { type Decision, resolve, type SiteRequest } from '../../domain/serving/resolve.ts'
import { rulesDigest } from '../../domain/serving/rules.ts'
import type { Gateway, LinkName, Probe, Site } from '../../ports/gateway.ts'
import type { Hosts } from '../../ports/hosts.ts'
import { answerOf, neutralAnswer } from './answer.ts'
import { builtinHosts } from './builtin-hosts.ts'
import { HostSpecs } from './host-specs.ts'
import { SiteFiles } from './site-files.ts'
import { SiteSpecs } from './site-specs.ts'

export interface BuiltinGatewayOptions {
  /** The data folder; `sites`, `trees` and `grace` in it are read, `builtin` is written. */
  data: string
  listen: { hostname: string; port: number }
  /** Whose site a host name (lower case, without port) below `localhost` is; null: nobody's. Others are those of `hosts`. */
  siteOf(hostname: string): { environmentId: string } | null
  log: Log
}

export interface BuiltinGateway {
  gateway: Gateway
  /** For URLs, if they use this gateway. */
  hosts: Hosts
  probe: Probe
  /** Listens from now on; port 0 takes any free one. Throws the system's error when the address can't be had. */
  start(): { port: number }
  /** Ends open answers when `now`, else waits for them. */
  stop(now: boolean): Promise<void>
}

/** The gateway that always runs: serves live trees by their links, through the rules of each site. */
export function builtinGateway(options: BuiltinGatewayOptions): BuiltinGateway {
  const specs = new SiteSpecs(options.data)
  const hostSpecs = new HostSpecs(options.data)
  const client = new HttpClient()
  let server: Server | null = null
  const port = () => server?.port ?? options.listen.port
  const visitors = new Visitors({ ...options, specs, hostSpecs, port })
  const probe = probeBy(client, options.listen.hostname, port)
  return {
    gateway: specs,
    hosts: builtinHosts({ specs: hostSpecs, probe, hostname: options.listen.hostname, port }),
    probe,
    start() {
      server = listen(options, visitors)
      return { port: server.port }
    },
    async stop(now) {
      client.close()
      await server?.stop(now)
    },
  }
}

function probeBy(client: HttpClient, listening: string, port: () => number): Probe {
  const host = (hostname: string) => withPort(hostname, port())
  return {
    url: (hostname) => `http://${host(hostname)}/`,
    ask: ({ hostname, path, signal }) =>
      client.request({
        protocol: 'http:',
        dial: { address: reachable(listening), port: port() },
        host: host(hostname),
        path,
        deadlineMs: LIMITS.verify.answerMs,
        maxBodyBytes: LIMITS.verify.fileBytes,
        keptBodyBytes: LIMITS.verify.keptBytes,
        signal,
      }),
  }
}

const withPort = (hostname: string, port: number): string => (port === 80 ? hostname : `${hostname}:${port}`)

function listen({ listen: { hostname, port }, log }: BuiltinGatewayOptions, visitors: Visitors): Server {
  return serve({
    hostname,
    port,
    maxBodyBytes: LIMITS.gateway.requestBodyBytes,
    idleSeconds: LIMITS.gateway.idleSeconds,
    fetch: (request) => visitors.answer(request),
    onError(error) {
      const fault = asFault(error)
      log.write('error', 'A visitor could not be answered.', { error })
      return neutralAnswer(fault.code === 'internal' ? 500 : 503)
    },
  })
}

/** An address of this machine to reach a server that listens on all of them. */
const reachable = (hostname: string): string =>
  hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '::' ? '::1' : hostname

const TREE_TARGET = /^\.\.\/trees\/([0-9a-f]{64}-\d+)$/
const MARKER_PATH = '/.well-known/fairlead'
/** Certificates are asked for below it (THREATS N27). */
const ACME_FOLDER = '/.well-known/acme-challenge/'
/** Tries when the link is switched and the old tree retired while a request looks at it. */
const SWITCHES = 3

interface VisitorsOptions extends BuiltinGatewayOptions {
  specs: SiteSpecs
  hostSpecs: HostSpecs
  port(): number
}

class Visitors {
  readonly #options: VisitorsOptions
  /** Without symlinks on the way, as the kernel names open files. */
  readonly #trees: string
  readonly #grace: string

  constructor(options: VisitorsOptions) {
    this.#options = options
    this.#trees = realFolder(join(options.data, 'trees'))
    this.#grace = realFolder(join(options.data, 'grace'))
  }

  /** Synchronous on purpose: see `openFileBody`. */
  answer(request: Request): Response {
    const hostname = hostnameOf(request.headers.get('host'))
    if (hostname === null) return neutralAnswer(400)
    const answering = this.#answering(hostname)
    const asked = siteRequest(request)
    if (answering?.kind === 'redirect') return redirected(answering, asked, this.#options.port())
    if (answering?.kind !== 'site') return neutralAnswer(404)
    const { site } = answering
    if (asked.path === MARKER_PATH && (asked.method === 'GET' || asked.method === 'HEAD'))
      return this.#marker(site)
    if (site === null) return neutralAnswer(404, NOTHING_YET)
    return this.#fromTree(site, asked, request)
  }

  #answering(hostname: string): HostSite | null {
    const { specs, hostSpecs } = this.#options
    const owner = this.#options.siteOf(hostname)
    if (owner === null) return hostSpecs.answering(hostname)
    const { environmentId } = owner
    return { kind: 'site', environmentId, site: specs.get(environmentId) }
  }

  #fromTree(site: Site, asked: SiteRequest, request: Request): Response {
    let tree = this.#liveTree(site.link)
    for (let switches = 0; tree !== null; switches++) {
      const files = this.#filesOf(site, tree)
      try {
        const decision = resolve(site.rules, asked, (name) => files.has(name))
        const before: TreeKey = tree
        if (isMiss(decision)) tree = this.#liveTree(site.link)
        if (tree === before || switches === SWITCHES) return answerOf(decision, request, files)
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

/** The same path and query at another host. */
function redirected(
  { to, status }: Extract<HostSite, { kind: 'redirect' }>,
  { path, query }: SiteRequest,
  ownPort: number,
): Response {
  if (path.startsWith(ACME_FOLDER)) return neutralAnswer(404)
  const scheme = to.scheme ?? 'http'
  const usual = { http: 80, https: 443 }[scheme]
  const port = to.port ?? (scheme === 'http' ? ownPort : usual)
  const location = `${scheme}://${to.hostname}${port === usual ? '' : `:${port}`}${path}${query}`
  return new Response(null, { status, headers: [...NEUTRAL_HEADERS, ['location', location]] })
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

function siteRequest(request: Request): SiteRequest {
  const url = request.url.replace(/#.*$/s, '')
  const path = url.indexOf('/', url.indexOf('://') + 3)
  const query = url.indexOf('?')
  const end = query === -1 ? url.length : query
  return {
    method: request.method,
    path: path === -1 ? '' : url.slice(path, end),
    query: url.length > end + 1 ? url.slice(end) : '',
    accept: request.headers.get('accept'),
    secFetchMode: request.headers.get('sec-fetch-mode'),
  }
}
