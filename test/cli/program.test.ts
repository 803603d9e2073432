import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { run } from '../../src/base/run.ts'
import type { Deployment, LogLine } from '../../src/contract/shapes.ts'
import { command, endAll, remove, type Served, scratch, serveProgram, Wire, writeSite } from './program.ts'

const PAGES = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`pages/p${i}.html`, `<h1>Page ${i}</h1>`]),
)

const root = scratch()
const site = writeSite(join(root, 'site'), { 'index.html': '<h1>One</h1>', ...PAGES, '.git/config': 'x' })
let server: Served
let env: Record<string, string>

beforeAll(async () => {
  server = await serveProgram(join(root, 'data'))
  env = { FAIRLEAD_SERVER: server.url }
})
afterAll(async () => {
  await server.end()
  endAll()
  remove(root)
})

const at = (service: string, environment: string) => ['--service', service, '--environment', environment]

/** What a visitor is answered. */
const visit = (environment: string, path: string, service = 'web') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { host: `${environment}.${service}.localhost:${new URL(server.sitesUrl).port}` }
    get(`${server.sitesUrl}${path}`, { headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => (body += text))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    }).on('error', reject)
  })

async function json<T>(argv: string[]): Promise<T> {
  const { code, out, err } = await command([...argv, '--json'], env)
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) })
  return JSON.parse(out) as T
}

const deployments = async (service: string, environment: string) =>
  (await json<{ items: Deployment[] }>(['deployment', 'list', ...at(service, environment)])).items

describe('a release by the command line', () => {
  test('of a folder: what is missing is made, litter is left out, the address is the result', async () => {
    const refused = await command(['deploy', site, ...at('web', 'staging')], env)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('hint: With --create')
    const { code, out, err } = await command(
      ['deploy', site, ...at('web', 'staging'), '--create', '--message', 'One'],
      env,
    )
    expect({ code, out }).toEqual({
      code: 0,
      out: `http://staging.web.localhost:${new URL(server.sitesUrl).port}/\n`,
    })
    for (const said of [
      'Created web/staging',
      'Left out: .git',
      'Sent 41 new contents of 41 files.',
      '✓ Live on web/staging',
    ])
      expect(err).toContain(said)
    expect(await visit('staging', '/')).toEqual({ status: 200, body: '<h1>One</h1>' })
    expect((await deployments('web', 'staging'))[0]).toMatchObject({
      status: 'succeeded',
      live: true,
      message: 'One',
    })
  })

  test('of the same folder again: nothing travels', async () => {
    const { code, err } = await command(['deploy', site, ...at('web', 'staging')], env)
    expect(code).toBe(0)
    expect(err).toContain('The service holds this folder already (41 files).')
  })

  test('of a changed folder: one content travels', async () => {
    writeFileSync(join(site, 'index.html'), '<h1>Two</h1>')
    const { code, err } = await command(['deploy', site, ...at('web', 'staging')], env)
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining('Sent 1 new contents of 41 files.'),
    })
    expect((await visit('staging', '/')).body).toBe('<h1>Two</h1>')
  })

  test('the digest of a folder is the digest of the tar that GNU tar writes', async () => {
    const list = ['index.html', ...Object.keys(PAGES)].sort()
    writeFileSync(join(root, 'list'), list.join('\n'))
    // biome-ignore format: one option a word
    const made = await run(['tar', '--format=ustar', '-b1', '--mode=0644', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-C', site, '-T', join(root, 'list'), '-cf', join(root, 'gnu.tar')])
    expect(made.code).toBe(0)
    const [live] = await deployments('web', 'staging')
    expect(live?.bundle).toBe(
      new Bun.CryptoHasher('sha256').update(readFileSync(join(root, 'gnu.tar'))).digest('hex'),
    )
    const download = ['bundle', 'download', live?.bundle ?? '', join(root, 'back.tar'), '--service', 'web']
    expect((await command(download, env)).code).toBe(0)
    expect(readFileSync(join(root, 'back.tar')).equals(readFileSync(join(root, 'gnu.tar')))).toBe(true)
    const again = await command(download, env)
    expect({ code: again.code, err: again.err }).toEqual({
      code: 1,
      err: expect.stringContaining('exists already'),
    })
  })

  test('of an archive, a promotion and a rollback', async () => {
    const place = at('web', 'production')
    expect((await command(['deploy', join(root, 'gnu.tar'), ...place], env)).code).toBe(0)
    writeFileSync(join(site, 'index.html'), '<h1>Three</h1>')
    await command(['deploy', site, ...at('web', 'staging')], env)
    expect(
      (await command(['promote', '--service', 'web', '--from', 'staging', '--to', 'production'], env)).code,
    ).toBe(0)
    expect((await visit('production', '/')).body).toBe('<h1>Three</h1>')
    const back = await json<Deployment>(['rollback', ...place])
    expect(back).toMatchObject({ cause: 'rollback', status: 'succeeded', live: true })
    expect((await visit('production', '/')).body).toBe('<h1>Two</h1>')
    const log = await command(['logs', back.id], env)
    const followed = await command(['logs', back.id, '--follow'], env)
    expect(log.out).toBe(followed.out)
    expect(log.out).toContain('switch: ')
    const { items, next } = await json<{ items: LogLine[]; next: null }>(['logs', back.id])
    const each = await command(['logs', back.id, '--follow', '--json'], env)
    expect(
      each.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(items)
    expect(next).toBeNull()
  })

  test('that is not waited for answers with its id', async () => {
    const { code, out } = await command(['deploy', site, ...at('web', 'production'), '--no-wait'], env)
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^[a-z0-9]{20}\n$/) })
    expect((await command(['logs', out.trim(), '--follow'], env)).code).toBe(0)
    expect(await json<Deployment>(['deployment', 'show', out.trim()])).toMatchObject({ status: 'succeeded' })
  })
})

