/** D09: what records will say is judged when it is set, and kept in its one spelling. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { Seal } from '../../src/base/seal.ts'
import { OF_THE_DATA_FOLDER } from '../../src/engine/account/authority.ts'
import { externalAccount, hasHmacKey } from '../../src/engine/authority-setting.ts'
import { changeSettings } from '../../src/engine/settings.ts'
import type { World } from '../../src/engine/step.ts'
import { Outside, Power } from './outside.ts'

let folder: string
let world: World
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-settings-'))
  world = new Outside().world(join(folder, 'db'), new Power())
})
afterAll(() => {
  world.store.close()
  rmSync(folder, { recursive: true })
})

test('addresses and names in their one spelling, what is not named stays', () => {
  const dns = { addresses: ['2001:DB8:0::5', '203.0.113.5', '203.0.113.5'], cname: 'WEB.Example.net.' }
  changeSettings(world, OF_THE_DATA_FOLDER, { dns })
  expect(changeSettings(world, OF_THE_DATA_FOLDER, { dns: { ttlSeconds: 60 } }).dns).toEqual({
    addresses: ['2001:db8::5', '203.0.113.5'],
    cname: 'web.example.net',
    ttlSeconds: 60,
  })
})

describe('what no record can say is refused, and nothing is changed', () => {
  const rows = [
    ...['1.2.3', '01.2.3.4', '224.0.0.1', 'a.test'].map((address) => ({ addresses: [address] })),
    ...['a b', '203.0.113.5', '*.example.net', 'a.test; $INCLUDE /etc/passwd'].map((cname) => ({ cname })),
    ...[0, -1, 2 ** 31, 29.5].map((ttlSeconds) => ({ ttlSeconds })),
  ]
  for (const dns of rows)
    test(JSON.stringify(dns), () => {
      const before = world.store.settings.read()
      expect(() => changeSettings(world, OF_THE_DATA_FOLDER, { dns })).toThrow(Fault)
      expect(world.store.settings.read()).toEqual(before)
    })
})

describe('the account that a CA has given out', () => {
  const directoryUrl = 'https://ca.test/directory'
  const account = { externalKeyId: 'kid', externalHmacKey: 'bm90IHRoZSBvbmU_IHRoYXQ=' }
  const set = (certificates: object) =>
    changeSettings(world, OF_THE_DATA_FOLDER, { certificates }).certificates

  test('is opened again as it came, but by no other key', () => {
    const kept = set({ directoryUrl, ...account })
    expect(kept.externalHmacKey).not.toContain('bm90IHRoZSBvbmU')
    expect(externalAccount(world.seal, kept)).toEqual({ keyId: 'kid', hmacKey: 'bm90IHRoZSBvbmU_IHRoYXQ' })
    expect(hasHmacKey(world.seal, kept)).toBe(true)
    const other = new Seal('f'.repeat(64))
    expect(hasHmacKey(other, kept)).toBe(false)
    expect(() => externalAccount(other, kept)).toThrow(Fault)
  })

  test('stays when other things change, and goes with its id or its CA', () => {
    const { externalHmacKey } = set({ directoryUrl, ...account })
    expect(set({ contact: 'ops@example.com', termsAgreed: true })).toMatchObject({
      externalHmacKey,
      termsAgreed: true,
    })
    expect(set({ externalKeyId: null })).toMatchObject({ externalKeyId: null, externalHmacKey: null })
    set(account)
    expect(set({ directoryUrl: `${directoryUrl}/2` })).toMatchObject({
      externalKeyId: null,
      externalHmacKey: null,
      termsAgreed: false,
    })
  })
})
