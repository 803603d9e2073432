/** What other machines may see of an instance: where it listens, over what, and whose word it takes. */
import { type Block, isLoopback, parseBlock } from './base/addresses.ts'
import { Fault, shown } from './base/fault.ts'
import type { HttpsMode } from './domain/https.ts'
import type { GatewaySetting } from './domain/settings.ts'

interface Outside {
  listen: { hostname: string; port: number }
  url: string | null
  insecureHttp?: boolean
}

/** Nobody else may reach the page before it has an owner, and then only over HTTPS, unless it is wanted otherwise. */
export function requireSafeAddress(
  { listen: { hostname, port }, url, insecureHttp }: Outside,
  isClaimed: boolean,
): void {
  if (isLoopback(hostname)) return
  const address = `${hostname}:${port}`
  if (!isClaimed)
    throw new Fault('usage', `There is no account yet, so Fairlead does not listen on ${address}.`, {
      hint: 'Make the first one: listen on loopback and open the link that is printed (through ssh -L 4750:127.0.0.1:4750 from elsewhere), or run "fairlead user create --email ADDRESS --role owner --password-stdin --data DIR".',
    })
  if (url?.startsWith('https:') || insecureHttp === true) return
  throw new Fault('usage', `On ${address} passwords and keys would travel without HTTPS.`, {
    hint: 'Listen on loopback behind a proxy ("fairlead doctor nginx" prints its site), say with --url https://… that one is in front, or give --insecure-http.',
  })
}

/** Where the gateway of URLs answers visitors. */
export interface GatewayPlace {
  listen: readonly { address: string | null }[]
  /** Whether it brings HTTPS. */
  hasTls: boolean
}

/** Where a name with this HTTPS would answer; one that answers over HTTPS alone is safe by itself. */
export function gatewayPlace(
  { sitesListen }: { sitesListen: { hostname: string } },
  { kind, nginx }: GatewaySetting,
  { mode, redirect }: { mode: HttpsMode; redirect: boolean },
): GatewayPlace {
  const hasTls = mode !== 'none' && redirect
  if (kind === 'builtin') return { listen: [{ address: sitesListen.hostname }], hasTls }
  return { listen: nginx.listen, hasTls: hasTls || nginx.certificate !== null }
}

/** A host name of Fairlead's own is an address too. Throws `conflict`. */
export function requireSafeSelf(
  { insecureHttp }: Pick<Outside, 'insecureHttp'>,
  { listen, hasTls }: GatewayPlace,
): void {
  const isNear = listen.every(({ address }) => address !== null && isLoopback(address))
  if (isNear || hasTls || insecureHttp === true) return
  throw new Fault('conflict', 'Under a host name of its own passwords and keys would travel without HTTPS.', {
    hint: 'Attach it with HTTPS (https "auto" or "own", with plain HTTP leading there), or start Fairlead with --insecure-http.',
  })
}

/** People who reach it from other machines do so without HTTPS. */
export function isInsecure({ listen, url }: Outside): boolean {
  if (url === null) return !isLoopback(listen.hostname)
  const { protocol, hostname } = new URL(url)
  return protocol !== 'https:' && !isLoopback(hostname) && !hostname.endsWith('.localhost')
}

/** An address of this machine is a name of it, too; the one that stands for all of them is none. */
export const hostsOf = ({ hostname }: Outside['listen']): string[] => {
  if (hostname === '0.0.0.0' || /^[:0]+$/.test(hostname)) return []
  return [hostname.includes(':') ? `[${hostname}]` : hostname]
}

/** The IP address at which this very machine reaches what listens on a host. */
export const ownAddress = (hostname: string): string =>
  ({ '0.0.0.0': '127.0.0.1', '::': '::1', localhost: '127.0.0.1' })[hostname] ?? hostname

export function requireBlock(text: string): Block {
  const block = parseBlock(text)
  if (block) return block
  throw new Fault('usage', `"${shown(text, 60)}" is no address and no CIDR block.`, {
    hint: 'Give --trusted-proxy such as 127.0.0.1 or 10.0.0.0/8, with commas between.',
  })
}
