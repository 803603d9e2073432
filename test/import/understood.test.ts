/** What is made of the servers of operators, one case a manner of writing. */
import { describe, expect, test } from 'bun:test'
import { planImport } from '../../src/domain/nginx/import/plan.ts'
import type { ImportUnit } from '../../src/domain/nginx/import/unit.ts'
import { parseConfig, type Statement } from '../../src/domain/nginx/parse.ts'

const FILE = '/etc/nginx/sites-enabled/site'
const LISTENS = {
  listen: [{ address: null, port: 80 }],
  tlsListen: [{ address: null, port: 443 }],
}

function statements(text: string): Statement[] {
  const parsed = parseConfig(text, FILE)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.statements
}

function plan(text: string, files = [{ path: FILE, isByPattern: true, times: 1 }]) {
  const config = { http: statements(text), files, unread: [] }
  return planImport(config, { listens: LISTENS, prefix: '/etc/nginx' })
}

function unit(text: string): ImportUnit {
  const [one, ...more] = plan(text).units
  if (!one || more.length > 0) throw new Error(`${more.length + 1} units`)
  return one
}

const site = (inside: string): string => `server { server_name a.example.com; root /srv/a; ${inside} }`

describe('is understood', () => {
  const SITES: [inside: string, expected: object][] = [
    ['', { root: '/srv/a', htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' }],
    ['location / { try_files $uri $uri/ =404; }', { htmlHandling: 'auto-trailing-slash' }],
    ['location / { root /srv/b/; }', { root: '/srv/b' }],
    ['try_files $uri $uri.html $uri/ =404;', { htmlHandling: 'auto-trailing-slash' }],
    ['try_files $uri $uri/index.html =404;', { htmlHandling: 'drop-trailing-slash' }],
    ['location / { try_files $uri /index.html; }', { notFoundHandling: 'single-page-application' }],
    ['error_page 404 /404.html; location = /404.html { internal; }', { notFoundHandling: '404-page' }],
    ['error_page 404 /e/none.html;', { redirectsText: '/* /e/none.html 404\n' }],
    ['location = /old { return 301 /new; }', { redirectsText: '/old /new 301!\n' }],
    ['location =/old { return /new; }', { redirectsText: '/old /new 302!\n' }],
    ['location = /old { return 308 $scheme://$host/new; }', { redirectsText: '/old /new 308!\n' }],
    ['location /old/ { return 301 /new/; }', { redirectsText: '/old/* /new/ 301!\n' }],
    ['location ~ ^/old/(.*)$ { return 301 /new/$1; }', { redirectsText: '/old/* /new/:splat 301!\n' }],
    ['rewrite ^/x$ /y permanent;', { redirectsText: '/x /y 301!\n' }],
    [
      'rewrite ^/x/(.*) https://b.example.com/$1 redirect;',
      { redirectsText: '/x/* https://b.example.com/:splat 302!\n' },
    ],
    ['rewrite ^/page\\.php$ /page/ permanent;', { redirectsText: '/page.php /page/ 301!\n' }],
    ['add_header X-Robots-Tag none always;', { headersText: '/*\n  X-Robots-Tag: none\n' }],
    [
      'add_header X-A 1; location /d/ { add_header X-B 2; }',
      { headersText: '/*\n  X-A: 1\n/d/*\n  ! X-A\n  X-B: 2\n' },
    ],
    ['add_header X-A 1; location / { add_header X-B 2; }', { headersText: '/*\n  X-B: 2\n' }],
    ['location ~* \\.(css|js)$ { expires 30d; add_header Cache-Control public; }', { headersText: null }],
    ['location ~ /\\.(?!well-known) { deny all; } location ~ /\\.ht { deny all; }', {}],
    ['gzip on; gzip_types text/css; brotli on; charset UTF-8; access_log off; client_max_body_size 1m;', {}],
    ['autoindex off; auth_basic off; disable_symlinks on; types { text/x x; }', {}],
    ['index index.html index.htm index.php;', {}],
  ]
  for (const [inside, expected] of SITES)
    test(inside || 'a root alone', () => {
      const { sites, obstacles } = unit(site(inside))
      expect(obstacles).toEqual([])
      expect(sites).toMatchObject([{ service: 'a-example-com', ...expected }])
    })

  test('plain HTTP that leads to HTTPS, and a second name that leads to the first', () => {
    const tls = 'ssl_certificate c.pem; ssl_certificate_key /k.pem; ssl_protocols TLSv1.3;'
    const { names, obstacles } = unit(`
      server { listen 80; listen [::]:80; server_name a.example.com www.a.example.com; return 301 https://a.example.com$request_uri; }
      server { listen 443 ssl http2; server_name www.a.example.com; ${tls} return 301 https://a.example.com$request_uri; }
      server { listen 443 ssl http2; server_name a.example.com; ${tls} root /srv/a;
               add_header Strict-Transport-Security "max-age=600; preload"; }`)
    expect(obstacles).toEqual([])
    const certificate = { certificate: '/etc/nginx/c.pem', certificateKey: '/k.pem' }
    expect(names).toMatchObject([
      {
        hostname: 'a.example.com',
        kind: 'site',
        https: { ...certificate, redirect: true, hsts: { maxAgeSeconds: 600, preload: true } },
      },
      {
        hostname: 'www.a.example.com',
        kind: 'redirect',
        redirectTo: 'https://a.example.com',
        redirectStatus: 301,
        https: { ...certificate, redirect: false, hsts: null },
        service: 'a-example-com',
      },
    ])
  })

  for (const [text, to, status] of [
    ['return 301 https://b.example.com$request_uri;', 'https://b.example.com', 301],
    ['return 307 $scheme://b.example.com$request_uri;', 'b.example.com', 307],
    ['rewrite ^ https://b.example.com$request_uri? permanent;', 'https://b.example.com', 301],
    ['rewrite ^(.*)$ http://b.example.com$1 redirect;', 'http://b.example.com', 302],
    ['rewrite ^/(.*)$ http://b.example.com/$1 permanent;', 'http://b.example.com', 301],
    ['location / { return 302 http://b.example.com:8080$request_uri; }', 'http://b.example.com:8080', 302],
  ] as const)
    test(`a redirect: ${text}`, () => {
      const { names, obstacles } = unit(`server { server_name a.example.com; ${text} }`)
      expect(obstacles).toEqual([])
      expect(names).toMatchObject([{ kind: 'redirect', redirectTo: to, redirectStatus: status }])
    })

  test('names: of a leading dot, in capitals, for nobody', () => {
    const { hostnames, hasCatchAll } = unit('server { server_name .A.example.com _; root /srv; }')
    expect(hostnames).toEqual(['a.example.com', '*.a.example.com'])
    expect(hasCatchAll).toBe(true)
  })

  test('servers of files without a name are left alone', () => {
    expect(plan('server { listen 80 default_server; server_name _; root /srv; }')).toMatchObject({
      units: [],
      leftAlone: [FILE],
    })
  })
})

describe('is not understood', () => {
  const CASES: [inside: string, why: string, accept?: string][] = [
    ['location / { proxy_pass http://127.0.0.1:1; }', 'passes requests on'],
    ['location ~ \\.php$ { fastcgi_pass unix:/x; }', 'passes requests on'],
    ['location /f/ { alias /srv/f/; }', 'in another folder'],
    ['location /f/ { root /srv/f; }', 'does not know'],
    ['auth_basic "x";', 'only some visitors'],
    ['allow 10.0.0.0/8; deny all;', 'only some visitors'],
    ['location /private { deny all; }', 'only some visitors'],
    ['location /private { return 403; }', 'more than a path'],
    ['if ($http_user_agent ~ bot) { return 403; }', 'more than a path'],
    ['set $x 1;', 'more than a path'],
    ['return 301 $target;', 'more than a path'],
    ['rewrite ^/(a|b)$ /c last;', 'more than a path'],
    ['sub_filter a b;', 'makes answers anew'],
    ['ssi on;', 'makes answers anew'],
    ['dav_methods PUT;', 'lets visitors write'],
    ['try_files $uri /index.php?$args;', 'goes to /index.php'],
    ['try_files $uri @app;', 'goes to @app'],
    ['try_files /maintenance.html $uri =404;', 'in a way that Fairlead does not'],
    ['root $document_root;', 'another one for each request'],
    ['index index.htm;', 'the page of a folder is index.htm'],
    ['listen 8080;', 'do not answer there'],
    ['listen unix:/run/x.sock;', 'do not answer there'],
    ['some_module on;', 'does not know'],
    ['autoindex on;', 'lists folders', 'autoindex'],
    ['limit_req zone=a;', 'slows visitors down', 'limits'],
    ['charset iso-8859-1;', 'calls every text UTF-8', 'charset'],
    ['add_header Set-Cookie a=b;', 'reserved', 'headers'],
    ['add_header X-Id $request_id;', 'for each request', 'headers'],
    ['location ~* \\.woff2$ { add_header Access-Control-Allow-Origin *; }', 'kinds of files', 'headers'],
    ['error_page 403 /403.html;', 'only a page for 404', 'error-pages'],
    ['listen 80 default_server;', 'names that nobody has', 'catch-all'],
    ['return 301 https://b.example.com/;', 'whatever the path', 'paths'],
  ]
  for (const [inside, why, accept = null] of CASES)
    test(inside, () => {
      const text =
        inside.startsWith('root') || inside.startsWith('return')
          ? `server { server_name a.example.com; ${inside} }`
          : site(inside)
      const { obstacles } = unit(text)
      const found = obstacles.find((one) => one.why.includes(why))
      expect(found ?? obstacles).toMatchObject({ file: FILE, line: 1, accept })
      expect(found?.remedy).not.toBe('')
    })

  for (const [what, text, why] of [
    ['a name of a pattern', 'server { server_name ~^a a.example.com; root /srv; }', 'regular expression'],
    [
      'a name that ends anyhow',
      'server { server_name a.example.com www.a.*; root /srv; }',
      'no name that a URL',
    ],
    [
      'HTTPS that is elsewhere',
      'server { server_name a.example.com; return 301 https://$host$request_uri; }',
      'no server here answers it',
    ],
    [
      'HTTPS without a certificate',
      'server { listen 443 ssl; server_name a.example.com; root /srv; }',
      'no certificate and key',
    ],
    ['a server without a folder', 'server { server_name a.example.com; }', 'no folder is said'],
    [
      'something for all servers',
      'map $a $b { default 1; } server { server_name a.example.com; root /srv; }',
      'for all servers',
    ],
    [
      'another answer over HTTPS',
      'server { server_name a.example.com; root /a; } server { listen 443 ssl; server_name a.example.com; root /b; ssl_certificate /c; ssl_certificate_key /k; }',
      'something else over plain HTTP',
    ],
  ] as const)
    test(what, () => {
      const { obstacles } = unit(text)
      expect(obstacles.map((one) => one.why).join('\n')).toContain(why)
    })

  test('a file that is named, or named twice, or the main one', () => {
    const text = site('')
    const whyOf = (files: Parameters<typeof plan>[1]) => plan(text, files).units[0]?.obstacles[0]?.why
    expect(whyOf([{ path: FILE, isByPattern: false, times: 1 }])).toContain('names this very file')
    expect(whyOf([{ path: FILE, isByPattern: true, times: 2 }])).toContain('several lines of include')
    expect(whyOf([])).toContain('main file')
  })

  test('an address at which others listen by themselves', () => {
    const { units } = plan(
      `${site('')} server { listen 192.0.2.1:80; server_name a.example.com; root /srv/a; }`,
    )
    expect(units[0]?.obstacles).toEqual([])
    const other = statements('server { listen 192.0.2.1:80; server_name b.example.com; root /srv/b; }')
    const http = [...statements(site('')), ...other.map((one) => ({ ...one, file: `${FILE}2` }))]
    const files = [FILE, `${FILE}2`].map((path) => ({ path, isByPattern: true, times: 1 }))
    const two = planImport({ http, files, unread: [] }, { listens: LISTENS, prefix: '/' })
    expect(two.units[0]?.obstacles[0]?.why).toContain('listens at 192.0.2.1 by itself')
  })
})
