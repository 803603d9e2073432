import { block, type Directive, directive, entry, raw } from './config.ts'
import type { NginxPlace } from './place.ts'

/** What the operator's own configuration sets already; it is left to him, since NGINX refuses a second one. */
export interface OperatorSettings {
  /** Directives of `http{}`: `server_names_hash_bucket_size`, `map_hash_max_size`, … */
  http: readonly string[]
  /** `address:port` as `listenAddresses` writes them, for which he has a default server. */
  defaultServers: readonly string[]
}

export interface SharedOptions {
  place: NginxPlace
  /** What `generation.fairlead.invalid` answers to this machine itself. */
  generation: string
  operator: OperatorSettings
}

/** What all sites share: `00-fairlead.conf`. */
export function sharedConfig({ operator }: SharedOptions): Directive[] {
  const sizes: [Directive['name'], string][] = [
    ['server_names_hash_bucket_size', '512'],
    ['server_names_hash_max_size', '65536'],
  ]
  return [
    ...sizes.filter(([name]) => !operator.http.includes(name)).map(([name, size]) => directive(name, size)),
    block('geo', [raw('$fairlead_dollar')], [entry('default', raw('$'))]),
  ]
}
