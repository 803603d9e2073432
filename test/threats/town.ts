/** An instance with two services that are nothing to each other, and the oracle of THREATS §0 over all that it is. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../src/app.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { FAULT_CODES } from '../../src/base/fault.ts'
import { silentLog } from '../../src/base/log.ts'
import type { UrlCreate } from '../../src/contract/shapes/urls.ts'
import { type Headers, type KeyBounds, People, type Person } from '../access/people.ts'
import { type Answer, type Asked, archiveOf, ask, UNLIMITED } from '../api/app.ts'
import { freePort } from '../app/program.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'
import { nothingChanged, type Watched, watch } from '../oracle.ts'

/** Where the town's own page is: `--url`. */
export const OWN_NAME = 'fairlead.example.com'

const PATIENCE_MS = 60_000
type Case = (name: string, body: () => Promise<void>) => void
const run =
  (one: typeof test | ReturnType<typeof needs>): Case =>
  (name, body) =>
    one(name, body, PATIENCE_MS)

/** By which gateway visitors are answered. `it` is for cases that it has a part in, `once` for the others. */
export const GATEWAYS: readonly { gateway: 'builtin' | 'nginx'; it: Case; once: Case; isHere: boolean }[] = [
  { gateway: 'builtin', it: run(test), once: run(test), isHere: true },
  { gateway: 'nginx', it: run(needs('nginx')), once: () => {}, isHere: has('nginx') },
]

/** Tables that tell what was tried, and not what is. */
const STORIES = [
  'events',
  'event_hashes',
  'operations',
  'steps',
  'log_lines',
  'idempotency',
  'refusal_counts',
]
/** Columns that tell when somebody was seen. */
const SEEN = /^(last_|seen_)/

export interface Wish extends Partial<Omit<UrlCreate, 'hostname'>> {
  hostname: unknown
}

interface Residents {
  /** May do everything. */
  owner: Headers
  /** May do everything in the service `web`. */
  ann: Headers
  /** May do everything in the service `docs`, and sees nothing of `web`. */
  bob: Headers
  /** May do in `docs` what takes no wildcard. */
  eve: Headers
}

interface Running {
  data: string
  url: string
  /** Where the builtin gateway answers, and the one of URLs. */
  builtinUrl: string
  sitesUrl: string
  /** What belongs to the gateway of URLs besides the data folder. */
  folders: string[]
  stop(): Promise<void>
}

export class Town {
  readonly data: string
  readonly owner: Headers
  readonly ann: Headers
  readonly bob: Headers
  readonly eve: Headers
  private readonly app: Running
  private readonly time: { offsetMs: number }

  private constructor(app: Running, { owner, ann, bob, eve }: Residents, time: { offsetMs: number }) {
    this.data = app.data
    this.app = app
    this.owner = owner
    this.ann = ann
    this.bob = bob
    this.eve = eve
    this.time = time
  }

  static async start(gateway: 'builtin' | 'nginx' = 'builtin'): Promise<Town> {
    const time = { offsetMs: 0 }
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + time.offsetMs }
    const app = await running(clock)
    const people = await residents(app)
    return new Town(gateway === 'nginx' ? await behindNginx(app, people.owner) : app, people, time)
  }

  stop(): Promise<void> {
    return this.app.stop()
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.time.offsetMs += ms
  }

  ask(headers: Headers, request: `${string} ${string}`, given: Asked = {}): Promise<Answer> {
    const [method = '', path = ''] = request.split(' ', 2)
    return ask(`${this.app.url}${path}`, method, { ...given, headers: { ...headers, ...given.headers } })
  }

  /** Asks for a URL of a service, and waits. */
  claim(
    service: 'web' | 'docs',
    wish: Wish,
    headers = service === 'web' ? this.ann : this.bob,
  ): Promise<Answer> {
    return this.ask(headers, `POST ${urlsOf(service)}?wait=true`, { json: wish })
  }

  /** Claims what nobody has anything against; its id. */
  async attached(service: 'web' | 'docs', hostname: string, more: Partial<Wish> = {}): Promise<string> {
    const { status, text, body } = await this.claim(service, { hostname, ...more })
    if (status !== 201) throw new Error(`${hostname} is not attached: ${text}`)
    return (body as { id: string }).id
  }

  /** Gives all names back. */
  async clear(): Promise<void> {
    const { body } = await this.ask(this.owner, 'GET /urls?limit=200')
    for (const { id } of (body as { items: { id: string }[] }).items) {
      const { status, text } = await this.ask(this.owner, `DELETE /urls/${id}?wait=true`)
      if (status >= 300) throw new Error(text)
    }
  }

  /** What visitors of a host are answered. */
  async visit(
    host: string,
    path = '/',
  ): Promise<{ status: number; body: string; headers: Record<string, string> }> {
    const { builtinUrl, sitesUrl } = this.app
    const response = await fetch(new URL(path, host === BUILTIN ? builtinUrl : sitesUrl), {
      // A connection that is kept would be answered by whoever answered before.
      headers: { host, connection: 'close' },
      redirect: 'manual',
    })
    const headers = Object.fromEntries(response.headers)
    delete headers['date']
    return { status: response.status, body: await response.text(), headers }
  }

  /** All that hostile input must leave as it is. */
  async state(hosts: readonly string[] = []): Promise<State> {
    const { data } = this
    const folders = readdirSync(data, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'staging')
      .map(({ name }) => join(data, name))
      .concat(this.app.folders)
    const names = (await this.ask(this.owner, 'GET /urls?limit=200')).body as {
      items: { hostname: string }[]
    }
    const asked = [
      ...new Set([...hosts, ...names.items.map(({ hostname }) => hostname.replace('*', 'any')), BUILTIN]),
    ]
    return {
      tables: this.tables(),
      files: watch(folders, [join(data, 'staging')]),
      answers: await Promise.all(asked.map(async (host) => [host, await this.visit(host)])),
      asked,
    }
  }

  /** Nothing of it has changed. */
  async unchanged(before: State): Promise<void> {
    nothingChanged(before.files)
    const { tables, answers } = await this.state(before.asked)
    expect(tables).toEqual(before.tables)
    expect(answers).toEqual(before.answers)
  }

  private tables(): Record<string, unknown[]> {
    const db = new Database(join(this.data, 'fairlead.db'), { readonly: true })
    const names = db
      .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
    const kept = names
      .map(({ name }) => name)
      .filter((name) => !STORIES.includes(name) && !name.startsWith('sqlite_'))
    const rowsOf = (name: string) =>
      db
        .query<object, []>(`SELECT * FROM "${name}"`)
        .all()
        .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !SEEN.test(column))))
    const tables = Object.fromEntries(kept.map((name) => [name, rowsOf(name)]))
    db.close()
    return tables
  }
}

