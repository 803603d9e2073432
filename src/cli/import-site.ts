/** Makes a service of an imported site, and compares what it answers with what NGINX answers until now. */

import { Fault } from '../base/fault.ts'
import { ApiProblem } from '../contract/client.ts'
import type { ImportedSite, ImportUnit } from '../domain/nginx/import/unit.ts'
import type { Run } from './command.ts'
import type { Server } from './server.ts'
import { followOperation } from './things.ts'
import { sendLocalFolder } from './upload.ts'

const ENVIRONMENT = 'production'

/** Twice is once. */
export async function makeService(server: Server, service: string): Promise<void> {
  try {
    await server.client.call('services.create', { json: { name: service } })
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'conflict') throw error
  }
}

/** Answers where the builtin gateway has it. Throws `conflict` when the service holds something else. */
export async function deploySite(
  run: Run,
  server: Server,
  { site, file }: { site: ImportedSite; file: string },
) {
  const { service, root, htmlHandling, notFoundHandling, headersText, redirectsText } = site
  const { context, output } = run
  await makeService(server, service)
  const params = { service, environment: ENVIRONMENT }
  const { value: found } = await server.client.call('environments.show', { params })
  const message = `Imported from ${file}`
  const live =
    found.live === null
      ? null
      : await server.client.call('deployments.show', { params: { id: found.live.id } })
  if (live !== null && live.value.message !== message)
    throw new Fault(
      'conflict',
      `The service ${service} is there already, and was not imported from ${file}.`,
      {
        hint: 'Rename it, then try again: fairlead service rename',
      },
    )
  await server.client.call('environments.update', { params, json: { htmlHandling, notFoundHandling } })
  const extra = new Map<string, string>()
  if (headersText !== null) extra.set('_headers', headersText)
  if (redirectsText !== null) extra.set('_redirects', redirectsText)
  const bundle = await sendLocalFolder({ context, output, server, path: root, extra }, service)
  if (live?.value.bundle !== bundle) {
    const headers = { 'idempotency-key': context.randomId() }
    const call = { params, json: { bundle, message }, headers }
    const { value } = await server.patiently(() => server.client.call('deployments.create', call))
    const ended = await followOperation(run, server, value.id)
    if (ended.status !== 'succeeded')
      throw new Fault('conflict', `The deployment of ${service} ${ended.status}.`, {
        hint: `Look at it with "fairlead logs ${value.id}". NGINX serves the site as before.`,
      })
  }
  return found.url
}

interface Places {
  unit: ImportUnit
  /** Where the builtin gateway has each service. */
  builtin: ReadonlyMap<string, string>
  listen: { http: Place; https: Place }
}

export interface Place {
  address: string | null
  port: number
}

const SAMPLE = 48

/** What visitors would be answered otherwise, over the site's own redirects. */
export async function differences({ context }: Run, { unit, builtin, listen }: Places): Promise<string[]> {
  const found: string[] = []
  for (const { service, root, notFoundHandling } of unit.sites) {
    const name = unit.names.find((one) => one.kind === 'site' && one.service === service)
    const base = new URL(builtin.get(service) ?? '')
    if (!name || name.hostname.startsWith('*.')) continue
    const scheme = name.https === null ? 'http' : 'https'
    const { address, port } = listen[scheme]
    const before = { scheme, address: reachable(address), port, hostname: name.hostname } as const
    const after = {
      scheme: 'http',
      address: '127.0.0.1',
      port: Number(base.port),
      hostname: base.hostname,
    } as const
    const missing = notFoundHandling === 'single-page-application' ? '/none-such' : '/none-such.txt'
    const files = context.files.walk(root, (below) => below.startsWith('.'))
    for (const path of [missing, ...paths(files)]) {
      const [one, other] = [await settled(context, before, path), await settled(context, after, path)]
      if (one !== other) found.push(`${name.hostname}${path}: ${one} now, and ${other} then`)
    }
  }
  return found
}

const reachable = (address: string | null): string =>
  address === null || address === '0.0.0.0' ? '127.0.0.1' : address

/** Pages first. */
function* paths(files: Iterable<{ path: string }>): Generator<string> {
  const all: string[] = []
  for (const { path } of files) if (!/(^|\/)([._]|404\.html$)/.test(path)) all.push(path)
  const pages = all
    .filter((path) => path.endsWith('index.html'))
    .map((path) => path.slice(0, -'index.html'.length))
  const others = all.filter((path) => !path.endsWith('index.html'))
  const step = Math.max(1, Math.floor(others.length / SAMPLE))
  for (const path of [
    ...pages.slice(0, SAMPLE),
    ...others.filter((_, at) => at % step === 0).slice(0, SAMPLE),
  ])
    yield `/${path.split('/').map(encodeURIComponent).join('/')}`
}

type Asking = Omit<Parameters<Run['context']['offline']['nginxImport']['ask']>[0], 'path'>

/** What there is in the end, as text that is equal when it is. */
async function settled(context: Run['context'], where: Asking, path: string): Promise<string> {
  let [asked, hops] = [path, 0]
  for (;;) {
    const { status, location, sha256 } = await context.offline.nginxImport.ask({ ...where, path: asked })
    if (location === null || status < 300 || status >= 400)
      return status === 200 ? `200 with ${sha256.slice(0, 12)}` : `${status}`
    const to = URL.parse(location, `${where.scheme}://${where.hostname}`)
    if (to?.hostname !== where.hostname || ++hops > HOPS) return `${status} to ${location}`
    asked = `${to.pathname}${to.search}`
  }
}

const HOPS = 3
