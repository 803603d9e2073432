/** Keys, logins and the audit as a person uses them: the program itself, on a data folder and against a server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, endAll, type Served, scratch, serveProgram } from './program.ts'
import type { Ended } from './terminal.ts'

const folder = scratch()
const data = join(folder, 'data')
const home = { XDG_CONFIG_HOME: join(folder, 'config') }
const PASSWORD = 'seven boats at anchor'
let server: Served
let ownerKey: string

const run = (argv: string[], env: Record<string, string> = {}, input?: string): Promise<Ended> =>
  command(argv, { ...home, FAIRLEAD_SERVER: server.url, ...env }, input)
const asOwner = (argv: string[]) => run(argv, { FAIRLEAD_KEY: ownerKey })
const offline = (argv: string[], input?: string) => command([...argv, '--data', data], home, input)
async function json<T>(ended: Promise<Ended>): Promise<T> {
  const { code, out, err } = await ended
  if (code !== 0) throw new Error(err)
  return JSON.parse(out) as T
}
const loginFile = join(home.XDG_CONFIG_HOME, 'fairlead', 'logins.json')

beforeAll(async () => {
  const words = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
  expect((await offline(words, `${PASSWORD}\n`)).code).toBe(0)
  server = await serveProgram(data)
})
afterEach(() => rmSync(home.XDG_CONFIG_HOME, { recursive: true, force: true }))
afterAll(async () => {
  await server.end()
  endAll()
  rmSync(folder, { recursive: true })
})

describe('a key that is made on the data folder', () => {
  test('is printed as JSON, and the running server takes it', async () => {
    const words = ['key', 'create', '--user', 'ann@example.com', '--name', 'script', '--json']
    const made = await json<{ key: string; user: string; expiresAt: string }>(offline(words))
    expect(made.key).toMatch(/^fl_/)
    ownerKey = made.key
    const { code, out } = await asOwner(['service', 'create', 'web', '--json'])
    expect(code).toBe(0)
    expect(out).toContain('"web"')
  })

  test('of nobody is refused, and nothing is made', async () => {
    const { code, err } = await offline(['key', 'create', '--user', 'bob@example.com', '--name', 'x'])
    expect(code).toBe(1)
    expect(err).toContain('no such user')
    expect((await offline(['key', 'create', '--name', 'x'])).code).toBe(2)
  })

  test('does what its scope says, where and until when', async () => {
    const words = ['key', 'create', '--user', 'ann@example.com', '--name', 'narrow', '--json']
    const narrow = [
      ...words,
      '--scope',
      'viewer',
      '--service',
      'web',
      '--from',
      '127.0.0.1',
      '--expires',
      '2d',
    ]
    const { key, expiresAt } = await json<{ key: string; expiresAt: string }>(offline(narrow))
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 2 * 86_400_000)).toBeLessThan(60_000)
    expect((await run(['service', 'show', 'web'], { FAIRLEAD_KEY: key })).code).toBe(0)
    const { code, err } = await run(['service', 'delete', 'web', '--yes'], { FAIRLEAD_KEY: key })
    expect(code).toBe(1)
    expect(err).toContain('services:delete')
  })

  for (const when of ['soon', '0x5d', '2026', '-1d'])
    test(`that is to end "${when}" is wrong usage`, async () =>
      expect((await offline(['key', 'create', '--user', 'a', '--name', 'x', '--expires', when])).code).toBe(
        2,
      ))
})

describe('keys over the API', () => {
  test('are made, listed, rotated and revoked', async () => {
    const made = await json<{ id: string; key: string; prefix: string }>(
      asOwner([
        'key',
        'create',
        '--name',
        'CI',
        '--scope',
        'deployer,users:read',
        '--expires',
        'never',
        '--json',
      ]),
    )
    expect((await asOwner(['key', 'list'])).out).toContain(made.prefix)
    const shown = await asOwner(['key', 'show', made.prefix])
    expect(shown.out).toContain('deployments:deploy')
    expect(shown.out + shown.err).not.toContain(made.key)
    const next = await json<{ key: string }>(asOwner(['key', 'rotate', made.id, '--overlap', '0', '--json']))
    expect((await run(['service', 'list'], { FAIRLEAD_KEY: made.key })).code).toBe(1)
    expect((await run(['service', 'list'], { FAIRLEAD_KEY: next.key })).code).toBe(0)
    expect((await asOwner(['key', 'delete', next.key])).code).toBe(0)
    const refused = await run(['service', 'list'], { FAIRLEAD_KEY: next.key })
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('fairlead login')
    expect(refused.err).not.toContain(next.key)
  })
})

describe('login', () => {
  test('keeps a key that the next command uses, in a file for one pair of eyes; logout ends both', async () => {
    const { code, err } = await run(['login', '--email', 'ann@example.com'], {}, `${PASSWORD}\n`)
    expect(code).toBe(0)
    expect(err).toContain('Signed in')
    expect(statSync(loginFile).mode & 0o777).toBe(0o600)
    expect(readFileSync(loginFile, 'utf8')).not.toContain(PASSWORD)
    // Also the address is remembered.
    expect((await command(['service', 'list'], home)).out).toContain('web')
    const [login] = JSON.parse(readFileSync(loginFile, 'utf8')) as { key: string }[]
    const key = login?.key ?? ''
    expect((await run(['logout'])).code).toBe(0)
    expect(JSON.parse(readFileSync(loginFile, 'utf8'))).toEqual([])
    expect((await run(['service', 'list'], { FAIRLEAD_KEY: key })).code).toBe(1)
  })

  test('takes a key from standard input, and only one that the server knows', async () => {
    expect((await run(['login', '--key-stdin'], {}, `${ownerKey}\n`)).code).toBe(0)
    expect((await run(['service', 'list'])).code).toBe(0)
    const wrong = await run(['login', '--key-stdin'], {}, 'fl_wrong\n')
    expect(wrong.code).toBe(1)
    expect((await run(['service', 'list'])).code).toBe(0)
  })

  test('with a wrong password changes nothing', async () => {
    const { code, err } = await run(['login', '--email', 'ann@example.com'], {}, 'not the one\n')
    expect(code).toBe(1)
    expect(err).toContain('password is wrong')
    expect((await run(['service', 'list'])).code).toBe(1)
    expect((await run(['logout'])).code).toBe(1)
  })

  test('says which file is damaged', async () => {
    mkdirSync(join(home.XDG_CONFIG_HOME, 'fairlead'), { recursive: true })
    writeFileSync(loginFile, '{')
    const { code, err } = await run(['service', 'list'])
    expect(code).toBe(1)
    expect(err).toContain('logins.json')
  })
})

describe('audit', () => {
  test('is searched, exported and verified, also on the data folder', async () => {
    const listed = await asOwner(['audit', 'list', '--kind', 'api-key.'])
    expect(listed.out).toContain('api-key.created')
    const file = join(folder, 'audit.csv')
    expect((await asOwner(['audit', 'export', file, '--format', 'csv'])).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('number,at,kind')
    const { code, out } = await asOwner(['audit', 'verify'])
    expect(code).toBe(0)
    const head = out.trim()
    expect((await offline(['audit', 'verify', '--head', head])).code).toBe(0)
    const wrong = await offline(['audit', 'verify', '--head', `1:${'0'.repeat(64)}`])
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('rewritten')
  })
})
