/** N13: who is shown which certificate, and who is shown none. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type LogLevel, silentLog } from '../../src/base/log.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import { makeCertificate } from '../certificates.ts'
import { needs } from '../needs.ts'
import { rawRequest } from '../serving/table.ts'
import { LiveTls } from './live-tls.ts'

const { signal } = new AbortController()
const logged: [LogLevel, string][] = []
let live: LiveTls
let site: HostSite
/** SHA-256 of certificates by the name of their site. */
const own = new Map<string, string>()

beforeAll(async () => {
  live = await LiveTls.start({ log: { write: (level, message) => void logged.push([level, message]) } })
  site = await live.siteOf({ files: { 'index.html': 'home' } })
  for (const name of ['docs.example.com', '*.example.com', '*.deep.example.com', 'www.example.org'])
    own.set(name, (await live.secure(name, site)).sha256)
  own.set('new.example.com', (await live.secure('new.example.com', site, { minimum: 'TLSv1.3' })).sha256)
  await live.gateway.hosts.put('plain.example.com', site, signal)
})
afterAll(() => live.stop())

/** The fingerprint of the certificate that is shown; null: none, the handshake is refused. */
const shown = (sni: string | null, port = live.tlsPort): Promise<string | null> =>
  new Promise((resolve) => {
    const named = sni === null ? {} : { servername: sni }
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...named }, () => {
      resolve(createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex'))
      socket.destroy()
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(null))
  })

describe('the name that is said chooses the certificate', () => {
  const SHOWN: [sni: string, site: string][] = [
    ['docs.example.com', 'docs.example.com'],
    ['DOCS.Example.COM', 'docs.example.com'],
    ['other.example.com', '*.example.com'],
    ['x.docs.example.com', '*.example.com'],
    ['deep.example.com', '*.example.com'],
    ['x.deep.example.com', '*.deep.example.com'],
    ['a.b.deep.example.com', '*.deep.example.com'],
    ['www.example.org', 'www.example.org'],
  ]
  for (const [sni, name] of SHOWN)
    test(`${sni}: that of ${name}`, async () => {
      expect(await shown(sni)).toBe(own.get(name) ?? 'none was made')
    })

  const REFUSED = [
    'example.com',
    'example.org',
    'docs.example.com.evil.test',
    'docsexample.com',
    'plain.example.com',
    'nobody.test',
    'localhost',
    'e1.test.localhost',
    '*.example.org',
    'a'.repeat(63),
  ]
  for (const sni of REFUSED)
    test(`${sni}: none`, async () => {
      expect(await shown(sni)).toBeNull()
    })

  test('no name: none', async () => {
    expect(await shown(null)).toBeNull()
  })

  test('a name that is given up is refused from then on, and on a connection that is open it is misdirected', async () => {
    await live.secure('gone.example.org', site)
    const kept = connect({
      port: live.tlsPort,
      host: '127.0.0.1',
      servername: 'gone.example.org',
      rejectUnauthorized: false,
    })
    await new Promise((resolve) => kept.once('secureConnect', resolve))
    await live.gateway.hosts.drop('gone.example.org', signal)
    expect(await shown('gone.example.org')).toBeNull()
    const chunks: Buffer[] = []
    kept.on('data', (chunk: Buffer) => chunks.push(chunk))
    kept.write('GET / HTTP/1.1\r\nHost: gone.example.org\r\nConnection: close\r\n\r\n')
    await new Promise((resolve) => kept.once('close', resolve))
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 421 /)
  })
})

describe('a certificate that can’t be shown', () => {
  const path = (id: string) => join(live.data, 'certificates', `${id}.pem`)
  const answers = async (name: string) =>
    (await rawRequest(live.tlsAt(name), `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`))
      .status

  test('refuses its own name and no other, says so once, and counts again when it is whole', async () => {
    const made = makeCertificate(['broken.example.org'])
    await live.secure('broken.example.org', site, { certificate: 'broken' })
    const BROKEN = ['', 'hello', made.key, made.chain, makeCertificate(['x.test']).key + made.chain]
    expect(await shown('broken.example.org')).toBeNull()
    for (const text of BROKEN) {
      writeFileSync(path('broken'), text)
      logged.length = 0
      for (const _ of [1, 2, 3]) expect(await shown('broken.example.org')).toBeNull()
      expect(logged).toEqual([['error', 'The file of a certificate is gone or broken.']])
      expect(await shown('www.example.org')).toBe(own.get('www.example.org') ?? '')
    }
    logged.length = 0
    await live.certificates.put('broken', made)
    expect([await shown('broken.example.org'), logged]).toEqual([made.sha256, []])
  })

  test('goes on from memory when its file is lost while the gateway runs', async () => {
    const made = makeCertificate(['lost.example.org'])
    await live.certificates.put('lost', made)
    await live.secure('lost.example.org', site, { certificate: 'lost' })
    expect(await shown('lost.example.org')).toBe(made.sha256)
    logged.length = 0
    const breakages = [() => rmSync(path('lost')), () => writeFileSync(path('lost'), 'nonsense')]
    for (const breakIt of breakages) {
      breakIt()
      for (const _ of [1, 2]) expect(await shown('lost.example.org')).toBe(made.sha256)
    }
    expect(logged).toHaveLength(breakages.length)
    expect(await answers('lost.example.org')).toBe(200)
  })

  test('another one under the same id is shown from the next handshake on', async () => {
    await live.secure('changed.example.org', site, {
      certificate: await live.certificate(makeCertificate(['a'])),
    })
    for (const _ of [1, 2, 3]) {
      const next = await live.secure('changed.example.org', site)
      expect(await shown('changed.example.org')).toBe(next.sha256)
      const inPlace = makeCertificate(['changed.example.org'])
      const tls = (await live.gateway.hosts.read('changed.example.org', signal))?.tls
      await live.certificates.put(tls?.certificate ?? '', inPlace)
      expect(await shown('changed.example.org')).toBe(inPlace.sha256)
    }
  })

  test('a site whose file can’t be read is nobody’s: the wildcard above it does not answer instead', async () => {
    const file = join(live.data, 'builtin/hosts/unread.example.com.json')
    writeFileSync(file, '{')
    const listen = { hostname: '127.0.0.1', port: 0 }
    const other = builtinGateway({
      data: live.data,
      listen,
      tls: { listen, certificates: live.certificates },
      siteOf: () => null,
      log: silentLog,
    })
    const { port } = await other.startTls()
    expect(await shown('unread.example.com', port)).toBeNull()
    expect(await shown('other.example.com', port)).toBe(own.get('*.example.com') ?? '')
    await other.stop(true)
    rmSync(file)
  })
})

