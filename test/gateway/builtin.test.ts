import { afterAll, describe } from 'bun:test'
import { HTML_CASES } from '../serving/html-cases.ts'
import { serveTable } from '../serving/table.ts'
import { LiveGateway } from './live-site.ts'

const gateway = new LiveGateway()
afterAll(() => gateway.stop())

describe('the serving table on the builtin gateway', () => {
  serveTable([...HTML_CASES], (site) => gateway.live(site))
})
