/** A name server that is none: what arrives over the network may be anybody's. */
import { afterEach, describe, expect, test } from 'bun:test'
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import { DnsPeer } from '../../src/base/dns/peer.ts'
import { dataText, typeNumber } from '../../src/base/dns/rdata.ts'
import { WireWriter } from '../../src/base/dns/wire.ts'
import { askNameServer } from '../../src/drivers/dns/ask.ts'
import { rejectionOf } from './suite.ts'

const A = typeNumber('A')
const QUESTION = { name: 'www.example.com', type: A }

interface Answer {
  id?: number
  name?: string
  type?: number
  flags?: number
  address?: string
}

/** An answer to a query, with anything about it wrong. */
function answerTo(
  query: Buffer,
  { id, name = QUESTION.name, type = A, flags = 0x8400, address = '192.0.2.1' }: Answer = {},
): Uint8Array {
  return new WireWriter()
    .u16(id ?? query.readUInt16BE(0))
    .u16(flags)
    .u16(1)
    .u16(1)
    .u16(0)
    .u16(0)
    .name(name)
    .u16(type)
    .u16(1)
    .u16(0xc00c)
    .u16(A)
    .u16(1)
    .u32(60)
    .counted(Uint8Array.from(address.split('.').map(Number)))
    .done()
}

interface Fake {
  port: number
  asked: RemoteInfo[]
}
const open: (UdpSocket | Server | Socket)[] = []
afterEach(() => {
  for (const each of open.splice(0))
    if ('destroy' in each) each.destroy()
    else each.close()
})

/** Answers datagrams by `udp`, and connections by `tcp`. */
async function fake(
  udp: (send: (bytes: Uint8Array) => void, query: Buffer) => void,
  tcp: (socket: Socket, query: Buffer) => void = (socket) => socket.destroy(),
): Promise<Fake> {
  const asked: RemoteInfo[] = []
  const server = createServer((socket) => {
    open.push(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', (bytes: Buffer) => tcp(socket, bytes.subarray(2)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    asked.push(from)
    udp((bytes) => socket.send(bytes, from.port, from.address), query)
  })
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve))
  open.push(server, socket)
  return { port, asked }
}

const framed = (bytes: Uint8Array): Uint8Array => new WireWriter().counted(bytes).done()

async function addressFrom({ port }: Fake, deadlineMs = 10_000): Promise<string> {
  const peer = new DnsPeer({ place: { address: '127.0.0.1', port }, key: null, clock: systemClock })
  const [record] = (await peer.ask(QUESTION, AbortSignal.timeout(deadlineMs))).answers
  return record ? dataText(record.type, record.data) : 'nothing'
}

describe('datagrams', () => {
  test('count when id, question and sender are right, whatever came before', async () => {
    const server = await fake((send, query) => {
      send(answerTo(query, { id: query.readUInt16BE(0) ^ 1, address: '192.0.2.66' }))
      send(answerTo(query, { name: 'www.evil.example', address: '192.0.2.66' }))
      send(answerTo(query, { type: 28, address: '192.0.2.66' }))
      send(answerTo(query, { flags: 0x0400, address: '192.0.2.66' }))
      send(Buffer.from('nonsense'))
      send(new Uint8Array())
      send(answerTo(query))
    })
    expect(await addressFrom(server)).toBe('192.0.2.1')
  })

  test('of somebody else are not heard', async () => {
    const stranger = createSocket('udp4')
    open.push(stranger)
    const server = await fake((send, query) => {
      const from = server.asked.at(-1)
      stranger.send(answerTo(query, { address: '192.0.2.66' }), from?.port ?? 0, '127.0.0.1', () =>
        send(answerTo(query)),
      )
    })
    expect(await addressFrom(server)).toBe('192.0.2.1')
  })

  test('each question has a port and an id of its own', async () => {
    const ids = new Set<number>()
    const server = await fake((send, query) => {
      ids.add(query.readUInt16BE(0))
      send(answerTo(query))
    })
    for (let round = 0; round < 20; round++) await addressFrom(server)
    expect(new Set(server.asked.map(({ port }) => port)).size).toBeGreaterThan(15)
    expect(ids.size).toBeGreaterThan(15)
  })

  test('that get lost are sent again, and what is cut off comes over TCP', async () => {
    let count = 0
    const lossy = await fake((send, query) => void (count++ > 0 && send(answerTo(query))))
    expect(await addressFrom(lossy)).toBe('192.0.2.1')
    const cut = await fake(
      (send, query) => send(answerTo(query, { flags: 0x8600, address: '192.0.2.66' })),
      (socket, query) => socket.write(framed(answerTo(query))),
    )
    expect(await addressFrom(cut)).toBe('192.0.2.1')
  })
})

