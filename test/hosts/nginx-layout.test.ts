import { describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findBuild, type NginxMachine, setupOf } from '../../src/drivers/nginx/layout.ts'
import { readListen } from '../../src/drivers/nginx/listening.ts'
import { thisMachine } from '../../src/drivers/nginx/machine.ts'
import { readOperatorConfig } from '../../src/drivers/nginx/operator.ts'
import { NginxSettings } from '../../src/drivers/nginx/settings.ts'
import { needs } from '../needs.ts'

/** What `nginx -V` prints where it was built by Debian, by Red Hat, and by hand. */
const BUILDS = {
  debian: `nginx version: nginx/1.22.1
built with OpenSSL 3.0.15 3 Sep 2024
TLS SNI support enabled
configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --http-log-path=/var/log/nginx/access.log --error-log-path=stderr --lock-path=/var/lock/nginx.lock --pid-path=/run/nginx.pid --modules-path=/usr/lib/nginx/modules
`,
  redHat: `nginx version: nginx/1.26.3 (Red Hat Enterprise Linux)
configure arguments: --prefix=/usr/share/nginx --sbin-path=/usr/sbin/nginx --conf-path=/etc/nginx/nginx.conf --error-log-path=/var/log/nginx/error.log --pid-path=/run/nginx.pid --user=nginx --group=nginx
`,
  byHand: `nginx version: nginx/1.27.4
configure arguments: --with-http_ssl_module
`,
}

const machine = (folders: string[], build = BUILDS.debian, userId = 0): NginxMachine => ({
  userId,
  isProgram: (path) => path === '/usr/sbin/nginx',
  isFolder: (path) => folders.includes(path),
  hasIpv6: true,
  build: async () => build,
})

async function found(on: NginxMachine, settings: Partial<NginxSettings> = {}) {
  const all = NginxSettings.parse(settings)
  return setupOf(all, await findBuild(all, on), on)
}

const DEBIAN = ['/etc/nginx/sites-enabled', '/etc/nginx/sites-available', '/etc/nginx/conf.d']

