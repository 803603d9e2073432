/** HTTPS of host names' own, by the driver: when port 443 is taken, what is asked and told, and what a bad file costs. */
import { afterEach, beforeEach, describe, expect } from 'bun:test'
import { chmodSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { HostSite } from '../../src/domain/host-site.ts'
import { thisMachine } from '../../src/drivers/nginx/machine.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { makeCertificate } from '../certificates.ts'
import { needs } from '../needs.ts'
import { handshake } from '../nginx/handshakes.ts'
import { answersAt, DebianNginx, signal } from './debian-nginx.ts'

const withNginx = needs('nginx')
const withOpenssl = needs('nginx', 'openssl')
const NAME = 'a.example.com'
const REFUSED = 'unrecognized name'
let nginx: DebianNginx
let hosts: Hosts
beforeEach(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts()
})
afterEach(() => nginx.remove())

/** Puts a site with a certificate of its own; resolves with the certificate's hash. */
async function secure(name = NAME, by = hosts, site = nginx.site(name)): Promise<string> {
  const { sha256, ...tls } = await nginx.tls(name)
  await by.put(name, { ...site, tls }, signal)
  return sha256
}
const shown = (name: string) => handshake({ port: nginx.tlsPort, name })
const faultOf = (deed: Promise<unknown>) => deed.catch((fault: unknown) => fault)
const asked = async (hostname: string, scheme?: 'http' | 'https') => {
  const answer = await hosts.probe.ask({ hostname, path: '/', signal, ...(scheme && { scheme }) })
  return [answer.status, Buffer.from(answer.body).toString(), answer.certificateSha256]
}

