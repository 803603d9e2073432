/** A bounded part of `npm run bench -- --only dns`. */
import { afterAll, describe, expect } from 'bun:test'
import { needs } from '../needs.ts'
import { endAll } from './daemon.ts'
import { chance, Fuzz, type FuzzReport } from './fuzz.ts'
import { bindStage, pdnsStage } from './fuzz-stages.ts'
import { SCHEMA } from './pdns.ts'

afterAll(endAll)

const [SEED, FOREIGN, OPERATIONS] = [4711, 60, 60]

function expectIntact(report: FuzzReport): void {
  expect({ foreign: report.foreign, orphans: report.orphans, unconverged: report.unconverged }).toEqual({
    foreign: [],
    orphans: [],
    unconverged: [],
  })
  expect(report.made).toBeGreaterThan(OPERATIONS / 4)
  expect(report.conflicts).toBeGreaterThan(0)
  expect(report.givenUp + report.lost + report.dropped + report.kills).toBeGreaterThan(0)
}

describe('random operations with faults in between leave foreign records alone and no orphans', () => {
  needs('named', 'nsupdate', 'dig')(
    'in a zone of BIND',
    async () => {
      const roll = chance(SEED)
      const { stage, end } = await bindStage(FOREIGN, roll)
      expectIntact(await new Fuzz(stage, roll).run(OPERATIONS))
      await end()
    },
    120_000,
  )

  needs('pdns_server', SCHEMA)(
    'in a zone of PowerDNS',
    async () => {
      const roll = chance(SEED)
      const { stage, end } = await pdnsStage(FOREIGN, roll)
      expectIntact(await new Fuzz(stage, roll).run(OPERATIONS))
      await end()
    },
    120_000,
  )
})
