/**
 * From the command line to TLS: certificates of a real CA by HTTP-01, and for a wildcard by DNS-01, through both gateways and two
 * name servers. The CA refuses 30 of 100 nonces, thinks before it looks, and takes half of what it knows again.
 */
import { afterAll, describe, expect } from 'bun:test'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { command, endAll, type Served, serveProgram } from '../cli/program.ts'
import * as daemons from '../dns/daemon.ts'
import { KEY, Named } from '../dns/named.ts'
import { API_KEY, Pdns, SCHEMA } from '../dns/pdns.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { needs } from '../needs.ts'
import { Pebble } from './pebble.ts'

const TEST_MS = 180_000
afterAll(async () => {
  endAll()
  await daemons.endAll()
})

interface Zone {
  port: number
  dump(): Promise<string[]>
  end(): Promise<void>
}
/** Starts a name server, and what a person types to have it used; on standard input what nobody may read. */
type Dns = { needed: string[]; start(): Promise<{ zone: Zone; argv: string[]; secret: string }> }

const DNS: Record<string, Dns> = {
  BIND: {
    needed: ['named', 'dig', 'nsupdate'],
    async start() {
      const zone = await Named.start()
      const fields = ['server=127.0.0.1', `port=${zone.port}`, 'zones=example.com', `keyName=${KEY.keyName}`]
      return { zone, argv: ['rfc2136', ...fields], secret: KEY.secret }
    },
  },
  PowerDNS: {
    needed: ['pdns_server', 'pdnsutil', SCHEMA],
    async start() {
      const zone = await Pdns.start()
      return { zone, argv: ['powerdns', `url=${zone.url}`], secret: API_KEY }
    },
  },
}

interface Gateway {
  httpPort: number
  tlsPort: number
  data: string
  server: Served
  end(): Promise<unknown>
}
type StartGateway = { needed: string[]; start(): Promise<Gateway> }

const GATEWAYS: Record<string, StartGateway> = {
  NGINX: {
    needed: ['nginx'],
    async start() {
      const nginx = await DebianNginx.started()
      const data = join(nginx.folder, 'fairlead')
      const server = await started(data)
      const { test, reload } = nginx.plainCommands()
      for (const words of [
        ['config', nginx.config],
        ['listen', `127.0.0.1:${nginx.port}`],
        ['tlsListen', `127.0.0.1:${nginx.tlsPort}`],
        ['test', '--', ...test],
        ['reload', '--', ...reload],
      ])
        await typed(server, ['setting', 'set', `gateway.nginx.${words[0]}`, ...words.slice(1)])
      await typed(server, ['setting', 'set', 'gateway.kind', 'nginx'])
      return { httpPort: nginx.port, tlsPort: nginx.tlsPort, data, server, end: () => nginx.remove() }
    },
  },
  'the builtin gateway': {
    needed: [],
    async start() {
      const data = daemons.newFolder('builtin')
      const tlsPort = await daemons.freePort()
      const server = await started(data, ['--sites-tls-listen', `127.0.0.1:${tlsPort}`])
      return {
        httpPort: Number(new URL(server.sitesUrl).port),
        tlsPort,
        data,
        server,
        end: async () => rmSync(data, { recursive: true }),
      }
    },
  },
}

const keys = new Map<Served, string>()

async function started(data: string, more: string[] = []): Promise<Served> {
  const owner = [
    'user',
    'create',
    '--email',
    'ann@example.com',
    '--role',
    'owner',
    '--password-stdin',
    '--data',
    data,
  ]
  expect(await command(owner, {}, 'seven boats at anchor\n')).toMatchObject({ code: 0 })
  const key = await command([
    'key',
    'create',
    '--user',
    'ann@example.com',
    '--name',
    'cli',
    '--data',
    data,
    '--json',
  ])
  const server = await serveProgram(data, more)
  keys.set(server, (JSON.parse(key.out) as { key: string }).key) // what it prints
  return server
}

