import { afterAll, describe } from 'bun:test'
import { CASES } from '../serving/cases.ts'
import { serveTable } from '../serving/table.ts'
import { LiveNginx } from './live-nginx.ts'

const nginx = await LiveNginx.start()
afterAll(() => nginx.stop())

describe('the serving table on NGINX', () => {
  serveTable(CASES, (site) => nginx.live(site))
})
