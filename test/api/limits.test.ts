/** How much one sender may ask: by a minute, and at the same time; and who is believed about where he comes from. */
import { afterEach, describe, expect, test } from 'bun:test'
import { type Rates } from '../../src/app.ts'
import { People } from '../access/people.ts'
import { startTestApp, type TestApp, UNLIMITED } from './app.ts'
import { TestClock } from './listening.ts'

let app: TestApp
let people: People
const clock = new TestClock()
afterEach(async () => {
  people.close()
  await app.stop()
})

async function start(rates: Partial<Rates>, trustedProxies: string[] = []) {
  app = await startTestApp(new Map(), { clock, rates: { ...UNLIMITED, ...rates }, trustedProxies })
  people = new People(app, () => clock.now())
  return await people.person('ann', { role: 'owner' })
}

describe('requests a minute', () => {
  test('of a user: told when to come again, and nothing is done before that', async () => {
    const ann = await start({ actors: { burst: 5, perMinute: 60, debt: 0 } })
    const statuses: number[] = []
    for (let n = 0; n < 7; n++)
      statuses.push(
        (await app.ask('POST', '/services', { json: { name: `s${n}` }, headers: ann.key })).status,
      )
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429])
    const held = await app.ask('GET', '/services', { headers: ann.key })
    expect(held.headers.get('retry-after')).toBe('1')
    expect(held.body).toMatchObject({ code: 'too_many_requests', hint: 'Try again in 1 s.' })
    clock.pass(1_000)
    const { body } = await app.ask('GET', '/services', { headers: ann.key })
    expect((body as { items: unknown[] }).items).toHaveLength(5)
  })

  test('of strangers and of wrong keys, by source; those who are known go on', async () => {
    const ann = await start({ strangers: { burst: 5, perMinute: 60, debt: 0 } })
    const wrong = { authorization: 'Bearer fl_00000000_wrong' }
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await app.ask('GET', '/services', { headers: wrong })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect((await app.ask('GET', '/session')).status).toBe(429)
    for (const path of ['/services', '/session'])
      expect((await app.ask('GET', path, { headers: ann.key })).status).toBe(200)
  })

  test('J11 the metrics are no side door for trying keys', async () => {
    const ann = await start({ strangers: { burst: 5, perMinute: 60, debt: 0 } })
    const read = async (headers: Record<string, string>) =>
      (await fetch(`${app.url}/metrics`, { headers })).status
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push(await read({ authorization: `Bearer fl_0000000${n}_wrong` }))
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect(await read(ann.key)).toBe(200)
  })

  test('J11 a forged X-Forwarded-For is no way around it', async () => {
    await start({ strangers: { burst: 5, perMinute: 60, debt: 0 } })
    const statuses: number[] = []
    for (let n = 0; n < 6; n++)
      statuses.push(
        (await app.ask('GET', '/session', { headers: { 'x-forwarded-for': `198.51.100.${n}` } })).status,
      )
    expect(statuses.at(-1)).toBe(429)
  })

  test('J11 of a trusted proxy the last word counts, and no earlier one', async () => {
    await start({ strangers: { burst: 5, perMinute: 60, debt: 0 } }, ['127.0.0.1'])
    const ask = (forwarded: string) =>
      app.ask('GET', '/session', { headers: { 'x-forwarded-for': forwarded } })
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await ask(`198.51.100.${n}, 192.0.2.9`)).status)
    expect(statuses.at(-1)).toBe(429)
    expect((await ask('192.0.2.10')).status).toBe(200)
  })
})

describe('at the same time', () => {
  test('event streams of a user: one that ends makes room', async () => {
    const ann = await start({ streamsAtOnce: 2 })
    const open = async () => {
      const stop = new AbortController()
      const response = await fetch(`${app.url}/api/v1/events`, {
        headers: { ...ann.key, accept: 'text/event-stream' },
        signal: stop.signal,
      })
      return { status: response.status, reader: response.body?.getReader(), stop }
    }
    const first = await open()
    await first.reader?.read()
    const second = await open()
    expect([first.status, second.status]).toEqual([200, 200])
    expect((await open()).status).toBe(429)
    first.stop.abort()
    let again = await open()
    while (again.status === 429) again = await open()
    expect(again.status).toBe(200)
    second.stop.abort()
    again.stop.abort()
  })

  test('requests of a source', async () => {
    const ann = await start({ requestsAtOnce: 1 })
    const slow = new TransformStream<Uint8Array, Uint8Array>()
    const writer = slow.writable.getWriter()
    const upload = fetch(`${app.url}/api/v1/services`, {
      method: 'POST',
      headers: { ...ann.key, 'content-type': 'application/json' },
      body: slow.readable,
    })
    await writer.write(new TextEncoder().encode('{"name":'))
    while ((await app.ask('GET', '/services', { headers: ann.key })).status !== 429);
    await writer.write(new TextEncoder().encode('"late"}'))
    await writer.close()
    expect((await upload).status).toBe(201)
    expect((await app.ask('GET', '/services', { headers: ann.key })).status).toBe(200)
  })
})
