/** When certificates are renewed, tried again, and warned of. */
import { describe, expect, test } from 'bun:test'
import { assert, integer, option, property, record, string } from 'fast-check'
import { nextTry, radar, renewAt } from '../../src/domain/certificate/renewal.ts'

const DAY_MS = 24 * 3_600_000
const HOUR_MS = 3_600_000
const FROM = Date.UTC(2026, 10, 26)
const life = (days: number) => ({ notBefore: FROM, notAfter: FROM + days * DAY_MS })
const seeds = Array.from({ length: 500 }, (_, index) => `certificate ${index}`)

describe('renewal without a word of the CA', () => {
  const cases: [days: number, first: number, last: number][] = [
    [90, 60, 67.5],
    [45, 30, 33.75],
    [6, 3, 3.5],
    [10, 5, 5 + 10 / 12],
  ]
  for (const [days, first, last] of cases)
    test(`of ${days} days begins on day ${first} to ${last.toFixed(2)}, spread over it`, () => {
      const at = seeds.map((seed) => (renewAt(life(days), null, seed) - FROM) / DAY_MS)
      expect(Math.min(...at)).toBeGreaterThanOrEqual(first)
      expect(Math.max(...at)).toBeLessThanOrEqual(last)
      // Of twenty equal parts of the time none is empty, and none has a third of all.
      const parts = Array.from({ length: 20 }, () => 0)
      for (const day of at) {
        const part = Math.floor(((day - first) / (last - first)) * 20)
        parts[part] = (parts[part] ?? 0) + 1
      }
      expect(Math.min(...parts)).toBeGreaterThan(0)
      expect(Math.max(...parts)).toBeLessThan(seeds.length / 3)
    })
})

describe('renewal', () => {
  const times = integer({ min: 0, max: Date.UTC(9999, 0) })
  const certificates = record({
    notBefore: times,
    lifeMs: integer({ min: 1, max: 400 * DAY_MS }),
    window: option(record({ from: times, until: times })),
    seed: string(),
  })

  test('begins before the end, of any life, with any window, for ever at the same moment', () => {
    assert(
      property(certificates, ({ notBefore, lifeMs, window, seed }) => {
        const certificate = { notBefore, notAfter: notBefore + lifeMs }
        const at = renewAt(certificate, window, seed)
        expect(at).toBeLessThan(certificate.notAfter)
        expect(Number.isInteger(at)).toBe(true)
        expect(renewAt(certificate, window, seed)).toBe(at)
      }),
      { numRuns: 5_000 },
    )
  })

  test('leaves a tenth of a life of 90, 45 and 6 days for tries that fail', () => {
    for (const days of [90, 45, 6])
      for (const window of [null, { from: FROM + days * DAY_MS, until: FROM + 2 * days * DAY_MS }])
        for (const seed of seeds.slice(0, 50))
          expect(life(days).notAfter - renewAt(life(days), window, seed)).toBeGreaterThanOrEqual(
            (days * DAY_MS) / 10,
          )
  })

  test('is within the window of the CA, and not everybody at once', () => {
    const window = { from: FROM + 20 * DAY_MS, until: FROM + 22 * DAY_MS }
    const at = seeds.map((seed) => renewAt(life(90), window, seed))
    expect(Math.min(...at)).toBeGreaterThanOrEqual(window.from)
    expect(Math.max(...at)).toBeLessThanOrEqual(window.until)
    expect(new Set(at).size).toBe(seeds.length)
  })

  test('does as if there were no window when that ends before it begins (RFC 9773 §4.2)', () => {
    const turned = { from: FROM + 22 * DAY_MS, until: FROM + 20 * DAY_MS }
    expect(renewAt(life(90), turned, 'a')).toBe(renewAt(life(90), null, 'a'))
  })

  test('is at once when the CA takes certificates back: the window has gone', () => {
    const gone = { from: FROM - 2 * DAY_MS, until: FROM - DAY_MS }
    expect(renewAt(life(90), gone, 'a')).toBeLessThan(FROM)
  })
})