describe('where sites go', () => {
  const LAYOUTS: [what: string, folders: string[], enabled: string, available: string | null][] = [
    ['Debian and Ubuntu', DEBIAN, 'sites-enabled', 'sites-available'],
    ['Red Hat and nginx.org', ['/etc/nginx/conf.d'], 'conf.d', null],
    ['Alpine', ['/etc/nginx/http.d', '/etc/nginx/conf.d'], 'http.d', null],
    ['a folder made by hand', ['/etc/nginx/sites-enabled'], 'sites-enabled', null],
    ['half of Debian', ['/etc/nginx/sites-enabled', '/etc/nginx/conf.d'], 'conf.d', null],
  ]
  for (const [what, folders, enabled, available] of LAYOUTS)
    test(what, async () => {
      expect(await found(machine(folders))).toMatchObject({
        binary: '/usr/sbin/nginx',
        config: '/etc/nginx/nginx.conf',
        enabled: `/etc/nginx/${enabled}`,
        available: available && `/etc/nginx/${available}`,
        test: ['/usr/sbin/nginx', '-t'],
        reload: ['/usr/sbin/nginx', '-s', 'reload'],
        listen: [{ address: null, port: 80 }],
        logFolder: null,
        tls: null,
      })
    })

  test('what is said counts before what is found', async () => {
    const enabled = '/srv/nginx/fairlead'
    expect(await found(machine(DEBIAN), { enabled, config: '/srv/nginx/nginx.conf' })).toMatchObject({
      enabled,
      available: null,
      test: ['/usr/sbin/nginx', '-t', '-c', '/srv/nginx/nginx.conf'],
    })
  })

  test('visits are logged beside the errors, unless it is said otherwise', async () => {
    const on = machine([...DEBIAN, '/var/log/nginx', '/srv/logs'])
    expect(await found(on)).toMatchObject({ logFolder: '/var/log/nginx' })
    expect(await found(on, { logFolder: '/srv/logs' })).toMatchObject({ logFolder: '/srv/logs' })
    expect(await found(on, { logFolder: 'off' })).toMatchObject({ logFolder: null })
    const elsewhere = { config: '/srv/nginx/nginx.conf', enabled: '/srv/nginx/fairlead' }
    expect(await found(on, elsewhere)).toMatchObject({ logFolder: null })
  })

  test('without root, the two commands are those of sudoers', async () => {
    expect(await found(machine(DEBIAN, BUILDS.debian, 1000))).toMatchObject({
      test: ['sudo', '-n', '/usr/sbin/nginx', '-t'],
      reload: ['sudo', '-n', '/usr/sbin/nginx', '-s', 'reload'],
    })
  })

  test('without IPv6, all addresses are those of IPv4', async () => {
    expect(await found({ ...machine(DEBIAN), hasIpv6: false })).toMatchObject({
      listen: [{ address: '0.0.0.0', port: 80 }],
    })
  })

  const REFUSED: [what: string, on: NginxMachine, settings: Partial<NginxSettings>, hint: string][] = [
    ['no NGINX', { ...machine(DEBIAN), isProgram: () => false }, {}, 'apt-get install nginx'],
    ['no NGINX where it is said to be', machine(DEBIAN), { binary: '/opt/nginx' }, 'gateway.nginx.binary'],
    ['no folder of sites', machine([]), {}, 'include /etc/nginx/sites-enabled/*;'],
    ['another program', machine(DEBIAN, 'Apache/2.4'), {}, '-V'],
    ['one that is too old', machine(DEBIAN, BUILDS.debian.replace('1.22.1', '1.18.0')), {}, 'nginx.org'],
    ['a certificate without its key', machine(DEBIAN), { certificate: '/a.pem' }, 'both'],
  ]
  for (const [what, on, settings, hint] of REFUSED)
    test(`${what}: a Fault with what to do`, async () => {
      const fault = await found(on, settings).catch((error: unknown) => error)
      expect(fault).toMatchObject({ name: 'Fault', hint: expect.stringContaining(hint) })
    })

  const WRONG: Record<string, unknown>[] = [
    { enabled: 'sites-enabled' },
    { enabled: '/etc/nginx/$x' },
    { enabled: '/etc/nginx/a;b' },
    { enabled: '/etc/nginx/a b' },
    { test: [] },
    { test: ['nginx\n-t'] },
    { listen: [] },
    { listen: [{ address: 'example.com', port: 80 }] },
    { listen: [{ address: null, port: 0 }] },
    { shell: 'sh' },
  ]
  for (const settings of WRONG)
    test(`no setting: ${JSON.stringify(settings)}`, () => {
      expect(NginxSettings.safeParse(settings).success).toBe(false)
    })

  needs('nginx')('this very machine', async () => {
    const build = await findBuild(NginxSettings.parse({}), thisMachine)
    expect(build.version[0]).toBeGreaterThanOrEqual(1)
    expect(build.config).toStartWith('/')
  })
})

test('what each build was made for', async () => {
  const built = async (text: string) => await findBuild(NginxSettings.parse({}), machine(DEBIAN, text))
  expect(await built(BUILDS.debian)).toMatchObject({
    version: [1, 22, 1],
    pid: '/run/nginx.pid',
    errorLog: 'stderr',
    user: 'nobody',
  })
  expect(await built(BUILDS.redHat)).toMatchObject({
    version: [1, 26, 3],
    errorLog: '/var/log/nginx/error.log',
    user: 'nginx',
  })
  expect(await built(BUILDS.byHand)).toMatchObject({
    version: [1, 27, 4],
    config: '/usr/local/nginx/conf/nginx.conf',
    pid: '/usr/local/nginx/logs/nginx.pid',
  })
})

