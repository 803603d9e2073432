/** Limits of the front itself, with a server behind it that says what it got. */
import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import * as tls from 'node:tls'
import { serve } from '../../src/base/platform.ts'
import { secureContext, TlsFront, type TlsOptions } from '../../src/base/tls.ts'
import { makeCertificate } from '../certificates.ts'
import { rawRequest } from '../serving/table.ts'

const context = secureContext(makeCertificate(['a.test']), 'TLSv1.2')
const inner = serve({
  hostname: '127.0.0.1',
  port: 0,
  maxBodyBytes: 1024,
  idleSeconds: 5,
  fetch: (_, { port }) => new Response(open.map((front) => front.nameAt(port)).find((name) => name !== null)),
  onError: () => new Response(null, { status: 500 }),
})
const open: TlsFront[] = []
afterAll(async () => {
  for (const front of open) front.cut()
  await inner.stop(true)
})

async function started(given: Partial<TlsOptions> = {}): Promise<{ front: TlsFront; port: number }> {
  const front = new TlsFront({
    hostname: '127.0.0.1',
    port: 0,
    innerPort: () => inner.port,
    minimumOf: () => 'TLSv1.2',
    contextOf: async () => context,
    handshakeMs: 60_000,
    idleMs: 60_000,
    handshakesMost: 100,
    connectionsMost: 100,
    ...given,
  })
  open.push(front)
  return { front, port: (await front.listen()).port }
}

const at = (port: number) => ({ address: '127.0.0.1', port, sni: 'a.test' })
const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n'
const answer = async (port: number) => (await rawRequest(at(port), GET)).body.toString()

/** A connection that says nothing. */
const silent = (port: number): Promise<{ socket: Socket; gone: Promise<unknown> }> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve({ socket, gone }))
    socket.on('error', () => undefined) // it is told by `gone`
    const gone = new Promise((end) => socket.once('close', end))
  })

describe('handshakes', () => {
  test('that do not end are ended', async () => {
    const { port } = await started({ handshakeMs: 100 })
    const waiting = await Promise.all(Array.from({ length: 20 }, () => silent(port)))
    waiting[0]?.socket.write(Buffer.from('1603010200', 'hex'))
    await Promise.all(waiting.map(({ gone }) => gone))
    expect(await answer(port)).toBe('a.test')
  })

  test('whose certificate never comes are ended', async () => {
    const { port } = await started({ handshakeMs: 100, contextOf: () => new Promise(() => {}) })
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'a.test', rejectUnauthorized: false })
    socket.on('error', () => undefined) // one or the other
    await new Promise((resolve) => socket.once('close', resolve))
  })

  test('too many of them end the oldest, so that they keep nobody out', async () => {
    const { port } = await started({ handshakesMost: 5 })
    const waiting = []
    for (let n = 0; n < 12; n++) waiting.push(await silent(port))
    await Promise.all(waiting.slice(0, 7).map(({ gone }) => gone))
    expect(await answer(port)).toBe('a.test')
    for (const { socket } of waiting) socket.destroy()
  })

  test('that are refused or broken off leave nothing behind', async () => {
    const { port } = await started({ contextOf: async (name) => (name === 'a.test' ? context : null) })
    const before = readdirSync('/proc/self/fd').length
    for (let n = 0; n < 100; n++) {
      const { socket } = await silent(port)
      socket.destroy()
      await rawRequest({ ...at(port), sni: 'b.test' }, GET).catch(() => null)
    }
    expect(await answer(port)).toBe('a.test')
    while (readdirSync('/proc/self/fd').length > before + 3)
      await new Promise((resolve) => setImmediate(resolve))
  })
})

test('connections over the limit are turned away, and room is made when one ends', async () => {
  const { port } = await started({ connectionsMost: 3 })
  const kept = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<tls.TLSSocket>((resolve) => {
          const given = { port, host: '127.0.0.1', servername: 'a.test', rejectUnauthorized: false }
          const socket = tls.connect(given, () => resolve(socket))
        }),
    ),
  )
  expect((await rawRequest(at(port), GET).catch(() => null))?.status ?? 0).toBe(0)
  kept[0]?.destroy()
  let said = ''
  while (said === '') said = await answer(port).catch(() => '')
  expect(said).toBe('a.test')
  for (const socket of kept) socket.destroy()
})

test('each visitor has a name of his own, however connections come and go', async () => {
  const { front, port } = await started({ connectionsMost: 1_000, handshakesMost: 1_000 })
  const names = Array.from({ length: 300 }, (_, n) => `n${n}.test`)
  const seen = await Promise.all(
    names.map(async (sni) => (await rawRequest({ ...at(port), sni }, GET)).body.toString()),
  )
  expect(seen).toEqual(names)
  expect(front.nameAt(port)).toBeNull()
})

test('a port that is taken is told by its errno', async () => {
  const { port } = await started()
  expect(await started({ port }).catch((error: unknown) => error)).toMatchObject({ code: 'EADDRINUSE' })
})

test('what was closed takes nobody, and lets go of who is there', async () => {
  const { front, port } = await started()
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'a.test', rejectUnauthorized: false })
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  const gone = new Promise((resolve) => socket.once('close', resolve))
  front.close()
  expect(await answer(port).catch(() => 'nobody')).toBe('nobody')
  front.cut()
  await gone
})
