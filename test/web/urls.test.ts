/** What a person does with URLs on the page, in a real Chromium against the real program and its builtin gateway. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Url } from '../../src/contract/shapes/urls.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { homePage, tarOf } from './site.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
let server: Claimed

beforeAll(async () => {
  server = await startClaimed()
  for (const name of ['web', 'docs']) {
    await server.asOwner('POST', '/services', { json: { name } })
    await server.asOwner('POST', `/services/${name}/environments/production/deployments?wait=true`, {
      body: new Blob([tarOf(homePage(`the site of ${name}`))]),
      headers: { 'content-type': 'application/x-tar' },
    })
  }
  await server.asOwner('PATCH', '/settings', { json: { dns: { addresses: ['203.0.113.5', '2001:db8::5'] } } })
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

const attach = (hostname: string, service = 'web', more: object = {}) =>
  server.asOwner<Url>('POST', `/services/${service}/environments/production/urls?wait=true`, {
    json: { hostname, dns: 'none', ...more },
  })
const asOwner = async (expected?: RegExp, path = '/services/web/production') => {
  const visitor = await visit({ url: server.url, storageState: server.owner, ...(expected && { expected }) })
  await visitor.page.goto(path)
  await visitor.page.getByRole('heading', { name: 'URLs' }).waitFor()
  return visitor
}
const row = (page: Page, name: string) =>
  page.getByRole('list', { name: 'URLs' }).getByRole('listitem').filter({ hasText: name }).first()
async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'Add URL' }).click()
  await page.getByRole('dialog', { name: 'Add a URL to production' }).waitFor()
}
const plan = (page: Page) => page.getByRole('region', { name: 'What will happen' })

test('a name is added by keyboard alone, its link answers with the site, and it is asked', async () => {
  const { page, troubles, close } = await asOwner()
  await page.getByText('A URL is a host name of yours').waitFor()
  await page.getByRole('button', { name: 'Add URL' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  await page.keyboard.type('Docs.Harbour.Example')
  await page.getByLabel('DNS records').selectOption('none')
  await page.getByLabel('Host name').focus()
  await plan(page).getByText('No DNS records are made').waitFor()
  await page.getByRole('button', { name: 'Attach docs.harbour.example' }).waitFor()
  await page.keyboard.press('Enter')
  await row(page, 'docs.harbour.example').getByText('probe good').waitFor()
  for (const pill of ['site up', 'no records'])
    await row(page, 'docs.harbour.example').getByText(pill).waitFor()

  const [site] = await Promise.all([
    page.waitForEvent('popup'),
    row(page, 'docs.harbour.example').getByRole('link').click(),
  ])
  expect(await site.getByRole('heading').textContent()).toBe('the site of web')
  await page.getByRole('button', { name: 'Ask now: docs.harbour.example' }).click()
  await page.getByText(/^docs\.harbour\.example: The site answers/).waitFor({ state: 'attached' })
  expect(troubles).toEqual([])
  await close()
})

test('what others attach and detach appears and goes by itself', async () => {
  const { page, troubles, close } = await asOwner()
  const { id } = await attach('others.harbour.example')
  await row(page, 'others.harbour.example').getByText('probe good').waitFor()
  await server.asOwner('DELETE', `/urls/${id}`)
  await row(page, 'others.harbour.example').waitFor({ state: 'detached' })
  expect(troubles).toEqual([])
  await close()
})

test('a redirect shows where to, before and after', async () => {
  const { page, troubles, close } = await asOwner()
  await openDialog(page)
  await page.getByLabel('Host name').fill('www.harbour.example')
  await page.getByLabel('Visitors').selectOption('redirect')
  await page.getByLabel('DNS records').selectOption('none')
  expect(await page.getByRole('button', { name: /^Attach/ }).isDisabled()).toBe(true)
  await page.getByLabel('Sent to').fill('https://harbour.example')
  await page.getByLabel('For how long').selectOption('302')
  await plan(page).getByText('https://harbour.example for now (302)').waitFor()
  await page.getByRole('button', { name: 'Attach www.harbour.example' }).click()
  await row(page, 'www.harbour.example').getByText('redirect up').waitFor()
  await row(page, 'www.harbour.example').getByText('https://harbour.example for now (302)').waitFor()
  const url = await server.asOwner<{ items: Url[] }>('GET', '/urls?hostname=www.harbour.example')
  const port = new URL(url.items[0]?.url ?? '').port
  const answer = await fetch(`http://127.0.0.1:${port}/tides?from=9`, {
    headers: { host: 'www.harbour.example' },
    redirect: 'manual',
  })
  expect([answer.status, answer.headers.get('location')]).toEqual([
    302,
    'https://harbour.example/tides?from=9',
  ])
  expect(troubles).toEqual([])
  await close()
})

test('records to be made by hand are shown before and after, and can be copied', async () => {
  const { page, troubles, close } = await asOwner()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await openDialog(page)
  await page.getByLabel('Host name').fill('grün.harbour.example')
  await plan(page).getByText('xn--grn-ioa.harbour.example').first().waitFor()
  const records = page.getByRole('list', { name: 'Records to make by hand' })
  await records.getByText('203.0.113.5').waitFor()
  await page.getByRole('button', { name: 'Copy the records as lines of a zone file' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    [
      'xn--grn-ioa.harbour.example. 300 IN A 203.0.113.5',
      'xn--grn-ioa.harbour.example. 300 IN AAAA 2001:db8::5',
    ].join('\n'),
  )
  await page.getByRole('button', { name: 'Attach grün.harbour.example' }).click()
  const added = row(page, 'grün.harbour.example')
  await added.getByText('DNS by hand').waitFor()
  await added.getByText('xn--grn-ioa.harbour.example', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Details of grün.harbour.example' }).click()
  await page.getByRole('list', { name: 'Records of grün.harbour.example' }).getByText('2001:db8::5').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('a name of another service is refused beside its field, and nothing that was filled in is lost', async () => {
  await attach('taken.harbour.example', 'docs')
  const { page, troubles, close } = await asOwner(/status of (409|422)/)
  await openDialog(page)
  const field = page.getByLabel('Host name')
  const beside = page.locator('[id$="-error"]')
  await field.fill('https://taken.harbour.example/')
  await beside.getByText('Write it without "https://"').waitFor()
  await plan(page).getByRole('status').getByText('Write it without').waitFor({ state: 'attached' })
  await page.getByLabel('Visitors').selectOption('redirect')
  await page.getByLabel('Sent to').fill('https://elsewhere.example')
  await field.fill('Taken.Harbour.Example')
  await beside.getByText('is used by another service').waitFor()
  expect(await page.getByRole('button', { name: /^Attach/ }).isDisabled()).toBe(true)
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('Taken.Harbour.Example')
  await field.fill('free.harbour.example')
  await beside.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Attach free.harbour.example' }).waitFor()
  expect(await page.getByLabel('Sent to').inputValue()).toBe('https://elsewhere.example')
  expect(troubles).toEqual([])
  await close()
})

test('a plan that comes late is dropped', async () => {
  const { page, troubles, close } = await asOwner()
  const held = Promise.withResolvers<void>()
  await page.route('**/urls/plan', async (route) => {
    if (route.request().postData()?.includes('slow')) await held.promise
    // The page has given up on it meanwhile.
    await route.continue().catch(() => undefined)
  })
  await openDialog(page)
  const field = page.getByLabel('Host name')
  const asked = page.waitForRequest(/\/urls\/plan$/)
  await field.fill('slow.harbour.example')
  await asked
  await field.fill('fast.harbour.example')
  await plan(page).getByText('fast.harbour.example').first().waitFor()
  held.resolve()
  await page.getByLabel('DNS records').selectOption('none')
  await plan(page).getByText('No DNS records are made').waitFor()
  expect(await plan(page).getByText('slow.harbour.example').count()).toBe(0)
  await page.getByRole('button', { name: 'Attach fast.harbour.example' }).waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('the main page names the first URL of an environment, leads there, and counts the others', async () => {
  await server.asOwner('POST', '/services', { json: { name: 'named' } })
  await server.asOwner('POST', '/services/named/environments/production/deployments?wait=true', {
    body: new Blob([tarOf(homePage('the site of named'))]),
    headers: { 'content-type': 'application/x-tar' },
  })
  for (const name of ['größe', 'second', 'third']) await attach(`${name}.harbour.example`, 'named')
  const { page, troubles, close } = await visit({ url: server.url, storageState: server.owner })
  await page.goto('/')
  const card = page.getByRole('article', { name: 'named' })
  await card.getByText('and 2 more').waitFor({ state: 'attached' })
  for (const name of ['größe.harbour.example', 'Open production of named']) {
    const [site] = await Promise.all([page.waitForEvent('popup'), card.getByRole('link', { name }).click()])
    expect(await site.getByRole('heading').textContent()).toBe('the site of named')
    expect(new URL(site.url()).hostname).toBe('xn--gre-6ka8i.harbour.example')
  }
  await page.goto('/services/named/production')
  await page.getByRole('region', { name: 'What is live' }).getByText('and 2 more').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('what the gateway lacks is told with its remedy, to copy, and nothing can be attached before', async () => {
  const { page, troubles, close } = await visit({ url: server.url, storageState: server.owner })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/settings')
  const own = page.getByRole('region', { name: 'URLs of this page' })
  await own.getByText('None yet.').waitFor()
  await own.getByRole('button', { name: 'Add URL' }).click()
  await page.getByLabel('Host name').fill('deploy.harbour.example')
  await plan(page).getByText('The gateway is not ready').waitFor()
  await plan(page).getByText("The builtin gateway serves files, and can't lead to Fairlead itself.").waitFor()
  await plan(page).getByRole('button', { name: 'Copy the remedy' }).first().click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    'setting set gateway.kind nginx',
  )
  expect(await page.getByRole('button', { name: /^Attach/ }).isDisabled()).toBe(true)
  expect(troubles).toEqual([])
  await close()
})

test('detaching says what happens in which order, and then nothing answers', async () => {
  const { url } = await attach('gone.harbour.example', 'web', { dns: 'manual' })
  const { page, troubles, close } = await asOwner()
  await page.getByRole('button', { name: 'More for gone.harbour.example' }).click()
  await page.getByRole('menuitem', { name: 'Detach…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Detach gone.harbour.example' })
  const told = await dialog.getByRole('listitem').allTextContents()
  const [records = -1, site = -1] = ['made by hand and stay', 'Its site is taken down'].map((text) =>
    told.findIndex((line) => line.includes(text)),
  )
  expect(records).toBeGreaterThanOrEqual(0)
  expect(site).toBeGreaterThan(records)
  await dialog.getByRole('button', { name: 'Detach' }).click()
  await row(page, 'gone.harbour.example').waitFor({ state: 'detached' })
  const { port } = new URL(url)
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: 'gone.harbour.example' } })
  expect(await answer.text()).not.toContain('the site of web')
  expect(troubles).toEqual([])
  await close()
})

test('who may only look is offered nothing else', async () => {
  await attach('looked-at.harbour.example')
  const viewer = await server.person('vera@example.com', { role: 'viewer', service: 'web' })
  const { page, troubles, close } = await visit({ url: server.url, storageState: viewer })
  await page.goto('/services/web/production')
  await row(page, 'looked-at.harbour.example').getByText('probe good').waitFor()
  await page.getByRole('button', { name: 'Ask now: looked-at.harbour.example' }).waitFor()
  for (const name of ['Add URL', 'More for looked-at.harbour.example'])
    expect(await page.getByRole('button', { name }).count()).toBe(0)
  await page.getByRole('button', { name: 'Account of' }).click()
  expect(await page.getByRole('menuitem', { name: 'Settings' }).count()).toBe(0)
  expect(troubles).toEqual([])
  await close()
})
