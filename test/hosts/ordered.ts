/** Does with the driver what it is told, as whoever runs it, and prints what comes of it as JSON. */
import { systemClock } from '../../src/base/clock.ts'
import { asFault } from '../../src/base/fault.ts'
import { silentLog } from '../../src/base/log.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { nginxHosts } from '../../src/drivers/nginx/hosts.ts'
import { NginxSettings } from '../../src/drivers/nginx/settings.ts'
import type { Finding } from '../../src/ports/hosts.ts'

export interface Order {
  data: string
  settings: unknown
  hostname: string
  /** Without a site: drop; `check`: say what is missing. */
  deed: 'put' | 'drop' | 'read' | 'check'
  site?: HostSite
}

export interface Outcome {
  findings?: Finding[]
  fault?: { code: string; message: string; hint: string | undefined }
  read?: HostSite | null
}

async function outcomeOf({ data, settings, hostname, deed, site }: Order): Promise<Outcome> {
  const { signal } = new AbortController()
  const hosts = nginxHosts({
    data,
    settings: NginxSettings.parse(settings),
    instance: 'instance1',
    clock: systemClock,
    log: silentLog,
  })
  try {
    if (deed === 'check') return { findings: await hosts.check(signal) }
    if (deed === 'read') return { read: await hosts.read(hostname, signal) }
    if (deed === 'put' && site) await hosts.put(hostname, site, signal)
    if (deed === 'drop') await hosts.drop(hostname, signal)
    return {}
  } catch (error) {
    const { code, message, hint } = asFault(error)
    return { fault: { code, message, hint } }
  }
}

if (import.meta.main) {
  const order = JSON.parse(process.argv.at(-1) ?? '') as Order // by the test
  process.stdout.write(JSON.stringify(await outcomeOf(order)))
  process.exit(0)
}
