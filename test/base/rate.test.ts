/** Token buckets and crowds, with a clock that is turned by hand. */
import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { LIMITS } from '../../src/base/limits.ts'
import { Crowd, Rate } from '../../src/base/rate.ts'

const MINUTE = 60_000

function turned(limit: { burst: number; perMinute: number; debt: number }) {
  const clock = { now: 0 }
  const rate = new Rate(limit, () => clock.now)
  /** Takes one if it may. */
  const take = (key: string): boolean => {
    if (rate.wait(key) > 0) return false
    rate.spend(key)
    return true
  }
  return { clock, rate, take }
}

describe('a rate', () => {
  test('gives a burst, then so many a minute, each key on its own', () => {
    const { clock, rate, take } = turned({ burst: 3, perMinute: 6, debt: 0 })
    expect([1, 2, 3, 4].map(() => take('a'))).toEqual([true, true, true, false])
    expect(take('b')).toBe(true)
    expect(rate.wait('a')).toBe(10)
    clock.now += 9_000
    expect(take('a')).toBe(false)
    clock.now += 1_000
    expect(take('a')).toBe(true)
    clock.now += 100 * MINUTE
    expect([1, 2, 3, 4].map(() => take('a'))).toEqual([true, true, true, false])
  })

  test('lets what failed at the same time make a debt, up to a bound', () => {
    const { clock, rate } = turned({ burst: 1, perMinute: 1, debt: 5 })
    for (let n = 0; n < 100; n++) rate.spend('a')
    expect(rate.wait('a')).toBe(6 * 60)
    clock.now += 6 * MINUTE
    expect(rate.wait('a')).toBe(0)
  })

  test('tells what was spent, less what time has made good, and takes it back, up to the burst', () => {
    const { clock, rate, take } = turned({ burst: 3, perMinute: 6, debt: 0 })
    expect(rate.spent('a')).toBe(0)
    for (let n = 0; n < 3; n++) take('a')
    clock.now += 10_000
    expect(rate.spent('a')).toBe(2)
    rate.giveBack('a', 1)
    expect([1, 2, 3].map(() => take('a'))).toEqual([true, true, false])
    rate.giveBack('a', 100)
    expect([1, 2, 3, 4].map(() => take('a'))).toEqual([true, true, true, false])
    rate.giveBack('b', 100)
    expect([1, 2, 3, 4].map(() => take('b'))).toEqual([true, true, true, false])
  })

  test('a clock that is set back takes nothing away, and gives nothing', () => {
    const { clock, rate, take } = turned({ burst: 1, perMinute: 1, debt: 0 })
    clock.now = 10 * MINUTE
    expect(take('a')).toBe(true)
    clock.now = 0
    expect(rate.wait('a')).toBe(60)
  })

  test('never gives more than the burst and what has come since, however it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 200 }), (pauses) => {
        const { clock, take } = turned({ burst: 5, perMinute: 12, debt: 0 })
        let given = 0
        for (const pause of pauses) {
          clock.now += pause
          if (take('a')) given++
        }
        expect(given).toBeLessThanOrEqual(5 + (clock.now / MINUTE) * 12 + 1e-6)
      }),
    )
  })

  test('remembers so many keys and no more, and those that were seen last', () => {
    const { rate } = turned({ burst: 1, perMinute: 1, debt: 0 })
    for (let n = 0; n <= LIMITS.rate.keys; n++) rate.spend(`key ${n}`)
    expect(rate.wait('key 0')).toBe(0)
    expect(rate.wait('key 1')).toBe(60)
    expect(rate.wait(`key ${LIMITS.rate.keys}`)).toBe(60)
  })
})

test('a crowd has so many of a key, and a place is left once', () => {
  const crowd = new Crowd(2)
  const first = crowd.enter('a')
  expect(crowd.enter('a')).not.toBeNull()
  expect(crowd.enter('a')).toBeNull()
  expect(crowd.enter('b')).not.toBeNull()
  first?.()
  first?.()
  expect(crowd.enter('a')).not.toBeNull()
  expect(crowd.enter('a')).toBeNull()
})
