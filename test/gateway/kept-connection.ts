import { createHash } from 'node:crypto'
import * as tls from 'node:tls'

/** One connection over TLS that asks again and again; an early end fails the request. */
export class KeptConnection {
  /** SHA-256 of what was shown. */
  readonly certificate: string
  readonly #socket: tls.TLSSocket
  readonly #host: string
  #chunks: Buffer[] = []
  #arrived: () => void = () => {}

  constructor(host: string, socket: tls.TLSSocket) {
    this.#host = host
    this.#socket = socket
    this.certificate = createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex')
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#arrived()
    })
    socket.on('close', () => this.#arrived())
  }

  static open(port: number, host: string): Promise<KeptConnection> {
    return new Promise((resolve, reject) => {
      const given = { port, host: '127.0.0.1', servername: host, rejectUnauthorized: false }
      const socket = tls.connect(given, () => resolve(new KeptConnection(host, socket)))
      socket.on('error', reject)
    })
  }

  /** `pieces`: how many writes the request comes in. */
  async get(path: string, { method = 'GET', pieces = 1 } = {}): Promise<Buffer> {
    this.#chunks = []
    const text = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`
    const size = Math.ceil(text.length / pieces)
    for (let start = 0; start < text.length; start += size) {
      this.#socket.write(text.slice(start, start + size))
      if (pieces > 1) await new Promise((resolve) => setImmediate(resolve))
    }
    for (;;) {
      const bytes = Buffer.concat(this.#chunks)
      const end = bytes.indexOf('\r\n\r\n')
      const length =
        method === 'HEAD' ? 0 : Number(/content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1])
      if (end !== -1 && bytes.length >= end + 4 + length) return bytes.subarray(end + 4)
      if (this.#socket.destroyed) throw new Error('The connection was closed.')
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  end(): void {
    this.#socket.destroy()
  }
}
