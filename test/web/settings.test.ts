/** What whoever looks after the instance sets on the page, in a real Chromium against the real program. */
import { afterAll, beforeAll, describe, expect, test as pure, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Settings } from '../../src/contract/shapes/settings.ts'
import { listensOf, listenText } from '../../src/web/settings/words.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
let server: Claimed

beforeAll(async () => {
  server = await startClaimed()
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
})

async function atSettings(expected?: RegExp) {
  const visitor = await visit({ url: server.url, storageState: server.owner, ...(expected && { expected }) })
  await visitor.page.goto('/settings')
  return visitor
}
const dialog = (page: Page) => page.getByRole('dialog')
const save = (page: Page) => dialog(page).getByRole('button', { name: 'Save' }).click()
const settings = () => server.asOwner<Settings>('GET', '/settings')

test('what records say is changed; what is refused stays in its field', async () => {
  const { page, troubles, close } = await atSettings(/status of 422/)
  await page.getByRole('button', { name: 'Change the DNS records' }).click()
  const addresses = page.getByLabel('Addresses of this server')
  await addresses.fill('203.0.113.5, not-an-address')
  await save(page)
  await dialog(page).getByRole('alert').waitFor()
  expect(await addresses.inputValue()).toBe('203.0.113.5, not-an-address')
  await addresses.fill('203.0.113.5, 2001:db8::5')
  await page.getByLabel('TTL, in seconds').fill('600')
  await save(page)
  await page.getByText('2001:db8::5, 203.0.113.5').waitFor()
  expect((await settings()).dns).toEqual({
    addresses: ['2001:db8::5', '203.0.113.5'],
    cname: null,
    ttlSeconds: 600,
  })
  expect(troubles).toEqual([])
  await close()
})

test('the gateway is changed line by line, and nothing that was not touched', async () => {
  const { page, troubles, close } = await atSettings()
  const before = (await settings()).gateway.nginx
  await page.getByRole('button', { name: 'Change the gateway' }).click()
  await page.getByLabel('Used for URLs').selectOption('nginx')
  const listens = page.getByLabel('Listens at')
  await listens.fill('80 nowhere')
  await page.getByText("This can't be read.").waitFor()
  expect(await dialog(page).getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await listens.fill('8080, [::1]:8081')
  await page.getByLabel('Reload command').fill('sudo -n /opt/nginx/sbin/nginx -s reload')
  await save(page)
  await page.getByText('sudo -n /opt/nginx/sbin/nginx -s reload').waitFor()
  expect((await settings()).gateway).toEqual({
    kind: 'nginx',
    nginx: {
      ...before,
      listen: [
        { address: null, port: 8080 },
        { address: '::1', port: 8081 },
      ],
      reload: ['sudo', '-n', '/opt/nginx/sbin/nginx', '-s', 'reload'],
    },
  })
  expect(troubles).toEqual([])
  await close()
})

test('what somebody else changed meanwhile is told, and not overwritten', async () => {
  const { page, troubles, close } = await atSettings(/status of 412/)
  await page.getByRole('button', { name: 'Change the DNS records' }).click()
  await server.asOwner('PATCH', '/settings', { json: { dns: { cname: 'server.example.com' } } })
  await page.getByLabel('TTL, in seconds').fill('900')
  await save(page)
  await dialog(page).getByRole('alert').getByText('Changed by somebody else').waitFor()
  expect((await settings()).dns).toMatchObject({ cname: 'server.example.com' })
  expect((await settings()).dns.ttlSeconds).not.toBe(900)
  await page.waitForFunction(() =>
    [...document.querySelectorAll('input')].some(({ value }) => value === 'server.example.com'),
  )
  await page.getByLabel('TTL, in seconds').fill('900')
  await save(page)
  await dialog(page).waitFor({ state: 'detached' })
  expect((await settings()).dns).toMatchObject({ cname: 'server.example.com', ttlSeconds: 900 })
  expect(troubles).toEqual([])
  await close()
})

test('a provider is deleted by typing its name', async () => {
  await server.asOwner('POST', '/dns-providers', {
    json: { kind: 'manual', label: 'By a friend', config: {} },
  })
  const { page, troubles, close } = await atSettings()
  await page.getByRole('button', { name: 'Delete By a friend' }).click()
  await page.getByLabel('Type By a friend to confirm').fill('By a friend')
  await page.keyboard.press('Enter')
  await page.getByText('None yet: records of URLs are made by hand.').waitFor()
  expect(troubles).toEqual([])
  await close()
})

describe('lines that programs read', () => {
  pure('listen addresses are read as they were written', () => {
    const listens = [
      { address: null, port: 80 },
      { address: '192.0.2.5', port: 8080 },
      { address: '2001:db8::5', port: 443 },
    ]
    expect(listenText(listens)).toBe('80 192.0.2.5:8080 [2001:db8::5]:443')
    expect(listensOf(listenText(listens))).toEqual(listens)
  })
  for (const bad of ['', 'x', '80;81', 'example.com:80', '80 x'])
    pure(`no listen address: ${JSON.stringify(bad)}`, () => expect(listensOf(bad)).toBeNull())
})
