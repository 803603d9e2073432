/** What a person does with the page, in a real Chromium against the real program. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, dropFiles, visit } from './browser.ts'
import { type Running, startServer } from './server.ts'
import { homePage, temporaryDisk } from './site.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
const disk = temporaryDisk()
let server: Running

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
  disk.remove()
})

const createService = (name: string) => server.client.call('services.create', { json: { name } })
const pill = (page: Page, text: string) => page.getByText(text, { exact: true }).first()
const row = (environment: string) => `[role="group"][aria-label="Drop to deploy to ${environment}"]`

test('from nothing to live in two gestures: drop, Enter', async () => {
  const fresh = await startServer()
  const { page, troubles, close } = await visit({ url: fresh.url })
  await page.goto('/')
  await page.getByRole('heading', { name: 'Bring your first site live' }).waitFor()
  await dropFiles(page, '[role="group"][aria-label="Drop the site here"]', [
    disk.archive('My Site.tar.gz', homePage('first')),
  ])
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  expect(await page.getByLabel('Name of the service').inputValue()).toBe('my-site')
  await page.keyboard.press('Enter')
  await pill(page, 'live').waitFor()
  const place = { service: 'my-site', environment: 'production' }
  expect(await fresh.visit(place)).toContain('<h1>first</h1>')

  const [site] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Open production of my-site' }).click(),
  ])
  expect(await site.getByRole('heading').textContent()).toBe('first')
  expect(troubles).toEqual([])
  await close()
  await fresh.remove()
})

test('a folder travels by its differences, and not at all when it is known', async () => {
  await createService('folder')
  const { page, troubles, close } = await visit({ url: server.url })
  const sent: string[] = []
  page.on('request', (request) => {
    const [, what] = /\/bundles\/(diff|[0-9a-f]{64}\/files)$/.exec(request.url()) ?? []
    if (what) sent.push(what.replace(/^[0-9a-f]+\//, ''))
  })
  await page.goto('/services/folder/production')
  const drop = async (title: string) => {
    const path = disk.folder(`build-${title}`, { ...homePage(title), 'about/index.html': 'about us' })
    const before = (await server.client.call('deployments.list', { params: place })).value.items.length
    await dropFiles(page, row('production'), [path])
    await page.locator('ol[class*="list"] > li').nth(before).waitFor()
    await page.locator('li[data-live]').first().waitFor()
    await pill(page, 'live').waitFor()
  }
  const place = { service: 'folder', environment: 'production' }
  await drop('one')
  expect(await server.visit(place, '/about/')).toBe('about us')
  expect(sent).toContain('files')
  await drop('two')
  await page.waitForFunction(() => document.querySelectorAll('li[data-live]').length === 1)
  expect(await server.visit(place)).toContain('<h1>two</h1>')

  sent.length = 0
  await drop('one')
  expect(sent).toEqual(['diff'])
  expect(await server.visit(place)).toContain('<h1>one</h1>')
  expect(troubles).toEqual([])
  await close()
})

test('an archive that is refused says why, and nothing changes', async () => {
  await createService('refused')
  const place = { service: 'refused', environment: 'production' }
  await server.deploy(place, homePage('good'))
  const { page, troubles, close } = await visit({ url: server.url, expected: /status of 422/ })
  await page.goto('/services/refused')
  await dropFiles(page, row('production'), [
    disk.archive('evil.tar.gz', { 'index.html': 'x', '../<b>evil</b>.html': 'x' }),
  ])
  const alert = page.getByRole('alert')
  await alert.getByText('The archive was refused', { exact: true }).waitFor()
  expect(await alert.textContent()).toContain('<b>evil</b>')
  expect(await server.visit(place)).toContain('<h1>good</h1>')
  await alert.getByRole('button', { name: 'Dismiss' }).click()
  await alert.waitFor({ state: 'detached' })
  await page.getByText('newest failed').click()
  await page.getByText('none was kept').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('an upload shows how far it is, and can be cancelled', async () => {
  await createService('slow')
  const { page, troubles, close } = await visit({ url: server.url })
  await page.goto('/services/slow')
  const line = await page.context().newCDPSession(page)
  const throughput = { downloadThroughput: -1, uploadThroughput: 300_000, latency: 0 }
  await line.send('Network.emulateNetworkConditions', { offline: false, ...throughput })
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('hex')
  const archive = disk.archive('slow.tar.gz', { 'index.html': 'x', 'noise.txt': noise.repeat(60) })
  await dropFiles(page, row('production'), [archive])
  const bar = page.getByRole('progressbar', { name: 'Upload of slow.tar.gz' })
  await bar.waitFor()
  await page.waitForFunction(() => {
    const value = Number(document.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow'))
    return value > 0 && value < 100
  })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Nothing is live here yet.').waitFor()
  const params = { service: 'slow', environment: 'production' }
  expect((await server.client.call('environments.show', { params })).value.live).toBeNull()
  expect(troubles).toEqual([])
  await close()
})

test('the buttons do what a drop does, by keyboard alone', async () => {
  await createService('keys')
  const { page, troubles, close } = await visit({ url: server.url })
  await page.goto('/services/keys')
  await page.getByRole('button', { name: 'Deploy to production of keys' }).focus()
  const choosing = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.textContent === 'Choose an archive…')
  await page.keyboard.press('Enter')
  await (await choosing).setFiles(disk.archive('keys.tar.gz', homePage('keys')))
  await pill(page, 'live').waitFor()

  await page.getByRole('button', { name: 'Deploy to production of keys' }).click()
  const [folders] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('menuitem', { name: 'Choose a folder…' }).click(),
  ])
  const accepted = page.waitForResponse(
    (response) => response.url().endsWith('/deployments') && response.status() === 202,
  )
  await folders.setFiles(disk.folder('chosen', homePage('chosen')))
  await accepted
  // The page asks whoever leaves before it has read the answer.
  page.on('dialog', (asked) => void asked.accept())
  await page.goto('/services/keys/production')
  await page.locator('ol > li[data-live]').waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('environments are added, moved, renamed and deleted', async () => {
  await createService('places')
  const { page, troubles, close } = await visit({ url: server.url })
  const names = async () =>
    (await server.client.call('services.show', { params: { service: 'places' } })).value.environments.map(
      ({ name }) => name,
    )
  await page.goto('/services/places')
  await page.getByRole('button', { name: 'Add environment' }).click()
  await page.getByLabel('Name, such as staging').fill('Staging!')
  await page.getByText('A name has').waitFor()
  await page.getByLabel('Name, such as staging').fill('staging')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'staging', exact: true }).waitFor()

  await page.getByRole('button', { name: 'More for staging' }).click()
  await page.getByRole('menuitem', { name: 'Move up' }).click()
  await page.waitForFunction(
    () => document.querySelector('section [role="group"] a')?.textContent === 'staging',
  )
  expect(await names()).toEqual(['staging', 'production'])

  await page.getByRole('link', { name: 'staging', exact: true }).click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill('trial')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/services/places/trial')
  await page.getByRole('heading', { name: 'trial', level: 1 }).waitFor()

  await page.getByRole('button', { name: 'Delete' }).click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
  expect(await confirm.isDisabled()).toBe(true)
  await page.getByLabel('Type trial to confirm').fill('trial')
  await confirm.click()
  await page.waitForURL('**/services/places')
  await page.getByRole('link', { name: 'trial', exact: true }).waitFor({ state: 'detached' })
  expect(await names()).toEqual(['production'])
  expect(troubles).toEqual([])
  await close()
})

