/**
 * A process of its own that asks for one page over connections that it keeps, as fast as it is answered, until its
 * standard input ends; then prints what it saw. Raw sockets, so that no client library retries in silence.
 */
import { connect, type Socket } from 'node:net'

export interface LoadReport {
  connections: number
  answers: number
  /** Connections that ended, answers that were not 200. */
  errors: number
  /** Bodies that are no version. */
  strange: number
  /** A lower version after a higher one on the same connection. */
  backwards: number
  newest: number
}

const CONNECTIONS = 16
const report: LoadReport = {
  connections: CONNECTIONS,
  answers: 0,
  errors: 0,
  strange: 0,
  backwards: 0,
  newest: 0,
}
const port = Number(process.argv[2])
const REQUEST = `GET / HTTP/1.1\r\nHost: production.load.localhost:${port}\r\nAccept: */*\r\n\r\n`
let isOver = false

function client(): Promise<void> {
  return new Promise((resolve) => {
    let newest = 0
    let received = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(REQUEST))
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
      const answer = whole(received)
      if (answer === null) return
      received = received.slice(answer.length)
      newest = judge(answer.status, answer.body, newest)
      if (isOver) socket.end()
      else socket.write(REQUEST)
    })
    socket.on('error', () => report.errors++)
    socket.on('close', () => {
      if (!isOver) report.errors++
      resolve()
    })
  })
}

function whole(text: string): { status: number; body: string; length: number } | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = text.slice(0, headEnd)
  const length = headEnd + 4 + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  if (text.length < length) return null
  return { status: Number(head.slice(9, 12)), body: text.slice(headEnd + 4, length), length }
}

function judge(status: number, body: string, newest: number): number {
  report.answers++
  if (status !== 200) {
    report.errors++
    return newest
  }
  const version = Number(/^version (\d+) of \d+$/.exec(body)?.[1] ?? Number.NaN)
  if (Number.isNaN(version)) report.strange++
  else if (version < newest) report.backwards++
  report.newest = Math.max(report.newest, version || 0)
  return Math.max(newest, version || 0)
}

process.stdin.on('end', () => (isOver = true)).resume()
await Promise.all(Array.from({ length: CONNECTIONS }, client))
process.stdout.write(JSON.stringify(report))
process.exit(0)
