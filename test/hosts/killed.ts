/** Carries out one order and ends by SIGKILL after the step of a number; prints each step that it reached. */
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { nginxHosts } from '../../src/drivers/nginx/hosts.ts'
import type { NginxSettings } from '../../src/drivers/nginx/settings.ts'
import type { MovedFile } from '../../src/ports/hosts.ts'

export interface KilledOrder {
  data: string
  settings: NginxSettings
  hostname: string
  site: HostSite | null
  /** Of an operator's, to be moved away in the same change. */
  files?: MovedFile[]
  /** After which step; 0: it is let live. */
  at: number
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as KilledOrder
  let steps = 0
  const hosts = nginxHosts({
    ...order,
    instance: 'instance1',
    clock: systemClock,
    log: silentLog,
    reached(step) {
      process.stdout.write(`${step}\n`)
      if (++steps === order.at) process.kill(process.pid, 'SIGKILL')
    },
  })
  const { signal } = new AbortController()
  const { hostname, site, files } = order
  if (files && site) await hosts.takeOver([{ hostname, site }], files, signal)
  else if (order.site === null) await hosts.drop(order.hostname, signal)
  else await hosts.put(order.hostname, order.site, signal)
  process.exit(0)
}
