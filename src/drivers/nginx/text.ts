/** The text of our files: from the model, and read back as NGINX reads it. */
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { sharedConfig } from '../../domain/nginx/http.ts'
import { listenAddresses, type NginxPlace } from '../../domain/nginx/place.ts'
import { provenText } from '../../domain/nginx/proof.ts'
import { SHARED_FILE, siteConfig } from '../../domain/nginx/site.ts'
import { addressesWithDefault } from './listening.ts'
import type { OperatorConfig } from './operator.ts'

export const siteText = (hostname: Hostname, site: HostSite, place: NginxPlace): string =>
  provenText(siteConfig(hostname, site, place), hostname)

/** Shaped as generations are (`randomId`), and none of them. */
const SOME_GENERATION = '0generation0of0them0'

interface FirstOptions {
  operator: OperatorConfig
  /** Whether a host name has HTTPS of its own. */
  isSecured: boolean
  /** Names without it below wildcards that have it. */
  refused: readonly Hostname[]
}

/** The file of what all sites share. It is long, and only the generation in it differs from one publish to the next. */
export class FirstText {
  #known = new Map<string, [before: string, after: string]>()

  of(place: NginxPlace, generation: string, { operator, isSecured, refused }: FirstOptions): string {
    const ours = [...place.listen, ...place.tlsListen].flatMap(listenAddresses)
    const his = { http: [...operator.http.keys()], defaultServers: addressesWithDefault(operator, ours) }
    const key = JSON.stringify([place, his, isSecured, refused])
    let around = this.#known.get(key)
    if (around === undefined) {
      const text = provenText(
        sharedConfig({ place, generation: SOME_GENERATION, operator: his, isSecured, refused }),
        SHARED_FILE,
      )
      const [before, after, ...more] = text.split(SOME_GENERATION)
      if (before === undefined || after === undefined || more.length > 0)
        throw new Error(`${SHARED_FILE} has to name its generation once.`)
      around = [before, after]
      this.#known = new Map([...this.#known, [key, around] as const].slice(-PLACES))
    }
    return around.join(generation)
  }
}

/** Where it stands, where it is tried alone, each before an operator's change and after it, and with HTTPS or without. */
const PLACES = 8
