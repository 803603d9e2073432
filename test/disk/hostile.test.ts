import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { forgeZip } from '../archive/forge-zip.ts'
import { HOSTILE_NAMES, type Hostile } from '../archive/hostile.ts'
import { HOSTILE_TARS } from '../archive/hostile-tar.ts'
import { HOSTILE_ZIPS } from '../archive/hostile-zip.ts'
import { descriptorsCameBack, nothingChanged, plantCanaries, watch } from '../oracle.ts'
import { type Bay, land, openBay, refusalOf } from './bay.ts'

let bay: Bay

beforeAll(async () => {
  bay = await openBay()
  plantCanaries(bay.outside)
  await land(bay, forgeZip([{ name: 'index.html', data: 'somebody else' }]))
})
afterAll(() => bay.close())

const watchBay = () =>
  watch(
    [bay.outside, `${bay.data}/bundles`, `${bay.data}/trees`, `${bay.data}/sites`],
    [`${bay.data}/staging`],
  )

function refuses(cases: Hostile[]): void {
  for (const hostile of cases)
    test(`${hostile.id} ${hostile.what}`, async () => {
      const before = watchBay()
      const fault = await refusalOf(bay, hostile.archive())
      expect(fault.code).toBe('archive_refused')
      expect(fault.message).toMatch(hostile.says)
      expect(fault.hint).toBeTruthy()
      expect(fault.errors.length).toBeGreaterThan(0)
      expect(fault.message.length).toBeLessThan(600)
      expect(`${fault.message} ${fault.hint} ${JSON.stringify(fault.errors)}`).not.toContain(bay.root)
      nothingChanged(before)
    })
}

describe('names, in ZIP and tar', () => refuses(HOSTILE_NAMES))
describe('ZIP', () => refuses(HOSTILE_ZIPS))
describe('tar', () => refuses(HOSTILE_TARS))

test('ten refusals leave no descriptor open, and a good archive still lands', async () => {
  const before = watchBay()
  for (const hostile of HOSTILE_ZIPS.slice(0, 10)) await refusalOf(bay, hostile.archive())
  descriptorsCameBack(before)
  const { prepared } = await land(bay, forgeZip([{ name: 'index.html', data: 'good' }]))
  expect(prepared.facts.files).toBe(1)
})
