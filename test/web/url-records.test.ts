/** URLs whose records a real BIND holds: set up, planned, made, in the way and taken back, on the page. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { KEY, Named } from '../dns/named.ts'
import { has, needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'

setDefaultTimeout(60_000)
const PROGRAMS = ['chromium', 'named', 'nsupdate', 'dig']
const test = needs(...PROGRAMS)
const HOSTILE = '<img src=//canary.test/x onerror=alert(1)>'
let server: Claimed
let named: Named | null = null

beforeAll(async () => {
  server = await startClaimed()
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  await server.asOwner('PATCH', '/settings', { json: { dns: { addresses: ['203.0.113.5'] } } })
  if (PROGRAMS.every(has)) named = await Named.start()
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
  await named?.end()
})

const bind = (): Named => {
  if (!named) throw new Error('BIND does not run.')
  return named
}
const asOwner = (path: string, expected?: RegExp) =>
  visit({ url: server.url, storageState: server.owner, ...(expected && { expected }) }).then(
    async (visitor) => {
      await visitor.page.goto(path)
      return visitor
    },
  )
const row = (page: Page, name: string) =>
  page.getByRole('list', { name: 'URLs' }).getByRole('listitem').filter({ hasText: name }).first()
const lines = async (name: string) =>
  (await bind().dump()).filter((line) => line.startsWith(`${name}.`)).map((line) => line.split(/\s+/).at(-1))

async function planFor(page: Page, name: string) {
  await page.getByRole('button', { name: 'Add URL' }).click()
  await page.getByLabel('Host name').fill(name)
  return page.getByRole('region', { name: 'What will happen' })
}
async function detach(page: Page, name: string) {
  await page.getByRole('button', { name: `More for ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Detach…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Detach' }).click()
}

test('a provider is set up by the fields of its kind, tells its zones, and never its secret', async () => {
  const { page, troubles, close } = await asOwner('/')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Add provider' }).click()
  const field = (label: string) => page.getByRole('dialog').getByLabel(label, { exact: true })
  await field('Kind').selectOption('rfc2136')
  await field('What people call it').fill('The BIND in the cellar')
  await field('Primary name server').fill('127.0.0.1')
  await field('Port').fill(String(bind().port))
  await field('Zones').fill('example.com')
  await field('Name of the key').fill(KEY.keyName)
  await field('Secret of the key').fill(Buffer.from('another secret').toString('base64'))
  await field('Name servers to ask').fill(`127.0.0.1:${bind().port}`)
  await field('Allow private networks').check()
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
  await page.getByRole('button', { name: 'Test The BIND in the cellar' }).click()
  await page.getByRole('alert').waitFor()

  await page.getByRole('button', { name: 'Change The BIND in the cellar' }).click()
  expect(await field('Secret of the key').inputValue()).toBe('')
  expect(await field('Zones').inputValue()).toBe('example.com')
  await field('Secret of the key').fill(KEY.secret)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Test The BIND in the cellar' }).click()
  await page.getByRole('list', { name: 'Zones' }).getByText('example.com').waitFor()
  expect(await page.content()).not.toContain(KEY.secret)
  expect(troubles).toEqual([])
  await close()
})

test('records are planned, made, answered, and removed', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  const plan = await planFor(page, 'shop.example.com')
  const changes = plan.getByRole('list', { name: 'Changes in DNS' }).getByRole('listitem')
  await changes.nth(1).waitFor()
  expect(await changes.allTextContents()).toEqual([
    expect.stringMatching(/^Ashop\.example\.com203\.0\.113\.5.*new$/),
    expect.stringMatching(/^TXT_fairlead-a\.shop\.example\.comfairlead=1 instance=.*new$/),
  ])
  expect(await lines('shop.example.com')).toEqual([])
  await page.getByRole('button', { name: 'Attach shop.example.com' }).click()
  await row(page, 'shop.example.com').getByText('DNS answers').waitFor()
  expect(await lines('shop.example.com')).toEqual(['203.0.113.5'])

  await detach(page, 'shop.example.com')
  await row(page, 'shop.example.com').waitFor({ state: 'detached' })
  expect(await lines('shop.example.com')).toEqual([])
  expect(troubles).toEqual([])
  await close()
})

test('what stands in the way is shown and never touched; once it is gone, looking again helps', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  const plan = await planFor(page, 'taken.example.com')
  await plan.getByText('Something else stands there').waitFor()
  for (const value of ['192.0.2.30', '192.0.2.31']) await plan.getByText(value).first().waitFor()
  expect(await page.getByRole('button', { name: /^Attach/ }).isDisabled()).toBe(true)
  await bind().byHand('update delete taken.example.com A')
  await page.getByRole('button', { name: 'Look again' }).click()
  await plan.getByText('new').first().waitFor()
  expect(await page.getByRole('button', { name: 'Attach taken.example.com' }).isDisabled()).toBe(false)
  expect(troubles).toEqual([])
  await close()
})

test('X01 what strangers wrote into a zone, or call a provider, is text', async () => {
  await bind().byHand(`update add _fairlead-a.evil.example.com 60 TXT "fairlead=1 instance=${HOSTILE}"`)
  const { items } = await server.asOwner<{ items: { id: string }[] }>('GET', '/dns-providers')
  const rename = (label: string) =>
    server.asOwner('PATCH', `/dns-providers/${items[0]?.id}`, { json: { label } })
  await rename(HOSTILE)
  const { page, troubles, close } = await asOwner('/services/web/production')
  const plan = await planFor(page, 'evil.example.com')
  await plan.getByText(`instance=${HOSTILE}`).first().waitFor()
  await page.getByLabel('Host name').fill('named.example.com')
  await plan.getByText(HOSTILE, { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Attach named.example.com' }).click()
  await page.getByRole('button', { name: 'Details of named.example.com' }).click()
  await row(page, 'named.example.com').getByText(HOSTILE).first().waitFor()
  await row(page, 'named.example.com').getByText('DNS answers').waitFor()
  await page.getByRole('button', { name: 'More for named.example.com' }).click()
  await page.getByRole('menuitem', { name: 'Detach…' }).click()
  await page.getByRole('dialog').getByText(HOSTILE, { exact: true }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Detach' }).click()
  await row(page, 'named.example.com').waitFor({ state: 'detached' })
  await page.goto('/settings')
  await page.getByRole('button', { name: `Delete ${HOSTILE}` }).click()
  await page.getByRole('dialog', { name: `Delete ${HOSTILE}` }).waitFor()
  expect(await page.locator('img[src*="canary"]').count()).toBe(0)
  expect(troubles).toEqual([])
  await close()
  await rename('The BIND in the cellar')
})

test('what can not be attached after all leaves nothing but its reason and what was filled in', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  const plan = await planFor(page, 'late.example.com')
  await plan.getByText('new').first().waitFor()
  await bind().byHand('update add late.example.com 60 A 192.0.2.66')
  await page.getByRole('button', { name: 'Attach late.example.com' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('late.example.com could not be attached').waitFor()
  await alert.getByText('192.0.2.66').first().waitFor()
  await alert.getByRole('button', { name: 'Steps and log' }).click()
  await page
    .getByRole('listitem')
    .filter({ hasText: 'check the name' })
    .getByText('failed', { exact: true })
    .first()
    .waitFor()
  await page.getByRole('log').locator('[data-level]').first().waitFor()
  await alert.getByRole('button', { name: 'Change and try again…' }).click()
  expect(await page.getByLabel('Host name').inputValue()).toBe('late.example.com')
  await plan.getByText('192.0.2.66').first().waitFor()
  expect(await lines('late.example.com')).toEqual(['192.0.2.66'])
  expect(troubles).toEqual([])
  await close()
})

test('a record that somebody changed stops the detaching, and is shown', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  await (await planFor(page, 'changed.example.com')).getByText('new').first().waitFor()
  await page.getByRole('button', { name: 'Attach changed.example.com' }).click()
  await row(page, 'changed.example.com').getByText('DNS answers').waitFor()
  await bind().byHand('update delete changed.example.com A', 'update add changed.example.com 60 A 192.0.2.77')
  await detach(page, 'changed.example.com')
  const alert = row(page, 'changed.example.com').getByRole('alert')
  await alert.getByText('changed.example.com could not be detached').waitFor()
  await alert.getByText('192.0.2.77').first().waitFor()
  await row(page, 'changed.example.com').getByText('site empty').waitFor()
  expect(await lines('changed.example.com')).toEqual(['192.0.2.77'])

  await bind().byHand('update delete changed.example.com A')
  await alert.getByRole('button', { name: 'Try again…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Detach' }).click()
  await row(page, 'changed.example.com').waitFor({ state: 'detached' })
  expect(troubles).toEqual([])
  await close()
})

test('one that waits for a name server shows its steps and its log, and can be cancelled', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  const { items } = await server.asOwner<{ items: { id: string }[] }>('GET', '/dns-providers')
  const path = `/dns-providers/${items[0]?.id}`
  const silent = { nameservers: [`127.0.0.1:${bind().port}`, '127.0.0.2:1'] }
  await server.asOwner('PATCH', path, { json: { config: { ...silent, secret: KEY.secret } } })
  await (await planFor(page, 'slow.example.com')).getByText('new').first().waitFor()
  await page.getByRole('button', { name: 'Attach slow.example.com' }).click()
  const slow = row(page, 'slow.example.com')
  await slow.getByText('attaching').waitFor()
  const step = (name: string) => slow.getByRole('listitem').filter({ hasText: name })
  await step('ask the name servers').getByText('running').waitFor()
  await slow.getByRole('log').getByText('put up the site').waitFor()
  await slow.getByRole('button', { name: 'Cancel' }).click()
  await slow.waitFor({ state: 'detached' })
  expect(await lines('slow.example.com')).toEqual([])
  expect(troubles).toEqual([])
  await close()
})

test('one that is stuck half-way says why, and goes on once it can', async () => {
  const { page, troubles, close } = await asOwner('/services/web/production')
  await (await planFor(page, 'stuck.example.com')).getByText('new').first().waitFor()
  await page.getByRole('button', { name: 'Attach stuck.example.com' }).click()
  const stuck = row(page, 'stuck.example.com')
  const asking = stuck.getByRole('listitem').filter({ hasText: 'ask the name servers' })
  await asking.getByText('running').waitFor()
  await bind().stop()
  await stuck.getByRole('button', { name: 'Cancel' }).click()
  const alert = stuck.getByRole('alert')
  await alert.getByText('stuck.example.com is stuck half-way').waitFor({ timeout: 90_000 })
  await bind().up()
  expect(await lines('stuck.example.com')).toEqual(['203.0.113.5'])
  await alert.getByRole('button', { name: 'Try again' }).click()
  await stuck.waitFor({ state: 'detached', timeout: 90_000 })
  expect(await lines('stuck.example.com')).toEqual([])
  expect(troubles).toEqual([])
  await close()
}, 240_000)
