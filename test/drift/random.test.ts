/** 200 hands at NGINX's files, links and DNS records by chance: each is found by the next look, and nothing else ever is. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import { markerName, markerText } from '../../src/domain/dns/marker.ts'
import type { RecordSet } from '../../src/domain/dns/records.ts'
import { has, needs } from '../needs.ts'
import { NamesStage } from './names-stage.ts'

const EDITS = 200
const PROGRAMS = ['nginx', 'named', 'nsupdate', 'dig']
const seed = Number(process.env['FAIRLEAD_SEED'] ?? Date.now() % 1_000_000)

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
const below = (most: number) => Math.floor(random() * most)
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T // never empty here

const NAMES = ['docs.example.com', 'blog.example.com', '*.stars.example.com', 'www.example.com']
const redirect = { kind: 'redirect', redirectTo: 'https://docs.example.com' }

let stage: NamesStage
let instance: string
let version = 0
beforeAll(async () => {
  if (!PROGRAMS.every(has)) return
  stage = await NamesStage.start()
  for (const hostname of NAMES) await attach(hostname)
  const store = stage.store()
  instance = store.instance.id()
  store.close()
}, 60_000)
afterAll(() => stage?.stop())

const attach = (hostname: string) => stage.attach(hostname, hostname.startsWith('www') ? redirect : {})
const stemOf = (hostname: string) => hostname.replace('*', '_wildcard')
const text = (hostname: string) => stage.file(`${stemOf(hostname)}.conf`)
const model = (hostname: string) => stage.file(`${stemOf(hostname)}.json`)
const link = (hostname: string) =>
  join(pick([stage.nginx.enabled, stage.nginx.available]), `${stemOf(hostname)}.conf`)
const address = () => `198.51.100.${1 + below(250)}`
const rewrite = (path: string, change: (before: string) => string) =>
  writeFileSync(path, change(readFileSync(path, 'utf8')))

/** What somebody does, what has to be found for it, and how he takes it back where Fairlead can't. */
interface Edit {
  kind: Drift['kind']
  thing: string
  deed(): void | Promise<void>
  takeBack?(): void
}

async function recordsOf(hostname: string): Promise<RecordSet[]> {
  const { items } = await stage.ok<{
    items: { id: string; hostname: string; dns: { records: RecordSet[] } }[]
  }>('GET', '/urls')
  const url = items.find((one) => one.hostname === hostname)
  if (url && url.dns.records.length > 0) return url.dns.records
  // Somebody has decided that nothing stands in DNS: it begins anew.
  if (url) expect((await stage.detach(url.id)).status).toBe(200)
  await attach(hostname)
  return await recordsOf(hostname)
}

const SITE_EDITS: ((hostname: string) => Edit)[] = [
  (hostname) => ({
    kind: 'site-text',
    thing: text(hostname),
    deed: () =>
      rewrite(text(hostname), (before) => {
        const lines = before.split('\n')
        const at = below(lines.length - 1)
        return pick([
          () => lines.toSpliced(at, 1),
          () => lines.toSpliced(at, 0, `# ${random()}`),
          () => lines.with(at, `${lines[at]} `),
        ])().join('\n')
      }),
  }),
  (hostname) => ({
    kind: 'site-text',
    thing: text(hostname),
    deed: () =>
      rewrite(text(hostname), (before) =>
        before.replace(/\}\n$/, `    location = /by-hand-${++version} { return 204; }\n}\n`),
      ),
  }),
  (hostname) => ({
    kind: 'site-text',
    thing: model(hostname),
    deed: () => rewrite(model(hostname), (before) => before.replace('"kind":"', '"kind":"not-')),
  }),
  (hostname) => {
    const path = pick([text, model])(hostname)
    return { kind: 'site-missing', thing: path, deed: () => rmSync(path) }
  },
  (hostname) => {
    const path = link(hostname)
    return {
      kind: 'site-link',
      thing: path,
      deed: () => {
        unlinkSync(path)
        pick([
          () => {},
          () => symlinkSync(pick(['/nowhere', '/dev/null', text(hostname).replace('.conf', '.json')]), path),
          () => writeFileSync(path, '# mine\n'),
        ])()
      },
    }
  },
  () => ({
    kind: 'site-text',
    thing: stage.file('00-fairlead.conf'),
    deed: () => rewrite(stage.file('00-fairlead.conf'), (before) => `# ${random()}\n${before}`),
  }),
  () => {
    const path = stage.file(`stray-${++version}.example.com.conf`)
    return { kind: 'site-stray', thing: path, deed: () => writeFileSync(path, '# mine\n') }
  },
  (hostname) => {
    const path = join(stage.nginx.etc, 'conf.d', `mine-${++version}.conf`)
    const server = `server { listen 127.0.0.1:${stage.nginx.port}; server_name x${version}.example.org "${hostname}"; }\n`
    return {
      kind: 'site-foreign',
      thing: `${hostname} in ${path}`,
      deed: () => writeFileSync(path, server),
      takeBack: () => rmSync(path),
    }
  },
]

