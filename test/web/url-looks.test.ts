/** How URLs and the settings that they need look: none, one, thirty and the longest name of all. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { expectGoodLooks, SCHEMES, SIZES, violations } from './looks.ts'

setDefaultTimeout(120_000)
const test = needs('chromium')
let server: Claimed

/** 253 bytes, in labels of 63. */
const LONGEST = `${['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.')}.${'d'.repeat(45)}.harbour.example`
const attach = (environment: string, hostname: string, more: object = {}) =>
  server.asOwner('POST', `/services/web/environments/${environment}/urls?wait=true`, {
    json: { hostname, dns: 'none', ...more },
  })

beforeAll(async () => {
  server = await startClaimed()
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  for (const name of ['one', 'many'])
    await server.asOwner('POST', '/services/web/environments', { json: { name } })
  await server.asOwner('PATCH', '/settings', { json: { dns: { addresses: ['203.0.113.5', '2001:db8::5'] } } })
  await attach('one', 'grün.harbour.example', { dns: 'manual' })
  await attach('many', LONGEST)
  await attach('many', 'www.harbour.example', { kind: 'redirect', redirectTo: 'https://harbour.example' })
  for (let number = 1; number <= 28; number += 1) await attach('many', `site-${number}.harbour.example`)
  const config = { server: '127.0.0.1', zones: ['harbour.example'], keyName: 'fairlead', secret: 'c2VjcmV0' }
  const label = 'The BIND in the cellar'
  await server.asOwner('POST', '/dns-providers', { json: { kind: 'rfc2136', label, config } })
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

const VIEWS: [name: string, path: string, ready: (page: Page) => Promise<void>][] = [
  ['no URL', '/services/web/production', (page) => page.getByText('There has been no deployment').waitFor()],
  ['one URL', '/services/web/one', (page) => page.getByText('There has been no deployment').waitFor()],
  ['thirty URLs', '/services/web/many', (page) => page.getByText('There has been no deployment').waitFor()],
  ['settings', '/settings', (page) => page.getByText('The BIND in the cellar').waitFor()],
]

describe('every view', () => {
  for (const [name, path, ready] of VIEWS)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${name}, ${size}, ${colorScheme}: accessible, calm, no wider than the window`, () =>
          expectGoodLooks(
            { url: server.url, viewport, colorScheme, storageState: server.owner },
            path,
            ready,
          ))
})

describe('what is opened is accessible, and no wider than the window', () => {
  const add = async (page: Page, hostname: string) => {
    await page.getByRole('button', { name: 'Add URL' }).click()
    await page.getByLabel('Host name').fill(hostname)
    await page.getByLabel('DNS records').selectOption('manual')
    await page.getByRole('list', { name: 'Records to make by hand' }).waitFor()
  }
  const dialog = (page: Page) => page.getByRole('dialog').waitFor()
  const OPENINGS: [name: string, path: string, open: (page: Page) => Promise<void>][] = [
    ['the plan of a name', '/services/web/production', (page) => add(page, 'plan.harbour.example')],
    ['the plan of the longest name', '/services/web/production', (page) => add(page, `z${LONGEST.slice(1)}`)],
    [
      'the details of a URL',
      '/services/web/one',
      async (page) => {
        await page.getByRole('button', { name: /^Details of/ }).click()
        await page.getByRole('list', { name: /^Records of/ }).waitFor()
      },
    ],
    [
      'the end of a URL',
      '/services/web/one',
      async (page) => {
        await page.getByRole('button', { name: 'More for grün' }).click()
        await page.getByRole('menuitem', { name: 'Detach…' }).click()
        await dialog(page)
      },
    ],
    [
      'the gateway',
      '/settings',
      async (page) => {
        await page.getByRole('button', { name: 'Change the gateway' }).click()
        await page.getByLabel('Used for URLs').selectOption('nginx')
        await page.getByLabel('Reload command').waitFor()
      },
    ],
    [
      'the target of records',
      '/settings',
      async (page) => {
        await page.getByRole('button', { name: 'Change the DNS records' }).click()
        await dialog(page)
      },
    ],
    [
      'a DNS provider',
      '/settings',
      async (page) => {
        await page.getByRole('button', { name: 'Add provider' }).click()
        await dialog(page)
      },
    ],
  ]
  for (const [name, path, open] of OPENINGS)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${name}, ${size}, ${colorScheme}`, async () => {
          const to = { url: server.url, viewport, colorScheme, storageState: server.owner }
          const { page, troubles, close } = await visit({
            ...to,
            reducedMotion: 'reduce',
            // The longest name of all is refused on its way to the field's end.
            expected: /status of 422/,
          })
          await page.goto(path)
          await open(page)
          expect(await violations(page)).toEqual([])
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          ).toBeLessThanOrEqual(0)
          expect(troubles).toEqual([])
          await close()
        })
})
