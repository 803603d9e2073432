/** How HTTPS looks in all its states, and what strangers wrote into certificates, in a real Chromium. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Url } from '../../src/contract/shapes/urls.ts'
import { has, needs } from '../needs.ts'
import { closeBrowser, type Visit, visit } from './browser.ts'
import { expectGoodLooks, SCHEMES, SIZES, violations } from './looks.ts'
import { NEEDED, type Secure, startSecure } from './secure.ts'

setDefaultTimeout(120_000)
const test = needs(...NEEDED)
const PRODUCTION = '/services/web/production'
/** As the name of a CA: 64 characters at most. */
const HOSTILE = '<img src=x onerror="document.title=1"><script>alert(1)</script>'
let server: Secure

const bring = (json: { certificate: string; key: string }) =>
  server.asOwner('POST', '/certificates', { json })
const attach = (hostname: string, https: string) =>
  server.asOwner<Url>('POST', '/services/web/environments/production/urls?wait=true', {
    json: { hostname, https, dns: 'none' },
  })

beforeAll(async () => {
  if (!NEEDED.every(has)) return
  server = await startSecure()
  const { directoryUrl, root } = server.ca
  const certificates = { directoryUrl, root, termsAgreed: true, contact: 'ops@example.com' }
  const drift = { heal: ['tree', 'link', 'record-missing'] }
  await server.asOwner('PATCH', '/settings', { json: { certificates, drift } })
  const by = server.authorityOf(`/CN=${HOSTILE.replaceAll('/', '\\/')}`)
  await bring(server.made({ subject: '/CN=own.harbour.example', names: 'DNS:own.harbour.example', by }))
  const names = Array.from({ length: 40 }, (_, index) => `DNS:site-${index}.harbour.example`).join(',')
  await bring(server.made({ subject: '/CN=site-0.harbour.example', names }))
  await attach('docs.harbour.example', 'auto')
  await attach('own.harbour.example', 'own')
  for (const state of ['expired', 'placeholder', 'late']) await attach(`${state}.harbour.example`, 'auto')
})
afterAll(async () => {
  await closeBrowser()
  await server?.end()
})

const LONG = `${HOSTILE} ${'x'.repeat(300)}`

/** What takes days, a lost key or a bad CA. */
function inItsState({ https, hostname, ...url }: Url): Url {
  const [state] = hostname.split('.')
  const at = new Date().toISOString()
  const changed: Partial<Url['https']> = {}
  if (state === 'expired' || state === 'placeholder') Object.assign(changed, { state })
  if (state === 'late') Object.assign(changed, { problem: { message: LONG, hint: HOSTILE, at } })
  return { ...url, hostname, https: { ...https, ...changed } }
}

async function prepare(page: Page) {
  await page.route(/\/api\/v1\/.*urls(\?.*)?$/, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback()
    const response = await route.fetch()
    const body = (await response.json()) as { items: Url[] } // our own answer
    await route.fulfill({ response, json: { ...body, items: body.items.map(inItsState) } })
  })
}

const to = (more: Partial<Visit> = {}): Visit => ({
  url: server.url,
  storageState: server.owner,
  prepare,
  ...more,
})
const urlRow = (page: Page, name: string) =>
  page.getByRole('list', { name: 'URLs' }).getByRole('listitem').filter({ hasText: name }).first()

const VIEWS: [name: string, path: string, ready: (page: Page) => Promise<void>][] = [
  ['URLs in every state', PRODUCTION, (page) => page.getByText('certificate expired').waitFor()],
  ['settings', '/settings', (page) => page.getByText('site-39.harbour.example').waitFor()],
  [
    'services',
    '/',
    (page) => page.getByRole('link', { name: /expired\.harbour\.example: certificate expired/ }).waitFor(),
  ],
]

