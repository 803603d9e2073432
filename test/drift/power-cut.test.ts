/** Putting back and taking over, on a real disk, with the power gone at each moment: it ends right after the next start. */
import { afterAll, expect, test } from 'bun:test'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type Digest, treeKey } from '../../src/domain/bundle.ts'
import { isEnded, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { diskDrivers, prepareDataFolder } from '../../src/drivers/disk/index.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { World } from '../../src/engine/step.ts'
import { archiveOf } from '../api/app.ts'
import { Outside, Power, PowerCut } from '../engine/outside.ts'

/** In memory where there is such a place: only the program dies here, and no disk. */
const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = mkdtempSync(join(root, 'fairlead-drift-cuts-'))
afterAll(() => rmSync(folder, { recursive: true }))
let copies = 0

/** One life of the program on a data folder: files are real, the gateway is in memory and says what the links say. */
interface Life {
  engine: Engine
  end: () => Promise<void>
}

async function live(data: string, power: Power): Promise<Life> {
  const outside = new Outside()
  const disk = diskDrivers({ data, clock: systemClock, log: silentLog, reserveBytes: 0 })
  const world = outside.world(join(data, 'fairlead.db'), power)
  world.store.db.exec('PRAGMA synchronous = OFF') // the file is never at risk: only the program dies here
  Object.assign(world, {
    bundles: cutting(disk.bundles, power, ['receive', 'prepare', 'keep', 'keepUnread']),
    trees: cutting(disk.trees, power, ['adopt', 'put', 'drop', 'mend']),
    links: cutting(disk.links, power, ['put', 'drop']),
    grace: disk.grace,
    gateway: gatewayOf(data, power),
    probe: probeOf(world, data),
  } satisfies Partial<World>)
  await disk.start()
  const engine = new Engine(world)
  return {
    engine,
    async end() {
      await engine.stop().catch(() => {})
      await disk.stop()
      world.store.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      world.store.close()
    },
  }
}

/** The same port, whose deeds have a moment before and after each. */
const cutting = <T extends object>(port: T, power: Power, deeds: (keyof T)[]): T =>
  new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (!deeds.includes(name as keyof T)) return member.bind(target) as unknown // a name of the port
      return async (...given: unknown[]) => {
        power.moment()
        const result: unknown = await (member.apply(target, given) as unknown) // as the port has it
        power.moment()
        return result
      }
    },
  })

/** Sites are kept as files, so that they outlive the program. */
const gatewayOf = (data: string, power: Power): World['gateway'] => {
  const place = (id: string) => join(data, `${id}.site`)
  return {
    async read(id) {
      const name = readdirSync(data).find((one) => one === `${id}.site`)
      return name === undefined ? null : JSON.parse(readFileSync(place(id), 'utf8'))
    },
    put: (id, site) => power.deed(() => writeFileSync(place(id), JSON.stringify(site))),
    drop: (id) => power.deed(() => rmSync(place(id), { force: true })),
  }
}

const probeOf = (world: World, data: string): World['probe'] => ({
  url: (hostname) => `http://${hostname}/`,
  async ask({ path }) {
    const [environment] = world.store.environments.all()
    const site = environment && (await world.gateway.read(environment.id, new AbortController().signal))
    const body = site ? answerOf(data, site.link, decodeURI(path)) : path === MARKER ? '{"tree":null}' : null
    const bytes = Buffer.from(body ?? '')
    return {
      status: body === null ? 404 : 200,
      headers: {},
      body: bytes,
      size: bytes.length,
      sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
    }
  },
})

const MARKER = '/.well-known/fairlead'

function answerOf(data: string, link: string, path: string): string | null {
  const target = readlinkSync(join(data, 'sites', link))
  if (path === MARKER) return JSON.stringify({ tree: target.slice('../trees/'.length) })
  const name = path.endsWith('/') ? `${path}index.html` : path
  for (const one of [name, `${name}.html`])
    try {
      return readFileSync(join(data, 'sites', target, one), 'utf8')
    } catch {
      // The next spelling, or none.
    }
  return null
}

const FIRST = { 'index.html': 'first', 'a.txt': 'a', 'b.txt': 'b' }
const SECOND = { 'index.html': 'second', 'a.txt': 'a', 'b.txt': 'b' }
const signal = new AbortController().signal

async function deploy({ world, uploads, queue }: Engine, files: Record<string, string>): Promise<Digest> {
  const [environment] = world.store.environments.all()
  const body = (async function* () {
    yield archiveOf(files)
  })()
  const wish = { environmentId: environment?.id ?? '', actor: LOCAL_ACTOR, message: null }
  const options = { announcedBytes: null, expectedDigest: null, signal }
  const { deploymentId } = await uploads.deploy(wish, body, options)
  const { status, problem } = await queue.waitFor(deploymentId ?? '', signal)
  if (status !== 'succeeded') throw new Error(JSON.stringify(problem))
  return world.store.deployments.required(deploymentId ?? '').bundle ?? ''
}

interface Story {
  name: string
  edit: (data: string, bundles: Digest[]) => void
  way: 'revert' | 'adopt'
  /** What visitors may get in the end, with and without the wish. */
  index: { done: string; undone: string }
}

