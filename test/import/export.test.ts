/** What is exported answers alone: with Fairlead stopped and its data folder gone, as it answered before. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpClient } from '../../src/base/http.ts'
import { makeCertificate } from '../certificates.ts'
import { command } from '../cli/program.ts'
import { needs } from '../needs.ts'
import { Setup } from './setup.ts'

let setup: Setup
beforeEach(async () => {
  setup = await Setup.of('centos', { files: { 'club/index.html': 'x' } })
  for (const name of ['sites.conf', 'virtual.conf']) rmSync(join(setup.nginx.etc, 'conf.d', name))
})
afterEach(() => setup.remove())

const NAMES = ['docs.example.com', 'app.example.com', 'www.example.com', 'safe.example.com']
const PATHS = [
  '/',
  '/a',
  '/a.html',
  '/old',
  '/none',
  '/deep/route',
  '/site.css',
  '/assets/app-4f3a2b1c.js',
  '/.well-known/fairlead',
]

const client = new HttpClient()
afterAll(() => client.close())

async function answers(): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const hostname of NAMES)
    for (const scheme of ['http', 'https'] as const)
      for (const path of PATHS) {
        if (scheme === 'https' && hostname !== 'safe.example.com') continue
        const port = scheme === 'http' ? setup.nginx.port : setup.tlsPort
        const { status, headers, sha256 } = await client.request({
          protocol: `${scheme}:`,
          ...(scheme === 'https' && { anyCertificate: true, fresh: true }),
          dial: { address: '127.0.0.1', port },
          host: `${hostname}:${port}`,
          path,
          deadlineMs: 5_000,
          maxBodyBytes: 100_000,
        })
        delete headers['date']
        all[`${scheme}://${hostname}${path}`] = { status, headers, sha256 }
      }
  return all
}

/** Three sites and a redirect. */
async function fill(env: Record<string, string>): Promise<void> {
  const site = join(setup.nginx.folder, 'build')
  const write = (path: string, text: string) => {
    mkdirSync(join(site, path, '..'), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  write('index.html', 'Home')
  write('a.html', 'A')
  write('404.html', 'lost')
  write('site.css', 'b {}'.repeat(500))
  write('assets/app-4f3a2b1c.js', 'app()')
  write('_redirects', '/old /a 301\n')
  write('_headers', '/*\n  X-Test: yes\n')
  const done = async (...argv: string[]) => expect(await command(argv, env)).toMatchObject({ code: 0 })
  for (const service of ['docs', 'app'])
    await done('deploy', site, '--service', service, '--environment', 'production', '--create')
  await done(
    'environment',
    'update',
    'production',
    '--service',
    'app',
    '--not-found-handling',
    'single-page-application',
  )
  const root = { ...makeCertificate(['Root'], { isAuthority: true }), name: 'Root' }
  const { chain, key } = makeCertificate(['safe.example.com'], { issuer: root })
  writeFileSync(join(setup.nginx.folder, 'chain.pem'), chain + root.chain)
  writeFileSync(join(setup.nginx.folder, 'key.pem'), key)
  await done(
    'certificate',
    'add',
    '--certificate',
    join(setup.nginx.folder, 'chain.pem'),
    '--key',
    join(setup.nginx.folder, 'key.pem'),
  )
  const place = (service: string) => [
    '--service',
    service,
    '--environment',
    'production',
    '--dns',
    'none',
    '--yes',
  ]
  await done('url', 'create', 'docs.example.com', ...place('docs'))
  await done('url', 'create', 'app.example.com', ...place('app'))
  await done(
    'url',
    'create',
    'www.example.com',
    '--redirect-to',
    'https://docs.example.com',
    ...place('docs'),
  )
  await done('url', 'create', 'safe.example.com', '--https', 'own', '--hsts', '600', ...place('docs'))
}

describe('an export', () => {
  needs('nginx')(
    'serves every URL alike, without Fairlead',
    async () => {
      const { nginx } = setup
      const env = await setup.start()
      await fill(env)
      const before = await answers()
      expect(before['http://docs.example.com/']).toMatchObject({ status: 200 })
      expect(before['https://safe.example.com/a']).toMatchObject({ status: 200 })
      const folder = join(nginx.folder, 'export')
      const written = await command(['export', folder, '--with-keys', '--json'], env)
      expect(written).toMatchObject({ code: 0 })
      await setup.stopFairlead()
      await nginx.stop()
      rmSync(nginx.data, { recursive: true })
      for (const name of readdirSync(join(nginx.etc, 'conf.d'))) rmSync(join(nginx.etc, 'conf.d', name))
      const main = readFileSync(nginx.config, 'utf8')
      writeFileSync(
        nginx.config,
        main.replace(/include \S+conf\.d\/\*\.conf;/, `include ${folder}/nginx/*.conf;`),
      )
      await nginx.start()
      expect(await answers()).toEqual(before)
      for (const name of readdirSync(join(folder, 'certificates')))
        expect(statSync(join(folder, 'certificates', name)).mode & 0o777).toBe(0o600)
      const facts = readFileSync(join(folder, 'fairlead.json'), 'utf8')
      expect(facts).not.toContain('PRIVATE KEY')
      expect(JSON.parse(facts)).toMatchObject({
        program: 'fairlead',
        urls: [{ hostname: 'docs.example.com' }, {}, {}, {}],
      })
    },
    120_000,
  )

  needs('nginx')(
    'without keys holds none, and says who answers over plain HTTP then',
    async () => {
      const env = await setup.start()
      await fill(env)
      const folder = join(setup.nginx.folder, 'export')
      const written = await command(['export', folder], env)
      expect(written).toMatchObject({
        code: 0,
        err: expect.stringContaining('safe.example.com answer over plain HTTP'),
      })
      expect(existsSync(join(folder, 'certificates'))).toBe(false)
      expect(readFileSync(join(folder, 'nginx', 'safe.example.com.conf'), 'utf8')).not.toContain('ssl')
      // A folder that holds something is left as it is.
      const again = await command(['export', folder], env)
      expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') })
      expect(readdirSync(setup.nginx.folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
    },
    120_000,
  )
})

test('of no data folder is refused', async () => {
  const { code, err } = await command([
    'export',
    join(setup.nginx.folder, 'x'),
    '--data',
    join(setup.nginx.folder, 'nothing'),
  ])
  expect(code).toBe(1)
  expect(err).toContain('There is no data folder')
})
