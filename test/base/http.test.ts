import { afterAll, describe, expect, test } from 'bun:test'
import { createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { HttpClient, type HttpRequest, outboundFetch } from '../../src/base/http.ts'
import { sha256Hex } from '../../src/base/secrets.ts'

/** Answers each request head on a connection with what `reply` says; null: nothing. */
async function listening(
  reply: (head: string, connection: number) => Buffer | string | null,
): Promise<{ port: number; server: Server; heads: string[] }> {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      heads.push(chunk.toString('latin1'))
      const answer = reply(chunk.toString('latin1'), connection)
      if (answer !== null) socket.write(answer)
      else if (connection === 1 && heads.length > 1) socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, server, heads }
}

const open: (() => void)[] = []
const client = new HttpClient()
afterAll(() => {
  client.close()
  for (const close of open) close()
})

const answered = (body: string | Buffer, ...headers: string[]): Buffer =>
  Buffer.concat([
    Buffer.from(['HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...headers, '', ''].join('\r\n')),
    Buffer.from(body),
  ])

const asking = (port: number, more: Partial<HttpRequest> = {}): HttpRequest => ({
  protocol: 'http:',
  dial: { address: '127.0.0.1', port },
  host: 'site.example:8080',
  path: '/a%2fb?c=%20',
  deadlineMs: 10_000,
  maxBodyBytes: 1000,
  ...more,
})

const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('It was answered.')
    },
    (error: unknown) => error,
  )

describe('HttpClient', () => {
  test('sends path and Host as they are, and keeps the connection', async () => {
    const seen: number[] = []
    const { port, heads } = await listening((_, connection) => {
      seen.push(connection)
      return answered('hello', 'X-A: b', 'X-A: c')
    })
    const answer = await client.request(asking(port, { headers: { 'x-mine': 'yes' } }))
    await client.request(asking(port))
    expect([answer.status, Buffer.from(answer.body).toString(), answer.headers['x-a']]).toEqual([
      200,
      'hello',
      'b, c',
    ])
    expect(heads[0]).toStartWith('GET /a%2fb?c=%20 HTTP/1.1\r\n')
    expect(heads[0]?.toLowerCase()).toContain('\r\nhost: site.example:8080\r\n')
    expect(heads[0]?.toLowerCase()).toContain('\r\nx-mine: yes\r\n')
    expect(seen).toEqual([1, 1])
  })

  test('reads bytes as they came and follows no redirect', async () => {
    const zipped = gzipSync('hello')
    const { port } = await listening((head) =>
      head.startsWith('GET /zipped')
        ? answered(zipped, 'Content-Encoding: gzip')
        : 'HTTP/1.1 302 Found\r\nLocation: /zipped\r\nContent-Length: 0\r\n\r\n',
    )
    expect(Buffer.from((await client.request(asking(port, { path: '/zipped' }))).body)).toEqual(zipped)
    const moved = await client.request(asking(port, { path: '/moved' }))
    expect([moved.status, moved.headers.location]).toEqual([302, '/zipped'])
  })

  test('hashes and counts what it does not keep', async () => {
    const body = 'x'.repeat(300_000)
    const { port } = await listening(() => answered(body))
    const answer = await client.request(asking(port, { maxBodyBytes: 1_000_000, keptBodyBytes: 1_000 }))
    expect([answer.body.length, answer.size, answer.sha256]).toEqual([1_000, 300_000, sha256Hex(body)])
  })

  test('asks again when a kept connection was closed meanwhile', async () => {
    const { port, heads } = await listening((_, connection) =>
      connection === 1 && heads.length > 1 ? null : answered('once more'),
    )
    await client.request(asking(port))
    const answer = await client.request(asking(port))
    expect([answer.status, heads.length]).toEqual([200, 3])
  })

  test('what goes wrong then is a Fault as well', async () => {
    const { port, heads } = await listening(() => (heads.length > 1 ? null : answered('once')))
    await client.request(asking(port))
    expect(await thrown(client.request(asking(port, { deadlineMs: 200 })))).toMatchObject({
      code: 'unavailable',
      hint: 'It had 200 ms.',
    })
    expect(heads).toHaveLength(3)
  })

  test('bounds the body, known length or not', async () => {
    const { port } = await listening((head) =>
      head.startsWith('GET /known')
        ? answered('x'.repeat(1001))
        : `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`,
    )
    for (const path of ['/known', '/chunked'])
      expect(await thrown(client.request(asking(port, { path })))).toMatchObject({ code: 'too_large' })
    const fits = await client.request(asking(port, { path: '/known', maxBodyBytes: 1001 }))
    expect(fits.body).toHaveLength(1001)
  })

  test('the deadline covers head and body; an abort is told as such', async () => {
    const { port } = await listening((head) =>
      head.startsWith('GET /half') ? 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf' : null,
    )
    for (const path of ['/half', '/silent'])
      expect(await thrown(client.request(asking(port, { path, deadlineMs: 50 })))).toMatchObject({
        code: 'unavailable',
      })
    const controller = new AbortController()
    const asked = thrown(client.request(asking(port, { path: '/silent', signal: controller.signal })))
    controller.abort(new Error('enough'))
    expect(await asked).toMatchObject({ message: 'enough' })
  })

  test('nobody there is unavailable', async () => {
    const { port, server } = await listening(() => null)
    await new Promise((resolve) => server.close(resolve))
    expect(await thrown(client.request(asking(port)))).toMatchObject({
      code: 'unavailable',
      message: `site.example:8080 does not answer at 127.0.0.1 port ${port}.`,
    })
  })
})

describe('outboundFetch', () => {
  test('answers, and the deadline ends with the head', async () => {
    const { port } = await listening(() => answered('hello'))
    const answer = await outboundFetch(`http://127.0.0.1:${port}/`, {}, 10_000)
    expect(await answer.text()).toBe('hello')
  })

  test('silence and refusal are unavailable, an abort is the caller’s own', async () => {
    const { port } = await listening(() => null)
    const url = `http://127.0.0.1:${port}/`
    expect(await thrown(outboundFetch(url, {}, 50))).toMatchObject({ code: 'unavailable' })
    const controller = new AbortController()
    const asked = thrown(outboundFetch(url, { signal: controller.signal }))
    controller.abort(new Error('enough'))
    expect(await asked).toMatchObject({ message: 'enough' })
  })
})
