/** Stands between a driver and a server, on TCP and UDP, and does what networks do. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type RelayMode =
  | 'pass'
  /** Takes everything and says nothing. */
  | 'hang'
  /** Lets the next write through, and hangs up instead of bringing its answer. */
  | 'lose-answer'
  /** As that, each time. */
  | 'lose-answers'
  /** Hangs up as soon as a write arrives, which so never gets there. */
  | 'drop-writes'

export class Relay {
  mode: RelayMode = 'pass'
  /** Of writes that went through, in all. */
  writes = 0
  /** Pieces that came for the server, which for HTTP without a long body are requests. */
  requests = 0
  /** What somebody else does just before the next write gets there. */
  meanwhile: (() => Promise<void>) | null = null
  private readonly to: number
  private readonly isWrite: (bytes: Buffer) => boolean
  private readonly server: Server
  private udp: UdpSocket | null = null
  private readonly sockets = new Set<Socket>()

  private constructor(to: number, isWrite: (bytes: Buffer) => boolean) {
    this.to = to
    this.isWrite = isWrite
    this.server = createServer((socket) => this.connected(socket))
  }

  static async start(to: number, isWrite: (bytes: Buffer) => boolean): Promise<Relay> {
    const relay = new Relay(to, isWrite)
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve))
    await relay.listenUdp()
    return relay
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    this.udp?.close()
  }

  private connected(near: Socket): void {
    const far = connect(this.to, '127.0.0.1')
    let isLosing = false
    for (const socket of [near, far]) {
      this.sockets.add(socket)
      const end = () => {
        this.sockets.delete(socket)
        // A server that hangs doesn't hang up.
        if (socket === far && this.mode === 'hang') return
        near.destroy()
        far.destroy()
      }
      socket.on('error', end).on('close', end)
    }
    near.on('data', (bytes: Buffer) => {
      this.requests++
      const isWrite = this.isWrite(bytes)
      if (this.mode === 'hang') return
      if (isWrite && this.mode === 'drop-writes') return void near.destroy()
      if (isWrite && this.mode.startsWith('lose')) {
        isLosing = true
        if (this.mode === 'lose-answer') this.mode = 'pass'
      }
      if (isWrite) this.writes++
      const { meanwhile } = this
      if (!isWrite || meanwhile === null) return void far.write(bytes)
      this.meanwhile = null
      void meanwhile().then(() => far.write(bytes))
    })
    far.on('data', (bytes: Buffer) => (isLosing ? near.destroy() : near.write(bytes)))
  }

  private listenUdp(): Promise<void> {
    const udp = createSocket('udp4')
    this.udp = udp
    udp.on('message', (query, from) => {
      if (this.mode === 'hang') return
      const far = createSocket('udp4')
      far.on('message', (answer) => {
        udp.send(answer, from.port, from.address)
        far.close()
      })
      far.send(query, this.to, '127.0.0.1')
    })
    return new Promise((resolve) => udp.bind(this.port, '127.0.0.1', resolve))
  }
}

/** An update over TCP that changes something: not one that only asks whether its prerequisites hold. */
export const isDnsWrite = (bytes: Buffer): boolean =>
  bytes.length > 14 && ((bytes.readUInt8(4) >> 3) & 0xf) === 5 && bytes.readUInt16BE(10) > 0

export const isHttpWrite = (bytes: Buffer): boolean =>
  /^(POST|PATCH|PUT|DELETE) /.test(bytes.toString('latin1', 0, 8))
