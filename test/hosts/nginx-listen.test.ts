import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { chmodSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { HttpClient } from '../../src/base/http.ts'
import { run } from '../../src/base/run.ts'
import { thisMachine } from '../../src/drivers/nginx/machine.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { CANARY } from '../serving/table.ts'
import { DebianNginx, freePort, signal } from './debian-nginx.ts'

describe('over HTTPS', () => {
  const withTls = needs('nginx', 'openssl')
  let nginx: DebianNginx
  let hosts: Hosts
  let port: number

  beforeAll(async () => {
    nginx = await DebianNginx.started()
    port = await freePort()
    const [certificate, certificateKey] = ['certificate.pem', 'key.pem'].map((name) =>
      join(nginx.folder, name),
    )
    if (certificate === undefined || certificateKey === undefined) throw new Error('Both are named.')
    const made =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=certificate.example'
    await run(['openssl', ...made.split(' '), '-out', certificate, '-keyout', certificateKey])
    const tlsListen = [{ address: '127.0.0.1', port }]
    hosts = nginx.hosts({ certificate, certificateKey, tlsListen })
    await hosts.put('a.example.com', nginx.site(CANARY), signal)
  })
  afterAll(() => nginx.remove())

  /** The name in the certificate that is shown for a name, or how the handshake ended. */
  const shownFor = (servername: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false })
      socket.once('error', (error) => resolve(error.message))
      socket.once('secureConnect', () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
    })

  withTls('the probe asks by Host and SNI, whatever name the certificate has', async () => {
    expect(hosts.probe.url('a.example.com')).toBe(`https://a.example.com:${port}/`)
    const answer = await hosts.probe.ask({ hostname: 'a.example.com', path: '/', signal })
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, CANARY])
  })

  withTls('plain HTTP leads there', async () => {
    expect(await nginx.says('a.example.com', '/x?y=1')).toStartWith('308')
  })

  withTls('N13: a name that nobody has gets no certificate', async () => {
    expect(await shownFor('a.example.com')).toBe('certificate.example')
    expect(await shownFor('unknown.example')).not.toBe('certificate.example')
  })

  withTls('N12: a Host that nobody has, and one that is not that of the SNI, get no site', async () => {
    expect(await nginx.says('unknown.example')).not.toContain(CANARY)
    const client = new HttpClient()
    const crossed = client.request({
      protocol: 'https:',
      anyCertificate: true,
      dial: { address: '127.0.0.1', port },
      host: `unknown.example:${port}`,
      path: '/',
      deadlineMs: 5_000,
      maxBodyBytes: 100_000,
    })
    const body = await crossed.then(
      (answer) => Buffer.from(answer.body).toString(),
      () => 'no answer',
    )
    client.close()
    expect(body).not.toContain(CANARY)
  })

  withTls('a key that only root may read is judged with the whole configuration', async () => {
    chmodSync(join(nginx.folder, 'key.pem'), 0o600)
    await hosts.put('b.example.com', nginx.site('b'), signal)
    const answer = await hosts.probe.ask({ hostname: 'b.example.com', path: '/', signal })
    expect(Buffer.from(answer.body).toString()).toBe('b')
  })

  withTls('a certificate that is not there is told in NGINX’s words, and changes nothing', async () => {
    const certificate = join(nginx.folder, 'absent.pem')
    const wrong = nginx.hosts({
      certificate,
      certificateKey: certificate,
      tlsListen: [{ address: '127.0.0.1', port }],
    })
    const refused = await wrong.put('c.example.com', nginx.site('c'), signal).catch((fault: unknown) => fault)
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining(certificate) })
    expect(await hosts.list(signal)).not.toContain('c.example.com')
  })
})

describe('on all addresses', () => {
  needs('nginx')('sites answer on IPv4, and on IPv6 where there is any', async () => {
    const nginx = await DebianNginx.started()
    const hosts = nginx.hosts({ listen: [{ address: null, port: nginx.port }] })
    await hosts.put('a.example.com', nginx.site('a'), signal)
    expect(await nginx.says('a.example.com')).toBe('200 a')
    expect(await hosts.check(signal)).toEqual([])
    const six = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    expect(thisMachine.hasIpv6).toBe(six.some(({ family }) => family === 'IPv6'))
    await nginx.remove()
  })
})
