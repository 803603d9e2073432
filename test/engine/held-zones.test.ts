/** Which provider's zone a name lies in, while one of them does not answer. */
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import type { ConnectedProvider } from '../../src/engine/step.ts'
import { planDns } from '../../src/engine/url/records.ts'
import { Store } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-zones-'))
const store = new Store(join(folder, 'db'), { now: 0 })
store.settings.put('dns', { addresses: ['192.0.2.1'], cname: null, ttlSeconds: 300 })
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const { signal } = new AbortController()
const DOWN = new Fault('unavailable', 'It does not answer.')
const refuse = () => Promise.reject(DOWN)
const thrown = (error: unknown) => error

function holding(name: string): ConnectedProvider & { isDown: boolean } {
  const held = {
    id: name,
    kind: 'memory',
    label: name,
    heard: { zones: null },
    isDown: false,
    provider: {
      writes: true,
      zones: async () => (held.isDown ? refuse() : [{ name, id: name }]),
      asKept: <Set>(set: Set) => set,
      sets: async () => (held.isDown ? refuse() : []),
      all: refuse,
      change: refuse,
      nameservers: refuse,
    },
  }
  return held
}

const providerFor = async (hostname: string, all: ConnectedProvider[]) => {
  const dns = { providers: () => all, ask: async () => null }
  return (await planDns({ store, dns }, { hostname, dnsMode: 'auto' }, signal)).provider
}

test('D14 one that is down stops its own names and no others, once its zones were heard', async () => {
  const [own, others] = [holding('own.example'), holding('others.example')]
  own.isDown = true
  // Nobody knows what it holds: it could be the longer zone.
  expect(await providerFor('www.others.example', [own, others]).catch(thrown)).toBe(DOWN)
  own.isDown = false
  expect(await providerFor('www.own.example', [own, others])).toBe('own.example')
  own.isDown = true
  expect(await providerFor('www.others.example', [own, others])).toBe('others.example')
  expect(await providerFor('www.own.example', [own, others]).catch(thrown)).toBe(DOWN)
})

test('a refusal of another kind is told', async () => {
  const wrong = holding('own.example')
  expect(await providerFor('www.own.example', [wrong])).toBe('own.example')
  const refused = new Fault('forbidden', 'Not by this key.')
  wrong.provider.zones = () => Promise.reject(refused)
  expect(await providerFor('www.own.example', [wrong]).catch(thrown)).toBe(refused)
})
