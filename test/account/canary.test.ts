/** S01, S04, Z06: secrets go in by every door of the real program, and come out by none but the one that is for them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { URI } from 'otpauth'
import { ROUTES, type Route } from '../../src/contract/routes.ts'
import { type Asked, ask, site } from '../api/app.ts'
import { freePort, Program, serveArgs, serverPlace } from '../app/program.ts'
import { command } from '../cli/program.ts'
import { certificateSecrets } from './certificate-secrets.ts'
import { cookiesOf } from './guests.ts'
import { Issuer } from './issuer.ts'

const issuer = new Issuer()
const root = mkdtempSync(join(tmpdir(), 'fairlead-canary-'))
const data = join(root, 'data')
const scratch = join(root, 'tmp')
mkdirSync(scratch)

/** What has come out, by where. */
const seen: { where: string; bytes: Buffer }[] = []
const see = (where: string, text: string | Buffer) => seen.push({ where, bytes: Buffer.from(text) })

/** What went in, or was told once: `told` is the one place for it. */
const secrets: { name: string; value: string; told: string | null }[] = []
function plant(
  name: string,
  value = `Canary-${name}-${randomBytes(9).toString('hex')}`,
  told: string | null = null,
): string {
  secrets.push({ name, value, told })
  return value
}

let server: Program
let api: string
let count = 0

/** Asks, and keeps the answer as it was on the wire. */
async function call(method: string, path: string, given: Asked = {}) {
  const where = `${++count} ${method} ${path.replace(/\?.*/, '')}`
  const answer = await ask(
    path.startsWith('/api/') || !path.startsWith('/') ? path : `${api}${path}`,
    method,
    given,
  )
  see(where, `${answer.status}\n${[...answer.headers].join('\n')}\n${answer.text}`)
  const field = (name: string): string => {
    const value: unknown = Reflect.get(JSON.parse(answer.text) as object, name) // an object, says the contract
    if (typeof value !== 'string') throw new Error(`${where}: ${answer.status} ${answer.text}`)
    return value
  }
  return { ...answer, where, field, cookies: () => cookiesOf(answer.headers) }
}

async function run(argv: string[], env: Record<string, string> = {}, input?: string): Promise<string> {
  const where = `${++count} fairlead ${argv.slice(0, 2).join(' ')}`
  const { code, out, err } = await command(argv, { TMPDIR: scratch, ...env }, input)
  see(where, `${argv.join(' ')}\n${out}\n${err}`)
  expect([where, code, err]).toEqual([where, 0, err])
  return out
}
const lastWhere = () => seen.at(-1)?.where ?? ''

