/** What the engine is given for URLs: DNS providers by their rows, and the gateway by its setting. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { Egress } from '../../src/base/egress.ts'
import { HttpClient } from '../../src/base/http.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Seal } from '../../src/base/seal.ts'
import { dnsWorld } from '../../src/dns-world.ts'
import { DEFAULT_INSTANCE_SETTINGS, type GatewaySetting } from '../../src/domain/settings.ts'
import { dnsSecretPlace } from '../../src/engine/dns-providers.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'
import { urlGateway } from '../../src/url-gateway.ts'
import { Power } from '../engine/outside.ts'
import { OutsideCertificates } from '../engine/outside-certificates.ts'
import { Names } from '../engine/outside-names.ts'

let folder: string
let store: Store
let seal: Seal
const client = new HttpClient()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-url-world-'))
  store = new Store(join(folder, 'fairlead.db'), { now: 0 })
  seal = openSeal(folder, store.instance)
})
afterEach(() => {
  store.close()
  client.close()
  rmSync(folder, { recursive: true })
})

const { signal } = new AbortController()
const SECRET = Buffer.from('a secret that nobody sees').toString('base64')
const world = (by = seal) => dnsWorld({ store, seal: by, egress: new Egress(client), clock: systemClock })
const add = () => {
  const config = {
    server: '127.0.0.1',
    keyName: 'fairlead',
    algorithm: 'hmac-sha256',
    zones: ['example.com'],
  }
  const secretFor = (id: string) => ({ secret: seal.seal(SECRET, dnsSecretPlace(id, 'secret')) })
  return store.dnsProviders.create({ kind: 'rfc2136', label: 'BIND', config }, secretFor, 0)
}

test('a provider is connected once, anew when it was changed, and not at all when it is gone', async () => {
  const given = { kind: 'manual', label: 'By hand', config: { zones: ['example.com'] } }
  const row = store.dnsProviders.create(given, () => ({}), 0)
  const dns = world()
  const provider = () => dns.providers()[0]?.provider
  const first = provider()
  expect(await first?.zones(signal)).toMatchObject([{ name: 'example.com' }])
  expect(provider() === first).toBe(true)
  store.dnsProviders.change(row, { config: { zones: ['example.org'] } })
  expect(await provider()?.zones(signal)).toMatchObject([{ name: 'example.org' }])
  store.dnsProviders.remove(row.id)
  expect(dns.providers()).toEqual([])
})

test('a provider whose secrets are lost says so when it is asked', async () => {
  const row = add()
  const strange = join(folder, 'strange')
  mkdirSync(strange)
  const other = new Store(join(strange, 'db'), { now: 0 })
  const refused = async (by?: Seal) => {
    const [connected] = world(by).providers()
    expect(connected).toMatchObject({ id: row.id, label: 'BIND' })
    return await connected?.provider.zones(signal).catch((error: unknown) => error)
  }
  expect(await refused(openSeal(strange, other.instance))).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('The DNS provider "BIND" can\'t be used'),
  })
  other.close()
  store.dnsProviders.change(row, { secrets: {} })
  const lost = await refused()
  expect(lost).toMatchObject({ code: 'unavailable', errors: [{ field: 'secret' }] })
  expect(JSON.stringify(lost)).not.toContain(SECRET)
})

test('a changed gateway counts when nothing is under way at the one before', async () => {
  const { gateway: before } = DEFAULT_INSTANCE_SETTINGS
  let setting: GatewaySetting = before
  const letGo = Promise.withResolvers<void>()
  const builtin: Hosts = {
    ...new Names().gateway(new Power(), {
      siteAnswer: () => ({ status: 200, body: '' }),
      certificates: new OutsideCertificates(),
    }),
    read: async () => {
      await letGo.promise
      return null
    },
    list: async () => ['builtin.example.com'],
  }
  const hosts = urlGateway({
    setting: () => setting,
    tools: { data: folder, instance: 'instance', clock: systemClock, log: silentLog, builtin },
  })
  const reading = hosts.read('docs.example.com', signal)
  setting = { ...before, kind: 'nginx', nginx: { ...before.nginx, binary: '/nowhere/nginx' } }
  expect(await hosts.list(signal)).toEqual(['builtin.example.com'])
  letGo.resolve()
  expect(await reading).toBeNull()
  expect(await hosts.list(signal).catch((error: unknown) => error)).toMatchObject({ name: 'Fault' })
})
