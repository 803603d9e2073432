import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { treeKey } from '../../src/domain/bundle.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { Outside, Power } from './outside.ts'

const DAY = 86_400_000
const MINUTE = 60_000

let folder: string
let outside: Outside
let engine: Engine
let now: number
/** What waits for a time; `jump` lets it come. */
let timers: { at: number; call: () => void }[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-clock-'))
  outside = new Outside()
  now = Date.UTC(2026, 2, 29)
  timers = []
  const world = outside.world(join(folder, 'db'), new Power())
  world.clock = {
    now: () => now,
    after(ms, then) {
      const timer = { at: now + ms, call: then }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  }
  engine = new Engine(world)
  world.store.environments.create(world.store.services.create('web', now), 'production', { now })
  await engine.start()
})
afterEach(async () => {
  await engine.stop()
  engine.world.store.close()
  rmSync(folder, { recursive: true })
})

const environment = () => {
  const row = engine.world.store.environments.find('web', 'production')
  if (!row) throw new Error('the environment is gone')
  return row
}
const deploy = async (files: Record<string, string>) => {
  const wish = { environmentId: environment().id, actor: LOCAL_ACTOR, message: null }
  const id = engine.acceptance.deployUpload(wish, outside.addBundle(files))
  return await engine.queue.waitFor(id, new AbortController().signal)
}
/** The clock of the machine jumps; a minute later what was due is done. */
const jump = async (ms: number) => {
  now += ms + MINUTE
  const due = timers.filter(({ at }) => at <= now)
  timers = timers.filter(({ at }) => at > now)
  for (const { call } of due) call()
  await engine.settled()
}

describe('R05 a clock that jumps', () => {
  test('by a day forth and back spoils no deployment and no order', async () => {
    const rows = []
    for (const by of [0, DAY, -2 * DAY, DAY / 24]) {
      await jump(by)
      rows.push(await deploy({ 'index.html': `after ${by}` }))
    }
    expect(rows.map(({ status }) => status)).toEqual(rows.map(() => 'succeeded'))
    const listed = engine.world.store.deployments.list(environment().id, { limit: 10, after: null })
    expect(listed.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toReversed())
    expect(listed.map(({ live }) => live)).toEqual([true, false, false, false])
    expect(engine.world.store.events.list({ limit: 100, after: null }).length).toBeGreaterThan(rows.length)
  })

  test('ends the asset grace when its time has come, and not before', async () => {
    const old = 'assets/app-1a2B3c4D.js'
    const stays = 'assets/app-9z8Y7x6W.js'
    await deploy({ 'index.html': '1', [old]: '1' })
    await deploy({ 'index.html': '2', [stays]: '2' })
    const kept = () => [...(outside.grace.get(environment().id) ?? [])]
    expect(kept()).toEqual([old])
    await jump(DAY / 2)
    await deploy({ 'index.html': '3' })
    expect(kept().toSorted()).toEqual([old, stays])
    await jump(DAY / 2)
    expect(kept()).toEqual([stays])
    await jump(-DAY)
    expect(kept()).toEqual([stays])
    await jump(2 * DAY)
    expect(kept()).toEqual([])
  })

  test('ends the asset grace of folders that are no build folders any more', async () => {
    await deploy({ 'index.html': '1', 'assets/app-1a2B3c4D.js': '1' })
    await deploy({ 'index.html': '2' })
    const { settings } = environment()
    engine.acceptance.changeSettings(environment().id, { ...settings, buildFolders: ['_next/'] }, LOCAL_ACTOR)
    expect(outside.grace.get(environment().id)?.size).toBe(1)
    await jump(2 * DAY)
    expect(engine.world.store.grace.of(environment().id)).toEqual([])
    expect(outside.grace.get(environment().id)).toBeUndefined()
  })

  test('leaves the grace that was given anew while an ended one is swept', async () => {
    await deploy({ 'index.html': '1', 'assets/app-1a2B3c4D.js': '1' })
    await deploy({ 'index.html': '2' })
    const [digest = ''] = engine.world.store.grace.of(environment().id)
    const manifest = engine.world.bundles.manifest.bind(engine.world.bundles)
    engine.world.bundles.manifest = (asked) => {
      engine.world.store.grace.add(environment().id, treeKey(digest), now + DAY)
      return manifest(asked)
    }
    await jump(2 * DAY)
    expect(engine.world.store.grace.of(environment().id)).toEqual([digest])
    expect(outside.grace.get(environment().id)?.size).toBe(1)
  })

  test('forgets an Idempotency-Key after a day and never because it jumped back', () => {
    const { idempotency } = engine.world.store
    const key = { actor: 'local:local', route: 'deployments.create /x', key: 'k' }
    expect(idempotency.claim(key, now)).toBeNull()
    idempotency.answer(key, 'made')
    expect(idempotency.claim(key, now - DAY)).toBe('made')
    expect(idempotency.claim(key, now + DAY - 1)).toBe('made')
    expect(idempotency.claim(key, now + DAY)).toBeNull()
  })
})
