import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import { builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import { type LiveSite, rawRequest } from '../serving/table.ts'
import { LiveGateway, rulesOf } from './live-site.ts'

const gateway = new LiveGateway()
afterAll(() => gateway.stop())

const signal = new AbortController().signal

const get = (site: LiveSite, path: string, ...headers: string[]) =>
  rawRequest(
    site,
    [`GET ${path} HTTP/1.1`, `Host: ${site.host}`, 'Connection: close', ...headers, '', ''].join('\r\n'),
  )

describe('an environment without a site', () => {
  test('says in a friendly way that nothing is there, and tells the marker', async () => {
    const site = gateway.at(`e900.test.localhost:${gateway.port}`)
    const page = await get(site, '/')
    expect([page.status, page.headers.get('cache-control')]).toEqual([404, 'no-store'])
    expect(page.body.toString()).toContain('Nothing is deployed here yet.')
    const marker = await get(site, '/.well-known/fairlead')
    expect([marker.status, marker.body.toString()]).toEqual([200, '{"tree":null,"rules":null}'])
  })

  test('neither does a site whose link is not there', async () => {
    const rules = rulesOf({ files: {} })
    await gateway.gateway.gateway.put('e901', { link: 'e901-00000000', rules, graceFolder: null }, signal)
    const site = gateway.at(`e901.test.localhost:${gateway.port}`)
    expect((await get(site, '/')).body.toString()).toContain('Nothing is deployed here yet.')
    const marker = await get(site, '/.well-known/fairlead')
    expect(JSON.parse(marker.body.toString())).toEqual({ tree: null, rules: rulesDigest(rules) })
  })
})

describe('switching', () => {
  const v1 = { files: { 'index.html': 'one', 'same.txt': 'same', 'changed.txt': 'aaaa' } }
  const v2 = { files: { 'index.html': 'two', 'same.txt': 'same', 'changed.txt': 'bbbb' } }

  test('A45: the same size with other bytes has another ETag; the same bytes keep theirs', async () => {
    const site = await gateway.live(v1)
    const [changed, same] = [await get(site, '/changed.txt'), await get(site, '/same.txt')]
    await gateway.point(site.id, rulesOf(v1), gateway.addTree(v2))
    const stale = await get(site, '/changed.txt', `If-None-Match: ${changed.headers.get('etag')}`)
    expect([stale.status, stale.body.toString()]).toEqual([200, 'bbbb'])
    const kept = await get(site, '/same.txt', `If-None-Match: ${same.headers.get('etag')}`)
    expect(kept.status).toBe(304)
  })

  test('the marker names the tree and the rules that answer', async () => {
    const site = await gateway.live(v1)
    const answer = await get(site, '/.well-known/fairlead')
    expect(JSON.parse(answer.body.toString())).toEqual({ tree: site.tree, rules: rulesDigest(rulesOf(v1)) })
    const post = await rawRequest(
      site,
      `POST /.well-known/fairlead HTTP/1.1\r\nHost: ${site.host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )
    expect(post.status).toBe(405)
  })

  test('under load on kept connections: no error, no other body, never old after new', async () => {
    const site = await gateway.live(v1)
    const trees = [site.tree, gateway.addTree(v2)] as const
    const order = ['one', 'two']
    const readers = Array.from({ length: 8 }, () => new KeptConnection(site))
    for (let round = 1; round <= 40; round++) {
      const switched = gateway.point(site.id, rulesOf(v1), trees[round % 2] ?? site.tree)
      const [before, after] = [order[(round + 1) % 2], order[round % 2]]
      await Promise.all(
        readers.map(async (reader) => {
          let seenNew = false
          for (let request = 0; request < 20; request++) {
            const body = await reader.get('/')
            if (body === after) seenNew = true
            else expect([body, seenNew]).toEqual([before ?? '', false])
          }
        }),
      )
      await switched
      expect(await readers[0]?.get('/')).toBe(after)
    }
    for (const reader of readers) reader.end()
  })

  test('a tree that goes into the trash is sent to the end', async () => {
    const big = { files: { 'index.html': 'home', 'big.bin': 20_000_000 } }
    const site = await gateway.live(big)
    const socket = connect(site.port, site.address)
    await new Promise<void>((resolve) => {
      socket.once('data', () => {
        socket.pause()
        resolve()
      })
      socket.write(`GET /big.bin HTTP/1.1\r\nHost: ${site.host}\r\nConnection: close\r\n\r\n`)
    })
    await gateway.point(site.id, rulesOf(big), gateway.addTree(v1))
    renameSync(join(gateway.data, 'trees', site.tree), join(gateway.data, 'retired'))
    let more = 0
    const ended = new Promise((resolve) => socket.once('end', resolve))
    socket.on('data', (chunk: Buffer) => {
      more += chunk.length
    })
    socket.resume()
    await ended
    expect(more).toBeGreaterThan(15_000_000)
    expect((await get(site, '/')).body.toString()).toBe('one')
  })

  test('settings of the new site count at once', async () => {
    const site = await gateway.live({ files: { 'a.html': 'a', '404.html': 'own' } })
    expect((await get(site, '/nope')).body.toString()).toBe('own')
    const changed = rulesOf({ files: {}, settings: { notFoundHandling: 'none' } })
    await gateway.point(site.id, changed, site.tree)
    expect((await get(site, '/nope')).body.toString()).toContain('Not found')
  })
})

describe('the sites on disk', () => {
  test('read, put and drop: twice is once, absent is fine, and another process finds them', async () => {
    const { gateway: sites } = gateway.gateway
    const site = {
      link: 'e950-01234567',
      rules: rulesOf({ files: {}, redirects: '/a /b' }),
      graceFolder: null,
    }
    expect(await sites.read('e950', signal)).toBeNull()
    await sites.put('e950', site, signal)
    await sites.put('e950', site, signal)
    expect(await sites.read('e950', signal)).toEqual(site)
    const again = builtinGateway({
      data: gateway.data,
      listen: { hostname: '127.0.0.1', port: 0 },
      tls: null,
      siteOf: () => null,
      log: { write() {} },
    })
    expect(await again.gateway.read('e950', signal)).toEqual(site)
    await sites.drop('e950', signal)
    await sites.drop('e950', signal)
    expect(await sites.read('e950', signal)).toBeNull()
    expect(existsSync(join(gateway.data, 'builtin', 'e950.json'))).toBe(false)
  })

  test('writes of one site at the same moment end in the last one, and leave nothing beside it', async () => {
    const { gateway: sites } = gateway.gateway
    const site = (link: string) => ({ link, rules: rulesOf({ files: {} }), graceFolder: null })
    await Promise.all(Array.from({ length: 20 }, (_, n) => sites.put('e951', site(`e951-${n}`), signal)))
    expect((await sites.read('e951', signal))?.link).toBe('e951-19')
    const stored = readFileSync(join(gateway.data, 'builtin', 'e951.json'), 'utf8')
    expect(JSON.parse(stored).link).toBe('e951-19')
    expect(readdirSync(join(gateway.data, 'builtin')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('a file that is no site is named; its visitors get 503, others are answered', async () => {
    const good = await gateway.live({ files: { 'index.html': 'good' } })
    writeFileSync(join(gateway.data, 'builtin', 'e952.json'), '{"link":"../../etc"}')
    const fault = await gateway.gateway.gateway.read('e952', signal).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'broken_data' })
    const broken = await get(gateway.at(`e952.test.localhost`), '/')
    expect(broken.status).toBe(503)
    expect(broken.body.toString()).not.toContain(gateway.data)
    expect((await get(good, '/')).status).toBe(200)
  })
})

describe('the probe', () => {
  test('asks the listening address with the real Host, and reads the bytes as they came', async () => {
    const site = await gateway.live({ files: { 'a.js': 3000 }, zipped: ['a.js'] })
    const { probe } = gateway.gateway
    const hostname = `${site.id}.test.localhost`
    expect(probe.url(hostname)).toBe(`http://${hostname}:${gateway.port}/`)
    const answer = await probe.ask({ hostname, path: '/a.js?x=1', signal })
    expect([answer.status, answer.body.length]).toEqual([200, 3000])
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test('says who does not answer', async () => {
    const silent = builtinGateway({
      data: gateway.data,
      listen: { hostname: '127.0.0.1', port: 0 },
      tls: null,
      siteOf: () => null,
      log: { write() {} },
    })
    silent.start()
    await silent.stop(true)
    const asked = silent.probe.ask({ hostname: 'a.b.localhost', path: '/', signal })
    expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: 'unavailable' })
  })
})

/** One keep-alive connection that asks again and again; an early end fails the request. */
class KeptConnection {
  readonly #socket: Socket
  readonly #host: string
  #received = ''
  #arrived: (() => void) | null = null

  constructor(site: LiveSite) {
    this.#host = site.host
    this.#socket = connect(site.port, site.address)
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#arrived?.()
    })
    this.#socket.on('close', () => this.#arrived?.())
  }

  /** The body of the one answer. */
  async get(path: string): Promise<string> {
    this.#received = ''
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`)
    for (;;) {
      const [head, body] = this.#received.split('\r\n\r\n', 2)
      const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? Number.NaN)
      if (body !== undefined && body.length >= length) return body
      if (this.#socket.destroyed) throw new Error('The connection was closed.')
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  end(): void {
    this.#socket.destroy()
  }
}
