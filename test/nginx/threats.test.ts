/** THREATS N01 to N27 against a real NGINX with our configuration, as far as they can be asked of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configText, DIRECTIVES, type Directive, type Item } from '../../src/domain/nginx/config.ts'
import { sharedConfig } from '../../src/domain/nginx/http.ts'
import { provenText } from '../../src/domain/nginx/proof.ts'
import { siteConfig } from '../../src/domain/nginx/site.ts'
import { rulesOf } from '../gateway/live-site.ts'
import { nothingChanged, watch } from '../oracle.ts'
import { CANARY, type CaseSite } from '../serving/table.ts'
import { LiveNginx } from './live-nginx.ts'

const SITE: CaseSite = {
  files: {
    'index.html': 'the site',
    'a.txt': 'a',
    'a/index.html': 'a',
    'x/index.html': 'x',
    'assets/a.js': 'js',
    '.well-known/acme-challenge/token': CANARY,
  },
  headers: `/*
  X-Literal: "q" \\ $http_authorization $document_root \${x} ; { } #
  X-Path: :splat`,
  redirects: '/go/* /to/:splat\n/host/* https://other.example/:splat\n/root/* /:splat',
}

let nginx: LiveNginx
let host: string
let tree: string

beforeAll(async () => {
  nginx = await LiveNginx.start({ logged: true })
  const live = await nginx.put(SITE)
  host = live.host
  tree = join(nginx.builtin.data, 'trees', live.tree)
  await nginx.put({ files: { 'index.html': CANARY, '404.html': CANARY } })
  writeFileSync(join(nginx.builtin.data, 'canary'), CANARY)
  await nginx.load()
})
afterAll(() => nginx.stop())

const get = (path: string, ...headers: string[]) => nginx.ask(`GET ${path} HTTP/1.1`, host, ...headers)
const EMPTY = { kind: 'site', environmentId: 'e1', site: null } as const
const TLS = { redirect: true, hsts: null, minimum: 'TLSv1.2' } as const

describe('host names', () => {
  test('N01 N03 N04 N05: what is no canonical name has no text', () => {
    const wrong = [
      'x.test; return 200 owned',

      'x{',
      'x}',
      'x"',
      "x'",
      'x\\',
      'x#',
      'x $y',
      'x\ny',
      'x\0',
      'x\u2028',
      'x\ty',
      '',
      '_',
      '$hostname',
      '~^.*$',
      '~*x',
      '.x',
      'x.*',
      '*',
      '*.*.x',
      'host:80',
      'a.test.',
      'A.TEST',
      'ａ.test',
      '..',
      '../x',
    ]
    for (const name of wrong)
      expect([name, nameFault(name)]).toEqual([name, `${JSON.stringify(name)} is no host name`])
    for (const name of ['a', 'a.test', '*.a.test', 'xn--caf-dma.example']) expect(nameFault(name)).toBeNull()
  })

  test('N06 N22: names of any length, and in any order of their files', async () => {
    const names = [
      '0.example.com',
      '00-a.example',
      '00-z.example',
      '0',
      'zz.example',
      '*.wild.example',
      `${'a'.repeat(46)}.x`,
      `${'b'.repeat(63)}.x`,
      `${`${'c'.repeat(49)}.`.repeat(5)}abc`,
    ]
    for (const name of names) nginx.write(name, EMPTY)
    await nginx.load()
    for (const name of [...names, 'any.wild.example']) {
      const answer = await nginx.ask('GET /.well-known/fairlead HTTP/1.1', name.replace('*', 'deep.any'))
      expect([name, answer.body.toString()]).toEqual([name, '{"tree":null,"rules":null}'])
    }
    expect(nginx.log()).not.toMatch(/\[(warn|error|emerg)\]/)
  })

  test('N12: nobody’s Host gets nobody’s site', async () => {
    for (const name of ['unknown.example', '127.0.0.1', `127.0.0.1:${nginx.port}`, 'localhost', `x.${host}`])
      for (const path of ['/', '/a.txt', '/.well-known/fairlead', '/.well-known/acme-challenge/x']) {
        const answer = await nginx.ask(`GET ${path} HTTP/1.1`, name)
        expect([name, path, answer.status]).toEqual([name, path, 404])
        expect(answer.body.toString()).toContain('<p>Not found</p>')
      }
    expect((await nginx.ask('GET / HTTP/1.0', '')).status).toBe(404)
    expect((await nginx.ask('GET / HTTP/1.1', '')).status).toBe(400)
    expect((await nginx.ask('GET / HTTP/1.1', host, `Host: ${host}`)).status).toBe(400)
    for (const name of [`${host}.`, host.toUpperCase(), `${host}:1`])
      expect((await nginx.ask('GET / HTTP/1.1', name)).body.toString()).toBe('the site')
  })
})

const nameFault = (name: string): string | null => {
  try {
    provenText(siteConfig(name, EMPTY, nginx.place), 'a')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

describe('values', () => {
  test('N10: a header is what the bundle says, once', async () => {
    const answer = await get('/a.txt', 'Authorization: secret')
    expect(answer.headers.get('x-literal')).toBe('"q" \\ $http_authorization $document_root ${x} ; { } #')
    expect(answer.headers.get('x-path')).toBe('a.txt')
  })

  test('N11: nothing splits an answer or leaves the site', async () => {
    const breaks = [
      '%0d%0aX-Injected:%201',
      '%0aX-Injected:1',
      '%E5%98%8A%E5%98%8DX-Injected:1',
      '%0d%0a%0d%0a<b>',
    ]
    for (const prefix of ['/go/', '/host/', '/a', '/x/', '/a?', '/go/x?', '/'])
      for (const bad of breaks) {
        const answer = await get(`${prefix}${bad}`)
        expect([prefix, bad, answer.headers.has('x-injected')]).toEqual([prefix, bad, false])
        expect([...answer.headers.values()].join('')).not.toMatch(/[\r\n]/)
      }
    for (const path of [
      '//evil.example',
      '/go///evil.example',
      '/%2fevil.example',
      '/go/%2f%2fevil.example',
      '/root//evil.example',
      '/root/%2fevil.example',
      '/root/\\evil.example',
      '/root/%5cevil.example',
    ]) {
      const location = (await get(path)).headers.get('location')
      expect(location ?? '/').toMatch(/^\/(?![/\\])/)
    }
    const outside = await get('/host/@evil.example/%2f..')
    expect(new URL(outside.headers.get('location') ?? '').hostname).toBe('other.example')
  })

  test('N17: no directive but ours, and none opens a file that is not the operator’s', () => {
    const place = { ...nginx.place, logFolder: '/var/log/nginx' }
    const rules = rulesOf(SITE)
    const items = [
      ...sharedConfig({
        place,
        generation: '1',
        operator: { http: [], defaultServers: [] },
        isSecured: true,
      }),
      ...siteConfig(
        'a.test',
        { kind: 'site', environmentId: 'e1', site: { link: 'e1-0', rules, graceFolder: 'e1' } },
        place,
      ),
      ...siteConfig('b.test', { ...EMPTY, tls: { ...TLS, certificate: 'c1' } }, place),
    ]
    const all = walk(items)
    expect(all.filter(({ name }) => !DIRECTIVES.includes(name))).toEqual([])
    const banned = /^(include|load_module|error_log|ssl_engine|.*_temp_path|alias|perl|.*_by_lua.*|js_|xslt)/
    expect(DIRECTIVES.filter((name) => banned.test(name))).toEqual([])
    const logs = all.filter(({ name }) => name === 'access_log').map(({ args: [path] }) => path)
    expect(new Set(logs)).toEqual(new Set(['/var/log/nginx/fairlead.log', 'off']))
    const certificates = all.filter(({ name }) => name.startsWith('ssl_certificate'))
    expect(certificates.map(({ args: [path] }) => path)).toEqual(
      Array.from({ length: 2 }, () => `${place.data}/certificates/c1.pem`),
    )
    for (const certificate of ['', '..', '../x', 'a/b', 'A', '$x', 'a.pem', 'a;b'])
      expect(() => siteConfig('b.test', { ...EMPTY, tls: { ...TLS, certificate } }, place)).toThrow('no id')
  })

  const walk = (items: readonly Item[]): Directive[] =>
    items.flatMap((item) => ('name' in item ? [item, ...walk(item.block ?? [])] : []))

  test('N02: no text of a user is a comment', () => {
    const text = configText(
      siteConfig(
        'a.test',
        { ...EMPTY, site: { link: 'e1-0', rules: rulesOf(SITE), graceFolder: null } },
        nginx.place,
      ),
    )
    expect(text).not.toMatch(/^\s*#/m)
  })
})

describe('files', () => {
  test('N15: a planted symlink is not followed, nor is one beside a file or above it', async () => {
    const before = watch([nginx.builtin.data], [])
    symlinkSync('/etc/passwd', join(tree, 'passwd'))
    symlinkSync('/etc/passwd', join(tree, 'page.html'))
    symlinkSync(join(nginx.builtin.data, 'canary'), join(tree, 'a.txt.gz'))
    symlinkSync(nginx.builtin.data, join(tree, 'up'))
    mkdirSync(join(tree, 'folder'))
    symlinkSync('/etc/passwd', join(tree, 'folder', '404.html'))
    try {
      for (const path of [
        '/passwd',
        '/page',
        '/page.html',
        '/up/canary',
        '/up/',
        '/up',
        '/folder/',
        '/folder/x',
      ]) {
        const answer = await get(path, 'Accept-Encoding: gzip')
        expect([path, answer.status]).toEqual([path, 404])
        expect(answer.body.toString()).not.toMatch(/root:|canary/)
      }
      const zipped = await get('/a.txt', 'Accept-Encoding: gzip')
      expect([zipped.status, zipped.body.toString()]).toEqual([200, 'a'])
    } finally {
      for (const name of ['passwd', 'page.html', 'a.txt.gz', 'up', 'folder'])
        rmSync(join(tree, name), { recursive: true })
    }
    // The folder itself has another time.
    before.state.set(tree, watch([tree], []).state.get(tree) ?? '')
    nothingChanged(before)
  })

  test('N16: a thousand ways up lead nowhere', async () => {
    const before = watch([nginx.builtin.data], [])
    const ups = [
      '..',
      '%2e%2e',
      '..%2f',
      '%2e%2e%2f',
      '..%5c',
      '..\\',
      '..;',
      '%252e%252e',
      '....',
      '%c0%ae%c0%ae',
      '.%00.',
    ]
    const starts = ['/', '/a/', '/x', '/assets/', '/nope/', '/a/%2f', '/go/', '/host/']
    for (const start of starts)
      for (const up of ups)
        for (const depth of [1, 2, 3, 8])
          for (const end of ['canary', 'etc/passwd', '%2fcanary']) {
            const path = `${start}${Array(depth).fill(up).join('/')}/${end}`
            const answer = await get(path)
            expect([path, [200, 301, 307, 400, 404].includes(answer.status)]).toEqual([path, true])
            expect(answer.body.toString()).not.toMatch(/root:|canary-/)
          }
    nothingChanged(before)
  }, 30_000)

  test('N27: the place where certificates are asked for belongs to the platform', async () => {
    for (const path of ['/.well-known/acme-challenge/token', '/.well-known/%61cme-challenge/token'])
      expect((await get(path)).status).toBe(404)
  })
})

test('N25: a line of the log is one JSON object, whatever a visitor sends', async () => {
  await get('/a.txt?x="}{\\%0a%22', 'User-Agent: "a\\b\x1b[31m\'}\x7f\u00ff', 'Referer: \t"},{"status":"999')
  const lines = readFileSync(join(nginx.folder, 'fairlead.log'), 'utf8').trimEnd().split('\n')
  const last = lines.map((line): unknown => JSON.parse(line)).at(-1)
  expect(last).toMatchObject({
    host,
    method: 'GET',
    status: '200',
    root: tree,
    target: '/a.txt?x="}{\\%0a%22',
  })
})

test('N26: no answer names NGINX’s version, the product or the disk', async () => {
  const REQUESTS: [line: string, ...headers: string[]][] = [
    ['GET /nope HTTP/1.1'],
    ['GET /go/x HTTP/1.1'],
    ['GET /a HTTP/1.1'],
    ['POST /a.txt HTTP/1.1', 'Content-Length: 0'],
    ['DELETE /a.txt HTTP/1.1'],
    ['TRACE /a.txt HTTP/1.1'],
    ['POST /a.txt HTTP/1.1', 'Content-Length: 10000000'],
    ['POST /a.txt HTTP/1.1', 'Content-Length: x'],
    ['GET /%zz HTTP/1.1'],
    [`GET /${'a'.repeat(40_000)} HTTP/1.1`],
    ['GET /a.txt HTTP/1.1', `X-A: ${'a'.repeat(40_000)}`],
    ['GET /a.txt HTTP/1.1', 'Range: bytes=99-'],
    ['GET /a.txt HTTP/9.9'],
  ]
  for (const [line, ...headers] of REQUESTS) {
    const answer = await nginx.ask(line, host, ...headers)
    expect(answer.headers.get('server') ?? 'nginx').toBe('nginx')
    expect([line.slice(0, 40), answer.body.toString()]).toEqual([
      line.slice(0, 40),
      expect.not.stringMatching(/nginx|fairlead|\/tmp|\/trees/i),
    ])
  }
  // NGINX waits for the rest of a body before it closes.
}, 20_000)
