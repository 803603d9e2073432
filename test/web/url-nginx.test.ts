/** URLs that a real NGINX answers, on the page: what it lacks is told and mended, then it leads to sites and to the page itself. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { homePage, tarOf } from './site.ts'

setDefaultTimeout(120_000)
/** As root NGINX has workers of another user, who may not read everything. */
const PROGRAMS = ['chromium', 'nginx', 'root']
const test = needs(...PROGRAMS)
let nginx: DebianNginx
/** Where nobody else may pass; the data lies in it. */
let closed: string
let server: Claimed | null = null

beforeAll(async () => {
  if (!PROGRAMS.every(has)) return
  nginx = await DebianNginx.started()
  closed = join(nginx.folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  server = await startClaimed({ data: join(closed, 'data') })
  const { test: judge, reload, listen, binary, config } = nginx.settings()
  const { enabled, available } = nginx
  const all = { test: judge, reload, listen, binary, config, enabled, available }
  await server.asOwner('PATCH', '/settings', { json: { gateway: { kind: 'nginx', nginx: all } } })
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  await server.asOwner('POST', '/services/web/environments/production/deployments?wait=true', {
    body: new Blob([tarOf(homePage('the site behind NGINX'))]),
    headers: { 'content-type': 'application/x-tar' },
  })
})
afterAll(async () => {
  await closeBrowser()
  await server?.remove()
  await nginx?.remove()
})

async function atPath(path: string) {
  if (!server) throw new Error('the server does not run')
  const visitor = await visit({ url: server.url, storageState: server.owner })
  await visitor.page.goto(path)
  return visitor
}
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name }).first()

test('what NGINX may not read is told with its remedy; once mended, it answers', async () => {
  const { page, troubles, close } = await atPath('/services/web/production')
  await page.getByRole('button', { name: 'Add URL' }).click()
  await page.getByLabel('Host name').fill('docs.harbour.example')
  await page.getByRole('combobox', { name: 'DNS records' }).selectOption('none')
  const plan = page.getByRole('region', { name: 'What will happen' })
  await plan.getByText('The gateway is not ready').waitFor()
  await plan.getByText(`chmod o+x ${closed}`).waitFor()
  expect(await page.getByRole('button', { name: /^Attach/ }).isDisabled()).toBe(true)
  chmodSync(closed, 0o711)
  await page.getByRole('button', { name: 'Look again' }).click()
  await page.getByRole('button', { name: 'Attach docs.harbour.example' }).click()
  const docs = row(page, 'docs.harbour.example')
  await docs.getByText('probe good').waitFor()
  const [site] = await Promise.all([page.waitForEvent('popup'), docs.getByRole('link').click()])
  expect(await site.getByRole('heading').textContent()).toBe('the site behind NGINX')
  expect(new URL(site.url()).port).toBe(String(nginx.port))
  expect(troubles).toEqual([])
  await close()
})

test('the page itself gets a name, and loses it', async () => {
  const { page, troubles, close } = await atPath('/settings')
  const own = page.getByRole('region', { name: 'URLs of this page' })
  await own.getByRole('button', { name: 'Add URL' }).click()
  await page.getByLabel('Host name').fill('deploy.harbour.example')
  await page.getByRole('combobox', { name: 'DNS records' }).selectOption('none')
  await page.getByRole('button', { name: 'Attach deploy.harbour.example' }).click()
  await row(page, 'deploy.harbour.example').getByText('page up').waitFor()
  await row(page, 'deploy.harbour.example').getByText('probe good').waitFor()
  expect(await nginx.says('deploy.harbour.example', '/healthz')).toContain('"version"')
  await page.getByRole('button', { name: 'More for deploy.harbour.example' }).click()
  await page.getByRole('menuitem', { name: 'Detach…' }).click()
  await page.getByRole('dialog').getByText('does not lead to this page any more').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Detach' }).click()
  await own.getByText('None yet.').waitFor()
  expect(troubles).toEqual([])
  await close()
})