const RECORD_EDITS: ((set: RecordSet) => Edit)[] = [
  ({ name, type, ttlSeconds }) => ({
    kind: 'record-changed',
    thing: `${name} ${type}`,
    deed: () => stage.byHand(name, type, { ttlSeconds, values: ['192.0.2.1', address()].toSorted() }),
  }),
  ({ name, type, ttlSeconds, values }) => ({
    kind: 'record-changed',
    thing: `${name} ${type}`,
    deed: () => stage.byHand(name, type, { ttlSeconds: ttlSeconds + 1 + below(1000), values }),
  }),
  ({ name, type }) => ({
    kind: 'record-missing',
    thing: `${name} ${type}`,
    deed: async () => {
      await stage.byHand(name, type, null)
      if (random() < 0.5) await stage.byHand(markerName({ name, type }, 'example.com'), 'TXT', null)
    },
  }),
  ({ name, type }) => ({
    kind: 'record-marker',
    thing: `${name} ${type}`,
    deed: () => stage.byHand(markerName({ name, type }, 'example.com'), 'TXT', null),
  }),
  () => {
    const left = { name: `left-${++version}.example.com`, type: 'A' }
    const mark = markerName(left, 'example.com')
    return {
      kind: 'record-stray',
      thing: `${mark} TXT`,
      deed: async () => {
        await stage.byHand(mark, 'TXT', { ttlSeconds: 300, values: [markerText(instance)] })
        if (random() < 0.5) await stage.byHand(left.name, 'A', { ttlSeconds: 300, values: [address()] })
      },
    }
  },
]

async function editOf(hostname: string): Promise<Edit> {
  if (random() < 0.5) return pick(SITE_EDITS)(hostname)
  const [set] = await recordsOf(hostname)
  if (!set) throw new Error(`${hostname} has no records`)
  return pick(RECORD_EDITS)(set)
}

async function oneEdit(at: number): Promise<string> {
  const edit = await editOf(pick(NAMES))
  const before = edit.kind.startsWith('site-text') ? readFileSync(edit.thing, 'utf8') : null
  await edit.deed()
  const found = await stage.look()
  const told = `seed ${seed}, edit ${at}: ${edit.kind} ${edit.thing}`
  expect([told, found.map(({ kind, thing }) => [kind, thing])]).toEqual([told, [[edit.kind, edit.thing]]])
  const [drift] = found
  if (!drift) throw new Error(told)
  expect(drift.diff.length).toBeGreaterThan(0)
  const way = drift.adoptable && random() < 0.5 ? 'adopt' : 'revert'
  if (edit.takeBack) edit.takeBack()
  else await stage.done(drift, way)
  expect([told, way, await stage.look()]).toEqual([told, way, []])
  // What all sites share tells which change it was of.
  if (way === 'revert' && before !== null && !edit.thing.includes('00-fairlead'))
    expect(JSON.parse(JSON.stringify([told, readFileSync(edit.thing, 'utf8')]))).toEqual([told, before])
  return way
}

needs(...PROGRAMS)(
  `${EDITS} edits are found, one by one, and put back or taken over`,
  async () => {
    console.log(`seed ${seed} (FAIRLEAD_SEED=${seed} repeats the choices)`)
    const ways = { revert: 0, adopt: 0 }
    for (let at = 1; at <= EDITS; at++) {
      ways[(await oneEdit(at)) as keyof typeof ways]++
      // What was taken over stays with whatever comes.
      if (random() < 0.1) {
        const rules = random() < 0.5 ? `/*\n  X-Version: ${++version}\n` : undefined
        expect((await stage.deploy(`edit ${at}`, rules)).status).toBe(201)
        expect([seed, at, await stage.look()]).toEqual([seed, at, []])
      }
    }
    console.log(`${ways.revert} put back, ${ways.adopt} taken over`)
    expect(ways.adopt).toBeGreaterThan(10)
  },
  900_000,
)
