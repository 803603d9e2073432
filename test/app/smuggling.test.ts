/** R20: a request that two servers could read in two ways, at Fairlead itself and through the NGINX in front of it. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { has, needs } from '../needs.ts'
import { Nginx } from './nginx.ts'
import { ServerProgram, serverPlace } from './program.ts'

const NEEDED = ['nginx', 'openssl', 'curl'] as const
const HOST = 'deploy.example.com'
const SMUGGLED = `GET /api/v1/smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`

const folder = mkdtempSync(join(tmpdir(), 'fairlead-smuggling-'))
let nginx: Nginx
let server: ServerProgram

beforeAll(async () => {
  if (!NEEDED.every((program) => has(program))) return
  const place = await serverPlace(join(folder, 'data'))
  nginx = await Nginx.start(join(folder, 'nginx'), place)
  server = await new ServerProgram(place, { more: ['--url', nginx.url] }).up()
}, 60_000)
afterAll(async () => {
  if (NEEDED.every((program) => has(program))) {
    await nginx.stop()
    await server.end('SIGTERM')
  }
  rmSync(folder, { recursive: true })
})

type Door = (bytes: string) => Promise<string>

const DOORS: [name: string, door: Door][] = [
  ['Fairlead itself', (bytes) => rawTcp(server.place.port, bytes)],
  ['NGINX in front', (bytes) => nginx.raw(bytes)],
]

/** Everything that comes back, until the other side closes. */
function rawTcp(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => (text += String(chunk)))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))

/** People who ask for something of their own at the same time; each has to get exactly that. */
async function victims(door: Door, count: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const path = `/api/v1/victim-${n}-${crypto.randomUUID()}`
      return [path, await door(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)] as const
    }),
  )
  for (const [path, text] of answers) {
    expect(statuses(text)).toEqual([404])
    expect(text).toContain(`There is nothing at ${path}.`)
    expect(text).not.toContain('smuggled')
  }
}

const CHUNKED_END = '0\r\n\r\n'
const REFUSED: [what: string, head: string, body: string][] = [
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', CHUNKED_END],
  ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 0', CHUNKED_END],
  ['two lengths', 'Content-Length: 0\r\nContent-Length: 44', ''],
  ['two lengths in one', 'Content-Length: 0, 44', ''],
  ['a coding that nobody knows', 'Transfer-Encoding: xchunked', CHUNKED_END],
  ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKED_END],
  ['chunked and then another', 'Transfer-Encoding: chunked, identity', CHUNKED_END],
  ['chunked behind a control character', 'Transfer-Encoding: \x0bchunked', CHUNKED_END],
  ['a folded coding', 'Transfer-Encoding:\r\n chunked', CHUNKED_END],
  ['a folded header', 'X-A: b\r\n Content-Length: 44', ''],
  ['a space before the colon', 'Content-Length : 44', ''],
  ['a tab before the colon', 'Transfer-Encoding\t: chunked', CHUNKED_END],
  ['a negative length', 'Content-Length: -1', ''],
  ['a length with a sign', 'Content-Length: +0', ''],
  ['a length in hex', 'Content-Length: 0x0', ''],
  ['a NUL in a header', 'X-A: b\0c', ''],
  ['a line end of a carriage return alone', 'X-A: b\rContent-Length: 44', ''],
  ['a length behind a bare line feed', 'Transfer-Encoding: chunked\nContent-Length: 44', CHUNKED_END],
]

/** The head is clear, and so it may be answered before the body is seen to be none. */
const BROKEN_BODIES: [what: string, body: string][] = [
  ['a chunk that is longer than it says', '1\r\nabcdef\r\n0\r\n\r\n'],
  ['a chunk size that is none', 'x\r\n'],
  ['a chunk size with a sign', '+0\r\n\r\n'],
  ['a chunk size beyond all bounds', 'fffffffffffffffff\r\n'],
]

