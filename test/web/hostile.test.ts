/** X01 to X03, X06: what strangers wrote, shown to an owner who opens it and deletes it, in a real Chromium. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { ask } from '../api/app.ts'
import { needs } from '../needs.ts'
import { closeBrowser, type Visitor, visit } from './browser.ts'
import { type Claimed, PASSWORD, startClaimed } from './claimed.ts'
import { homePage, tarOf } from './site.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
/** As long as a name may be. */
const HOSTILE = `<img src="//canary.test/x" onerror="alert(1)"><script>alert(2)</script>"'`
const LOGIN = 'mallory@example.com'
let server: Claimed
let mallory = ''

beforeAll(async () => {
  server = await startClaimed()
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  await server.person(LOGIN, { role: 'deployer' })
  const { items } = await server.asOwner<{ items: { id: string }[] }>(
    'GET',
    `/users?login=${encodeURIComponent(LOGIN)}`,
  )
  mallory = items[0]?.id ?? ''
  const cookie = await signInWith(LOGIN, HOSTILE)
  const own = { cookie, 'sec-fetch-site': 'same-origin' }
  const send = async (method: string, path: string, given: Parameters<typeof ask>[2]) => {
    const { status, text } = await ask(`${server.url}/api/v1${path}`, method, {
      ...given,
      headers: { ...own, ...given.headers },
    })
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`)
  }
  await send('PATCH', '/profile', { json: { name: HOSTILE } })
  await send('POST', '/api-keys', { json: { name: HOSTILE } })
  const site = { ...homePage('site'), '<img src=x onerror=alert(3)>.txt': 'x' }
  await send(
    'POST',
    `/services/web/environments/production/deployments?wait=true&message=${encodeURIComponent(HOSTILE)}`,
    {
      body: new Blob([tarOf(site)]),
      headers: { 'content-type': 'application/x-tar' },
    },
  )
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

async function signInWith(login: string, userAgent: string): Promise<string> {
  const { headers } = await ask(`${server.url}/api/v1/session`, 'POST', {
    json: { login, password: PASSWORD },
    headers: { 'user-agent': userAgent },
  })
  return headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
}

const asOwner = () => visit({ url: server.url, storageState: server.owner })
async function expectInert({ page, troubles }: Visitor) {
  expect(await page.locator('img[src*="canary"], img[onerror]').count()).toBe(0)
  expect(await page.locator('body script').count()).toBe(0)
  expect(troubles).toEqual([])
}
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { name, level: 1, exact: true }).waitFor()

for (const path of ['/', '/services/web', '/services/web/production', '/users'])
  test(`X01 ${path} shows what a stranger wrote as text`, async () => {
    const visitor = await asOwner()
    await visitor.page.goto(path)
    await visitor.page.getByText(HOSTILE).first().waitFor()
    await expectInert(visitor)
    await visitor.close()
  })

test('X01 an owner who looks at the hostile user, his key and his sign-ins, and deletes him', async () => {
  const visitor = await asOwner()
  const { page } = visitor
  await page.goto(`/users/${mallory}`)
  await heading(page, HOSTILE)
  expect(await page.title()).toStartWith(HOSTILE)
  await page.getByText(HOSTILE).nth(1).waitFor()
  await page.getByRole('button', { name: `Change the key ${HOSTILE}` }).click()
  await page.getByRole('menuitem', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByText(HOSTILE).first().waitFor()
  await expectInert(visitor)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Give a role' }).click()
  await page.getByRole('dialog').getByText(HOSTILE).first().waitFor()
  await expectInert(visitor)
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByLabel(`Type ${LOGIN} to confirm`).fill(LOGIN)
  await page.keyboard.press('Enter')
  await heading(page, 'Users')
  await page.goto('/audit')
  await page.getByLabel('Kind').fill('user.deleted')
  const row = page.getByRole('list', { name: 'Audit' }).locator('summary').first()
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Audit"] > li').length === 1)
  await row.click()
  await page.locator('pre').getByText('canary.test').waitFor()
  await expectInert(visitor)
  await visitor.close()
})

test('X01 the browser that a session names is text', async () => {
  const cookie = await signInWith('ann@example.com', HOSTILE)
  const [name = '', value = ''] = cookie.split('=')
  const [first] = server.owner.cookies
  if (!first) throw new Error('the owner has no cookie')
  const visitor = await visit({
    url: server.url,
    storageState: { cookies: [{ ...first, name, value }], origins: [] },
  })
  await visitor.page.goto('/profile')
  await visitor.page.getByText('<img src=').first().waitFor()
  await expectInert(visitor)
  await visitor.close()
})

for (const path of [
  '/?next=//evil.test',
  '/?next=https:evil.test',
  '/services?next=%5Cevil.test',
  '/profile?next=javascript:alert(1)',
])
  test(`X06 signing in at ${path} stays on this origin`, async () => {
    const { page, troubles, close } = await visit({ url: server.url })
    await page.goto(path)
    await heading(page, 'Sign in')
    await page.getByLabel('E-mail address').fill('ann@example.com')
    await page.getByLabel('Password').first().fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Account of/ }).waitFor()
    expect(new URL(page.url()).origin).toBe(new URL(server.url).origin)
    expect(troubles).toEqual([])
    await close()
  })
