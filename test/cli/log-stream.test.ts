import { afterAll, expect, test } from 'bun:test'
import { serve } from '../../src/base/platform.ts'
import { fairlead } from './terminal.ts'

const ID = 'k3v9q0m2x7c5n1p8r4t6'
const LINES = ['unpacking', 'switched', 'verified \u001b[2J', 'done'].map((text, i) => ({
  number: i + 1,
  at: '2026-01-01T00:00:00.000Z',
  level: i === 2 ? 'warn' : 'info',
  step: i === 3 ? null : 'step',
  text,
}))

const event = (name: string, data: { number?: number }) =>
  `${data.number === undefined ? '' : `id: ${data.number}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

/** Answers each connection with the lines after Last-Event-ID, cut as the test says. */
function logServer(cut: (connection: number, text: string) => string | Response) {
  const asked: (string | null)[] = []
  const server = serve({
    hostname: '127.0.0.1',
    port: 0,
    maxBodyBytes: 0,
    idleSeconds: 10,
    onError: () => new Response(null, { status: 500 }),
    fetch(request) {
      const after = request.headers.get('last-event-id')
      asked.push(after)
      const rest = LINES.filter(({ number }) => number > Number(after ?? 0))
      const text = `: open\n\n${rest.map((line) => event('line', line)).join('')}${event('end', {})}`
      const answer = cut(asked.length, text)
      if (typeof answer !== 'string') return answer
      return new Response(answer, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  servers.push(server)
  return { asked, env: { FAIRLEAD_SERVER: `http://127.0.0.1:${server.port}` } }
}
const servers: { stop(now: boolean): Promise<void> }[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop(true))))

const WHOLE = ['step: unpacking', 'step: switched', 'step: warn: verified \\u001b[2J', 'done', ''].join('\n')

test('a log is followed to its end', async () => {
  const { env, asked } = logServer((_, text) => text)
  expect(await fairlead(['logs', ID, '--follow'], { env })).toEqual({ code: 0, out: WHOLE, err: '' })
  expect(asked).toEqual([null])
})

test('a stream that breaks anywhere is taken up after the last line that came', async () => {
  const whole = logServer((_, text) => text)
  await fairlead(['logs', ID, '--follow'], { env: whole.env })
  for (let cut = 0; cut < 600; cut += 23) {
    const { env, asked } = logServer((connection, text) => (connection === 1 ? text.slice(0, cut) : text))
    expect(await fairlead(['logs', ID, '--follow'], { env })).toMatchObject({ code: 0, out: WHOLE })
    expect(asked.length).toBeLessThanOrEqual(2)
  }
})

test('a server that is away for a while is waited for, one that stays away is not', async () => {
  const away = logServer((connection, text) => (connection < 4 ? new Response('', { status: 502 }) : text))
  expect(await fairlead(['logs', ID, '--follow'], { env: away.env })).toMatchObject({ code: 0, out: WHOLE })
  const gone = logServer(() => new Response('', { status: 502 }))
  const { code, err } = await fairlead(['logs', ID, '--follow'], { env: gone.env })
  expect({ code, tries: gone.asked.length }).toEqual({ code: 1, tries: 8 })
  expect(err).toContain(`fairlead operation show ${ID}`)
})

test('a log that does not exist is said at once', async () => {
  const problem = {
    code: 'not_found',
    detail: 'There is no such operation.',
    hint: null,
    errors: [],
    status: 404,
  }
  const { env, asked } = logServer(() => Response.json(problem, { status: 404 }))
  const { code, err } = await fairlead(['logs', ID, '--follow'], { env })
  expect({ code, err, tries: asked.length }).toEqual({
    code: 1,
    err: 'error: There is no such operation.\n',
    tries: 1,
  })
})

test('without a server the command says what to do', async () => {
  const free = logServer(() => '')
  await servers.pop()?.stop(true)
  const { code, out, err } = await fairlead(['service', 'list', '--json'], { env: free.env })
  expect(code).toBe(1)
  expect(err).toMatch(
    /^error: The server at http:\/\/127\.0\.0\.1:\d+ did not answer\.\nhint: .*fairlead serve/,
  )
  expect(JSON.parse(out).problem.code).toBe('unavailable')
})

test('the key goes along and appears nowhere', async () => {
  const seen: (string | null)[] = []
  const env = { FAIRLEAD_SERVER: 'http://127.0.0.1:1', FAIRLEAD_KEY: 'flk_canary_secret' }
  const ended = await fairlead(['service', 'list'], {
    env,
    fetch: async (_, init) => {
      seen.push(new Headers(init.headers).get('authorization'))
      throw new Error('no')
    },
  })
  expect(seen).toEqual(['Bearer flk_canary_secret'])
  expect(JSON.stringify(ended)).not.toContain('canary')
})