describe('the port of HTTPS', () => {
  const his = () => join(nginx.etc, 'conf.d/his.conf')

  withOpenssl(
    'is taken with the first name that has it, and let go with the last',
    async () => {
      await hosts.put('plain.example.com', nginx.site('plain'), signal)
      expect(await answersAt(nginx.tlsPort)).toBe(false)
      await secure()
      await secure('b.example.com')
      expect(await shown(NAME)).toMatchObject({ name: NAME })
      for (const name of ['plain.example.com', 'unknown.example.com'])
        expect(await shown(name)).toMatchObject({ name: null, alert: 'unrecognized name' })
      // Another process sees what stands.
      const later = nginx.hosts()
      await later.drop(NAME, signal)
      expect(await shown(NAME)).toMatchObject({ alert: 'unrecognized name' })
      expect(await shown('b.example.com')).toMatchObject({ name: 'b.example.com' })
      await later.put('b.example.com', nginx.site('b'), signal)
      expect(await answersAt(nginx.tlsPort)).toBe(false)
      expect(await nginx.says('b.example.com')).toBe('200 b')
    },
    20_000,
  )

  withOpenssl(
    'N13: is not that of a wildcard for names below it that have none',
    async () => {
      const long = `${'l'.repeat(63)}.${'m'.repeat(63)}.${'n'.repeat(63)}.w.example.com`
      const plain = ['a.w.example.com', '*.b.w.example.com', long]
      for (const name of plain) await hosts.put(name, nginx.site('plain'), signal)
      await secure('*.w.example.com')
      const refused = ['a.w.example.com', 'x.b.w.example.com', long]
      for (const name of refused) expect(await shown(name)).toMatchObject({ name: null, alert: REFUSED })
      expect(await shown('c.w.example.com')).toMatchObject({ name: '*.w.example.com' })
      expect(await hosts.check(signal)).toEqual([])
      const later = nginx.hosts()
      await later.drop(long, signal)
      for (const name of refused.slice(0, 2))
        expect(await shown(name)).toMatchObject({ name: null, alert: REFUSED })
      await secure('a.w.example.com', later)
      expect(await shown('a.w.example.com')).toMatchObject({ name: 'a.w.example.com' })
      await later.drop('*.w.example.com', signal)
      expect(await shown('c.w.example.com')).toMatchObject({ alert: REFUSED })
      expect(await nginx.says('x.b.w.example.com')).toBe('200 plain')
    },
    20_000,
  )

  withOpenssl(
    'of a default server of the operator’s stays his, and that is told',
    async () => {
      const { certificate } = await nginx.tls('his.example.com')
      const file = join(nginx.data, 'certificates', `${certificate}.pem`)
      const server = (more: string) =>
        writeFileSync(
          his(),
          `server {
    listen 127.0.0.1:${nginx.tlsPort} ssl default_server;
    ssl_certificate ${file};
    ssl_certificate_key ${file};
    return 200 his;
    ${more}
}
`,
        )
      server('ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;')
      expect(await hosts.check(signal)).toEqual([])
      const told = {
        level: 'warning' as const,
        message: expect.stringContaining(`${his()}, line 2`),
        remedy: expect.stringContaining(`listen 127.0.0.1:${nginx.tlsPort} ssl;`),
      }
      expect(await hosts.checkHttps(signal)).toEqual([told])
      await secure()
      expect(await shown('unknown.example.com')).toMatchObject({ name: 'his.example.com' })
      expect(await shown(NAME)).toMatchObject({ name: NAME })
      expect(await hosts.check(signal)).toContainEqual(told)
      // The oldest version of a name stays what it is; the newest is that of the default server.
      const { sha256: _, ...tls } = await nginx.tls('strict.example.com', { minimum: 'TLSv1.3' })
      await hosts.put('strict.example.com', { ...nginx.site('strict'), tls }, signal)
      const spoken = (name: string, version: string) => handshake({ port: nginx.tlsPort, name, version })
      for (const [name, version, wanted] of [
        [NAME, '1_1', null],
        [NAME, '1_2', 'TLSv1.2'],
        ['strict.example.com', '1_2', null],
        ['strict.example.com', '1_3', 'TLSv1.3'],
      ] as const)
        expect([name, (await spoken(name, version)).version]).toEqual([name, wanted])
      for (const more of ['ssl_protocols TLSv1.2;', '']) {
        server(more)
        await hosts.restore('strict.example.com', { ...nginx.site('again'), tls }, signal)
        const { version } = await spoken('strict.example.com', '1_3')
        const lacking = expect.objectContaining({
          message: expect.stringContaining('does not speak TLS 1.3'),
        })
        const findings = await hosts.checkHttps(signal)
        if (version === null) expect(findings).toContainEqual(lacking)
        else expect(findings).not.toContainEqual(lacking)
      }
    },
    30_000,
  )

  withNginx(
    'that another program has is told before, and no site is changed for it',
    async () => {
      await hosts.put(NAME, nginx.site('old'), signal)
      const other = createServer().listen(nginx.tlsPort, '127.0.0.1')
      await new Promise((resolve) => other.once('listening', resolve))
      expect(await hosts.checkHttps(signal)).toEqual([
        {
          level: 'problem',
          message: expect.stringContaining(`Port ${nginx.tlsPort} is used by another program`),
          remedy: expect.stringContaining('gateway.nginx.tlsListen'),
        },
      ])
      expect(await hosts.check(signal)).toEqual([])
      expect(await faultOf(secure())).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(`bind() to 127.0.0.1:${nginx.tlsPort} failed`),
      })
      expect(hosts.probe.url(NAME)).toStartWith('http://')
      expect(await nginx.says(NAME)).toBe('200 old')
      await new Promise((resolve) => other.close(resolve))
      await secure()
      expect(await hosts.checkHttps(signal)).toEqual([])
    },
    30_000,
  )

  withNginx('where the operator listens without it is told', async () => {
    writeFileSync(his(), `server {\n    listen 127.0.0.1:${nginx.tlsPort};\n}\n`)
    expect(await hosts.checkHttps(signal)).toContainEqual({
      level: 'problem',
      message: expect.stringContaining(`${his()}, line 2`),
      remedy: expect.stringContaining(`listen 127.0.0.1:${nginx.tlsPort} ssl;`),
    })
  })
})

