import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import * as tls from 'node:tls'
import type { HostSite } from '../../src/domain/host-site.ts'
import { bytesOf, rawRequest } from '../serving/table.ts'
import { KeptConnection } from './kept-connection.ts'
import { LiveTls } from './live-tls.ts'

const MIB = 1024 * 1024
const BIG = 64 * MIB
const { signal } = new AbortController()
const descriptors = () => readdirSync('/proc/self/fd').length
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const until = async (holds: () => boolean) => {
  while (!holds()) await nextTurn()
}
let live: LiveTls
let site: HostSite

beforeAll(async () => {
  live = await LiveTls.start()
  site = await live.siteOf({ files: { 'index.html': 'home', 'mid.bin': 300_000, 'big.bin': BIG } })
  await live.secure('docs.example.com', site)
})
afterAll(() => live.stop())

const open = (host: string) => KeptConnection.open(live.tlsPort, host)

describe('under load', () => {
  test('40 changes of the certificate: not one failed request, and each connection goes on', async () => {
    const name = 'busy.example.com'
    const shown = new Set<string>()
    const made: string[] = [(await live.secure(name, site)).sha256]
    const over = new AbortController()
    let answers = 0
    const visitor = async (isKept: boolean) => {
      let kept = await open(name)
      while (!over.signal.aborted) {
        shown.add(kept.certificate)
        for (const _ of [1, 2, 3]) expect((await kept.get('/')).toString()).toBe('home')
        expect((await kept.get('/mid.bin')).length).toBe(300_000)
        answers += 4
        if (isKept) continue
        kept.end()
        kept = await open(name)
      }
      kept.end()
    }
    const visitors = [
      ...Array.from({ length: 4 }, () => visitor(true)),
      ...Array.from({ length: 4 }, () => visitor(false)),
    ]
    for (let change = 0; change < 40; change++) {
      const before = await live.gateway.hosts.read(name, signal)
      const enough = answers + 8
      made.push((await live.secure(name, site)).sha256)
      await live.certificates.drop(before?.tls?.certificate ?? '')
      await until(() => answers >= enough)
    }
    over.abort()
    await Promise.all(visitors)
    const last = await open(name)
    expect(last.certificate).toBe(made.at(-1) ?? '')
    last.end()
    expect([...shown].filter((sha256) => !made.includes(sha256))).toEqual([])
    expect(shown.size).toBeGreaterThan(10)
  }, 60_000)

  test('large files are whole, many at once, and in parts', async () => {
    const at = live.tlsAt('docs.example.com')
    const text = (more = '') =>
      `GET /big.bin HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n${more}\r\n`
    const wanted = bytesOf(BIG)
    const answers = await Promise.all([1, 2, 3, 4].map(() => rawRequest(at, text())))
    for (const { status, body } of answers) expect([status, body.equals(wanted)]).toEqual([200, true])
    const part = await rawRequest(at, text(`Range: bytes=${30 * MIB + 7}-${50 * MIB}\r\n`))
    expect([part.status, part.body.equals(wanted.subarray(30 * MIB + 7, 50 * MIB + 1))]).toEqual([206, true])
  }, 60_000)

  test('a kept connection answers one request after another, in whatever pieces they come', async () => {
    const kept = await open('docs.example.com')
    for (let n = 0; n < 50; n++) {
      expect((await kept.get('/', { pieces: 1 + (n % 7) })).toString()).toBe('home')
      expect((await kept.get('/mid.bin', { method: 'HEAD' })).length).toBe(0)
      expect((await kept.get('/mid.bin')).equals(bytesOf(300_000))).toBe(true)
    }
    kept.end()
  })

  test('who leaves in the middle of a file leaves no descriptor', async () => {
    const before = descriptors()
    for (let round = 0; round < 4; round++)
      await Promise.all(
        Array.from({ length: 25 }, async () => {
          const socket = await firstBytes()
          socket.destroy()
        }),
      )
    expect((await (await open('docs.example.com')).get('/')).toString()).toBe('home')
    await until(() => descriptors() <= before + 5)
  }, 30_000)

  test('slow readers cost no memory: the file waits on the disk, not here', async () => {
    const [memory, before] = [process.memoryUsage().rss, descriptors()]
    const readers = await Promise.all(Array.from({ length: 50 }, firstBytes))
    const kept = await open('docs.example.com')
    expect((await kept.get('/')).toString()).toBe('home')
    kept.end()
    // 50 readers of 64 MiB are 3,200 MiB; what they may cost is buffers of sockets and of streams.
    expect(process.memoryUsage().rss - memory).toBeLessThan(300 * MIB)
    for (const reader of readers) reader.destroy()
    await until(() => descriptors() <= before + 5)
  }, 30_000)

  test('hundreds of connections that ask nothing keep nobody out', async () => {
    const before = descriptors()
    const idle = await Promise.all(Array.from({ length: 300 }, () => open('docs.example.com')))
    const asked = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const kept = await open('docs.example.com')
        const body = (await kept.get('/')).toString()
        kept.end()
        return body
      }),
    )
    expect(new Set(asked)).toEqual(new Set(['home']))
    for (const kept of idle) kept.end()
    await until(() => descriptors() <= before + 5)
  }, 30_000)
})

/** Resolves when the answer has begun; nothing more is read. */
function firstBytes(): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const given = {
      port: live.tlsPort,
      host: '127.0.0.1',
      servername: 'docs.example.com',
      rejectUnauthorized: false,
    }
    const socket = tls.connect(given, () =>
      socket.write('GET /big.bin HTTP/1.1\r\nHost: docs.example.com\r\n\r\n'),
    )
    socket.on('error', reject)
    socket.once('data', () => {
      socket.pause()
      resolve(socket)
    })
  })
}
