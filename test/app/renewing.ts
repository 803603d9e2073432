/** Visitors of a name whose certificate is renewed while they are at it. */
import { Agent, request } from 'node:https'
import { stopwatch } from '../../src/base/clock.ts'
import { Named } from '../dns/named.ts'
import { Secured } from './secured.ts'

const HOSTNAME = 'docs.example.com'
const VISITORS = 8

export interface Renewed {
  asked: number
  /** After the one try again that RFC 9110 §9.2.2 allows on a connection that was closed while it was idle. */
  failed: string[]
  certificates: Set<string>
  /** Of each renewal, from the wish to its end. */
  ms: number[]
}

/** Eight of them on kept connections, one request after the other, over so many renewals by a CA that refuses nonces. */
export async function renewUnderLoad(gateway: 'nginx' | 'builtin', renewals: number): Promise<Renewed> {
  const stage = await Secured.start({ gateway, zone: await Named.start(), badNonces: 30 })
  try {
    const { id } = await stage.attach(HOSTNAME, { https: 'auto' })
    const seen: Renewed = { asked: 0, failed: [], certificates: new Set(), ms: [] }
    const ca = await stage.pebble.issuingRoot()
    let isOver = false
    const visitors = Array.from({ length: VISITORS }, () =>
      visiting({ port: stage.ports.tls, ca, seen, isOver: () => isOver }),
    )
    for (let renewal = 0; renewal < renewals; renewal++) {
      const elapsed = stopwatch()
      await stage.renew(id)
      seen.ms.push(elapsed())
      const { trusted, fingerprint } = await stage.visit(HOSTNAME)
      if (!trusted) throw new Error('The certificate is not the CA’s.')
      seen.certificates.add(fingerprint)
    }
    isOver = true
    await Promise.all(visitors)
    return seen
  } finally {
    await stage.end()
  }
}

interface Visiting {
  port: number
  ca: string
  seen: Renewed
  isOver: () => boolean
}

async function visiting({ port, ca, seen, isOver }: Visiting): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  while (!isOver()) {
    const answer = await home(port, agent).catch(() => home(port, agent).catch(String))
    seen.asked++
    if (answer !== '200 one') seen.failed.push(answer)
  }
  agent.destroy()
}

function home(port: number, agent: Agent): Promise<string> {
  const at = { host: '127.0.0.1', port, servername: HOSTNAME, headers: { host: HOSTNAME } }
  return new Promise((resolve, reject) => {
    request({ ...at, agent, path: '/' }, (answer) => {
      let body = ''
      answer.on('data', (piece: Buffer) => (body += piece.toString()))
      answer.on('error', reject)
      answer.on('end', () => resolve(`${answer.statusCode} ${body}`))
    })
      .on('error', reject)
      .end()
  })
}
