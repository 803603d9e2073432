import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nextTurn, systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { treeKey } from '../../src/domain/bundle.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { Journal } from '../../src/engine/journal.ts'
import { changeEnvironment, createEnvironment } from '../../src/engine/places.ts'
import type { Source } from '../../src/engine/source.ts'
import type { World } from '../../src/engine/step.ts'
import { Outside, Power } from './outside.ts'

let folder: string
let outside: Outside
let world: World
let engine: Engine
let a: string
let b: string
let c: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-races-'))
  outside = new Outside()
  ;[a = '', b = '', c = ''] = ['a', 'b', 'c'].map((text) => outside.addBundle({ 'index.html': text }))
  world = outside.world(join(folder, 'db'), new Power())
  engine = new Engine(world)
  const service = world.store.services.create('web', 0)
  for (const name of ['production', 'staging']) world.store.environments.create(service, name, { now: 0 })
  for (const digest of [a, b, c]) world.store.bundles.add(service.id, digest, 0)
  await engine.start()
})

afterEach(async () => {
  await engine.stop()
  world.store.close()
  rmSync(folder, { recursive: true })
})

const service = () => world.store.services.named('web')
const environment = (name = 'production') => world.store.environments.named(service(), name)
const deploy = (source: Source, name = 'production') =>
  engine.acceptance.deploy({ environmentId: environment(name).id, actor: LOCAL_ACTOR, message: null }, source)
const ended = async (id: string) => (await engine.queue.waitFor(id, new AbortController().signal)).status
const statusOf = (id: string) => world.store.operations.required(id).status
const allEnded = async () => {
  for (const { id } of world.store.operations.list({ limit: 50, after: null })) await ended(id)
}
const live = (name = 'production') => outside.answer(environment(name).id, '/').body

/** Holds calls of a function from now on; `reached` resolves with the first of them. */
function hold<K extends string, F extends (...args: never[]) => Promise<unknown>>(
  on: Record<K, F>,
  name: K,
): { reached: Promise<void>; letGo: () => void } {
  const real = on[name]
  const first = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  on[name] = (async (...args: never[]) => {
    first.resolve()
    await gate.promise
    return await real(...args)
  }) as F // the same arguments and answer
  const letGo = () => {
    on[name] = real
    gate.resolve()
  }
  return { reached: first.promise, letGo }
}

/** Has a function fail for this once. */
function failOnce<K extends string, F extends (...args: never[]) => unknown>(on: Record<K, F>, name: K) {
  const real = on[name]
  const failed = Promise.withResolvers<void>()
  on[name] = (() => {
    on[name] = real
    failed.resolve()
    throw new Fault('disk_full', 'The disk that holds the data folder is full.')
  }) as unknown as F // it never answers
  return failed.promise
}

/** A deployment of b over a that is seen wrong and can't be put back. Answers how to mend that. */
async function getStuck(): Promise<{ id: string; mend: () => void }> {
  expect(await ended(deploy({ bundle: a }))).toBe('succeeded')
  outside.lie = () => 'wrong'
  const put = world.links.put.bind(world.links)
  world.links.put = async (name, tree, signal) => {
    if (tree === treeKey(a)) throw new Fault('unavailable', 'The disk is gone.')
    return await put(name, tree, signal)
  }
  const id = deploy({ bundle: b })
  expect(await ended(id)).toBe('stuck')
  outside.lie = null
  return {
    id,
    mend: () => {
      world.links.put = put
    },
  }
}

describe('a stuck deployment', () => {
  test('keeps the tree that visitors see until it is cleared', async () => {
    await getStuck()
    expect(live()).toBe('b')
    expect(await ended(deploy({ bundle: c }))).toBe('succeeded')
    expect([...outside.trees]).toEqual([treeKey(c)])
    expect(world.store.db.all('SELECT * FROM pins').length).toBe(1)
  })

  test('is not unwound over a newer one that runs', async () => {
    const { id, mend } = await getStuck()
    mend()
    const { letGo } = hold(world.trees, 'put')
    const newer = deploy({ bundle: c })
    expect(() => engine.acceptance.retry(id, LOCAL_ACTOR)).toThrow(/is running/)
    letGo()
    expect(await ended(newer)).toBe('succeeded')
    await allEnded()
    expect(live()).toBe('c')
    expect(statusOf(id)).toBe('failed')
  })

  test('of a deleted service is cleared by the deletion, with an event', async () => {
    const { id } = await getStuck()
    expect(await ended(engine.acceptance.deleteService(service(), LOCAL_ACTOR))).toBe('succeeded')
    expect(statusOf(id)).toBe('failed')
    expect(outside.trees.size).toBe(0)
    const events = world.store.events.list({ limit: 100, after: null })
    expect(events.filter((event) => event.operationId === id).at(-1)?.kind).toBe('deployment.failed')
  })
})