for (const [name, door] of DOORS)
  describe(`R20 ${name}`, () => {
    for (const [what, head, body] of REFUSED)
      needs(...NEEDED)(`refuses ${what}, closes, and answers nobody else`, async () => {
        const attack = `POST /api/v1/setup HTTP/1.1\r\nHost: ${HOST}\r\n${head}\r\n\r\n${body}${SMUGGLED}`
        const [text] = await Promise.all([door(attack), victims(door, 8)])
        await victims(door, 4)
        expect([what, statuses(text)]).toEqual([what, [expect.any(Number)]])
        expect([400, 501]).toContain(statuses(text)[0] ?? 0)
        expect(text).not.toContain('smuggled')
      })

    for (const [what, body] of BROKEN_BODIES)
      needs(...NEEDED)(`closes behind ${what}`, async () => {
        const head = `POST /api/v1/setup HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`
        const [text] = await Promise.all([door(`${head}${body}${SMUGGLED}`), victims(door, 8)])
        await victims(door, 4)
        expect([what, statuses(text).at(-1)]).toEqual([what, 400])
        expect(text).not.toContain('smuggled')
      })

    needs(...NEEDED)('refuses bare line feeds, or reads them as line ends', async () => {
      const text = await door(`GET /api/v1/bare HTTP/1.1\nHost: ${HOST}\nConnection: close\n\n${SMUGGLED}`)
      expect(statuses(text)).toHaveLength(1)
      expect(statuses(text)[0]).toBeGreaterThanOrEqual(400)
      expect(text).not.toContain('smuggled')
    })

    needs(...NEEDED)('answers two requests on one connection each by itself', async () => {
      const [one, two] = [1, 2].map((n) => `GET /api/v1/own-${n} HTTP/1.1\r\nHost: ${HOST}\r\n`)
      const text = await door(`${one}\r\n${two}Connection: close\r\n\r\n`)
      expect(statuses(text)).toEqual([404, 404])
      expect(text.indexOf('/api/v1/own-1')).toBeLessThan(text.indexOf('/api/v1/own-2'))
    })
  })

describe('R20 HTTP/2 to HTTP/1.1', () => {
  const [DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY] = [0, 1, 3, 4, 7]
  const [END_STREAM, END_HEADERS] = [1, 4]
  /** RFC 7541, appendix A: `:status: 200` of the static table, which is how NGINX begins the head of a success. */
  const INDEXED_200 = 0x88

  function frame(type: number, flags: number, payload: Uint8Array): Buffer {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(type === SETTINGS ? 0 : 1, 5)
    return Buffer.concat([head, payload])
  }

  /** RFC 7541 §6.2.2: a header as it stands, whatever is in it. */
  const literal = ([name, value]: [string, string]): Buffer =>
    Buffer.concat([
      Buffer.from([0]),
      ...[name, value].map((text) => Buffer.from([text.length, ...Buffer.from(text)])),
    ])

  /** One request in hand-made frames, since clients refuse to send these. `200`, or `refused` in whatever way. */
  function http2(headers: [string, string][], body: string): Promise<'200' | 'refused'> {
    const ca = readFileSync(join(nginx.folder, 'certificate.pem'))
    const at = { host: '127.0.0.1', port: nginx.httpsPort, servername: HOST }
    const socket = connectTls({ ...at, ca, ALPNProtocols: ['h2'] })
    const head = frame(
      HEADERS,
      END_HEADERS | (body === '' ? END_STREAM : 0),
      Buffer.concat(headers.map(literal)),
    )
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0)
      socket.once('secureConnect', () =>
        socket.write(
          Buffer.concat([
            Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
            frame(SETTINGS, 0, Buffer.alloc(0)),
            head,
            body === '' ? Buffer.alloc(0) : frame(DATA, END_STREAM, Buffer.from(body)),
          ]),
        ),
      )
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
          const length = received.readUIntBE(0, 3)
          const [type, first] = [received[3] ?? 0, received[9]]
          received = received.subarray(9 + length)
          if (type === HEADERS) resolve(first === INDEXED_200 ? '200' : 'refused')
          if (type === RST_STREAM || type === GOAWAY) resolve('refused')
        }
      })
      socket.on('error', reject)
      socket.on('close', () => resolve('refused'))
    }).finally(() => socket.destroy()) as Promise<'200' | 'refused'> // what is resolved above
  }

  const request = (changes: Record<string, string>): [string, string][] =>
    Object.entries({
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': HOST,
      ':path': '/api/v1/session',
      ...changes,
    })
  const REFUSED_THERE: [what: string, headers: [string, string][], body: string][] = [
    ['a body that is longer than its length', request({ 'content-length': '0' }), SMUGGLED],
    ['a body that is shorter than its length', request({ 'content-length': '4000' }), SMUGGLED],
    ['a line end in the path', request({ ':path': '/api/v1/session HTTP/1.1\r\nX-A: b' }), ''],
    ['a blank in the path', request({ ':path': '/api/v1/session HTTP/1.1' }), ''],
    ['a line end in a header', request({ 'x-a': 'b\r\nX-B: c' }), ''],
    ['a line end in the name of a header', request({ 'x-a: b\r\nx-b': 'c' }), ''],
    ['another host beside the own one', request({ host: 'evil.example' }), ''],
    ['a method of two words', request({ ':method': 'GET /api/v1/smuggled HTTP/1.1\r\nX-A:' }), ''],
  ]

  needs(...NEEDED)('is taken when there is nothing wrong with it', async () => {
    expect(await http2(request({ 'x-a': 'b' }), '')).toBe('200')
  })

  for (const [what, headers, body] of REFUSED_THERE)
    needs(...NEEDED)(`${what} is refused`, async () => {
      const others = victims((bytes) => nginx.raw(bytes), 8)
      expect([what, await http2(headers, body)]).toEqual([what, 'refused'])
      await others
    })
})
