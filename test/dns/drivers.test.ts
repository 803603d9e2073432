/** The list of DNS drivers, and the one by which nobody writes. */
import { describe, expect, test } from 'bun:test'
import { manual } from '../../src/drivers/dns/manual.ts'
import { toldName, valueOfContent } from '../../src/drivers/dns/record-set.ts'
import { DNS_DRIVERS } from '../../src/drivers/index.ts'
import { driverFields, secretFields } from '../../src/ports/driver.ts'
import { change, faultOf, set, signal } from './suite.ts'
import { toolsFor } from './tools.ts'

describe('the list of DNS drivers', () => {
  test('has each kind once, with fields that say what they are', () => {
    expect(DNS_DRIVERS.map(({ kind }) => kind).toSorted()).toEqual([
      'cloudflare',
      'manual',
      'powerdns',
      'rfc2136',
    ])
    for (const driver of DNS_DRIVERS) {
      expect(driver.label).not.toBe('')
      for (const field of driverFields(driver)) expect(field.label).toMatch(/^[A-Z]/)
    }
  })

  test('marks what is secret', () => {
    expect(Object.fromEntries(DNS_DRIVERS.map((driver) => [driver.kind, secretFields(driver)]))).toEqual({
      cloudflare: ['apiToken'],
      rfc2136: ['secret'],
      powerdns: ['apiKey'],
      manual: [],
    })
  })

  test('tells types, choices and what is left out', () => {
    const rfc2136 = DNS_DRIVERS.find(({ kind }) => kind === 'rfc2136')
    const fields = new Map((rfc2136 ? driverFields(rfc2136) : []).map((field) => [field.name, field]))
    expect(fields.get('server')).toMatchObject({ type: 'text', required: true, secret: false })
    expect(fields.get('port')).toMatchObject({ type: 'number', required: false, default: 53 })
    expect(fields.get('zones')).toMatchObject({ type: 'list', required: true })
    expect(fields.get('algorithm')).toMatchObject({ type: 'choice', default: 'hmac-sha256' })
    expect(fields.get('algorithm')?.choices).toContain('hmac-sha512')
    expect(fields.get('allowPrivateNetwork')).toMatchObject({ type: 'switch', default: false })
  })

  test('an unknown field is refused by its driver', () => {
    for (const driver of DNS_DRIVERS)
      expect(() => driver.connect({ __proto__: null, polluted: true }, toolsFor())).toThrow('settings')
  })
})

describe('by hand', () => {
  test('every name, when no zones are named', async () => {
    const provider = manual.connect({}, toolsFor())
    expect(await provider.zones(signal())).toEqual([{ name: '', id: '' }])
  })

  test('nothing is read, asked or written', async () => {
    const provider = manual.connect({ zones: ['Example.com.', 'example.com', 'a.example'] }, toolsFor())
    const zones = await provider.zones(signal())
    expect(zones.map(({ name }) => name)).toEqual(['a.example', 'example.com'])
    const [zone = { name: '', id: '' }] = zones
    expect(provider.writes).toBe(false)
    expect(await provider.sets(zone, 'x.a.example', signal())).toEqual([])
    expect(await provider.all(zone, signal())).toBeNull()
    expect(await provider.nameservers(zone, signal())).toEqual([])
    const { code, text } = await faultOf(
      provider.change(zone, [change(null, set('A', ['192.0.2.1']))], signal()),
    )
    expect(code).toBe('conflict')
    expect(text).toContain('by hand')
  })
})

describe('what providers tell', () => {
  test('is one spelling of a name', () => {
    expect(toldName('WWW.Example.com.')).toBe('www.example.com')
    expect(toldName('bücher.example')).toBe('xn--bcher-kva.example')
    expect(toldName('0/25.2.0.192.in-addr.arpa.')).toBe('0/25.2.0.192.in-addr.arpa')
    expect(toldName('2130706433')).toBe('2130706433')
    expect(toldName('a..b')).toBe('a..b')
  })

  test('is left as it is where it can not be read', () => {
    expect(valueOfContent('TXT', '"not closed')).toBe('"not closed')
    expect(valueOfContent('A', 'nonsense')).toBe('nonsense')
    expect(valueOfContent('MX', '10 Mail.Example.com.')).toBe('10 mail.example.com')
    expect(valueOfContent('LUA', 'A "return 1"')).toBe('A "return 1"')
  })
})
