/** An hour of normal use, with the time turned by hand: whatever people do by Fairlead, nothing of it is drift. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { SCHEMA } from '../dns/pdns.ts'
import { has, needs } from '../needs.ts'
import { NamesStage, PRODUCTION } from './names-stage.ts'
import { TurnedClock } from './turned-clock.ts'

const MINUTES = 60
const MINUTE = 60_000
const PROGRAMS = ['nginx', 'pdns_server', SCHEMA]

const clock = new TurnedClock()
let stage: NamesStage
beforeAll(async () => {
  if (!PROGRAMS.every(has)) return
  stage = await NamesStage.start('powerdns', clock)
}, 60_000)
afterAll(() => stage?.stop())

const must = async (answer: Promise<{ status: number; text: string }>) => {
  const { status, text } = await answer
  if (status >= 300) throw new Error(`${status} ${text}`)
}
const rules = (n: number) => `/*\n  X-Version: ${n}\n`

/** By turns, so that each stands for some minutes and goes. */
const DEEDS: ((n: number) => Promise<unknown>)[] = [
  (n) => must(stage.deploy(`equal ${n}`)),
  (n) => stage.attach(`n${n}.example.com`),
  (n) => must(stage.deploy(`other ${n}`, rules(n))),
  (n) => stage.attach(`www${n}.example.com`, { kind: 'redirect', redirectTo: 'https://example.org' }),
  async (n) => {
    const notFoundHandling = n % 2 === 0 ? 'none' : '404-page'
    await must(stage.call('PATCH', PRODUCTION, { json: { notFoundHandling } }))
  },
  (n) => stage.attach(`*.n${n}.example.com`),
  () => must(stage.call('POST', `${PRODUCTION}/deployments?wait=true`, { json: { rollbackTo: 'previous' } })),
  (n) => stage.attach(`none${n}.example.com`, { dns: 'none' }),
  async () => {
    const { items } = await stage.ok<{ items: { id: string }[] }>('GET', '/urls')
    for (const { id } of items.slice(0, 2)) await must(stage.detach(id))
  },
  async () => {
    await stage.pause()
    await stage.run()
  },
]

async function idle(): Promise<void> {
  for (;;) {
    const { items } = await stage.ok<{ items: { status: string }[] }>('GET', '/operations?limit=50')
    if (items.every(({ status }) => status !== 'queued' && status !== 'running')) return
    await Bun.sleep(5)
  }
}

needs(...PROGRAMS)(
  `${MINUTES} minutes of deployments, URLs that come and go, settings, stops and looks all the while: 0 findings`,
  async () => {
    for (let minute = 0; minute < MINUTES; minute++) {
      const deed = DEEDS[minute % DEEDS.length]
      const state = { isDone: false }
      const done = deed?.(minute).finally(() => {
        state.isDone = true
      })
      // A stop ends looks as well.
      if (minute % DEEDS.length !== DEEDS.length - 1) while (!state.isDone) await stage.look()
      await done
      await idle()
      clock.turn(MINUTE)
      expect([minute, await stage.look()]).toEqual([minute, []])
    }
    const { items } = await stage.ok<{ items: unknown[] }>('GET', '/drift?ended=true')
    expect(items).toEqual([])
  },
  600_000,
)