describe('what is refused', () => {
  const refused = async (path: string, said: string) => {
    const before = await deployments('web', 'staging')
    const { code, out, err } = await command(['deploy', path, ...at('web', 'staging'), '--json'], env)
    expect({ code, problem: JSON.parse(out).problem.detail }).toEqual({
      code: 1,
      problem: expect.stringContaining(said),
    })
    expect(err).toContain(`error: ${JSON.parse(out).problem.detail}`)
    expect(err).toContain('hint: ')
    expect((await deployments('web', 'staging')).filter(({ status }) => status !== 'failed')).toEqual(
      before.filter(({ status }) => status !== 'failed'),
    )
  }

  test('A07: a symbolic link in a folder, by its name', async () => {
    const folder = writeSite(join(root, 'linked'), { 'index.html': 'x' })
    symlinkSync('/etc/passwd', join(folder, 'secret.txt'))
    await refused(folder, 'secret.txt is a symbolic link')
  })
  test('A38: an empty folder, and a path where nothing is', async () => {
    await refused(writeSite(join(root, 'empty'), { '.git/HEAD': 'x' }), 'The folder has no files.')
    await refused(join(root, 'nowhere'), 'There is nothing at ')
    await refused('/dev/null', 'neither a file nor a folder')
    writeFileSync(join(root, 'zero.zip'), '')
    await refused(join(root, 'zero.zip'), 'zero.zip is empty.')
  })
  test('a name that can be none, before the other one is made', async () => {
    const { code, err } = await command(['deploy', site, ...at('fresh', 'Pro_d'), '--create'], env)
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('--environment can\'t be "Pro_d".\nhint: It has 1 to 40 characters'),
    })
    expect((await command(['service', 'show', 'fresh'], env)).code).toBe(1)
  })
  test('A32: a file that is no archive', () => refused(join(root, 'list'), 'The archive was refused'))
  test('A27: a folder whose file has a control character in its name', async () => {
    await refused(
      writeSite(join(root, 'odd'), { 'index.html': 'x', 'a\u001b[2Jb': 'x' }),
      'control character',
    )
  })
})

describe('a connection that is lost', () => {
  const archive = join(root, 'large.tar')
  beforeAll(async () => {
    const big = writeSite(join(root, 'big'), { 'index.html': 'big', 'big.bin': 'x'.repeat(8_000_000) })
    await run(['tar', '-C', big, '-cf', archive, '.'])
    expect((await command(['service', 'create', 'lost'], env)).code).toBe(0)
  })

  test('R07: while an archive is sent: it is sent again, and is one deployment', async () => {
    const wire = await Wire.to(server.url)
    wire.cutAfterSent = 3_000_000
    const { code, err } = await command(['deploy', archive, ...at('lost', 'production')], wire.env)
    wire.close()
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('Trying again.') })
    expect(await deployments('lost', 'production')).toHaveLength(1)
  })

  test('R07: before the answer came: the same deployment is answered again', async () => {
    const wire = await Wire.to(server.url)
    wire.swallow = 'HTTP/1.1 202'
    const { code, err } = await command(['deploy', archive, ...at('lost', 'production')], wire.env)
    wire.close()
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('Trying again.') })
    expect(await deployments('lost', 'production')).toHaveLength(2)
  })

  test('while the log is followed: it goes on', async () => {
    const wire = await Wire.to(server.url)
    wire.swallow = 'text/event-stream'
    const { code } = await command(['deploy', archive, ...at('lost', 'production')], wire.env)
    wire.close()
    expect(code).toBe(0)
  })
})

describe('things', () => {
  test('are made, shown, changed, listed and deleted', async () => {
    const run = async (...argv: string[]) => {
      const { code, out, err } = await command(argv, env)
      expect({ argv, code, err }).toEqual({ argv, code: 0, err: expect.any(String) })
      return out
    }
    await run('service', 'create', 'shop')
    await run('service', 'rename', 'shop', 'store')
    const create = await run(
      'environment',
      'create',
      'dev',
      '--service',
      'store',
      '--retain',
      '2',
      '--asset-grace',
      '60',
    )
    expect(create).toMatch(/^retain +2$/m)
    await run(
      'environment',
      'update',
      'dev',
      '--service',
      'store',
      '--not-found-handling',
      'single-page-application',
    )
    await run('environment', 'rename', 'dev', 'preview', '--service', 'store')
    await run('environment', 'move', 'preview', '0', '--service', 'store')
    expect(await run('environment', 'show', 'preview', '--service', 'store')).toMatch(
      /^not found +single-page-application$/m,
    )
    const list = await run('environment', 'list', '--service', 'store')
    expect(list.split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'preview', 'production', ''])
    expect(await run('service', 'show', 'store')).toContain('nothing live')
    const digest = JSON.parse(await run('bundle', 'create', site, '--service', 'store', '--json'))
      .digest as string
    expect(await run('bundle', 'list', '--service', 'store')).toContain(digest)
    await run('deployment', 'create', ...at('store', 'preview'), '--bundle', digest)
    expect((await visit('preview', '/', 'store')).status).toBe(200)
    await run('environment', 'delete', 'preview', '--service', 'store', '--yes')
    expect((await visit('preview', '/', 'store')).status).toBe(404)
    await run('service', 'delete', 'store', '--yes')
    expect(await run('service', 'list')).not.toContain('store')
    expect(await run('operation', 'list', '--limit', '3')).toContain('service-deletion')
  })

  test('of another service are not there', async () => {
    const [live] = await deployments('web', 'production')
    const { code, err } = await command(['bundle', 'show', live?.bundle ?? '', '--service', 'lost'], env)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('has no bundle') })
  })
})
