/** How the page looks and behaves for everybody: accessibility, colours, sizes, calm, and texts that stay texts. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { expectGoodLooks, SCHEMES, SIZES, violations } from './looks.ts'
import { type Running, startServer } from './server.ts'
import { homePage } from './site.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
let server: Running
let empty: Running
const paths: Record<string, string> = {}
const HOSTILE = `<img src="http://canary.test/x.png" onerror="alert(1)"><script>alert(2)</script>"'\`\${1}`

beforeAll(async () => {
  server = await startServer()
  empty = await startServer()
  const production = { service: 'web', environment: 'production' }
  await server.client.call('services.create', { json: { name: 'web' } })
  await server.client.call('services.create', { json: { name: 'docs' } })
  await server.client.call('environments.create', { params: { service: 'web' }, json: { name: 'staging' } })
  await server.deploy(production, homePage('one'), 'Launch the new pricing page')
  const { id } = await server.deploy(
    production,
    { ...homePage('two'), '<img src=x onerror=alert(3)>.txt': 'x' },
    HOSTILE,
  )
  Object.assign(paths, {
    services: '/',
    service: '/services/web',
    environment: '/services/web/production',
    deployment: `/deployments/${id}`,
    missing: '/services/nowhere',
  })
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
  await empty.remove()
})

/** What each view shows when it has everything. */
const READY: Record<string, (page: Page) => Promise<void>> = {
  services: (page) => page.getByRole('link', { name: 'docs', exact: true }).waitFor(),
  service: (page) => page.getByRole('link', { name: 'staging', exact: true }).waitFor(),
  environment: (page) => page.locator('ol > li[data-live]').waitFor(),
  deployment: (page) => page.getByRole('log').locator('[data-level]').first().waitFor(),
  missing: (page) => page.getByRole('alert').waitFor(),
}

describe('every view', () => {
  for (const view of Object.keys(READY))
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${view}, ${size}, ${colorScheme}: accessible, calm, no wider than the window`, () =>
          expectGoodLooks(
            {
              url: server.url,
              viewport,
              colorScheme,
              ...(view === 'missing' && { expected: /status of 404/ }),
            },
            paths[view] ?? '',
            async (page) => READY[view]?.(page),
          ))
})

describe('dialogs and menus are accessible', () => {
  const OPENINGS: [name: string, path: string, open: (page: Page) => Promise<void>][] = [
    ['new service', '/', (page) => page.getByRole('button', { name: 'New service' }).click()],
    ['deploy menu', '/', (page) => page.getByRole('button', { name: 'Deploy to staging of web' }).click()],
    [
      'settings',
      '/services/web/production',
      (page) => page.getByRole('button', { name: 'Settings' }).click(),
    ],
    ['delete', '/services/web', (page) => page.getByRole('button', { name: 'Delete' }).click()],
  ]
  for (const [name, path, open] of OPENINGS)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${name}, ${colorScheme}`, async () => {
        const { page, troubles, close } = await visit({
          url: server.url,
          colorScheme,
          reducedMotion: 'reduce',
        })
        await page.goto(path)
        await open(page)
        await page.locator('[role="dialog"], [role="menu"]').first().waitFor()
        expect(await violations(page)).toEqual([])
        expect(troubles).toEqual([])
        await close()
      })
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`the first page of all, ${colorScheme}, is accessible`, async () => {
    const { page, troubles, close } = await visit({ url: empty.url, colorScheme })
    await page.goto('/')
    await page.getByRole('heading', { name: 'Bring your first site live' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

test('the colours follow the system until somebody chooses, and the choice stays', async () => {
  const { page, close } = await visit({ url: server.url, colorScheme: 'dark' })
  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme')
  await page.goto('/')
  expect(await scheme()).toBe('dark')
  await page.getByRole('button', { name: 'Use light colours' }).click()
  expect(await scheme()).toBe('light')
  await page.reload()
  expect(await scheme()).toBe('light')
  await close()
})

test('X01 hostile texts stay texts, in every view and in menus', async () => {
  for (const view of ['services', 'service', 'environment', 'deployment']) {
    const { page, troubles, close } = await visit({ url: server.url })
    await page.goto(paths[view] ?? '')
    await page.getByText(HOSTILE).first().waitFor()
    expect(await page.locator('img[src*="canary"]').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  }
})

test('X05 the page runs under the policy that forbids what is inline or from elsewhere', async () => {
  const response = await fetch(new URL('/services/web', server.url))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(await response.text()).not.toMatch(/<script(?![^>]*\ssrc=)/)
})

test('what a first visit loads is small', async () => {
  const { page, close } = await visit({ url: server.url })
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (!new URL(response.url()).pathname.startsWith('/api/')) bodies.push(response.body())
  })
  await page.goto('/')
  await READY.services?.(page)
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(220_000)
  await close()
})
