/** The pages at /docs, in a real browser and from nothing but our own files. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { gatherDocs } from '../../scripts/assets.ts'
import { assetsBeside } from '../../src/base/platform.ts'
import { ROUTES } from '../../src/contract/routes.ts'
import { needs } from '../needs.ts'
import { closeBrowser, type Visit, visit } from '../web/browser.ts'
import { startTestApp, type TestApp } from './app.ts'

const root = join(import.meta.dirname, '../..')
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
const password = 'seven boats at anchor'
let build: string
let app: TestApp
let token: string

beforeAll(async () => {
  build = mkdtempSync(join(tmpdir(), 'fairlead-docs-'))
  gatherDocs(join(build, 'docs'))
  const icon: [string, string] = ['page/favicon.svg', join(root, 'src/web/public/favicon.svg')]
  app = await startTestApp(new Map([...assetsBeside(build, ['docs']), icon]))
  const ann = { login: 'ann@example.com', password }
  const code = new URL(app.setUpUrl ?? '').hash.slice(1)
  await app.ask('POST', '/setup', { json: { code, ...ann } })
  const { body } = await app.ask('POST', '/session', { json: { ...ann, as: 'token' } })
  token = (body as { accessToken: string }).accessToken
})
afterAll(async () => {
  await closeBrowser()
  await app.stop()
  rmSync(build, { recursive: true })
})

/** Texts with too little contrast, by axe; run from the outside, since the page itself lets no such script in. */
async function pale(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { axe: judge } = window as unknown as { axe: typeof import('axe-core') }
    const { violations } = await judge.run(document, { runOnly: ['color-contrast'] })
    return violations.flatMap(({ nodes }) => nodes.map((node) => `${node.html} ${node.any[0]?.message}`))
  })
}

/** A visit of /docs that ends with nothing to complain about. */
async function reading(options: Partial<Visit>, read: (page: Page) => Promise<void>): Promise<void> {
  const { page, troubles, close } = await visit({ url: app.url, ...options })
  try {
    await page.goto('/docs')
    await page.locator('.opblock').first().waitFor()
    await read(page)
    expect(troubles).toEqual([])
  } finally {
    await close()
  }
}

/** How many are shown in all. So many are drawn only where somebody looks, so the page is scrolled through. */
async function operationsOf(page: Page): Promise<number> {
  const seen = new Set<string>()
  for (;;) {
    for (const id of await page.locator('.opblock').evaluateAll((all) => all.map((one) => one.id)))
      seen.add(id)
    const isAtEnd = await page.evaluate(async () => {
      const before = scrollY
      scrollBy(0, innerHeight / 3)
      // Drawn by the frame after the one that hears of it.
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      return scrollY === before
    })
    if (isAtEnd) return seen.size
  }
}

const operation = (page: Page, name: string) => page.locator(`[id$="${name.replace('.', '\\\\.')}"].opblock`)

describe('the reference', () => {
  needs('chromium')(
    'shows every route under our own policy, and asks nobody else',
    () =>
      reading({}, async (page) => {
        expect(await operationsOf(page)).toBe(Object.keys(ROUTES).length)
        expect(await page.title()).toBe('Fairlead API')
      }),
    60_000,
  )

  needs('chromium')(
    'makes calls with a key that is entered, and forgets it with the page',
    () =>
      reading({ expected: /status of 401/ }, async (page) => {
        const call = operation(page, 'services.create')
        await call.locator('.opblock-summary-control').click()
        await call.locator('.try-out__btn').click()
        const status = async () => {
          await call.locator('.execute').click()
          const shown = call.locator('.live-responses-table .response .response-col_status')
          await shown.waitFor()
          const text = (await shown.textContent()) ?? ''
          await call.locator('.btn-clear').click()
          return text.trim().slice(0, 3)
        }
        expect(await status()).toBe('401')

        await page.locator('.btn.authorize').click()
        const dialog = page.locator('.auth-container', { hasText: 'apiKey' }).first()
        await dialog.locator('input').fill(token)
        await dialog.locator('button.authorize').click()
        await page.locator('.btn-done').first().click()
        expect(await status()).toBe('201')
        const { body } = await app.ask('GET', '/services', { headers: { authorization: `Bearer ${token}` } })
        expect(body).toMatchObject({ items: [{ name: 'web' }] })

        await page.reload()
        await page.locator('.opblock').first().waitFor()
        expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0)
        expect(await page.locator('.btn.authorize.locked').count()).toBe(0)
      }),
    60_000,
  )

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 375])
      needs('chromium')(
        `can be read, ${colorScheme}, ${width} px wide`,
        () =>
          reading({ colorScheme, viewport: { width, height: 860 } }, async (page) => {
            for (const name of ['services.create', 'services.delete']) {
              await operation(page, name).locator('.opblock-summary-control').click()
              await operation(page, name).locator('.try-out__btn').click()
            }
            await operation(page, 'services.delete').locator('.responses-table').waitFor()
            expect(await pale(page)).toEqual([])
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
          }),
        60_000,
      )
})

describe('the guides', () => {
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))

  test('are all listed and there, and every link in them leads somewhere', async () => {
    const index = await (await fetch(`${app.url}/docs/guides`)).text()
    for (const name of names) {
      expect(index).toContain(`href="/docs/${name}"`)
      const page = await (await fetch(`${app.url}/docs/${name}`)).text()
      expect(page).toMatch(/<title>.+ · Fairlead<\/title>/)
      for (const [, address = ''] of page.matchAll(/href="(\/[^"#]*)/g))
        expect([name, address, (await fetch(`${app.url}${address}`)).status]).toEqual([
          name,
          address,
          // The page itself is not part of this build.
          address === '/' ? 503 : 200,
        ])
    }
  })

  for (const colorScheme of ['light', 'dark'] as const)
    needs('chromium')(
      `can be read on a phone, ${colorScheme}`,
      async () => {
        const { page, troubles, close } = await visit({
          url: app.url,
          colorScheme,
          viewport: { width: 375, height: 800 },
        })
        for (const name of ['api', 'guides/curl', 'guides/github-actions', 'problems', 'guides']) {
          await page.goto(`/docs/${name}`)
          expect(await pale(page)).toEqual([])
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375)
        }
        await close()
        expect(troubles).toEqual([])
      },
      60_000,
    )
})
