import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ServerProgram, serverPlace, tarOf } from './program.ts'

const KILLS = 100
const seed = Number(process.env.FAIRLEAD_SEED ?? Date.now() % 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'fairlead-kill-'))
const data = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

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

/** A site whose every file says which site it is; some bring rules of their own. */
function site(version: number): Blob {
  const pages = Array.from({ length: 60 }, (_, i) => [`page-${i}.txt`, `version ${version}`])
  return tarOf({
    ...Object.fromEntries(pages),
    'index.html': `<p>version ${version}</p>`,
    ...(version % 3 === 0 && { _headers: `/*\n  X-Version: ${version}\n` }),
  })
}

const production = { service: 'web', environment: 'production' }
const staging = { service: 'web', environment: 'staging' }
const versions = Array.from({ length: 6 }, (_, version) => site(version))

const hostnames = ['docs.example.com', 'blog.example.com', '*.example.com']

async function detach({ client }: ServerProgram, hostname: string): Promise<void> {
  const { value } = await client.call('urls.all', { query: { hostname } })
  for (const { id } of value.items) await client.call('urls.delete', { params: { id } })
}

/** One thing that a person may want, by chance. */
function wish(program: ServerProgram): Promise<unknown> {
  const { client } = program
  const hostname = pick(hostnames)
  return pick<() => Promise<unknown>>([
    () => client.call('deployments.create', { params: production, body: pick(versions) }),
    () => client.call('deployments.create', { params: staging, body: pick(versions) }),
    () => client.call('deployments.create', { params: production, json: { rollbackTo: 'previous' } }),
    () => client.call('deployments.create', { params: staging, json: { promoteFrom: 'production' } }),
    () => {
      const notFoundHandling = pick(['none', '404-page'] as const)
      return client.call('environments.update', { params: production, json: { notFoundHandling } })
    },
    () => client.call('environments.update', { params: production, json: { retain: pick([0, 1, 2]) } }),
    () => client.call('urls.create', { params: production, json: { hostname, dns: 'none' } }),
    () => {
      const redirect = { hostname, kind: 'redirect', redirectTo: 'https://example.org', dns: 'none' } as const
      return client.call('urls.create', { params: pick([production, staging]), json: redirect })
    },
    () => detach(program, hostname),
    () => client.call('environments.delete', { params: staging }),
    () => client.call('environments.create', { params: { service: 'web' }, json: { name: 'staging' } }),
  ])()
}

test(`R02 A43 ${KILLS} kills at random moments end in the old state or the new one`, async () => {
  console.log(`seed ${seed} (FAIRLEAD_SEED=${seed} repeats the choices)`)
  const place = await serverPlace(data)
  let program = await new ServerProgram(place).up()
  await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
  let interrupted = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const alive = new AbortController()
    const wished = [wish(program), wish(program)].map((one) => one.catch(() => {}))
    const wishing = wished.map(async (one) => {
      await one
      while (!alive.signal.aborted) await wish(program).catch(() => {})
    })
    await Promise.race(wished)
    await Bun.sleep(random() * 250)
    alive.abort()
    await program.end('SIGKILL')
    await Promise.all(wishing)
    if (program.openOperations() > 0) interrupted++
    program = await new ServerProgram(place).up()
    await program.settled()
    await requireOneVersion(program)
    await requireWholeUrls(program)
    const { value } = await program.client.call('operations.list', { query: { limit: 10 } })
    expect(value.items.filter(({ status }) => status === 'stuck')).toEqual([])
  }
  console.log(`${interrupted} of ${KILLS} kills hit an operation that was queued or running`)
  expect(interrupted).toBeGreaterThan(KILLS / 20)
  expect(await program.end('SIGTERM')).toMatchObject({ code: 0 })
  requireTidyFolder()
}, 900_000)

/** What is live by the API is what visitors get, in every file. */
async function requireOneVersion(program: ServerProgram): Promise<void> {
  const { value } = await program.client.call('environments.show', { params: production })
  const marker = (await (await program.ask('.well-known/fairlead')).json()) as { tree: string | null }
  expect(marker.tree).toBe(value.live ? `${value.live.bundle}-1` : null)
  if (!value.live) return
  const index = await program.ask('')
  const version = /version (\d)/.exec(await index.text())?.[1]
  expect(version).toBeDefined()
  const pages = await Promise.all(
    [0, 7, 33, 59].map(async (i) => (await program.ask(`page-${i}.txt`)).text()),
  )
  expect(pages).toEqual(pages.map(() => `version ${version}`))
  expect(index.headers.get('x-version')).toBe(Number(version) % 3 === 0 ? `${version}` : null)
}

/** Every URL is attached and answers with what is live, or sends people on; every other name is nobody's. */
async function requireWholeUrls(program: ServerProgram): Promise<void> {
  const { value } = await program.client.call('urls.all', {})
  expect(value.items.filter(({ state }) => state !== 'attached')).toEqual([])
  const live = await (await program.ask('')).text()
  const attached = new Map(value.items.map((url) => [url.hostname, url]))
  for (const hostname of hostnames) {
    const answer = await program.ask('', hostname.replace('*', 'any'))
    const url = attached.get(hostname) ?? attached.get('*.example.com')
    if (url?.kind === 'redirect') expect(answer.headers.get('location')).toBe('https://example.org/')
    else if (url) expect([hostname, await answer.text()]).toEqual([hostname, live])
    else expect([hostname, answer.status]).toEqual([hostname, 404])
  }
}

/** Nothing is left that nobody needs, and nothing is missing that somebody needs. */
function requireTidyFolder(): void {
  const database = new DatabaseSync(join(data, 'fairlead.db'))
  const column = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => String(Object.values(row)[0]))
  expect(column('PRAGMA integrity_check')).toEqual(['ok'])
  const pinned = column('SELECT DISTINCT tree FROM pins')
  const live = column("SELECT substr(holder, 6) || ' ../trees/' || tree FROM pins WHERE holder LIKE 'live:%'")
  const kept = column('SELECT DISTINCT digest FROM bundles')
  const urls = column(
    "SELECT replace(hostname, '*', '_wildcard') || '.json' FROM urls WHERE deleted_at IS NULL",
  )
  database.close()
  for (const tree of readdirSync(join(data, 'trees'))) expect(pinned).toContain(tree)
  expect(readdirSync(join(data, 'staging'))).toEqual([])
  const links = readdirSync(join(data, 'sites')).map(
    (name) => `${name.slice(0, 20)} ${readlinkSync(join(data, 'sites', name))}`,
  )
  expect(links.toSorted()).toEqual(live.toSorted())
  const builtin = readdirSync(join(data, 'builtin')).filter((name) => !/^[a-z0-9]{20}\.json$/.test(name))
  expect(builtin).toEqual(['hosts'])
  expect(readdirSync(join(data, 'builtin', 'hosts')).toSorted()).toEqual(urls.toSorted())
  const stored = readdirSync(join(data, 'bundles'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.'))
    .map((entry) => entry.name)
  expect(kept.filter((digest) => !stored.includes(digest))).toEqual([])
}
