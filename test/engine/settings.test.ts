/** D09: what records will say is judged when it is set, and kept in its one spelling. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { OF_THE_DATA_FOLDER } from '../../src/engine/account/authority.ts'
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
