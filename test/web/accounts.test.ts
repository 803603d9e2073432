/** What people do with their accounts on the page, in a real Chromium against the real program. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, PASSWORD, startClaimed } from './claimed.ts'
import { startServer } from './server.ts'
import { homePage, tarOf } from './site.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
let server: Claimed

beforeAll(async () => {
  server = await startClaimed()
  for (const name of ['web', 'docs']) await server.asOwner('POST', '/services', { json: { name } })
  await server.asOwner('POST', '/services/web/environments', { json: { name: 'staging' } })
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

const asOwner = () => visit({ url: server.url, storageState: server.owner })
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
async function signIn(page: Page, login: string, password = PASSWORD) {
  await page.getByLabel('E-mail address').fill(login)
  await page.getByLabel('Password').first().fill(password)
  await page.keyboard.press('Enter')
}
async function typeToConfirm(page: Page) {
  const label = page.locator('label').filter({ hasText: /^Type .* to confirm$/ })
  const [, name = ''] = /^Type (.*) to confirm$/.exec((await label.textContent()) ?? '') ?? []
  await page.getByLabel(`Type ${name} to confirm`).fill(name)
}
/** The link or key of a dialog that shows it once. */
async function shownOnce(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog').filter({ hasText: 'shown this once' })
  const secret = await dialog.locator('[class*="secret"]').textContent()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await dialog.waitFor({ state: 'detached' })
  return secret ?? ''
}

test('J15 the link of the console makes the first account, once, and leaves the address bar', async () => {
  const fresh = await startServer()
  const link = fresh.setUpUrl ?? ''
  const { page, troubles, close } = await visit({ url: fresh.url, expected: /status of 404/ })
  await page.goto('/')
  await page.getByText('There is no account yet').waitFor()
  await page.goto(link)
  await heading(page, 'Make the first account')
  expect(await page.evaluate(() => location.hash)).toBe('')
  await page.getByLabel('Your name').fill('Ann')
  await signIn(page, 'ann@example.com')
  await heading(page, 'Bring your first site live')
  expect(await page.getByText('There is no account yet').count()).toBe(0)
  await page.getByRole('button', { name: 'Account of Ann' }).waitFor()
  await page.goto(link)
  await signIn(page, 'bob@example.com')
  await page.getByRole('alert').waitFor()
  expect(troubles).toEqual([])
  await close()
  await fresh.remove()
})

