import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { assetsBeside } from '../../src/base/platform.ts'
import { viewOf } from '../../src/web/router.tsx'
import { startTestApp, type TestApp } from './app.ts'
import { isWhole, raw } from './listening.ts'

const SCRIPT = 'console.log("page")\n'.repeat(200)
const FILES: Record<string, string> = {
  'page/index.html': '<!doctype html><title>Fairlead</title>',
  'page/assets/index-AbCd1234.js': SCRIPT,
  'page/favicon.svg': '<svg/>',
  'docs/swagger-ui-bundle.js': 'window.SwaggerUIBundle = 1',
  'docs/swagger-ui.css': 'a{}',
  'docs/docs.css': 'a{}',
  'secret.txt': 'not for the page',
}
let folder: string
let app: TestApp
let bare: TestApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-page-'))
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  app = await startTestApp(assetsBeside(folder))
  bare = await startTestApp()
})
afterAll(async () => {
  await app.stop()
  await bare.stop()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(app.url + path, { headers: { 'accept-encoding': 'identity', ...headers }, method })

describe('the page', () => {
  for (const path of [
    '/',
    '/services',
    '/services/web',
    '/services/web/production',
    '/deployments/k3v9q0m2x7c5n1p8r4t6',
    '/users',
    '/users/k3v9q0m2x7c5n1p8r4t6',
    '/roles',
    '/identity-providers',
    '/audit',
    '/settings',
    '/profile',
    '/setup',
    '/invitation',
    '/password-reset',
  ])
    test(`${path} is the page`, async () => {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(viewOf(path).name).not.toBe('unknown')
      expect(await answer.text()).toBe(FILES['page/index.html'] ?? '')
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-cache')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
    })

  for (const path of [
    '/index.html',
    '/services/',
    '/services/a/b/c',
    '/services/../secret.txt',
    '/..%2fsecret.txt',
    '/page/index.html',
    '/assets/',
    '/assets/none.js',
    '/secret.txt',
    '/docs/none',
    '/docs/../page/index.html',
    '/Services',
    '/deployments',
    '/services/%3Cscript%3E',
  ])
    test(`R19 ${path} is not there`, async () => {
      const answer = await get(path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    })

  test('a person who follows a wrong link gets the page with 404, a program the problem', async () => {
    const person = await get('/services/web/', { accept: 'text/html,*/*;q=0.8' })
    expect([person.status, await person.text()]).toEqual([404, FILES['page/index.html'] ?? ''])
    const program = await get('/services/web/')
    expect([program.status, (await program.json()).code]).toEqual([404, 'not_found'])
    const api = await get('/api/v1/nothing', { accept: 'text/html' })
    expect((await api.json()).code).toBe('not_found')
  })

  test('hashed files are kept for a year, others are asked for again', async () => {
    const script = await get('/assets/index-AbCd1234.js')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const icon = await get('/favicon.svg')
    expect([icon.headers.get('cache-control'), icon.headers.get('content-type')]).toEqual([
      'no-cache',
      'image/svg+xml',
    ])
    const again = await get('/favicon.svg', { 'if-none-match': icon.headers.get('etag') ?? '' })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('HEAD, ranges and gzip', async () => {
    const path = '/assets/index-AbCd1234.js'
    const head = await get(path, {}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(SCRIPT.length),
      '',
    ])
    const part = await get(path, { range: 'bytes=0-6' })
    expect([part.status, await part.text()]).toEqual([206, 'console'])
    expect((await get(path, { range: `bytes=${SCRIPT.length}-` })).status).toBe(416)
    const port = Number(new URL(app.url).port)
    const packed = await raw(
      port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n\r\n`,
      isWhole,
    )
    expect(packed.toLowerCase()).toContain('content-encoding: gzip')
    expect(packed.toLowerCase()).toContain('vary: accept-encoding')
    const body = Buffer.from(packed.slice(packed.indexOf('\r\n\r\n') + 4), 'latin1')
    expect(gunzipSync(body).toString()).toBe(SCRIPT)
    const refused = await raw(
      port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=0\r\n\r\n`,
      isWhole,
    )
    expect(refused).toEndWith(SCRIPT)
  })

  test('that is not built says so', async () => {
    const answer = await fetch(bare.url)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('npm run page')
  })
})

describe('the reference', () => {
  test('is a page without a script of its own in it', async () => {
    const page = await (await get('/docs')).text()
    expect(page).toContain('<meta charset="utf-8">')
    expect(page).not.toMatch(/<script(?![^>]* src="\/docs\/)/)
    expect(page).not.toMatch(/https?:/)
    for (const path of page.match(/\/docs\/[a-z-]+\.(js|css)/g) ?? [])
      expect((await get(path)).status).toBe(200)
    expect(await (await get('/docs/reference.js')).text()).toContain('/api/v1/openapi.json')
  })

  test('is a link where the viewer is not part of the build', async () => {
    const page = await (await fetch(`${bare.url}/docs`)).text()
    expect(page).toContain('/api/v1/openapi.json')
    expect(page).not.toContain('<script')
  })
})

describe('what a watchman asks', () => {
  test('/healthz', async () => {
    const answer = await get('/healthz')
    expect(await answer.json()).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  })

  test('/metrics in the text format of Prometheus', async () => {
    const answer = await get('/metrics')
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = (await answer.text()).trimEnd().split('\n')
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? -?\d+(\.\d+)?)$/)
    const names = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(/[{ ]/)[0])
    expect(new Set(names).size).toBeGreaterThanOrEqual(7)
  })
})
