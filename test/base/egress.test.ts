/** W11 W12 W13 W14 W16: where a typed address may lead. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Egress, isPublic } from '../../src/base/egress.ts'
import { HttpClient } from '../../src/base/http.ts'

let server: Server
let port: number
let seen: string[] = []
const client = new HttpClient()

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${port}/inside` })
    response.end('inside')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  port = (server.address() as AddressInfo).port // it listens on TCP
})
afterAll(() => {
  client.close()
  server.close()
})

/** What a promise is rejected with; null when it is not. */
const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

const ask = (url: string, given: { allow?: boolean; addresses?: string[] } = {}) =>
  new Egress(client, async () => given.addresses ?? ['127.0.0.1']).request({
    url,
    allowPrivateNetwork: given.allow ?? false,
    deadlineMs: 5_000,
    maxBodyBytes: 1_024,
  })

describe('W11 addresses of private networks are not dialled', () => {
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '0',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::7f00:1]',
    '[fd00::1]',
    '[fe80::1]',
    '169.254.169.254',
    '0xA9FEA9FE',
    '100.64.0.1',
    '198.18.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.31.255.255',
    '224.0.0.1',
    '255.255.255.255',
  ]
  for (const host of hosts)
    test(host, async () => {
      seen = []
      expect(await refusal(ask(`https://${host}/`))).toMatchObject({ code: 'forbidden' })
      expect(await refusal(ask(`http://${host}:${port}/`))).toMatchObject({ code: 'forbidden' })
      expect(seen).toEqual([])
    })

  test('an address of this very machine is none of the public internet', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter(isPublic)).toEqual([])
    expect(['1.1.1.1', '2606:4700::1111'].filter(isPublic)).toHaveLength(2)
  })
})

describe('W12 names are judged by every address that they have', () => {
  test('one private address among public ones', async () => {
    const fault = ask('https://idp.test/', { addresses: ['1.1.1.1', '10.0.0.1'] })
    expect(await refusal(fault)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('10.0.0.1'),
    })
  })

  test('the address that was judged is the one that is dialled: the name is looked up once', async () => {
    const answers = [['127.0.0.1'], ['192.0.2.1']]
    let asked = 0
    const egress = new Egress(client, async () => answers[asked++] ?? [])
    const answer = await egress.request({
      url: `http://idp.test:${port}/once`,
      allowPrivateNetwork: true,
      deadlineMs: 5_000,
      maxBodyBytes: 1_024,
    })
    expect(answer.status).toBe(200)
    expect(asked).toBe(1)
  })

  test('a name without an address', async () => {
    expect(await refusal(ask('https://idp.test/', { addresses: [] }))).toMatchObject({ code: 'unavailable' })
    const failing = new Egress(client, async () => {
      throw new Error('ENOTFOUND')
    })
    const given = { url: 'https://x.test/', allowPrivateNetwork: false, deadlineMs: 1_000, maxBodyBytes: 1 }
    expect(await refusal(failing.request(given))).toMatchObject({ code: 'unavailable' })
  })
})

test('W13 redirects are answered, not followed', async () => {
  seen = []
  const answer = await ask(`http://127.0.0.1:${port}/away`, { allow: true })
  expect(answer.status).toBe(302)
  expect(seen).toEqual(['/away'])
})

describe('W14 only web servers', () => {
  for (const url of ['file:///etc/passwd', 'gopher://1.1.1.1/', 'data:,x', 'unix:/run/x', 'x', ''])
    test(`${url || 'nothing'} is refused`, async () => {
      expect(await refusal(ask(url, { allow: true }))).toMatchObject({ code: 'invalid' })
    })

  test('so is a user name in the address', async () => {
    expect(await refusal(ask('https://a:b@idp.test/', { allow: true }))).toMatchObject({ code: 'invalid' })
  })

  for (const service of [22, 25, 6379, 8080])
    test(`port ${service} of a public address`, async () => {
      const fault = ask(`https://idp.test:${service}/`, { addresses: ['1.1.1.1'] })
      expect(await refusal(fault)).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('Port'),
      })
    })
})

describe('plain HTTP', () => {
  test('is for loopback with private networks allowed', async () => {
    const answer = await ask(`http://idp.test:${port}/`, { allow: true })
    expect(Buffer.from(answer.body).toString()).toBe('inside')
  })

  test('and for nothing else', async () => {
    for (const addresses of [['10.0.0.1'], ['1.1.1.1'], ['127.0.0.1', '1.1.1.1']])
      expect(await refusal(ask('http://idp.test/', { allow: true, addresses }))).toMatchObject({
        code: 'forbidden',
      })
    expect(await refusal(ask('http://idp.test/', { addresses: ['1.1.1.1'] }))).toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('plain HTTP for private networks as well', () => {
  const plainly = (addresses: string[], allowPrivateNetwork = true) =>
    new Egress(client, async () => addresses).request({
      url: `http://dns.test:${port}/`,
      allowPrivateNetwork,
      allowPlainHttp: true,
      deadlineMs: 300,
      maxBodyBytes: 1_024,
    })

  test('never goes to a public address', async () => {
    for (const addresses of [['1.1.1.1'], ['10.0.0.1', '1.1.1.1']])
      expect(await refusal(plainly(addresses))).toMatchObject({ code: 'forbidden' })
  })

  test('needs them to be allowed', async () => {
    expect(await refusal(plainly(['127.0.0.1'], false))).toMatchObject({ code: 'forbidden' })
    expect((await plainly(['127.0.0.1'])).status).toBe(200)
  })
})

describe('addresses for who speaks something else than HTTP', () => {
  const addresses = (name: string, has: string[], allowPrivateNetwork = false) =>
    new Egress(client, async () => has).addresses(name, { allowPrivateNetwork, deadlineMs: 1_000 })

  test('are all that a public name has', async () => {
    expect(await addresses('ns.test', ['1.1.1.1', '2606:4700::1111'])).toEqual(['1.1.1.1', '2606:4700::1111'])
    expect(await addresses('9.9.9.9', [])).toEqual(['9.9.9.9'])
  })

  test('are none when one of them is of a private network, unless those are allowed', async () => {
    expect(await refusal(addresses('ns.test', ['1.1.1.1', '10.0.0.53']))).toMatchObject({ code: 'forbidden' })
    expect(await refusal(addresses('127.0.0.1', []))).toMatchObject({ code: 'forbidden' })
    expect(await addresses('ns.test', ['10.0.0.53'], true)).toEqual(['10.0.0.53'])
    expect(await refusal(addresses('ns.test', []))).toMatchObject({ code: 'unavailable' })
  })
})

test('W15 a name server that says nothing is waited for no longer than a web server', async () => {
  const silent = new Egress(client, () => new Promise<string[]>(() => {}))
  const request = { url: 'https://x.test/', allowPrivateNetwork: false, deadlineMs: 20, maxBodyBytes: 1 }
  expect(await refusal(silent.request(request))).toMatchObject({ code: 'unavailable' })
})

test('W15 a longer answer than was asked for is refused', async () => {
  const egress = new Egress(client, async () => ['127.0.0.1'])
  const given = { url: `http://idp.test:${port}/`, allowPrivateNetwork: true, deadlineMs: 5_000 }
  expect(await refusal(egress.request({ ...given, maxBodyBytes: 3 }))).toMatchObject({ code: 'too_large' })
})
