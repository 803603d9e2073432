/** S03: what holds secrets is closed to others from its first moment, however open the umask is. */
import { afterAll, expect, test } from 'bun:test'
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Program, ServerProgram, serverPlace, tarOf } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-modes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const OPEN_UMASK = ['sh', '-c', 'umask 000; exec "$0" "$@"']
const AND_A_LINE = ['sh', '-c', 'umask 000; printf %s "$LINE" | "$0" "$@"']
const env = { XDG_CONFIG_HOME: join(folder, 'config'), LINE: '' }

async function run(args: string[], line?: string): Promise<string> {
  const under = line === undefined ? OPEN_UMASK : AND_A_LINE
  const { code, output } = await new Program(args, { under, env: { ...env, LINE: line ?? '' } }).ended
  expect([args, output, code]).toEqual([args, output, 0])
  return output
}

/** Paths below a folder that somebody else may read, and those that he may change. */
function openIn(root: string): { readable: string[]; writable: string[] } {
  const found = { readable: [] as string[], writable: [] as string[] }
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue // has no mode of its own
    const path = join(entry.parentPath, entry.name)
    const { mode } = lstatSync(path)
    if (mode & 0o044) found.readable.push(relative(root, path))
    if (mode & 0o022) found.writable.push(relative(root, path))
  }
  return found
}

test('S03 with umask 000 nothing is open but the sites', async () => {
  const place = await serverPlace(join(folder, 'data'))
  const data = ['--data', place.data]
  const owner = ['--email', 'ann@example.com', '--role', 'owner']
  await run(['user', 'create', ...owner, '--password-stdin', ...data], 'seven boats at anchor')
  const made = await run(['key', 'create', '--user', 'ann@example.com', '--name', 'test', '--json', ...data])
  const { key } = JSON.parse(made.slice(made.indexOf('{'), made.lastIndexOf('}') + 1)) as { key: string }

  const server = await new ServerProgram(place, { under: OPEN_UMASK }).up()
  await run(['login', `http://127.0.0.1:${place.port}`, '--key-stdin'], key)
  const headers = { authorization: `Bearer ${key}` }
  await server.client.call('services.create', { json: { name: 'web', kind: 'static' }, headers })
  await server.client.call('deployments.create', {
    params: { service: 'web', environment: 'production' },
    query: { wait: 'true' },
    body: tarOf({ 'index.html': 'one' }),
    headers,
  })
  await run(['backup', join(folder, 'backup.tar'), ...data])
  await run(['backup', 'key', join(folder, 'backup.key'), ...data])
  // While it runs, so that the journals of the database are there as well.
  const live = openIn(folder)
  await server.end('SIGTERM')
  const restored = ['--key', join(folder, 'backup.key'), '--data', join(folder, 'restored')]
  await run(['restore', join(folder, 'backup.tar'), ...restored])

  for (const { readable, writable } of [live, openIn(folder)]) {
    expect(writable).toEqual([])
    const forVisitors = /^(data|restored)(\/(sites|trees|grace|challenges)(\/.*)?|\/pid)?$/
    expect(readable.filter((path) => !forVisitors.test(path))).toEqual([])
  }
  const modeOf = (path: string) => (lstatSync(join(folder, path)).mode & 0o777).toString(8)
  const secret = ['data/fairlead.db', 'data/key', 'backup.tar', 'backup.key', 'config/fairlead/logins.json']
  for (const path of [...secret, 'restored/fairlead.db', 'restored/key'])
    expect([path, modeOf(path)]).toEqual([path, '600'])
  for (const path of ['data/bundles', 'data/staging', 'data/certificates', 'config/fairlead'])
    expect([path, modeOf(path)]).toEqual([path, '700'])
  for (const path of ['data', 'restored']) expect([path, modeOf(path)]).toEqual([path, '711'])
}, 120_000)
