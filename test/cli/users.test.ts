/** Users, roles and grants by the command line: on the data folder itself, and over the API. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Invitation, User } from '../../src/contract/shapes/account.ts'
import { Store } from '../../src/store/store.ts'
import { ServerProgram, serverPlace } from '../app/program.ts'
import { command, endAll, remove, type Served, scratch, serveProgram } from './program.ts'
import { fairlead } from './terminal.ts'

const PASSWORD = 'seven boats at anchor'
const root = scratch()
const data = join(root, 'data')
let server: Served
let env: Record<string, string>

const offline = (argv: string[], input?: string) => command([...argv, '--data', data, '--json'], {}, input)
const createAnn = (...more: string[]) =>
  offline(
    ['user', 'create', '--email', 'Ann@example.com', '--role', 'owner', '--password-stdin', ...more],
    PASSWORD,
  )

beforeAll(async () => {
  // The first owner is there before the server has ever run.
  const { code, out, err } = await createAnn('--name', 'Ann')
  if (code !== 0) throw new Error(err)
  expect(JSON.parse(out)).toEqual({
    id: expect.any(String),
    kind: 'person',
    login: 'ann@example.com',
    name: 'Ann',
    grants: [{ id: expect.any(String), role: 'owner', service: null, environment: null }],
  })
  server = await serveProgram(data)
  env = { FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: await token() }
  await json(['service', 'create', 'web'])
})
afterAll(async () => {
  await server.end()
  endAll()
  remove(root)
})

async function token(
  password = PASSWORD,
  login = 'ann@example.com',
  at: Pick<Served, 'url'> = server,
): Promise<string> {
  const { status, body } = await signIn(login, password, at)
  if (status !== 201) throw new Error(`sign-in: ${status}`)
  return body.accessToken
}
async function signIn(login: string, password: string, { url }: Pick<Served, 'url'> = server) {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password, as: 'token' }),
  })
  return { status: answer.status, body: (await answer.json()) as { accessToken: string } }
}
async function json<T>(argv: string[], input?: string): Promise<T> {
  const { code, out, err } = await command([...argv, '--json'], env, input)
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) })
  return JSON.parse(out) as T
}
const events = () => {
  const store = new Store(join(data, 'fairlead.db'), { now: Date.now(), asIs: true })
  try {
    return store.events.list({ limit: 1_000, after: null }).filter(({ kind }) => kind !== 'refused')
  } finally {
    store.close()
  }
}

describe('on the data folder', () => {
  test('a user is made beside the server, which lets him in at once', async () => {
    const argv = ['user', 'create', '--email', 'ben@example.com', '--password-stdin', '--role', 'deployer']
    const { code, out } = await offline([...argv, '--service', 'web'], `${PASSWORD}\n`)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ name: 'ben', grants: [{ role: 'deployer', service: 'web' }] })
    expect((await signIn('ben@example.com', PASSWORD)).status).toBe(201)
    const event = events().findLast(({ kind }) => kind === 'user.created')
    expect(event).toMatchObject({
      actor: { kind: 'local', name: 'local' },
      data: { after: { login: 'ben@example.com', grant: { role: 'deployer', service: 'web' } } },
    })
    for (const told of [PASSWORD, '$2']) expect(JSON.stringify(events())).not.toContain(told)
  })

  test('a machine needs no password', async () => {
    const { code, out } = await offline(['user', 'create', '--machine', 'build-robot', '--role', 'deployer'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ kind: 'machine', login: 'build-robot' })
  })

  test('J13 what will not do is refused, and nothing is made', async () => {
    const before = events().length
    const email = ['user', 'create', '--email', 'eve@example.com', '--password-stdin']
    for (const [argv, input, said, status] of [
      [email, 'password1', 'many people use', 1],
      [email, 'x'.repeat(73), 'at most 72 bytes', 1],
      [email, '', 'No password came', 2],
      [email, 'seven boats\nat anchor\n', 'more than one line', 2],
      [email, 'a'.repeat(10_000), 'more than one line', 2],
      [email.slice(0, 4), PASSWORD, 'needs a password', 2],
      [[...email, '--machine', 'x'], PASSWORD, 'Name one', 2],
      [['user', 'create', '--password-stdin'], PASSWORD, 'Name one', 2],
      [[...email, '--role', 'captain'], PASSWORD, 'no role "captain"', 1],
      [[...email, '--role', 'viewer', '--service', 'nowhere'], PASSWORD, 'no service "nowhere"', 1],
      [['user', 'create', '--email', '\u0430nn@example.com', '--password-stdin'], PASSWORD, 'no e-mail', 1],
      [['user', 'create', '--email', 'ANN@example.com', '--password-stdin'], PASSWORD, 'exists already', 1],
    ] as [string[], string, string, number][]) {
      const { code, err } = await offline(argv, input)
      expect({ argv, code, err }).toEqual({ argv, code: status, err: expect.stringContaining(said) })
    }
    expect(events()).toHaveLength(before)
  })

  test('a folder of something else, or of another schema, is left as it is', async () => {
    const strange = join(root, 'strange')
    mkdirSync(strange)
    writeFileSync(join(strange, 'letter.txt'), 'Dear Ann')
    const argv = ['user', 'create', '--email', 'ann@example.com', '--password-stdin', '--data', strange]
    const { code, err } = await command(argv, {}, PASSWORD)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('no data folder of Fairlead') })
    expect(existsSync(join(strange, 'fairlead.db'))).toBe(false)
    // A server of an older version may be at work on it.
    const older = join(root, 'older')
    mkdirSync(older)
    const store = new Store(join(older, 'fairlead.db'), { now: 0 })
    store.db.run('DELETE FROM migrations WHERE number = 2')
    store.close()
    const refused = await command([...argv.slice(0, -1), older], {}, PASSWORD)
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('this Fairlead needs') })
    const database = new DatabaseSync(join(older, 'fairlead.db'))
    expect(database.prepare('SELECT count(*) AS users FROM users').get()).toEqual({ users: 0 })
    database.close()
  })

  test('a new data folder and its key are private from the first moment', () => {
    expect(statSync(join(data, 'key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(data, 'fairlead.db')).mode & 0o777).toBe(0o600)
  })

  test('S01 a locked-out owner gets back in; all sessions end, factors only if wanted', async () => {
    const { out } = await offline(
      ['user', 'create', '--email', 'olga@example.com', '--role', 'owner', '--password-stdin'],
      PASSWORD,
    )
    const { id } = JSON.parse(out) as User
    const bearer = { authorization: `Bearer ${await token(PASSWORD, 'olga@example.com')}` }
    const works = async () => (await fetch(`${server.url}/api/v1/services`, { headers: bearer })).status
    expect(await works()).toBe(200)
    const store = new Store(join(data, 'fairlead.db'), { now: Date.now(), asIs: true })
    store.totp.propose(id, 'sealed')
    store.totp.confirm(id, 1)
    store.close()
    const argv = ['user', 'reset-password', '--email', 'olga@example.com', '--password-stdin']
    expect((await offline(argv, 'eight boats at sea')).code).toBe(0)
    expect(await works()).toBe(401)
    expect((await signIn('olga@example.com', PASSWORD)).status).toBe(401)
    expect((await signIn('olga@example.com', 'eight boats at sea')).body).toMatchObject({ factors: ['totp'] })
    expect((await offline([...argv, '--without-factors'], 'nine boats in fog')).code).toBe(0)
    expect((await signIn('olga@example.com', 'nine boats in fog')).status).toBe(201)
    expect((await offline([...argv.slice(0, 3), 'x@example.com', '--password-stdin'], PASSWORD)).code).toBe(1)
    expect((await offline(argv.slice(0, 4), '')).code).toBe(2)
  })
})

describe('over the API', () => {
  test('users are made, listed, shown, changed and deleted', async () => {
    const made = await json<User>(
      ['user', 'create', '--email', 'cleo@example.com', '--role', 'viewer', '--password-stdin'],
      PASSWORD,
    )
    expect(made).toMatchObject({ login: 'cleo@example.com', grants: [{ role: 'viewer', service: null }] })
    expect((await signIn('cleo@example.com', PASSWORD)).status).toBe(201)
    const { items } = await json<{ items: User[] }>(['user', 'list'])
    expect(items.map(({ login }) => login)).toContain('cleo@example.com')
    const { out } = await command(['user', 'show', 'cleo@example.com'], env)
    expect(out).toMatch(/login +cleo@example\.com\n/)
    expect(out).toMatch(/role +viewer {2}\(grant [a-z0-9]{20}\)/)
    const change = ['user', 'update', 'cleo@example.com']
    expect(await json<User>([...change, '--name', 'Cleo', '--disable'])).toMatchObject({
      name: 'Cleo',
      disabled: true,
    })
    expect(await json<User>([...change, '--enable'])).toMatchObject({ disabled: false })
    expect((await command(change, env)).code).toBe(2)
    expect(await json<{ ended: number }>(['user', 'sign-out', 'cleo@example.com'])).toEqual({ ended: 0 })
    expect((await command(['user', 'delete', 'cleo@example.com'], env)).code).toBe(2)
    expect((await command(['user', 'delete', 'cleo@example.com', '--yes'], env)).code).toBe(0)
    const gone = await command(['user', 'show', 'cleo@example.com'], env)
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('no user "cleo@example.com"') })
  })

  test('a person is invited, and gets a link for a new password; links alone are on stdout', async () => {
    const invited = await command(
      ['user', 'invite', '--email', 'dan@example.com', '--role', 'deployer', '--service', 'web'],
      env,
    )
    expect(invited.out).toMatch(/^http:\S+\/invitation#[\w-]{43}\n$/)
    const { items } = await json<{ items: Invitation[] }>(['invitation', 'list'])
    expect(items).toMatchObject([{ login: 'dan@example.com', service: 'web', valid: true }])
    expect((await command(['invitation', 'delete', items[0]?.id ?? ''], env)).code).toBe(0)
    const login = 'ben@example.com'
    const reset = await command(['user', 'reset-password', '--email', login], env)
    expect(reset.out).toMatch(/^http:\S+\/password-reset#[\w-]{43}\n$/)
    const both = ['user', 'reset-password', '--email', login, '--password-stdin']
    expect((await command(both, env, PASSWORD)).code).toBe(2)
  })

  test('J16 links begin with the address of --url, however the server was reached', async () => {
    const place = await serverPlace(join(root, 'known'))
    const argv = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
    expect((await command([...argv, '--data', place.data], {}, PASSWORD)).code).toBe(0)
    const known = await new ServerProgram(place, { more: ['--url', 'https://fairlead.example.com'] }).up()
    const at = { url: `http://127.0.0.1:${place.port}` }
    const reached = { FAIRLEAD_SERVER: at.url, FAIRLEAD_KEY: await token(PASSWORD, 'ann@example.com', at) }
    const { out } = await command(
      ['user', 'invite', '--email', 'ben@example.com', '--role', 'viewer'],
      reached,
    )
    expect(out).toMatch(/^https:\/\/fairlead\.example\.com\/invitation#[\w-]{43}\n$/)
    await known.end('SIGTERM')
  })

  test('roles are made of permissions, given, taken and deleted', async () => {
    const made = await json<{ permissions: string[] }>([
      'role',
      'create',
      'auditor',
      '--permissions',
      'audit:read,users:read',
    ])
    expect(made.permissions).toEqual(['users:read', 'audit:read'])
    const typo = await command(['role', 'update', 'auditor', '--permissions', 'audit:reed'], env)
    expect(typo).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean audit:read?') })
    await json(['role', 'update', 'auditor', '--permissions', 'audit:read'])
    const shown = await command(['role', 'show', 'auditor'], env)
    expect(shown.out).toMatch(/allows +audit:read\n/)
    const who = ['--user', 'build-robot']
    const { out: grant } = await command(['grant', 'create', ...who, '--role', 'auditor'], env)
    expect(grant).toMatch(/^[a-z0-9]{20}\n$/)
    const used = await command(['role', 'delete', 'auditor', '--yes'], env)
    expect(used).toMatchObject({ code: 1, err: expect.stringContaining('1 user holds the role "auditor"') })
    expect((await command(['grant', 'delete', grant.trim(), ...who], env)).code).toBe(0)
    expect((await command(['role', 'delete', 'auditor', '--yes'], env)).code).toBe(0)
    const { items } = await json<{ items: { name: string }[] }>(['role', 'list'])
    expect(items.map(({ name }) => name)).toEqual(['owner', 'admin', 'deployer', 'viewer'])
  })
})

describe('a password that is typed', () => {
  const typed = (...texts: string[]) => {
    const asked: string[] = []
    const made: object[] = []
    const given = {
      secret: async (question: string) => {
        asked.push(question)
        return { text: texts.shift() ?? '', isTyped: true }
      },
      offline: {
        createUser: async (wished: object) => {
          made.push(wished)
          return { id: 'x', kind: 'person' as const, login: 'ann@example.com', name: 'ann', grants: [] }
        },
      } as never, // the one that is called
    }
    const argv = ['user', 'create', '--email', 'ann@example.com', '--password-stdin', '--data', 'x']
    return { run: () => fairlead(argv, given), asked, made }
  }

  test('is asked for twice', async () => {
    const one = typed(PASSWORD, PASSWORD)
    expect((await one.run()).code).toBe(0)
    expect(one.asked).toHaveLength(2)
    expect(one.made).toMatchObject([{ password: PASSWORD }])
  })

  test('differently, is none', async () => {
    const one = typed(PASSWORD, `${PASSWORD}x`)
    expect(await one.run()).toMatchObject({ code: 1, err: expect.stringContaining('different') })
    expect(one.made).toEqual([])
  })
})

test('S01 no password and no code is left in the files of the data folder', () => {
  for (const name of ['fairlead.db', 'fairlead.db-wal'])
    if (existsSync(join(data, name))) expect(readFileSync(join(data, name), 'latin1')).not.toContain(PASSWORD)
})
