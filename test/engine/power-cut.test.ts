import { afterAll, describe, expect, test } from 'bun:test'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { treeKey } from '../../src/domain/bundle.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import { isEnded, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { Outside, Power, PowerCut } from './outside.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-power-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A story: what stands before, and the one wish whose operation is cut at every pair of moments. */
interface Scenario {
  name: string
  before(engine: Engine, outside: Outside): Promise<void>
  wish(engine: Engine, outside: Outside): string
  /** What may stand in the end: live bundle, or null for nothing. */
  old: string | null
  fresh: string | null
}

const A = { 'index.html': 'a', 'assets/app-1a2B3c4D.js': '1', 'x.txt': 'same' }
const B = { 'index.html': 'b', 'assets/app-9z8Y7x6W.js': '2', 'x.txt': 'same' }
const HEADERS = { headersText: '/*\n  X-Version: 2\n' }
const bundles = (outside: Outside) => ({
  a: outside.addBundle(A),
  b: outside.addBundle(B),
  headed: outside.addBundle(B, HEADERS),
})
const { a, b, headed } = bundles(new Outside())

const environment = (engine: Engine) => {
  const row = engine.world.store.environments.find('web', 'production')
  if (!row) throw new Error('the environment is gone')
  return row
}
const deploy = (engine: Engine, bundle: string) =>
  engine.acceptance.deployUpload(
    { environmentId: environment(engine).id, actor: LOCAL_ACTOR, message: null },
    bundle,
  )
const ended = async (engine: Engine, id: string) =>
  (await engine.queue.waitFor(id, new AbortController().signal)).status
const live = (bundle: string) => async (engine: Engine) => {
  expect(await ended(engine, deploy(engine, bundle))).toBe('succeeded')
}

const SCENARIOS: Scenario[] = [
  { name: 'the first deployment', before: async () => {}, wish: (e) => deploy(e, a), old: null, fresh: a },
  { name: 'a deployment with equal rules', before: live(a), wish: (e) => deploy(e, b), old: a, fresh: b },
  {
    name: 'a deployment with new rules',
    before: live(a),
    wish: (e) => deploy(e, headed),
    old: a,
    fresh: headed,
  },
  {
    name: 'a rollback',
    before: async (e) => {
      await live(a)(e)
      await live(headed)(e)
    },
    wish: (e) =>
      e.acceptance.deploy(
        { environmentId: environment(e).id, actor: LOCAL_ACTOR, message: null },
        { rollbackTo: 'previous' },
      ),
    old: headed,
    fresh: a,
  },
  {
    name: 'a deployment that visitors see wrong',
    before: live(a),
    wish: (e, outside) => {
      outside.lie = (path, tree) => (path === '/x.txt' && tree === treeKey(headed) ? 'a stale answer' : null)
      return deploy(e, headed)
    },
    old: a,
    fresh: a,
  },
  {
    name: 'changed settings',
    before: live(a),
    wish: (e) =>
      e.acceptance.changeSettings(
        environment(e).id,
        { ...DEFAULT_SETTINGS, notFoundHandling: 'single-page-application' },
        LOCAL_ACTOR,
      ) ?? '',
    old: a,
    fresh: a,
  },
  {
    name: 'the deletion of an environment',
    before: live(a),
    wish: (e) => e.acceptance.deleteEnvironment(environment(e).id, LOCAL_ACTOR),
    old: a,
    fresh: null,
  },
  {
    name: 'the deletion of a service',
    before: live(a),
    wish: (e) => e.acceptance.deleteService(e.world.store.services.named('web'), LOCAL_ACTOR),
    old: a,
    fresh: null,
  },
]

/** Database file and outside world at one moment. */
interface Snapshot {
  database: string
  outside: Outside
}

let copies = 0
function copyOf(snapshot: Snapshot): Snapshot {
  const database = join(folder, `${copies++}.db`)
  copyFileSync(snapshot.database, database)
  const outside = Object.assign(new Outside(), {
    files: snapshot.outside.files,
    facts: snapshot.outside.facts,
    lie: snapshot.outside.lie,
    trees: new Set(snapshot.outside.trees),
    links: new Map(snapshot.outside.links),
    sites: new Map(snapshot.outside.sites),
    grace: structuredClone(snapshot.outside.grace),
  })
  return { database, outside }
}