test('a wrong name, no TLS at all and half a greeting are nothing for the log', async () => {
  logged.length = 0
  for (const name of ['nobody.test', 'plain.example.com']) await shown(name)
  const greeting = Buffer.from('160301020001', 'hex').toString('latin1')
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost: docs.example.com\r\n\r\n',
    '\0\0\0\0\0\0',
    `${greeting}${'x'.repeat(600)}`,
  ]) {
    const answer = await rawRequest({ address: '127.0.0.1', port: live.tlsPort }, bytes).catch(() => null)
    expect(answer?.status ?? 0).toBe(0)
  }
  expect(logged).toEqual([])
  expect(await shown('docs.example.com')).toBe(own.get('docs.example.com') ?? '')
})

describe('versions and ciphers', () => {
  const withOpenssl = needs('openssl')

  /** What openssl says about a handshake, and the answer to one request. */
  const openssl = (sni: string, ...flags: string[]): Promise<string> =>
    new Promise((resolve) => {
      const named = flags.includes('-noservername') ? [] : ['-servername', sni]
      const address = ['-connect', `127.0.0.1:${live.tlsPort}`, ...named]
      const weak = ['-cipher', 'ALL:@SECLEVEL=0']
      const child = spawn('openssl', [
        's_client',
        '-ign_eof',
        ...address,
        ...(flags.includes('-cipher') ? [] : weak),
        ...flags,
      ])
      const chunks: Buffer[] = []
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.stdin.on('error', () => undefined) // it may have gone already
      child.stdin.write(`GET / HTTP/1.1\r\nHost: ${sni}\r\nConnection: close\r\n\r\n`)
      child.on('close', () => resolve(Buffer.concat(chunks).toString()))
    })

  const ANSWERED: [what: string, sni: string, ...flags: string[]][] = [
    ['TLS 1.2', 'docs.example.com', '-tls1_2'],
    ['TLS 1.3', 'docs.example.com', '-tls1_3'],
    ['TLS 1.3 where it is the oldest', 'new.example.com', '-tls1_3'],
    [
      'one cipher that everybody has',
      'docs.example.com',
      '-tls1_2',
      '-cipher',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
    ],
  ]
  for (const [what, sni, ...flags] of ANSWERED)
    withOpenssl(`${what} is spoken`, async () => {
      const said = await openssl(sni, ...flags)
      expect(said).toContain('BEGIN CERTIFICATE')
      expect(said).toContain('HTTP/1.1 200 OK')
    })

  const REFUSED: [what: string, sni: string, ...flags: string[]][] = [
    ['TLS 1.0', 'docs.example.com', '-tls1'],
    ['TLS 1.1', 'docs.example.com', '-tls1_1'],
    ['TLS 1.2 where 1.3 is the oldest', 'new.example.com', '-tls1_2'],
    ['the same with ALPN', 'new.example.com', '-tls1_2', '-alpn', 'h2,http/1.1'],
    ['CBC', 'docs.example.com', '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'],
    ['RSA key exchange', 'docs.example.com', '-tls1_2', '-cipher', 'AES128-GCM-SHA256'],
    ['a protocol that is not HTTP', 'docs.example.com', '-tls1_2', '-alpn', 'imap'],
  ]
  for (const [what, sni, ...flags] of REFUSED)
    withOpenssl(`${what} is refused in the handshake`, async () => {
      const said = await openssl(sni, ...flags)
      expect(said).toMatch(/alert/)
      expect(said).not.toContain('HTTP/1.1')
    })

  withOpenssl('a session of TLS 1.2 under another name is none where 1.3 is the oldest', async () => {
    const session = join(live.data, 'session')
    const first = await openssl('docs.example.com', '-tls1_2', '-sess_out', session)
    const again = await openssl('docs.example.com', '-tls1_2', '-sess_in', session)
    expect([first, again].map((said) => said.includes('HTTP/1.1 200 OK'))).toEqual([true, true])
    const elsewhere = await openssl('new.example.com', '-tls1_2', '-sess_in', session)
    expect(elsewhere).not.toContain('HTTP/1.1')
  })

  withOpenssl('an unknown name sees no certificate', async () => {
    for (const flags of [['-tls1_2'], ['-tls1_3'], ['-tls1_2', '-noservername']]) {
      const said = await openssl('nobody.test', ...flags)
      expect(said).toContain('no peer certificate available')
      expect(said).not.toContain('BEGIN CERTIFICATE')
    }
  })
})