const onlyLink = (data: string) => join(data, 'sites', readdirSync(join(data, 'sites'))[0] ?? '')
const liveTree = (data: string) => join(data, 'sites', readlinkSync(onlyLink(data)))

const STORIES: Story[] = [
  {
    name: 'a tree is put back',
    edit(data) {
      writeFileSync(join(liveTree(data), 'index.html'), 'by hand')
      writeFileSync(join(liveTree(data), 'added.txt'), 'x')
      rmSync(join(liveTree(data), 'a.txt'))
    },
    way: 'revert',
    index: { done: 'second', undone: 'by hand' },
  },
  {
    name: 'a tree is taken over',
    edit(data) {
      writeFileSync(join(liveTree(data), 'index.html'), 'by hand')
      writeFileSync(join(liveTree(data), 'added.txt'), 'x')
    },
    way: 'adopt',
    index: { done: 'by hand', undone: 'by hand' },
  },
  {
    name: 'a link is put back',
    edit: (data, [first]) => lead(data, first),
    way: 'revert',
    index: { done: 'second', undone: 'first' },
  },
  {
    name: 'a link is taken over',
    edit: (data, [first]) => lead(data, first),
    way: 'adopt',
    index: { done: 'first', undone: 'first' },
  },
]

function lead(data: string, bundle: Digest | undefined): void {
  const link = onlyLink(data)
  rmSync(link)
  symlinkSync(`../trees/${treeKey(bundle ?? '')}`, link)
}

/** Two deployments, the hand's deed, and the finding. */
async function begun({ edit }: Story): Promise<string> {
  const data = join(folder, String(copies++))
  await prepareDataFolder(data)
  const { engine, end } = await live(data, new Power())
  const service = engine.world.store.services.create('web', 0)
  const environment = engine.world.store.environments.create(service, 'production', { now: 0 })
  engine.world.store.environments.changeSettings(environment.id, { ...environment.settings, retain: 1 })
  await engine.start()
  const bundles = [await deploy(engine, FIRST), await deploy(engine, SECOND)]
  await engine.drift.look(signal)
  edit(data, bundles)
  await engine.drift.look(signal)
  expect(engine.world.store.drifts.open()).toHaveLength(1)
  await end()
  return data
}

function copyOf(data: string): string {
  const copy = join(folder, String(copies++))
  cpSync(data, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  return copy
}

async function liveOnce(data: string, power: Power, wish: Story['way'] | null): Promise<void> {
  const { engine, end } = await live(data, power)
  try {
    await engine.start()
    const [row] = engine.world.store.drifts.open()
    if (wish && row) engine.drift.ways[wish](row.id, { actor: LOCAL_ACTOR, seen: row.digest })
    await Promise.race([power.wentOff, settled(engine, power)])
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  await end()
}

async function settled({ world, queue }: Engine, power: Power): Promise<void> {
  for (let open = 1; open > 0 && !power.isOff; ) {
    const rows = world.store.operations.list({ limit: 20, after: null })
    open = rows.filter(({ status }) => !isEnded(status)).length
    for (const { id } of rows) await queue.waitFor(id, signal)
  }
}

/** Done or not begun, and whichever it is, the next look says the same. */
async function requireEither(data: string, { index, way }: Story): Promise<string> {
  const { engine, end } = await live(data, new Power())
  const { store } = engine.world
  await engine.start()
  const operations = store.operations.list({ limit: 20, after: null })
  for (const { status } of operations) expect(['succeeded', 'failed', 'cancelled']).toContain(status)
  const isDone = operations.some(({ kind, status }) => kind === `drift-${way}` && status === 'succeeded')
  await engine.drift.look(signal)
  expect(store.drifts.open().length).toBe(isDone ? 0 : 1)
  expect(readFileSync(join(liveTree(data), 'index.html'), 'utf8')).toBe(isDone ? index.done : index.undone)
  expect(readdirSync(join(data, 'staging'))).toEqual([])
  await end()
  return isDone ? 'done' : 'not begun'
}

for (const story of STORIES)
  test(story.name, async () => {
    const start = await begun(story)
    const whole = copyOf(start)
    const uncut = new Power()
    await liveOnce(whole, uncut, story.way)
    expect(await requireEither(whole, story)).toBe('done')
    const outcomes: string[] = []
    // Each life unpacks a tree anew, by threads of its own.
    const isTree = story.name.startsWith('a tree')
    for (let first = 1; first <= uncut.moments; first += isTree ? 4 : 1) {
      const cut = copyOf(start)
      await liveOnce(cut, new Power(first), story.way)
      const twice = copyOf(cut)
      await liveOnce(cut, new Power(), null)
      outcomes.push(await requireEither(cut, story))
      rmSync(cut, { recursive: true })
      // And once more on the way up.
      if (!isTree || first % 3 === 0) {
        await liveOnce(twice, new Power(1 + (first % 7)), null)
        await liveOnce(twice, new Power(), null)
        outcomes.push(await requireEither(twice, story))
      }
      rmSync(twice, { recursive: true })
    }
    expect(outcomes.filter((one) => one === 'done').length).toBeGreaterThan(outcomes.length / 2)
    console.log(`${story.name}: ${uncut.moments} moments, ${outcomes.length} lives`)
  }, 300_000)
