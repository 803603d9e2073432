/** The text of our files, from the model. */
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { block, configText, directive } from '../../domain/nginx/config.ts'
import { sharedConfig } from '../../domain/nginx/http.ts'
import { httpListens, listenAddresses, type NginxPlace } from '../../domain/nginx/place.ts'
import { siteConfig } from '../../domain/nginx/site.ts'
import { defaultServers, readListen } from './listening.ts'
import type { OperatorConfig } from './operator.ts'

export const siteText = (hostname: Hostname, site: HostSite, place: NginxPlace): string =>
  configText(siteConfig(hostname, site, place))

export function firstText(place: NginxPlace, generation: string, operator: OperatorConfig): string {
  const settings = { http: [...operator.http.keys()], defaultServers: hisDefaults(place, operator) }
  const text = configText(sharedConfig({ place, generation, operator: settings }))
  if (text.includes('generation.fairlead.invalid')) return text
  return (
    text +
    configText([
      block(
        'server',
        [],
        [
          ...place.listen
            .flatMap(listenAddresses)
            .map((at) =>
              settings.defaultServers.includes(at)
                ? directive('listen', at)
                : directive('listen', at, 'default_server'),
            ),
          directive('return', '404'),
        ],
      ),
      block(
        'server',
        [],
        [
          ...httpListens(place.listen),
          directive('server_name', 'generation.fairlead.invalid'),
          block(
            'location',
            ['/'],
            [directive('default_type', 'text/plain'), directive('return', '200', generation)],
          ),
        ],
      ),
    ])
  )
}

/** Of our addresses, as NGINX reads them, those for which he has a default server. */
function hisDefaults({ listen, tls }: NginxPlace, operator: OperatorConfig): string[] {
  const all = [...listen, ...(tls?.listen ?? [])]
  const his = defaultServers(operator, all).map(({ args }) => readListen(args))
  return all
    .flatMap(listenAddresses)
    .filter((text) => his.some((one) => one !== null && listenAddresses(one).includes(text)))
}
