/** Every text that is generated, as it was agreed: a case is a file. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSite } from '../../src/domain/host-site.ts'
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

const RULES = site({
  files: {},
  ownGzip: ['data.csv.gz'],
  headers: `/*\n  X-Frame-Options: DENY\n  X-Note: say "$host" \\\n/assets/*\n  ! X-Frame-Options\n  X-Of: :splat`,
  redirects: `/old /new\n/Case /new\n/case /other\n/blog/* /news/:splat 302\n/app/* /app.html 200!\n/a /a?b=c`,
  settings: { notFoundHandling: 'single-page-application', buildFolders: ['build/'] },
})

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
  'site-plain': () => configText(siteConfig('www.example.com', site({ files: {} }), PLAIN)),
  'site-rules': () => configText(siteConfig('*.example.com', RULES, ENCRYPTED)),
  'site-empty': () =>
    configText(siteConfig('0.example.com', { kind: 'site', environmentId: 'e1', site: null }, PLAIN)),
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
