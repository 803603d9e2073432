/** Fairlead behind a real NGINX that brings HTTPS, with the site that `fairlead doctor nginx` prints. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIMITS } from '../../src/base/limits.ts'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'
import { has, needs } from '../needs.ts'
import { Nginx } from './nginx.ts'
import { Program, ServerProgram, serverPlace } from './program.ts'

const NEEDED = ['nginx', 'openssl', 'curl'] as const
const isHere = NEEDED.every((program) => has(program))
const UPLOAD_BYTES = 200 * 1024 * 1024
const PASSWORD = 'seven boats at anchor'
/** Another address of loopback: to NGINX a client, to Fairlead neither the proxy nor this machine. */
const FROM_OUTSIDE = ['--interface', '127.0.0.2'] as const

const folder = mkdtempSync(join(tmpdir(), 'fairlead-outside-'))
let nginx: Nginx
let server: ServerProgram
let cookie = ''
let key = ''

beforeAll(async () => {
  if (!isHere) return
  const place = await serverPlace(join(folder, 'data'))
  nginx = await Nginx.start(join(folder, 'nginx'), place)
  // Without the address, which the place has already.
  server = await new ServerProgram(place, { more: nginx.serveFlags.slice(2) }).up()
}, 60_000)
afterAll(async () => {
  if (isHere) {
    await nginx.stop()
    await server.end('SIGTERM')
  }
  rmSync(folder, { recursive: true })
})

const json = (value: unknown) => ['-H', 'Content-Type: application/json', '-d', JSON.stringify(value)]
const asPage = () => ['-H', `Cookie: ${cookie}`, '-H', `Origin: ${nginx.url}`]
const asJob = () => ['-H', `Authorization: Bearer ${key}`]

describe('before there is an account', () => {
  needs(...NEEDED)('nobody who comes through the proxy is let in as this machine', async () => {
    for (const headers of [[], ['-H', 'X-Forwarded-For:'], ['-H', 'Host: localhost']]) {
      const { status, body } = await nginx.ask('/api/v1/services', ...headers)
      expect([status, body]).toEqual([401, expect.stringContaining('"code":"unauthenticated"')])
    }
    expect((await nginx.ask('/api/v1/services', '-H', 'Host: 127.0.0.1')).status).toBe(401)
  })

  needs(...NEEDED)(
    'the link of the console leads to the address of people, and makes the owner there',
    async () => {
      const link = new RegExp(`${nginx.url}/setup#(\\S+)`).exec(server.output)
      const [, code = ''] = link ?? []
      const owner = { code, login: 'ann@example.com', name: 'Ann', password: PASSWORD }
      const { status, body } = await nginx.ask('/api/v1/setup', ...json(owner))
      expect([status, body]).toEqual([201, expect.stringContaining('"login":"ann@example.com"')])
    },
  )
})

describe('the page over HTTPS', () => {
  needs(...NEEDED)('has a cookie that the browser holds to this host and to HTTPS', async () => {
    const proof = { login: 'ann@example.com', password: PASSWORD }
    const from = ['-H', `Origin: ${nginx.url}`, '-H', 'Sec-Fetch-Site: same-origin', ...FROM_OUTSIDE]
    const { status, head } = await nginx.ask('/api/v1/session', ...json(proof), ...from)
    expect(status).toBe(201)
    const [, set = ''] = /^set-cookie: (.*)$/m.exec(head) ?? []
    expect(set).toMatch(/^__host-fairlead=\S+; path=\/; max-age=\d+; httponly; samesite=lax; secure\r?$/)
    // The head was made lower case to be read; the value has to be what it was.
    const jar = join(folder, 'cookies')
    await nginx.ask('/api/v1/session', ...json(proof), ...from, '-c', jar)
    const [value = ''] = /fs_\S+/.exec(await Bun.file(jar).text()) ?? []
    cookie = `__Host-fairlead=${value}`
    const who = await nginx.ask('/api/v1/session', ...asPage())
    expect(JSON.parse(who.body)).toMatchObject({ kind: 'user', user: { login: 'ann@example.com' } })
    const plain = await nginx.ask('/api/v1/session', '-H', `Cookie: fairlead=${value}`)
    expect(JSON.parse(plain.body)).toMatchObject({ user: null })
  })

  needs(...NEEDED)('is told to stay with HTTPS, and changes come from this origin alone', async () => {
    const { head } = await nginx.ask('/')
    expect(head).toContain('strict-transport-security: max-age=63072000')
    const body = json({ name: 'web', kind: 'static' })
    for (const origin of ['https://evil.example', nginx.url.replace('https:', 'http:'), 'null']) {
      const headers = ['-H', `Cookie: ${cookie}`, '-H', `Origin: ${origin}`]
      const { status } = await nginx.ask('/api/v1/services', ...body, ...headers)
      expect([origin, status]).toEqual([origin, 403])
    }
    expect((await nginx.ask('/api/v1/services', ...body, ...asPage())).status).toBe(201)
  })

  needs(...NEEDED)(
    'plain HTTP is sent to HTTPS with the path as it was asked, and brings no header along',
    async () => {
      const { httpPort } = nginx
      const hosts = ['deploy.example.com', 'evil.example']
      for (const host of hosts)
        for (const path of ['/', '/a?b=c', '/a%0d%0aX-Injected:%201', '//evil.example/%2e%2e', '/$host;x'])
          for (const method of ['GET', 'POST']) {
            const args = ['-X', method, '--path-as-is', '-H', `Host: ${host}`]
            const { status, head } = await nginx.curl(`http://deploy.example.com:${httpPort}${path}`, args)
            expect([path, status]).toEqual([path, 308])
            expect(head).toContain(`\r\nlocation: ${nginx.url}${path.toLowerCase()}\r\n`)
            expect(head).not.toMatch(/^x-injected/m)
          }
    },
  )
})

