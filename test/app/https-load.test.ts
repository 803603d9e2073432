/** Visitors of a name whose certificate is renewed while they are at it: nobody notices (DESIGN §7 says what counts). */
import { afterAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { Agent, request } from 'node:https'
import { Named } from '../dns/named.ts'
import { needs } from '../needs.ts'
import { Secured } from './secured.ts'

setDefaultTimeout(180_000)

const RENEWALS = 3
const VISITORS = 8
const HOSTNAME = 'docs.example.com'
const stages: Secured[] = []
afterAll(async () => {
  for (const stage of stages) await stage.end()
})

interface Tally {
  asked: number
  /** After the one try again that RFC 9110 §9.2.2 allows on a connection that was closed while it was idle. */
  failed: string[]
  certificates: Set<string>
}

/** One after the other on a kept connection, until it is told to stop. */
async function visiting(stage: Secured, tally: Tally, isOver: () => boolean): Promise<void> {
  const ca = await stage.pebble.issuingRoot()
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  const once = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { host: HOSTNAME }
      const at = { host: '127.0.0.1', port: stage.ports.tls, servername: HOSTNAME }
      request({ ...at, agent, headers, path: '/' }, (answer) => {
        let body = ''
        answer.on('data', (piece: Buffer) => (body += piece.toString()))
        answer.on('error', reject)
        answer.on('end', () => resolve(`${answer.statusCode} ${body}`))
      })
        .on('error', reject)
        .end()
    })
  while (!isOver()) {
    const answer = await once().catch(() => once().catch((error: unknown) => String(error)))
    tally.asked++
    if (answer !== '200 one') tally.failed.push(answer)
  }
  agent.destroy()
}

for (const gateway of ['nginx', 'builtin'] as const)
  describe(gateway, () => {
    needs(
      'nginx',
      'pebble',
      'openssl',
      'named',
      'nsupdate',
      'dig',
    )('no request fails while a certificate is renewed again and again', async () => {
      const stage = await Secured.start({ gateway, zone: await Named.start(), badNonces: 30 })
      stages.push(stage)
      const { id } = await stage.attach(HOSTNAME, { https: 'auto' })
      const tally: Tally = { asked: 0, failed: [], certificates: new Set() }
      let isOver = false
      const visitors = Array.from({ length: VISITORS }, () => visiting(stage, tally, () => isOver))
      for (let renewal = 0; renewal < RENEWALS; renewal++) {
        await stage.renew(id)
        const { trusted, fingerprint } = await stage.visit(HOSTNAME)
        expect(trusted).toBe(true)
        tally.certificates.add(fingerprint)
      }
      isOver = true
      await Promise.all(visitors)
      console.log(
        `${gateway}: ${tally.asked} requests over ${RENEWALS} renewals, ${tally.failed.length} failed`,
      )
      expect(tally.failed).toEqual([])
      expect(tally.certificates.size).toBe(RENEWALS)
      expect(tally.asked).toBeGreaterThan(VISITORS * RENEWALS)
    })
  })