test('settings that somebody else changed meanwhile are shown, not overwritten', async () => {
  await createService('settings')
  const params = { service: 'settings', environment: 'production' }
  const { page, troubles, close } = await visit({ url: server.url, expected: /status of 412/ })
  await page.goto('/services/settings/production')
  await page.getByRole('button', { name: 'Settings' }).click()
  const retain = page.getByLabel('Earlier versions kept unpacked')
  await retain.fill('2')
  await server.client.call('environments.update', { params, json: { retain: 7 } })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('Changed by somebody else').waitFor()
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input')?.value === '7')
  await page.getByLabel('When no file answers').selectOption('single-page-application')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const { value } = await server.client.call('environments.show', { params })
  expect(value).toMatchObject({ retain: 7, notFoundHandling: 'single-page-application' })
  expect(troubles).toEqual([])
  await close()
})

test('history: promotion, rollback, and the very bytes of a bundle', async () => {
  await createService('history')
  const production = { service: 'history', environment: 'production' }
  const staging = { service: 'history', environment: 'staging' }
  await server.client.call('environments.create', {
    params: { service: 'history' },
    json: { name: 'staging' },
  })
  await server.deploy(production, homePage('one'), 'The first')
  await server.deploy(production, homePage('two'), 'The second')
  const { page, troubles, close } = await visit({ url: server.url })
  await page.goto('/services/history/production')
  const entry = (message: string) => page.getByRole('listitem').filter({ hasText: message }).first()
  await entry('The second').getByText('live', { exact: true }).waitFor()

  await entry('The first').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Roll back to this' }).click()
  await entry('rollback').getByText('live', { exact: true }).waitFor()
  expect(await server.visit(production)).toContain('<h1>one</h1>')

  await entry('rollback').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Promote to staging' }).click()
  await page.goto('/services/history/staging')
  await entry('promotion from production').getByText('live', { exact: true }).waitFor()
  expect(await server.visit(staging)).toContain('<h1>one</h1>')

  await page.getByRole('listitem').filter({ hasText: 'promotion' }).getByRole('button').click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download the bundle' }).click(),
  ])
  const { value } = await server.client.call('environments.show', { params: staging })
  const bytes = readFileSync(await download.path())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(value.live?.bundle ?? '')
  expect(troubles).toEqual([])
  await close()
})

