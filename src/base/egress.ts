/** The way out to addresses that somebody typed in: each is judged as it is dialled, never by its name. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Fault, shown } from './fault.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'

export interface OutwardRequest
  extends Pick<
    HttpRequest,
    'method' | 'headers' | 'body' | 'root' | 'deadlineMs' | 'maxBodyBytes' | 'signal'
  > {
  url: string
  /** Lets addresses of this machine and of private networks be dialled, any port of them, and plain HTTP on loopback. */
  allowPrivateNetwork: boolean
  /** With it, lets plain HTTP go to addresses of private networks as well. */
  allowPlainHttp?: boolean
}

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<string[]>

const resolveByTheSystem: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address)

/** Ports that a stranger's address may have: TLS is spoken on these, and nothing that a request could hurt. */
const PUBLIC_PORTS = [443, 8443]

export class Egress {
  private readonly client: HttpClient
  private readonly resolve: Resolve

  constructor(client: HttpClient, resolve: Resolve = resolveByTheSystem) {
    this.client = client
    this.resolve = resolve
  }

  /**
   * Looks the name up once, judges every address that it has, and dials one of those: a name that answers otherwise a
   * moment later changes nothing. No redirect is followed. Throws `forbidden` for what may not be dialled, `unavailable`
   * and `too_large` as HttpClient does.
   */
  async request(given: OutwardRequest): Promise<HttpAnswer> {
    const url = judgedUrl(given.url)
    const address = await this.judgedAddress(url, given)
    const { method, headers, body, root, signal } = given
    return await this.client.request({
      protocol: url.protocol === 'https:' ? 'https:' : 'http:',
      dial: { address, port: portOf(url) },
      host: url.host,
      path: `${url.pathname}${url.search}`,
      deadlineMs: given.deadlineMs,
      maxBodyBytes: given.maxBodyBytes,
      ...(method !== undefined && { method }),
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body }),
      ...(root !== undefined && { root }),
      ...(signal !== undefined && { signal }),
    })
  }

  /**
   * All addresses of a name, or the address that it is, for who speaks something else than HTTP: looked up once, each
   * judged. Throws `forbidden` and `unavailable` as `request` does.
   */
  async addresses(
    name: string,
    { allowPrivateNetwork, deadlineMs }: Pick<OutwardRequest, 'allowPrivateNetwork' | 'deadlineMs'>,
  ): Promise<[string, ...string[]]> {
    const [first, ...more] = isIP(name) ? [name] : await this.addressesOf(name, deadlineMs)
    if (first === undefined) throw noSuchName(name)
    const inner = allowPrivateNetwork ? undefined : [first, ...more].find((address) => !isPublic(address))
    if (inner === undefined) return [first, ...more]
    throw new Fault('forbidden', `${shown(name, 100)} leads to ${inner}, an address of a private network.`, {
      hint: 'If that is meant, allow private networks for it.',
    })
  }

  private async judgedAddress(url: URL, given: OutwardRequest): Promise<string> {
    const name = url.hostname.replace(/^\[|\]$/g, '')
    const { allowPrivateNetwork, allowPlainHttp = false } = given
    const isTrusted = (address: string) => isLoopback(address) || (allowPlainHttp && !isPublic(address))
    if (url.protocol === 'http:') {
      const addresses = await this.addresses(name, { ...given, allowPrivateNetwork: true })
      if (allowPrivateNetwork && addresses.every(isTrusted)) return addresses[0]
      throw new Fault(
        'forbidden',
        `${shown(url.origin, 100)} is plain HTTP, which anybody on the way can read.`,
        {
          hint: allowPlainHttp
            ? 'Use an https: address. Plain HTTP is for private networks only, when they are allowed.'
            : 'Use an https: address. Plain HTTP is for this very machine only, with private networks allowed.',
        },
      )
    }
    const [first] = await this.addresses(name, given)
    if (allowPrivateNetwork) return first
    if (!PUBLIC_PORTS.includes(portOf(url)))
      throw new Fault('forbidden', `Port ${portOf(url)} of ${shown(name, 100)} is none that may be asked.`, {
        hint: `Use one of the ports ${PUBLIC_PORTS.join(', ')}, or allow private networks for it.`,
      })
    return first
  }

  /** A name server that is silent keeps nobody waiting for longer than a web server may. */
  private async addressesOf(name: string, deadlineMs: number): Promise<string[]> {
    const late = AbortSignal.timeout(deadlineMs)
    try {
      return await Promise.race([this.resolve(name), rejectedBy(late)])
    } catch (cause) {
      throw noSuchName(name, cause)
    }
  }
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener(
      'abort',
      () => reject(new Error('DNS does not answer', { cause: signal.reason })),
      {
        once: true,
      },
    ),
  )

const noSuchName = (name: string, cause?: unknown): Fault =>
  new Fault('unavailable', `The name ${shown(name, 100)} has no address.`, {
    hint: 'Check its spelling, and that this machine can ask DNS.',
    cause,
  })

/** Throws `invalid` for what is no address of a web server. */
function judgedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  throw new Fault('invalid', `${shown(text, 100)} is no address that can be asked.`, {
    hint: 'Give an https: address without a user name.',
  })
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80))

/** The registries of special addresses (RFC 6890 and what was added since): nothing on the public internet. */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]
/** Of IPv6 only 2000::/3 is public, but for these: Teredo and its kin, documentation, 6to4. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const listOf = (blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList()
  for (const block of blocks) {
    const [network = '', bits] = block.split('/')
    list.addSubnet(network, Number(bits), family)
  }
  return list
}
const specialV4 = listOf(SPECIAL_V4, 'ipv4')
const specialV6 = listOf(SPECIAL_V6, 'ipv6')
const globalV6 = listOf(['2000::/3'], 'ipv6')
const loopback = listOf(['127.0.0.0/8'], 'ipv4')

/** Whether an address is one of the public internet, and not of this machine. */
export function isPublic(address: string): boolean {
  if (isOwn(address)) return false
  if (isIP(address) === 4) return !specialV4.check(address, 'ipv4')
  return isIP(address) === 6 && globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

const isLoopback = (address: string): boolean => address === '::1' || loopback.check(address, 'ipv4')

const isOwn = (address: string): boolean =>
  Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === address))
