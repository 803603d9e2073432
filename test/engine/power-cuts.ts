/** Stories of one operation, cut at every pair of moments, and what has to stand in the end. */
import { expect, test } from 'bun:test'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { treeKey } from '../../src/domain/bundle.ts'
import { markerName, markerText } from '../../src/domain/dns/marker.ts'
import { type RecordSet, setText } from '../../src/domain/dns/records.ts'
import { isEnded, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { waysOf } from '../../src/engine/url/sites.ts'
import type { Store } from '../../src/store/store.ts'
import { Outside, Power, PowerCut } from './outside.ts'
import { ZONE } from './outside-names.ts'
import { requireNoStrays } from './strays.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-power-'))
export const removeFolder = (): void => rmSync(folder, { recursive: true })

/** A story: what stands before, and the one wish whose operation is cut at every pair of moments. */
export interface Scenario {
  name: string
  before(engine: Engine, outside: Outside): Promise<void>
  wish(engine: Engine, outside: Outside): string
  /** What may stand in the end: live bundle, or null for nothing. */
  old: string | null
  fresh: string | null
  /** How many moments lie between two second cuts; 1 unless it is said. */
  stride?: number
  /** The host names before and after; none unless they are named. */
  urls?: { old: string[]; fresh: string[] }
}

const A = { 'index.html': 'a', 'assets/app-1a2B3c4D.js': '1', 'x.txt': 'same' }
const B = { 'index.html': 'b', 'assets/app-9z8Y7x6W.js': '2', 'x.txt': 'same' }
const HEADERS = { headersText: '/*\n  X-Version: 2\n' }
const bundles = (outside: Outside) => ({
  a: outside.addBundle(A),
  b: outside.addBundle(B),
  headed: outside.addBundle(B, HEADERS),
})
export const { a, b, headed } = bundles(new Outside())

/** Somebody else's, which must stand as it is whatever happens. */
const FOREIGN: RecordSet = { name: 'mail.example.com', type: 'A', ttlSeconds: 60, values: ['198.51.100.9'] }

export const environment = (engine: Engine) => {
  const row = engine.world.store.environments.find('web', 'production')
  if (!row) throw new Error('the environment is gone')
  return row
}
export const deploy = (engine: Engine, bundle: string) =>
  engine.acceptance.deployUpload(
    { environmentId: environment(engine).id, actor: LOCAL_ACTOR, message: null },
    bundle,
  )
export const ended = async (engine: Engine, id: string) =>
  (await engine.queue.waitFor(id, new AbortController().signal)).status
export const live = (bundle: string) => async (engine: Engine) => {
  expect(await ended(engine, deploy(engine, bundle))).toBe('succeeded')
}

/** Sweeps of each minute, one after the other, would be most of what is cut. */
const BELOW_A_MINUTE_MS = 59_999

/** Database file and outside world at one moment. */
export interface Snapshot {
  database: string
  outside: Outside
}

let copies = 0
export function copyOf(snapshot: Snapshot): Snapshot {
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
    names: snapshot.outside.names.copy(),
    certificates: snapshot.outside.certificates.copy(),
    authority: snapshot.outside.authority.copy(),
    longestMs: BELOW_A_MINUTE_MS,
  })
  return { database, outside }
}

/** One life of the program: from its start until its operations have ended or the power is off. */
export async function liveOnce(
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
    // Each minute, but none goes by here.
    if (power.isEndless) await engine.certificates.sweep()
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

export async function base(scenario: Pick<Scenario, 'before'>): Promise<Snapshot> {
  const outside = Object.assign(new Outside(), { longestMs: BELOW_A_MINUTE_MS })
  const state = { database: join(folder, `${copies++}.db`), outside }
  bundles(state.outside)
  state.outside.names.put(FOREIGN)
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

/** Old or new, whole, and nothing else left anywhere. Answers how the operation ended, and whether it is old or new. */
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
  const hostnames = store.urls.list({ limit: 10, after: null }).map(({ hostname }) => hostname)
  const { old, fresh, urls = { old: [], fresh: [] } } = scenario
  expect([
    { bundle: old, hostnames: urls.old },
    { bundle: fresh, hostnames: urls.fresh },
  ]).toContainEqual({ bundle, hostnames })
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
  requireWholeUrls(store, outside, [FOREIGN])
  requireNoStrays(store, outside)
  store.close()
  const isFresh = bundle === fresh && hostnames.join() === urls.fresh.join()
  return `${operation.status}: ${isFresh ? 'fresh' : 'old'}`
}

/** Rows, sites and marked records say the same, and what is somebody else's stands as it did. */
export function requireWholeUrls(store: Store, { names, sites }: Outside, others: RecordSet[]): void {
  const urls = store.urls.list({ limit: 100, after: null })
  expect([...names.hosts.keys()].toSorted()).toEqual(urls.map(({ hostname }) => hostname).toSorted())
  const records = others.map(setText)
  // A name is answered by a file of somebody else's or by us.
  for (const name of [...names.foreign.values()].flat()) expect(names.hosts.has(name)).toBe(false)
  for (const row of urls) {
    const { hostname, kind, environmentId, state, dnsMode, dns, site } = row
    const live = sites.get(environmentId ?? '') ?? null
    expect([state, dns.state, site]).toEqual([
      'attached',
      dnsMode === 'none' ? 'none' : 'answered',
      kind === 'site' && live === null ? 'empty' : 'up',
    ])
    const stands = names.hosts.get(hostname)
    const ways = waysOf(row)
    if (kind === 'site')
      expect(stands).toEqual({ kind, environmentId: environmentId ?? '', site: live, ...ways })
    else expect(stands?.kind).toBe(kind)
    expect(dns.records.map(({ name }) => name)).toEqual(dnsMode === 'none' ? [] : [hostname])
    const marker = markerText(store.instance.id())
    for (const set of dns.records) records.push(setText(set), `${markerName(set, ZONE.name)} TXT ${marker}`)
  }
  expect(names.dump()).toEqual(records.toSorted())
}

/** A test of every pair of cuts in one story. */
export function cutEverywhere(scenario: Scenario): void {
  test(scenario.name, async () => {
    const start = await base(scenario)
    const whole = copyOf(start)
    const uncut = new Power()
    await liveOnce(whole, uncut, (engine) => scenario.wish(engine, whole.outside))
    expect(requireOldOrNew(whole, scenario)).toEndWith(': fresh')
    let pairs = 0
    for (let first = 1; first <= uncut.moments; first++) {
      const cut = copyOf(start)
      await liveOnce(cut, new Power(first), (engine) => scenario.wish(engine, cut.outside))
      const recovery = new Power()
      const recovered = copyOf(cut)
      await liveOnce(recovered, recovery, null)
      if (scenario.old !== null || accepted(recovered)) requireOldOrNew(recovered, scenario)
      const { stride = 1 } = scenario
      for (let second = 1 + (first % stride); second <= recovery.moments; second += stride) {
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
  }, 600_000)
}

/** Whether the wish was accepted before the first cut; otherwise nothing was promised. */
function accepted(state: Snapshot): boolean {
  const { store } = state.outside.world(state.database, new Power())
  const [operation] = store.operations.list({ limit: 1, after: null })
  store.close()
  return operation !== undefined
}
