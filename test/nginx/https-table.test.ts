import { afterAll, beforeAll, describe } from 'bun:test'
import { CASES } from '../serving/cases.ts'
import { serveTable } from '../serving/table.ts'
import { HOSTILE_TLS } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'

let nginx: LiveNginx
beforeAll(async () => {
  nginx = await LiveNginx.start({ http: HOSTILE_TLS })
})
afterAll(() => nginx.stop())
let sites = 0

for (const redirect of [true, false])
  describe(`the serving table on NGINX over HTTPS, with ${redirect ? 'plain HTTP leading there' : 'the same over plain HTTP'}`, () => {
    serveTable(CASES, async (site) => {
      const host = `s${++sites}.example.com`
      await nginx.secure(host, await nginx.siteOf(site), { redirect })
      await nginx.load()
      return nginx.tlsAt(host)
    })
  })

describe('the serving table on NGINX over plain HTTP of a host name that has HTTPS as well', () => {
  serveTable(CASES, async (site) => {
    const host = `s${++sites}.example.com`
    const hsts = { maxAgeSeconds: 60, includeSubDomains: false, preload: false }
    await nginx.secure(host, await nginx.siteOf(site), { redirect: false, hsts })
    await nginx.load()
    return nginx.at(host)
  })
})
