/** The guide for URLs, its lines run in their order: a real NGINX, a real PowerDNS, and the program itself. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, endAll, type Served, serveProgram } from '../cli/program.ts'
import { API_KEY, Pdns } from '../dns/pdns.ts'
import { foreignLines } from '../dns/zone.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'

const NEEDED = ['nginx', 'pdns_server', 'pdnsutil']
const TIMEOUT_MS = 120_000
const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/urls.md'), 'utf8')
const blocks = [...guide.matchAll(/<!-- (\w+) -->\n```(\w+)\n([\s\S]*?)```/g)].map(
  ([, kind = '', , text = '']) => ({ kind, text }),
)

let nginx: DebianNginx
let pdns: Pdns
let server: Served
let env: Record<string, string>
let work: string

const isPossible = NEEDED.every(has)
beforeAll(async () => {
  if (!isPossible) return
  ;[nginx, pdns] = [await DebianNginx.started(), await Pdns.start()]
  work = join(nginx.folder, 'work')
  for (const name of ['', 'dist', 'bin']) mkdirSync(join(work, name))
  writeFileSync(join(work, 'dist/index.html'), '<h1>Written by hand</h1>\n')
  writeFileSync(join(work, 'api-key'), `${API_KEY}\n`)
  const program = join(work, 'bin/fairlead')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src/main.ts')}" "$@"\n`)
  chmodSync(program, 0o755)
  const owner = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
  const data = join(nginx.folder, 'fairlead')
  expect((await command([...owner, '--data', data], {}, 'seven boats at anchor\n')).code).toBe(0)
  const made = ['key', 'create', '--user', 'ann@example.com', '--name', 'cli', '--data', data, '--json']
  const { key } = JSON.parse((await command(made, {})).out) as { key: string }
  server = await serveProgram(data)
  env = { FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: key }
  // What on the reader's machine is where it usually is.
  const { test: testing, reload } = nginx.plainCommands()
  for (const [name, ...words] of [
    ['config', nginx.config],
    ['listen', `127.0.0.1:${nginx.port}`],
    ['test', '--', ...testing],
    ['reload', '--', ...reload],
  ]) {
    const { code, err } = await command(['setting', 'set', `gateway.nginx.${name}`, ...words], env)
    expect([name, err, code]).toEqual([name, err, 0])
  }
}, TIMEOUT_MS)
afterAll(async () => {
  if (!isPossible) return
  await server.end()
  endAll()
  await pdns.end()
  await nginx.remove()
})

test('each block of it says what it is for', () => {
  expect(blocks.length).toBe((guide.match(/^```\w/gm) ?? []).length)
  expect(blocks.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(3)
})

/** The line as it is typed, with the PowerDNS of this test. */
const here = (line: string): string =>
  line
    .replace('http://127.0.0.1:8081', pdns.url)
    .replace('allowPrivateNetwork=on', `allowPrivateNetwork=on nameservers=127.0.0.1:${pdns.port}`)

function run(line: string): Promise<{ code: number; out: string; err: string }> {
  const child = spawn('sh', ['-ec', here(line)], {
    cwd: work,
    env: { ...env, PATH: `${join(work, 'bin')}:${process.env['PATH']}`, HOME: work },
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...texts })))
}

const recordsOf = async (name: string): Promise<string[]> =>
  (await pdns.dump()).filter((line) => line.includes(`${name}.example.com`)).toSorted()

/** What is true when a block has been run, by the end of its last line. */
const THEN: [line: RegExp, check: (told: string) => Promise<void>][] = [
  [
    /url create docs\.example\.com/,
    async (told) => {
      for (const step of [
        'put up the site',
        'write the DNS records',
        'ask the name servers',
        'probe from outside',
      ])
        expect(told).toContain(step)
      expect(await nginx.says('docs.example.com', '/')).toContain('Written by hand')
      const records = await recordsOf('docs')
      expect(records.join('\n')).toContain('203.0.113.5')
      expect(records.join('\n')).toContain('fairlead=1 instance=')
    },
  ],
  [/url probe/, async (told) => expect(told).toContain('✓ Good')],
  [
    /--redirect-to/,
    async () => {
      const answer = await fetch(`http://127.0.0.1:${nginx.port}/a?b=c`, {
        headers: { host: 'www.example.com' },
        redirect: 'manual',
      })
      expect([answer.status, answer.headers.get('location')]).toEqual([
        308,
        expect.stringMatching(/^http:\/\/docs\.example\.com(:\d+)?\/a\?b=c$/),
      ])
    },
  ],
  [
    /url delete/,
    async () => {
      expect(await recordsOf('www')).toEqual([])
      expect(nginx.names(nginx.enabled)).not.toContain('www.example.com.conf')
    },
  ],
]

let foreign: string[] = []
for (const { text } of blocks.filter(({ kind }) => kind === 'run'))
  needs(...NEEDED)(
    text.trim().split('\n').at(-1) ?? '',
    async () => {
      foreign = foreign.length > 0 ? foreign : foreignLines(await pdns.dump())
      let told = ''
      for (const line of text.trim().split('\n')) {
        const { code, out, err } = await run(line)
        expect([line, err, code]).toEqual([line, err, 0])
        told += out + err
      }
      for (const [line, check] of THEN) if (line.test(text)) await check(told)
    },
    TIMEOUT_MS,
  )

needs(...NEEDED)(
  'records that stand there already are shown by the plan, and touched by nothing',
  async () => {
    const place = '--service web --environment production'
    const plan = await run(`fairlead dns plan taken.example.com ${place}`)
    expect([plan.code, plan.out]).toEqual([
      1,
      expect.stringMatching(/^in the way +taken\.example\.com +A .*192\.0\.2\.30/m),
    ])
    const made = await run(`fairlead url create taken.example.com ${place}`)
    expect([made.code, made.err]).toEqual([1, expect.stringContaining('nothing was changed')])
    const other = await run(`fairlead dns plan docs.example.net ${place}`)
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('example.com')])
    expect(foreignLines(await pdns.dump()).filter((line) => foreign.includes(line))).toEqual(foreign)
  },
  TIMEOUT_MS,
)

needs(...NEEDED)(
  'an attach that failed answers with what stands in DNS',
  async () => {
    const headers = { authorization: `Bearer ${env['FAIRLEAD_KEY']}`, 'content-type': 'application/json' }
    const path = '/api/v1/services/web/environments/production/urls?wait=true'
    const body = JSON.stringify({ hostname: 'alias.example.com' })
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body })
    const problem = (await answer.json()) as { code: string; errors: { field: string; message: string }[] }
    expect([answer.status, problem.code]).toEqual([409, 'conflict'])
    expect(problem.errors[0]).toMatchObject({
      field: 'alias.example.com CNAME',
      message: expect.stringContaining('mail.example.com'),
    })
  },
  TIMEOUT_MS,
)
