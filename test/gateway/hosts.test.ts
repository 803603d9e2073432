import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { CANARY, type LiveSite, rawRequest } from '../serving/table.ts'
import { LiveGateway } from './live-site.ts'

const gateway = new LiveGateway()
let site: LiveSite
let other: LiveSite

beforeAll(async () => {
  site = await gateway.live({ files: { 'index.html': 'the site', 'a.txt': 'a' } })
  other = await gateway.live({ files: { 'index.html': CANARY, '404.html': CANARY } })
})
afterAll(() => gateway.stop())

/** One answer to lines of our own making, so that nothing tidies them. */
const ask = (...lines: string[]) => rawRequest(site, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)

describe('N12: whose site answers', () => {
  const name = () => site.host.replace(/:\d+$/, '')

  const SAME: [what: string, host: () => string][] = [
    ['with the port', () => site.host],
    ['without a port', name],
    ['with another port', () => `${name()}:1`],
    ['in upper case', () => site.host.toUpperCase()],
    ['with a trailing dot', () => `${name()}.`],
    ['with a trailing dot and a port', () => `${name()}.:4780`],
  ]
  for (const [what, host] of SAME)
    test(`the site's own host name ${what}`, async () => {
      const answer = await ask('GET / HTTP/1.1', `Host: ${host()}`)
      expect([answer.status, answer.body.toString()]).toEqual([200, 'the site'])
    })

  const UNKNOWN = [
    'unknown.example',
    '127.0.0.1',
    '127.0.0.1:4780',
    '[::1]:4780',
    'localhost',
    'test.localhost',
    'e1.test.localhost.evil.example',
    'evil.e1.test.localhost',
  ]
  for (const host of UNKNOWN)
    test(`an unknown host name gets the neutral page: ${host}`, async () => {
      for (const path of ['/', '/a.txt', '/nope', '/.well-known/fairlead', '/.well-known/acme-challenge/x']) {
        const answer = await ask(`GET ${path} HTTP/1.1`, `Host: ${host}`)
        expect(answer.status).toBe(404)
        expect(answer.body.toString()).toContain('Not found')
        expect(answer.body.toString()).not.toMatch(/the site|localhost|fairlead/i)
        expect(answer.headers.get('server')).toBeUndefined()
      }
    })

  const MALFORMED: [what: string, ...lines: string[]][] = [
    ['an empty Host', 'GET / HTTP/1.1', 'Host:'],
    ['a Host with a blank', 'GET / HTTP/1.1', 'Host: e1.test .localhost'],
    ['a Host with a slash', 'GET / HTTP/1.1', 'Host: e1.test.localhost/x'],
    ['a Host with a user', 'GET / HTTP/1.1', 'Host: x@e1.test.localhost'],
    ['a Host with an escape', 'GET / HTTP/1.1', 'Host: e1.test%2elocalhost'],
    ['a Host with a bad port', 'GET / HTTP/1.1', 'Host: e1.test.localhost:80x'],
    ['a Host that is too long', 'GET / HTTP/1.1', `Host: ${'a'.repeat(300)}.localhost`],
    ['no Host in HTTP/1.0', 'GET / HTTP/1.0'],
    ['no Host in HTTP/1.1', 'GET / HTTP/1.1', 'X-A: b'],
  ]
  for (const [what, ...lines] of MALFORMED)
    test(`${what} is 400`, async () => {
      expect((await ask(...lines)).status).toBe(400)
    })
})

describe('N24: forged addresses', () => {
  test('two Host headers are 400, in either order', async () => {
    for (const [one, two] of [
      [site, other],
      [other, site],
      [site, site],
    ] as const) {
      const answer = await ask('GET / HTTP/1.1', `Host: ${one.host}`, `Host: ${two.host}`)
      expect(answer.status).toBe(400)
      expect(answer.body.toString()).not.toContain(CANARY)
    }
  })

  test('forwarded host names count for nothing', async () => {
    const answer = await ask(
      'GET / HTTP/1.1',
      `Host: ${site.host}`,
      `X-Forwarded-Host: ${other.host}`,
      `Forwarded: host=${other.host}`,
      `X-Original-URL: /a.txt`,
      `X-Rewrite-URL: /a.txt`,
    )
    expect(answer.body.toString()).toBe('the site')
  })

  test('the authority of an absolute-form target never chooses the site', async () => {
    const answer = await ask(`GET http://${other.host}/ HTTP/1.1`, `Host: ${site.host}`)
    expect([200, 400]).toContain(answer.status)
    expect(answer.body.toString()).not.toContain(CANARY)
  })
})

describe('R20: framing that two servers could read differently', () => {
  const SMUGGLED = `GET /a.txt HTTP/1.1\r\nHost: e1.test.localhost\r\n\r\n`

  const AMBIGUOUS: [what: string, head: string][] = [
    ['Content-Length and chunked', 'Content-Length: 4\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5'],
    ['a coding nobody knows', 'Transfer-Encoding: xchunked'],
    ['a negative length', 'Content-Length: -1'],
    ['a length with a sign', 'Content-Length: +4'],
    ['a folded header', 'X-A: b\r\n c: d'],
    ['a blank before the colon', 'Content-Length : 4'],
  ]
  for (const [what, head] of AMBIGUOUS)
    test(`${what}: refused, and what follows is not answered`, async () => {
      const answer = await rawRequest(
        site,
        `POST / HTTP/1.1\r\nHost: ${site.host}\r\n${head}\r\n\r\n0\r\n\r\n${SMUGGLED}`,
      )
      expect(answer.status).toBe(400)
      expect(answer.body.toString('latin1')).not.toContain('HTTP/1.1 200')
    })

  test('bare line feeds are refused', async () => {
    const answer = await rawRequest(site, `GET / HTTP/1.1\nHost: ${site.host}\n\n`)
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })

  test('pipelined requests are answered in order, each by its own Host', async () => {
    const request = (path: string, host: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`
    const answer = await rawRequest(
      site,
      request('/a.txt', site.host) +
        request('/', 'nobody') +
        request('/', site.host, 'Connection: close\r\n'),
    )
    const statuses = [...answer.body.toString('latin1').matchAll(/HTTP\/1\.1 (\d+)/g)].map(
      ([, status]) => status,
    )
    expect([answer.status, ...statuses]).toEqual([200, '404', '200'])
  })
})

test('a body over the limit is refused before it is read', async () => {
  const answer = await ask('POST / HTTP/1.1', `Host: ${site.host}`, 'Content-Length: 10000000')
  expect([405, 413]).toContain(answer.status)
})

test('R06: a client that sends half a request head holds nobody up', async () => {
  const slow = connect(gateway.port, '127.0.0.1', () => slow.write('GET / HTTP/1.1\r\nHost: e1'))
  slow.on('error', () => slow.destroy())
  const answer = await ask('GET /a.txt HTTP/1.1', `Host: ${site.host}`)
  expect(answer.status).toBe(200)
  slow.destroy()
})
