/** Passkeys as Chromium makes them, with an authenticator that its protocol provides: our server against a real browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { startTestApp, type TestApp } from '../api/app.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from '../web/browser.ts'
import { type Guest, Guests, PASSWORD } from './guests.ts'

setDefaultTimeout(30_000)
const test = needs('chromium')
let app: TestApp
let guests: Guests

beforeAll(async () => {
  app = await startTestApp()
  guests = new Guests(app, Date.now)
})
afterAll(async () => {
  await closeBrowser()
  guests.close()
  await app.stop()
})

interface Told {
  status: number
  body: Record<string, unknown>
}

/** A tab of our own origin with a security key; `ask` calls the API as the page does, with its cookies. */
async function atTheKey(work: (page: Page, ask: Ask) => Promise<void>): Promise<void> {
  const url = `http://localhost:${new URL(app.url).port}`
  const { page, close } = await visit({ url })
  try {
    await page.goto('/healthz')
    const protocol = await page.context().newCDPSession(page)
    await protocol.send('WebAuthn.enable')
    await protocol.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await work(page, (method, path, json) => page.evaluate(call, { method, path, json }))
  } finally {
    await close()
  }
}
type Ask = (method: string, path: string, json?: object) => Promise<Told>

/** Runs in the tab. */
async function call({ method, path, json }: { method: string; path: string; json: object | undefined }) {
  const body = json === undefined ? {} : { body: JSON.stringify(json) }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`/api/v1${path}`, { method, ...(json !== undefined && { headers }), ...body })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const create = (page: Page, options: object): Promise<object> =>
  page.evaluate(async (given) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      given as PublicKeyCredentialCreationOptionsJSON,
    )
    const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential // what was asked for
    return made.toJSON()
  }, options)

const get = (page: Page, options: object): Promise<object> =>
  page.evaluate(async (given) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
      given as PublicKeyCredentialRequestOptionsJSON,
    )
    const signed = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential // ditto
    return signed.toJSON()
  }, options)

async function withPasskey(page: Page, ask: Ask): Promise<Guest> {
  const guest = await guests.guest()
  const { login } = guest.user
  expect((await ask('POST', '/session', { login, password: PASSWORD })).status).toBe(201)
  const options = await ask('POST', '/profile/passkeys/options', { password: PASSWORD })
  const kept = await ask('POST', '/profile/passkeys', {
    name: 'Chromium',
    response: await create(page, options.body),
  })
  expect(kept).toMatchObject({
    status: 201,
    body: { passkey: { name: 'Chromium' }, factors: { passkeys: 1 } },
  })
  expect((await ask('DELETE', '/session')).status).toBe(200)
  return guest
}

describe('a passkey of Chromium', () => {
  test('signs in by itself', () =>
    atTheKey(async (page, ask) => {
      const { user } = await withPasskey(page, ask)
      const options = await ask('POST', '/session/passkey/options')
      const response = await get(page, options.body)
      const signedIn = await ask('POST', '/session/passkey', { response })
      expect(signedIn).toMatchObject({ status: 201, body: { user: { login: user.login } } })
      expect((await ask('GET', '/session')).body).toMatchObject({ kind: 'user' })
      expect((await ask('POST', '/session/passkey', { response })).status).toBe(401)
    }))

  test('is the second factor after the password', () =>
    atTheKey(async (page, ask) => {
      const { user } = await withPasskey(page, ask)
      const half = await ask('POST', '/session', { login: user.login, password: PASSWORD })
      expect(half).toMatchObject({ status: 401, body: { factors: ['passkey', 'recovery-code'] } })
      expect((await ask('GET', '/session')).body).toMatchObject({ kind: null })
      const options = await ask('POST', '/session/second-factor/options')
      const passkey = await get(page, options.body)
      const signedIn = await ask('POST', '/session/second-factor', { passkey })
      expect(signedIn).toMatchObject({ status: 201, body: { user: { login: user.login } } })
    }))

  test('is not made twice: the browser is told which ones there are', () =>
    atTheKey(async (page, ask) => {
      const { user } = await withPasskey(page, ask)
      const options = await ask('POST', '/session/passkey/options')
      await ask('POST', '/session/passkey', { response: await get(page, options.body) })
      const again = await ask('POST', '/profile/passkeys/options', { password: PASSWORD })
      expect(again.body).toMatchObject({
        user: { name: user.login },
        excludeCredentials: [{ type: 'public-key' }],
      })
      const refused = await create(page, again.body).catch(String)
      expect(refused).toContain('InvalidStateError')
    }))
})