test('who signs in lands where he wanted to be; who signs out sees nothing more', async () => {
  const { page, troubles, close } = await visit({ url: server.url, expected: /status of 401/ })
  await page.goto('/services/web')
  await heading(page, 'Sign in')
  expect(await page.content()).not.toContain('staging')
  await signIn(page, 'ann@example.com', 'not the password')
  await page.getByRole('alert').getByText('is wrong').waitFor()
  await signIn(page, 'ann@example.com')
  await heading(page, 'web')
  await page.getByRole('button', { name: 'Account of Ann Harbour' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await heading(page, 'Sign in')
  await page.goto('/services/web')
  await heading(page, 'Sign in')
  expect(await page.content()).not.toContain('staging')
  expect(troubles).toEqual([])
  await close()
})

test('a person is invited by a link, and is offered what the role allows', async () => {
  const ann = await asOwner()
  await ann.page.goto('/users')
  await ann.page.getByRole('button', { name: 'Invite' }).click()
  await ann.page.getByLabel('E-mail address').fill('dora@example.com')
  await ann.page.getByLabel('Where').selectOption('web')
  await ann.page.getByLabel('Environment').selectOption('staging')
  await ann.page.getByRole('button', { name: 'Make the link' }).click()
  const link = await shownOnce(ann.page)
  await ann.page.getByText('deployer in web, staging').waitFor()

  const dora = await visit({ url: server.url })
  await dora.page.goto(link)
  await heading(dora.page, 'Welcome to Fairlead')
  await dora.page.getByLabel('Your name').fill('Dora')
  await dora.page.getByLabel('Password').first().fill('nine gulls over a pier')
  await dora.page.keyboard.press('Enter')
  await heading(dora.page, 'Services')
  await dora.page.getByRole('button', { name: 'Deploy to staging of web' }).waitFor()
  expect(await dora.page.getByRole('link', { name: 'docs', exact: true }).count()).toBe(0)
  expect(await dora.page.getByRole('link', { name: 'production', exact: true }).count()).toBe(0)
  expect(await dora.page.getByRole('button', { name: 'New service' }).count()).toBe(0)
  await dora.page.goto('/services/web/staging')
  await dora.page.getByRole('button', { name: 'Choose an archive' }).waitFor()
  expect(await dora.page.getByRole('button', { name: 'Settings' }).count()).toBe(0)
  await dora.page.getByRole('button', { name: 'Account of Dora' }).click()
  expect(await dora.page.getByRole('menuitem').allTextContents()).toEqual([
    'Your profile',
    'API and guides',
    'Sign out',
  ])

  await ann.page.goto('/users')
  await ann.page.getByRole('link', { name: 'Dora' }).click()
  await ann.page.getByRole('button', { name: 'Take away the role deployer' }).click()
  await ann.page.getByText('this account may do nothing').waitFor()
  await dora.page.goto('/')
  await dora.page.getByText('no service here that you may see').waitFor()
  expect([ann.troubles, dora.troubles]).toEqual([[], []])
  await ann.close()
  await dora.close()
})

test('L02 a session that is ended elsewhere ends on the page by itself, which goes on after signing in', async () => {
  const kept = await server.person('erik@example.com', { role: 'viewer' })
  const { page, close } = await visit({ url: server.url, storageState: kept })
  await page.goto('/services/web')
  await heading(page, 'web')
  await page.getByText('Connected').waitFor()
  const { items } = await server.asOwner<{ items: { id: string }[] }>(
    'GET',
    '/users?login=erik%40example.com',
  )
  await server.asOwner('DELETE', `/users/${items[0]?.id}/sessions`)
  await heading(page, 'Sign in')
  await page.getByText('Your session has ended').waitFor()
  await signIn(page, 'erik@example.com')
  await heading(page, 'web')
  await close()
})

test('an API key is told once, works within its bounds, is rotated and revoked', async () => {
  const { page, troubles, close } = await asOwner()
  await page.goto('/profile')
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('What it is for').fill('CI of the docs')
  await page.getByLabel('What it may do').selectOption('deployer')
  await page.getByLabel('Where').selectOption('docs')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = await shownOnce(page)
  const services = async (secret: string) => {
    const answer = await fetch(`${server.url}/api/v1/services`, {
      headers: { authorization: `Bearer ${secret}` },
    })
    const { items } = (await answer.json()) as { items?: { name: string }[] }
    return items?.map(({ name }) => name) ?? answer.status
  }
  expect(await services(key)).toEqual(['docs'])
  expect(await page.content()).not.toContain(key)

  await page.getByRole('button', { name: 'Change the key CI of the docs' }).click()
  await page.getByRole('menuitem', { name: 'Rotate' }).click()
  const rotated = await shownOnce(page)
  expect(await services(rotated)).toEqual(['docs'])
  const newer = page.getByRole('listitem').filter({ hasText: rotated.slice(0, 11) })
  // The menu of the older one may still be fading out.
  await page.getByRole('menu').waitFor({ state: 'detached' })
  await newer.getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Revoke' }).click()
  await typeToConfirm(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await newer.waitFor({ state: 'detached' })
  expect(await services(rotated)).toBe(401)
  expect(troubles).toEqual([])
  await close()
})

test('a role of one’s own is made, given, changed and deleted', async () => {
  const { page, troubles, close } = await visit({
    url: server.url,
    storageState: server.owner,
    expected: /status of 409/,
  })
  await server.person('gus@example.com')
  await page.goto('/roles')
  await page.getByRole('button', { name: 'New role' }).click()
  await page.getByLabel('Name').fill('promoter')
  const group = (noun: string) => page.getByRole('group', { name: noun, exact: true })
  await group('services').getByLabel('read').check()
  await group('deployments').getByLabel('promote').check()
  await page.getByRole('button', { name: 'Make the role' }).click()
  await page.getByRole('button', { name: 'Change the role promoter' }).waitFor()

  await page.goto('/users')
  await page.getByRole('link', { name: 'gus', exact: true }).click()
  await page.getByRole('button', { name: 'Give a role' }).click()
  await page.getByLabel('Role', { exact: true }).selectOption('promoter')
  await page.getByRole('button', { name: 'Give', exact: true }).click()
  await page.getByText('promoter everywhere').waitFor()

  await page.goto('/roles')
  await page.getByRole('button', { name: 'Delete the role promoter' }).click()
  await typeToConfirm(page)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('alert').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('a password link, disabling and deleting, by hand', async () => {
  await server.person('hana@example.com', { role: 'viewer' })
  const { page, troubles, close } = await asOwner()
  await page.goto('/users')
  await page.getByRole('link', { name: 'hana', exact: true }).click()
  await page.getByRole('button', { name: 'Make a password link' }).click()
  const link = await shownOnce(page)
  const hana = await visit({ url: server.url, expected: /status of 401/ })
  await hana.page.goto(link)
  await hana.page.getByLabel('Password').first().fill('rope and tar and rain')
  await hana.page.keyboard.press('Enter')
  await heading(hana.page, 'The password is set')
  await hana.page.getByRole('link', { name: 'Sign in' }).click()
  await signIn(hana.page, 'hana@example.com', 'rope and tar and rain')
  await heading(hana.page, 'Services')

  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  await heading(hana.page, 'Sign in')
  await page.getByRole('button', { name: 'Delete' }).click()
  await typeToConfirm(page)
  await page.keyboard.press('Enter')
  await heading(page, 'Users')
  await page.getByRole('link', { name: 'hana', exact: true }).waitFor({ state: 'detached' })
  expect(troubles).toEqual([])
  await close()
  await hana.close()
})

test('the audit tells who, finds, opens, exports and proves itself whole', async () => {
  await server.asOwner('POST', '/services', { json: { name: 'ledger' } })
  const { page, troubles, close } = await asOwner()
  await page.goto('/audit')
  await page.getByLabel('Service').fill('ledger')
  const rows = page.getByRole('list', { name: 'Audit' }).getByRole('listitem')
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Audit"] > li').length === 2)
  await rows.filter({ hasText: 'service.created' }).locator('summary').click()
  expect(await rows.filter({ hasText: 'service.created' }).textContent()).toContain('ann@example.com')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ])
  expect(download.suggestedFilename()).toEndWith('.csv')
  await page.getByLabel('Service').fill('no such service')
  await page.getByText('Nothing in the audit is like that').waitFor()
  await fetch(`${server.url}/api/v1/services`)
  await page.waitForFunction(async () =>
    (await fetch('/api/v1/audit/refusals')).text().then((text) => text.includes('127.0.0.1')),
  )
  await page.reload()
  await page.getByText('Strangers were refused').click()
  await page
    .getByText(/^127\.0\.0\.1: \d+$/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Check that nobody has altered it' }).click()
  await page.getByText('rows are as they were written').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('one’s own name, password and sessions', async () => {
  const kept = await server.person('ivo@example.com', { role: 'viewer' })
  const { page, troubles, close } = await visit({ url: server.url, storageState: kept })
  await page.goto('/profile')
  await page.getByLabel('What people call you').fill('Ivo Lock')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Account of Ivo Lock' }).waitFor()
  await page.getByLabel('Password until now').fill(PASSWORD)
  await page.getByLabel('New password').fill('a lighthouse on a rock')
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText('The password is changed.').waitFor()
  await page.getByText('This one').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('a second person approves what the first one deployed; one of the past is deleted, and its bundle erased', async () => {
  const production = '/services/docs/environments/production'
  const upload = (title: string) => ({
    body: new Blob([tarOf(homePage(title))]),
    headers: { 'content-type': 'application/x-tar' },
  })
  const leaky = await server.asOwner<{ id: string; bundle: string }>(
    'POST',
    `${production}/deployments?wait=true&message=Leaky`,
    upload('leaky'),
  )
  const kept = await server.person('kim@example.com', { role: 'deployer', service: 'docs' })
  const ann = await asOwner()
  await ann.page.goto('/services/docs/production')
  await ann.page.getByRole('button', { name: 'Settings' }).click()
  await ann.page.getByLabel('A second person approves what is deployed').check()
  await ann.page.getByRole('button', { name: 'Save' }).click()
  await ann.page.getByRole('dialog').waitFor({ state: 'detached' })
  await server.asOwner('POST', `${production}/deployments?message=Clean`, upload('clean'))
  await ann.page.getByRole('link', { name: 'waits for approval' }).click()
  await ann.page.getByText('until a second person approves it').waitFor()
  expect(await ann.page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true)

  const kim = await visit({ url: server.url, storageState: kept })
  await kim.page.goto(new URL(ann.page.url()).pathname)
  await kim.page.getByRole('button', { name: 'Approve' }).click()
  await ann.page.getByText('by kim@example.com', { exact: true }).waitFor()
  await ann.page.locator('h1 ~ *').getByText('live', { exact: true }).first().waitFor()
  expect(await server.visit({ service: 'docs', environment: 'production' })).toContain('<h1>clean</h1>')

  await ann.page.goto('/services/docs/production')
  const menu = ann.page.getByRole('button', { name: `More for deployment ${leaky.id}` })
  await menu.click()
  await ann.page.getByRole('menuitem', { name: 'Erase the bundle' }).click()
  await ann.page.getByLabel('Why').fill('a token was in it')
  await ann.page.getByRole('button', { name: 'Erase for good' }).click()
  await ann.page.getByRole('dialog').waitFor({ state: 'detached' })
  const { items } = await server.asOwner<{ items: { digest: string }[] }>('GET', '/services/docs/bundles')
  expect(items.map(({ digest }) => digest)).not.toContain(leaky.bundle)
  await menu.click()
  await ann.page.getByRole('menuitem', { name: 'Delete from the history' }).click()
  await ann.page.getByRole('button', { name: 'Delete', exact: true }).last().click()
  await menu.waitFor({ state: 'detached' })
  expect([ann.troubles, kim.troubles]).toEqual([[], []])
  await ann.close()
  await kim.close()
})

test('X04 what visitors are served never runs on the page’s own origin', async () => {
  const place = { service: 'docs', environment: 'production' }
  const evil = {
    ...homePage('evil'),
    'evil.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  }
  const deployed = await server.asOwner<{ bundle: string }>(
    'POST',
    `/services/${place.service}/environments/${place.environment}/deployments?wait=true`,
    { body: new Blob([tarOf(evil)]), headers: { 'content-type': 'application/x-tar' } },
  )
  const { page, troubles, close } = await visit({
    url: server.url,
    storageState: server.owner,
    expected: /status of 404/,
  })
  await page.goto('/services/docs/production')
  const site = await page.locator('a[target="_blank"]').first().getAttribute('href')
  expect(new URL(site ?? '').origin).not.toBe(new URL(server.url).origin)
  for (const path of ['/evil.svg', '/site/evil.svg'])
    expect((await fetch(server.url + path)).status).toBe(404)
  const archive = await page.request.get(`/api/v1/services/docs/bundles/${deployed.bundle}/archive`)
  expect(archive.headers()['content-disposition']).toStartWith('attachment')
  expect(archive.headers()['x-content-type-options']).toBe('nosniff')
  expect(troubles).toEqual([])
  await close()
})