const codeOf = (url: string): string => new URL(url).hash.slice(1)
const secretOf = (headers: Record<string, string>): string =>
  /fs_([\w-]{43})/.exec(headers['cookie'] ?? '')?.[1] ?? ''
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Everything that anybody does with a secret, well or badly. */
async function live(): Promise<void> {
  const [code = ''] = /(?<=setup#)[\w-]+/.exec(server.output) ?? []
  plant('set-up code', code, 'console')
  const ann = { login: 'ann@example.com', password: plant('password of the owner') }
  const setUp = await call('POST', '/setup', { json: { code, ...ann } })
  const owner = setUp.cookies()
  plant('cookie of the owner', secretOf(owner), setUp.where)
  await mistakes()

  const token = await call('POST', '/session/token', { headers: owner })
  const jwt = token.field('accessToken')
  plant('access token', jwt.slice(jwt.lastIndexOf('.') + 1), token.where)
  const made = await call('POST', '/api-keys', { json: { name: 'CI' }, headers: owner })
  const key = made.field('key')
  plant('API key', key.slice(12), made.where)
  const rotated = await call('POST', `/api-keys/${made.field('id')}/rotate`, { json: {}, headers: owner })
  plant('rotated API key', rotated.field('key').slice(12), rotated.where)
  await call('POST', '/services', { json: { name: 'web' }, headers: bearer(key) })
  const place = '/services/web/environments/production/deployments?wait=true'
  await call('POST', place, { body: site('canary'), headers: bearer(rotated.field('key')) })
  await call('POST', `${place}&token=${plant('key in a query')}`, { body: site('x'), headers: owner })

  await people(owner)
  await identityProviders(owner)
  await factors(owner)
  await certificateSecrets({ call, run, plant, file, headers: bearer(key), env: clientEnv(key) })
  await commands(bearer(key))
}

const clientEnv = (key: string) => ({ FAIRLEAD_SERVER: api.replace(/\/api.*/, ''), FAIRLEAD_KEY: key })

function file(name: string, text: string): string {
  writeFileSync(join(root, name), text)
  return join(root, name)
}

/** Secrets in places that are not for them. */
async function mistakes(): Promise<void> {
  const typed = (json: object) => call('POST', '/session', { json })
  await typed({ login: 'ann@example.com', password: plant('wrong password') })
  await typed({ login: plant('password as a login'), password: 'x' })
  await typed({ login: 'ann@example.com', pasword: plant('password in an unknown field') })
  await typed({ login: 'ann@example.com', password: { is: plant('password in an object') } })
  const raw = (body: string, type = 'application/json') =>
    call('POST', '/session', { body, headers: { 'content-type': type } })
  await raw(`{"login":"ann@example.com","password":"${plant('password in broken JSON')}`)
  await raw(`login=ann&password=${plant('password of a form')}`, 'application/x-www-form-urlencoded')
  const sent: Record<string, string>[] = [
    { authorization: `Basic ${Buffer.from(`ann:${plant('password as Basic')}`).toString('base64')}` },
    bearer(plant('unknown token')),
    bearer(`fl_${plant('unknown key')}`),
    { cookie: `fairlead=${plant('unknown cookie')}` },
    { 'x-api-key': plant('key in a header of its own') },
  ]
  for (const headers of sent) await call('GET', '/services', { headers })
  await call('POST', '/invitations/accept', {
    json: { code: plant('unknown invitation'), password: plant('password for nothing') },
  })
  await call('POST', '/password-resets/accept', { json: { code: plant('unknown reset'), password: 'x' } })
  await call('POST', '/setup', { json: { code: plant('unknown set-up code'), login: 'x', password: 'x' } })
}

async function people(owner: Record<string, string>): Promise<void> {
  const as = (json: object) => ({ json, headers: owner })
  await call(
    'POST',
    '/users',
    as({ login: 'ben@example.com', password: plant('password of a user'), role: 'viewer' }),
  )
  await call(
    'POST',
    '/users',
    as({ login: 'short@example.com', password: plant('password that is too long').repeat(3) }),
  )
  const invited = await call('POST', '/invitations', as({ login: 'carol@example.com', role: 'viewer' }))
  const invitation = plant('invitation', codeOf(invited.field('url')), invited.where)
  const accepted = await call('POST', '/invitations/accept', {
    json: { code: invitation, password: plant('password of an invited person') },
  })
  plant('cookie of an invited person', secretOf(accepted.cookies()), accepted.where)
  const { id } = (JSON.parse(accepted.text) as { user: { id: string } }).user
  const link = await call('POST', `/users/${id}/password-reset`, { headers: owner })
  const reset = plant('reset', codeOf(link.field('url')), link.where)
  const chosen = plant('password by a reset')
  await call('POST', '/password-resets/accept', { json: { code: reset, password: chosen } })
  const signedIn = await call('POST', '/session', { json: { login: 'carol@example.com', password: chosen } })
  plant('cookie of a sign-in', secretOf(signedIn.cookies()), signedIn.where)
  const headers = signedIn.cookies()
  const change = { current: plant('wrong current password'), new: plant('password that was refused') }
  await call('POST', '/profile/password', { json: change, headers })
  await call('POST', '/profile/password', {
    json: { current: chosen, new: plant('changed password') },
    headers,
  })
}

async function identityProviders(headers: Record<string, string>): Promise<void> {
  const { url } = await issuer.start()
  const json = {
    label: 'Harbour',
    issuer: url,
    clientId: 'fairlead',
    clientSecret: plant('client secret'),
    allowPrivateNetwork: true,
  }
  const made = await call('POST', '/identity-providers', { json, headers })
  const path = `/identity-providers/${made.field('id')}`
  await call('PATCH', path, { json: { clientSecret: plant('changed client secret') }, headers })
  await call('POST', '/identity-providers', {
    json: { ...json, issuer: 'x', clientSecret: plant('refused client secret') },
    headers,
  })
  await call('POST', `/session/oidc/${made.field('id')}`, { json: {} })
  await call('GET', path, { headers })
}

async function factors(owner: Record<string, string>): Promise<void> {
  const password = secrets.find(({ name }) => name === 'password of the owner')?.value
  const proposed = await call('POST', '/profile/totp', { json: { password }, headers: owner })
  plant('secret of an authenticator app', proposed.field('secret'), proposed.where)
  const code = URI.parse(proposed.field('uri')).generate()
  const confirmed = await call('POST', '/profile/totp/confirm', { json: { code }, headers: owner })
  const { recoveryCodes } = JSON.parse(confirmed.text) as { recoveryCodes: string[] }
  for (const [index, one] of recoveryCodes.entries()) plant(`recovery code ${index}`, one, confirmed.where)
  const login = { login: 'ann@example.com', password }
  await call('POST', '/session', {
    json: { ...login, recoveryCode: plant('wrong recovery code').slice(0, 60) },
  })
  const back = await call('POST', '/session', { json: { ...login, recoveryCode: recoveryCodes[0] } })
  plant('cookie by a recovery code', secretOf(back.cookies()), back.where)
}

/** The command line, on the data folder and over the API. */
async function commands(headers: { authorization: string }): Promise<void> {
  const offline = ['--data', data, '--json']
  const create = ['user', 'create', '--email', 'dave@example.com', '--role', 'viewer', '--password-stdin']
  await run([...create, ...offline], {}, `${plant('password by standard input')}\n`)
  const out = await run(['key', 'create', '--user', 'dave@example.com', '--name', 'cron', ...offline])
  const { key } = JSON.parse(out) as { key: string }
  plant('API key of the command line', key.slice(12), lastWhere())
  const env = clientEnv(headers.authorization.slice(7))
  for (const argv of [
    ['service', 'list'],
    ['user', 'list'],
    ['audit', 'list'],
    ['key', 'list', '--json'],
  ])
    await run(argv, env)
  await run(['backup', join(root, 'backup.tar'), '--data', data])
}

/** Every row that reads, as somebody who may read everything. */
async function readEverything(): Promise<void> {
  const made = await run([
    'key',
    'create',
    '--user',
    'ann@example.com',
    '--name',
    'reader',
    '--data',
    data,
    '--json',
  ])
  const { key } = JSON.parse(made) as { key: string }
  const headers = bearer(key)
  plant('API key that reads', key.slice(12), lastWhere())
  const list = async (path: string) =>
    JSON.parse((await call('GET', path, { headers })).text) as { items: { id: string }[] }
  const ids: Record<string, string[]> = {}
  for (const noun of ['users', 'api-keys', 'operations', 'identity-providers', 'certificates', 'urls'])
    ids[noun] = (await list(`/${noun}`)).items.map(({ id }) => id)
  ids['deployments'] = (await list('/services/web/environments/production/deployments')).items.map(
    ({ id }) => id,
  )
  const [bundle] = (await list('/services/web/bundles')).items as unknown as { digest: string }[]
  for (const [name, route] of Object.entries<Route>(ROUTES).filter(([, { method }]) => method === 'get')) {
    const noun = /^\/([a-z-]+)\/\{id\}/.exec(route.path)?.[1]
    const path = route.path
      .replace('{service}', 'web')
      .replace('{environment}', 'production')
      .replace('{name}', 'viewer')
      .replace('{digest}', bundle?.digest ?? '')
    for (const id of noun ? (ids[noun] ?? []) : ['']) {
      const { status } = await call('GET', path.replace('{id}', id), { headers })
      if (noun) expect([name, status]).toEqual([name, 200])
    }
  }
  for (const query of ['format=csv', 'format=jsonl']) await call('GET', `/audit/export?${query}`, { headers })
  await call('GET', '/audit?q=Canary', { headers })
  await stream(headers)
  const origin = api.replace('/api/v1', '')
  for (const path of [
    'metrics',
    'healthz',
    'docs',
    'docs/problems',
    'nowhere',
    'key',
    'data/key',
    'fairlead.db',
    'backup',
    'api/v1/backup',
  ])
    await call('GET', `${origin}/${path}`, { headers })
  await call('PUT', '/services', { headers })
}

/** All events, live: read until the newest one has come. */
async function stream(headers: Record<string, string>): Promise<void> {
  const { text: newest } = await call('GET', '/audit?kind=api-key.created&limit=1', { headers })
  const [last] = (JSON.parse(newest) as { items: { number: number }[] }).items
  const leave = new AbortController()
  const live = { accept: 'text/event-stream', 'last-event-id': '0' }
  const { body } = await fetch(`${api}/events`, { headers: { ...headers, ...live }, signal: leave.signal })
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes(`id: ${last?.number}\n`)) break
  }
  leave.abort()
  see('stream of events', text)
}

