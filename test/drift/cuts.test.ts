/** The power goes at each moment of putting something back or taking it over: in the end it is done, or as it was. */
import { afterAll, expect, test } from 'bun:test'
import { markerText } from '../../src/domain/dns/marker.ts'
import { setText } from '../../src/domain/dns/records.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import { attachUrl } from '../../src/engine/url/claim.ts'
import type { DriftRow } from '../../src/store/drifts.ts'
import { Power } from '../engine/outside.ts'
import type { Names } from '../engine/outside-names.ts'
import {
  a,
  base,
  copyOf,
  ended,
  environment,
  live,
  liveOnce,
  removeFolder,
  type Snapshot,
} from '../engine/power-cuts.ts'

afterAll(removeFolder)

const DOCS = 'docs.example.com'
const OTHER = '198.51.100.7'
const { signal } = new AbortController()

interface Scene {
  kind: DriftRow['kind']
  way: 'revert' | 'adopt'
  hand: (names: Names, instance: string) => void
}

const value = (names: Names) => names.put({ name: DOCS, type: 'A', ttlSeconds: 60, values: [OTHER] })
const gone = (names: Names) => void names.records.delete(`${DOCS} A`)
const text = (names: Names) => void names.changed.add(DOCS)
const SCENES: Scene[] = [
  { kind: 'record-changed', way: 'revert', hand: value },
  { kind: 'record-changed', way: 'adopt', hand: value },
  { kind: 'record-missing', way: 'revert', hand: gone },
  { kind: 'record-missing', way: 'adopt', hand: gone },
  {
    kind: 'record-marker',
    way: 'revert',
    hand: (names) => void names.records.delete(`_fairlead-a.${DOCS} TXT`),
  },
  {
    kind: 'record-stray',
    way: 'revert',
    hand: (names, instance) => {
      names.put({ name: 'left.example.com', type: 'A', ttlSeconds: 60, values: [OTHER] })
      const name = '_fairlead-a.left.example.com'
      names.put({ name, type: 'TXT', ttlSeconds: 60, values: [markerText(instance)] })
    },
  },
  { kind: 'site-text', way: 'revert', hand: text },
  { kind: 'site-text', way: 'adopt', hand: text },
  {
    kind: 'site-missing',
    way: 'revert',
    hand: (names) => void names.hosts.delete(DOCS),
  },
  {
    kind: 'site-stray',
    way: 'revert',
    hand: (names) =>
      void names.hosts.set('stray.example.com', {
        kind: 'self',
        upstream: { hostname: '127.0.0.1', port: 1 },
      }),
  },
]

/** A URL that stands, what somebody has done to it, and the finding about that. */
async function drifted({ kind, hand }: Scene): Promise<Snapshot & { finding: DriftRow; records: string[] }> {
  let found: DriftRow[] = []
  let records: string[] = []
  const state = await base({
    async before(engine, outside) {
      await live(a)(engine)
      const wish = {
        hostname: DOCS,
        kind: 'site',
        environmentId: environment(engine).id,
        dnsMode: 'auto',
      } as const
      expect(await ended(engine, attachUrl(engine, wish, LOCAL_ACTOR).operationId ?? '')).toBe('succeeded')
      await engine.settled()
      records = outside.names.dump()
      hand(outside.names, engine.world.store.instance.id())
      await engine.drift.look(signal)
      found = engine.world.store.drifts.open()
    },
  })
  expect(found.map((row) => row.kind)).toEqual([kind])
  const [finding] = found
  if (!finding) throw new Error('nothing was found')
  return { ...state, finding, records }
}

/** What stands in the end, by another life of the program. */
async function requireDone(state: Snapshot, scene: Scene, records: string[]): Promise<void> {
  const { names } = state.outside
  const engine = new Engine(state.outside.world(state.database, new Power()))
  await engine.start()
  await engine.settled()
  for (const { id } of engine.world.store.operations.list({ limit: 20, after: null })) await ended(engine, id)
  const { store } = engine.world
  const [operation] = store.operations.list({ limit: 1, after: null })
  await engine.drift.look(signal)
  const isWished = operation?.kind === `drift-${scene.way}`
  expect(store.operations.withStatus('stuck')).toEqual([])
  // A start takes sites without a URL down, and puts up what is lost wholly, wished for or not.
  const heals = scene.kind === 'site-stray' || scene.kind === 'site-missing'
  if (isWished || heals) expect(store.drifts.open()).toEqual([])
  else expect(store.drifts.open()).toMatchObject([{ kind: scene.kind }])
  if (isWished) {
    expect(operation?.status).toBe('succeeded')
    const row = store.urls.named(DOCS)
    if (scene.way === 'revert') expect(names.dump()).toEqual(records)
    else if (scene.kind === 'site-text') {
      expect(row?.extra).toBe('lingering_timeout 7s;\n')
      expect(names.hosts.get(DOCS)).toMatchObject({ extra: row?.extra })
    } else if (scene.kind === 'record-missing') {
      expect(row).toMatchObject({ dnsMode: 'none', dns: { state: 'none', records: [] } })
      expect(names.dump().some((line) => line.includes(DOCS))).toBe(false)
    } else expect(row?.dns.records.map(setText)).toEqual([`${DOCS} A ${OTHER}`])
  }
  await engine.stop()
  store.close()
}

for (const scene of SCENES)
  test(`R02 ${scene.kind}: ${scene.way}, cut at every moment`, async () => {
    const { finding, records, ...state } = await drifted(scene)
    const wish = (engine: Engine) =>
      engine.drift.ways[scene.way](finding.id, { actor: LOCAL_ACTOR, seen: finding.digest })
    let cuts = 0
    for (let at = 1; ; at++) {
      const copy = copyOf(state)
      const power = new Power(at)
      await liveOnce(copy, power, wish)
      if (!power.isOff) break
      cuts++
      await requireDone(copy, scene, records)
    }
    expect(cuts).toBeGreaterThan(3)
  }, 300_000)