async function typed(server: Served, argv: string[], input?: string): Promise<string> {
  const env = { FAIRLEAD_SERVER: server.url, FAIRLEAD_KEY: keys.get(server) ?? '' }
  const { code, out, err } = await command(argv, env, input)
  expect([argv.join(' '), `${out}${err}`, code]).toEqual([argv.join(' '), expect.any(String), 0])
  return `${out}${err}`
}

/** The certificate that answers under a name, when who trusts this root trusts it. */
const answered = (
  port: number,
  servername: string,
  root: string,
): Promise<{ names: string; serial: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca: root }, () => {
      const { subjectaltname: names = '', serialNumber: serial } = socket.getPeerCertificate()
      socket.destroy()
      resolve({ names, serial })
    })
    socket.on('error', reject)
  })

const standing = (data: string, folder: string): string[] =>
  readdirSync(join(data, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  )

async function issues(
  gateway: Gateway,
  { zone, argv, secret }: Awaited<ReturnType<Dns['start']>>,
): Promise<void> {
  const { server, httpPort, tlsPort, data } = gateway
  const before = withoutSoa(await zone.dump())
  const ca = await Pebble.start({ ...SLOW, httpPort, dnsServer: `127.0.0.1:${zone.port}` })
  const run = (line: string, input?: string) => typed(server, line.split(' '), input)
  const site = daemons.newFolder('site')
  writeFileSync(join(site, 'index.html'), '<h1>Over TLS</h1>\n')
  writeFileSync(join(site, 'root.pem'), ca.root)

  await run(`deploy ${site} --service web --environment production --create`)
  await run('setting set dns.addresses 127.0.0.1')
  const fields = [`nameservers=127.0.0.1:${zone.port}`, 'allowPrivateNetwork=on']
  await typed(server, ['dns-provider', 'create', ...argv, ...fields, '--label', 'DNS'], `${secret}\n`)
  await run(`setting authority ${ca.directoryUrl} --root ${join(site, 'root.pem')} --agree-terms`)
  const place = '--service web --environment production'
  await run(`url create docs.example.com --https auto ${place}`)
  await run(`url create *.preview.example.com --https auto ${place}`)

  const root = await ca.issuingRoot()
  const first = await answered(tlsPort, 'docs.example.com', root)
  expect(first.names).toBe('DNS:docs.example.com')
  expect((await answered(tlsPort, '42.preview.example.com', root)).names).toBe('DNS:*.preview.example.com')
  await run('url renew docs.example.com')
  expect((await answered(tlsPort, 'docs.example.com', root)).serial).not.toBe(first.serial)

  expect((await zone.dump()).filter((line) => line.includes('_acme-challenge'))).toEqual([])
  expect(standing(data, 'challenges')).toEqual([])
  for (const name of ['docs.example.com', '*.preview.example.com'])
    await typed(server, ['url', 'delete', name, '--yes'])
  expect(withoutSoa(await zone.dump())).toEqual(before)
  await ca.end()
  rmSync(site, { recursive: true })
}

const SLOW = { badNonces: 30, thinksSeconds: 2, reused: 50 }
const withoutSoa = (lines: string[]): string[] => lines.filter((line) => !/\sSOA\s/.test(line)).toSorted()

for (const [by, gateway] of Object.entries(GATEWAYS))
  describe(`certificates by ${by}`, () => {
    for (const [label, dns] of Object.entries(DNS))
      needs(
        'pebble',
        'pebble-challtestsrv',
        'openssl',
        ...gateway.needed,
        ...dns.needed,
      )(
        `and ${label}: HTTP-01, a wildcard by DNS-01, renewal, and nothing is left`,
        async () => {
          const [at, zone] = [await gateway.start(), await dns.start()]
          await issues(at, zone)
          await at.server.end()
          await zone.zone.end()
          await at.end()
        },
        TEST_MS,
      )
  })
