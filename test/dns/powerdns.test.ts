/** PowerDNS by its HTTP API. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { powerdns } from '../../src/drivers/dns/powerdns.ts'
import { freePort } from './daemon.ts'
import { HOSTILE, HostileHttp, json } from './hostile-http.ts'
import { API_KEY, Pdns, SCHEMA } from './pdns.ts'
import { isHttpWrite, Relay } from './relay.ts'
import { change, driverSuite, faultOf, type Stage, set, signal, WRONG_SECRET } from './suite.ts'
import { egressTo, toolsFor } from './tools.ts'
import { OURS, ZONE } from './zone.ts'

let pdns: Pdns

async function open(): Promise<Stage> {
  pdns = await Pdns.start()
  const relay = await Relay.start(pdns.apiPort, isHttpWrite)
  const connect = ({ port = relay.port, apiKey = API_KEY }) =>
    powerdns.connect({ url: `http://127.0.0.1:${port}`, apiKey, allowPrivateNetwork: true }, toolsFor())
  return {
    provider: connect({}),
    relay,
    stranger: connect({ apiKey: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: () => pdns.dump(),
    byHand: {
      put: async (name, type, value) =>
        pdns.insert({ name, type, content: type === 'TXT' ? `"${value}"` : value, ttl: 300, disabled: 0 }),
      remove: async (name, type) => pdns.remove(name, type),
    },
    end: async () => {
      relay.close()
      await pdns.end()
    },
  }
}

driverSuite({ label: 'powerdns', programs: ['pdns_server', SCHEMA], open }, ({ test, opened }) => {
  test('what is switched off is there all the same', async () => {
    const { provider, relay, zone } = opened()
    const name = `other.${OURS}`
    pdns.insert({ name, type: 'A', content: '192.0.2.70', ttl: 300, disabled: 1 })
    const shown = { name, type: 'A', ttlSeconds: 300, values: ['192.0.2.70 (disabled)'] }
    expect(await provider.sets(zone, name, signal())).toEqual([shown])
    const ours = set('A', ['192.0.2.1'], { name })
    expect((await faultOf(provider.change(zone, [change(null, ours)], signal()))).code).toBe('conflict')
    expect(relay.writes).toBe(0)
    pdns.remove(name, 'A')
  })

  test('names that are asked for together cost one reading, and later ones another', async () => {
    const { provider, relay, zone } = opened()
    const names = [`taken.${ZONE}`, `mail.${ZONE}`, `nothing.${ZONE}`]
    const together = signal()
    const before = relay.requests
    const sets = await Promise.all(names.map((name) => provider.sets(zone, name, together)))
    expect(sets.map(({ length }) => length)).toEqual([1, 2, 0])
    expect(relay.requests - before).toBe(1)
    await provider.sets(zone, ZONE, together)
    await Promise.all(names.map((name) => provider.sets(zone, name, signal())))
    expect(relay.requests - before).toBe(5)
  })

  test('comments stay with the set that they are about', async () => {
    const { provider, zone, dump } = opened()
    const ours = provider.asKept(set('A', ['192.0.2.1']))
    await provider.change(zone, [change(null, ours)], signal())
    pdns.comment(ours.name, 'A', 'ask Ann before touching')
    await provider.change(zone, [change(ours, { ...ours, values: ['192.0.2.2'] })], signal())
    expect((await dump()).filter((line) => line.includes('ask Ann'))).toHaveLength(1)
  })

  test('copies of zones that somebody else keeps are none of its zones', async () => {
    const { provider } = opened()
    pdns.addZone('copied.example', 'SLAVE')
    pdns.addZone('own.example', 'MASTER')
    const names = (await provider.zones(signal())).map(({ name }) => name)
    expect(names.toSorted()).toEqual([ZONE, 'own.example'])
  })

  test('a zone that is gone is told by its name', async () => {
    const { provider } = opened()
    const zone = { name: 'gone.example', id: 'gone.example.' }
    const { code, text } = await faultOf(provider.sets(zone, 'a.gone.example', signal()))
    expect([code, text.includes('gone.example')]).toEqual(['unavailable', true])
  })

  test('name servers are those of the zone', async () => {
    const { relay, zone } = opened()
    const settings = { url: `http://127.0.0.1:${relay.port}/`, apiKey: API_KEY, allowPrivateNetwork: true }
    const egress = egressTo({ [`ns1.${ZONE}`]: ['192.0.2.53'] })
    expect(await powerdns.connect(settings, toolsFor({ egress })).nameservers(zone, signal())).toEqual([
      { name: `ns1.${ZONE}`, address: '192.0.2.53', port: 53 },
    ])
  })

  test('W11 a private address needs leave, and a public one HTTPS', async () => {
    const connect = (url: string, allowPrivateNetwork: boolean) =>
      powerdns.connect(
        { url, apiKey: API_KEY, allowPrivateNetwork },
        toolsFor({ egress: egressTo({ 'dns.test': ['1.1.1.1'] }) }),
      )
    for (const provider of [
      connect(pdns.url, false),
      connect('http://dns.test', true),
      connect('https://dns.test:8081', false),
    ])
      expect((await faultOf(provider.zones(signal()))).code).toBe('forbidden')
    for (const url of [
      'file:///etc/passwd',
      'https://user:word@dns.test/',
      'https://dns.test/?key=word',
      'unix:/run/pdns',
      '',
    ])
      expect(() => connect(url, true)).toThrow(
        expect.objectContaining({ code: 'invalid', errors: [expect.objectContaining({ field: 'url' })] }),
      )
  })
})

describe('D18 a PowerDNS that is none', () => {
  let hostile: HostileHttp
  beforeAll(async () => void (hostile = await HostileHttp.start()))
  afterAll(() => hostile.end())
  const zone = { name: ZONE, id: `${ZONE}.` }
  const provider = () =>
    powerdns.connect(
      { url: `http://127.0.0.1:${hostile.port}`, apiKey: API_KEY, allowPrivateNetwork: true },
      toolsFor(),
    )

  for (const [what, reply] of HOSTILE)
    test(`answers ${what}`, async () => {
      hostile.reply = reply
      for (const work of [
        () => provider().zones(signal()),
        () => provider().sets(zone, `a.${ZONE}`, signal()),
        () => provider().change(zone, [change(null, set('A', ['192.0.2.1']))], signal()),
      ]) {
        const { code, text } = await faultOf(work())
        expect(code).toBe('unavailable')
        expect(text).toContain('PowerDNS')
        expect(text).not.toContain('<html>')
      }
    })

  test('tells names of another zone', async () => {
    const rrset = { name: 'www.evil.example.', type: 'A', ttl: 60, records: [{ content: '192.0.2.1' }] }
    hostile.reply = json({ rrsets: [rrset] })
    const { code, text } = await faultOf(provider().all(zone, signal()))
    expect(code).toBe('unavailable')
    expect(text).toContain('www.evil.example')
  })

  test('D16 repeats the key', async () => {
    hostile.reply = json({ error: `Bad key ${API_KEY}, or ${API_KEY.slice(2, 14)}\u202e` }, 401)
    const { text } = await faultOf(provider().zones(signal()))
    expect(text).toContain('Bad key')
    for (let start = 0; start + 6 <= API_KEY.length; start++)
      expect(text).not.toContain(API_KEY.slice(start, start + 6))
    expect(text).not.toContain('\u202e')
  })
})