describe('every view', () => {
  for (const [name, path, ready] of VIEWS)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${name}, ${size}, ${colorScheme}: accessible, calm, no wider than the window`, () =>
          expectGoodLooks(to({ viewport, colorScheme }), path, ready))
})

describe('what is opened is accessible, and no wider than the window', () => {
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const dialog = (page: Page) => page.getByRole('dialog')
  const OPENINGS: [name: string, path: string, open: (page: Page) => Promise<void>][] = [
    [
      'the plan of a name',
      PRODUCTION,
      async (page) => {
        await press(page, 'Add URL')
        await page.getByLabel('Host name').fill('plan.harbour.example')
        await dialog(page).getByLabel('HTTPS', { exact: true }).selectOption('auto')
        await press(page, 'More about HTTPS')
        await page.getByLabel('Browsers are told (HSTS)').selectOption('preload')
        await page.getByText('is asked for a certificate').waitFor()
      },
    ],
    [
      'the details of certificates',
      PRODUCTION,
      async (page) => {
        for (const name of ['docs', 'own', 'late']) await press(page, `Details of ${name}.harbour.example`)
        await urlRow(page, 'own.harbour.example').getByText('signed by <img').waitFor()
      },
    ],
    [
      'HTTPS of a URL',
      PRODUCTION,
      async (page) => {
        await press(page, 'More for docs.harbour.example')
        await page.getByRole('menuitem', { name: 'HTTPS…' }).click()
        await page.getByLabel('Browsers are told (HSTS)').selectOption('year')
      },
    ],
    [
      'the CA',
      '/settings',
      async (page) => {
        await press(page, 'Change the certificate authority')
        await press(page, 'Ask it for its terms')
        await dialog(page).getByText('It answers.').waitFor()
      },
    ],
    [
      'HTTPS of URLs to come',
      '/settings',
      async (page) => {
        await press(page, 'Change HTTPS')
        await page.getByLabel('Oldest TLS').waitFor()
      },
    ],
    [
      'a certificate that is refused',
      '/settings',
      async (page) => {
        const { key, certificate } = server.selfSigned()
        await press(page, 'Add certificate')
        await page.getByRole('textbox', { name: 'Certificate' }).fill(certificate)
        await page.getByRole('textbox', { name: 'Key' }).fill(key)
        await press(page, 'Add')
        await dialog(page).getByText('signed by itself').waitFor()
      },
    ],
    [
      'what heals by itself',
      '/settings',
      async (page) => {
        await press(page, 'Change what heals by itself')
        await page.getByLabel('Files of what is live were changed').waitFor()
      },
    ],
  ]
  for (const [name, path, open] of OPENINGS)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${name}, ${size}, ${colorScheme}`, async () => {
          const { page, troubles, close } = await visit(
            to({ viewport, colorScheme, reducedMotion: 'reduce', expected: /status of 422/ }),
          )
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

describe('what strangers wrote is text', () => {
  const injected = (page: Page) =>
    page.locator('img[onerror], body script').evaluateAll((all) => all.map(({ outerHTML }) => outerHTML))

  test('X01 the name of a CA, and why it refused, run nowhere', async () => {
    const { page, troubles, close } = await visit(to())
    await page.goto(PRODUCTION)
    await page.getByRole('button', { name: 'Details of own.harbour.example' }).click()
    await page.getByText(`signed by ${HOSTILE}`).waitFor()
    await page.getByText(LONG).first().waitFor()
    expect(await injected(page)).toEqual([])
    await page.goto('/settings')
    await page.getByText(`signed by ${HOSTILE}`).waitFor()
    expect(await injected(page)).toEqual([])
    expect(await page.title()).toBe('Settings · Fairlead')
    expect(troubles).toEqual([])
    await close()
  })

  test('X03 terms lead to the web or nowhere', async () => {
    const { page, troubles, close } = await visit(to())
    let termsOfService = 'javascript:alert(1)'
    await page.route('**/settings/certificates/test', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), termsOfService } })
    })
    await page.goto('/settings')
    const ask = page.getByRole('button', { name: 'Test the certificate authority' })
    await ask.click()
    await page.getByText('It names no terms.').waitFor()
    expect(await page.getByRole('link', { name: 'Its terms' }).count()).toBe(0)
    termsOfService = 'https://ca.example.com/terms'
    await ask.click()
    const link = page.getByRole('link', { name: 'Its terms' })
    await link.waitFor()
    expect([await link.getAttribute('href'), await link.getAttribute('rel')]).toEqual([
      termsOfService,
      'noreferrer',
    ])
    expect(troubles).toEqual([])
    await close()
  })
})
