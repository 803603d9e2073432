import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { driverPage } from '../../scripts/driver-reference.ts'
import { SettingsPatch } from '../../src/contract/shapes/settings.ts'
import { GATEWAY_DRIVERS } from '../../src/drivers/index.ts'

test('docs/drivers.md is what the lists of drivers say', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/drivers.md'), 'utf8')).toBe(driverPage())
})

test('the settings of NGINX in the API are those of its driver', () => {
  const driver = GATEWAY_DRIVERS.find(({ kind }) => kind === 'nginx')
  const settings = SettingsPatch.shape.gateway.unwrap().shape.nginx.unwrap()
  expect(Object.keys(settings.shape)).toEqual(Object.keys(driver?.config.shape ?? {}))
})
