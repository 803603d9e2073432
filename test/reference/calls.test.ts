/**
 * Calls made up from the OpenAPI document, by everybody, valid and half-valid: none is answered with a 5xx, and none
 * with anything that the document does not describe. `FC_SEED` repeats a run; `npm run bench -- --only calls` makes
 * 100,000 of them.
 */
import { expect, test } from 'bun:test'
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
const judge = new Judge()

async function withApp(use: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startTestApp(new Map(), {
    log: {
      write(level, message, fields) {
        if (level === 'error') mistakes.push(`${message} ${Bun.inspect(fields)}`)
      },
    },
  })
  try {
    await use(app)
  } finally {
    await app.stop()
  }
}

async function called(app: TestApp, by: Pick<Cast, 'callers' | 'secret'>, numRuns: number): Promise<Crowd> {
  const crowd = new Crowd({ url: app.url, judge, ...by, archives: Object.values(ARCHIVES) })
  await crowd.make(fc.sample(madeUpCalls(judge.document), { numRuns, seed }))
  expect({ mistakes: mistakes.slice(0, 3), complaints: crowd.complaints.slice(0, 10) }).toEqual({
    mistakes: [],
    complaints: [],
  })
  return crowd
}

// Refusals alone would prove little.
const requireGrants = (crowd: Crowd, least: number): void =>
  expect(crowd.share((status) => status < 400)).toBeGreaterThan(least)

test(
  `${CALLS} calls by everybody (seed ${seed})`,
  () =>
    withApp(async (app) => {
      const cast = await castOf(app)
      requireGrants(await called(app, cast, CALLS), 0.1)
      cast.close()
    }),
  120_000,
)

test(
  `${CALLS / 4} calls from this machine before there is an account (seed ${seed})`,
  () =>
    withApp(async (app) => {
      const callers = [{ name: 'local', headers: {} }]
      // Accounts and settings are not for whoever comes first.
      requireGrants(await called(app, { callers, secret: new Set() }, CALLS / 4), 0.05)
    }),
  120_000,
)
