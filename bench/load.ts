/**
 * A process of its own that asks for the page of some hosts over connections that it keeps, as fast as it is answered,
 * until its standard input ends; then prints what it saw. Raw sockets, so that no client library retries in silence.
 *
 *     load.ts PORT never|once HOST...
 *
 * `once`: a request that nobody has begun to answer when its kept connection ends is sent once more over a new one, as
 * RFC 9110 §9.2.2 lets every client do; those are counted apart.
 */
import { connect, type Socket } from 'node:net'

export interface LoadReport {
  connections: number
  answers: number
  /** Connections that ended, answers that were not 200. */
  errors: number
  /** Requests that were sent once more, with success. */
  retried: number
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
  retried: 0,
  strange: 0,
  backwards: 0,
  newest: 0,
}
const [port = '', mayRetry = 'never', ...hosts] = process.argv.slice(2)
let isOver = false

/** One connection after the other for one host, until it is over. */
async function client(host: string): Promise<void> {
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`
  let newest = 0
  let isRetry = false
  for (;;) {
    const seen = await connection(request, newest)
    newest = seen.newest
    if (isRetry && seen.answers > 0) report.retried++
    isRetry = !seen.isLast
    const isExcused = mayRetry === 'once' && seen.wasIdle && seen.answers > 0
    if (isOver) return
    if (seen.isLast || isExcused) continue
    report.errors++
    return
  }
}

interface Seen {
  answers: number
  newest: number
  /** The server has said that it closes, as NGINX does after 1,000 requests. */
  isLast: boolean
  /** Not a byte of the last answer had come. */
  wasIdle: boolean
}

function connection(request: string, newestBefore: number): Promise<Seen> {
  return new Promise((resolve) => {
    let [newest, received, answers, isLast] = [newestBefore, '', 0, false]
    const socket: Socket = connect(Number(port), '127.0.0.1', () => socket.write(request))
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
      const answer = whole(received)
      if (answer === null) return
      received = received.slice(answer.length)
      answers++
      newest = judge(answer.status, answer.body, newest)
      isLast = answer.isLast
      if (isOver || isLast) socket.end()
      else socket.write(request)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve({ answers, newest, isLast, wasIdle: received === '' }))
  })
}

interface Answer {
  status: number
  body: string
  length: number
  isLast: boolean
}

function whole(text: string): Answer | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = text.slice(0, headEnd)
  const length = headEnd + 4 + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  if (text.length < length) return null
  return {
    status: Number(head.slice(9, 12)),
    body: text.slice(headEnd + 4, length),
    length,
    isLast: /^connection: close/im.test(head),
  }
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
await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => client(hosts[n % hosts.length] ?? '')))
process.stdout.write(JSON.stringify(report))
process.exit(0)
