import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { HostSite } from '../../src/domain/host-site.ts'
import { needs } from '../needs.ts'
import { DebianNginx, signal, until } from './debian-nginx.ts'
import type { KilledOrder } from './killed.ts'

const NAME = 'killed.example.com'
/** The most steps that an order takes; those it has are walked through. */
const MOST_STEPS = 16

let nginx: DebianNginx
let old: HostSite
let next: HostSite
/** The next one, with a certificate of its own. */
let secured: HostSite
let renewed: HostSite
beforeAll(async () => {
  nginx = await DebianNginx.started()
  old = nginx.site('old')
  next = nginx.site('next')
  const withTls = async (): Promise<HostSite> => {
    const { sha256: _, ...tls } = await nginx.tls(NAME, { redirect: false })
    return { ...next, tls }
  }
  secured = await withTls()
  renewed = await withTls()
  await nginx.hosts().put('other.example.com', nginx.site('other'), signal)
})
afterAll(() => nginx.remove())

function killed(site: HostSite | null, at: number): Promise<string[]> {
  const order: KilledOrder = { data: nginx.data, settings: nginx.settings(), hostname: NAME, site, at }
  const script = join(import.meta.dirname, 'killed.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((resolve) =>
    child.once('close', () => resolve(text.split('\n').filter((line) => line !== ''))),
  )
}

const stand = (site: HostSite | null) =>
  site === null ? nginx.hosts().drop(NAME, signal) : nginx.hosts().put(NAME, site, signal)

/** What a visitor sees, by the site that stands. */
const answerOf = (site: HostSite | null): string =>
  site === null ? 'nothing' : isSame(site, old) ? '200 old' : '200 next'

const isSame = (one: HostSite, other: HostSite): boolean => JSON.stringify(one) === JSON.stringify(other)

async function says(): Promise<string> {
  const answer = await nginx.says(NAME)
  return answer.startsWith('200') ? answer : 'nothing'
}

describe('A43 R02: killed after each step, an order ends as old or new', () => {
  const ORDERS: [what: string, before: () => HostSite | null, after: () => HostSite | null][] = [
    ['a first site', () => null, () => old],
    ['a changed site', () => old, () => next],
    ['a dropped site', () => old, () => null],
    ['HTTPS, where nobody had it', () => old, () => secured],
    ['another certificate', () => secured, () => renewed],
    ['HTTPS that ends', () => secured, () => next],
  ]
  for (const [what, before, after] of ORDERS)
    needs('nginx')(
      what,
      async () => {
        await stand(before())
        let reached: string[] = []
        const [program, ...more] = nginx.plainCommands().test
        for (let at = 1; at <= MOST_STEPS; at++) {
          reached = await killed(after(), at)
          expect([answerOf(before()), answerOf(after())]).toContain(await says())
          expect(await nginx.says('other.example.com')).toBe('200 other')
          // Whoever starts NGINX now finds nothing wrong.
          expect(spawnSync(program, [...more]).status).toBe(0)
          // The next process finds one of the two whole, and NGINX answers by it.
          const hosts = nginx.hosts()
          const found = await hosts.read(NAME, signal)
          expect([before(), after()]).toContainEqual(found)
          await until(async () => (await says()) === answerOf(found))
          expect(nginx.names(join(nginx.data, 'nginx'))).not.toContain('.before')
          // The same order again, and then all is as if nothing had happened.
          await stand(after())
          expect(await says()).toBe(answerOf(after()))
          if (reached.at(-1) === 'kept' && reached.length < at) break
          await stand(before())
          expect(await says()).toBe(answerOf(before()))
        }
        expect(reached.at(-1)).toBe('kept')
        expect(reached).toContain('reload asked')
      },
      120_000,
    )
})
