/** The printed NGINX site: as it was agreed, and with nothing in it that a value has brought along. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fairlead } from './terminal.ts'

const golden = readFileSync(join(import.meta.dirname, '../golden/cli/doctor-nginx.txt'), 'utf8')
const printed = (...flags: string[]) => fairlead(['doctor', 'nginx', ...flags])
const URL_FLAG = ['--url', 'https://deploy.example.com'] as const

type Tree = (string[] | { words: string[]; block: Tree })[]

/** What NGINX reads (ngx_conf_read_token), written anew: words, `;`, braces, quotes, comments. */
function parse(text: string): Tree {
  const tokens = [...text.matchAll(/#.*|"((?:[^"\\]|\\.)*)"|([;{}])|[^\s;{}"#]+/g)].filter(
    ([token]) => !token.startsWith('#'),
  )
  const level = (): Tree => {
    const tree: Tree = []
    let words: string[] = []
    for (let token = tokens.shift(); token; token = tokens.shift()) {
      const [whole, quoted, sign] = token
      if (sign === '}') return tree
      if (sign === ';') tree.push(words)
      else if (sign === '{') tree.push({ words, block: level() })
      else words.push(quoted ?? whole)
      if (sign !== undefined) words = []
    }
    return tree
  }
  return level()
}

describe('doctor nginx', () => {
  test('prints the site as it was agreed, and how Fairlead is started', async () => {
    const { code, out, err } = await printed(...URL_FLAG)
    expect({ code, out }).toEqual({ code: 0, out: golden })
    const serve =
      'fairlead serve --listen 127.0.0.1:4750 --url https://deploy.example.com --trusted-proxy 127.0.0.1'
    expect(err).toBe(`Start Fairlead with: ${serve}\n`)
    const json = await printed(...URL_FLAG, '--json')
    expect(JSON.parse(json.out)).toEqual({ site: golden, serve })
  })

  test('follows the port, the address and the files that are named', async () => {
    const { out } = await printed(
      '--url=https://Deploy.Example.com:8443/',
      '--listen=[::1]:4751',
      '--certificate=/etc/tls/deploy.pem',
      '--certificate-key=/etc/tls/deploy.key',
    )
    const [http, https] = parse(out) as { words: string[]; block: Tree }[]
    expect(http?.block).toContainEqual(['return', '308', 'https://deploy.example.com:8443$request_uri'])
    expect(https?.block).toEqual(
      expect.arrayContaining([
        ['listen', '8443', 'ssl', 'http2'],
        ['ssl_certificate', '/etc/tls/deploy.pem'],
        ['ssl_certificate_key', '/etc/tls/deploy.key'],
      ]),
    )
    expect(JSON.stringify(https)).toContain('"proxy_pass","http://[::1]:4751"')
    expect(out).toContain('fairlead serve --listen [::1]:4751')
    expect(out).toContain('--trusted-proxy ::1\n')
  })

  for (const [listen, upstream, trusted] of [
    ['0.0.0.0:4750', 'http://127.0.0.1:4750', '127.0.0.1'],
    ['[::]:4750', 'http://[::1]:4750', '::1'],
    ['192.0.2.7:80', 'http://192.0.2.7:80', '192.0.2.7'],
  ])
    test(`finds a Fairlead that listens on ${listen}`, async () => {
      const { out } = await printed(...URL_FLAG, `--listen=${listen}`)
      expect(out).toContain(`proxy_pass ${upstream};`)
      expect(out).toContain(`--trusted-proxy ${trusted}\n`)
    })

  test('N01 N02 N09 no value brings a directive along: it is refused', async () => {
    const hosts = 'x;{}$y a$host x{ x} x" x\' x* *.x ~^.*$ x_y x.test. -x x- x..y (x) x,y x=y x!y'
    const long = 'a'.repeat(64)
    for (const host of [...hosts.split(' '), long, `${'a.'.repeat(127)}a`, '[::1]'])
      expect([host, (await printed('--url', `https://${host}/`)).code]).toEqual([host, 2])
    for (const url of [
      'http://deploy.example.com',
      'https://a@b',
      'https://a/b',
      'https://a?b',
      'a',
      'ftp://a',
    ])
      expect([url, (await printed('--url', url)).code]).toEqual([url, 2])
    for (const path of [
      'x.pem',
      '/x y',
      '/x;',
      '/x{',
      '/x"',
      "/x'",
      '/x\\',
      '/x#',
      '/$x',
      '/x\n/y',
      '/ü',
      '/',
    ])
      for (const flag of ['--certificate', '--certificate-key'])
        expect([path, (await printed(...URL_FLAG, `${flag}=${path}`)).code]).toEqual([path, 2])
    for (const listen of [
      'localhost:4750',
      'fairlead.internal:80',
      '999.0.0.1:80',
      '127.0.0.1:0',
      '[::g]:80',
      '4750',
    ])
      expect([listen, (await printed(...URL_FLAG, `--listen=${listen}`)).code]).toEqual([listen, 2])
    expect((await printed()).err).toContain('--url URL is missing.')
  })

  test('N01 what is taken is read back as the same tree, with the values in their places', async () => {
    const shapeOf = (tree: Tree): unknown =>
      tree.map((entry) =>
        Array.isArray(entry) ? [entry[0], entry.length] : [entry.words, shapeOf(entry.block)],
      )
    const agreed = shapeOf(parse(golden))
    for (const host of ['a', 'xn--caf-dma.example', '192.0.2.1', `${'a'.repeat(63)}.${'b-2.'.repeat(40)}c`])
      for (const path of ['/a', '/etc/tls/a+b@c_d-e.f/g.pem', `/${'x'.repeat(500)}`]) {
        const { code, out } = await printed(`--url=https://${host}:65535`, `--certificate=${path}`)
        expect(code).toBe(0)
        expect(shapeOf(parse(out))).toEqual(agreed)
        expect(out).toContain(`    server_name ${host};\n`)
        expect(out).toContain(`    ssl_certificate ${path};\n`)
      }
  })
})
