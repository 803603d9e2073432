/** Wishes about URLs that meet each other, deployments and deletions. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { createEnvironment } from '../../src/engine/places.ts'
import { requireWholeUrls } from './power-cuts.ts'
import { SERVICES, UrlStage } from './url-stage.ts'

let stage: UrlStage
beforeEach(async () => {
  stage = await new UrlStage().start()
})
afterEach(() => stage.stop())

/** What is refused is refused by a Fault; answers whether it was taken. */
function taken(wish: () => unknown): boolean {
  try {
    wish()
    return true
  } catch (error) {
    if (error instanceof Fault && ['conflict', 'not_found'].includes(error.code)) return false
    throw error
  }
}

const SPELLINGS = [
  'docs.example.com',
  'DOCS.Example.COM',
  'docs.example.com.',
  'ｄｏｃｓ.example.com',
  'docs。example.com',
]

test('N07 of 50 claims of one name one wins, whoever comes first, and the others change nothing', async () => {
  const claims = Array.from({ length: 50 }, (_, at) => {
    const service = SERVICES[at % 2]
    return async () =>
      taken(() => stage.attach(SPELLINGS[at % SPELLINGS.length] ?? '', { ...(service && { service }) }))
  })
  const outcomes = await Promise.all(claims.map(async (claim) => await claim()))
  expect(outcomes.filter(Boolean).length).toBe(1)
  await stage.allEnded()
  expect(stage.world.store.urls.list({ limit: 99, after: null })).toHaveLength(1)
  expect(stage.world.store.operations.list({ limit: 99, after: null })).toHaveLength(1)
  requireWholeUrls(stage.world.store, stage.outside, [])
})

test('N07 nobody gets a name below the wildcard of another service, in any spelling', async () => {
  await stage.attached('*.grün.example.com')
  for (const name of [
    'a.grün.example.com',
    'A.xn--grn-ioa.example.com',
    'a.gru\u0308n.example.com',
    'b.a.GRÜN.example.com.',
  ])
    expect(() => stage.attach(name, { service: 'shop' })).toThrow(/is used by another service/)
  await stage.attached('a.grün.example.com')
  await stage.attached('*.example.com', { service: 'shop' })
  expect(() => stage.attach('c.grün.example.com', { service: 'shop' })).toThrow(/is used by another service/)
})

test('what waits for its turn when the environment goes is ended, and its name is free', async () => {
  stage.deploy({ 'index.html': 'one' })
  const waiting = stage.attach('docs.example.com')
  const id = stage.engine.acceptance.deleteEnvironment(stage.environment().id, LOCAL_ACTOR)
  expect((await stage.ended(id)).status).toBe('succeeded')
  expect((await stage.ended(waiting.operationId)).status).toBe('cancelled')
  await stage.attached('docs.example.com', { service: 'shop' })
})

test('one operation about Fairlead itself at a time', async () => {
  const self = { kind: 'self', environmentId: null } as const
  const [one, two] = [stage.attach('one.example.com', self), stage.attach('two.example.com', self)]
  const { operations } = stage.world.store
  expect([one, two].map(({ operationId }) => operations.required(operationId ?? '').status)).toEqual([
    'running',
    'queued',
  ])
  await stage.allEnded()
  requireWholeUrls(stage.world.store, stage.outside, [])
})

test('attaches that wait for name servers hold no deployment up', async () => {
  const { store } = stage.world
  const waiting = Promise.withResolvers<void>()
  stage.world.dns.ask = async () => {
    await waiting.promise
    return []
  }
  for (let at = 0; at < LIMITS.operation.parallel + 1; at++) {
    const { id } = store.environments.create(store.services.named('shop'), `preview-${at}`, { now: 0 })
    stage.attach(`preview-${at}.example.com`, { environmentId: id })
  }
  expect((await stage.ended(stage.deploy({ 'index.html': 'one' }))).status).toBe('succeeded')
  for (const { id } of store.operations.withStatus('running')) stage.engine.queue.cancel(id, LOCAL_ACTOR)
  waiting.resolve()
  await stage.allEnded()
  requireWholeUrls(store, stage.outside, [])
})

/** mulberry32: the same seed, the same run of choices. */
function generator(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const NAMES = ['docs.example.com', 'blog.example.com', '*.example.com']
const RULES = [null, '/*\n  X-Version: 2\n']

/** One wish by chance: attach, redirect, detach, deploy, delete, make anew, cancel. */
function wish(random: () => number): () => unknown {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T // never empty here
  const { store } = stage.world
  const hostname = pick(NAMES)
  return pick<() => unknown>([
    () => stage.attach(hostname),
    () => stage.attach(hostname, { service: 'shop' }),
    () => stage.attach(hostname, { kind: 'redirect', redirectTo: 'https://example.org' }),
    () => stage.detach(store.urls.named(hostname) ?? stage.attach(hostname)),
    () => stage.deploy({ 'index.html': `${random()}` }, pick(RULES)),
    () => stage.deploy({ 'index.html': `${random()}` }, pick(RULES)),
    () => stage.engine.acceptance.deleteEnvironment(stage.environment().id, LOCAL_ACTOR),
    () =>
      createEnvironment(stage.engine, store.services.named('web'), {
        name: 'production',
        settings: {},
        actor: LOCAL_ACTOR,
      }),
    () => {
      const [running] = store.operations.withStatus('running')
      if (running) stage.engine.queue.cancel(running.id, LOCAL_ACTOR)
    },
  ])
}

describe('R08 wishes that meet end in an order that could have been', () => {
  for (let seed = 1; seed <= 20; seed++)
    test(`seed ${seed}`, async () => {
      const random = generator(seed)
      for (let round = 0; round < 15; round++) {
        for (let together = 0; together < 3; together++) {
          taken(wish(random))
          for (let turns = random() * 30; turns > 0; turns--)
            await new Promise((resolve) => setImmediate(resolve))
        }
        if (random() < 0.4) await stage.allEnded()
      }
      await stage.allEnded()
      const ends = stage.world.store.operations.list({ limit: 200, after: null })
      expect(ends.filter(({ status }) => !['succeeded', 'cancelled', 'superseded'].includes(status))).toEqual(
        [],
      )
      requireWholeUrls(stage.world.store, stage.outside, [])
      expect(stage.outside.links.size).toBeLessThanOrEqual(1)
    })
})
