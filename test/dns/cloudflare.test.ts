/** Cloudflare, as its published description has it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { cloudflare } from '../../src/drivers/dns/cloudflare.ts'
import type { DnsTools } from '../../src/drivers/dns/tools.ts'
import type { DnsProvider } from '../../src/ports/dns.ts'
import { CloudflareApi, TOKEN, ZONE_ID } from './cloudflare-api.ts'
import { freePort } from './daemon.ts'
import { HOSTILE, HostileHttp, json } from './hostile-http.ts'
import { isHttpWrite, Relay } from './relay.ts'
import { change, driverSuite, faultOf, type Open, type Stage, set, signal, WRONG_SECRET } from './suite.ts'
import { egressTo, toolsFor } from './tools.ts'
import { OURS, ZONE } from './zone.ts'

let api: CloudflareApi
/** The same account with other settings. */
let connect: (
  settings?: { port?: number; apiToken?: string; proxied?: boolean },
  tools?: Partial<DnsTools>,
) => DnsProvider

async function open(): Promise<Stage> {
  api = await CloudflareApi.start()
  const relay = await Relay.start(api.port, isHttpWrite)
  connect = ({ port = relay.port, apiToken = TOKEN, proxied = false } = {}, tools = {}) =>
    cloudflare.connect(
      { apiToken, proxied },
      toolsFor({ cloudflareApi: `http://127.0.0.1:${port}/client/v4`, ...tools }),
    )
  return {
    provider: connect({}),
    relay,
    stranger: connect({ apiToken: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: async () => api.dump(),
    byHand: {
      put: async (name, type, value) =>
        api.put({ name, type, content: type === 'TXT' ? `"${value}"` : value, ttl: 300, proxied: false }),
      remove: async (name, type) => api.remove(name, type),
    },
    end: async () => {
      relay.close()
      api.end()
    },
  }
}

driverSuite({ label: 'cloudflare', programs: [], open }, (given) => {
  lists(given)
  passing(given)
  sets(given)
})

function lists({ test, opened }: Open): void {
  test('D14 pages of any size make one list', async () => {
    const { provider, zone } = opened()
    const whole = await provider.all(zone, signal())
    for (const size of [1, 3, 7, 1_000]) {
      api.pageItems = size
      expect(await provider.all(zone, signal())).toEqual(whole ?? [])
    }
    api.pageItems = 100
  })

  test('D14 a list of which a page is missing is none', async () => {
    const { provider, relay, zone } = opened()
    for (const missing of [2, 3]) {
      Object.assign(api, { pageItems: 7, missingPages: [missing] })
      const { code, text } = await faultOf(provider.all(zone, signal()))
      expect(code).toBe('unavailable')
      expect(text).toContain('all of the list')
    }
    Object.assign(api, { pageItems: 1, missingPages: [2] })
    const name = `taken.${ZONE}`
    const seen = set('A', ['192.0.2.30'], { name, ttlSeconds: 120 })
    expect((await faultOf(provider.change(zone, [change(seen, null)], signal()))).code).toBe('unavailable')
    expect(relay.writes).toBe(0)
    Object.assign(api, { pageItems: 100, missingPages: [] })
  })

  test('zones come over all pages, without those that are copied', async () => {
    const { provider } = opened()
    const known = api.zones
    const more = Array.from({ length: 120 }, (_, index) => ({
      id: `${index}`.padStart(32, '0'),
      name: `zone-${index}.example`,
      type: index % 10 === 0 ? 'secondary' : 'full',
      name_servers: [],
    }))
    api.zones = [
      ...known,
      ...more,
      { id: 'f'.repeat(32), name: 'bücher.example', type: 'full', name_servers: [] },
    ]
    api.pageItems = 50
    const zones = await provider.zones(signal())
    expect(zones).toHaveLength(110)
    expect(zones.map(({ name }) => name)).toContain('xn--bcher-kva.example')
    Object.assign(api, { zones: known, pageItems: 100 })
  })
}

function passing({ test, opened }: Open): void {
  const ours = change(null, set('A', ['192.0.2.1']))

  test('D14 429 is waited for as long as it says, and counts as not done', async () => {
    const { provider, zone } = opened()
    const waits: number[] = []
    const clock = {
      ...systemClock,
      after: (ms: number, then: () => void) => (waits.push(ms), systemClock.after(1, then)),
    }
    const patient = connect({}, { clock })
    api.mishaps = [{ kind: 'status', status: 429, headers: { 'retry-after': '7' } }]
    expect(await patient.sets(zone, `docs.${OURS}`, signal())).toEqual([])
    api.mishaps = [null, { kind: 'status', status: 429, headers: { 'retry-after': '3' } }]
    await patient.change(zone, [ours], signal())
    expect(waits).toEqual([7_000, 3_000])
    expect(await provider.sets(zone, `docs.${OURS}`, signal())).toHaveLength(1)
  })

  test('D14 but not for minutes, nor for ever', async () => {
    const { provider, zone } = opened()
    api.mishaps = [{ kind: 'status', status: 429, headers: { 'retry-after': '300' } }]
    const { code, text } = await faultOf(provider.zones(signal()))
    expect(code).toBe('unavailable')
    expect(text).toContain('300 s')
    api.mishaps = Array.from({ length: 20 }, () => ({ kind: 'status', status: 429 }) as const)
    api.requests = []
    expect((await faultOf(provider.sets(zone, `docs.${OURS}`, signal()))).code).toBe('unavailable')
    expect(api.requests.length).toBeLessThan(6)
    api.mishaps = []
  })

  test('D14 errors of its servers pass, or are told', async () => {
    const { provider, zone } = opened()
    api.mishaps = [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 524, body: '<html>' },
    ]
    expect(await provider.sets(zone, `docs.${OURS}`, signal())).toEqual([])
    api.mishaps = Array.from({ length: 20 }, () => ({ kind: 'status', status: 503 }) as const)
    expect((await faultOf(provider.zones(signal()))).code).toBe('unavailable')
    api.mishaps = []
  })

  test('D14 a batch whose answer is an error, or none, is looked for before it is sent again', async () => {
    const { provider, relay, zone, dump } = opened()
    const wanted = [
      ours,
      change(null, set('TXT', ['one', 'two'])),
      change(null, set('AAAA', ['2001:db8::1'])),
    ]
    api.mishaps = [null, { kind: 'after' }]
    await provider.change(zone, wanted, signal())
    expect(relay.writes).toBe(1)
    expect((await dump()).filter((line) => line.startsWith(`docs.${OURS}. `))).toHaveLength(4)
    const gone = wanted.map(({ after }) => change(after && provider.asKept(after), null))
    api.mishaps = [null, { kind: 'status', status: 502 }]
    await provider.change(zone, gone, signal())
    expect(relay.writes).toBe(3)
    expect(await provider.sets(zone, `docs.${OURS}`, signal())).toEqual([])
  })

  test('D16 an error that repeats the token is told without it', async () => {
    const { stranger, provider, zone } = opened()
    const told = [await faultOf(stranger.zones(signal()))]
    api.mishaps = Array.from({ length: 10 }, () => ({ kind: 'status', status: 400 }) as const)
    told.push(await faultOf(provider.sets(zone, `docs.${OURS}`, signal())))
    api.mishaps = []
    for (const { text, log } of told)
      for (const secret of [TOKEN, WRONG_SECRET])
        for (let start = 0; start + 6 <= secret.length; start++)
          expect(text + log).not.toContain(secret.slice(start, start + 6))
    expect(told[0]?.text).toContain('Invalid access token')
  })

  test('D18 the token goes nowhere else', async () => {
    const elsewhere = await HostileHttp.start()
    api.mishaps = [
      { kind: 'status', status: 302, headers: { location: `http://127.0.0.1:${elsewhere.port}/` } },
    ]
    expect((await faultOf(opened().provider.zones(signal()))).code).toBe('unavailable')
    expect(elsewhere.seen).toEqual([])
    elsewhere.end()
  })
}

function sets({ test, opened }: Open): void {
  test('proxied records have the TTL that such have', async () => {
    const { zone } = opened()
    const proxying = connect({ proxied: true })
    const typed = [set('A', ['192.0.2.1']), set('TXT', ['marker'])]
    const kept = typed.map((each) => proxying.asKept(each))
    expect(kept.map(({ ttlSeconds, proxied }) => [ttlSeconds, proxied])).toEqual([
      [1, true],
      [300, undefined],
    ])
    await proxying.change(
      zone,
      typed.map((after) => change(null, after)),
      signal(),
    )
    const standing = await proxying.sets(zone, `docs.${OURS}`, signal())
    for (const each of kept) expect(standing).toContainEqual(each)
    // Once it is said, it stays so, whatever the settings say.
    const plain = { ...proxying.asKept(set('A', ['192.0.2.1'], { proxied: false })) }
    expect([plain.proxied, proxying.asKept(plain)]).toEqual([false, plain])
    await proxying.change(zone, [change(kept[0] ?? null, plain)], signal())
    expect(await proxying.sets(zone, plain.name, signal())).toContainEqual(plain)
  })

  test('a TTL that it does not keep is refused', () => {
    const { provider } = opened()
    for (const ttlSeconds of [0, 2, 59, 86_401])
      expect(() => provider.asKept(set('A', ['192.0.2.1'], { ttlSeconds }))).toThrow(`${ttlSeconds} s`)
    expect(provider.asKept(set('A', ['192.0.2.1'], { ttlSeconds: 1 })).ttlSeconds).toBe(1)
  })

  test('a record that stays keeps its id', async () => {
    const { provider, zone } = opened()
    const two = provider.asKept(set('A', ['192.0.2.1', '192.0.2.2']))
    const other = provider.asKept(set('A', ['192.0.2.2', '192.0.2.3', '192.0.2.4'], { ttlSeconds: 120 }))
    await provider.change(zone, [change(null, two)], signal())
    const ids = () =>
      new Map(api.records.filter(({ name }) => name === two.name).map(({ content, id }) => [content, id]))
    const before = ids()
    await provider.change(zone, [change(two, other)], signal())
    expect(await provider.sets(zone, two.name, signal())).toEqual([other])
    expect(ids().get('192.0.2.2')).toBe(before.get('192.0.2.2'))
    expect([...ids().values()]).toContain(before.get('192.0.2.1') ?? 'none')
  })

  test('a record of ours that somebody gave another TTL is not as we wrote it', async () => {
    const { provider, zone } = opened()
    const ours = provider.asKept(set('A', ['192.0.2.1', '192.0.2.2']))
    await provider.change(zone, [change(null, ours)], signal())
    const last = api.records.findLast(({ name }) => name === ours.name)
    if (last) last.ttl = 120
    expect((await faultOf(provider.change(zone, [change(ours, null)], signal()))).code).toBe('conflict')
    api.remove(ours.name, 'A')
  })

  test('D15 a record that goes while the batch is on its way makes all of it fail', async () => {
    const { provider, relay, zone } = opened()
    const ours = provider.asKept(set('A', ['192.0.2.1']))
    await provider.change(zone, [change(null, ours)], signal())
    relay.meanwhile = async () => {
      api.remove(ours.name, 'A')
      api.put({ name: ours.name, type: 'A', content: '192.0.2.99', ttl: 300, proxied: false })
    }
    const changes = [change(ours, null), change(null, set('TXT', ['x'], { name: `other.${OURS}` }))]
    expect((await faultOf(provider.change(zone, changes, signal()))).code).toBe('conflict')
    expect(await provider.sets(zone, `other.${OURS}`, signal())).toEqual([])
    api.remove(ours.name, 'A')
  })

  test('texts from before they were quoted are read as they are', async () => {
    const { provider, zone } = opened()
    const name = `other.${OURS}`
    api.put({ name, type: 'TXT', content: 'v=spf1 -all', ttl: 300, proxied: false })
    expect((await provider.sets(zone, name, signal()))[0]?.values).toEqual(['v=spf1 -all'])
    api.remove(name, 'TXT')
  })

  test('name servers are those of the zone, found by the system', async () => {
    const { zone } = opened()
    const names = { 'ns1.example.test': ['1.1.1.1'], 'ns2.example.test': ['10.0.0.1'] }
    // One is of a private network, to which nothing is sent.
    expect(await connect({}, { egress: egressTo(names) }).nameservers(zone, signal())).toEqual([
      { name: 'ns1.example.test', address: '1.1.1.1', port: 53 },
    ])
  })
}

describe('D18 a Cloudflare that is none', () => {
  let hostile: HostileHttp
  beforeAll(async () => void (hostile = await HostileHttp.start()))
  afterAll(() => hostile.end())
  const zone = { name: ZONE, id: ZONE_ID }
  const provider = () =>
    cloudflare.connect({ apiToken: TOKEN }, toolsFor({ cloudflareApi: `http://127.0.0.1:${hostile.port}` }))

  for (const [what, reply] of HOSTILE)
    test(`answers ${what}`, async () => {
      hostile.reply = reply
      for (const work of [
        () => provider().zones(signal()),
        () => provider().change(zone, [change(null, set('A', ['192.0.2.1']))], signal()),
      ]) {
        const { code, text } = await faultOf(work())
        expect(code).toBe('unavailable')
        expect(text).toContain('Cloudflare')
        expect(text).not.toContain('<html>')
      }
    })

  test('tells records of another zone', async () => {
    const record = { id: 'a', name: 'www.evil.example', type: 'A', content: '192.0.2.1', ttl: 300 }
    hostile.reply = json({ result: [record], result_info: { total_count: 1, total_pages: 1 } })
    const { code, text } = await faultOf(provider().all(zone, signal()))
    expect([code, text.includes('www.evil.example')]).toEqual(['unavailable', true])
  })

  test('has pages without an end', async () => {
    const endless = { id: 'a', name: ZONE, type: 'A', content: '192.0.2.1', ttl: 300 }
    hostile.reply = json({
      result: [endless],
      result_info: { total_count: 1_000_000, total_pages: 1_000_000 },
    })
    expect((await faultOf(provider().all(zone, signal()))).code).toBe('unavailable')
  })

  test('gives ids that lead elsewhere', async () => {
    hostile.reply = json({ result: [{ id: '../../accounts', name: ZONE }] })
    expect((await faultOf(provider().zones(signal()))).code).toBe('unavailable')
  })
})
