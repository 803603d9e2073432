/** The guide for certificates, its lines run in their order: a real NGINX, a real PowerDNS, a real CA, and the program itself. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { Pebble } from '../acme/pebble.ts'
import { makeCertificate } from '../certificates.ts'
import { command, endAll, type Served, serveProgram } from '../cli/program.ts'
import { freePort } from '../dns/daemon.ts'
import { API_KEY, Pdns } from '../dns/pdns.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'

const NEEDED = ['nginx', 'pdns_server', 'pdnsutil', 'pebble', 'pebble-challtestsrv', 'openssl']
const TIMEOUT_MS = 120_000
const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/certificates.md'), 'utf8')
const blocks = [...guide.matchAll(/<!-- (\w+) -->\n```(\w+)\n([\s\S]*?)```/g)].map(
  ([, kind = '', , text = '']) => ({ kind, text }),
)

let nginx: DebianNginx
let tlsPort: number
let pdns: Pdns
let pebble: Pebble
let server: Served
let env: Record<string, string>
let work: string

const isPossible = NEEDED.every(has)
beforeAll(async () => {
  if (!isPossible) return
  ;[nginx, pdns, tlsPort] = [await DebianNginx.started(), await Pdns.start(), await freePort()]
  pebble = await Pebble.start({ httpPort: nginx.port, dnsServer: `127.0.0.1:${pdns.port}` })
  work = join(nginx.folder, 'work')
  for (const name of ['', 'dist', 'bin']) mkdirSync(join(work, name))
  writeFileSync(join(work, 'dist/index.html'), '<h1>Written by hand</h1>\n')
  writeFileSync(join(work, 'api-key'), `${API_KEY}\n`)
  writeFileSync(join(work, 'pebble.pem'), pebble.root)
  const ca = { ...makeCertificate(['A CA'], { isAuthority: true }), name: 'A CA' }
  const own = makeCertificate(['docs.example.com'], { issuer: ca })
  writeFileSync(join(work, 'fullchain.pem'), own.chain + ca.chain)
  writeFileSync(join(work, 'privkey.pem'), own.key)
  const program = join(work, 'bin/fairlead')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src/main.ts')}" "$@"\n`)
  chmodSync(program, 0o755)
  await standUp()
}, TIMEOUT_MS)
afterAll(async () => {
  if (!isPossible) return
  await server.end()
  endAll()
  await Promise.all([pdns.end(), pebble.end()])
  await nginx.remove()
})

/** What the guide for URLs leaves behind: an NGINX, a PowerDNS, and docs.example.com. */
async function standUp(): Promise<void> {
  const owner = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
  const data = join(nginx.folder, 'fairlead')
  expect((await command([...owner, '--data', data], {}, 'seven boats at anchor\n')).code).toBe(0)
  const made = ['key', 'create', '--user', 'ann@example.com', '--name', 'cli', '--data', data, '--json']
  const { key } = JSON.parse((await command(made, {})).out) as { key: string }
  server = await serveProgram(data)
  env = { FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: key }
  const { test: testing, reload } = nginx.plainCommands()
  for (const line of [
    `fairlead setting set gateway.nginx.config ${nginx.config}`,
    `fairlead setting set gateway.nginx.listen 127.0.0.1:${nginx.port}`,
    `fairlead setting set gateway.nginx.tlsListen 127.0.0.1:${tlsPort}`,
    `fairlead setting set gateway.nginx.test -- ${testing.join(' ')}`,
    `fairlead setting set gateway.nginx.reload -- ${reload.join(' ')}`,
    'fairlead setting set gateway.kind nginx',
    'fairlead setting set dns.addresses 127.0.0.1',
    `fairlead dns-provider create powerdns url=${pdns.url} allowPrivateNetwork=on nameservers=127.0.0.1:${pdns.port} --label PowerDNS < api-key`,
    'fairlead deploy ./dist --service web --environment production --create',
    'fairlead environment create staging --service web',
    'fairlead deploy ./dist --service web --environment staging',
    'fairlead url create docs.example.com --service web --environment production',
  ])
    await succeeded(line)
}

/** The line as it is typed, with the CA of this test. */
const here = (line: string): string =>
  line.replace(/letsencrypt(-staging)? /, `${pebble.directoryUrl} --root pebble.pem `)

function run(line: string): Promise<{ code: number; told: string }> {
  const child = spawn('sh', ['-ec', here(line)], {
    cwd: work,
    env: { ...env, PATH: `${join(work, 'bin')}:${process.env['PATH']}`, HOME: work },
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (told += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, told })))
}

async function succeeded(line: string): Promise<string> {
  const { code, told } = await run(line)
  expect([line, told, code]).toEqual([line, told, 0])
  return told
}

/** Who has signed what answers under a name, and the version of TLS that was spoken. */
const answered = (servername: string): Promise<{ issuer: string; names: string; version: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', port: tlsPort, servername, rejectUnauthorized: false },
      () => {
        const { issuer, subjectaltname = '' } = socket.getPeerCertificate()
        resolve({ issuer: String(issuer.CN), names: subjectaltname, version: socket.getProtocol() ?? '' })
        socket.destroy()
      },
    )
    socket.on('error', reject)
  })

const challenges = async (): Promise<string[]> =>
  (await pdns.dump()).filter((line) => line.includes('_acme-challenge'))

/** What is true when a block has been run, by one of its lines. */
const THEN: [line: RegExp, check: (told: string) => Promise<void>][] = [
  [
    /--https auto\n.*url show/,
    async (told) => {
      for (const step of [
        'order the certificate',
        'put up the challenges',
        'put up HTTPS',
        'probe from outside',
      ])
        expect(told).toContain(step)
      expect(told).toMatch(/^HTTPS +auto, valid; plain HTTP leads there/m)
      expect(await answered('docs.example.com')).toMatchObject({
        issuer: expect.stringContaining('Pebble'),
        names: 'DNS:docs.example.com',
      })
      const folder = join(nginx.folder, 'fairlead/certificates')
      const [file = ''] = nginx.names(folder)
      expect((statSync(join(folder, file)).mode & 0o777).toString(8)).toBe('600')
    },
  ],
  [/url renew/, async (told) => expect(told).toContain('fetch the certificate: ')],
  [
    /shop\.example\.com/,
    async () => expect((await answered('shop.example.com')).names).toBe('DNS:shop.example.com'),
  ],
  [
    /preview\.example\.com/,
    async (told) => {
      expect(told).toContain('asked for by dns-01')
      expect((await answered('42.preview.example.com')).names).toBe('DNS:*.preview.example.com')
      expect(await challenges()).toEqual([])
    },
  ],
  [/certificate add/, async () => expect((await answered('docs.example.com')).issuer).toBe('A CA')],
  [/--min-tls 1\.3/, async () => expect((await answered('docs.example.com')).version).toBe('TLSv1.3')],
  [/url list/, async (told) => expect(told).toMatch(/shop\.example\.com.* valid, \d+ days/)],
]

test('each block of it says what it is for', () => {
  expect(blocks.length).toBe((guide.match(/^```\w/gm) ?? []).length)
  expect(blocks.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(5)
})

for (const { text } of blocks.filter(({ kind }) => kind === 'run'))
  needs(...NEEDED)(
    text.trim().split('\n').at(-1) ?? '',
    async () => {
      let told = ''
      for (const line of text.trim().split('\n')) told += await succeeded(line)
      for (const [line, check] of THEN) if (line.test(text)) await check(told)
    },
    TIMEOUT_MS,
  )
