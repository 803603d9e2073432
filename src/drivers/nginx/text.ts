/** The text of our files, from the model. */
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { configText } from '../../domain/nginx/config.ts'
import { sharedConfig } from '../../domain/nginx/http.ts'
import { listenAddresses, type NginxPlace } from '../../domain/nginx/place.ts'
import { siteConfig } from '../../domain/nginx/site.ts'
import { defaultServers, readListen } from './listening.ts'
import type { OperatorConfig } from './operator.ts'

export const siteText = (hostname: Hostname, site: HostSite, place: NginxPlace): string =>
  configText(siteConfig(hostname, site, place))

export const firstText = (place: NginxPlace, generation: string, operator: OperatorConfig): string =>
  configText(
    sharedConfig({
      place,
      generation,
      operator: { http: [...operator.http.keys()], defaultServers: hisDefaults(place, operator) },
    }),
  )

/** Of our addresses, as NGINX reads them, those for which he has a default server. */
function hisDefaults({ listen, tls }: NginxPlace, operator: OperatorConfig): string[] {
  const all = [...listen, ...(tls?.listen ?? [])]
  const his = defaultServers(operator, all).map(({ args }) => readListen(args))
  return all
    .flatMap(listenAddresses)
    .filter((text) => his.some((one) => one !== null && listenAddresses(one).includes(text)))
}
