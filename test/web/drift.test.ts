/** What hands have changed, on the page: told with its difference, put back or taken over. In a real Chromium. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { expectGoodLooks, SCHEMES, SIZES, violations } from './looks.ts'
import { tarOf } from './site.ts'

setDefaultTimeout(120_000)
const test = needs('chromium')
const data = mkdtempSync(join(tmpdir(), 'fairlead-web-drift-'))
const HOSTILE = '<img src=x onerror="document.title=\'stolen\'">'
let server: Claimed

beforeAll(async () => {
  server = await startClaimed({ data })
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  await server.asOwner('POST', '/services/web/environments', { json: { name: 'staging' } })
  await deploy('first words')
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

const LONG = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')
const deploy = (text: string) =>
  server.asOwner('POST', '/services/web/environments/production/deployments?wait=true', {
    headers: { 'content-type': 'application/x-tar' },
    body: new Blob([tarOf({ 'index.html': `${text}\n`, 'long.txt': LONG })]),
  })

/** The folder that visitors of production are answered from. */
function live(): string {
  const [link = ''] = readdirSync(join(data, 'sites'))
  return realpathSync(join(data, 'sites', link))
}
/** Writes over a file of what is live, as a hand would. */
const edit = (file: string, text: string) => writeFileSync(join(live(), file), text)
const lookNow = () => server.asOwner('POST', '/drift/look')

async function at(path: string, who = server.owner) {
  const visitor = await visit({ url: server.url, storageState: who })
  await visitor.page.goto(path)
  return visitor
}
const dialog = (page: Page) => page.getByRole('dialog')
const quiet = (page: Page) => page.getByText('Everything stands as it should.')

describe('what hands have changed', () => {
  test('nothing is open: the page says so', async () => {
    const { page, troubles, close } = await at('/drift')
    await quiet(page).waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('it is found by a look, told with its difference, beside its environment, and put back', async () => {
    const { page, troubles, close } = await at('/drift')
    await quiet(page).waitFor()
    edit('index.html', HOSTILE)
    await page.getByRole('button', { name: 'Look now' }).click()
    await page.getByText('Files of what is live were changed').waitFor()
    await page.goto('/services/web/production')
    await page.getByRole('link', { name: 'See the difference, and the ways out' }).click()
    await page.getByText('index.html').first().waitFor()
    expect(await page.title()).toBe('Drift · Fairlead')
    await page.getByRole('button', { name: /^Revert / }).click()
    await dialog(page).getByText('What was changed by hand is lost.').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog(page).getByRole('button', { name: 'Revert', exact: true }).click()
    await quiet(page).waitFor()
    expect(await Bun.file(join(live(), 'index.html')).text()).toBe('first words\n')
    await page.getByLabel('Show those that have ended').check()
    await page.getByText('put back', { exact: true }).waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('it is taken over: a deployment more, of what stood', async () => {
    const { page, troubles, close } = await at('/drift')
    edit('index.html', 'by hand\n')
    await lookNow()
    await page.getByRole('button', { name: /^Adopt / }).click()
    await dialog(page).getByText('becomes a deployment of this environment').waitFor()
    await dialog(page).getByRole('button', { name: 'Adopt', exact: true }).click()
    await quiet(page).waitFor()
    expect(await Bun.file(join(live(), 'index.html')).text()).toBe('by hand\n')
    expect(troubles).toEqual([])
    await close()
  })

  test('what was changed again since it was shown is not put back unseen', async () => {
    const { page, close } = await visit({
      url: server.url,
      storageState: server.owner,
      expected: /status of 409/,
    })
    edit('index.html', 'once\n')
    await lookNow()
    await page.goto('/drift')
    await page.getByRole('button', { name: /^Revert / }).click()
    await dialog(page).getByText('What was changed by hand is lost.').waitFor()
    edit('long.txt', 'twice\n')
    await lookNow()
    await dialog(page).getByRole('button', { name: 'Revert', exact: true }).click()
    await dialog(page).getByRole('alert').waitFor()
    expect(await Bun.file(join(live(), 'index.html')).text()).toBe('once\n')
    await close()
  })

  test('who may only read is offered no way out', async () => {
    const viewer = await server.person('vic@example.com', { role: 'viewer' })
    const { page, close } = await at('/drift', viewer)
    await page.getByText('Files of what is live were changed').waitFor()
    expect(await page.getByRole('button', { name: /Revert|Adopt|Look now/ }).count()).toBe(0)
    await close()
  })
})

describe('it looks well with a long difference', () => {
  for (const [size, viewport] of Object.entries(SIZES))
    for (const colorScheme of SCHEMES)
      test(`${size}, ${colorScheme}`, () =>
        expectGoodLooks(
          { url: server.url, viewport, colorScheme, storageState: server.owner },
          '/drift',
          (page) => page.getByText('Files of what is live were changed').waitFor(),
        ))
})
