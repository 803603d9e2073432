import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { treeKey } from '../../src/domain/bundle.ts'
import { type Actor, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { Source } from '../../src/engine/source.ts'
import { Outside, Power } from './outside.ts'

let folder: string
let outside: Outside
let engine: Engine
let held: Promise<void>
let letGo: () => void
const sites = ['a', 'b', 'c', 'd'].map((name) => ({ 'index.html': name }))
let digests: Record<'a' | 'b' | 'c' | 'd', string>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-queue-'))
  outside = new Outside()
  const [a = '', b = '', c = '', d = ''] = sites.map((site) => outside.addBundle(site))
  digests = { a, b, c, d }
  const world = outside.world(join(folder, 'db'), new Power())
  held = Promise.resolve()
  letGo = () => {}
  // Unpacking waits for as long as a test holds it.
  const put = world.trees.put.bind(world.trees)
  world.trees.put = async (tree, bases, signal) => {
    await Promise.race([
      held,
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ])
    return put(tree, bases, signal)
  }
  engine = new Engine(world)
  const service = world.store.services.create('web', 0)
  for (const name of ['production', 'staging']) world.store.environments.create(service, name, { now: 0 })
  for (const digest of Object.values(digests)) world.store.bundles.add(service.id, digest, 0)
  await engine.start()
})

afterEach(async () => {
  letGo()
  await engine.stop()
  engine.world.store.close()
  rmSync(folder, { recursive: true })
})

const environment = (name = 'production') => {
  const row = engine.world.store.environments.find('web', name)
  if (!row) throw new Error(`no environment ${name}`)
  return row
}
const deploy = (source: Source, name = 'production') =>
  engine.acceptance.deploy({ environmentId: environment(name).id, actor: LOCAL_ACTOR, message: null }, source)