describe('the probe', () => {
  withNginx('asks by HTTPS what has it, and tells which certificate it was shown', async () => {
    await hosts.put(NAME, nginx.site('plain'), signal)
    expect(hosts.probe.url(NAME)).toBe(`http://${NAME}:${nginx.port}/`)
    expect(await asked(NAME)).toEqual([200, 'plain', undefined])
    const sha256 = await secure()
    const https = `https://${NAME}:${nginx.tlsPort}/`
    expect(hosts.probe.url(NAME)).toBe(https)
    expect(nginx.hosts().probe.url(NAME)).toBe(https)
    expect(hosts.probe.url(NAME, 'http')).toBe(`http://${NAME}:${nginx.port}/`)
    expect(await asked(NAME)).toEqual([200, NAME, sha256])
    expect((await asked(NAME, 'http'))[0]).toBe(308)
    // Renewed: another id is another file, so that the text changes and what is served is what is told.
    const renewed = await secure()
    expect(renewed).not.toBe(sha256)
    expect(await asked(NAME)).toEqual([200, NAME, renewed])
    await hosts.drop(NAME, signal)
    expect(hosts.probe.url(NAME)).toBe(`http://${NAME}:${nginx.port}/`)
  })

  withNginx('asks names below a wildcard as the wildcard is asked', async () => {
    const sha256 = await secure('*.example.com')
    await hosts.put('plain.example.com', nginx.site('plain'), signal)
    expect(hosts.probe.url('_.example.com')).toStartWith('https://')
    expect(await asked('_.example.com')).toEqual([200, '*.example.com', sha256])
    expect(await asked('plain.example.com')).toEqual([200, 'plain', undefined])
    expect(hosts.probe.url('a.b.other.example')).toStartWith('http://')
  })
})

describe('the file of a certificate', () => {
  const file = (id: string) => join(nginx.data, 'certificates', `${id}.pem`)
  const ofAnother = (path: string) => {
    const [, chain = ''] = /(-----BEGIN CERTIFICATE[\s\S]*)/.exec(readFileSync(path, 'utf8')) ?? []
    return makeCertificate(['x.example']).key + chain
  }
  const BROKEN: [what: string, mar: (path: string) => void][] = [
    ['is missing', (path) => rmSync(path)],
    ['is empty', (path) => writeFileSync(path, '')],
    ['is none', (path) => writeFileSync(path, 'nonsense')],
    ['has the key of another', (path) => writeFileSync(path, ofAnother(path))],
    ['has no chain', (path) => writeFileSync(path, makeCertificate(['x.example']).key)],
  ]
  for (const [what, mar] of BROKEN) {
    withNginx(`${what}: a new site is refused by its name, and nothing is changed`, async () => {
      await hosts.put(NAME, nginx.site('old'), signal)
      const { sha256: _, ...tls } = await nginx.tls(NAME)
      mar(file(tls.certificate))
      const before = nginx.names(join(nginx.data, 'nginx'))
      const [refused, other] = await Promise.allSettled([
        hosts.put(NAME, { ...nginx.site('new'), tls }, signal),
        hosts.put('b.example.com', nginx.site('b'), signal),
      ])
      expect(refused).toMatchObject({
        reason: {
          code: 'conflict',
          message: expect.stringContaining(file(tls.certificate)),
          hint: expect.stringContaining('fairlead url renew'),
        },
      })
      expect(other.status).toBe('fulfilled')
      await hosts.drop('b.example.com', signal)
      expect(nginx.names(join(nginx.data, 'nginx'))).toEqual(before)
      expect(await nginx.says(NAME)).toBe('200 old')
    })

    withNginx(`${what}: what stands is told, and mended where somebody can`, async () => {
      await secure()
      const id = (await hosts.read(NAME, signal))?.tls?.certificate ?? ''
      mar(file(id))
      expect(await faultOf(hosts.put('b.example.com', nginx.site('b'), signal))).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(file(id)),
      })
      const stood = makeCertificate([NAME])
      let isMended = false
      const mendCertificates = async () => {
        isMended = true
        await nginx.certificates.put(id, stood)
      }
      const mending = nginx.hosts({}, { mendCertificates })
      await mending.put('b.example.com', nginx.site('b'), signal)
      expect(isMended).toBe(true)
      expect((await asked(NAME))[2]).toBe(stood.sha256)
      rmSync(file(id))
      expect(await nginx.hosts({}, { mendCertificates }).check(signal)).toEqual([])
      // Whoever can't mend keeps nobody from what needs none.
      const failing = nginx.hosts({}, { mendCertificates: () => Promise.reject(new Error('no')) })
      await failing.put('c.example.com', nginx.site('c'), signal)
    })
  }
})

