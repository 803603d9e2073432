/** The pure parts of the page. */
import { describe, expect, test } from 'bun:test'
import { parseEvents } from '../../src/web/data/event-stream.ts'
import { logText } from '../../src/web/operation/log-text.ts'
import { agoOf, durationOf, sizeOf } from '../../src/web/parts/time.tsx'
import { viewOf, webAddress } from '../../src/web/router.tsx'
import { suggestName } from '../../src/web/upload/dropped.ts'

describe('X02 a log line is text and nothing else', () => {
  const ESC = '\u001b'
  const CASES: [name: string, raw: string, expected: string][] = [
    ['colours go', `${ESC}[1;31mred${ESC}[0m text`, 'red text'],
    ['OSC 8 links go, their text stays', `${ESC}]8;;https://evil.test\u0007click${ESC}]8;;\u0007`, 'click'],
    ['OSC 52 cannot reach the clipboard', `a${ESC}]52;c;ZXZpbA==${ESC}\\b`, 'ab'],
    ['an unfinished sequence takes nothing along', `a${ESC}[`, 'a\\u001b['],
    ['a carriage return cannot overwrite', 'all is well\rfailed', 'all is well\\u000dfailed'],
    ['bidi controls are spelled out', 'a\u202eb', 'a\\u202eb'],
    ['markup is left to React', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a tab becomes space', 'a\tb', 'a  b'],
  ]
  for (const [name, raw, expected] of CASES) test(name, () => expect(logText(raw)).toBe(expected))

  test('a line of 10 MB is cut and marked', () => {
    const cut = logText('x'.repeat(10_000_000))
    expect(cut.length).toBe(4_096)
    expect(cut.endsWith('…')).toBe(true)
  })
})

describe('X03 only http and https become links', () => {
  for (const bad of [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.test',
    'file:///etc',
    '',
  ])
    test(JSON.stringify(bad), () => expect(webAddress(bad)).toBeNull())
  test('a web address stays', () =>
    expect(webAddress('http://production.web.localhost:4780/')).toBe('http://production.web.localhost:4780/'))
})

describe('the address says the view', () => {
  const CASES: [path: string, view: ReturnType<typeof viewOf>][] = [
    ['/', { name: 'services' }],
    ['/services/web', { name: 'service', service: 'web' }],
    ['/services/web/staging', { name: 'environment', service: 'web', environment: 'staging' }],
    ['/deployments/k3v9q0m2x7c5n1p8r4t6', { name: 'deployment', id: 'k3v9q0m2x7c5n1p8r4t6' }],
    ['/services/web/staging/more', { name: 'unknown', path: '/services/web/staging/more' }],
    ['/elsewhere', { name: 'unknown', path: '/elsewhere' }],
  ]
  for (const [path, view] of CASES) test(path, () => expect(viewOf(path)).toEqual(view))
})

describe('a name is suggested from what was dropped', () => {
  const CASES: [dropped: string, name: string][] = [
    ['site.zip', 'site'],
    ['My Site (3).tar.gz', 'my-site-3'],
    ['Über uns.tar.zst', 'uber-uns'],
    ['---', 'site'],
    ['日本語', 'site'],
    [`${'long-'.repeat(20)}.zip`, 'long-long-long-long-long-long-long-long'],
  ]
  for (const [dropped, name] of CASES)
    test(dropped.slice(0, 30), () =>
      expect(suggestName({ kind: 'folder', name: dropped, files: [] })).toBe(name),
    )
})

describe('server-sent events', () => {
  const read = async (...chunks: string[]) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
        controller.close()
      },
    })
    return Array.fromAsync(parseEvents(body))
  }

  test('fields, comments and lines that are cut anywhere', async () => {
    const events = await read(
      ': open\n\nid: 7\neve',
      'nt: line\ndata: {"a"',
      ':1}\n\n',
      'data: x\ndata:y\n\n',
    )
    expect(events).toEqual([
      { id: '7', event: 'line', data: '{"a":1}' },
      { id: '7', event: 'message', data: 'x\ny' },
    ])
  })

  test('a line end that is cut in two is one line end', async () => {
    expect(await read('id: 1\r', '\ndata: a\r', '\ndata: b\r', '\n\r\n')).toEqual([
      { id: '1', event: 'message', data: 'a\nb' },
    ])
  })

  test('an event without its empty line never happened', async () => {
    expect(await read('id: 1\ndata: half')).toEqual([])
  })
})

describe('times and sizes are told as people do', () => {
  const at = Date.UTC(2026, 0, 10)
  test('times', () => {
    expect(agoOf(at, at + 20_000)).toBe('just now')
    expect(agoOf(at, at + 3 * 60_000)).toBe('3 minutes ago')
    expect(agoOf(at, at + 30 * 3_600_000)).toBe('yesterday')
  })
  test('durations', () => {
    expect(durationOf('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.012Z')).toBe('12 ms')
    expect(durationOf('2026-01-01T00:00:00.000Z', '2026-01-01T00:02:05.000Z')).toBe('2 min 5 s')
  })
  test('sizes', () => {
    expect([0, 999, 1_000, 1_834_221, 250_000_000, 5e12].map(sizeOf)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.8 MB',
      '250 MB',
      '5000 GB',
    ])
  })
})
