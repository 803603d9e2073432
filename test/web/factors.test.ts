/** Second factors and passkeys on the page: Chromium with an authenticator of its own, codes by an authenticator app's rules. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { CLIENT, RealProvider } from '../account/provider.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, PASSWORD, startClaimed } from './claimed.ts'

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

/** Passkeys need a name; localhost is one. */
const atLocalhost = () => server.url.replace('127.0.0.1', 'localhost')
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })

async function signIn(page: Page, login: string) {
  await field(page, 'E-mail address').fill(login)
  await field(page, 'Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
}

async function signOut(page: Page) {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await heading(page, 'Sign in')
}

async function recoveryCodes(page: Page): Promise<string[]> {
  const dialog = page.getByRole('dialog', { name: 'Recovery codes' })
  const text = await dialog.locator('[class*="secret"]').textContent()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  return (text ?? '').split('\n')
}

test('an authenticator app is set up by its QR code, asked for, and replaced by a recovery code', async () => {
  await server.person('mo@example.com', { role: 'viewer' })
  const { page, troubles, close } = await visit({ url: server.url, expected: /status of 401/ })
  await page.goto('/profile')
  await signIn(page, 'mo@example.com')
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  await field(page, 'Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('img', { name: 'The secret for the app, as a QR code' }).waitFor()
  const secret = (await page.getByRole('dialog').locator('code').textContent()) ?? ''
  const app = new TOTP({ secret: secret.replaceAll(' ', '') })
  await field(page, 'What the app shows now').fill(app.generate())
  await page.getByRole('button', { name: 'Set it up' }).click()
  const codes = await recoveryCodes(page)
  expect(codes).toHaveLength(10)
  await page.getByText('10 recovery codes are left').waitFor()

  await signOut(page)
  await signIn(page, 'mo@example.com')
  await heading(page, 'One more proof')
  expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0)
  await field(page, 'Code').fill('000000')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.reload()
  await heading(page, 'One more proof')
  await field(page, 'Code').fill(codes[0] ?? '')
  await page.keyboard.press('Enter')
  await heading(page, 'Services')
  await page.goto('/profile')
  await page.getByText('9 recovery codes are left').waitFor()
  await page.getByRole('button', { name: 'Remove the app' }).click()
  await field(page, 'Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor()
  expect(troubles).toEqual([])
  await close()
})

test('a provider is set up, an account linked to it, and both sign in; a stranger is told why not', async () => {
  const provider = await new RealProvider('localhost').start()
  // The forms of the provider are its own, and so is what its pages say.
  const expected = /status of 40[14]|request to http:\/\/localhost|fonts\.googleapis|net::ERR_/
  const ann = await visit({ url: server.url, storageState: server.owner, expected })
  await ann.page.goto('/identity-providers')
  await ann.page.getByRole('button', { name: 'New provider' }).click()
  await field(ann.page, 'What the sign-in page calls it').fill('Harbour Login')
  await field(ann.page, 'Issuer').fill(provider.url)
  await field(ann.page, 'Client ID').fill(CLIENT.id)
  await field(ann.page, 'Client secret').fill(CLIENT.secret)
  await ann.page.getByLabel('It is in a private network').check()
  await ann.page.getByRole('button', { name: 'Set it up' }).click()
  const uri = ann.page.getByRole('listitem').filter({ hasText: 'Harbour Login' }).locator('code')
  provider.register((await uri.textContent()) ?? '')

  await ann.page.goto('/profile')
  await ann.page.getByRole('button', { name: 'Link one' }).click()
  await field(ann.page, 'Your password').fill(PASSWORD)
  await ann.page.getByRole('button', { name: 'Go there' }).click()
  await agreeThere(ann.page, 'ann-there')
  await ann.page.getByRole('button', { name: /^Unlink/ }).waitFor()
  await ann.close()

  const back = await visit({ url: server.url, expected })
  await back.page.goto('/users')
  await back.page.getByRole('button', { name: 'Sign in with Harbour Login' }).click()
  await agreeThere(back.page, 'ann-there')
  await heading(back.page, 'Users')
  await back.close()

  const stranger = await visit({ url: server.url, expected })
  await stranger.page.goto('/')
  await stranger.page.getByRole('button', { name: 'Sign in with Harbour Login' }).click()
  await agreeThere(stranger.page, 'stranger')
  await heading(stranger.page, 'Sign in')
  await stranger.page.getByRole('alert').waitFor()
  expect([ann.troubles, back.troubles, stranger.troubles]).toEqual([[], [], []])
  await stranger.close()
  provider.stop()
})

/** Signs in and agrees at the forms of the provider. */
async function agreeThere(page: Page, subject: string) {
  await page.getByPlaceholder('Enter any login').fill(subject)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${server.url}/**`)
}

test('a passkey is added, signs in by itself and after a password, and is removed', async () => {
  await server.person('nils@example.com', { role: 'viewer' })
  const { page, troubles, close } = await visit({ url: atLocalhost(), expected: /status of 401/ })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto('/profile')
  await signIn(page, 'nils@example.com')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await field(page, 'Its name').fill('Laptop')
  await field(page, 'Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  expect(await recoveryCodes(page)).toHaveLength(10)
  await page.getByRole('button', { name: 'Rename the passkey Laptop' }).waitFor()

  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await heading(page, 'Services')
  await signOut(page)
  await signIn(page, 'nils@example.com')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await heading(page, 'Services')

  await page.goto('/profile')
  await page.getByRole('button', { name: 'Remove the passkey Laptop' }).click()
  await field(page, 'Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('button', { name: 'Remove the passkey Laptop' }).waitFor({ state: 'detached' })
  expect(troubles).toEqual([])
  await close()
})
