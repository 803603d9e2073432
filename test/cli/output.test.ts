import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Screen } from '../../src/cli/context.ts'
import { Output } from '../../src/cli/output.ts'

function outputOn(given: { isTerminal?: boolean; isJson?: boolean; env?: Record<string, string> } = {}) {
  const texts = { out: '', err: '' }
  const screen = (name: 'out' | 'err'): Screen => ({
    isTerminal: given.isTerminal ?? false,
    columns: 60,
    write: (text) => {
      texts[name] += text
    },
  })
  const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 3) }
  const context = { out: screen('out'), err: screen('err'), clock, env: given.env ?? {} }
  return { texts, output: new Output(context, given.isJson ?? false) }
}

const items = [
  { name: 'web', at: '2026-01-01T00:00:00.000Z' },
  { name: 'a-longer-name', at: '2026-01-02T23:59:30.000Z' },
]

describe('what a command prints', () => {
  test('a table is aligned by spaces, with times for a program', () => {
    const { texts, output } = outputOn()
    output.table(
      { items, next: 'abc' },
      [
        ['NAME', ({ name }) => name],
        ['CREATED', ({ at }) => output.time(at)],
      ],
      'none',
    )
    expect(texts).toEqual({
      out: [
        'NAME           CREATED',
        'web            2026-01-01T00:00:00.000Z',
        'a-longer-name  2026-01-02T23:59:30.000Z',
        '',
      ].join('\n'),
      err: 'There are more: --cursor abc\n',
    })
  })

  test('on a terminal times are told as a person would', () => {
    const { output } = outputOn({ isTerminal: true })
    expect(items.map(({ at }) => output.time(at))).toEqual(['2 days ago', 'just now'])
    expect(output.time('2026-01-02T23:00:00.000Z')).toBe('1 hour ago')
    expect(output.time(null)).toBe('–')
  })

  test('an empty list says so beside the result', () => {
    const { texts, output } = outputOn()
    output.table({ items: [], next: null }, [['NAME', () => '']], 'No services yet.')
    expect(texts).toEqual({ out: '', err: 'No services yet.\n' })
  })

  test('as JSON it is the thing itself, and prose stays beside it', () => {
    const { texts, output } = outputOn({ isJson: true })
    output.table({ items, next: null }, [['NAME', ({ name }) => name]], 'none')
    output.say('Sent 3 of 5 files')
    expect(JSON.parse(texts.out)).toEqual({ items, next: null })
    expect(texts.err).toBe('Sent 3 of 5 files\n')
  })

  test('colours are for terminals whose owner has not refused them', () => {
    const said = (given: Parameters<typeof outputOn>[0]) => {
      const { texts, output } = outputOn(given)
      output.warn('careful')
      return texts.err
    }
    expect(said({ isTerminal: true })).toBe('\x1b[33m! careful\x1b[0m\n')
    for (const given of [
      {},
      { isTerminal: true, env: { NO_COLOR: '1' } },
      { isTerminal: true, env: { TERM: 'dumb' } },
    ])
      expect(said(given)).toBe('! careful\n')
    expect(said({ isTerminal: true, env: { NO_COLOR: '' } })).toContain('\x1b[33m')
  })

  test('X02: what comes from a server moves no cursor and sets no clipboard', () => {
    const { texts, output } = outputOn({ isTerminal: true, env: { NO_COLOR: '1' } })
    const hostile = 'a\x1b]52;c;eA==\x07b\rc\u202Ed\u009b2Je\x1b]8;;http://evil\x1b\\f\nfake: line'
    output.say(hostile)
    output.result({}, () => [hostile])
    output.table({ items: [hostile] }, [['T', (text) => text]], '')
    output.problem({ detail: hostile, hint: hostile, errors: [{ field: hostile, message: hostile }] })
    output.progress(hostile, 1, 2)
    // The progress bar's own two sequences are all that is left.
    const left = (texts.out + texts.err).replaceAll('\r\x1b[2K', '')
    expect(left.match(/[^\P{C}\n]/gu)).toBeNull()
    expect(left).toContain('\\u001b]52')
    expect(left.split('\n')).toHaveLength(8)
  })

  test('a bar is drawn on a terminal only, and is gone before anything else is said', () => {
    const piped = outputOn()
    for (const done of [0, 50, 100]) piped.output.progress('Sending site.zip', done * 10_000, 1_000_000)
    expect(piped.texts.err).toBe('Sending site.zip (1.0 MB)\n')
    const small = outputOn()
    small.output.progress('Sending site.zip', 0, 16)
    expect(small.texts.err).toBe('Sending site.zip (16 bytes)\n')
    const drawn = outputOn({ isTerminal: true })
    drawn.output.progress('Sending site.zip', 1_000_000, 1_000_000)
    const [, bar = ''] = drawn.texts.err.split('\r\x1b[2K')
    expect(bar).toMatch(/^Sending site\.zip {2}█+ 100 % {2}1\.0 MB of 1\.0 MB$/)
    expect(bar.length).toBeLessThan(60)
    drawn.output.say('done')
    expect(drawn.texts.err.endsWith('\r\x1b[2Kdone\n')).toBe(true)
  })
})
