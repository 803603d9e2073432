import { afterAll, describe, expect, test } from 'bun:test'
import { front } from '../../src/api/server.ts'
import { Fault } from '../../src/base/fault.ts'
import { isWhole, listening, raw, request, statusOf } from './listening.ts'

const SECRET = '/srv/secret-path/file.ts:12'
const logged: unknown[] = []
const server = listening({
  hosts: ['deploy.lan'],
  url: new URL('https://fairlead.example.com'),
  isSelf: (hostname) => hostname === 'self.example.com',
  log: { write: (_level, _message, fields) => void logged.push(fields) },
  places: [
    (_, path) => (path === '/page' ? new Response('the page') : null),
    (_, path) => {
      if (path === '/crash') throw new TypeError(`no such thing at ${SECRET}`)
      return null
    },
  ],
  async api(incoming) {
    if (incoming.url.endsWith('/refuse'))
      throw new Fault('invalid', 'It is wrong.', {
        hint: 'Make it right.',
        errors: [{ field: 'a', message: 'b' }],
      })
    return new Response('the api')
  },
})
afterAll(() => server.stop())

const get = (host: string, path = '/page', more = '') =>
  request(server.port, `GET ${path} HTTP/1.1\nHost: ${host}${more}`)
const post = (host: string, more: string) =>
  request(server.port, `POST /api/v1/x HTTP/1.1\nHost: ${host}\nContent-Length: 0${more}`)

describe('Z11 which hosts are answered', () => {
  const here = (name: string) => `${name}:${server.port}`
  for (const host of [
    'localhost',
    here('localhost'),
    '127.0.0.1',
    '[::1]:4750',
    'LOCALHOST',
    'deploy.lan',
    'fairlead.example.com',
    'self.example.com',
    'self.example.com:8080',
  ])
    test(`${host.replace(/\d{5}$/, 'port')} is`, async () => expect(statusOf(await get(host))).toBe(200))

  for (const host of [
    'evil.test',
    'localhost.evil.test',
    'evil.localhost',
    'localhost.',
    '127.0.0.2',
    '0.0.0.0',
    'xn--lcalhost-7fg',
    'localhost'.repeat(20),
  ])
    test(`${host.slice(0, 40)} is misdirected`, async () =>
      expect([421, 400]).toContain(statusOf(await get(host))))

  for (const host of [
    '',
    'user@localhost',
    'localhost, localhost',
    'local host',
    'localhost/x',
    'localhost:port',
    '[::1',
    'localhost\nHost: localhost',
    'a\nHost: localhost',
  ])
    test(`${JSON.stringify(host)} cannot be read`, async () => expect(statusOf(await get(host))).toBe(400))

  test('a host that is another one is told in a problem, escaped', async () => {
    const answer = await get('evil.test')
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain('"code":"misdirected"')
    expect(answer).toContain('--url')
  })
})

describe('Z11 who may change something', () => {
  const own = `http://localhost:${server.port}`
  const host = `localhost:${server.port}`
  const allowed: [string, string][] = [
    ['a script without any of it', ''],
    ['our own page', `\nOrigin: ${own}\nSec-Fetch-Site: same-origin`],
    ['a bookmark', '\nSec-Fetch-Site: none'],
    ['our page behind the proxy that --url tells of', '\nOrigin: https://fairlead.example.com'],
  ]
  for (const [what, headers] of allowed)
    test(`${what} may`, async () => expect(statusOf(await post(host, headers))).toBe(200))

  const refused: [string, string][] = [
    ['another site', '\nSec-Fetch-Site: cross-site'],
    ['a site of ours on another port', '\nSec-Fetch-Site: same-site'],
    ['an unknown word', '\nSec-Fetch-Site: whatever'],
    ['a foreign origin', '\nOrigin: https://evil.test'],
    ['a sandboxed frame', '\nOrigin: null'],
    ['an empty origin', '\nOrigin: '],
    ['another port', `\nOrigin: http://localhost:${server.port + 1}`],
    ['another name of loopback', `\nOrigin: http://127.0.0.1:${server.port}`],
    ['another scheme', `\nOrigin: https://localhost:${server.port}`],
    ['an origin with a path', `\nOrigin: ${own}/`],
    ['two origins', `\nOrigin: ${own}\nOrigin: https://evil.test`],
    ['a plain page of the name that is served by TLS', '\nOrigin: http://fairlead.example.com'],
    ['a foreign origin that says same-origin', '\nOrigin: https://evil.test\nSec-Fetch-Site: same-origin'],
  ]
  for (const [what, headers] of refused)
    test(`${what} may not`, async () => {
      const answer = await post(host, headers)
      expect(statusOf(answer)).toBe(403)
      expect(answer).toContain('"code":"forbidden"')
    })

  for (const origin of [
    'http://self.example.com',
    'https://self.example.com',
    'http://self.example.com:8080',
  ])
    test(`the page at ${origin} may, when a gateway brings it here`, async () =>
      expect(statusOf(await post('self.example.com', `\nOrigin: ${origin}`))).toBe(200))

  for (const [origin, to] of [
    ['https://evil.test', 'self.example.com'],
    ['http://self.example.com/', 'self.example.com'],
    ['http://docs.self.example.com', 'self.example.com'],
    ['http://self.example.com', host],
  ] as const)
    test(`${origin} may not at ${to.replace(/\d{5}$/, 'port')}`, async () =>
      expect(statusOf(await post(to, `\nOrigin: ${origin}`))).toBe(403))

  test('a GET with a foreign origin is only a GET', async () =>
    expect(statusOf(await get(host, '/page', '\nOrigin: https://evil.test'))).toBe(200))
})

