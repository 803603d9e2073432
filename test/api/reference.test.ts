import { afterAll, expect } from 'bun:test'
import { join } from 'node:path'
import { ROUTES } from '../../src/contract/routes.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from '../web/browser.ts'
import { startTestApp } from './app.ts'

afterAll(closeBrowser)

const root = join(import.meta.dirname, '../..')
const viewer = (name: string): [string, string] => [
  `docs/${name}`,
  join(root, 'node_modules/swagger-ui-dist', name),
]

needs('chromium')(
  'the reference shows every route under our own Content-Security-Policy, and asks nobody else',
  async () => {
    const icon: [string, string] = ['page/favicon.svg', join(root, 'src/web/public/favicon.svg')]
    const app = await startTestApp(new Map([viewer('swagger-ui-bundle.js'), viewer('swagger-ui.css'), icon]))
    const { page, troubles, close } = await visit({ url: app.url })
    try {
      await page.goto('/docs')
      await page.locator('.opblock').first().waitFor()
      expect(await page.locator('.opblock').count()).toBe(Object.keys(ROUTES).length)
      await page.locator('.opblock-post .opblock-summary-control').first().click()
      await page.locator('.opblock-body').first().waitFor()
      expect(await page.title()).toBe('Fairlead API')
      expect(troubles).toEqual([])
    } finally {
      await close()
      await app.stop()
    }
  },
  60_000,
)
