/**
 * Calls made up from the OpenAPI document, by everybody, valid and half-valid: none is answered with a 5xx, and none
 * with anything that the document does not describe. `FC_SEED` repeats a run; `npm run bench -- --only calls` makes
 * 100,000 of them.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { startTestApp, type TestApp } from '../api/app.ts'
import { ARCHIVES } from './archives.ts'
import { madeUpCalls } from './calls/calls.ts'
import { type Cast, castOf } from './calls/cast.ts'
import { Crowd } from './calls/crowd.ts'
import { Judge } from './judge.ts'

const CALLS = 2_000
const seed = Number(process.env['FC_SEED'] ?? crypto.getRandomValues(new Int32Array(1))[0])
/** What the server says of its own mistakes. */
const mistakes: string[] = []
let app: TestApp
let cast: Cast
beforeAll(async () => {
  app = await startTestApp(new Map(), {
    log: {
      write(level, message, fields) {
        if (level === 'error') mistakes.push(`${message} ${Bun.inspect(fields)}`)
      },
    },
  })
  cast = await castOf(app)
})
afterAll(async () => {
  cast.close()
  await app.stop()
})

test(`${CALLS} calls (seed ${seed})`, async () => {
  const judge = new Judge()
  const crowd = new Crowd({
    url: app.url,
    judge,
    ...cast,
    archives: Object.values(ARCHIVES),
  })
  const calls = fc.sample(madeUpCalls(judge.document), { numRuns: CALLS, seed })
  await crowd.make(calls)
  expect({ mistakes: mistakes.slice(0, 3), complaints: crowd.complaints.slice(0, 10) }).toEqual({
    mistakes: [],
    complaints: [],
  })
  // Refusals alone would prove little.
  expect(crowd.share((status) => status < 400)).toBeGreaterThan(0.1)
}, 120_000)
