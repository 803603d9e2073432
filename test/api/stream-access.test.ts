/** L01 to L06: an event stream ends with the rights of its reader, and tells him nothing from then on. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { command } from '../cli/program.ts'
import { startTestApp, type TestApp } from './app.ts'
import { TestClock } from './listening.ts'

let app: TestApp
let people: People
let owner: Person
let ann: Person
let count = 0

beforeAll(async () => {
  app = await startTestApp()
  for (const name of ['web', 'docs']) await app.ask('POST', '/services', { json: { name } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
})
beforeEach(async () => {
  ann = await people.person(`ann${++count}`, { role: 'viewer', scope: people.service('web') })
})

/** A stream that is read to its end, and what has come of it so far. */
class Reader {
  text = ''
  readonly ended: Promise<void>
  private readonly watchers = new Set<() => void>()

  private constructor(body: ReadableStream<Uint8Array>) {
    this.ended = this.read(body)
  }

  static async open(path: string, headers: Headers, from: TestApp = app): Promise<Reader> {
    const answer = await fetch(`${from.url}/api/v1${path}`, {
      headers: { accept: 'text/event-stream', ...headers },
    })
    if (answer.status !== 200 || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`)
    const reader = new Reader(answer.body)
    await reader.until(': open\n\n')
    return reader
  }

  until(part: string | RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (typeof part === 'string' ? !this.text.includes(part) : !part.test(this.text)) return
        this.watchers.delete(look)
        resolve()
      }
      this.watchers.add(look)
      look()
    })
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of body) {
      this.text += decoder.decode(chunk, { stream: true })
      for (const look of this.watchers) look()
    }
  }
}

/** An event of a service that can be found again. */
async function publish(service: string): Promise<string> {
  const name = `canary-${++count}`
  const json = { name }
  const { status } = await app.ask('POST', `/services/${service}/environments`, { json, headers: owner.key })
  if (status !== 201) throw new Error(`${service} was not changed`)
  return `"${name}"`
}

const asOwner = async (method: string, path: string, json?: object): Promise<void> => {
  const { status, text } = await app.ask(method, path, { headers: owner.cookie, ...(json && { json }) })
  if (status >= 300) throw new Error(text)
}
const keyOfAnn = () => people.store.apiKeys.list({ limit: 1, after: null }, ann.user.id)[0]?.id ?? ''

type Way = [what: string, with_: keyof Pick<Person, 'cookie' | 'jwt' | 'key'>, withdraw: () => unknown]

const BY_THE_SERVER: Way[] = [
  ['she signs out', 'cookie', () => app.ask('DELETE', '/session', { headers: ann.cookie })],
  ['she signs out, with a token', 'jwt', () => app.ask('DELETE', '/session', { headers: ann.cookie })],
  ['she is signed out', 'cookie', () => asOwner('DELETE', `/users/${ann.user.id}/sessions`)],
  ['she is disabled', 'cookie', () => asOwner('PATCH', `/users/${ann.user.id}`, { disabled: true })],
  ['she is disabled, with a key', 'key', () => asOwner('PATCH', `/users/${ann.user.id}`, { disabled: true })],
  ['she is deleted', 'jwt', () => asOwner('DELETE', `/users/${ann.user.id}`)],
  ['her key is revoked', 'key', () => asOwner('DELETE', `/api-keys/${keyOfAnn()}`)],
  [
    'her key is for other addresses now',
    'key',
    () => asOwner('PATCH', `/api-keys/${keyOfAnn()}`, { addresses: ['192.0.2.0/24'] }),
  ],
]
const BY_ANOTHER_PROCESS: Way[] = [
  ['the session was ended', 'cookie', () => people.store.sessions.endAll(ann.user.id)],
  ['the user was disabled', 'jwt', () => people.store.users.setDisabled(ann.user.id, true)],
  ['the key was revoked', 'key', () => people.store.apiKeys.revokeAll(ann.user.id, systemClock.now())],
]

describe('L01 L06 the stream of events ends, and nothing is told after', () => {
  for (const [by, ways] of [
    ['', BY_THE_SERVER],
    [' (by another process)', BY_ANOTHER_PROCESS],
  ] as const)
    for (const [what, credentials, withdraw] of ways)
      test(`when ${what}${by}`, async () => {
        const reader = await Reader.open('/events', ann[credentials])
        await reader.until(await publish('web'))
        await withdraw()
        const canary = await publish('web')
        await reader.ended
        expect(reader.text).not.toContain(canary)
      })

  // Nothing else happens then: the stream finds out by itself.
  for (const [what, credentials, withdraw] of BY_ANOTHER_PROCESS)
    test(`when ${what} by another process, and nothing is published`, async () => {
      const reader = await Reader.open('/events', ann[credentials])
      withdraw()
      await reader.ended
    })

  test('when the command line has given her another password', async () => {
    const reader = await Reader.open('/events', ann.cookie)
    const words = [
      'user',
      'reset-password',
      '--email',
      ann.user.login,
      '--password-stdin',
      '--data',
      app.data,
    ]
    const { code, err } = await command(words, {}, 'nine boats at anchor\n')
    expect([code, err]).toEqual([0, err])
    const canary = await publish('web')
    await reader.ended
    expect(reader.text).not.toContain(canary)
  }, 30_000)

  test('but goes on, with less, when one of two roles is taken', async () => {
    people.store.grants.add(ann.user.id, { role: 'viewer', scope: people.service('docs'), now: 0 })
    const reader = await Reader.open('/events', ann.cookie)
    await reader.until(await publish('web'))
    const [web] = people.store.grants.of(ann.user.id)
    await asOwner('DELETE', `/users/${ann.user.id}/grants/${web?.id}`)
    const canary = await publish('web')
    await reader.until(await publish('docs'))
    expect(reader.text).not.toContain(canary)
    await asOwner('DELETE', `/users/${ann.user.id}/sessions`)
    await reader.ended
  })

  test('and what happened to accounts is for those who read the audit', async () => {
    const reader = await Reader.open('/events', ann.cookie)
    const login = `secret${++count}@example.com`
    await asOwner('POST', '/users', { login })
    await reader.until(await publish('web'))
    expect(reader.text).not.toContain(login)
    people.store.sessions.endAll(ann.user.id)
    await reader.ended
  })
})

describe('L01 the log of an operation ends', () => {
  /** One that somebody else is at work on. */
  function running(): { id: string; say: (text: string) => void } {
    const { store } = people
    const { serviceId } = people.service('web')
    const given = { kind: 'service-deletion', serviceId: serviceId ?? '', environmentId: null } as const
    const { id } = store.operations.create({ ...given, actor: LOCAL_ACTOR, now: 0 })
    return { id, say: (text) => store.logs.append(id, { at: 0, level: 'info', step: null, text }) }
  }
  const ways: Way[] = [
    ...BY_ANOTHER_PROCESS,
    ['the role was taken', 'key', () => people.store.grants.removeAll(ann.user.id)],
  ]
  for (const [what, credentials, withdraw] of ways)
    test(`when ${what}`, async () => {
      const { id, say } = running()
      say('the first line')
      const reader = await Reader.open(`/operations/${id}/log`, ann[credentials])
      await reader.until('the first line')
      withdraw()
      say('a canary')
      await reader.ended
      expect(reader.text).not.toContain('canary')
      people.store.operations.end(id, { status: 'failed', now: 0 })
    })

  // No line comes that could wake it: the withdrawal itself has to.
  for (const [what, credentials, withdraw] of BY_THE_SERVER)
    test(`when ${what}, and nothing is logged`, async () => {
      const { id } = running()
      const reader = await Reader.open(`/operations/${id}/log`, ann[credentials])
      await withdraw()
      await reader.ended
      people.store.operations.end(id, { status: 'failed', now: 0 })
    })
})

describe('L01 the stream ends by itself with', () => {
  const clock = new TestClock()
  let late: TestApp
  let guests: People
  beforeAll(async () => {
    late = await startTestApp(new Map(), { clock })
    guests = new People(late, () => clock.now())
    await guests.person('owner', { role: 'owner' })
  })
  afterAll(async () => {
    guests.close()
    await late.stop()
  })

  /** How long each of them has from now on, without being used. */
  const ends: [what: string, lifeMs: number, headers: () => Promise<Headers>][] = [
    [
      'a session that is not used',
      LIMITS.account.sessionIdleMs,
      async () => (await guests.person(`idle${++count}`, { role: 'viewer' })).cookie,
    ],
    [
      'an API key that expires',
      60_000,
      async () => {
        const { user } = await guests.person(`late${++count}`, { role: 'viewer' })
        return guests.key(user, { expiresAt: clock.now() + 60_000 })
      },
    ],
  ]
  for (const [what, lifeMs, headers] of ends)
    test(what, async () => {
      const reader = await Reader.open('/events', await headers(), late)
      clock.pass(lifeMs - 1_000)
      // Long before the next heartbeat, which is when it would be noticed otherwise.
      await reader.until(': still here')
      await clock.waited()
      clock.pass(1_000)
      await reader.ended
    })
})

describe('L02 a place in the stream', () => {
  test('leads to nothing that is not for the reader', async () => {
    const [own, foreign] = [await publish('web'), await publish('docs')]
    const reader = await Reader.open('/events', { ...ann.key, 'last-event-id': '0' })
    await reader.until(own)
    await reader.until(await publish('web'))
    expect(reader.text).not.toContain(foreign)
    expect(reader.text).not.toContain('"service":"docs"')
    people.store.apiKeys.revokeAll(ann.user.id, systemClock.now())
    await reader.ended
  })

  test('of 1 MiB is refused', async () => {
    const headers = { ...ann.key, accept: 'text/event-stream', 'last-event-id': '9'.repeat(1_048_576) }
    const status = await app.ask('GET', '/events', { headers }).then(
      (answer) => answer.status,
      () => 'hung up',
    )
    expect([431, 422, 'hung up']).toContain(status)
  })

  test('of the log of somebody else opens nothing', async () => {
    const { serviceId, environmentId } = people.environment('docs', 'production')
    const given = { kind: 'site-repair', serviceId: serviceId ?? '', environmentId } as const
    const { id } = people.store.operations.create({ ...given, actor: LOCAL_ACTOR, now: 0 })
    const headers = { ...ann.key, accept: 'text/event-stream', 'last-event-id': '0' }
    expect((await app.ask('GET', `/operations/${id}/log`, { headers })).status).toBe(404)
    people.store.operations.end(id, { status: 'failed', now: 0 })
  })
})

test('L03 whatever an event holds, it is one event of one line', async () => {
  const evil = `x\n\nevent: forged\ndata: {}\r\n\r\u2028\u2029\u0085id: 99999`
  const at = { id: people.service('web').serviceId ?? '', name: 'web' }
  people.store.events.append({ at: 0, kind: 'test', actor: LOCAL_ACTOR, service: at, data: { evil } })
  const last = people.store.events.newest()
  const reader = await Reader.open('/events', { ...ann.key, 'last-event-id': String(last - 1) })
  await reader.until('forged')
  await reader.until(await publish('web'))
  const blocks = reader.text.split('\n\n').filter((block) => block.startsWith('id: '))
  expect(blocks.map((block) => block.split('\n').map((line) => line.replace(/:.*/s, '')))).toEqual(
    blocks.map(() => ['id', 'event', 'data']),
  )
  const [first = ''] = blocks
  expect(first.split(/\r|\n/)).toHaveLength(3)
  expect(JSON.parse(first.slice(first.indexOf('data: ') + 6))).toMatchObject({ number: last, data: { evil } })
  people.store.apiKeys.revokeAll(ann.user.id, systemClock.now())
  await reader.ended
})

test('L04 readers that come and go in thousands leave nothing behind', async () => {
  const { cookie: headers } = owner
  const come = async () => {
    const leave = new AbortController()
    const live = { accept: 'text/event-stream', 'last-event-id': '0', ...headers }
    const answer = await fetch(`${app.url}/api/v1/events`, { headers: live, signal: leave.signal })
    await answer.body?.getReader().read()
    leave.abort()
  }
  const heap = async () => {
    await publish('web')
    Bun.gc(true)
    return process.memoryUsage().heapUsed
  }
  const rounds = async (turns: number) => {
    for (let round = 0; round < turns; round++) await Promise.all(Array.from({ length: 20 }, come))
  }
  await rounds(20)
  const before = await heap()
  await rounds(80)
  // A stream that stays holds its feed, its timers and two listeners: some kilobytes each. The last ones are just leaving.
  while ((await heap()) - before > 3 * 1_048_576);
  const reader = await Reader.open('/events', ann.cookie)
  await reader.until(await publish('web'))
  people.store.sessions.endAll(ann.user.id)
  await reader.ended
}, 60_000)
