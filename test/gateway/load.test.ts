import { afterAll, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { rawRequest } from '../serving/table.ts'
import { LiveGateway } from './live-site.ts'

const gateway = new LiveGateway()
afterAll(() => gateway.stop())

const MIB = 1024 * 1024
const descriptors = () => readdirSync('/proc/self/fd').length

test('slow readers cost no memory: the file waits on the disk, not here', async () => {
  const site = await gateway.live({ files: { 'index.html': 'home', 'big.bin': 64 * MIB } })
  const [memory, open] = [process.memoryUsage().rss, descriptors()]
  const readers = await Promise.all(
    Array.from({ length: 50 }, () =>
      firstBytes(site.port, `GET /big.bin HTTP/1.1\r\nHost: ${site.host}\r\n\r\n`),
    ),
  )
  const answer = await rawRequest(site, `GET / HTTP/1.1\r\nHost: ${site.host}\r\nConnection: close\r\n\r\n`)
  expect(answer.body.toString()).toBe('home')
  // 50 readers of 64 MiB are 3,200 MiB; what they may cost is buffers of sockets and of streams.
  expect(process.memoryUsage().rss - memory).toBeLessThan(200 * MIB)
  for (const reader of readers) reader.destroy()
  while (descriptors() > open + 5) await new Promise((resolve) => setImmediate(resolve))
}, 30_000)

test('many different large files at once, in one pipeline: each has its own bytes', async () => {
  const size = (n: number) => 70_000 + n
  const names = Array.from({ length: 60 }, (_, n) => `f${n}.bin`)
  const site = await gateway.live({
    files: Object.fromEntries(names.map((name, n) => [name, `${n} `.repeat(size(n)).slice(0, size(n))])),
  })
  const open = descriptors()
  const pipelines = Array.from({ length: 12 }, (_, start) =>
    Array.from({ length: 20 }, (_, step) => (start * 7 + step * 11) % names.length),
  )
  await Promise.all(
    pipelines.map(async (pipeline) => {
      const requests = pipeline.map(
        (n, index) =>
          `GET /f${n}.bin HTTP/1.1\r\nHost: ${site.host}\r\n${index === pipeline.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
      )
      const first = await rawRequest(site, requests.join(''))
      let rest = first.body
      for (const [index, n] of pipeline.entries()) {
        expect(rest.toString('latin1', 0, size(n))).toBe(`${n} `.repeat(size(n)).slice(0, size(n)))
        rest = rest.subarray(size(n))
        if (index < pipeline.length - 1) rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4)
      }
      expect(rest.length).toBe(0)
    }),
  )
  while (descriptors() > open + 5) await new Promise((resolve) => setImmediate(resolve))
}, 30_000)

/** Resolves when the answer has begun; nothing more is read. */
function firstBytes(port: number, request: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.on('error', reject)
    socket.once('data', () => {
      socket.pause()
      resolve(socket)
    })
  })
}
