/** Wishes by chance, cuts by chance: after each recovery every URL is whole or not there. */
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { createEnvironment } from '../../src/engine/places.ts'
import { attachUrl, detachUrl } from '../../src/engine/url/claim.ts'
import { Outside, Power, PowerCut } from './outside.ts'
import { requireWholeUrls } from './power-cuts.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-url-cuts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LIVES = 60
const seed = Number(process.env.FAIRLEAD_SEED ?? Date.now() % 1_000_000)

/** mulberry32: the same seed, the same run of choices. */
function generator(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
const random = generator(seed)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T // never empty here

const NAMES = ['docs.example.com', 'blog.example.com', 'www.example.com', '*.example.com']
const FOREIGN = Array.from({ length: 30 }, (_, at) => ({
  name: `theirs-${at}.example.com`,
  type: pick(['A', 'TXT', 'CNAME']),
  ttlSeconds: 60,
  values: [`value-${at}`],
}))

function wish(engine: Engine, outside: Outside): unknown {
  const { world, acceptance } = engine
  const { services, environments, urls } = world.store
  const hostname = pick([...NAMES, 'theirs-1.example.com'])
  const environment = environments.find('web', 'production')
  if (!environment)
    return createEnvironment(engine, services.named('web'), {
      name: 'production',
      settings: {},
      actor: LOCAL_ACTOR,
    })
  const given = { hostname, environmentId: environment.id, dnsMode: 'auto' } as const
  const deploy = () => {
    const bundle = pick([...outside.files.keys()])
    return acceptance.deployUpload(
      { environmentId: environment.id, actor: LOCAL_ACTOR, message: null },
      bundle,
    )
  }
  const redirect = { kind: 'redirect', redirectTo: 'https://example.org' } as const
  const detach = () => detachUrl(engine, urls.named(hostname)?.id ?? '', LOCAL_ACTOR)
  return pick([
    () => attachUrl(engine, { ...given, kind: 'site' }, LOCAL_ACTOR),
    () => attachUrl(engine, { ...given, kind: 'site' }, LOCAL_ACTOR),
    () => attachUrl(engine, { ...given, ...redirect }, LOCAL_ACTOR),
    detach,
    detach,
    deploy,
    deploy,
    () => (random() < 0.3 ? acceptance.deleteEnvironment(environment.id, LOCAL_ACTOR) : deploy()),
  ])()
}

const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function wishUntilCut(engine: Engine, outside: Outside, power: Power): Promise<void> {
  while (!power.isOff) {
    try {
      wish(engine, outside)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
    for (let turns = random() * 20; turns > 0; turns--) await aTurn()
  }
}

/** Until nothing waits for anything. */
async function rest(engine: Engine): Promise<void> {
  const { operations, pins } = engine.world.store
  await engine.settled()
  for (const { id } of operations.list({ limit: 200, after: null }))
    await engine.queue.waitFor(id, new AbortController().signal)
  while (pins.links().length > 0) await aTurn()
  await engine.settled()
}

/** One life of the program. */
async function life(outside: Outside, power: Power): Promise<Engine> {
  const engine = new Engine(outside.world(join(folder, 'db'), power))
  engine.world.store.db.exec('PRAGMA synchronous = OFF') // the file is never at risk: only the program dies here
  try {
    await engine.start()
    await (power.isEndless ? rest(engine) : wishUntilCut(engine, outside, power))
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  await engine.stop().catch(() => {})
  return engine
}

test(`R02 ${LIVES} lives that are cut amid wishes leave every URL whole`, async () => {
  console.log(`seed ${seed} (FAIRLEAD_SEED=${seed} repeats the choices)`)
  const outside = new Outside()
  for (const text of ['one', 'two']) {
    outside.addBundle({ 'index.html': text })
    outside.addBundle({ 'index.html': text }, { headersText: `/*\n  X-Version: ${text}\n` })
  }
  for (const set of FOREIGN) outside.names.put(set)
  const first = outside.world(join(folder, 'db'), new Power()).store
  first.environments.create(first.services.create('web', 0), 'production', { now: 0 })
  first.close()
  for (let at = 0; at < LIVES; at++) {
    outside.names.isSettled = random() < 0.6
    const cut = await life(outside, new Power(1 + Math.floor(random() * 150)))
    cut.world.store.close()
    outside.names.isSettled = true
    const { store } = (await life(outside, new Power())).world
    expect(store.operations.withStatus('stuck')).toEqual([])
    requireWholeUrls(store, outside, FOREIGN)
    const pins = store.db.all<{ tree: string }>('SELECT DISTINCT tree FROM pins ORDER BY tree')
    expect([...outside.trees].toSorted()).toEqual(pins.map(({ tree }) => tree))
    expect(outside.links.size).toBeLessThanOrEqual(1)
    store.close()
  }
}, 300_000)