describe('Z08 one address has one spelling', () => {
  for (const path of [
    '/page/',
    '//page',
    '/PAGE',
    '/page;a=b',
    '/%70age',
    '/api',
    '/api/',
    '/API/v1/x',
    '/api/v1',
    '//api/v1/x',
  ])
    test(`${path} is not there`, async () => expect(statusOf(await get('localhost', path))).toBe(404))

  test('dots are resolved before anything is judged', async () =>
    expect(statusOf(await get('localhost', '/api/%2e%2e/page'))).toBe(200))

  test('a method can not be overridden', async () => {
    const answer = await get('localhost', '/page', '\nX-HTTP-Method-Override: DELETE')
    expect(statusOf(answer)).toBe(200)
  })

  for (const method of ['TRACE', 'CONNECT', 'PROPFIND'])
    test(`${method} is not known`, async () => {
      const answer = await request(server.port, `${method} /page HTTP/1.1\nHost: localhost`)
      expect([400, 405]).toContain(statusOf(answer))
    })

  test('OPTIONS tells the methods and nothing of other origins', async () => {
    const answer = await request(
      server.port,
      'OPTIONS /page HTTP/1.1\nHost: localhost\nOrigin: https://evil.test\nAccess-Control-Request-Method: POST',
    )
    expect(statusOf(answer)).toBe(204)
    expect(answer.toLowerCase()).toContain('allow: get, head, options')
    expect(answer.toLowerCase()).not.toContain('access-control')
  })

  test('a change of the page is a 405 that tells what is possible', async () => {
    const answer = await request(server.port, 'DELETE /page HTTP/1.1\nHost: localhost')
    expect(statusOf(answer)).toBe(405)
    expect(answer.toLowerCase()).toContain('allow: get, head, options')
    expect(answer).toContain('"code":"method_not_allowed"')
  })

  test('HEAD is GET without the text', async () => {
    const answer = await raw(
      server.port,
      'HEAD /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      () => false,
    )
    expect(statusOf(answer)).toBe(200)
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
  })
})

describe('R20 what could be read in two ways', () => {
  const whole = (text: string) => raw(server.port, text, isWhole)
  const cases: [string, string][] = [
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'Content-Length: -5\r\n\r\nabcdef'],
    ['a folded header', 'X-A: b\r\n c\r\n\r\n'],
    ['a space before the colon', 'X-A : b\r\n\r\n'],
  ]
  for (const [what, rest] of cases)
    test(`${what} is refused and the connection closed`, async () => {
      const answer = await whole(`POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\n${rest}`)
      expect(statusOf(answer)).toBe(400)
      expect(answer.toLowerCase()).toContain('connection: close')
    })
})

describe('X05 every answer', () => {
  const answers: [string, () => Promise<string>][] = [
    ['a page', () => get('localhost')],
    ['an answer of the API', () => get('localhost', '/api/v1/x')],
    ['a refusal', () => get('localhost', '/api/v1/refuse')],
    ['a wrong host', () => get('evil.test')],
    ['an unknown address', () => get('localhost', '/nowhere')],
    ['a mistake of ours', () => get('localhost', '/crash')],
  ]
  for (const [what, ask] of answers)
    test(`${what} has the strict headers`, async () => {
      const answer = (await ask()).toLowerCase()
      expect(answer).toContain("content-security-policy: default-src 'self'; style-src 'self'; ")
      expect(answer).toContain("frame-ancestors 'none'")
      expect(answer).toContain('x-content-type-options: nosniff')
      expect(answer).toContain('referrer-policy: no-referrer')
      expect(answer).toContain('cross-origin-opener-policy: same-origin')
      expect(answer).toContain('cross-origin-resource-policy: same-origin')
      expect(answer).toContain('cache-control: no-store')
    })

  test('a refusal is a problem document', async () => {
    const answer = await fetch(`${server.url}/api/v1/refuse`)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toEqual({
      type: '/docs/problems#invalid',
      title: 'Invalid input',
      status: 422,
      code: 'invalid',
      detail: 'It is wrong.',
      hint: 'Make it right.',
      errors: [{ field: 'a', message: 'b' }],
    })
  })

  test('a mistake of ours is logged with its cause and answered without it', async () => {
    const answer = await get('localhost', '/crash')
    expect(statusOf(answer)).toBe(500)
    expect(answer).toContain('"code":"internal"')
    expect(answer).not.toContain('secret-path')
    expect(answer).not.toContain('TypeError')
    expect(logged).toContainEqual({ fault: expect.objectContaining({ cause: expect.any(TypeError) }) })
  })

  test('A40: who leaves before the answer is no mistake of ours', async () => {
    const lines: unknown[] = []
    const leaving = new AbortController()
    const answer = front(
      { hosts: [], url: null, trustedProxies: [], log: { write: (...line) => void lines.push(line) } },
      {
        async api(incoming) {
          leaving.abort()
          incoming.signal.throwIfAborted()
          return new Response('late')
        },
        places: [],
      },
    )
    const headers = { host: 'localhost' }
    const incoming = new Request('http://localhost/api/v1/x', { headers, signal: leaving.signal })
    const response = await answer(incoming, { address: '127.0.0.1', port: 0, keepOpen() {} })
    expect({ status: response.status, lines }).toEqual({ status: 400, lines: [] })
  })
})
