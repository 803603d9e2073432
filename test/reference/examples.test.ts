/**
 * Every example of the reference is run, in one story on one server, by the very line that the reference shows; its
 * answer has to be the recorded one. `UPDATE_GOLDEN=1 npx bun test test/reference/examples.test.ts` records what is new.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { URI } from 'otpauth'
import { curlOf } from '../../src/api/openapi/examples.ts'
import type { ExampleName } from '../../src/contract/examples/example.ts'
import {
  ANSWERS,
  type AnyExample,
  examplesOf,
  type RecordedAnswer,
  resolved,
  valueAt,
} from '../../src/contract/examples.ts'
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import { Authenticator } from '../account/authenticator.ts'
import { Issuer } from '../account/issuer.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { makeCertificate } from '../certificates.ts'
import { ARCHIVES, FOLDER } from './archives.ts'
import { type Curled, curl } from './curl.ts'
import { Judge } from './judge.ts'
import { blurred, Recording } from './recording.ts'
import { STORY } from './story.ts'

const names = Object.keys(ROUTES) as RouteName[]
const isUpdating = process.env['UPDATE_GOLDEN'] === '1'
const judge = new Judge()
const recording = new Recording()
/** The bodies that came today, by the names of their examples. */
const today = new Map<string, unknown>()
const records: Record<string, RecordedAnswer> = {}
/** What no answer tells: by the words of `given`. */
const GIVEN: Record<string, () => string> = {
  'set-up code': () => new URL(app.setUpUrl ?? '').hash.slice(1),
  issuer: () => issuer.url,
  'id of the passkey': () => made().id,
  'clientDataJSON of the passkey': () => made().response.clientDataJSON,
  'attestationObject of the passkey': () => made().response.attestationObject,
  certificate: () => pair.chain + authority.chain,
  'key of the certificate': () => pair.key,
  'another key': () => authority.key,
  'code of the app': () => URI.parse(valueAt(today.get('totp.propose/own'), 'uri')).generate(),
}
const authority = { ...makeCertificate(['A CA'], { isAuthority: true }), name: 'A CA' }
const pair = makeCertificate(['docs.example.com'], { issuer: authority })
const issuer = new Issuer()
const authenticator = new Authenticator(() => `http://localhost:${new URL(app.url).port}`)
const made = () =>
  authenticator.register(today.get('passkeys.options/own') as Parameters<Authenticator['register']>[0]) // judged by its schema
/** Of the owner, once there is one. */
const credentials = { FAIRLEAD_KEY: 'none', FAIRLEAD_SESSION: 'none' }
let app: TestApp
let folder: string

