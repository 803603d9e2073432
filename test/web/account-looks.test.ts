/** How the views of accounts look, and what stands before the page. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { Page } from 'playwright-core'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from './browser.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { expectGoodLooks, SCHEMES, SIZES, violations } from './looks.ts'
import { type Running, startServer } from './server.ts'

setDefaultTimeout(60_000)
const test = needs('chromium')
let server: Claimed
let unclaimed: Running
const paths: Record<string, string> = {
  users: '/users',
  roles: '/roles',
  audit: '/audit',
  profile: '/profile',
}

beforeAll(async () => {
  server = await startClaimed()
  unclaimed = await startServer()
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  const machine = { login: 'web-ci', kind: 'machine', role: 'deployer', service: 'web' }
  const { id } = await server.asOwner<{ id: string }>('POST', '/users', { json: machine })
  const key = { name: 'CI', user: 'web-ci', scopes: [{ service: 'web' }], addresses: ['192.0.2.0/24'] }
  await server.asOwner('POST', '/api-keys', { json: key })
  await server.asOwner('POST', '/invitations', { json: { login: 'bob@example.com', role: 'viewer' } })
  await server.asOwner('POST', '/roles', { json: { name: 'reader', permissions: ['services:read'] } })
  paths.user = `/users/${id}`
  const login = 'bob.the.builder.of.very.many.harbours.and.piers@example.com'
  const bob = { login, name: 'Bob the Builder of Very Many Harbours and Piers', role: 'viewer' }
  paths.longNamed = `/users/${(await server.asOwner<{ id: string }>('POST', '/users', { json: bob })).id}`
})
afterAll(async () => {
  await closeBrowser()
  await server.remove()
  await unclaimed.remove()
})

const READY: Record<string, (page: Page) => Promise<void>> = {
  users: (page) => page.getByText('bob@example.com').waitFor(),
  user: (page) => page.getByText('192.0.2.0/24').waitFor(),
  longNamed: (page) => page.getByText('No keys yet.').waitFor(),
  roles: (page) => page.getByRole('button', { name: 'Change the role reader' }).waitFor(),
  audit: (page) => page.getByText('role.created').waitFor(),
  profile: (page) => page.getByText('This one').waitFor(),
}

describe('every view of accounts', () => {
  for (const [view, ready] of Object.entries(READY))
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${view}, ${size}, ${colorScheme}: accessible, calm, no wider than the window`, () =>
          expectGoodLooks(
            { url: server.url, viewport, colorScheme, storageState: server.owner },
            paths[view] ?? '',
            ready,
          ))
})

describe('what stands before the page', () => {
  const DOORS: [name: string, path: string, heading: string][] = [
    ['sign-in', '/', 'Sign in'],
    ['set-up', '/setup#code', 'Make the first account'],
    ['invitation', '/invitation#code', 'Welcome to Fairlead'],
    ['password reset', '/password-reset#code', 'Choose a new password'],
    ['a link without its code', '/invitation', 'Welcome to Fairlead'],
  ]
  for (const [name, path, heading] of DOORS)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        test(`${name}, ${size}, ${colorScheme}: accessible, calm, no wider than the window`, () =>
          expectGoodLooks({ url: server.url, viewport, colorScheme }, path, (page) =>
            page.getByRole('heading', { name: heading, level: 1 }).waitFor(),
          ))

  for (const colorScheme of SCHEMES)
    test(`no account yet, ${colorScheme}`, () =>
      expectGoodLooks({ url: unclaimed.url, colorScheme }, '/', (page) =>
        page.getByText('There is no account yet').waitFor(),
      ))
})

describe('dialogs and menus of accounts are accessible', () => {
  const OPENINGS: [name: string, path: () => string | undefined, button: string | RegExp][] = [
    ['user menu', () => '/', /^Account of/],
    ['invite', () => paths.users, 'Invite'],
    ['new machine', () => paths.users, 'New machine'],
    ['give a role', () => paths.user, 'Give a role'],
    ['new key', () => paths.user, 'New key'],
    ['role', () => paths.roles, 'Change the role reader'],
    ['second factor', () => paths.profile, 'Set up an authenticator app'],
  ]
  for (const [name, path, button] of OPENINGS)
    for (const colorScheme of SCHEMES)
      test(`${name}, ${colorScheme}`, async () => {
        const { page, troubles, close } = await visit({
          url: server.url,
          storageState: server.owner,
          colorScheme,
          reducedMotion: 'reduce',
        })
        await page.goto(path() ?? '')
        await page.getByRole('button', { name: button }).click()
        await page.locator('[role="dialog"], [role="menu"]').first().waitFor()
        expect(await violations(page)).toEqual([])
        expect(troubles).toEqual([])
        await close()
      })
})
