import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Report, readReport, unfinished } from '../../scripts/test-report.ts'

function reportOf(text: string): Report {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-report-'))
  try {
    writeFileSync(
      join(folder, 'a.test.ts'),
      `import { beforeAll, describe, expect, test } from 'bun:test'\n${text}`,
    )
    const args = ['test', '--reporter=junit', '--reporter-outfile=a.xml', './a.test.ts']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    return readReport(join(folder, 'a.xml'), stdout + stderr, status)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('counts what passed, failed and was skipped, by name', () => {
  const report = reportOf(`
    describe('a & "b"', () => {
      test('fine', () => {})
      describe('in', () => test('wrong <x>', () => { expect(1).toBe(2) }))
    })
    test.skipIf(true)('later [needs chromium]', () => {})`)
  expect(report).toEqual({
    passed: 1,
    failed: ['a & "b" > in > wrong <x>'],
    skipped: ['later [needs chromium]'],
  })
})

test('a process that ends before its tests do is a failure, even with exit code 0', () => {
  const report = reportOf(`test('a', () => {}); test('b', () => process.exit(0)); test('c', () => {})`)
  expect(report).toEqual({ passed: 1, failed: ['the process ended before its tests did'], skipped: [] })
})

test('a hook that throws is a failure', () => {
  expect(reportOf(`beforeAll(() => { throw new Error('no') }); test('a', () => {})`).failed).toHaveLength(1)
})

test('a file that does not load, and one without a test, is a failure', () => {
  expect(reportOf(`import './absent.ts'`).failed).toHaveLength(1)
  expect(reportOf(`describe('empty', () => {})`).failed).toHaveLength(1)
})

test('what a hung file printed is counted', () => {
  const output = '(pass) a > b [1.20ms]\n(fail) c [0.04ms]\n  (pass) not at the line start\n(skip) d\n'
  expect(unfinished(output, 'it hung')).toEqual({ passed: 1, failed: ['c', 'it hung'], skipped: ['d'] })
})
