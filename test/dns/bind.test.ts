/** RFC 2136 against BIND. */
import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { askNameServer } from '../../src/drivers/dns/ask.ts'
import { rfc2136 } from '../../src/drivers/dns/rfc2136.ts'
import type { DnsTools } from '../../src/drivers/dns/tools.ts'
import type { DnsProvider } from '../../src/ports/dns.ts'
import { freePort } from './daemon.ts'
import { KEY, Named, namedZone } from './named.ts'
import { isDnsWrite, Relay } from './relay.ts'
import { change, driverSuite, faultOf, type Open, type Stage, set, signal, WRONG_SECRET } from './suite.ts'
import { egressTo, toolsFor } from './tools.ts'
import { OURS, ZONE } from './zone.ts'

let named: Named
/** The same server with other settings, through the relay or not. */
let connect: (settings?: object, tools?: Partial<DnsTools>) => DnsProvider

async function open(): Promise<Stage> {
  named = await Named.start()
  const relay = await Relay.start(named.port, isDnsWrite)
  connect = (settings = {}, tools = {}) =>
    rfc2136.connect(
      {
        server: '127.0.0.1',
        port: relay.port,
        zones: [ZONE],
        ...KEY,
        allowPrivateNetwork: true,
        ...settings,
      },
      toolsFor(tools),
    )
  return {
    provider: connect(),
    relay,
    stranger: connect({ secret: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: () => named.dump(),
    byHand: {
      put: (name, type, value) => named.byHand(`update add ${name} 300 ${type} ${value}`),
      remove: (name, type) => named.byHand(`update delete ${name} ${type}`),
    },
    end: async () => {
      relay.close()
      await named.end()
    },
  }
}

driverSuite({ label: 'rfc2136 with BIND', programs: ['named', 'nsupdate', 'dig'], open }, (given) => {
  keys(given)
  holding(given)
  others(given)
  nameServers(given)
})

function keys({ test }: Open): void {
  const CASES: [word: string, what: string, settings: object][] = [
    ['BADSIG', 'another secret', { secret: WRONG_SECRET }],
    ['BADKEY', 'another name', { keyName: 'nobody' }],
    ['BADKEY', 'another algorithm', { algorithm: 'hmac-sha512' }],
  ]
  for (const [word, what, settings] of CASES)
    test(`D14 ${what} is ${word}`, async () => {
      const { code, text } = await faultOf(connect(settings).zones(signal()))
      expect(code).toBe('unavailable')
      expect(text).toContain(word)
    })

  test('D14 a clock that is an hour ahead is BADTIME', async () => {
    const clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
    const { text } = await faultOf(connect({}, { clock }).zones(signal()))
    expect(text).toContain('BADTIME')
    expect(text).toContain('clock')
  })

  test('D14 a zone that it does not hold is told by its name', async () => {
    for (const zones of [['example.org'], [ZONE, `sub.${ZONE}`]]) {
      const { code, text } = await faultOf(connect({ zones }).zones(signal()))
      expect(code).toBe('unavailable')
      expect(text).toContain(zones.at(-1) ?? '')
    }
  })

  test('W11 an address of a private network needs leave', async () => {
    const { code, text } = await faultOf(connect({ allowPrivateNetwork: false }).zones(signal()))
    expect(code).toBe('forbidden')
    expect(text).toContain('127.0.0.1')
  })
}

function holding({ test, opened }: Open): void {
  test('D15 what somebody changes while the write is on its way makes the server refuse all of it', async () => {
    const { provider, relay, zone, byHand } = opened()
    const [ours, marker] = [
      set('A', ['192.0.2.1']),
      set('TXT', ['marker'], { name: `_fairlead-a.docs.${OURS}` }),
    ]
    for (const before of [null, ours]) {
      relay.meanwhile = () => byHand.put(ours.name, 'A', '192.0.2.99')
      const changes = [change(before, { ...ours, values: ['192.0.2.2'] }), change(null, marker)]
      expect((await faultOf(provider.change(zone, changes, signal()))).code).toBe('conflict')
      expect(await provider.sets(zone, marker.name, signal())).toEqual([])
      const standing = (await provider.sets(zone, ours.name, signal()))[0]?.values
      expect(standing).toEqual(before ? ['192.0.2.1', '192.0.2.99'] : ['192.0.2.99'])
      await byHand.remove(ours.name, 'A')
      await provider.change(zone, [change(null, ours)], signal())
    }
  })

  test('D15 an alias that comes while the write is on its way stays alone', async () => {
    const { provider, relay, zone } = opened()
    const name = `x.${OURS}`
    relay.meanwhile = () => named.byHand(`update add ${name} 300 CNAME mail.${ZONE}`)
    const work = provider.change(zone, [change(null, set('A', ['192.0.2.1'], { name }))], signal())
    expect((await faultOf(work)).code).toBe('conflict')
    expect((await provider.sets(zone, name, signal())).map(({ type }) => type)).toEqual(['CNAME'])
  })

  test('an answer too long for a datagram comes over TCP', async () => {
    const { provider, zone } = opened()
    const values = Array.from({ length: 100 }, (_, index) => `192.0.2.${index + 1}`)
    const wanted = provider.asKept(set('A', values))
    await provider.change(zone, [change(null, wanted)], signal())
    expect(await provider.sets(zone, wanted.name, signal())).toEqual([wanted])
  })

  test('a type that nobody thought of is seen, and no alias is put beside it', async () => {
    const { provider, zone } = opened()
    const name = `other.${OURS}`
    await named.byHand(`update add ${name} 300 TYPE65280 \\# 2 abcd`)
    expect(await provider.sets(zone, name, signal())).toEqual([
      { name, type: 'TYPE65280', ttlSeconds: 300, values: ['\\# 2 abcd'] },
    ])
    const alias = set('CNAME', [`mail.${ZONE}`], { name })
    expect((await faultOf(provider.change(zone, [change(null, alias)], signal()))).code).toBe('conflict')
    await named.byHand(`update delete ${name} TYPE65280`)
  })

  test('D01 nothing is written below what is handed to others', async () => {
    const { provider, relay, zone } = opened()
    const below = set('A', ['192.0.2.1'], { name: `www.handed.${ZONE}` })
    const { code, text } = await faultOf(provider.change(zone, [change(null, below)], signal()))
    expect([code, relay.writes]).toEqual(['conflict', 0])
    expect(text).toContain(`handed.${ZONE}`)
    expect(await provider.sets(zone, `handed.${ZONE}`, signal())).toEqual([
      { name: `handed.${ZONE}`, type: 'NS', ttlSeconds: 300, values: ['ns1.elsewhere.example'] },
    ])
  })

  test('D14 what its key may not is refused with what to grant', async () => {
    const restricted = await Named.start(
      `key "fairlead" { algorithm ${KEY.algorithm}; secret "${KEY.secret}"; };
zone "${ZONE}" { type primary; file "${ZONE}.zone"; update-policy { grant operator zonesub ANY; }; allow-transfer { key operator; }; };
`,
    )
    const { zone } = opened()
    const provider = connect({ port: restricted.port })
    const before = await restricted.dump()
    const { code, text } = await faultOf(
      provider.change(zone, [change(null, set('A', ['192.0.2.1']))], signal()),
    )
    expect(code).toBe('unavailable')
    expect(text).toMatch(/REFUSED.*fairlead.*update-policy/)
    expect(await provider.all(zone, signal())).toBeNull()
    expect(await restricted.dump()).toEqual(before)
    await restricted.end()
  })

  test('D14 a server that comes back takes up where it was', async () => {
    const { provider, zone } = opened()
    const ours = provider.asKept(set('A', ['192.0.2.1']))
    await provider.change(zone, [change(null, ours)], signal())
    await named.stop('SIGKILL')
    expect((await faultOf(provider.change(zone, [change(ours, null)], signal()))).code).toBe('unavailable')
    await named.up()
    expect(await provider.sets(zone, ours.name, signal())).toEqual([ours])
    await provider.change(zone, [change(ours, null)], signal())
  })
}

/** Servers with other settings than that of the suite. */
function others({ test, opened }: Open): void {
  const zoneWith = (key: string, more = '') => `key "fairlead" { ${key} };
zone "${ZONE}" { type primary; file "${ZONE}.zone"; update-policy { grant fairlead zonesub A AAAA CNAME TXT; }; allow-transfer { key fairlead; }; ${more} };
`
  const ours = set('A', ['192.0.2.1'])

  for (const algorithm of ['hmac-sha384', 'hmac-sha512'])
    test(`signs with ${algorithm}`, async () => {
      const { zone } = opened()
      const server = await Named.start(zoneWith(`algorithm ${algorithm}; secret "${KEY.secret}";`))
      const provider = connect({ port: server.port, algorithm })
      await provider.change(zone, [change(null, ours)], signal())
      expect(await provider.sets(zone, ours.name, signal())).toEqual([ours])
      expect((await faultOf(connect({ port: server.port }).zones(signal()))).text).toContain('BADKEY')
      await server.end()
    })

  test('a key for a part of a zone reads all of it, and writes there', async () => {
    const { zone } = opened()
    const part = `grant fairlead subdomain ${OURS} A AAAA CNAME TXT;`
    const server = await Named.start(namedZone(ZONE).replace(/grant fairlead .*?;/, part))
    const provider = connect({ port: server.port })
    expect(await provider.sets(zone, `taken.${ZONE}`, signal())).toHaveLength(1)
    await provider.change(zone, [change(null, ours)], signal())
    const outside = change(null, set('A', ['192.0.2.1'], { name: `free.${ZONE}` }))
    const { code, text } = await faultOf(provider.change(zone, [outside], signal()))
    expect([code, text.includes('REFUSED')]).toEqual(['unavailable', true])
    await server.end()
  })

  test('reads a large zone, whose transfer takes many messages', async () => {
    const { zone } = opened()
    const count = 20_000
    const lines = Array.from({ length: count }, (_, n) => `h${n}.${ZONE}. 300 IN A 10.1.${n >> 8}.${n & 255}`)
    const records = [`${ZONE}. 300 IN NS ns1.${ZONE}.`, `ns1.${ZONE}. 300 IN A 127.0.0.1`, ...lines].join(
      '\n',
    )
    const server = await Named.start(namedZone(ZONE), records)
    const all = (await connect({ port: server.port }).all(zone, signal())) ?? []
    expect(all).toHaveLength(count + 3)
    expect(all.at(-1)?.values).toHaveLength(1)
    await server.end()
  })

  test('what a signed zone has for itself is no record of anybody', async () => {
    const { zone } = opened()
    const signing = 'dnssec-policy default; inline-signing yes;'
    const server = await Named.start(zoneWith(`algorithm hmac-sha256; secret "${KEY.secret}";`, signing))
    const provider = connect({ port: server.port })
    const wild = set('A', ['192.0.2.2'], { name: `*.${OURS}` })
    await provider.change(zone, [change(null, ours), change(null, wild)], signal())
    expect(await provider.sets(zone, ours.name, signal())).toEqual([ours])
    expect(await provider.sets(zone, `nothing.${OURS}`, signal())).toEqual([])
    const types = new Set(((await provider.all(zone, signal())) ?? []).map(({ type }) => type))
    expect([...types].filter((type) => /NSEC|RRSIG|KEY/.test(type))).toEqual([])
    await provider.change(zone, [change(ours, null), change(wild, null)], signal())
    expect(await provider.sets(zone, ours.name, signal())).toEqual([])
    await server.end()
  })
}

function nameServers({ test, opened }: Open): void {
  const ask = askNameServer(systemClock)

  test('are those of the zone, at all their addresses', async () => {
    const { zone } = opened()
    const egress = egressTo({ [`ns1.${ZONE}`]: ['192.0.2.53', '2001:db8::53'] })
    expect(await connect({}, { egress }).nameservers(zone, signal())).toEqual([
      { name: `ns1.${ZONE}`, address: '192.0.2.53', port: 53 },
      { name: `ns1.${ZONE}`, address: '2001:db8::53', port: 53 },
    ])
    const { code, text } = await faultOf(connect({}, { egress: egressTo({}) }).nameservers(zone, signal()))
    expect([code, text.includes(ZONE)]).toEqual(['unavailable', true])
  })

  test('or those of the settings', async () => {
    const { zone } = opened()
    const provider = connect(
      { nameservers: ['127.0.0.1:5300', '[::1]:54', 'ns.test'] },
      { egress: egressTo({ 'ns.test': ['192.0.2.1'] }) },
    )
    expect(await provider.nameservers(zone, signal())).toEqual([
      { name: '127.0.0.1', address: '127.0.0.1', port: 5300 },
      { name: '::1', address: '::1', port: 54 },
      { name: 'ns.test', address: '192.0.2.1', port: 53 },
    ])
  })

  test('answer what they hold, nothing, or not at all', async () => {
    const { relay } = opened()
    const server = { name: 'x', address: '127.0.0.1', port: relay.port }
    const asked = (name: string, type: string, port = relay.port) =>
      ask({ ...server, port }, { name, type }, signal())
    expect(await asked(`taken.${ZONE}`, 'A')).toEqual(['192.0.2.30', '192.0.2.31'])
    expect(await asked(`y.wild.${ZONE}`, 'A')).toEqual(['192.0.2.40'])
    expect(await asked(`texts.${ZONE}`, 'TXT')).toEqual(['other', 'with "quotes" and \\ and ;second string'])
    expect(await asked(`alias.${ZONE}`, 'CNAME')).toEqual([`mail.${ZONE}`])
    expect(await asked(`alias.${ZONE}`, 'A')).toEqual([])
    expect(await asked(`nothing.${ZONE}`, 'A')).toEqual([])
    expect(await asked('www.example.org', 'A')).toBeNull()
    expect(await asked(`www.handed.${ZONE}`, 'A')).toBeNull()
    expect(await asked(`taken.${ZONE}`, 'A', await freePort())).toBeNull()
  })
}

describe('settings of rfc2136', () => {
  const CASES: [field: string, settings: object][] = [
    ['secret', { secret: 'no base64!' }],
    ['algorithm', { algorithm: 'hmac-md5' }],
    ['zones.0', { zones: ['a..b'] }],
    ['zones', { zones: [] }],
    ['nameservers.0', { nameservers: ['::1:99:x'] }],
    ['port', { port: 0 }],
  ]
  for (const [field, settings] of CASES)
    test(`${field} ${JSON.stringify(settings)}`, () => {
      const given = { server: 'ns.test', zones: [ZONE], ...KEY, ...settings }
      expect(() => rfc2136.connect(given, toolsFor())).toThrow(
        expect.objectContaining({ code: 'invalid', errors: [expect.objectContaining({ field })] }),
      )
    })
})
