import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startTestApp, type TestApp } from '../api/app.ts'

const SIGN_INS = 50
const ann = { login: 'ann@example.com', password: 'seven boats at anchor' }
let app: TestApp

beforeAll(async () => {
  app = await startTestApp(new Map(), { passwordCost: 10 })
  const code = new URL(app.setUpUrl ?? '').hash.slice(1)
  expect((await app.ask('POST', '/setup', { json: { code, ...ann } })).status).toBe(201)
})
afterAll(() => app.stop())

test('J14 while fifty people sign in at once, everybody else is answered', async () => {
  const state = { isOver: false }
  const burst = Promise.all(
    Array.from({ length: SIGN_INS }, async () => (await app.ask('POST', '/session', { json: ann })).status),
  ).finally(() => (state.isOver = true))
  let answers = 0
  for (; !state.isOver; answers++) expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
  expect(new Set(await burst)).toEqual(new Set([201]))
  // Hashing in the way of others would let through one answer between two hashes at the most.
  expect(answers).toBeGreaterThan(3 * SIGN_INS)
}, 60_000)
