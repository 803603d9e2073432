/** A web server that answers every request with whatever it is told to. */
import { createServer, type Server, type ServerResponse } from 'node:http'

export type Reply = (response: ServerResponse, path: string) => void

export class HostileHttp {
  reply: Reply = (response) => response.end()
  readonly seen: { path: string; headers: Record<string, unknown> }[] = []
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      this.seen.push({ path: request.url ?? '', headers: request.headers })
      request.resume()
      this.reply(response, request.url ?? '')
    })
  }

  static async start(): Promise<HostileHttp> {
    const hostile = new HostileHttp()
    await new Promise<void>((resolve) => hostile.server.listen(0, '127.0.0.1', resolve))
    return hostile
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  end(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

export const json =
  (body: unknown, status = 200): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** More than anybody reads, of which only some is ever sent. */
const endless: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const chunk = Buffer.alloc(1 << 20, 0x20)
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    response.once('drain', more)
  }
  response.on('error', () => response.destroy())
  more()
}

/** D18: what an API would never say. */
export const HOSTILE: [what: string, reply: Reply][] = [
  [
    'HTML',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
  ],
  ['an answer without an end', endless],
  ['nothing', (response) => response.writeHead(200).end()],
  ['a number', json(1)],
  ['null', json(null)],
  ['other JSON', json({ zones: [{ id: 1 }], result: [{ id: 1 }], __proto__: { rrsets: [] } })],
  [
    'half of its JSON',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"result": ['),
  ],
  [
    'a redirect to elsewhere',
    (response) => response.writeHead(302, { location: 'https://evil.example/' }).end(),
  ],
  ['a permanent redirect', (response) => response.writeHead(308, { location: '/elsewhere' }).end()],
  [
    'an error in HTML',
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>'),
  ],
  ['a status that is none', (response) => response.writeHead(418).end('{}')],
]
