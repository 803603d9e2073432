import type { Hostname, HostSite } from '../host-site.ts'
import { block, type Directive, directive, variable } from './config.ts'
import { httpListens, httpsListens, type NginxPlace } from './place.ts'

/** The server blocks of one host name: what its visitors are answered, exactly as the builtin gateway answers them. */
export function siteConfig(hostname: Hostname, site: HostSite, place: NginxPlace): Directive[] {
  if (site.kind !== 'site' || site.site === null) return []
  return [
    block(
      'server',
      [],
      [
        ...httpListens(place.listen),
        ...httpsListens(place),
        directive('server_name', hostname),
        directive('root', `${place.data}/sites/${site.site.link}`),
        block('location', ['/'], [directive('try_files', variable('$uri'), '=404')]),
      ],
    ),
  ]
}