const ended = async (id: string) => (await engine.queue.waitFor(id, new AbortController().signal)).status
const statusOf = (id: string) => engine.world.store.operations.required(id).status
const hold = () => {
  held = new Promise((resolve) => {
    letGo = resolve
  })
}
const faultOf = (work: () => unknown): Fault | null => {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
const liveBundle = (name = 'production') =>
  engine.world.store.deployments.find(environment(name).liveDeploymentId ?? '')?.bundle ?? null

describe('the queue of an environment', () => {
  test('runs one at a time, and a newer upload supersedes older queued ones', async () => {
    hold()
    const first = deploy({ bundle: digests.a })
    const second = deploy({ bundle: digests.b })
    const third = deploy({ bundle: digests.c })
    expect([first, second, third].map(statusOf)).toEqual(['running', 'superseded', 'queued'])
    letGo()
    expect(await Promise.all([first, third].map(ended))).toEqual(['succeeded', 'succeeded'])
    expect(liveBundle()).toBe(digests.c)
  })

  test('an upload never supersedes a queued promotion, a rollback does', async () => {
    expect(await ended(deploy({ bundle: digests.a }, 'staging'))).toBe('succeeded')
    expect(await ended(deploy({ bundle: digests.b }))).toBe('succeeded')
    const before = deploy({ bundle: digests.c })
    expect(await ended(before)).toBe('succeeded')
    hold()
    const running = deploy({ bundle: digests.d })
    const promotion = deploy({ promoteFrom: 'staging' })
    const upload = deploy({ bundle: digests.b })
    expect([running, promotion, upload].map(statusOf)).toEqual(['running', 'queued', 'queued'])
    const rollback = deploy({ rollbackTo: before })
    expect([promotion, upload, rollback].map(statusOf)).toEqual(['superseded', 'superseded', 'queued'])
    letGo()
    expect(await ended(rollback)).toBe('succeeded')
    expect(liveBundle()).toBe(digests.c)
  })

  test('environments run beside each other', async () => {
    hold()
    const here = deploy({ bundle: digests.a })
    const there = deploy({ bundle: digests.b }, 'staging')
    expect([here, there].map(statusOf)).toEqual(['running', 'running'])
    letGo()
    expect(await Promise.all([here, there].map(ended))).toEqual(['succeeded', 'succeeded'])
  })

  test('a deletion waits for what runs, cancels what waits and takes nothing new', async () => {
    hold()
    const running = deploy({ bundle: digests.a })
    const waiting = deploy({ bundle: digests.b })
    const deletion = engine.acceptance.deleteEnvironment(environment().id, LOCAL_ACTOR)
    expect([running, waiting, deletion].map(statusOf)).toEqual(['running', 'cancelled', 'queued'])
    expect(faultOf(() => deploy({ bundle: digests.c }))?.code).toBe('conflict')
    letGo()
    expect(await ended(deletion)).toBe('succeeded')
    expect(outside.trees.size + outside.links.size + outside.sites.size).toBe(0)
    expect(engine.world.store.environments.find('web', 'production')).toBeNull()
    expect(engine.world.store.deployments.required(running).bundle).toBe(digests.a)
  })

  test('a service deletion waits for all its environments', async () => {
    hold()
    const running = deploy({ bundle: digests.a }, 'staging')
    const deletion = engine.acceptance.deleteService(engine.world.store.services.named('web'), LOCAL_ACTOR)
    expect(statusOf(deletion)).toBe('queued')
    letGo()
    expect(await Promise.all([running, deletion].map(ended))).toEqual(['succeeded', 'succeeded'])
    expect(outside.trees.size + outside.links.size + outside.sites.size).toBe(0)
    expect(engine.world.store.services.find('web')).toBeNull()
  })
})

describe('cancel', () => {
  test('ends a queued one and a running one that has not switched', async () => {
    hold()
    const running = deploy({ bundle: digests.a })
    const queued = deploy({ bundle: digests.b })
    expect(engine.queue.cancel(queued, LOCAL_ACTOR).status).toBe('cancelled')
    engine.queue.cancel(running, LOCAL_ACTOR)
    expect(await ended(running)).toBe('cancelled')
    expect(liveBundle()).toBeNull()
    expect(outside.trees.size).toBe(0)
  })

  test('is refused once the switch has begun, and after the end', async () => {
    let seen: Fault | null = null
    const put = engine.world.links.put.bind(engine.world.links)
    engine.world.links.put = async (name, tree, signal) => {
      seen = faultOf(() => engine.queue.cancel(id, LOCAL_ACTOR))
      return put(name, tree, signal)
    }
    const id = deploy({ bundle: digests.a })
    expect(await ended(id)).toBe('succeeded')
    expect(seen).toMatchObject({ code: 'conflict', message: expect.stringContaining('switch has begun') })
    expect(faultOf(() => engine.queue.cancel(id, LOCAL_ACTOR))?.message).toContain('ended already')
  })
})

describe('rollback', () => {
  test('"previous" after A, B, rollback is not B', async () => {
    for (const bundle of [digests.c, digests.a, digests.b])
      expect(await ended(deploy({ bundle }))).toBe('succeeded')
    expect(await ended(deploy({ rollbackTo: 'previous' }))).toBe('succeeded')
    expect(liveBundle()).toBe(digests.a)
    expect(await ended(deploy({ rollbackTo: 'previous' }))).toBe('succeeded')
    expect(liveBundle()).toBe(digests.c)
    expect(faultOf(() => deploy({ rollbackTo: 'previous' }))?.code).toBe('conflict')
  })

  test('to a deployment of another environment is unknown', async () => {
    const elsewhere = deploy({ bundle: digests.a }, 'staging')
    expect(await ended(elsewhere)).toBe('succeeded')
    expect(faultOf(() => deploy({ rollbackTo: elsewhere }))?.code).toBe('not_found')
  })

  test('keeps as many trees as `retain` says', async () => {
    const settings = { ...environment().settings, retain: 1 }
    engine.acceptance.changeSettings(environment().id, settings, LOCAL_ACTOR)
    for (const bundle of [digests.a, digests.b, digests.c])
      expect(await ended(deploy({ bundle }))).toBe('succeeded')
    expect([...outside.trees].sort()).toEqual([treeKey(digests.b), treeKey(digests.c)].sort())
  })
})

describe('settings', () => {
  const single = () => ({ ...environment().settings, notFoundHandling: 'single-page-application' as const })
  const rules = () => outside.sites.get(environment().id)?.rules.settings.notFoundHandling

  test('that wait behind a deployment are changed for what is live then', async () => {
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    hold()
    const deployment = deploy({ bundle: digests.b })
    const change = engine.acceptance.changeSettings(environment().id, single(), LOCAL_ACTOR) ?? ''
    expect(statusOf(change)).toBe('queued')
    letGo()
    expect(await Promise.all([deployment, change].map(ended))).toEqual(['succeeded', 'succeeded'])
    expect(liveBundle()).toBe(digests.b)
    expect(outside.answer(environment().id, '/').body).toBe('b')
    expect(rules()).toBe('single-page-application')
  })

  test('that the gateway does not take are given back, so that they can be sent again', async () => {
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    const put = engine.world.gateway.put.bind(engine.world.gateway)
    engine.world.gateway.put = async (id, site, signal) => {
      if (site.rules.settings.notFoundHandling !== '404-page') throw new Fault('unavailable', 'No room.')
      return put(id, site, signal)
    }
    const refused = engine.acceptance.changeSettings(
      environment().id,
      { ...single(), retain: 3, approval: true },
      LOCAL_ACTOR,
    )
    expect(await ended(refused ?? '')).toBe('failed')
    engine.world.gateway.put = put
    expect(environment().settings).toMatchObject({
      notFoundHandling: '404-page',
      retain: 3,
      approval: true,
    })
    expect(await ended(engine.acceptance.changeSettings(environment().id, single(), LOCAL_ACTOR) ?? '')).toBe(
      'succeeded',
    )
    expect(rules()).toBe('single-page-application')
  })

  test('that change while the first deployment runs reach the gateway too', async () => {
    hold()
    const deployment = deploy({ bundle: digests.a })
    expect(engine.acceptance.changeSettings(environment().id, single(), LOCAL_ACTOR)).toBeNull()
    letGo()
    expect(await ended(deployment)).toBe('succeeded')
    for (const { id } of engine.world.store.operations.list({ limit: 10, after: null })) await ended(id)
    expect(rules()).toBe('single-page-application')
    expect(outside.links.size).toBe(1)
  })
})

describe('when things go wrong', () => {
  /** A deployment that visitors see wrong, while what was there can't be put back either. */
  async function getStuck() {
    outside.lie = () => 'wrong'
    const put = engine.world.links.put.bind(engine.world.links)
    engine.world.links.put = async (name, tree, signal) => {
      if (tree === treeKey(digests.a)) throw new Fault('unavailable', 'The disk is gone.')
      return put(name, tree, signal)
    }
    const mend = () => {
      engine.world.links.put = put
    }
    const stuck = deploy({ bundle: digests.b })
    expect(await ended(stuck)).toBe('stuck')
    return { stuck, mend }
  }

  test('what visitors see wrong is put back and told', async () => {
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    outside.lie = (path, tree) => (path === '/' && tree === treeKey(digests.b) ? 'from a cache' : null)
    const id = deploy({ bundle: digests.b })
    expect(await ended(id)).toBe('reverted')
    const { problem } = engine.world.store.operations.required(id)
    expect(problem).toMatchObject({
      code: 'deployment_reverted',
      detail: expect.stringContaining('index.html'),
    })
    expect(liveBundle()).toBe(digests.a)
    expect([...outside.trees]).toEqual([treeKey(digests.a)])
  })

  test('a step that takes too long is ended and named', async () => {
    let over = () => {}
    const after = engine.world.clock.after.bind(engine.world.clock)
    engine.world.clock.after = (ms, then) => {
      if (ms > 60_000) over = then
      return after(ms, then)
    }
    hold()
    const put = engine.world.trees.put.bind(engine.world.trees)
    const unpacking = new Promise<void>((resolve) => {
      engine.world.trees.put = (tree, bases, signal) => {
        resolve()
        return put(tree, bases, signal)
      }
    })
    const id = deploy({ bundle: digests.a })
    await unpacking
    over()
    expect(await ended(id)).toBe('failed')
    expect(engine.world.store.operations.required(id).problem).toMatchObject({
      code: 'unavailable',
      detail: 'The step "unpack tree" took longer than 15 minutes.',
    })
    expect(outside.trees.size).toBe(0)
  })

  test('tidying up is tried again and spoils no success', async () => {
    const drop = engine.world.trees.drop.bind(engine.world.trees)
    let failures = 0
    engine.world.trees.drop = async (tree) => {
      if (++failures < 3) throw new Fault('unavailable', 'The trash is full.')
      return drop(tree)
    }
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    expect(await ended(deploy({ bundle: digests.b }))).toBe('succeeded')
    expect(failures).toBe(3)
    expect([...outside.trees]).toEqual([treeKey(digests.b)])
  })

  test('an undo that fails is stuck, holds no slot, and a later success clears it', async () => {
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    const { stuck } = await getStuck()
    expect(engine.world.store.operations.required(stuck).problem?.['detail']).toContain('The disk is gone.')
    outside.lie = null
    expect(await ended(deploy({ bundle: digests.c }))).toBe('succeeded')
    expect(statusOf(stuck)).toBe('failed')
  })

  test('a stuck one is retried once its cause is mended', async () => {
    expect(await ended(deploy({ bundle: digests.a }))).toBe('succeeded')
    const { stuck, mend } = await getStuck()
    mend()
    const actor: Actor = { kind: 'user', name: 'ann@example.com', userId: 'ann' }
    expect(engine.acceptance.retry(stuck, actor)).toBe(stuck)
    expect(await ended(stuck)).toBe('reverted')
    const told = engine.world.store.events.list({ limit: 100, after: null })
    expect(told.find(({ kind }) => kind === 'deployment.retried')).toMatchObject({
      operationId: stuck,
      actor,
    })
    expect(outside.answer(environment().id, '/').body).toBe('wrong')
    outside.lie = null
    expect(outside.answer(environment().id, '/').body).toBe('a')
  })
})

describe('the log of an operation', () => {
  test('R14 is bounded in lines and length however much is said, and masks credentials', () => {
    const id = deploy({ bundle: digests.a })
    const { logs } = engine.world.store
    engine.world.store.tx(() => {
      for (let line = 0; line < 100_000; line++)
        logs.append(id, { at: 0, level: 'info', step: null, text: `line ${line}` })
      logs.append(id, { at: 0, level: 'error', step: null, text: `the end ${'x'.repeat(10_000_000)}` })
      logs.append(id, { at: 0, level: 'error', step: null, text: 'Authorization: Bearer abcdefghijklmnop' })
    })
    const lines = logs.list(id, { limit: 10_000, after: null })
    expect(lines.length).toBeLessThanOrEqual(5_001)
    expect(lines.some((line) => line.text.startsWith('The log is full'))).toBe(true)
    expect(lines.find((line) => line.text.startsWith('the end'))?.text.length).toBe(4_096)
    expect(JSON.stringify(lines)).not.toContain('abcdefghijklmnop')
  })
})
