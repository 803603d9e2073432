/** URLs, settings and DNS providers from the command line, against the program itself. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SECRET_FIELDS } from '../../src/cli/driver-fields.ts'
import { DNS_DRIVERS } from '../../src/drivers/index.ts'
import { secretFields } from '../../src/ports/driver.ts'
import { command, endAll, type Served, scratch, serveProgram, writeSite } from './program.ts'
import { type Ended, fairlead } from './terminal.ts'

const SECRET = 'told once, by pdns.conf'
const PLACE = ['--service', 'web', '--environment', 'production']
const folder = scratch()
let server: Served
let key = ''

const env = () => ({ FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: key })
const run = (argv: string[], input?: string): Promise<Ended> => command(argv, env(), input)
const done = async (...argv: string[]): Promise<Ended> => {
  const ended = await run(argv)
  expect([argv, ended.code, ended.err]).toEqual([argv, 0, ended.err])
  return ended
}

beforeAll(async () => {
  const data = join(folder, 'data')
  const owner = ['user', 'create', '--email', 'ann@example.com', '--role', 'owner', '--password-stdin']
  expect((await command([...owner, '--data', data], {}, 'seven boats at anchor\n')).code).toBe(0)
  const made = ['key', 'create', '--user', 'ann@example.com', '--name', 'cli', '--data', data, '--json']
  key = (JSON.parse((await command(made, {})).out) as { key: string }).key
  server = await serveProgram(data)
  const root = writeSite(join(folder, 'dist'), { 'index.html': '<h1>web</h1>' })
  await done('deploy', root, ...PLACE, '--create')
}, 60_000)
afterAll(async () => {
  await server.end()
  endAll()
  rmSync(folder, { recursive: true })
})

describe('settings', () => {
  test('are listed by their dotted names, shown, and changed by words', async () => {
    const { out } = await done('setting', 'list')
    expect(out).toMatch(/^gateway\.kind +builtin$/m)
    expect(out).toMatch(/^gateway\.nginx\.listen +80$/m)
    await done('setting', 'set', 'dns.addresses', '203.0.113.5', '2001:db8::5')
    expect((await done('setting', 'show', 'dns.addresses')).out).toBe('2001:db8::5 203.0.113.5\n')
    await done('setting', 'set', 'dns.ttlSeconds', '60')
    await done('setting', 'set', 'gateway.nginx.listen', '80', '[::1]:8080', '127.0.0.1:8081')
    expect((await done('setting', 'show', 'gateway.nginx.listen', '--json')).out).toBe(
      '[{"address":null,"port":80},{"address":"::1","port":8080},{"address":"127.0.0.1","port":8081}]\n',
    )
    const reload = ['sudo', '-n', '/usr/sbin/nginx', '-s', 'reload']
    const told = await done('setting', 'set', 'gateway.nginx.reload', '--', ...reload)
    expect([told.out, told.err]).toEqual([
      'gateway.nginx.reload  sudo -n /usr/sbin/nginx -s reload\n',
      'Ask the gateway with: fairlead setting test\n',
    ])
    await done('setting', 'set', 'gateway.nginx.reload', 'none')
    expect((await done('setting', 'show', 'gateway.nginx.reload')).out).toBe('none\n')
    expect((await done('setting', 'test')).err).toContain('✓ URLs can be attached')
  }, 60_000)

  test('that there are not, and values that they can not have, are refused', async () => {
    const near = await run(['setting', 'show', 'gateway.knd'])
    expect([near.code, near.err]).toEqual([2, expect.stringContaining('Did you mean gateway.kind?')])
    const wrong = await run(['setting', 'set', 'gateway.kind', 'apache'])
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('gateway.kind: ')])
    expect((await run(['setting', 'set', 'dns.ttlSeconds', 'soon'])).code).toBe(2)
    expect((await run(['setting', 'set', 'gateway.nginx.listen', 'here'])).code).toBe(2)
    expect((await run(['setting', 'set', 'gateway.kind'])).err).toContain('VALUE is missing')
  }, 60_000)
})

describe('URLs', () => {
  test('a plan is a table', async () => {
    const { out } = await done('dns', 'plan', 'grün.example.com', ...PLACE, '--dns', 'manual')
    expect(out).toBe(`name     grün.example.com (xn--grn-ioa.example.com)
gateway  builtin
DNS      by hand
HTTPS    none
         NAME                     TYPE  TTL  VALUES
by hand  xn--grn-ioa.example.com  A     60   203.0.113.5
by hand  xn--grn-ioa.example.com  AAAA  60   2001:db8::5
`)
    const json = await done('dns', 'plan', 'a.example.com', ...PLACE, '--dns', 'none', '--json')
    expect(JSON.parse(json.out)).toMatchObject({ possible: true, dns: { mode: 'none', changes: [] } })
  }, 60_000)

  test('one is attached while its steps are told, listed, probed and detached', async () => {
    const made = await done('url', 'create', 'docs.example.com', ...PLACE, '--dns', 'manual')
    expect(made.out).toBe(`http://docs.example.com:${new URL(server.sitesUrl).port}/\n`)
    expect(made.err).toContain('put up the site: ')
    expect(made.err).toContain('✓ docs.example.com is attached')
    expect(made.err).toContain('These DNS records are to be made by hand:')
    expect(made.err).toContain('fairlead url probe docs.example.com')

    const { out } = await done('url', 'list')
    expect(out).toMatch(
      /^http:\/\/docs\.example\.com:\d+\/ +web\/production +attached +up +by-hand +none +good$/m,
    )
    expect((await done('url', 'list', ...PLACE, '--json')).out).toContain('"docs.example.com"')
    expect((await done('url', 'show', 'DOCS.example.com.')).out).toContain('web/production')
    expect((await done('url', 'probe', 'docs.example.com')).err).toContain('✓ Good')

    const again = await run(['url', 'create', 'docs.example.com', ...PLACE])
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('already')])
    const moved = await run(['setting', 'set', 'gateway.kind', 'nginx'])
    expect([moved.code, moved.err]).toEqual([1, expect.stringContaining('1 URL is attached')])

    expect((await run(['url', 'delete', 'docs.example.com'])).code).toBe(2)
    expect((await done('url', 'delete', 'docs.example.com', '--yes')).err).toContain('✓ Detached')
    const gone = await run(['url', 'show', 'docs.example.com'])
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('There is no URL "docs.example.com"')])
  }, 60_000)

  test('redirects, and what is not waited for', async () => {
    const redirect = ['--redirect-to', 'https://example.com', '--redirect-status', '301', '--dns', 'none']
    const made = await done('url', 'create', 'www.example.com', ...PLACE, ...redirect, '--json')
    expect(JSON.parse(made.out)).toMatchObject({
      kind: 'redirect',
      redirectTo: 'https://example.com',
      redirectStatus: 301,
    })
    const soon = await done('url', 'create', 'soon.example.com', ...PLACE, '--dns', 'none', '--no-wait')
    expect(soon.err).toContain('"fairlead url show soon.example.com"')
  }, 60_000)

  test('what can not be is said before anything is done', async () => {
    const self = await run(['url', 'create', 'deploy.example.com', '--self', '--dns', 'none'])
    expect([self.code, self.err]).toEqual([1, expect.stringContaining('nothing was changed')])
    expect(self.err).toContain('fairlead setting set gateway.kind nginx')
    expect((await run(['url', 'create', 'a.example.com'])).code).toBe(2)
    expect((await run(['url', 'create', 'a_b.example.com', ...PLACE])).err).toContain('holds "_"')
  }, 60_000)

  test('on a terminal it asks first', async () => {
    const argv = ['url', 'create', 'asked.example.com', ...PLACE, '--dns', 'none']
    const no = await fairlead(argv, { env: env(), ask: async () => 'n' })
    expect([no.code, no.err]).toEqual([1, expect.stringContaining('Nothing was changed.')])
    const yes = await fairlead(argv, { env: env(), ask: async () => 'y' })
    expect([yes.code, yes.err]).toEqual([0, expect.stringContaining('✓ asked.example.com is attached')])
    const kept = await fairlead(['url', 'delete', 'asked.example.com'], { env: env(), ask: async () => 'no' })
    expect([kept.code, kept.err]).toEqual([1, expect.stringContaining('nothing was changed')])
  }, 60_000)
})

describe('DNS providers', () => {
  test('each secret of a driver has its flag', () => {
    const secrets = new Set(DNS_DRIVERS.flatMap(secretFields))
    expect([...secrets].toSorted()).toEqual([...SECRET_FIELDS].toSorted())
  }, 60_000)

  test('one is set up with its secret from standard input, tested, changed and deleted; the secret is told nowhere', async () => {
    expect((await done('dns-provider', 'kinds')).out).toMatch(
      /^powerdns {2}PowerDNS.*\n {2}url +text +required/m,
    )
    const create = ['dns-provider', 'create', 'powerdns', 'url=http://127.0.0.1:1', 'allowPrivateNetwork=on']
    const label = ['--label', 'PowerDNS']
    const without = await run([...create, ...label])
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('No api key came')])
    const typed = await run([...create, ...label, `apiKey=${SECRET}`], SECRET)
    expect([typed.code, typed.err]).toEqual([2, expect.stringContaining('--api-key-stdin')])
    const near = await run([...create, ...label, 'serverld=x'], SECRET)
    expect([near.code, near.err]).toEqual([2, expect.stringContaining('Did you mean serverId=…?')])

    const made = await run([...create, ...label], `${SECRET}\n`)
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^apiKey +kept, sealed$/m)])
    expect(made.err).toContain('does not work yet')
    const tested = await run(['dns-provider', 'test', 'PowerDNS'])
    expect([tested.code, tested.err]).toEqual([1, expect.stringContaining('does not answer')])
    // Providers are there, and none of them can be asked.
    const auto = await run(['dns', 'plan', 'x.example.com', ...PLACE])
    expect([auto.code, auto.out]).toEqual([1, ''])

    const elsewhere = ['dns-provider', 'update', 'PowerDNS', 'url=http://127.0.0.1:2']
    expect((await run(elsewhere)).err).toContain('config.apiKey: is missing')
    const moved = await run([...elsewhere, '--api-key-stdin'], SECRET)
    expect([moved.code, moved.out]).toEqual([0, expect.stringContaining('http://127.0.0.1:2')])
    await done('dns-provider', 'update', 'PowerDNS', '--label', 'Cellar')
    const listed = await done('dns-provider', 'list', '--json')
    const shown = await done('dns-provider', 'show', 'Cellar')
    for (const { out, err } of [made, tested, moved, listed, shown]) expect(out + err).not.toContain(SECRET)
    expect((await run(['dns-provider', 'update', 'Cellar'])).code).toBe(2)
    await done('dns-provider', 'delete', 'Cellar', '--yes')
    expect((await done('dns-provider', 'list')).err).toContain('No DNS providers yet')
  }, 60_000)

  test('what its kind can not do without is asked for on a terminal', async () => {
    const asked: string[] = []
    const { code, out } = await fairlead(['dns-provider', 'create', 'rfc2136', '--label', 'BIND'], {
      env: env(),
      ask: async (question) => {
        asked.push(question)
        return { server: '127.0.0.1', zones: 'example.com,example.org', key: 'fairlead' }[
          /Zones|key|server/.exec(question)?.[0].toLowerCase() ?? ''
        ] as string // one of the three
      },
      secret: async () => ({ text: 'c2VjcmV0', isTyped: true }),
    })
    expect([code, asked.length]).toEqual([0, 3])
    expect(out).toMatch(/^zones +example\.com,example\.org$/m)
    await done('dns-provider', 'delete', 'BIND', '--yes')
  }, 60_000)
})
