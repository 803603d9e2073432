/** What an operator adds by hand inside a server of ours: what may stand there, and how it is found again. */
import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { asFault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { configText } from '../../src/domain/nginx/config.ts'
import { addedDirectives, extraDirectives, extraText } from '../../src/domain/nginx/extra.ts'
import type { NginxPlace } from '../../src/domain/nginx/place.ts'
import { provenText } from '../../src/domain/nginx/proof.ts'
import { siteConfig } from '../../src/domain/nginx/site.ts'
import { rulesOf } from '../gateway/live-site.ts'

const PLACE: NginxPlace = {
  data: '/var/lib/fairlead',
  listen: [{ address: null, port: 80 }],
  tlsListen: [{ address: null, port: 443 }],
  tls: null,
  logFolder: null,
  version: [1, 22, 1],
  instance: 'i',
}
const SITE: HostSite = {
  kind: 'site',
  environmentId: 'e1',
  site: { link: 'e1-0', rules: rulesOf({ files: {}, redirects: '/a /b\n' }), graceFolder: null },
}
const TLS = { certificate: 'c1', redirect: true, hsts: null, minimum: 'TLSv1.2' } as const
const REDIRECT: HostSite = {
  kind: 'redirect',
  to: { scheme: null, hostname: 'www.example.com', port: null },
  status: 301,
}
const SELF: HostSite = { kind: 'self', upstream: { hostname: '127.0.0.1', port: 4750 } }
const SITES: [what: string, site: HostSite][] = [
  ['a site', SITE],
  ['a site over HTTPS', { ...SITE, tls: TLS }],
  ['a site over both', { ...SITE, tls: { ...TLS, redirect: false } }],
  ['a redirect over HTTPS', { ...REDIRECT, tls: TLS }],
  ['Fairlead itself', { ...SELF, tls: TLS }],
  ['a site with more already', { ...SITE, extra: 'location /of-before { deny all; }' }],
]
const text = (site: HostSite) => provenText(siteConfig('a.example', site, PLACE), 'a.example')

/** As a hand would: right before the last brace. */
const withinLast = (whole: string, more: string) => whole.replace(/\}\n$/, () => `${more}\n}\n`)

describe('what may stand there', () => {
  const TAKEN: string[] = [
    '',
    'limit_req_status 429;',
    'add_header X-Frame-Options "DENY" always; # why',
    `location /api/ {\n  proxy_pass http://127.0.0.1:3000;\n  proxy_set_header Host $host;\n}`,
    `location ~ "^/a{1,2}$" { if ($request_method = "POST" ) { return 405; } }`,
    `location = /x { return 200 "a;b{c}\\"d\\\\e \\$ \${host}"; }`,
    String.raw`location ~* \.(?:jpg|png)$ { expires 1h; }`,
    'location /ü { deny all; }',
    "log_subrequest 'on';",
  ]
  for (const given of TAKEN)
    test(JSON.stringify(given), () => {
      const read = extraDirectives(given)
      const again = extraText(read)
      expect(extraDirectives(again)).toEqual(read)
      expect(extraText(extraDirectives(again))).toBe(again)
      expect(text({ ...SITE, extra: given })).toEndWith(
        `${configText(read)
          .trimEnd()
          .replace(/^(?=.)/gm, '    ')
          .trimEnd()}\n}\n`.replace(/^\n\}\n$/, '}\n'),
      )
    })

  const REFUSED: [given: string, says: string][] = [
    ['if ($host = x) { return 404; }', '"if"'],
    ['set $a b;', '"set"'],
    ['rewrite ^ /x;', '"rewrite"'],
    ['return 200;', '"return"'],
    ['break;', '"break"'],
    ['server_name other.example;', '"server_name"'],
    ['listen 8080;', '"listen"'],
    ['ssl_certificate /x.pem;', '"ssl_certificate"'],
    ['ssl_certificate_key /x.pem;', '"ssl_certificate_key"'],
    ['include /etc/x.conf;', '"include"'],
    ['location / { include /etc/x.conf; }', '"include"'],
    ['server { listen 80; }', '"server"'],
    ['content_by_lua_block { os.exit() }', 'lua_block'],
    ['location / { content_by_lua_block { os.exit() } }', 'lua_block'],
    ['"if" ($host = x) { return 404; }', '"if"'],
    ['gzip on; return 200;', 'line 1'],
    ['gzip on;\n\nbreak;', 'line 3'],
    ['}', 'closes nothing'],
    ['} server { listen 80;', 'closes nothing'],
    ['location / {', 'inside of a block'],
    ['gzip on', 'inside of a directive'],
    ['add_header X "a', 'not closed'],
    ['gzip on; ;', 'stands alone'],
    ['add_header X "a\nb";', "can't be written"],
    ['add_header X "a\\nb";', "can't be written"],
    ['add_header X a\0b;', "can't be written"],
    [`add_header X ${'x'.repeat(5_000)};`, "can't be written"],
    ['a { b { c { d { e { f on; } } } } }', 'blocks in blocks'],
    ['x'.repeat(LIMITS.nginx.extra.chars + 1), 'longer than'],
  ]
  for (const [given, says] of REFUSED)
    test(`not ${JSON.stringify(given.slice(0, 60))}`, () => {
      let fault: unknown
      try {
        extraDirectives(given)
      } catch (error) {
        fault = error
      }
      expect([asFault(fault).code, asFault(fault).message]).toEqual([
        'invalid',
        expect.stringContaining(says),
      ])
    })

  test('a site with it is no site when it is refused', () => {
    expect(() => text({ ...SITE, extra: 'return 200;' })).toThrow('"return"')
  })
})

