/** Sites, rules and requests by chance: NGINX and the builtin gateway answer alike, status, headers and body. */
import { afterAll, expect, test } from 'bun:test'
import type { CaseSite } from '../serving/table.ts'
import { acceptable, compare, type Difference } from './alike.ts'
import { HOSTILE_HTTP } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'
import { Chance, randomRequest, randomSite } from './random-sites.ts'

const SITES = 25
const REQUESTS = 40

const HTTP: [what: string, http: string][] = [
  ['an http{} of few words', ''],
  ['an http{} that sets everything wrongly', HOSTILE_HTTP],
]

for (const [seed, [what, http]] of HTTP.entries())
  test(`under ${what}`, async () => {
    const nginx = await LiveNginx.start({ http })
    afterAll(() => nginx.stop())
    const sites: { site: CaseSite; chance: Chance; host: string }[] = []
    for (let index = 0; index < SITES; index++) {
      const chance = new Chance(1000 * seed + index)
      const site = acceptable(randomSite(chance))
      sites.push({ site, chance, host: (await nginx.put(site)).host })
    }
    await nginx.load()
    const differences: (Difference & { site: CaseSite })[] = []
    for (const { site, chance, host } of sites)
      for (let count = 0; count < REQUESTS; count++) {
        const difference = await compare(nginx, host, randomRequest(site, chance))
        if (difference !== null) differences.push({ ...difference, site })
      }
    expect(differences.slice(0, 1)).toEqual([])
  }, 60_000)
