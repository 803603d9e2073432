/** R06: whoever opens connections and says nothing, or next to nothing, keeps nobody else from being answered. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { startTestApp, type TestApp } from '../api/app.ts'

let app: TestApp
const sockets: Socket[] = []
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await app.stop()
})

/** A connection on which so much was sent, and then nothing. */
async function stalled(sent: string): Promise<void> {
  const { hostname, port } = new URL(app.url)
  const socket = connect(Number(port), hostname)
  // The server may close it whenever it likes.
  socket.on('error', () => undefined)
  sockets.push(socket)
  await new Promise<void>((resolve) => socket.once('connect', () => socket.write(sent, () => resolve())))
}

const HALF_A_HEAD = 'GET /api/v1/services HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
const UPLOAD = [
  'POST /api/v1/services/web/bundles HTTP/1.1',
  'Host: localhost',
  'Content-Length: 1000000',
  '',
  'P',
].join('\r\n')
const JSON_BODY = [
  'POST /api/v1/services HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/json',
  'Content-Length: 100',
  '',
  '{',
].join('\r\n')

const CASES: [name: string, sent: string, connections: number][] = [
  ['nothing at all', '', 200],
  ['half a head', HALF_A_HEAD, 500],
  ['the first byte of an upload', UPLOAD, 100],
  ['the first byte of a JSON body', JSON_BODY, 100],
]

test('R06 with hundreds of connections that stall, everybody else is answered and can change things', async () => {
  expect((await app.ask('POST', '/services', { json: { name: 'web' } })).status).toBe(201)
  for (const [name, sent, connections] of CASES) {
    await Promise.all(Array.from({ length: connections }, () => stalled(sent)))
    for (let n = 0; n < 20; n++) expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
    const service = name.replaceAll(' ', '-').toLowerCase()
    expect((await app.ask('POST', '/services', { json: { name: service } })).status).toBe(201)
  }
  expect(await app.staging()).toHaveLength(100)
  for (const socket of sockets.splice(0)) socket.destroy()
  // What had begun to arrive is thrown away.
  while ((await app.staging()).length > 0);
})
