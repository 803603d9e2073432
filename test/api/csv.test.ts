import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { csvLine } from '../../src/api/csv.ts'

/** RFC 4180, read as a spreadsheet does. */
function cellsOf(line: string): string[] {
  const cells: string[] = []
  let rest = line
  for (;;) {
    const [whole = '', quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(rest) ?? []
    cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    rest = rest.slice(whole.length)
    if (!rest.startsWith(',')) break
    rest = rest.slice(1)
  }
  expect(rest).toBe('\r\n')
  return cells
}

describe('X07 a cell of CSV', () => {
  const formulas = [
    '=cmd|calc',
    '+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '|calc',
    '%0A',
    '=HYPERLINK("https://evil.test","x")',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(A1)',
  ]
  for (const text of formulas)
    test(`${JSON.stringify(text)} is no formula`, () => {
      for (const cells of [[text], ['a', text, 'b'], [text, text]])
        expect(cellsOf(csvLine(cells))).toEqual(cells.map((cell) => (cell === text ? `'${text}` : cell)))
    })

  test('is read back as it was, whatever it holds, and begins with no sign of a formula', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\r', '\n', '=', '+', '-', '@', "'", ';', ' ', 'ä'),
    })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (cells) => {
        for (const [index, cell] of cellsOf(csvLine(cells)).entries()) {
          expect(cell.replace(/^'/, '')).toBe((cells[index] ?? '').replace(/^'/, ''))
          expect(cell).not.toMatch(/^[=+\-@\t\r\n]/)
        }
      }),
    )
  })
})
