/** What other machines may see of an instance, and when: the address to listen on, HTTPS, and the first account. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, type AppConfig, startApp } from '../../src/app.ts'
import { Fault } from '../../src/base/fault.ts'
import { silentLog } from '../../src/base/log.ts'

let data: string
let apps: App[] = []
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'fairlead-outside-'))
})
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
  await rm(data, { recursive: true, force: true })
})

const loopback = { hostname: '127.0.0.1', port: 0 }
async function start(more: Partial<AppConfig>): Promise<App> {
  const app = await startApp({
    data,
    listen: loopback,
    sitesListen: loopback,
    url: null,
    assets: new Map(),
    diskReserveBytes: 0,
    passwordCost: 4,
    log: silentLog,
    ...more,
  })
  apps.push(app)
  return app
}
async function refusal(more: Partial<AppConfig>): Promise<Fault> {
  try {
    await start(more)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('it has started')
}
async function claim(): Promise<void> {
  const app = await start({})
  const code = new URL(app.setUpUrl ?? '').hash.slice(1)
  const json = { code, login: 'ann@example.com', password: 'seven boats at anchor' }
  const { status } = await fetch(`${app.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })
  expect(status).toBe(201)
  apps = []
  await app.stop()
}

/** Loopback, in a spelling that is not taken for it: a test is not to be reached from elsewhere. */
const STRANGE = { hostname: '::ffff:127.0.0.1', port: 0 }
const OUTSIDE = ['0.0.0.0', '::', '192.0.2.5', 'example.com', '127.0.0.1.evil.test']

describe('--listen', () => {
  test('J15 before there is an account it is loopback, whatever else is said', async () => {
    for (const hostname of OUTSIDE)
      for (const more of [{}, { insecureHttp: true }, { url: 'https://deploy.example.com' }]) {
        const fault = await refusal({ listen: { hostname, port: 0 }, ...more })
        expect(fault.code).toBe('usage')
        expect(fault.message).toContain('There is no account yet')
        expect(fault.hint).toContain('fairlead user create')
      }
  })

  test('with accounts it needs HTTPS in front, or to be told that there is none', async () => {
    await claim()
    for (const url of [null, 'http://deploy.example.com']) {
      const fault = await refusal({ listen: { hostname: '0.0.0.0', port: 0 }, url })
      expect(fault.code).toBe('usage')
      expect(fault.message).toContain('without HTTPS')
      expect(fault.hint).toContain('--insecure-http')
    }
    const behind = await start({
      listen: { hostname: '0.0.0.0', port: 0 },
      url: 'https://deploy.example.com',
    })
    expect(behind.isInsecure).toBe(false)
  })

  test('--insecure-http: the page says so, and the cookie does without its prefix', async () => {
    await claim()
    const app = await start({ listen: STRANGE, insecureHttp: true })
    expect(app.isInsecure).toBe(true)
    const url = `http://127.0.0.1:${new URL(app.url).port}`
    const who = await fetch(`${url}/api/v1/session`)
    expect(await who.json()).toMatchObject({ insecure: true, kind: null })
    const { headers } = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: 'ann@example.com', password: 'seven boats at anchor' }),
    })
    expect(headers.getSetCookie()[0]).toStartWith('fairlead=')
    expect(headers.getSetCookie()[0]).not.toContain('Secure')
  })

  test('--url is the base of every link, and of the cookie', async () => {
    await claim()
    const app = await start({ url: 'https://deploy.example.com' })
    expect(app.url).toBe('https://deploy.example.com')
    expect(app.isInsecure).toBe(false)
  })
})

test('--trusted-proxy takes addresses and blocks, and says what is neither', async () => {
  const fault = await refusal({ trustedProxies: ['10.0.0.0/8', 'nginx'] })
  expect(fault.message).toContain('"nginx"')
})