async function running(clock: Clock): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-town-'))
  chmodSync(folder, 0o755) // NGINX's workers are somebody else when the tests are root
  const data = join(folder, 'data')
  const listen = { hostname: '127.0.0.1', port: await freePort() }
  const app = await startApp({
    data,
    listen,
    sitesListen: { hostname: '127.0.0.1', port: 0 },
    url: `http://${OWN_NAME}`,
    assets: new Map(),
    diskReserveBytes: 0,
    passwordCost: 4,
    rates: UNLIMITED,
    log: silentLog,
    clock,
  })
  return {
    data,
    url: `http://127.0.0.1:${listen.port}/api/v1`,
    builtinUrl: app.sitesUrl,
    sitesUrl: app.sitesUrl,
    folders: [],
    async stop() {
      await app.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function behindNginx(app: Running, owner: Headers): Promise<Running> {
  const nginx = await DebianNginx.started()
  const { config, enabled, available } = nginx
  const listen = [{ address: '127.0.0.1', port: nginx.port }]
  const gateway = { kind: 'nginx', nginx: { config, enabled, available, listen, ...nginx.plainCommands() } }
  const { status, text } = await ask(`${app.url}/settings`, 'PATCH', { json: { gateway }, headers: owner })
  if (status !== 200) throw new Error(text)
  return {
    ...app,
    sitesUrl: `http://127.0.0.1:${nginx.port}`,
    folders: [nginx.etc],
    async stop() {
      await app.stop()
      await nginx.remove()
    },
  }
}

/** Makes the two services, with a site each, and the people. */
async function residents({ data, url }: Running): Promise<Residents> {
  const people = new People({ data, ask: (method, path, given = {}) => ask(`${url}${path}`, method, given) })
  const owner = await people.person('owner', { role: 'owner' })
  for (const name of ['web', 'docs']) {
    await ask(`${url}/services`, 'POST', { json: { name }, headers: owner.key })
    const body = archiveOf({ 'index.html': `<h1>${name}</h1>`, 'sw.js': 'skipWaiting()' })
    const path = `/services/${name}/environments/production/deployments?wait=true`
    await ask(`${url}${path}`, 'POST', { body, headers: owner.key })
  }
  const ann = await people.person('ann', { role: 'admin', scope: people.service('web') })
  const bob = await people.person('bob', { role: 'admin', scope: people.service('docs') })
  const narrow = [
    'services:read',
    'environments:read',
    'urls:create',
    'urls:read',
    'urls:delete',
    'operations:read',
  ] as const
  // Time goes by in large steps.
  const keyOf = ({ user }: Person, bounds: KeyBounds = {}) =>
    people.key(user, { ...bounds, expiresAt: Number.MAX_SAFE_INTEGER })
  const all = {
    owner: keyOf(owner),
    ann: keyOf(ann),
    bob: keyOf(bob),
    eve: keyOf(bob, { permissions: narrow }),
  }
  people.close()
  return all
}

const BUILTIN = 'production.web.localhost'

export const urlsOf = (service: 'web' | 'docs'): string => `/services/${service}/environments/production/urls`

export interface State {
  tables: Record<string, unknown[]>
  files: Watched
  answers: unknown[]
  asked: string[]
}

/** A problem that says what is wrong with what, and nothing that is nobody's business. */
export function refused(answer: Answer, status: number, says?: string): void {
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)])
  expect(answer.headers.get('content-type')).toStartWith('application/problem+json')
  const problem = answer.body as {
    code: never
    detail: string
    hint: string
    errors?: { field: string; message: string }[]
  }
  expect(FAULT_CODES).toContain(problem.code)
  expect(problem.detail.length).toBeWithin(10, 700)
  if (says !== undefined) expect(problem.detail).toContain(says)
  if (status === 422 || status === 409) {
    expect(problem.hint).toBeString()
    expect(problem.errors?.length).toBeGreaterThan(0)
  }
  expect(answer.text).not.toMatch(/ at .*:\d+:\d+|node_modules|\/tmp\/|SELECT |INSERT |fl_[0-9a-f]{8}_/)
  expect(`${problem.detail} ${problem.hint}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
}