describe('the next try', () => {
  const far = FROM + 60 * DAY_MS
  const after = (attempts: number, notAfter: number | null = far, blockedUntil: number | null = null) =>
    nextTry({ attempts, now: FROM, notAfter, blockedUntil }) - FROM

  test('comes later each time, up to twice a day', () => {
    const minutes = Array.from({ length: 12 }, (_, index) => after(index + 1) / 60_000)
    expect(minutes).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 720, 720, 720, 720])
  })

  test('comes sooner when the end is near, and hourly when there is nothing left to serve', () => {
    expect(after(20, FROM + 2 * DAY_MS)).toBe(6 * HOUR_MS)
    expect(after(20, FROM + 8 * HOUR_MS)).toBe(HOUR_MS)
    expect(after(20, FROM + HOUR_MS)).toBe(15 * 60_000)
    expect(after(20, FROM - DAY_MS)).toBe(HOUR_MS)
    expect(after(20, null)).toBe(HOUR_MS)
  })

  test('waits for as long as the CA wants', () => {
    expect(after(1, FROM + DAY_MS, FROM + 3 * DAY_MS)).toBe(3 * DAY_MS)
    expect(after(5, far, FROM - DAY_MS)).toBe(after(5))
  })

  test('is always to come, never sooner after more tries, never later with less time left', () => {
    const tries = record({
      attempts: integer({ min: 1, max: 10_000 }),
      left: integer({ min: 1, max: 400 * DAY_MS }),
      less: integer({ min: 1, max: 400 * DAY_MS }),
    })
    assert(
      property(tries, ({ attempts, left, less }) => {
        const wait = after(attempts, FROM + left)
        expect(wait).toBeGreaterThan(0)
        expect(wait).toBeLessThanOrEqual(DAY_MS / 2)
        expect(after(attempts + 1, FROM + left)).toBeGreaterThanOrEqual(wait)
        expect(after(attempts, FROM + Math.max(1, left - less))).toBeLessThanOrEqual(wait)
      }),
    )
  })

  test('leaves room for many before a certificate of 6 days ends', () => {
    const { notAfter } = life(6)
    let [now, attempts] = [renewAt(life(6), null, 'a'), 0]
    while (now < notAfter) now = nextTry({ attempts: (attempts += 1), now, notAfter, blockedUntil: null })
    expect(attempts).toBeGreaterThan(20)
  })
})

describe('the radar', () => {
  /** The days before the end at which it speaks, when it is looked at every hour. */
  function spoken(days: number, renewal: number | null): [left: number, level: number][] {
    const certificate = { ...life(days), renewAt: renewal === null ? null : FROM + renewal * DAY_MS }
    const all: [number, number][] = []
    let last: number | null = null
    for (let now = FROM; now <= certificate.notAfter + 2 * DAY_MS; now += HOUR_MS) {
      const warning = radar(certificate, now, last)
      if (!warning) continue
      all.push([Math.round((10 * (certificate.notAfter - now)) / DAY_MS) / 10, warning.level])
      last = warning.level
    }
    return all
  }

  test('speaks 30, 14 and 7 days before the end of one that somebody uploaded, and when it has ended', () => {
    for (const days of [60, 90, 365])
      expect(spoken(days, null)).toEqual([
        [30, 30],
        [14, 14],
        [7, 7],
        [-0, 0],
      ])
  })

  test('comes closer to the end of a shorter life', () => {
    expect(spoken(30, null)).toEqual([
      [15, 30],
      [7, 14],
      [3.5, 7],
      [-0, 0],
    ])
  })

  test('speaks of what renews itself when that is late', () => {
    expect(spoken(90, 60)).toEqual([
      [27, 30],
      [14, 14],
      [7, 7],
      [-0, 0],
    ])
    expect(spoken(6, 3)).toEqual([
      [2.8, 30],
      [1.4, 14],
      [0.7, 7],
      [-0, 0],
    ])
  })

  test('and is silent while all goes its way', () => {
    for (const days of [90, 45, 6])
      for (const seed of seeds.slice(0, 20)) {
        const at = renewAt(life(days), null, seed)
        for (let now = FROM; now <= at + HOUR_MS; now += HOUR_MS)
          expect(radar({ ...life(days), renewAt: at }, now, null)).toBeNull()
      }
  })

  test('says how long it is', () => {
    const at = (left: number, renewal: number | null = null) =>
      radar({ ...life(90), renewAt: renewal }, life(90).notAfter - left, null)?.message
    expect(at(13.5 * DAY_MS)).toBe('ends in 13 days, on 2027-02-24')
    expect(at(DAY_MS, FROM)).toBe('ends in 24 hours, on 2027-02-24, and its renewal is late')
    expect(at(HOUR_MS)).toBe('ends in 1 hour, on 2027-02-24')
    expect(at(-DAY_MS)).toBe('has ended on 2027-02-24')
  })
})
