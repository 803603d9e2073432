/** The real program on free ports of loopback, with a data folder of its own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../src/app.ts'
import { assetsBeside } from '../../src/base/platform.ts'
import { apiClient, type Client } from '../../src/contract/client.ts'
import type { Deployment } from '../../src/contract/shapes.ts'
import { UNLIMITED } from '../api/app.ts'
import { type Files, tarOf } from './site.ts'

export interface Running {
  url: string
  /** Where the first account is made; null when there is one. */
  setUpUrl: string | null
  client: Client
  /** Where visitors are answered; 0 where nobody is. */
  ports: { sites: number; tls: number }
  /** Deploys through the API and waits until it is live. */
  deploy(place: { service: string; environment: string }, files: Files, message?: string): Promise<Deployment>
  /** What visitors are answered. */
  visit(place: { service: string; environment: string }, path?: string): Promise<string>
  /** Ends it and starts it anew at the same address, over the same data. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

export interface ServerOptions {
  /** A folder for its data, which is removed with it. */
  data?: string
  /** Whether the builtin gateway speaks TLS as well. */
  hasTls?: boolean
}

export async function startServer({ hasTls = false, ...given }: ServerOptions = {}): Promise<Running> {
  const data = given.data ?? mkdtempSync(join(tmpdir(), 'fairlead-web-data-'))
  execFileSync(process.execPath, [join(root, 'scripts/page.ts')], { cwd: root })
  const hostname = '127.0.0.1'
  const start = (port: number, sitesPort: number, tlsPort: number) =>
    startApp({
      data,
      listen: { hostname, port },
      sitesListen: { hostname, port: sitesPort },
      ...(hasTls && { sitesTlsListen: { hostname, port: tlsPort } }),
      url: null,
      assets: assetsBeside(join(root, 'build'), ['page']),
      diskReserveBytes: 0,
      passwordCost: 4,
      rates: UNLIMITED,
      log: { write: () => undefined },
    })
  let app = await start(0, 0, 0)
  const { url, sitesUrl, sitesTlsUrl, setUpUrl } = app
  const ports = { sites: portOf(sitesUrl), tls: portOf(sitesTlsUrl ?? '') }
  const client = apiClient((path, init) => fetch(new URL(path, url), init))
  return {
    url,
    setUpUrl,
    client,
    ports,
    async deploy(place, files, message) {
      const reply = await client.call('deployments.create', {
        params: place,
        query: { wait: 'true', ...(message !== undefined && { message }) },
        body: new Blob([tarOf(files)]),
        headers: { 'content-type': 'application/x-tar' },
      })
      return reply.value
    },
    async visit({ service, environment }, path = '/') {
      const host = `${environment}.${service}.localhost`
      return (await fetch(new URL(path, sitesUrl), { headers: { host } })).text()
    },
    stop: () => app.stop(),
    async start() {
      app = await start(portOf(url), ports.sites, ports.tls)
    },
    async remove() {
      await app.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

const portOf = (url: string): number => Number(URL.parse(url)?.port ?? 0)