describe('what was added is found', () => {
  for (const [what, site] of SITES)
    test(what, () => {
      const ours = text(site)
      const more = 'proxy_buffering off;\nlocation /api { proxy_pass http://127.0.0.1:1; }'
      const found = addedDirectives(ours, withinLast(ours, more))
      expect(found).toEqual({ added: extraText(extraDirectives(more)) })
      if (!('added' in found)) return
      // Written anew with it, it is all there, and nothing was added.
      const kept = text({ ...site, extra: `${site.extra ?? ''}\n${found.added}` })
      expect(addedDirectives(ours, kept)).toEqual(found)
      expect(addedDirectives(kept, kept)).toMatchObject({ why: expect.stringContaining('the same') })
    })

  test('wherever it stands among ours, and in whatever spelling', () => {
    const ours = text({ ...SITE, tls: TLS })
    const lines = ours.split('\n')
    const last = lines.lastIndexOf('server {')
    for (let at = last + 1; at < lines.length - 1; at++) {
      if (!/^ {4}[^ ]/.test(lines[at] ?? '') || /^ {4}\}/.test(lines[at] ?? '')) continue
      const changed = [
        ...lines.slice(0, at),
        '  "proxy_buffering"   "off" ; # mine',
        ...lines.slice(at),
      ].join('\n')
      expect(addedDirectives(ours, changed)).toEqual({ added: 'proxy_buffering off;\n' })
    }
  })

  const NOT: [what: string, change: (ours: string) => string, why: string][] = [
    [
      'a directive of ours that is gone',
      (ours) => ours.replace(/ {4}gzip off;\n(?![\s\S]*gzip off)/, ''),
      'changed or gone',
    ],
    ['one with another value', (ours) => ours.replace(/etag on;(?![\s\S]*etag on;)/, 'etag off;'), 'etag'],
    [
      'two that have changed places',
      (ours) => ours.replace(/( {4}gzip off;\n)( {4}gzip_disable.*\n)(?![\s\S]*gzip off)/, '$2$1'),
      'changed or gone',
    ],
    [
      'one inside a location of ours',
      (ours) => ours.replace(/location \/ \{(?![\s\S]*location \/ \{)/, 'location / {\ndeny all;'),
      'location /',
    ],
    [
      'one in the server that leads to HTTPS',
      (ours) => ours.replace('server {', 'server {\n limit_rate 1;'),
      'outside of the server',
    ],
    ['one before all servers', (ours) => `gzip on;\n${ours}`, 'outside of the server'],
    ['one more server', (ours) => `${ours}server { listen 81; }\n`, 'outside of the server'],
    ['a comment alone', (ours) => `# mine\n${ours}`, 'comments'],
    ['other blanks alone', (ours) => ours.replaceAll('    ', '\t'), 'comments or blanks'],
    ['what decides in order', (ours) => withinLast(ours, 'return 200 mine;'), '"return"'],
    ['an include', (ours) => withinLast(ours, 'include /etc/nginx/mine.conf;'), '"include"'],
    ['another listen', (ours) => withinLast(ours, 'listen 8443 ssl;'), '"listen"'],
    ['what can not be read', (ours) => withinLast(ours, 'gzip on'), "can't be read"],
    ['nothing at all any more', () => '', 'outside of the server'],
    ['a word with a line break', (ours) => withinLast(ours, 'add_header X "a\\nb";'), 'line break'],
  ]
  for (const [what, change, why] of NOT)
    test(`but not ${what}`, () => {
      const ours = text({ ...SITE, tls: TLS })
      const changed = change(ours)
      expect(changed).not.toBe(ours)
      expect(addedDirectives(ours, changed)).toEqual({ why: expect.stringContaining(why) })
    })

  test('property: words of any letters come back as they were', () => {
    const word = fc
      .string({
        unit: fc.constantFrom(...Array.from('ab/$\\"\'{};# \t~^()ü€.*')),
        minLength: 0,
        maxLength: 12,
      })
      .filter((text) => !text.includes('\n'))
    const name = fc.constantFrom('add_header', 'proxy_set_header', 'location', 'limit_rate', 'deny')
    const leaf = fc.record({ words: fc.tuple(name, word, word), inside: fc.constant(null) })
    const any = fc.record({
      words: fc.tuple(name, word),
      inside: fc.option(fc.array(leaf, { maxLength: 3 })),
    })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(leaf, any), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...SITES),
        (added, [, site]) => {
          const ours = text(site)
          const found = addedDirectives(ours, withinLast(ours, extraText(added)))
          expect('added' in found && extraDirectives(found.added)).toEqual(added)
        },
      ),
      { numRuns: 200 },
    )
  })
})
