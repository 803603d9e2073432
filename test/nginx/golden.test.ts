/** Every text that is generated, as it was agreed: a case is a file. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { configText } from '../../src/domain/nginx/config.ts'
import { sharedConfig } from '../../src/domain/nginx/http.ts'
import type { NginxPlace } from '../../src/domain/nginx/place.ts'
import { siteConfig } from '../../src/domain/nginx/site.ts'
import { rulesOf } from '../gateway/live-site.ts'

const PLAIN: NginxPlace = {
  data: '/var/lib/fairlead',
  listen: [{ address: null, port: 80 }],
  tlsListen: [{ address: null, port: 443 }],
  tls: null,
  logFolder: '/var/log/nginx',
  version: [1, 22, 1],
  instance: 'k3v9',
}
const ENCRYPTED: NginxPlace = {
  ...PLAIN,
  listen: [{ address: '192.0.2.1', port: 80 }],
  tls: {
    certificate: '/etc/tls/site.pem',
    certificateKey: '/etc/tls/site.key',
  },
  tlsListen: [
    { address: '192.0.2.1', port: 443 },
    { address: '2001:db8::1', port: 8443 },
  ],
  version: [1, 28, 0],
}

const site = (of: Parameters<typeof rulesOf>[0]): HostSite => ({
  kind: 'site',
  environmentId: 'e1',
  site: { link: 'e1-01234567', rules: rulesOf(of), graceFolder: 'e1' },
})

const EMPTY: HostSite = { kind: 'site', environmentId: 'e1', site: null }

const RULES = site({
  files: {},
  ownGzip: ['data.csv.gz'],
  headers: `/*\n  X-Frame-Options: DENY\n  X-Note: say "$host" \\\n/assets/*\n  ! X-Frame-Options\n  X-Of: :splat`,
  redirects: `/old /new\n/Case /new\n/case /other\n/blog/* /news/:splat 302\n/app/* /app.html 200!\n/a /a?b=c`,
  settings: { notFoundHandling: 'single-page-application', buildFolders: ['build/'] },
})

const TLS: HostTls = {
  certificate: 'c1a2',
  redirect: true,
  hsts: { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: false },
  minimum: 'TLSv1.2',
}

const CASES: Record<string, () => string> = {
  'shared-plain': () =>
    configText(
      sharedConfig({
        place: PLAIN,
        generation: '7',
        operator: { http: [], defaultServers: ['[::]:80'] },
        isSecured: false,
      }),
    ),
  'shared-secured': () =>
    configText(
      sharedConfig({
        place: { ...ENCRYPTED, tls: null },
        generation: '7',
        operator: { http: [], defaultServers: ['[2001:db8::1]:8443'] },
        isSecured: true,
      }),
    ).replace(/^map [\s\S]*?^server/m, '…\n\nserver'),
  'site-secured': () => configText(siteConfig('*.example.com', { ...site({ files: {} }), tls: TLS }, PLAIN)),
  'site-strict': () =>
    configText(
      siteConfig(
        'www.example.com',
        {
          ...EMPTY,
          tls: { ...TLS, minimum: 'TLSv1.3', hsts: null },
          extra: 'limit_rate 1m;\nlocation /x { deny all; }',
        },
        { ...ENCRYPTED, modules: ['http_ssl_module', 'http_v2_module'] },
      ),
    ),
  'redirect-both': () =>
    configText(
      siteConfig(
        'example.com',
        {
          kind: 'redirect',
          to: { scheme: null, hostname: 'www.example.com', port: null },
          status: 308,
          tls: { ...TLS, redirect: false },
        },
        { ...PLAIN, modules: ['http_ssl_module'] },
      ),
    ),
  'site-plain': () => configText(siteConfig('www.example.com', site({ files: {} }), PLAIN)),
  'site-rules': () => configText(siteConfig('*.example.com', RULES, ENCRYPTED)),
  'site-empty': () => configText(siteConfig('0.example.com', EMPTY, PLAIN)),
  redirect: () =>
    configText(
      siteConfig(
        'example.com',
        {
          kind: 'redirect',
          to: { scheme: null, hostname: 'www.example.com', port: null },
          status: 301,
        },
        ENCRYPTED,
      ),
    ),
  self: () =>
    configText(
      siteConfig(
        'deploy.example.com',
        { kind: 'self', upstream: { hostname: '127.0.0.1', port: 4750 } },
        ENCRYPTED,
      ),
    ),
}

for (const [name, text] of Object.entries(CASES))
  test(`${name} as it was agreed`, () => {
    const path = join(import.meta.dirname, '../golden/nginx', `${name}.conf`)
    expect(text()).toBe(readFileSync(path, 'utf8'))
  })