test('a deployment shows its steps, their durations and its log', async () => {
  await createService('steps')
  const deployment = await server.deploy({ service: 'steps', environment: 'production' }, homePage('x'))
  const { page, troubles, close } = await visit({ url: server.url })
  await page.goto(`/deployments/${deployment.id}`)
  const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem')
  await steps.first().waitFor()
  expect(await steps.allTextContents()).toEqual(
    deployment.steps.map((step) => expect.stringMatching(new RegExp(`^${step.name}.*\\d m?s`))),
  )
  const { value } = await server.client.call('deployments.log', { params: { id: deployment.id } })
  const lines = page.getByRole('log').locator('[data-level]')
  await lines.nth(value.items.length - 1).waitFor()
  expect(await lines.count()).toBe(value.items.length)
  expect(troubles).toEqual([])
  await close()
})

test('a service is renamed, and deleted by typing its name', async () => {
  await createService('goner')
  const { page, troubles, close } = await visit({ url: server.url })
  await page.goto('/services/goner')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill('gone')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/services/gone')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByLabel('Type gone to confirm').fill('gone')
  await page.keyboard.press('Enter')
  await page.waitForURL(server.url)
  await page.getByRole('link', { name: 'gone', exact: true }).waitFor({ state: 'detached' })
  expect(troubles).toEqual([])
  await close()
})

test('what others do appears by itself, and a lost connection is told and mended', async () => {
  await createService('live')
  const place = { service: 'live', environment: 'production' }
  const { page, close } = await visit({ url: server.url })
  await page.goto('/services/live')
  await page.getByText('Nothing is live here yet.').waitFor()
  await server.deploy(place, homePage('x'), 'From elsewhere')
  await page.getByText('From elsewhere').waitFor()

  await server.stop()
  await page.getByText('The connection to the server is lost.').waitFor()
  await server.start()
  await server.client.call('environments.create', { params: { service: 'live' }, json: { name: 'later' } })
  await page.getByRole('link', { name: 'later', exact: true }).waitFor()
  await page.getByText('The connection to the server is lost.').waitFor({ state: 'detached' })
  await close()
})
