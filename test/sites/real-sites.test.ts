/** Real built sites go the whole way: zipped, uploaded, and every file compared over HTTP with its source. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type App, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import { apiClient, type Client } from '../../src/contract/client.ts'
import { filesOf, type RealSite, realSites, zip } from './real-sites.ts'

const INSTALL_MS = 10 * 60_000
const SITE_MS = 4 * 60_000
const AT_ONCE = 24

const folder = mkdtempSync(join(tmpdir(), 'fairlead-sites-'))
const loopback = { hostname: '127.0.0.1', port: 0 }
const sites = new Map<string, RealSite>()
let app: App
let api: Client

beforeAll(async () => {
  for (const site of realSites()) sites.set(site.name, site)
  app = await startApp({
    data: join(folder, 'data'),
    listen: loopback,
    sitesListen: loopback,
    url: null,
    assets: new Map(),
    diskReserveBytes: 0,
    log: silentLog,
  })
  api = apiClient((path, init) => fetch(`${app.url}${path}`, init))
}, INSTALL_MS)

afterAll(async () => {
  await app?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The address under which a file answers with 200: pages go without `.html` and `index.html`. */
function addressOf(path: string): string {
  const page = path.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')
  return `/${page.split('/').map(encodeURIComponent).join('/')}`
}

async function ask(service: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const host = `production.${service}.localhost`
  const { port } = new URL(app.sitesUrl)
  return await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { host: `${host}:${port}`, 'accept-encoding': 'identity', ...headers },
    redirect: 'manual',
    decompress: false,
  })
}

/** What of these files is not answered byte for byte, and how many came as gzip when asked for. */
async function compare({ name, folder: source }: RealSite): Promise<{ wrong: string[]; zipped: number }> {
  const waiting = filesOf(source).filter((path) => !/(^|\/)\./.test(path))
  const wrong: string[] = []
  let zipped = 0
  const worker = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const expected = readFileSync(join(source, path))
      const plain = await ask(name, addressOf(path))
      if (plain.status !== 200 || !expected.equals(Buffer.from(await plain.arrayBuffer())))
        wrong.push(`${path}: ${plain.status}`)
      const packed = await ask(name, addressOf(path), { 'accept-encoding': 'gzip' })
      const body = Buffer.from(await packed.arrayBuffer())
      const isZipped = packed.headers.get('content-encoding') === 'gzip'
      if (isZipped) zipped++
      if (!expected.equals(isZipped ? gunzipSync(body) : body)) wrong.push(`${path}: gzip`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { wrong, zipped }
}

async function deploy(name: string): Promise<RealSite> {
  const site = sites.get(name)
  if (!site) throw new Error(`There is no real site ${name}.`)
  const archive = join(folder, `${name}.zip`)
  zip(site.folder, archive)
  await api.call('services.create', { json: { name, kind: 'static' } })
  const { value, status } = await api.call('deployments.create', {
    params: { service: name, environment: 'production' },
    query: { wait: 'true' },
    body: Bun.file(archive),
    headers: { 'content-type': 'application/zip' },
  })
  rmSync(archive)
  expect([status, value.status, value.live]).toEqual([201, 'succeeded', true])
  return site
}

/** How many files of each site are worth a `.gz` sibling: about all of the text, none of the small icons. */
const LEAST_ZIPPED = { 'swagger-ui': 10, 'monaco-editor': 80, 'svg-icons': 50, app: 2, guide: 15 }

describe('a real site answers every byte of its source', () => {
  for (const [name, leastZipped] of Object.entries(LEAST_ZIPPED))
    test(
      name,
      async () => {
        const site = await deploy(name)
        const { wrong, zipped } = await compare(site)
        expect(wrong).toEqual([])
        expect(zipped).toBeGreaterThanOrEqual(leastZipped)
      },
      SITE_MS,
    )
})

test('svg-icons is as large as the issue says', () => {
  expect(filesOf(sites.get('svg-icons')?.folder ?? '').length).toBeGreaterThan(21_000)
})

test('history routes of the Vite app answer its index, missing assets do not', async () => {
  const params = { service: 'app', environment: 'production' }
  const index = readFileSync(join(sites.get('app')?.folder ?? '', 'index.html'), 'utf8')
  expect((await ask('app', '/boats/7')).status).toBe(404)
  await api.call('environments.update', { params, json: { notFoundHandling: 'single-page-application' } })
  const route = await ask('app', '/boats/7', { accept: 'text/html', 'sec-fetch-mode': 'navigate' })
  expect([route.status, await route.text()]).toEqual([200, index])
  expect((await ask('app', '/assets/gone-B2c3D4e5.js')).status).toBe(404)
})

test('hashed assets are immutable, pages are asked again', async () => {
  const assets = filesOf(sites.get('app')?.folder ?? '').filter((path) => path.startsWith('assets/'))
  expect(assets.length).toBeGreaterThan(3)
  for (const path of assets)
    expect((await ask('app', `/${path}`)).headers.get('cache-control')).toContain('immutable')
  expect((await ask('app', '/')).headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
})

test('a page of the guide has one address: the others lead to it', async () => {
  const moved = await ask('guide', '/chapters/knots.html')
  expect([moved.status, moved.headers.get('location')]).toEqual([307, '/chapters/knots'])
})
