import { afterAll, beforeAll, describe } from 'bun:test'
import { CASES } from '../serving/cases.ts'
import { serveTable } from '../serving/table.ts'
import { LiveTls } from './live-tls.ts'

let gateway: LiveTls
let sites = 0
beforeAll(async () => {
  gateway = await LiveTls.start()
})
afterAll(() => gateway.stop())

describe('the serving table on the builtin gateway over HTTPS', () => {
  serveTable(CASES, async (site) => {
    const hostname = `s${++sites}.example.com`
    await gateway.secure(hostname, await gateway.siteOf(site))
    return gateway.tlsAt(hostname)
  })
})