describe('a deletion', () => {
  test('that is cancelled while it waits leaves the environment as it was', async () => {
    const { letGo } = hold(world.trees, 'put')
    const running = deploy({ bundle: a })
    const deletion = engine.acceptance.deleteEnvironment(environment().id, LOCAL_ACTOR)
    expect(engine.queue.cancel(deletion, LOCAL_ACTOR).status).toBe('cancelled')
    expect(environment().deleting).toBe(false)
    letGo()
    expect(await ended(running)).toBe('succeeded')
    expect(await ended(deploy({ bundle: b }))).toBe('succeeded')
  })

  test('that got stuck puts nothing back over what was deployed since', async () => {
    for (const name of ['production', 'staging'])
      expect(await ended(deploy({ bundle: a }, name))).toBe('succeeded')
    const failing = () => Promise.reject(new Fault('unavailable', 'The disk is gone.'))
    const drop = world.links.drop.bind(world.links)
    const put = world.links.put.bind(world.links)
    world.links.drop = failing
    world.links.put = failing
    const stuck = engine.acceptance.deleteService(service(), LOCAL_ACTOR)
    expect(await ended(stuck)).toBe('stuck')
    world.links.drop = drop
    world.links.put = put
    expect(await ended(deploy({ bundle: b }))).toBe('succeeded')
    engine.acceptance.retry(stuck, LOCAL_ACTOR)
    expect(await ended(stuck)).toBe('reverted')
    expect([live(), live('staging')]).toEqual(['b', 'a'])
    expect(outside.links.size).toBe(2)
  })

  test('of a service takes no new environment', () => {
    const { letGo } = hold(world.trees, 'put')
    deploy({ bundle: a })
    engine.acceptance.deleteService(service(), LOCAL_ACTOR)
    const wish = { name: 'late', settings: {}, actor: LOCAL_ACTOR }
    expect(() => createEnvironment(engine, service(), wish)).toThrow(/being deleted/)
    letGo()
  })

  test('ends settings that wait behind it', async () => {
    const { letGo, reached } = hold(world.trees, 'put')
    const running = deploy({ bundle: a })
    await reached
    const settings = { ...environment().settings, notFoundHandling: 'none' as const }
    expect(engine.acceptance.changeSettings(environment().id, settings, LOCAL_ACTOR)).toBeNull()
    const deletion = engine.acceptance.deleteEnvironment(environment().id, LOCAL_ACTOR)
    letGo()
    expect(await Promise.all([running, deletion].map(ended))).toEqual(['succeeded', 'succeeded'])
    await allEnded()
    const [change] = world.store.operations.list({ limit: 1, after: null })
    expect(change).toMatchObject({ kind: 'settings-change', status: 'cancelled' })
    expect(outside.links.size + outside.sites.size + outside.trees.size).toBe(0)
  })
})

describe('new settings', () => {
  test('that can not be written count no revision', async () => {
    expect(await ended(deploy({ bundle: a }))).toBe('succeeded')
    const before = environment()
    void failOnce(world.store.operations, 'create')
    const change = { settings: { notFoundHandling: 'none' as const } }
    expect(() => changeEnvironment(engine, before, { change, actor: LOCAL_ACTOR })).toThrow(/full/)
    expect(environment()).toEqual(before)
    expect(world.store.events.list({ limit: 100, after: null }).at(-1)?.kind).toBe('deployment.succeeded')
  })
})