withNginx('an NGINX without HTTPS says so before anything is written', async () => {
  const machine = {
    ...thisMachine,
    build: async (binary: string) => (await thisMachine.build(binary)).replace('--with-http_ssl_module', ''),
  }
  const without = nginx.hosts({}, { machine })
  expect(await faultOf(secure(NAME, without))).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('built without'),
  })
  await without.put('b.example.com', nginx.site('b'), signal)
  expect(await without.checkHttps(signal)).toContainEqual({
    level: 'problem',
    message: expect.stringContaining('http_ssl_module'),
    remedy: expect.stringContaining('Install'),
  })
})

describe('what a CA asks for', () => {
  const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
  const path = `/.well-known/acme-challenge/${token}`

  withNginx('is answered by workers who are somebody else, without a reload', async () => {
    await secure()
    await hosts.put('plain.example.com', nginx.site('plain'), signal)
    const reloads = nginx.called('reload')
    for (const hostname of [NAME, 'plain.example.com']) {
      expect(await nginx.says(hostname, path)).toStartWith('404')
      await nginx.challenges.put({ hostname, token }, `${token}.${hostname}`)
      expect(await nginx.says(hostname, path)).toBe(`200 ${token}.${hostname}`)
      await nginx.challenges.drop({ hostname, token })
      expect(await nginx.says(hostname, path)).toStartWith('404')
    }
    expect(nginx.called('reload')).toBe(reloads)
    expect(await hosts.check(signal)).toEqual([])
  })

  needs('nginx', 'root')('that workers may not read is told', async () => {
    await secure()
    chmodSync(join(nginx.data, 'challenges'), 0o700)
    expect(await hosts.check(signal)).toEqual([
      {
        level: 'problem',
        message: expect.stringContaining(`can't pass through ${join(nginx.data, 'challenges')}`),
        remedy: expect.stringContaining('chmod o+x'),
      },
    ])
  })
})

describe('directives of the operator’s', () => {
  withNginx('stand in what is written, and are read back', async () => {
    const extra = 'add_header X-Mine yes always;\nlocation = /mine { return 200 mine; }'
    const site: HostSite = { ...nginx.site('x'), extra }
    await hosts.put(NAME, site, signal)
    expect(await hosts.read(NAME, signal)).toEqual(site)
    expect(readFileSync(join(nginx.data, 'nginx', `${NAME}.conf`), 'utf8')).toContain('X-Mine yes')
  })

  withNginx(
    'that NGINX refuses are told in its words, and those that have no place there before',
    async () => {
      await hosts.put(NAME, nginx.site('x'), signal)
      for (const [extra, code, says] of [
        ['no_such_thing on;', 'conflict', 'no_such_thing'],
        ['gzip on;', 'conflict', 'duplicate'],
        ['return 200;', 'invalid', '"return"'],
        ['gzip on', 'invalid', "can't be read"],
      ] as const)
        expect(await faultOf(hosts.put(NAME, { ...nginx.site('y'), extra }, signal))).toMatchObject({
          code,
          message: expect.stringContaining(says),
        })
      expect(await nginx.says(NAME)).toBe('200 x')
    },
  )
})

withNginx('a site that was changed by hand keeps its port of HTTPS while it stands', async () => {
  await secure()
  const text = join(nginx.data, 'nginx', `${NAME}.conf`)
  writeFileSync(text, `${readFileSync(text, 'utf8')}# mine\n`)
  unlinkSync(text.replace(/\.conf$/, '.json'))
  const later = nginx.hosts()
  await later.put('plain.example.com', nginx.site('plain'), signal)
  expect(await answersAt(nginx.tlsPort)).toBe(true)
  expect(later.probe.url(NAME)).toStartWith('https://')
})
