/** Whom HTTPS is trusted by, beside the usual CAs. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Egress } from '../../src/base/egress.ts'
import { HttpClient } from '../../src/base/http.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { selfSigned } from '../../src/base/x509/signed.ts'
import { needs } from '../needs.ts'
import { OpenSsl } from '../x509/openssl.ts'

const DAY_MS = 24 * 3_600_000
const client = new HttpClient()
const openssl = new OpenSsl()
const servers: Server[] = []
afterAll(() => {
  client.close()
  openssl.end()
  for (const server of servers) server.close()
})

async function serving(key: string, cert: string): Promise<number> {
  const server = createServer({ key, cert }, (_, response) => response.end('hello'))
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return (server.address() as AddressInfo).port // it listens on TCP
}

const key = newKey()
const own = selfSigned({
  names: ['ca.example'],
  organization: 'A CA',
  notBefore: Date.now() - DAY_MS,
  notAfter: Date.now() + DAY_MS,
  key,
})
let port: number
beforeAll(async () => {
  port = await serving(key, own)
})

const ask = (url: string, root?: string) =>
  new Egress(client, async () => ['127.0.0.1'])
    .request({
      url,
      allowPrivateNetwork: true,
      deadlineMs: 5_000,
      maxBodyBytes: 1_000,
      ...(root !== undefined && { root }),
    })
    .then(
      ({ body }) => Buffer.from(body).toString(),
      (thrown: { code: string }) => thrown.code,
    )

test('a root that is given is trusted, for its own requests alone', async () => {
  const url = `https://ca.example:${port}/`
  expect(await ask(url)).toBe('unavailable')
  expect(await ask(url, own)).toBe('hello')
  // Over the same client, whose connection is kept.
  expect(await ask(url)).toBe('unavailable')
  expect(await ask(url, own)).toBe('hello')
})

test('and for its own names', async () => {
  expect(await ask(`https://other.example:${port}/`, own)).toBe('unavailable')
  expect(await ask(`https://127.0.0.1:${port}/`, own)).toBe('unavailable')
})

needs('openssl')('a certificate of an address is one for that address', async () => {
  const made = openssl.make({ names: 'IP:127.0.0.1' })
  const port = await serving(made.key, made.certificate)
  expect(await ask(`https://127.0.0.1:${port}/`, made.certificate)).toBe('hello')
  expect(await ask(`https://127.0.0.1:${port}/`)).toBe('unavailable')
  expect(await ask(`https://localhost:${port}/`, made.certificate)).toBe('unavailable')
  expect(await ask(`https://127.0.0.1:${port}/`, `${own}${made.certificate}`)).toBe('hello')
})