beforeAll(async () => {
  app = await startTestApp(new Map(), { sitesTlsListen: { hostname: '127.0.0.1', port: 0 } })
  await issuer.start()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-examples-'))
  for (const [name, bytes] of Object.entries(ARCHIVES)) writeFileSync(join(folder, name), bytes)
})
afterAll(async () => {
  issuer.stop()
  await app.stop()
  rmSync(folder, { recursive: true })
  if (!isUpdating) return
  const told = Object.entries({ ...ANSWERS, ...records }).filter(([name]) => all.includes(name))
  const sorted = Object.fromEntries(told.toSorted(([a], [b]) => a.localeCompare(b, 'en')))
  const path = join(import.meta.dirname, '../../src/contract/examples/answers.json')
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`)
})

const all = names.flatMap((name) => examplesOf(name).map(([key]) => `${name}/${key}`))

test('the story tells every example once', () => {
  expect([...STORY].toSorted()).toEqual(all.toSorted() as ExampleName[])
})

test('what the examples say of the folder is true', () => {
  const [, example] = examplesOf('bundles.diff')[0] ?? []
  expect(example?.json).toMatchObject({ digest: FOLDER.digest, entries: [FOLDER.entry] })
})

describe('the examples, in their order', () => {
  for (const name of STORY)
    test(name, async () => {
      const { route, example } = exampleNamed(name)
      const answer = await tell(route, example)
      expect({ status: answer.status, body: bodyOf(answer) }).toMatchObject({ status: example.status })
      const operation = judge.operation(route.method, route.path)
      expect(judge.complaints(operation, answer)).toEqual([])
      if (name === 'api-keys.create/own') credentials.FAIRLEAD_KEY = (bodyOf(answer) as { key: string }).key
      const came = toRecord(answer)
      today.set(name, came.body)
      requireRecorded(name, came, answer.status)
      if (answer.status === 202) await ended(answer)
      if (name === 'setup.complete/first') await signIn(example)
    })
})

function exampleNamed(name: ExampleName): { route: Route; example: AnyExample } {
  const [routeName = '', key = ''] = name.split('/')
  const example = examplesOf(routeName as RouteName).find(([each]) => each === key)?.[1]
  if (!example) throw new Error(`there is no example ${name}`)
  return { route: ROUTES[routeName as RouteName], example }
}

function tell(route: Route, example: AnyExample): Promise<Curled> {
  const live = resolved(example, (name, path) => {
    if (name.startsWith('given ')) return GIVEN[name.slice('given '.length)]?.() ?? `(nothing is ${name})`
    if (!today.has(name)) throw new Error(`${name} comes later in the story`)
    return valueAt(today.get(name), path)
  })
  const shell = { folder, env: { FAIRLEAD_SERVER: app.url, ...credentials } }
  // Logs end by themselves; of what goes on for ever two events are enough.
  return curl(curlOf(route, live), shell, (text) => (text.match(/^event: event$/gm)?.length ?? 0) >= 2)
}

/** Signs the owner in as well, for the examples that come later. */
async function signIn({ json }: AnyExample): Promise<void> {
  const { login, password } = json as { login: string; password: string }
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
  const answer = await app.ask('POST', '/session', { json: { login, password }, headers })
  credentials.FAIRLEAD_SESSION = /^fairlead=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
}

const isJson = ({ type }: Curled): boolean => /^application\/([\w-]+\+)?json(;|$)/.test(type ?? '')
const isText = ({ type }: Curled): boolean => /^(text\/|application\/jsonl)/.test(type ?? '')

function bodyOf(answer: Curled): unknown {
  const text = new TextDecoder().decode(answer.body)
  return isJson(answer) ? JSON.parse(text) : isText(answer) ? text : null
}

const sitesPort = (): string => new URL(app.sitesUrl).port

/** The answer with the addresses that a server has by default. */
function toRecord(answer: Curled): RecordedAnswer {
  const body = bodyOf(answer)
  const type = answer.type?.split(';', 1)[0] ?? ''
  const text = JSON.stringify({ type, body: typeof body === 'string' ? firstEvents(body) : body })
  const usual = text
    .replaceAll(issuer.url, 'https://login.example.com')
    .replaceAll(
      encodeURIComponent(`127.0.0.1:${new URL(app.url).port}`),
      encodeURIComponent('127.0.0.1:4750'),
    )
    .replaceAll(`localhost:${sitesPort()}`, 'localhost:4780')
    .replaceAll(`.com:${sitesPort()}/`, '.com:4780/')
    .replaceAll(`.com:${new URL(app.sitesTlsUrl ?? '').port}/`, '.com/')
    .replaceAll(`port ${sitesPort()}`, 'port 4780')
    .replaceAll(`127.0.0.1:${new URL(app.url).port}`, '127.0.0.1:4750')
  return {
    ...(JSON.parse(usual) as RecordedAnswer), // as it was made above
    ...(answer.location !== null && { location: answer.location }),
  }
}

/** A stream that was left sends whatever had come by then. */
const firstEvents = (text: string): string =>
  text.includes('event: event') ? `${text.split('\n\n').slice(0, 3).join('\n\n')}\n\n` : text

function requireRecorded(name: ExampleName, came: RecordedAnswer, status: number): void {
  const recorded = ANSWERS[name] ?? { type: '', body: 'nothing is recorded' }
  // How far an operation has come by the time of a 202 is chance: its form is judged by the schema.
  const isSame = Bun.deepEquals(blurred(recorded), blurred(came)) || (status === 202 && name in ANSWERS)
  if (isSame) recording.learn(recorded, came)
  if (isUpdating) records[name] = isSame ? recorded : recording.record(came)
  else if (!isSame) expect(blurred(came)).toEqual(blurred(recorded))
}

/** What goes on by itself ends before the story does. */
async function ended({ location }: Curled): Promise<void> {
  const id = location?.split('/').at(-1)
  for (;;) {
    const headers = { authorization: `Bearer ${credentials.FAIRLEAD_KEY}` }
    const { body } = await app.ask('GET', `/operations/${id}`, { headers })
    const { status } = body as { status: string }
    if (status !== 'queued' && status !== 'running') return
    await Bun.sleep(5)
  }
}
