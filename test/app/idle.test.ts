import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProgram, serverPlace, tarOf } from './program.ts'

const IDLE = 2_000
// Fewer than the 256 requests that Bun sends at a time.
const STREAMS = 200
const folder = mkdtempSync(join(tmpdir(), 'fairlead-idle-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A connection that says nothing, or half a request head. */
const idle = (port: number, index: number) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
    if (index % 2 === 1) socket.write('GET / HTTP/1.1\r\nHos')
  })

test(`R06 L04 ${IDLE} idle connections and ${STREAMS} event streams hold nobody up and are given back`, async () => {
  const program = await new ServerProgram(await serverPlace(folder)).up()
  const { port, sitesPort } = program.place
  const descriptors = () => readdirSync(`/proc/${program.child.pid}/fd`).length
  const before = descriptors()
  const sockets: Socket[] = []
  for (let i = 0; i < IDLE; i++) sockets.push(await idle(i < IDLE / 2 ? port : sitesPort, i))
  const leave = new AbortController()
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, () =>
      fetch(`http://127.0.0.1:${port}/api/v1/events`, {
        headers: { accept: 'text/event-stream' },
        signal: leave.signal,
      }),
    ),
  )
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
  expect(descriptors()).toBeGreaterThan(before + STREAMS)

  const first = streams[0]?.body?.getReader()
  await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
  const body = tarOf({ 'index.html': 'through the crowd' })
  const params = { service: 'web', environment: 'production' }
  expect(
    (await program.client.call('deployments.create', { params, query: { wait: 'true' }, body })).status,
  ).toBe(201)
  expect(await (await program.ask('')).text()).toBe('through the crowd')
  let told = ''
  while (!told.includes('deployment.succeeded'))
    told += Buffer.from((await first?.read())?.value ?? []).toString()

  for (const socket of sockets) socket.destroy()
  leave.abort()
  await program.until('the return of the descriptors', async () => descriptors() < before + 50)
  await program.end('SIGTERM')
}, 60_000)