/** One life of the program: from its start until its operations have ended or the power is off. */
async function liveOnce(
  state: Snapshot,
  power: Power,
  wish: ((engine: Engine) => string) | null,
): Promise<void> {
  const world = state.outside.world(state.database, power)
  world.store.db.exec('PRAGMA synchronous = OFF') // the file is never at risk: only the program dies here
  const engine = new Engine(world)
  try {
    await engine.start()
    if (wish) wish(engine)
    await Promise.race([power.wentOff, settled(engine)])
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  await engine.stop().catch(() => {})
  world.store.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  world.store.close()
}

async function settled(engine: Engine): Promise<void> {
  for (const { id } of engine.world.store.operations.list({ limit: 20, after: null })) await ended(engine, id)
}

async function base(scenario: Scenario): Promise<Snapshot> {
  const state = { database: join(folder, `${copies++}.db`), outside: new Outside() }
  bundles(state.outside)
  const world = state.outside.world(state.database, new Power())
  const engine = new Engine(world)
  const service = world.store.services.create('web', 0)
  world.store.environments.create(service, 'production', { now: 0 })
  await engine.start()
  await scenario.before(engine, state.outside)
  await engine.stop()
  world.store.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  world.store.close()
  return state
}

/** Old or new, whole, and nothing else left anywhere. */
function requireOldOrNew(state: Snapshot, scenario: Scenario): string {
  const { outside } = state
  const { store } = outside.world(state.database, new Power())
  const [operation] = store.operations.list({ limit: 1, after: null })
  const [environmentId] = store.db.all<{ id: string }>('SELECT id FROM environments').map((row) => row.id)
  if (!environmentId || !operation) throw new Error('the story has no operation')
  expect(isEnded(operation.status)).toBe(true)
  expect(operation.status).not.toBe('stuck')
  const row = store.environments.byId(environmentId)
  const deployment = row?.liveDeploymentId ? store.deployments.find(row.liveDeploymentId) : null
  const bundle = deployment?.bundle ?? null
  const accepted = operation.number > 1 || scenario.old === null
  expect([scenario.old, scenario.fresh]).toContain(bundle)
  if (accepted && operation.status === 'succeeded') expect([scenario.fresh, scenario.old]).toContain(bundle)
  const site = outside.sites.get(environmentId)
  expect([...outside.trees]).toEqual(bundle ? [treeKey(bundle)] : [])
  expect([...outside.links]).toEqual(bundle && site ? [[site.link, treeKey(bundle)]] : [])
  expect(site !== undefined).toBe(bundle !== null)
  const pins = store.db.all<{ tree: string; holder: string }>('SELECT tree, holder FROM pins')
  expect(pins.map((pin) => ({ ...pin }))).toEqual(
    bundle ? [{ tree: treeKey(bundle), holder: `live:${environmentId}` }] : [],
  )
  expect(row?.deleting).toBe(false)
  const answer = outside.answer(environmentId, '/')
  expect(answer.body).toBe(bundle ? (outside.files.get(bundle)?.get('index.html') ?? '') : '')
  store.close()
  return `${operation.status}:${bundle?.slice(0, 6)}`
}

describe('R02 power cuts at every pair of moments end in the old state or the new one', () => {
  for (const scenario of SCENARIOS)
    test(scenario.name, async () => {
      const start = await base(scenario)
      const whole = copyOf(start)
      const uncut = new Power()
      await liveOnce(whole, uncut, (engine) => scenario.wish(engine, whole.outside))
      expect(requireOldOrNew(whole, scenario)).toEndWith(`:${scenario.fresh?.slice(0, 6)}`)
      let pairs = 0
      for (let first = 1; first <= uncut.moments; first++) {
        const cut = copyOf(start)
        await liveOnce(cut, new Power(first), (engine) => scenario.wish(engine, cut.outside))
        const recovery = new Power()
        const recovered = copyOf(cut)
        await liveOnce(recovered, recovery, null)
        if (scenario.old !== null || accepted(recovered)) requireOldOrNew(recovered, scenario)
        for (let second = 1; second <= recovery.moments; second++) {
          const twice = copyOf(cut)
          await liveOnce(twice, new Power(second), null)
          await liveOnce(twice, new Power(), null)
          if (scenario.old !== null || accepted(twice)) requireOldOrNew(twice, scenario)
          rmSync(twice.database)
          pairs++
        }
        rmSync(recovered.database)
        rmSync(cut.database)
      }
      console.log(`${scenario.name}: ${uncut.moments} moments, ${pairs} pairs of cuts`)
      expect(pairs).toBeGreaterThan(uncut.moments)
    }, 300_000)
})

/** Whether the wish was accepted before the first cut; otherwise nothing was promised. */
function accepted(state: Snapshot): boolean {
  const { store } = state.outside.world(state.database, new Power())
  const [operation] = store.operations.list({ limit: 1, after: null })
  store.close()
  return operation !== undefined
}
