import { describe, expect, spyOn, test } from 'bun:test'
import { shown } from '../../src/base/fault.ts'

describe('a text made safe to show', () => {
  const rows: [text: string, max: number, shown: string][] = [
    ['plain', 10, 'plain'],
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['a\nb', 10, 'a\\u000ab'],
    ['\u202ea', 10, '\\u202ea'],
    ['ab\u200d', 6, 'ab\\u2…'],
    ['💩💩', 4, '💩💩'],
    ['💩💩💩', 5, '💩💩…'],
    ['a💩\u{e0001}', 20, 'a💩\\ue0001'],
    ['', 5, ''],
  ]
  for (const [text, max, expected] of rows)
    test(JSON.stringify(text), () => expect(shown(text, max)).toBe(expected))

  test('R16: of 100 kB no more is looked at than is shown', () => {
    const replace = spyOn(String.prototype, 'replace')
    const read = (text: string): number => {
      replace.mockClear()
      shown(text, 60)
      return Math.max(...replace.mock.contexts.map(String).map(({ length }) => length))
    }
    expect(read('\u200d'.repeat(100_000))).toBe(read('\u200d'.repeat(1_000)))
    replace.mockRestore()
  })
})