test('an address without a route is one that does not answer', async () => {
  for (const address of ['0.0.0.1', '240.0.0.1', '255.255.255.255', 'fe80::1']) {
    const server = { name: 'x', address, port: 53 }
    const asked = askNameServer(systemClock)(
      server,
      { name: QUESTION.name, type: 'A' },
      AbortSignal.timeout(60_000),
    )
    expect(await asked).toBeNull()
  }
}, 90_000)

describe('connections', () => {
  const CASES: [what: string, tcp: (socket: Socket, query: Buffer) => void][] = [
    ['are closed', (socket) => socket.destroy()],
    ['end in the middle', (socket, query) => socket.end(framed(answerTo(query)).subarray(0, 20))],
    [
      'answer something else',
      (socket, query) => socket.write(framed(answerTo(query, { name: 'www.evil.example' }))),
    ],
    [
      'have another id',
      (socket, query) => socket.write(framed(answerTo(query, { id: query.readUInt16BE(0) ^ 1 }))),
    ],
    ['say nonsense', (socket) => socket.write(framed(Buffer.from('nonsense that is no message')))],
    ['speak HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(2_000))],
    ['send one byte and stop', (socket) => socket.write(Uint8Array.of(0))],
    ['say nothing', () => {}],
  ]
  for (const [what, tcp] of CASES)
    test(`that ${what} are no answer`, async () => {
      const server = await fake((send, query) => send(answerTo(query, { flags: 0x8600 })), tcp)
      const peer = { name: 'x', address: '127.0.0.1', port: server.port }
      expect(await rejectionOf(addressFrom(server, 400))).not.toBeNull()
      if (what !== 'say nothing' && what !== 'send one byte and stop')
        expect(
          await askNameServer(systemClock)(
            peer,
            { name: QUESTION.name, type: 'A' },
            AbortSignal.timeout(5_000),
          ),
        ).toBeNull()
    })

  test('an answer in single bytes is one', async () => {
    const server = await fake(
      (send, query) => send(answerTo(query, { flags: 0x8600 })),
      (socket, query) => {
        socket.setNoDelay(true)
        for (const byte of framed(answerTo(query))) socket.write(Uint8Array.of(byte))
      },
    )
    expect(await addressFrom(server)).toBe('192.0.2.1')
  })

  test('a transfer that has no end is cut off', async () => {
    const soa = new WireWriter().name('ns').name('me').u32(1).u32(1).u32(1).u32(1).u32(1).done()
    const server = await fake(
      () => {},
      (socket, query) => {
        const head = (questions: number, count: number) =>
          new WireWriter().u16(query.readUInt16BE(0)).u16(0x8400).u16(questions).u16(count).u16(0).u16(0)
        const first = head(1, 1).name('example.com').u16(252).u16(1)
        socket.write(framed(first.name('example.com').u16(6).u16(1).u32(1).counted(soa).done()))
        const many = head(0, 2_000)
        for (let index = 0; index < 2_000; index++)
          many
            .name(`h${index}`)
            .u16(A)
            .u16(1)
            .u32(1)
            .counted(Uint8Array.of(1, 2, 3, 4))
        const message = framed(many.done())
        const more = () => {
          while (!socket.destroyed && socket.write(message));
          socket.once('drain', more)
        }
        more()
      },
    )
    const peer = new DnsPeer({
      place: { address: '127.0.0.1', port: server.port },
      key: null,
      clock: systemClock,
    })
    expect(await rejectionOf(peer.transfer('example.com', AbortSignal.timeout(60_000)))).toMatchObject({
      code: 'too_large',
    })
  }, 90_000)
})
