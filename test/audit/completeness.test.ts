/** Every changing row of the route table, called for real: one account of it in the audit, with who and from where. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import type { EventRow } from '../../src/store/events.ts'
import { People } from '../access/people.ts'
import { type Answer, startTestApp, type TestApp } from '../api/app.ts'
import { CHANGES } from './changes.ts'
import { type Case, OWNER, Stage } from './stage.ts'

let app: TestApp
let stage: Stage
beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
  stage = new Stage(app, new People(app))
})
afterAll(async () => {
  stage.people.close()
  stage.issuer.stop()
  await app.stop()
})

const newEvents = (after: number): EventRow[] => stage.people.store.events.list({ limit: 500, after })

/** Told by the operation itself, as it goes on. */
const PROGRESS = /\.(started|succeeded|failed|reverted)$/

/** Secrets by the names that requests and answers have for them. */
const SENT =
  /^(password|current|new|code|totp|recoveryCode|clientSecret|config|apiKey|apiToken|key|externalHmacKey)$/
const TOLD_ONCE = /^(accessToken|key|url|uri|secret|recoveryCodes|\d+)$/
function textsIn(value: unknown, names: RegExp): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    if (!names.test(name)) return []
    return typeof inner === 'string'
      ? [inner, new URL(inner, 'http://localhost').hash.slice(1)]
      : textsIn(inner, names)
  })
}
function secretsOf(json: unknown, { headers, body }: Answer): string[] {
  const cookies = headers.getSetCookie().map((cookie) => /=([^;]*)/.exec(cookie)?.[1] ?? '')
  return [...textsIn(json, SENT), ...textsIn(body, TOLD_ONCE), ...cookies].filter((text) => text !== '')
}

const isOf = ({ path }: Route, asked: string): boolean =>
  new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked.replace(/\?.*/, ''))

describe('a call that succeeds tells the audit who did what, from where, and no secret', () => {
  for (const [name, { tells, data, call }] of Object.entries<Case>(CHANGES))
    test(name, async () => {
      const route: Route = ROUTES[name as RouteName] // a key of the table, says its type
      const { path, given = {}, by = OWNER.login } = await call(stage)
      expect(isOf(route, path)).toBe(true)
      const before = stage.people.store.events.newest()
      const headers = { ...(route.at !== 'public' && stage.owner), ...given.headers }
      const answer = await app.ask(route.method.toUpperCase(), path, { ...given, headers })
      expect([name, answer.status < 300, answer.text]).toEqual([name, true, answer.text])
      const events = newEvents(before).filter(({ kind }) => !PROGRESS.test(kind))
      expect(events.map(({ kind }) => kind)).toEqual([...tells])
      const userId = stage.people.store.users.named(by)?.id
      for (const { actor } of events)
        expect(actor).toMatchObject({ kind: 'user', name: by, userId, address: '127.0.0.1' })
      if (data) expect(events[0]?.data).toMatchObject(data)
      const told = JSON.stringify(newEvents(before))
      for (const secret of secretsOf(given.json, answer)) expect(told).not.toContain(secret)
      if (name === 'setup.complete') stage.owner = await stage.signedIn()
    })
})
