import { afterAll, describe, expect, test } from 'bun:test'
import { eventResponse, type Feed, lastEventId, wantsEvents } from '../../src/api/event-stream.ts'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { listening, open, raw, TestClock } from './listening.ts'

/** A log in memory that counts who listens. */
class Lines implements Feed {
  readonly event = 'line'
  readonly rows: { number: number; text: string }[] = []
  readonly listeners = new Set<() => void>()
  outcome: object | null = null
  reads = 0
  gone = Promise.withResolvers<void>()

  add(...texts: string[]): void {
    for (const text of texts) this.rows.push({ number: this.rows.length + 1, text })
    this.tell()
  }

  endWith(outcome: object): void {
    this.outcome = outcome
    this.tell()
  }

  after(number: number, limit: number) {
    this.reads++
    return this.rows
      .filter((row) => row.number > number)
      .slice(0, limit)
      .map((row) => ({ number: row.number, data: row.text === 'not for you' ? null : row }))
  }

  end() {
    return this.outcome
  }

  onChange(changed: () => void): () => void {
    this.listeners.add(changed)
    return () => {
      this.listeners.delete(changed)
      if (this.listeners.size === 0) this.gone.resolve()
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

let lines = new Lines()
let clock = new TestClock()
let stopping = new AbortController()
let isAllowed = true
const server = listening({
  async api(request, connection) {
    connection.keepOpen()
    if (!wantsEvents(request)) return new Response('json')
    return eventResponse(lines, {
      after: lastEventId(request) ?? 0,
      clock,
      stopping: stopping.signal,
      isAllowed: () => isAllowed,
      endsAt: () => null,
      onEnd: () => undefined,
      onAccessChange: () => () => undefined,
    })
  },
})
afterAll(() => server.stop())

function fresh(): Lines {
  lines = new Lines()
  clock = new TestClock()
  stopping = new AbortController()
  isAllowed = true
  return lines
}

const follow = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${server.url}/api/v1/log`, {
    headers: { accept: 'text/event-stream', ...headers },
    ...(signal && { signal }),
  })

/** Reads a stream until what has come satisfies the test, and leaves it. */
async function readUntil(response: Response, enough: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (!response.body) throw new Error('no stream came')
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    if (enough(text)) return text
  }
  return text
}

describe('a stream of a log', () => {
  test('tells what is there, what comes and how it ended', async () => {
    const log = fresh()
    log.add('one', 'two')
    const response = await follow()
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = readUntil(response, () => {
      if (log.rows.length === 2 && log.reads > 1) {
        log.add('three')
        log.endWith({ status: 'succeeded' })
      }
      return false
    })
    expect(await text).toBe(
      ': open\n\n' +
        'id: 1\nevent: line\ndata: {"number":1,"text":"one"}\n\n' +
        'id: 2\nevent: line\ndata: {"number":2,"text":"two"}\n\n' +
        'id: 3\nevent: line\ndata: {"number":3,"text":"three"}\n\n' +
        'event: end\ndata: {"status":"succeeded"}\n\n',
    )
    expect(log.listeners.size).toBe(0)
  })

  test('resumes after Last-Event-ID', async () => {
    const log = fresh()
    log.add('one', 'two', 'three')
    log.endWith({ status: 'failed' })
    const text = await (await follow({ 'last-event-id': '2' })).text()
    expect(text).not.toContain('"two"')
    expect(text).toContain('"three"')
    expect(await (await follow({ 'last-event-id': '3' })).text()).toBe(
      ': open\n\nevent: end\ndata: {"status":"failed"}\n\n',
    )
    expect(await (await follow({ 'last-event-id': '999999999999999' })).text()).toContain('event: end')
  })

  test('a thousand lines come whole and in order, in batches', async () => {
    const log = fresh()
    log.add(...Array.from({ length: 1000 }, (_, i) => `line ${i}`))
    log.endWith({})
    const text = await (await follow()).text()
    const numbers = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(log.reads).toBe(Math.ceil(1000 / LIMITS.http.streamBatchRows) + 1)
  })

  test('keeps the line alive while nothing happens', async () => {
    fresh()
    const response = await follow()
    const beats = readUntil(response, (text) => text.includes(': still here'))
    await clock.waited()
    clock.pass(LIMITS.http.streamHeartbeatMs)
    expect(await beats).toBe(': open\n\n: still here\n\n')
  })

  test('ends when the server stops', async () => {
    fresh()
    const response = await follow()
    const text = response.text()
    await clock.waited()
    stopping.abort()
    expect(await text).toBe(': open\n\n')
  })

  test('forgets a reader that leaves', async () => {
    const log = fresh()
    const leave = new AbortController()
    const response = await follow({}, leave.signal)
    await readUntil(response, (text) => text.length > 0).catch(() => '')
    leave.abort()
    await log.gone.promise
    expect(log.listeners.size).toBe(0)
  })

  test('HEAD begins no stream', async () => {
    const log = fresh()
    const answer = await raw(
      server.port,
      'HEAD /api/v1/log HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n',
      () => false,
    )
    expect(answer).toContain('text/event-stream')
    expect(log.listeners.size).toBe(0)
  })
})

describe('L03 a text can not become an event', () => {
  for (const text of ['a\n\nevent: x\ndata: y', 'a\rb', 'a\r\nid: 7', 'a\u2028b', 'a\0b', ': a', 'data: a'])
    test(JSON.stringify(text), async () => {
      const log = fresh()
      log.add(text)
      log.endWith({})
      const stream = await (await follow()).text()
      const data = stream.split('\n').find((line) => line.startsWith('data: ')) ?? ''
      expect(JSON.parse(data.slice(6))).toEqual({ number: 1, text })
      expect(stream.split('\n\n')).toHaveLength(4)
      expect(stream).not.toContain('\r')
    })
})

describe('L04 a reader that never reads', () => {
  test('is given no more than the line holds, and dropped after a minute', async () => {
    const log = fresh()
    const line = 'x'.repeat(4_000)
    log.add(...Array.from({ length: 5_000 }, () => line))
    const socket = await open(server.port)
    socket.pause()
    socket.write('GET /api/v1/log HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n')
    await clock.waited()
    // Others are answered meanwhile; when twenty answers pass without a read, there is no room left.
    for (let reads = -1; reads !== log.reads; ) {
      reads = log.reads
      for (let i = 0; i < 20; i++) expect(await (await fetch(`${server.url}/api/v1/log`)).text()).toBe('json')
    }
    expect(log.reads).toBeLessThan(5_000 / LIMITS.http.streamBatchRows)
    clock.pass(LIMITS.http.streamStalledMs)
    await log.gone.promise
    expect(log.listeners.size).toBe(0)
    socket.destroy()
  })
})

describe('L02 Last-Event-ID', () => {
  const request = (id: string) => new Request('http://localhost/', { headers: { 'last-event-id': id } })
  for (const id of [
    '-1',
    '1.5',
    '1e3',
    '0x10',
    ' 1 2',
    '9'.repeat(16),
    '9223372036854775808',
    'x',
    "1' OR '1'='1",
    '1'.repeat(10_000),
  ])
    test(`${id.slice(0, 24)} is refused`, () => expect(() => lastEventId(request(id))).toThrow(Fault))
  test('a number is taken, and nothing is nothing', () => {
    expect(lastEventId(request('0'))).toBe(0)
    expect(lastEventId(request('41'))).toBe(41)
    expect(lastEventId(request(''))).toBeNull()
    expect(lastEventId(new Request('http://localhost/'))).toBeNull()
  })
})

test('who wants events says so in Accept', () => {
  const wants = (accept: string) => wantsEvents(new Request('http://localhost/', { headers: { accept } }))
  expect(wants('text/event-stream')).toBe(true)
  expect(wants('application/json;q=0.5, Text/Event-Stream;q=1')).toBe(true)
  expect(wants('application/json')).toBe(false)
  expect(wants('*/*')).toBe(false)
})
