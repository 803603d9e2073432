/** An hour of normal use, with a look after look all the while: nothing is found that nobody has changed. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { fail } from 'node:assert'
import { LIMITS } from '../../src/base/limits.ts'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import type { Event } from '../../src/contract/shapes.ts'
import { DriftStage, FILES } from './stage.ts'
import { TurnedClock } from './turned-clock.ts'

const HOUR_MS = 3_600_000
const clock = new TurnedClock()
let at: DriftStage
beforeEach(async () => {
  at = await DriftStage.start({ clock })
  await at.addEnvironment('staging')
})
afterEach(() => at.stop())

const production = '/services/web/environments/production'
const staging = '/services/web/environments/staging'
const wait = '/deployments?wait=true'

/** Looks one after the other until it is told to stop; answers how many there were. */
async function looking(isOver: () => boolean): Promise<number> {
  let looks = 0
  for (; !isOver(); looks++) {
    const { items, failures } = await at.ok<{ items: Drift[]; failures: unknown[] }>('POST', '/drift/look')
    if (items.length > 0 || failures.length > 0) fail(JSON.stringify({ items, failures }))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return looks
}

/** What people do in ten minutes: every thing that moves trees, links and rules. */
async function work(round: number): Promise<void> {
  const site = (name: string, more: Record<string, string> = {}) => ({
    ...FILES,
    'index.html': `${name} ${round}`,
    [`assets/app-${round}x2B3c4D${name.length}.js`]: name,
    ...more,
  })
  await at.deploy(site('one'))
  const headed = await at.deploy(site('two', { _headers: `/*\n  X-Round: ${round}\n` }))
  await Promise.all([at.deploy(site('three'), 'staging'), at.deploy(site('four'))])
  await at.ok('POST', production + wait, { json: { promoteFrom: 'staging' } })
  await at.ok('POST', production + wait, { json: { rollbackTo: 'previous' } })
  await at.ok('POST', production + wait, { json: { bundle: headed.bundle } })
  await at.ok('PATCH', production, { json: { retain: round % 3 } })
  await at.ok('PATCH', production, { json: { notFoundHandling: round % 2 ? 'none' : '404-page' } })
  await at.ok('PATCH', staging, { json: { assetGraceSeconds: round % 2 ? 0 : 600 } })
  await at.ok('POST', '/services/web/environments', { json: { name: `preview-${round}` } })
  await at.deploy(site('five'), `preview-${round}`)
  await at.ok('DELETE', `/services/web/environments/preview-${round}?wait=true`)
  const superseded = [1, 2, 3].map((number) => at.deploy(site(`race ${number}`), 'staging').catch(() => {}))
  await Promise.all(superseded)
  await at.ok('PATCH', production, { json: { retain: 0 } })
  await at.idle()
}

test('in an hour of normal use nothing is found', async () => {
  let isOver = false
  const looks = looking(() => isOver)
  try {
    for (let round = 0; round < 6; round++) {
      await work(round)
      for (let minute = 0; minute < 10; minute++) clock.turn(LIMITS.operation.sweepMs)
    }
  } finally {
    isOver = true
  }
  expect(await looks).toBeGreaterThan(60)
  expect(clock.turned).toBeGreaterThanOrEqual(HOUR_MS)
  const { items } = await at.ok<{ items: Event[] }>('GET', '/events?limit=200')
  expect(items.filter(({ kind }) => kind.startsWith('drift'))).toEqual([])
  const ended = await at.ok<{ items: Drift[] }>('GET', '/drift?ended=true')
  expect(ended.items).toEqual([])
}, 120_000)
