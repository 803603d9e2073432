/** The same by chance over HTTPS, and of plain HTTP that leads there or does not. */
import { afterAll, expect, test } from 'bun:test'
import { silentLog } from '../../src/base/log.ts'
import type { HostSite, HostTls } from '../../src/domain/host-site.ts'
import { type BuiltinGateway, builtinGateway } from '../../src/drivers/gateway/builtin.ts'
import { makeCertificate } from '../certificates.ts'
import type { CaseSite, LiveSite } from '../serving/table.ts'
import { acceptable, compareAt, type Difference } from './alike.ts'
import { HOSTILE_TLS } from './hostile.ts'
import { LiveNginx } from './live-nginx.ts'
import { Chance, randomRequest, randomSite } from './random-sites.ts'

const SITES = 16
const REQUESTS = 25
const { signal } = new AbortController()
const HSTS = { maxAgeSeconds: 600, includeSubDomains: false, preload: true }

test('both gateways answer alike', async () => {
  const nginx = await LiveNginx.start({ http: HOSTILE_TLS })
  afterAll(() => nginx.stop())
  const builtin = secondGateway(nginx)
  const { port } = builtin.start()
  const { port: tlsPort } = await builtin.startTls()
  afterAll(() => builtin.stop(true))

  const sites: { site: CaseSite; chance: Chance; host: string }[] = []
  for (let index = 0; index < SITES; index++) {
    const chance = new Chance(7_000 + index)
    const site = acceptable(randomSite(chance))
    const host = `s${index}.example.com`
    await put({ nginx, builtin, host, site: await nginx.siteOf(site), ways: waysOf(index) })
    sites.push({ site, chance, host })
  }
  await nginx.load()

  const differences: (Difference & { site: CaseSite; host: string })[] = []
  for (const { site, chance, host } of sites)
    for (let count = 0; count < REQUESTS; count++) {
      const request = randomRequest(site, chance)
      const at = { address: '127.0.0.1', host }
      const places: { builtin: LiveSite; nginx: LiveSite }[] = [
        { builtin: { ...at, port }, nginx: nginx.at(host) },
        { builtin: { ...at, port: tlsPort, sni: host }, nginx: nginx.tlsAt(host) },
      ]
      for (const place of places) {
        const difference = await compareAt(place, request)
        if (difference !== null && !isUnreadable(difference)) differences.push({ ...difference, site, host })
      }
    }
  expect(differences.slice(0, 1)).toEqual([])
}, 120_000)

/** Each combination of leading to HTTPS and telling HSTS. */
const waysOf = (index: number): Omit<HostTls, 'certificate'> => ({
  redirect: index % 2 === 0,
  hsts: index % 4 < 2 ? HSTS : null,
  minimum: index % 8 < 4 ? 'TLSv1.2' : 'TLSv1.3',
})

/** Over the same data folder as the one that NGINX is compared with, and over HTTPS. */
function secondGateway({ builtin: { data, certificates } }: LiveNginx): BuiltinGateway {
  const listen = { hostname: '127.0.0.1', port: 0 }
  return builtinGateway({
    data,
    listen,
    tls: { listen, certificates },
    siteOf: () => null,
    log: silentLog,
  })
}

interface Put {
  nginx: LiveNginx
  builtin: BuiltinGateway
  host: string
  site: HostSite
  ways: Omit<HostTls, 'certificate'>
}

async function put({ nginx, builtin, host, site, ways }: Put): Promise<void> {
  await nginx.builtin.certificates.put(host.replaceAll('.', '-'), makeCertificate([host]))
  const tls = { ...ways, certificate: host.replaceAll('.', '-') }
  nginx.write(host, { ...site, tls })
  await builtin.hosts.put(host, { ...site, tls }, signal)
}

/** A path that can't be read: over HTTPS NGINX has a page of its own for it. */
const isUnreadable = ({ builtin, nginx }: Difference): boolean =>
  [builtin, nginx].every((answer) => JSON.stringify(answer).startsWith('{"status":400,'))
