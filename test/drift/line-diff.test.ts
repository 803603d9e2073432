/** Diffs of lines, the digest of what was seen, and how long what comes back waits: pure, and bounded. */
import { describe, expect, test } from 'bun:test'
import { type Arbitrary, array, assert, constantFrom, property } from 'fast-check'
import { LIMITS } from '../../src/base/limits.ts'
import { boundedDiff, digestOf, healsAgainAt, type Observation } from '../../src/domain/drift.ts'
import { type DiffLine, lineDiff } from '../../src/domain/line-diff.ts'

const lines: Arbitrary<string[]> = array(constantFrom('', 'a', 'b', 'server {', '}'), {
  maxLength: 40,
})
const text = (words: readonly string[]): string => words.map((word) => `${word}\n`).join('')
const shown = (diff: DiffLine[]): string[] => diff.map(({ sign, text: line }) => sign + line)

describe('the lines by which two texts differ', () => {
  test('are none of equal texts', () =>
    assert(property(lines, (words) => expect(lineDiff(text(words), text(words))).toEqual([]))))

  test('stand in their order in the one text and in the other, and no line is said to be in both that is not', () =>
    assert(
      property(lines, lines, (before, after) => {
        const diff = lineDiff(text(before), text(after)).filter(({ text: line }) => line !== '…')
        for (const [words, sign] of [
          [before, '-'],
          [after, '+'],
        ] as const) {
          let at = 0
          for (const line of diff.filter((one) => one.sign === sign || one.sign === ' ')) {
            const found = words.indexOf(line.text, at)
            expect(found).toBeGreaterThanOrEqual(0)
            at = found + 1
          }
        }
        const count = (sign: string) => diff.filter((line) => line.sign === sign).length
        expect(after.length - before.length).toBe(count('+') - count('-'))
      }),
    ))

  test('come with a few around them, and gaps where equal ones are left out', () => {
    const before = Array.from({ length: 20 }, (_, n) => `line ${n}`)
    const after = before.with(10, 'other')
    expect(shown(lineDiff(text(before), text(after)))).toEqual([
      ' …',
      ' line 7',
      ' line 8',
      ' line 9',
      '-line 10',
      '+other',
      ' line 11',
      ' line 12',
      ' line 13',
      ' …',
    ])
    expect(shown(lineDiff('a', 'a\n'))).toEqual(['-a (no line end)', '+a'])
  })

  test('of long texts take no table that is too large', () => {
    const before = Array.from({ length: 10_000 }, (_, n) => `a ${n}`)
    const after = Array.from({ length: 10_000 }, (_, n) => `b ${n}`)
    expect(lineDiff(text(before), text(after))).toHaveLength(20_000)
  })
})

test('a kept diff is short, and says how much is left out', () => {
  const long: DiffLine[] = Array.from({ length: 1_000 }, () => ({ sign: '+', text: 'x'.repeat(10_000) }))
  const kept = boundedDiff(long)
  expect(kept).toHaveLength(LIMITS.drift.diffLines)
  for (const line of kept) expect(line.text.length).toBeLessThanOrEqual(LIMITS.drift.diffLineChars)
  expect(kept.at(-1)?.text).toBe(`… and ${1_000 - LIMITS.drift.diffLines + 1} lines more`)
  expect(boundedDiff(long.slice(0, LIMITS.drift.diffLines))).toHaveLength(LIMITS.drift.diffLines)
})

test('the digest of what was seen is another one when anything else stands there', () => {
  const seen: Observation = {
    kind: 'tree',
    thing: 'trees/a',
    serviceId: 's',
    environmentId: 'e',
    urlId: null,
    diff: [{ sign: '-', text: 'x' }],
    stands: 'one',
    revertable: true,
    adoptable: true,
    why: null,
  }
  const others: Observation[] = [
    { ...seen, kind: 'link' },
    { ...seen, thing: 'trees/b' },
    { ...seen, diff: [{ sign: '+', text: 'x' }] },
    { ...seen, diff: [] },
    { ...seen, stands: 'two' },
  ]
  expect(new Set([seen, ...others].map(digestOf)).size).toBe(6)
  expect(digestOf({ ...seen, why: 'other words' })).toBe(digestOf(seen))
})

test('what comes back waits longer each time, and in the end for ever', () => {
  const minute = LIMITS.drift.healPauseMs
  const times = Array.from({ length: LIMITS.drift.healsMost + 1 }, (_, heals) => healsAgainAt(heals, 0))
  expect(times).toEqual([0, minute, 2 * minute, 4 * minute, 8 * minute, null])
})