describe('a rename while a deployment runs', () => {
  for (const step of ['before it verifies', 'while it asks'])
    test(step, async () => {
      const rename = () => world.store.environments.rename(service(), environment().id, 'live')
      const put = world.links.put.bind(world.links)
      const ask = world.probe.ask.bind(world.probe)
      if (step === 'before it verifies')
        world.links.put = async (...args) => {
          await put(...args)
          rename()
        }
      else
        world.probe.ask = async (request) => {
          world.probe.ask = ask
          rename()
          return await ask(request)
        }
      const id = deploy({ bundle: a })
      expect(await ended(id)).toBe('succeeded')
      expect(world.store.deployments.required(id).urls).toEqual(['http://live.web.localhost/'])
    })
})

describe('a retry', () => {
  test('of a rollback is a rollback', async () => {
    for (const bundle of [c, a, b]) expect(await ended(deploy({ bundle }))).toBe('succeeded')
    outside.lie = () => 'wrong'
    const reverted = deploy({ rollbackTo: 'previous' })
    expect(await ended(reverted)).toBe('reverted')
    outside.lie = null
    expect(await ended(engine.acceptance.retry(reverted, LOCAL_ACTOR))).toBe('succeeded')
    expect(world.store.deployments.latest(environment().id)).toMatchObject({ cause: 'rollback', bundle: a })
    expect(await ended(deploy({ rollbackTo: 'previous' }))).toBe('succeeded')
    expect(live()).toBe('c')
  })
})

describe('a full disk', () => {
  test('that keeps an accepted operation from starting is no refusal of it', async () => {
    void failOnce(world.store.operations, 'start')
    const id = deploy({ bundle: a })
    expect(statusOf(id)).toBe('queued')
    engine.queue.kick()
    expect(await ended(id)).toBe('succeeded')
  })

  test('under lines of a log is no end of the program', async () => {
    const id = deploy({ bundle: a })
    expect(await ended(id)).toBe('succeeded')
    world.clock = systemClock
    const journal = new Journal(world, id)
    const failed = failOnce(world.store.logs, 'append')
    journal.say('kept')
    await failed
    journal.write(() => {})
    expect(world.store.logs.list(id, { limit: 100, after: null }).at(-1)?.text).toBe('kept')
  })

  test('under the end of a cancelled operation is waited out, and the program may stop', async () => {
    const { letGo } = hold(world.trees, 'put')
    const id = deploy({ bundle: a })
    let tries = 0
    const turnBack = world.store.operations.turnBack.bind(world.store.operations)
    world.store.operations.turnBack = () => {
      if (++tries > 100) world.store.operations.turnBack = turnBack
      throw new Fault('disk_full', 'The disk that holds the data folder is full.')
    }
    const waits = Promise.withResolvers<void>()
    world.clock = {
      now: () => systemClock.now(),
      after() {
        waits.resolve()
        return () => {}
      },
    }
    engine.queue.cancel(id, LOCAL_ACTOR)
    letGo()
    await waits.promise
    await engine.stop()
    expect(tries).toBe(1)
    expect(statusOf(id)).toBe('running')
  })
})

describe('what stands after a start', () => {
  const again = async () => {
    await engine.stop()
    world.store.close()
    world = outside.world(join(folder, 'db'), new Power())
    engine = new Engine(world)
  }
  const bothLive = async () => {
    for (const name of ['production', 'staging'])
      expect(await ended(deploy({ bundle: a }, name))).toBe('succeeded')
    await again()
    for (const part of [outside.trees, outside.links, outside.sites]) part.clear()
  }

  test('is every environment of a service', async () => {
    await bothLive()
    const { letGo } = hold(world.trees, 'put')
    await engine.start()
    await engine.settled()
    letGo()
    await allEnded()
    expect([live(), live('staging')]).toEqual(['a', 'a'])
  })

  test('is what was deployed after a takeover, though the standing up was under way', async () => {
    await bothLive()
    world.store.instance.setStandingBy(true)
    const put = world.trees.put.bind(world.trees)
    const { reached, letGo } = hold(world.trees, 'put')
    const held = world.trees.put.bind(world.trees)
    world.trees.put = (tree, bases, signal) => (tree === treeKey(a) ? held : put)(tree, bases, signal)
    await engine.start()
    await reached
    world.store.instance.setStandingBy(false)
    engine.queue.kick()
    for (const name of ['production', 'staging']) deploy({ bundle: b }, name)
    while (live() !== 'b' || live('staging') !== 'b') await nextTurn()
    letGo()
    await engine.settled()
    await allEnded()
    expect([live(), live('staging')]).toEqual(['b', 'b'])
  })
})
