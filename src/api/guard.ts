/** Which requests are let in at all: any web page can reach loopback, so Host and Origin are judged first. */
import { Fault, shown } from '../base/fault.ts'

export interface GuardOptions {
  /** Host names, without a port, that this server answers for besides the loopback names and the one of `url`. */
  hosts: readonly string[]
  /** Where people reach this server, as `--url` tells it: its origin is trusted whatever a proxy makes of Host. */
  url: URL | null
  /** Whether a gateway brings this host name's visitors here: a URL of the kind `self`. */
  isSelf?: (hostname: string) => boolean
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
/** RFC 9110 §7.2: a host and an optional port. Two Host headers arrive joined by a comma and don't match. */
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,9})(?::\d{1,5})?$/

export class Guard {
  private readonly hosts: ReadonlySet<string>
  private readonly url: URL | null
  private readonly isSelf: (hostname: string) => boolean

  constructor({ hosts, url, isSelf = () => false }: GuardOptions) {
    const names = [...LOOPBACK, ...hosts, ...(url ? [url.hostname] : [])]
    this.hosts = new Set(names.map((name) => name.toLowerCase()))
    this.url = url
    this.isSelf = isSelf
  }

  /** Throws `malformed`, `misdirected`, and for requests that change something `forbidden`. */
  admit(request: Request): void {
    const host = (request.headers.get('host') ?? '').toLowerCase()
    const name = HOST.exec(host)?.[1]
    if (name === undefined)
      throw new Fault('malformed', 'The request names no host, or more than one.', {
        hint: 'Send exactly one Host header: a host name and an optional port.',
      })
    const isSelf = !this.hosts.has(name) && this.isSelf(name)
    if (!this.hosts.has(name) && !isSelf)
      throw new Fault('misdirected', `This server does not answer for the host "${shown(name, 80)}".`, {
        hint: 'Use localhost or 127.0.0.1, or start Fairlead with --url and the address that people use.',
      })
    if (!isSafe(request.method)) this.requireSameOrigin(request, { host, self: isSelf ? name : null })
  }

  /** `self`: a gateway is in front of it, which may add HTTPS and listens on a port of its own. */
  private requireSameOrigin(request: Request, { host, self }: { host: string; self: string | null }): void {
    const site = request.headers.get('sec-fetch-site')
    if (site !== null && site !== 'same-origin' && site !== 'none') throw crossSite()
    const origin = request.headers.get('origin')
    if (origin === null || (self !== null && hostnameOf(origin) === self)) return
    const own = this.url?.host === host ? [] : [originOf(`http://${host}`)]
    if (this.url) own.push(this.url.origin)
    if (!own.includes(origin)) throw crossSite()
  }
}

/** Null for what is no origin of HTTP, such as an address with a path. */
function hostnameOf(origin: string): string | null {
  const url = URL.parse(origin)
  return url?.origin === origin && /^https?:$/.test(url.protocol) ? url.hostname : null
}

export const isSafe = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/** A port of 99999 fits the grammar of Host but is no origin. */
const originOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).origin : null)

const crossSite = (): Fault =>
  new Fault('forbidden', 'Another web page sent this request; changes are taken from our own page only.', {
    hint: 'Open Fairlead in its own tab. Scripts should send neither Origin nor Sec-Fetch-Site.',
  })
