/** S01, S04: keys that Fairlead makes for CAs and certificates are in the database, sealed, and in the gateway's files; nowhere else. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Seal } from '../../src/base/seal.ts'
import { ROUTES, type Route } from '../../src/contract/routes.ts'
import { accountKeyPlace, certificateKeyPlace } from '../../src/engine/url/certificate/at-authority.ts'
import { People, type Person } from '../access/people.ts'
import { Pebble } from '../acme/pebble.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { command } from '../cli/program.ts'
import { freePort } from '../dns/daemon.ts'
import { has, needs } from '../needs.ts'

const NEEDED = ['pebble', 'pebble-challtestsrv', 'openssl']
const PRODUCTION = '/services/web/environments/production'
const scratch = mkdtempSync(join(tmpdir(), 'fairlead-acme-keys-'))
const logged: string[] = []
/** What has come out, by where. */
const seen: { where: string; bytes: Buffer }[] = []
let app: TestApp
let people: People
let owner: Person
let pebble: Pebble
/** PEM, by what it is for. */
const keys = new Map<string, string>()

const isPossible = NEEDED.every(has)
beforeAll(async () => {
  if (!isPossible) return
  const httpPort = await freePort()
  pebble = await Pebble.start({ httpPort })
  app = await startTestApp(new Map(), {
    sitesListen: { hostname: '127.0.0.1', port: httpPort },
    sitesTlsListen: { hostname: '127.0.0.1', port: 0 },
    log: {
      write: (level, message, fields) => void logged.push(`${level} ${message} ${Bun.inspect(fields)}`),
    },
  })
  await app.ask('POST', '/services', { json: { name: 'web' } })
  await app.ask('POST', `${PRODUCTION}/deployments?wait=true`, { body: site('web') })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  await live()
  openKeys()
  await readEverything()
}, 60_000)
afterAll(async () => {
  rmSync(scratch, { recursive: true })
  if (!isPossible) return
  people.close()
  await app.stop()
  await pebble.end()
})

async function asked(method: string, path: string, json?: object): Promise<{ status: number; text: string }> {
  const answer = await app.ask(method, path, { headers: owner.key, ...(json && { json }) })
  seen.push({ where: `${method} ${path}`, bytes: Buffer.from(answer.text) })
  return answer
}

/** A certificate, another one in its place, and one that comes to nothing. */
async function live(): Promise<void> {
  const ca = { directoryUrl: pebble.directoryUrl, root: pebble.root, termsAgreed: true }
  expect((await asked('PATCH', '/settings', { certificates: ca })).status).toBe(200)
  const urls = `${PRODUCTION}/urls?wait=true`
  const made = await asked('POST', urls, { hostname: 'a.example.com', dns: 'none', https: 'auto' })
  expect([made.status, made.text]).toEqual([201, made.text])
  const { id } = JSON.parse(made.text) as { id: string }
  expect((await asked('POST', `/urls/${id}/renew?wait=true`)).status).toBe(201)
  await asked('POST', urls, { hostname: '*.example.com', dns: 'none', https: 'auto' })
}

function openKeys(): void {
  const seal = new Seal(readFileSync(join(app.data, 'key'), 'utf8'))
  const { store } = people
  const account = store.acmeAccounts.find(pebble.directoryUrl)?.key ?? ''
  keys.set('the account', seal.open(account, accountKeyPlace(pebble.directoryUrl)))
  for (const { id, key } of store.certificates.inUse())
    keys.set(`the certificate ${id}`, seal.open(key ?? '', certificateKeyPlace(id)))
}

async function readEverything(): Promise<void> {
  const { store } = people
  const page = { limit: 200, after: null }
  const ids: Record<string, string[]> = {
    certificates: store.certificates.list(page).map(({ id }) => id),
    urls: store.urls.list(page).map(({ id }) => id),
    operations: store.operations.list(page).map(({ id }) => id),
  }
  for (const { path } of Object.values<Route>(ROUTES).filter(({ method }) => method === 'get')) {
    const at = path.replace('{service}', 'web').replace('{environment}', 'production')
    for (const id of ids[at.split('/')[1] ?? ''] ?? ['']) await asked('GET', at.replace('{id}', id))
  }
  const backup = join(scratch, 'backup.tar')
  const { code, err, out } = await command(['backup', backup, '--data', app.data])
  expect([err, code]).toEqual([err, 0])
  seen.push({ where: 'the command line', bytes: Buffer.from(err + out) })
  seen.push({ where: 'the backup', bytes: readFileSync(backup) })
  for (const name of readdirSync(app.data).filter((each) => each.startsWith('fairlead.db')))
    seen.push({ where: name, bytes: readFileSync(join(app.data, name)) })
  seen.push({ where: 'the log', bytes: Buffer.from(logged.join('\n')) })
}

/** As PEM has it, with and without its lines, as bytes, and in hex; of the secret number alone, too. */
function spellings(pem: string): Buffer[] {
  const base64 = pem.replace(/-----.*?-----|\s/g, '')
  const der = Buffer.from(base64, 'base64')
  const secret = der.subarray(36, 68)
  const lines = pem.trim().split('\n').slice(2, -1)
  return [
    ...[...lines.filter((line) => line.length > 11), base64].map((text) => Buffer.from(text)),
    ...[secret.toString('hex'), secret.toString('base64url')].map((text) => Buffer.from(text)),
    secret,
  ]
}
const placesOf = (pem: string, among = seen): string[] =>
  among.filter(({ bytes }) => spellings(pem).some((one) => bytes.includes(one))).map(({ where }) => where)

describe('keys that are made here', () => {
  needs(...NEEDED)('are there: of the account, and of each certificate in use', () => {
    expect(keys.size).toBe(2)
    for (const pem of keys.values()) expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(seen.length).toBeGreaterThan(40)
  })

  needs(...NEEDED)('are in no answer, log, event, backup or row as they are', () => {
    for (const [name, pem] of keys) expect([name, placesOf(pem)]).toEqual([name, []])
  })

  needs(...NEEDED)('are in the files of the gateway, which are for their owner alone', () => {
    const folder = join(app.data, 'certificates')
    const files = readdirSync(folder).map((name) => ({
      where: name,
      bytes: readFileSync(join(folder, name)),
      mode: statSync(join(folder, name)).mode & 0o777,
    }))
    expect(files.map(({ mode }) => mode)).toEqual([0o600])
    for (const [name, pem] of keys)
      expect(placesOf(pem, files)).toEqual(name === 'the account' ? [] : [files[0]?.where ?? ''])
  })

  test('would have been found', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIGH\nabcdefghijklmnop\nxyz\n-----END PRIVATE KEY-----\n'
    expect(placesOf(pem, [{ where: 'here', bytes: Buffer.from('"…\\nabcdefghijklmnop\\n…"') }])).toEqual([
      'here',
    ])
  })
})