function seeFolder(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, String(name))
    if (statSync(path).isFile() && path !== join(data, 'key'))
      see(path.slice(root.length), readFileSync(path))
  }
}

/** What `ps` shows of the server and whatever it has started. */
function seeProcesses(): void {
  const ours = new Set([String(server.child.pid)])
  for (let more = true; more; ) {
    more = false
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !ours.has(name))) {
      const parent = /^PPid:\s*(\d+)/m.exec(procFile(pid, 'status').toString())?.[1]
      if (parent === undefined || !ours.has(parent)) continue
      ours.add(pid)
      more = true
    }
  }
  for (const pid of ours)
    for (const file of ['cmdline', 'environ']) see(`${file} of a process`, procFile(pid, file))
}
function procFile(pid: string, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`)
  } catch {
    return Buffer.alloc(0) // it has ended meanwhile
  }
}

beforeAll(async () => {
  const place = await serverPlace(data)
  api = `http://127.0.0.1:${place.port}/api/v1`
  const secure = ['--sites-tls-listen', `127.0.0.1:${await freePort()}`]
  server = new Program(serveArgs(place, ...secure), { env: { TMPDIR: scratch } })
  await server.until('the start', async () => (await fetch(`http://127.0.0.1:${place.port}/healthz`)).ok)
  await live()
  await readEverything()
  seeFolder(data)
  seeProcesses()
  await server.end('SIGTERM')
  see('console', server.output)
  seeFolder(root)
}, 120_000)
afterAll(() => {
  issuer.stop()
  rmSync(root, { recursive: true })
})

