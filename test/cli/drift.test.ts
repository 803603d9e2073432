/** Drift from the command line: what it says, what it asks, and how it ends. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { Output } from '../../src/cli/output.ts'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import { DriftStage, FILES } from '../drift/stage.ts'
import { type Ended, fairlead } from './terminal.ts'

let at: DriftStage
beforeEach(async () => {
  at = await DriftStage.start()
  await at.deploy(FILES)
  await at.look()
})
afterEach(() => at.stop())

const run = (argv: string[], answer: string | null = null): Promise<Ended> =>
  fairlead(argv, { env: { FAIRLEAD_SERVER: at.app.url }, ask: async () => answer })

test('a look ends with 0 when all is right, and with 1 when something is open', async () => {
  expect(await run(['drift'])).toEqual({ code: 0, out: '', err: '✓ Everything is as it should be.\n' })
  at.write('index.html', 'by hand')
  const { code, out } = await run(['drift'])
  expect(code).toBe(1)
  expect(out).toMatch(
    /^FINDING +KIND +OF +THING +SINCE +WAYS OUT\n[a-z0-9]{20} +tree +web\/production +trees\/\S+ +\S+ +revert or adopt\n$/,
  )
  const { out: json, code: ended } = await run(['drift', '--json'])
  expect(ended).toBe(1)
  expect(JSON.parse(json)).toMatchObject({ items: [{ kind: 'tree', end: null }], next: null, failures: [] })
  expect((await run(['drift', 'list'])).code).toBe(0)
  expect((await run(['drift', 'list', '--ended'])).err).toBe('Nothing has been found yet.\n')
})

test('a finding is shown with its diff, asked for, and put back', async () => {
  at.write('index.html', 'by hand')
  const [drift] = await at.look()
  const id = drift?.id ?? ''
  const { out } = await run(['drift', 'show', id])
  expect(out).toMatch(/^- index\.html {2}15 bytes, [0-9a-f]{12}$/m)
  expect(out).toMatch(/^\+ index\.html {2}7 bytes, [0-9a-f]{12}, another time$/m)
  expect(out).toMatch(/^ways out +revert or adopt$/m)
  const refused = await run(['drift', 'revert', id], 'n')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('Nothing was changed')])
  expect(at.read('index.html')).toBe('by hand')
  const { code, err } = await run(['drift', 'revert', id], 'y')
  expect([code, err]).toEqual([0, expect.stringContaining('✓ Put back')])
  expect(at.read('index.html')).toBe(FILES['index.html'] ?? '')
  expect((await run(['drift', 'list', '--ended'])).out).toMatch(/reverted\n$/)
  expect((await run(['drift', 'revert', id, '--yes'])).code).toBe(1)
})

test('what stands is taken over', async () => {
  at.write('index.html', 'by hand')
  const [drift] = await at.look()
  const { code, out } = await run(['drift', 'adopt', drift?.id ?? '', '--yes', '--json'])
  expect([code, JSON.parse(out)]).toMatchObject([0, { kind: 'drift-adopt', status: 'succeeded' }])
  await at.idle()
  expect(await run(['drift'])).toMatchObject({ code: 0 })
  expect((await at.visit('/')).body).toBe('by hand')
})

test('a diff has colours on a terminal and nowhere else', () => {
  const diff: Drift['diff'] = [
    { sign: '-', text: 'old' },
    { sign: '+', text: 'new \u001b[31m' },
  ]
  const told = (isTerminal: boolean, env = {}) => {
    const texts: string[] = []
    const screen = { isTerminal, columns: 80, write: (text: string) => void texts.push(text) }
    const output = new Output({ out: screen, err: screen, clock: systemClock, env }, false)
    output.lines(diff.map(({ sign, text }) => [`${sign} ${text}`, sign === '-' ? 'red' : 'green']))
    return texts.join('')
  }
  expect(told(true)).toBe('\u001b[31m- old\u001b[0m\n\u001b[32m+ new \\u001b[31m\u001b[0m\n')
  expect(told(false)).toBe('- old\n+ new \\u001b[31m\n')
  expect(told(true, { NO_COLOR: '1' })).toBe(told(false))
})
