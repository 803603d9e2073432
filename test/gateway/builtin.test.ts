import { afterAll, describe } from 'bun:test'
import { CASES } from '../serving/cases.ts'
import { serveTable } from '../serving/table.ts'
import { LiveGateway } from './live-site.ts'

const gateway = new LiveGateway()
afterAll(() => gateway.stop())

describe('the serving table on the builtin gateway', () => {
  serveTable(CASES, (site) => gateway.live(site))
})
