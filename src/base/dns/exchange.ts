/** One DNS message to one address, and what comes back: over UDP, or over TCP. Nothing is looked up here. */
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { MalformedMessage } from './wire.ts'

export interface DnsPlace {
  address: string
  port: number
}

export interface Exchange {
  place: DnsPlace
  query: Uint8Array
  /** Ends it, with a deadline in it. */
  signal: AbortSignal
}

/** Nobody listens there, or the connection broke: told from a deadline by its name. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/**
 * The first datagram that `isAnswer` takes; whatever else arrives is somebody's guess and is left alone. The socket is
 * its own, on a port that the kernel picks by chance, and hears this address only.
 */
export function overUdp(
  { place, query, signal }: Exchange,
  isAnswer: (answer: Uint8Array) => boolean,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = createSocket(isIPv6(place.address) ? 'udp6' : 'udp4')
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners().on('error', () => {}) // what comes after the end concerns nobody
      socket.close()
      settle()
    }
    const onAbort = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', (cause) => end(() => reject(new NoAnswer('nothing listens there', { cause }))))
    socket.on('message', (answer) => {
      if (isAnswer(answer)) end(() => resolve(answer))
    })
    // Without a callback: that would be called for an address without a route as well.
    socket.on('connect', () => socket.send(query))
    socket.connect(place.port, place.address)
  })
}

/**
 * Hands over message by message until `take` says that it was the last, or throws; over a connection of its own. Rejects
 * when the other side closes before, and over `mostBytes`.
 */
export function overTcp(
  { place, query, signal, mostBytes }: Exchange & { mostBytes: number },
  take: (answer: Uint8Array) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect(place.port, place.address)
    let received = Buffer.alloc(0)
    let size = 0
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners().on('error', () => {}) // what comes after the end concerns nobody
      socket.destroy()
      settle()
    }
    const onAbort = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('connect', () => {
      const length = Buffer.of(query.length >>> 8, query.length & 0xff)
      socket.write(Buffer.concat([length, query]))
    })
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) return end(() => reject(new MalformedMessage(`it has over ${mostBytes} bytes`)))
      received = Buffer.concat([received, chunk])
      try {
        while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          const message = received.subarray(2, 2 + received.readUInt16BE(0))
          received = received.subarray(2 + message.length)
          if (take(message)) return end(resolve)
        }
      } catch (thrown) {
        end(() => reject(thrown))
      }
    })
    socket.on('error', (cause) => end(() => reject(new NoAnswer('no connection is to be had', { cause }))))
    socket.on('close', () => end(() => reject(new NoAnswer('it hangs up without an answer'))))
  })
}
