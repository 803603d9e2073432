/** kill -9 while a name gets its certificate through the builtin gateway, once in each step and again at the next start. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Store } from '../../src/store/store.ts'
import { Pebble } from '../acme/pebble.ts'
import { freePort } from '../dns/daemon.ts'
import { KeptConnection } from '../gateway/kept-connection.ts'
import { has, needs } from '../needs.ts'
import { type ServerPlace, ServerProgram, serverPlace, tarOf } from './program.ts'

const NEEDED = ['pebble', 'pebble-challtestsrv', 'openssl'] as const
const NAME = 'docs.example.com'
/** More than there are: those that it has are walked through. */
const MOST_STEPS = 20
const folder = mkdtempSync(join(tmpdir(), 'fairlead-https-kill-'))
const data = join(folder, 'data')
const production = { service: 'web', environment: 'production' }

let pebble: Pebble
let place: ServerPlace
let tlsPort: number

beforeAll(async () => {
  if (!NEEDED.every(has)) return
  place = await serverPlace(data)
  tlsPort = await freePort()
  pebble = await Pebble.start({ httpPort: place.sitesPort, badNonces: 30 })
  mkdirSync(data, { recursive: true })
  const store = new Store(join(data, 'fairlead.db'), { now: 0 })
  const { certificates } = store.settings.read()
  const { directoryUrl, root } = pebble
  store.settings.put('certificates', { ...certificates, directoryUrl, root, termsAgreed: true })
  store.close()
}, 60_000)
afterAll(async () => {
  await pebble?.end()
  rmSync(folder, { recursive: true })
})

const names = (of: string): string[] => readdirSync(join(data, of)).toSorted()
const started = () => new ServerProgram(place, { more: ['--sites-tls-listen', `127.0.0.1:${tlsPort}`] }).up()

function column(sql: string): string[] {
  const database = new DatabaseSync(join(data, 'fairlead.db'))
  const rows = database.prepare(sql).all()
  database.close()
  return rows.map((row) => String(Object.values(row)[0]))
}

/** How many steps of the newest operation have begun. */
async function begun(program: ServerProgram): Promise<{ count: number; isOver: boolean }> {
  const { value } = await program.client.call('operations.list', { query: { limit: 1 } })
  const [newest] = value.items
  if (newest?.kind !== 'url-attach') return { count: 0, isOver: false }
  const count = newest.steps.filter(({ status }) => status !== 'pending').length
  return { count, isOver: newest.finishedAt !== null }
}

async function detached(program: ServerProgram): Promise<void> {
  const { value } = await program.client.call('urls.all', { query: { hostname: NAME } })
  for (const { id } of value.items) await program.client.call('urls.delete', { params: { id } })
  await program.settled()
}

/** What stands is whole: the name with its certificate, or nothing of either. */
async function requireWhole(program: ServerProgram): Promise<string> {
  const { value } = await program.client.call('urls.all', { query: { hostname: NAME } })
  const [url] = value.items
  const shown = await KeptConnection.open(tlsPort, NAME).then(
    (kept) => {
      kept.end()
      return kept.certificate
    },
    () => null,
  )
  expect(shown).toBe(url?.https.certificate?.fingerprint ?? null)
  expect([url?.state, url?.https.state]).toEqual(url ? ['attached', 'valid'] : [undefined, undefined])
  expect(names('challenges')).toEqual([])
  // What nobody needs any more goes with the next sweep.
  const known = column('SELECT id FROM certificates').map((id) => `${id}.pem`)
  expect(names('certificates').filter((name) => !known.includes(name))).toEqual([])
  expect(names('builtin/hosts')).toEqual(url ? [`${NAME}.json`] : [])
  return url ? 'attached' : 'gone'
}

needs(...NEEDED)(
  'ends with the name and its certificate, or without both',
  async () => {
    let program = await started()
    await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
    const body = tarOf({ 'index.html': 'one' })
    await program.client.call('deployments.create', { params: production, query: { wait: 'true' }, body })
    const ends = []
    for (let step = 1; step <= MOST_STEPS; step++) {
      const json = { hostname: NAME, dns: 'none', https: 'auto' } as const
      await program.client.call('urls.create', { params: production, json })
      let seen = await begun(program)
      while (seen.count < step && !seen.isOver) seen = await begun(program)
      const isThrough = seen.isOver
      for (const _ of [1, 2]) {
        await program.end('SIGKILL')
        program = await started()
      }
      await program.settled()
      ends.push(await requireWhole(program))
      await detached(program)
      expect(await requireWhole(program)).toBe('gone')
      if (isThrough) break
    }
    expect(ends.length).toBeGreaterThan(5)
    expect(ends).toContain('attached')
    // Within a minute.
    while (names('certificates').length > 0) await Bun.sleep(50)
    expect(await program.end('SIGTERM')).toMatchObject({ code: 0 })
  },
  300_000,
)
