/** What a CA tells of when to renew, what it is told of what is replaced, and its profiles. */
import { describe, expect, test } from 'bun:test'
import { parseChain } from '../../src/base/x509/chain.ts'
import { type Interference, problem } from './hostile-authority.ts'
import { eachStage, fault } from './hostile-stage.ts'
import { refusal, signal } from './stage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const stage = eachStage()

describe('renewal information', () => {
  const FROM = Date.UTC(2026, 11, 1)
  const window = (start: number, end: number) => ({
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
  })

  test('tells a window, asked for by the id of the certificate', async () => {
    stage().hostile.renewal = () => window(FROM, FROM + DAY_MS)
    stage().authority = stage().fresh()
    const chain = await stage().issued()
    const seen = await stage().authority.renewalWindow(chain, signal)
    expect(seen).toMatchObject({ from: FROM, until: FROM + DAY_MS })
    expect(Math.abs((seen?.lookAgainAt ?? 0) - Date.now() - 6 * HOUR_MS)).toBeLessThan(60_000)
    expect(
      stage()
        .hostile.asked('renewalInfo')
        .map(({ id }) => id),
    ).toEqual([parseChain(chain).leaf.renewalId ?? ''])
    expect(await stage().authority.directory(signal)).toMatchObject({ hasRenewalInfo: true })
  })

  const answers: [what: string, answer: Interference][] = [
    ['404', problem('malformed', 'Unknown.', 404)],
    ['a window that ends before it begins', { body: { suggestedWindow: window(FROM, FROM - 1) } }],
    ['an empty window', { body: { suggestedWindow: window(FROM, FROM) } }],
    ['times that are none', { body: { suggestedWindow: { start: 'soon', end: 'later' } } }],
    ['rubbish', { body: 'rubbish' }],
  ]
  for (const [what, answer] of answers)
    test(`${what} is no opinion`, async () => {
      stage().hostile.renewal = () => window(FROM, FROM + DAY_MS)
      stage().authority = stage().fresh()
      const chain = await stage().issued()
      stage().at('renewalInfo', answer)
      expect(await stage().authority.renewalWindow(chain, signal)).toBeNull()
    })

  test('is looked at again after a minute at least, a day at most', async () => {
    stage().hostile.renewal = () => window(FROM, FROM + DAY_MS)
    stage().authority = stage().fresh()
    const chain = await stage().issued()
    for (const [retryAfter, ms] of [
      ['1', 60_000],
      ['99999999', DAY_MS],
      ['soon', 6 * HOUR_MS],
    ] as const) {
      stage().at('renewalInfo', {
        headers: { 'retry-after': retryAfter },
        body: { suggestedWindow: window(FROM, FROM + 1) },
      })
      const seen = await stage().authority.renewalWindow(chain, signal)
      expect(Math.abs((seen?.lookAgainAt ?? 0) - Date.now() - ms)).toBeLessThan(30_000)
    }
  })

  test('goes with an order: what it replaces is told, unless the CA takes that amiss', async () => {
    stage().hostile.renewal = () => null
    stage().authority = stage().fresh()
    const before = await stage().issued()
    const replaces = parseChain(before).leaf.renewalId ?? ''
    stage().hostile.seen.length = 0
    await stage().ordered(['a.example'], { replaces: before })
    stage().at('newOrder', problem('alreadyReplaced', 'By another one.', 409), 1)
    await stage().ordered(['a.example'], { replaces: before })
    expect(
      stage()
        .hostile.asked('newOrder')
        .map(({ payload }) => payload?.['replaces']),
    ).toEqual([replaces, replaces, undefined])
    stage().at('newOrder', { ...problem('rateLimited', 'Too many.', 429) })
    expect(await refusal(stage().ordered(['a.example'], { replaces: before }))).toMatchObject({
      code: 'unavailable',
    })
    expect(stage().hostile.asked('newOrder').length).toBe(4)
  })

  test('is not told to a CA that has none', async () => {
    const before = await stage().issued()
    await stage().ordered(['a.example'], { replaces: before })
    expect(stage().hostile.asked('newOrder').at(-1)?.payload).not.toHaveProperty('replaces')
  })
})

test('a profile is asked for when the CA has it', async () => {
  stage().hostile.meta = { profiles: { shortlived: 'Six days.' } }
  stage().authority = stage().fresh()
  await stage().ordered(['a.example'], { profile: 'shortlived' })
  expect(stage().hostile.asked('newOrder')[0]?.payload).toMatchObject({ profile: 'shortlived' })
  const thrown = await refusal(stage().ordered(['a.example'], { profile: 'classic' }))
  expect(thrown).toMatchObject({ ...fault('conflict', /no profile classic/), hint: 'It has shortlived.' })
})
