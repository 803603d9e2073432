/** Identity providers from the command line, against the program itself and a provider on loopback. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Issuer } from '../account/issuer.ts'
import { command, endAll, type Served, scratch, serveProgram } from './program.ts'
import type { Ended } from './terminal.ts'

const SECRET = 'the secret that the provider has given'
const folder = scratch()
const data = join(folder, 'data')
const issuer = new Issuer()
let server: Served
let key = ''

const run = (argv: string[], input?: string): Promise<Ended> =>
  command(argv, { FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: key }, input)
const provider = (...words: string[]) => ['identity-provider', ...words]

beforeAll(async () => {
  await issuer.start()
  const owner = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
  expect((await command([...owner, '--data', data], {}, 'seven boats at anchor\n')).code).toBe(0)
  const made = ['key', 'create', '--user', 'ann@example.com', '--name', 'cli', '--data', data, '--json']
  key = (JSON.parse((await command(made, {})).out) as { key: string }).key
  server = await serveProgram(data)
})
afterAll(async () => {
  await server.end()
  endAll()
  issuer.stop()
  rmSync(folder, { recursive: true })
})

test('one is set up with its secret from standard input, shown, changed and deleted; the secret is told nowhere', async () => {
  expect((await run(provider('list'))).err).toContain('No identity providers yet')
  const wish = ['--label', 'Harbour Login', '--issuer', issuer.url, '--client-id', 'fairlead']
  const create = provider('create', ...wish, '--private-network', 'on')
  const without = await run(create)
  expect([without.code, without.err.includes('No client secret came')]).toEqual([2, true])
  const made = await run(create, `${SECRET}\n`)
  expect([made.code, made.err]).toEqual([0, expect.stringContaining('/callback')])

  const changed = await run(
    provider(
      'update',
      'Harbour Login',
      '--create-users',
      'on',
      '--default-role',
      'viewer',
      '--email-domains',
      'example.com',
    ),
  )
  expect(changed.out).toContain('yes, with the role viewer')
  const shown = await run(provider('show', 'Harbour Login'))
  expect(shown.out).toContain('kept, sealed')
  const listed = await run(provider('list', '--json'))
  expect(JSON.parse(listed.out)).toMatchObject({
    items: [{ createUsers: true, emailDomains: ['example.com'] }],
  })
  for (const { out, err } of [made, changed, shown, listed]) expect(out + err).not.toContain(SECRET)

  expect((await run(provider('update', 'Harbour Login'))).code).toBe(2)
  expect((await run(provider('delete', 'Harbour Login', '--yes'))).code).toBe(0)
  expect((await run(provider('show', 'Harbour Login'))).err).toContain('There is no identity provider')
})
