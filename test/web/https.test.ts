/** What a person does with HTTPS on the page: in a real Chromium, against the real program and a real CA. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Certificate } from '../../src/contract/shapes/https.ts'
import type { Settings } from '../../src/contract/shapes/settings.ts'
import type { Url } from '../../src/contract/shapes/urls.ts'
import { has, needs } from '../needs.ts'
import type { Made } from '../x509/openssl.ts'
import { closeBrowser, visit } from './browser.ts'
import { NEEDED, type Secure, startSecure } from './secure.ts'

setDefaultTimeout(120_000)
const test = needs(...NEEDED)
const PRODUCTION = '/services/web/production'
let server: Secure

beforeAll(async () => {
  if (NEEDED.every(has)) server = await startSecure()
})
afterAll(async () => {
  await closeBrowser()
  await server?.end()
})

async function at(path: string, expected?: RegExp, who = server.owner) {
  const visitor = await visit({ url: server.url, storageState: who, ...(expected && { expected }) })
  await visitor.page.goto(path)
  return visitor
}
const dialog = (page: Page) => page.getByRole('dialog')
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click()
const isClosed = (page: Page) => dialog(page).waitFor({ state: 'detached' })
const settings = () => server.asOwner<Settings>('GET', '/settings')
const row = (page: Page, name: string) =>
  page.getByRole('list', { name: 'URLs' }).getByRole('listitem').filter({ hasText: name }).first()
async function choose(page: Page, name: string, what: string) {
  await page.getByRole('button', { name: `More for ${name}` }).click()
  await page.getByRole('menuitem', { name: what }).click()
}
async function url(hostname: string): Promise<Url> {
  const [found] = (await server.asOwner<{ items: Url[] }>('GET', `/urls?hostname=${hostname}`)).items
  if (!found) throw new Error(`There is no URL ${hostname}.`)
  return found
}
const attach = (hostname: string, more: object) =>
  server.asOwner<Url>(
    'POST',
    `${PRODUCTION.replace('/production', '/environments/production')}/urls?wait=true`,
    {
      json: { hostname, dns: 'none', ...more },
    },
  )

describe('the CA', () => {
  test('nothing is asked of it before somebody agrees to its terms', async () => {
    const { page, troubles, close } = await at('/settings', /status of 422/)
    await page.getByText('none yet: URLs answer over plain HTTP').waitFor()
    await page.getByRole('button', { name: 'Set up the certificate authority' }).click()
    const asked = page.getByLabel('Asked', { exact: true })
    expect(await asked.locator('option').allTextContents()).toEqual([
      'none',
      "Let's Encrypt",
      "Let's Encrypt (staging)",
      'another one, by its directory',
    ])
    await asked.selectOption('other')
    expect(await dialog(page).getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await page.getByLabel('Directory').fill(server.ca.directoryUrl)
    await page.getByLabel('Root').fill(server.ca.root)
    await press(page, 'Ask it for its terms')
    await dialog(page).getByText('It answers.').waitFor()
    // Those of pebble are a "data:" URL, which is nothing that a browser should follow.
    await dialog(page).getByText('It names no terms.').waitFor()
    expect(await dialog(page).getByRole('link').count()).toBe(0)
    await page.getByLabel('I agree to its terms of service').check()
    await page.getByLabel('It writes to').fill('ops@example.com')
    await press(page, 'Save')
    await isClosed(page)
    await page.getByText(server.ca.directoryUrl).waitFor()
    await page.getByText('agreed to', { exact: true }).waitFor()
    const { directoryUrl, termsAgreed, contact, root } = (await settings()).certificates
    expect({ directoryUrl, termsAgreed, contact, root }).toEqual({
      directoryUrl: server.ca.directoryUrl,
      termsAgreed: true,
      contact: 'ops@example.com',
      root: server.ca.root,
    })
    await page.getByRole('button', { name: 'Test the certificate authority' }).click()
    await page.getByText('It answers.').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('another one takes back what was agreed to; nothing was saved', async () => {
    const { page, troubles, close } = await at('/settings')
    await page.getByRole('button', { name: 'Change the certificate authority' }).click()
    const agreed = page.getByLabel('I agree to its terms of service')
    expect(await agreed.isChecked()).toBe(true)
    await page.getByLabel('Asked', { exact: true }).selectOption('letsencrypt-staging')
    expect(await agreed.isChecked()).toBe(false)
    await press(page, 'Cancel')
    expect((await settings()).certificates.termsAgreed).toBe(true)
    expect(troubles).toEqual([])
    await close()
  })
})

describe('a URL with a certificate of the CA', () => {
  test('is attached with a plan that names the CA, and is valid', async () => {
    const { page, troubles, close } = await at(PRODUCTION)
    await page.getByRole('button', { name: 'Add URL' }).click()
    await page.getByLabel('Host name').fill('docs.harbour.example')
    await page.getByLabel('DNS records').selectOption('none')
    await page.getByLabel('HTTPS', { exact: true }).selectOption('auto')
    const plan = page.getByRole('region', { name: 'What will happen' })
    const authority = new URL(server.ca.directoryUrl).host
    await plan.getByText(`${authority} is asked for a certificate, shown over plain HTTP`).waitFor()
    await press(page, 'Attach docs.harbour.example')
    const added = row(page, 'docs.harbour.example')
    await added.getByText('HTTPS', { exact: true }).first().waitFor()
    await added.getByText('probe good').waitFor()
    await page.getByRole('button', { name: 'Details of docs.harbour.example' }).click()
    await added.getByText('signed by Pebble Intermediate CA').waitFor()
    const { https } = await url('docs.harbour.example')
    await added.getByText(https.certificate?.fingerprint ?? '').waitFor()
    expect(https).toMatchObject({ mode: 'auto', state: 'valid', hsts: null, minimumTls: 'TLSv1.2' })
    expect(await added.getByRole('link').getAttribute('href')).toBe(
      `https://docs.harbour.example:${server.ports.tls}/`,
    )
    expect(troubles).toEqual([])
    await close()
  })

  test('is told to browsers, and takes TLS 1.3 alone', async () => {
    const { page, troubles, close } = await at(PRODUCTION)
    await choose(page, 'docs.harbour.example', 'HTTPS…')
    expect(await dialog(page).getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await page.getByLabel('Oldest TLS').selectOption('TLSv1.3')
    await page.getByLabel('Browsers are told (HSTS)').selectOption('month')
    await dialog(page).getByText('Browsers remember this').waitFor()
    await press(page, 'Save')
    await isClosed(page)
    await page.getByRole('button', { name: 'Details of docs.harbour.example' }).click()
    await row(page, 'docs.harbour.example').getByText('use HTTPS alone, for 30 days').waitFor()
    expect((await url('docs.harbour.example')).https).toMatchObject({
      state: 'valid',
      redirect: true,
      hsts: { maxAgeSeconds: 2_592_000, includeSubDomains: false, preload: false },
      minimumTls: 'TLSv1.3',
    })
    expect(troubles).toEqual([])
    await close()
  })

  test('is given a new one when somebody asks; the page shows it by itself', async () => {
    const { page, troubles, close } = await at(PRODUCTION)
    const before = (await url('docs.harbour.example')).https.certificate?.fingerprint ?? ''
    const here = row(page, 'docs.harbour.example')
    await page.getByRole('button', { name: 'Details of docs.harbour.example' }).click()
    await here.getByText(before).waitFor()
    await choose(page, 'docs.harbour.example', 'Renew the certificate')
    await here.getByText(before).waitFor({ state: 'detached' })
    const after = (await url('docs.harbour.example')).https.certificate?.fingerprint ?? ''
    expect(after).not.toBe(before)
    await here.getByText(after).waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('tells once why there is no new one, here and on the main page, until there is', async () => {
    await attach('late.harbour.example', { https: 'auto' })
    const { page, troubles, close } = await at(PRODUCTION)
    await server.ca.stop()
    await choose(page, 'late.harbour.example', 'Renew the certificate')
    const here = row(page, 'late.harbour.example')
    await here.getByText('late.harbour.example could not be given a new certificate').waitFor()
    await here.getByText(/^HTTPS, \d+ days left$/).waitFor()
    const said = (await url('late.harbour.example')).https.problem?.message ?? ''
    expect(await here.getByText(said).count()).toBe(1)
    await here.getByRole('button', { name: 'Dismiss' }).click()
    await here.getByText('could not be given').waitFor({ state: 'detached' })
    expect(await here.getByText(said).count()).toBe(1)

    await page.getByRole('link', { name: 'Services' }).first().click()
    const mark = page.getByRole('link', { name: /^late\.harbour\.example: HTTPS, \d+ days left$/ })
    await mark.waitFor()
    await server.ca.up()
    await server.asOwner('POST', `/urls/${(await url('late.harbour.example')).id}/renew?wait=true`)
    await mark.waitFor({ state: 'detached' })
    expect(troubles).toEqual([])
    await close()
  })
})

describe('certificates that somebody brings', () => {
  const REFUSED: [what: string, make: () => Made, certificate: RegExp | null, key: RegExp | null][] = [
    [
      'expired',
      () => server.made({ from: '20250101000000Z', until: '20250201000000Z' }),
      /has ended on 2025-02-01/,
      null,
    ],
    [
      'of another key',
      () => ({ ...server.made({}), key: server.made({}).key }),
      null,
      /not the one of the certificate/,
    ],
    ['signed by itself', () => server.selfSigned(), /signed by itself/, null],
    [
      'expired, and of another key',
      () => ({
        ...server.made({ from: '20250101000000Z', until: '20250201000000Z' }),
        key: server.made({}).key,
      }),
      /has ended on 2025-02-01/,
      /not the one of the certificate/,
    ],
  ]
  for (const [what, make, certificate, key] of REFUSED)
    test(`${what}: told at the field that is to blame`, async () => {
      const { page, troubles, close } = await at('/settings', /status of 422/)
      const made = make()
      await page.getByRole('button', { name: 'Add certificate' }).click()
      await page.getByRole('textbox', { name: 'Certificate' }).fill(made.certificate)
      await page.getByRole('textbox', { name: 'Key' }).fill(made.key)
      await press(page, 'Add')
      for (const [name, said] of [
        ['Certificate', certificate],
        ['Key', key],
      ] as const) {
        const field = page.getByRole('textbox', { name })
        if (said) await dialog(page).getByText(said).waitFor()
        expect([name, await field.getAttribute('aria-invalid')]).toEqual([name, said ? 'true' : null])
      }
      expect(await dialog(page).getByRole('alert').count()).toBe(0)
      expect(await page.getByRole('textbox', { name: 'Key' }).inputValue()).toBe(made.key)
      expect(troubles).toEqual([])
      await close()
    })

  test('one is read from files, answers under a name, and is deleted when it no longer does', async () => {
    const made = server.made({ subject: '/CN=own.harbour.example', names: 'DNS:own.harbour.example' })
    const { page, troubles, close } = await at('/settings')
    await page.getByRole('button', { name: 'Add certificate' }).click()
    const files = dialog(page).locator('input[type=file]')
    const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
    await files.nth(0).setInputFiles(file('fullchain.pem', made.certificate))
    await files.nth(1).setInputFiles(file('privkey.pem', made.key))
    await press(page, 'Add')
    await isClosed(page)
    const listed = page
      .getByRole('list', { name: 'Certificates' })
      .getByRole('listitem')
      .filter({ hasText: 'own.harbour.example' })
    await listed.getByText('signed by Harbour CA · no URL answers with it').waitFor()
    await listed.getByText('29 days left').waitFor()

    const { id } = await attach('own.harbour.example', { https: 'own' })
    await listed.getByText('answers under own.harbour.example').waitFor()
    expect(await listed.getByRole('button').count()).toBe(0)
    await page.goto(PRODUCTION)
    await row(page, 'own.harbour.example').getByText('HTTPS, 29 days left').waitFor()
    await page.goto('/')
    await page.getByRole('link', { name: 'own.harbour.example: HTTPS, 29 days left' }).waitFor()

    await server.asOwner('DELETE', `/urls/${id}?wait=true`)
    await page.goto('/settings')
    await page.getByRole('button', { name: 'Delete the certificate of own.harbour.example' }).click()
    await page.getByLabel('Type own.harbour.example to confirm').fill('own.harbour.example')
    await press(page, 'Delete')
    await listed.waitFor({ state: 'detached' })
    const { items } = await server.asOwner<{ items: Certificate[] }>('GET', '/certificates?kind=own')
    expect(items).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })
})

describe('settings', () => {
  test('URLs to come get HTTPS when nothing is said of it', async () => {
    const { page, troubles, close } = await at('/settings')
    await page.getByRole('button', { name: 'Change HTTPS' }).click()
    await dialog(page).getByLabel('HTTPS', { exact: true }).selectOption('auto')
    await page.getByLabel('Plain HTTP').selectOption('no')
    await press(page, 'Save')
    await isClosed(page)
    await page.getByText('answers with the site as well').waitFor()
    expect((await settings()).https).toEqual({
      default: 'auto',
      redirect: false,
      hsts: null,
      minimumTls: 'TLSv1.2',
    })
    await server.asOwner('PATCH', '/settings', { json: { https: { default: 'none', redirect: true } } })
    await page.getByText('none: plain HTTP alone').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('what heals by itself is chosen, and what others answer with is not among it', async () => {
    const { page, troubles, close } = await at('/settings')
    await page.getByRole('button', { name: 'Change what heals by itself' }).click()
    await page.getByLabel('The link to what is live leads elsewhere').check()
    await page.getByLabel('The file of a certificate is gone or broken').check()
    expect(await dialog(page).getByRole('checkbox').count()).toBe(12)
    await press(page, 'Save')
    await isClosed(page)
    await page
      .getByText('The link to what is live leads elsewhere; The file of a certificate is gone or broken')
      .waitFor()
    expect((await settings()).drift.heal).toEqual(['certificate-file', 'link'])
    expect(troubles).toEqual([])
    await close()
  })
})

describe('who may not change it', () => {
  test('who may only read sees all of it, and no button that changes any', async () => {
    const permissions = [
      'settings:read',
      'certificates:read',
      'services:read',
      'environments:read',
      'urls:read',
      'deployments:read',
    ]
    await server.asOwner('POST', '/roles', { json: { name: 'reader', permissions } })
    const reader = await server.person('rea@example.com', { role: 'reader' })
    const { page, troubles, close } = await at('/settings', undefined, reader)
    await page.getByText(server.ca.directoryUrl).waitFor()
    const changing = /Change|Set up|Test|Add|Delete/
    expect(await page.locator('main').getByRole('button', { name: changing }).count()).toBe(0)
    await page.goto(PRODUCTION)
    await row(page, 'docs.harbour.example').waitFor()
    expect(await page.getByRole('button', { name: /^More for .*harbour|Add URL/ }).count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })
})
