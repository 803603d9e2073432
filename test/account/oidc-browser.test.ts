/** The way to a provider on another site and back, in a real Chromium: by what its cookies and redirects really do. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import type { IdentityProvider } from '../../src/contract/shapes/identities.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from '../web/browser.ts'
import { Guests, PASSWORD } from './guests.ts'
import { CLIENT, RealProvider } from './provider.ts'

setDefaultTimeout(30_000)
const test = needs('chromium')
let app: TestApp
let guests: Guests
let real: RealProvider
let provider: IdentityProvider

beforeAll(async () => {
  app = await startTestApp()
  guests = new Guests(app, Date.now)
  // The app is at 127.0.0.1: for a browser that is another site.
  real = await new RealProvider('localhost').start()
  const made = await guests.ask<IdentityProvider>(await guests.ownerKey(), 'POST', '/identity-providers', {
    label: 'Harbour Login',
    issuer: real.url,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    allowPrivateNetwork: true,
  })
  provider = made.value
  real.register(provider.redirectUri)
})
afterAll(async () => {
  await closeBrowser()
  real.stop()
  guests.close()
  await app.stop()
})

/** Asks the API as a script of our page does. */
const ask = (page: Page, method: string, path: string, json?: object) =>
  page.evaluate(
    async (given) => {
      const headers = { 'content-type': 'application/json' }
      const body = given.json === undefined ? {} : { headers, body: JSON.stringify(given.json) }
      const answer = await fetch(`/api/v1${given.path}`, { method: given.method, ...body })
      return (await answer.json()) as Record<string, unknown> // every answer here is an object
    },
    { method, path, json },
  )

/** Goes where our app says, signs in and agrees at the forms of the provider, and is back. */
async function goThere(page: Page, departure: Record<string, unknown>, subject: string): Promise<string> {
  await page.goto(String(departure['url']))
  await page.getByPlaceholder('Enter any login').fill(subject)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${app.url}/**`)
  return page.url().slice(app.url.length)
}

test('an identity is linked in one tab, and signs in in another browser', async () => {
  const { user } = await guests.guest()
  const first = await visit({ url: app.url })
  await first.page.goto('/healthz')
  await ask(first.page, 'POST', '/session', { login: user.login, password: PASSWORD })
  const begun = await ask(first.page, 'POST', '/profile/identities', {
    provider: provider.id,
    password: PASSWORD,
    next: '/healthz?linked',
  })
  expect(await goThere(first.page, begun, 'ann')).toBe('/healthz?linked')
  expect(await ask(first.page, 'GET', '/profile')).toMatchObject({ factors: { identities: 1 } })
  await first.close()

  const second = await visit({ url: app.url })
  await second.page.goto('/healthz')
  expect(await ask(second.page, 'GET', '/session')).toMatchObject({ kind: null })
  const departure = await ask(second.page, 'POST', `/session/oidc/${provider.id}`, { next: '/healthz?in' })
  expect(await goThere(second.page, departure, 'ann')).toBe('/healthz?in')
  expect(await ask(second.page, 'GET', '/session')).toMatchObject({ user: { login: user.login } })
  await second.close()
})

test('whom nobody knows is led back to the page, which can tell why', async () => {
  const { page, close } = await visit({ url: app.url, expected: /404/ })
  await page.goto('/healthz')
  const departure = await ask(page, 'POST', `/session/oidc/${provider.id}`, { next: '/healthz' })
  expect(await goThere(page, departure, 'stranger')).toBe('/healthz#problem')
  expect(await ask(page, 'GET', '/session/pending')).toMatchObject({ problem: { code: 'forbidden' } })
  expect(await ask(page, 'GET', '/session')).toMatchObject({ kind: null })
  await close()
})