const spellings = (value: string): Buffer[] =>
  [
    value,
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
    Buffer.from(value).toString('hex'),
    encodeURIComponent(value),
  ].map((text) => Buffer.from(text))
const placesOf = (value: string): string[] =>
  seen.filter(({ bytes }) => spellings(value).some((one) => bytes.includes(one))).map(({ where }) => where)

describe('S01 what was planted', () => {
  test('is a lot, and was taken where it belongs', () => {
    expect(secrets.length).toBeGreaterThan(40)
    expect(secrets.filter(({ value }) => value.length < 12)).toEqual([])
    const statuses = seen
      .filter(({ where }) => / (POST|PATCH|DELETE) /.test(where))
      .map(({ bytes }) => bytes.toString().slice(0, 3))
    expect(statuses.filter((status) => status === '201').length).toBeGreaterThan(12)
    expect(statuses.filter((status) => status.startsWith('5'))).toEqual([])
  })

  test('would have been found: what is no secret is found everywhere', () => {
    const places = placesOf('ann@example.com').join('\n')
    for (const part of [
      '/data/fairlead.db',
      '/backup.tar',
      'stream of events',
      'GET /audit/export',
      'GET /users',
      'fairlead user list',
    ])
      expect(places).toContain(part)
  })

  test('is told once, by the answer that makes it, or never', () => {
    const told = secrets.map(({ name, value, told: where }) => ({
      name,
      places: [...new Set(placesOf(value))],
      where,
    }))
    expect(told.filter(({ places, where }) => places.some((place) => place !== where))).toEqual([])
    expect(told.filter(({ places, where }) => where !== null && places.length === 0)).toEqual([])
  })

  test('S04 the key of the data folder is nowhere but in its file', () => {
    const hex = readFileSync(join(data, 'key'), 'utf8').trim()
    expect(hex).toMatch(/^[0-9a-f]{64}$/)
    expect(placesOf(hex)).toEqual([])
    const bytes = Buffer.from(hex, 'hex')
    expect(seen.filter((one) => one.bytes.includes(bytes)).map(({ where }) => where)).toEqual([])
  })
})