describe('the operator’s configuration', () => {
  function laidOut(files: Record<string, string>) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'operator-')))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text.replaceAll('ROOT', folder))
    }
    mkdirSync(join(folder, 'data/nginx'), { recursive: true })
    mkdirSync(join(folder, 'etc/sites-enabled'), { recursive: true })
    const read = () =>
      readOperatorConfig({
        config: join(folder, 'etc/nginx.conf'),
        prefix: '/usr/share/nginx',
        enabled: join(folder, 'etc/sites-enabled'),
        ours: join(folder, 'data/nginx'),
      })
    return { folder, read, remove: () => rmSync(folder, { recursive: true }) }
  }

  test('is read through its includes, without our own sites', () => {
    const { folder, read, remove } = laidOut({
      'etc/nginx.conf': `user www-data; pid run/nginx.pid; # a comment; with marks {
error_log /var/log/nginx/error.log warn;
include modules/*.conf;
events { }
http {
    include mime.types;
    server_names_hash_bucket_size 64;
    include conf.d/[a-m]*.conf;
    include ROOT/etc/sites-enabled/*;
}
`,
      'etc/mime.types': 'types { text/html html; }\n',
      'etc/modules/one.conf': 'load_module x.so;\n',
      'etc/conf.d/a.conf': `server { listen 80 default_server; include snippets/listen.conf; }\n`,
      'etc/conf.d/z.conf': 'nonsense on;\n',
      'etc/snippets/listen.conf': 'listen [::]:80;\n',
      'etc/sites-enabled/his.conf': 'map_hash_max_size 4096;\nlog_format x \'a;b{$c\' "d\\"}";\n',
      'etc/sites-enabled/.hidden': 'nonsense on;\n',
      'data/nginx/00-fairlead.conf': 'geo $x { default 1; }\n',
    })
    symlinkSync(
      join(folder, 'data/nginx/00-fairlead.conf'),
      join(folder, 'etc/sites-enabled/00-fairlead.conf'),
    )
    const config = read()
    remove()
    expect(config).toMatchObject({
      user: 'www-data',
      pid: '/usr/share/nginx/run/nginx.pid',
      errorLog: '/var/log/nginx/error.log',
      unread: [],
      include: { file: join(folder, 'etc/nginx.conf'), line: 9 },
      httpBlock: { line: 5 },
    })
    expect([...config.http.keys()]).toEqual([
      'server_names_hash_bucket_size',
      'map_hash_max_size',
      'log_format',
    ])
    expect(config.http.get('server_names_hash_bucket_size')).toMatchObject({ args: ['64'], line: 7 })
    expect(config.listens.map(({ args }) => args)).toEqual([['80', 'default_server'], ['[::]:80']])
  })

  const INCLUDES: [line: string, isFound: boolean][] = [
    ['include ROOT/etc/sites-enabled/*.conf;', true],
    ['include sites-enabled/*;', true],
    ['include sites-enabled/0?-*;', true],
    ['include sites-enabled/a*.conf;', false],
    ['include sites-available/*;', false],
    ['', false],
  ]
  for (const [line, isFound] of INCLUDES)
    test(`${isFound ? 'includes' : 'does not include'} sites: ${line}`, () => {
      const { read, remove } = laidOut({ 'etc/nginx.conf': `http { ${line} }` })
      expect(read().include !== null).toBe(isFound)
      remove()
    })

  test('that can not be read says which file and why, and the rest is read', () => {
    const { read, remove } = laidOut({
      'etc/nginx.conf': 'http { include a.conf; include absent.conf; gzip on; }',
      'etc/a.conf': 'server {',
    })
    const config = read()
    remove()
    expect(config.unread).toEqual([
      expect.stringMatching(/a\.conf: line 1: the file ends inside of a block$/),
      expect.stringMatching(/absent\.conf: ENOENT/),
    ])
    expect([...config.http.keys()]).toEqual(['gzip'])
  })

  const LISTENS: [text: string, address: string, port: number][] = [
    ['80', '0.0.0.0', 80],
    ['*:8080', '0.0.0.0', 8080],
    ['127.0.0.1', '127.0.0.1', 80],
    ['127.0.0.1:81', '127.0.0.1', 81],
    ['[::]:80', '::', 80],
    ['[::1]', '::1', 80],
    ['localhost:82', 'localhost', 82],
    ['localhost', 'localhost', 80],
  ]
  for (const [text, address, port] of LISTENS)
    test(`listen ${text}`, () => expect(readListen([text])).toEqual({ address, port }))
  test('listen on a socket', () => expect(readListen(['unix:/run/x.sock'])).toBeNull())
})
