/** TLS in front of a server of this process: by the name that a visitor says, with a certificate a name. */
import { connect, type Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls'

export type { SecureContext } from 'node:tls'

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** Mozilla's "intermediate", version 5.8: what all browsers of the last ten years speak. TLS 1.3 has its own, all of them good. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')
const OLDEST: TlsVersion = 'TLSv1.2'
const PROTOCOLS = ['h2', 'http/1.1']

/**
 * The version is settled before a name chooses a certificate, the cipher after that. Nobody has a key for this one of TLS 1.2,
 * so that who speaks no 1.3 ends at "no shared cipher" in the handshake. Those of 1.3 are told by no list.
 */
const NO_CIPHER = 'ECDHE-PSK-CHACHA20-POLY1305'

/** Throws what OpenSSL says when key and chain are no pair that it takes. */
export const secureContext = (
  { key, chain }: { key: string; chain: string },
  minimum: TlsVersion,
): SecureContext =>
  createSecureContext({ key, cert: chain, ciphers: minimum === OLDEST ? CIPHERS : NO_CIPHER })

export interface TlsOptions {
  hostname: string
  port: number
  /** Where the decrypted bytes go: a port of 127.0.0.1, which speaks HTTP/1.1 and, without being asked, HTTP/2. */
  innerPort: () => number
  /** The oldest version that is spoken under a name (lower case, without a trailing dot); null: there is no such name. */
  minimumOf(name: string): TlsVersion | null
  /** What is shown for a name; null: the handshake is refused. */
  contextOf(name: string): Promise<SecureContext | null>
  handshakeMs: number
  idleMs: number
  /** More that have not said who they are end the oldest of them. */
  handshakesMost: number
  /** More are turned away. */
  connectionsMost: number
}

/** What a visitor said, by the port from which his bytes reach the inner server. */
interface Visit {
  name: string
}

/**
 * Ends TLS and hands the bytes on, with a connection of its own for each visitor. Who says no name or one that nobody has
 * sees no certificate. A session of an older version that was begun under another name ends before anything is read.
 */
export class TlsFront {
  readonly #options: TlsOptions
  readonly #server: Server
  readonly #visits = new Map<number, Visit>()
  readonly #open = new Set<TLSSocket>()
  /** Those whose handshake is under way, the oldest first. */
  readonly #shaking = new Set<TLSSocket>()

  constructor(options: TlsOptions) {
    this.#options = options
    this.#server = createServer({
      ciphers: CIPHERS,
      minVersion: OLDEST,
      handshakeTimeout: options.handshakeMs,
      SNICallback: (name, done) => void this.#choose(name, done),
      ALPNProtocols: PROTOCOLS,
    })
    this.#server.on('connection', (socket: TLSSocket) => this.#greet(socket))
    this.#server.on('secureConnection', (socket) => this.#handOn(socket))
    // Scanners and old browsers; nothing of the server's own is wrong.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy())
  }

  /** Throws with the errno when the address can't be had. Port 0 takes any free one. */
  listen(): Promise<{ port: number }> {
    const { hostname, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: hostname, port }, () => {
        this.#server.off('error', reject)
        // A connection that can't be taken (no descriptor is left) is one visitor's trouble.
        this.#server.on('error', () => {})
        const address = this.#server.address()
        resolve({ port: typeof address === 'object' && address !== null ? address.port : port })
      })
    })
  }

  /** The name that was said by the visitor whose bytes come from this port of 127.0.0.1; null: nobody's do. */
  nameAt(port: number): string | null {
    return this.#visits.get(port)?.name ?? null
  }

  /** No connection is taken any more; those that are open go on until `cut`. */
  close(): void {
    this.#server.close()
    for (const socket of this.#shaking) socket.destroy()
  }

  cut(): void {
    this.close()
    for (const socket of this.#open) socket.destroy()
  }

  async #choose(said: string, done: (error: Error | null, context?: SecureContext) => void): Promise<void> {
    const context = await this.#options.contextOf(canonical(said)).catch(() => null)
    if (context === null) done(new Error('Nobody has this name.'))
    else done(null, context)
  }

  #isNewEnough(said: string, socket: TLSSocket): boolean {
    const minimum = this.#options.minimumOf(canonical(said))
    return minimum !== null && (minimum === OLDEST || socket.getProtocol() === minimum)
  }

  #greet(socket: TLSSocket): void {
    if (this.#open.size >= this.#options.connectionsMost) {
      socket.destroy()
      return
    }
    for (const oldest of this.#shaking) {
      if (this.#shaking.size < this.#options.handshakesMost) break
      this.#shaking.delete(oldest)
      oldest.destroy()
    }
    this.#open.add(socket)
    this.#shaking.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#shaking.delete(socket)
    })
  }

  #handOn(socket: TLSSocket): void {
    this.#shaking.delete(socket)
    const said = nameSaidBy(socket)
    if (said === null || !this.#isNewEnough(said, socket)) {
      socket.destroy()
      return
    }
    const visit = { name: canonical(said) }
    const inner = connect({ host: '127.0.0.1', port: this.#options.innerPort() })
    inner.once('connect', () => this.#join(socket, inner, visit))
    inner.once('error', () => socket.destroy())
    socket.once('close', () => inner.destroy())
  }

  #join(socket: TLSSocket, inner: Socket, visit: Visit): void {
    const port = inner.localPort ?? 0
    this.#visits.set(port, visit)
    inner.once('close', () => {
      // The next connection may have got the port already.
      if (this.#visits.get(port) === visit) this.#visits.delete(port)
      // What is on its way still goes out; who does not take it is not waited for.
      socket.setTimeout(this.#options.idleMs, () => socket.destroy())
      socket.end()
    })
    socket.pipe(inner)
    inner.pipe(socket)
  }
}

/** Of the server's side: what the visitor said (RFC 6066 §3). */
function nameSaidBy(socket: TLSSocket): string | null {
  const said: unknown = Reflect.get(socket, 'servername')
  return typeof said === 'string' && said !== '' ? said : null
}

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '')
