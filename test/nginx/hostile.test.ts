import { afterAll, describe } from 'bun:test'
import { CASES } from '../serving/cases.ts'
import { serveTable } from '../serving/table.ts'
import { HOSTILE_HTTP } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'

const nginx = await LiveNginx.start({ http: HOSTILE_HTTP })
afterAll(() => nginx.stop())

describe('the serving table on NGINX whose http{} sets everything wrongly', () => {
  serveTable(CASES, (site) => nginx.live(site))
})