describe('N24 J11 who asks', () => {
  const FORGED = ['X-Forwarded-For: 203.0.113.9', 'X-Real-IP: 203.0.113.9', 'Forwarded: for=203.0.113.9']
  const forged = FORGED.flatMap((header) => ['-H', header])
  const signIn = () => json({ login: 'ann@example.com', password: PASSWORD })

  needs(...NEEDED)(
    'is the client of NGINX in the sessions and in the audit, whatever it claims',
    async () => {
      expect((await nginx.ask('/api/v1/session', ...signIn(), ...FROM_OUTSIDE, ...forged)).status).toBe(201)
      const sessions = await nginx.ask('/api/v1/profile/sessions', ...asPage(), ...FROM_OUTSIDE)
      const { items } = JSON.parse(sessions.body) as { items: { address: string }[] }
      expect(items.map(({ address }) => address)).toContain('127.0.0.2')
      expect(sessions.body).not.toContain('203.0.113.9')
      const audit = await nginx.ask('/api/v1/audit', ...asPage())
      expect(audit.body).toContain('"address":"127.0.0.2"')
      expect(audit.body).not.toContain('203.0.113.9')
    },
  )

  needs(...NEEDED)('is the peer where nobody is between, whatever it claims', async () => {
    const direct = `http://127.0.0.1:${server.place.port}/api/v1/session`
    const claims = ['-H', 'X-Forwarded-For: 203.0.113.9']
    const host = ['-H', 'Host: deploy.example.com']
    const outsider = await nginx.curl(direct, [...signIn(), ...host, ...claims, ...FROM_OUTSIDE])
    expect(outsider.status).toBe(201)
    expect((await nginx.ask('/api/v1/audit', ...asPage())).body).not.toContain('203.0.113.9')
  })

  needs(...NEEDED)('is whom the proxy names, and nobody else names anybody', async () => {
    const direct = `http://127.0.0.1:${server.place.port}/api/v1/session`
    const claims = ['-H', 'X-Forwarded-For: 203.0.113.7, 198.51.100.7']
    const fromProxy = await nginx.curl(direct, [...signIn(), '-H', 'Host: deploy.example.com', ...claims])
    expect(fromProxy.status).toBe(201)
    const { body } = await nginx.ask('/api/v1/audit', ...asPage())
    expect(body).toContain('"address":"198.51.100.7"')
    expect(body).not.toContain('203.0.113')
  })

  needs(...NEEDED)(
    'is counted alone: who guesses is held up, and his neighbours are not',
    async () => {
      const guess = json({ login: 'nobody@example.com', password: 'a guess' })
      const statuses: number[] = []
      let head = ''
      while (statuses.at(-1) !== 429 && statuses.length < 40) {
        const claims = ['-H', `X-Forwarded-For: 203.0.113.${statuses.length}`, '--interface', '127.0.0.4']
        const answer = await nginx.ask('/api/v1/session', ...guess, ...claims)
        statuses.push(answer.status)
        head = answer.head
      }
      const { burst } = LIMITS.rate.failuresBySource
      expect(statuses.slice(0, burst)).toEqual(Array(burst).fill(401))
      expect(statuses.at(-1)).toBe(429)
      expect(head).toMatch(/^retry-after: \d+\r$/m)
      expect((await nginx.ask('/api/v1/session', ...signIn(), '--interface', '127.0.0.5')).status).toBe(201)
    },
    30_000,
  )

  needs(...NEEDED)('links lead to --url, not to where a header says', async () => {
    const invite = json({ login: 'ben@example.com', role: 'viewer' })
    const headers = ['X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: http', 'X-Forwarded-Port: 1']
    const { status, body } = await nginx.ask(
      '/api/v1/invitations',
      ...invite,
      ...asPage(),
      ...headers.flatMap((header) => ['-H', header]),
    )
    expect(status).toBe(201)
    expect((JSON.parse(body) as { url: string }).url).toStartWith(`${nginx.url}/invitation#`)
  })

  needs(...NEEDED)('N12 another host than the own one is told nothing', async () => {
    const absolute = await nginx.raw(
      'GET https://evil.example/api/v1/services HTTP/1.1\r\nHost: deploy.example.com\r\nConnection: close\r\n\r\n',
    )
    expect(absolute).toMatch(/^HTTP\/1\.1 421 /)
    expect((await nginx.ask('/api/v1/services', '-H', 'Host: evil.example')).status).toBe(421)
    const two = 'GET / HTTP/1.1\r\nHost: deploy.example.com\r\nHost: evil.example\r\n\r\n'
    expect(await nginx.raw(two)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('what is large and what is slow', () => {
  const deployments = '/api/v1/services/web/environments/production/deployments?wait=true'

  beforeAll(async () => {
    if (!isHere) return
    const args = ['key', 'create', '--user', 'ann@example.com', '--name', 'job', '--json']
    const { output } = await new Program([...args, '--data', server.place.data]).ended
    key = /fl_\w{8}_[\w-]{43}/.exec(output)?.[0] ?? ''
    const out = createWriteStream(join(folder, 'large.tar'))
    for (const part of largeTar()) if (!out.write(part)) await new Promise((next) => out.once('drain', next))
    await new Promise((done) => out.end(done))
  }, 60_000)

  needs(...NEEDED)(
    'an archive of 200 MiB goes straight through and is live',
    async () => {
      const path = join(folder, 'large.tar')
      const { status, body } = await nginx.ask(deployments, '-X', 'POST', '-T', path, ...asJob())
      expect([status, body]).toEqual([201, expect.stringContaining('"status":"succeeded"')])
      expect(nginx.kept()).toEqual([])
      expect(nginx.log()).not.toContain('buffered to a temporary file')
      const site = `http://production.web.localhost:${server.place.sitesPort}/large.bin`
      expect((await nginx.curl(site, ['-I'])).head).toContain(`content-length: ${UPLOAD_BYTES}`)
    },
    120_000,
  )

  needs(...NEEDED)(
    'which is the work of the printed lines: without them NGINX refuses it, or keeps a copy',
    async () => {
      const other = await Nginx.start(join(folder, 'other'), server.place, (site) =>
        site.replace('proxy_request_buffering off', 'proxy_request_buffering on'),
      )
      const unlimited = await Nginx.start(join(folder, 'limited'), server.place, (site) =>
        site.replace(/client_max_body_size 0;/, ''),
      )
      try {
        const large = ['-X', 'POST', '-T', join(folder, 'large.tar'), ...asJob()]
        expect((await other.ask(deployments, ...large)).status).toBe(201)
        expect(other.log()).toContain('buffered to a temporary file')
        expect((await unlimited.ask(deployments, ...large)).status).toBe(413)
      } finally {
        await other.stop()
        await unlimited.stop()
      }
    },
    120_000,
  )

  needs(...NEEDED)(
    'events are there while the stream goes on',
    async () => {
      const stream = spawn('curl', [
        ...nginx.curlFlags(),
        '-N',
        ...asJob(),
        '-H',
        'Accept: text/event-stream',
        `${nginx.url}/api/v1/events`,
      ])
      let told = ''
      const seen = new Promise<void>((resolve) =>
        stream.stdout.on('data', (chunk: Buffer) => {
          const isFirst = told === ''
          told += chunk.toString()
          // Only when the stream stands does something happen.
          if (isFirst)
            void nginx.ask('/api/v1/services', ...json({ name: 'events', kind: 'static' }), ...asJob())
          if (told.includes('service.created') && told.includes('"events"')) resolve()
        }),
      )
      await seen
      expect(stream.exitCode).toBeNull()
      stream.kill()
    },
    30_000,
  )
})

/** A tar of one file of 200 MiB, and a page. */
function* largeTar(): Generator<Uint8Array> {
  yield tarHeader('index.html', 5)
  yield Buffer.from('large')
  yield tarPadding(5)
  yield tarHeader('large.bin', UPLOAD_BYTES)
  const piece = crypto.getRandomValues(new Uint8Array(65_536))
  for (let sent = 0; sent < UPLOAD_BYTES; sent += piece.length) yield piece
  yield tarPadding(UPLOAD_BYTES)
  yield tarEnd()
}
