import type { Directive } from './config.ts'
import { directive } from './config.ts'

/** Where a server listens. `address` null: every address of this machine, IPv4 and IPv6. */
export interface Listen {
  /** An IP address without brackets. */
  address: string | null
  port: number
}

/** What of the machine the text of a site depends on. */
export interface NginxPlace {
  /** The data folder: absolute. */
  data: string
  /** Plain HTTP. */
  listen: Listen[]
  /** HTTPS, and the PEM files of its certificate; then plain HTTP only leads there. */
  tls: { certificate: string; certificateKey: string; listen: Listen[] } | null
  /** For `fairlead.log`, a line of JSON for each request; null: none is written. */
  logFolder: string | null
  version: readonly [number, number, number]
  /** The id of this instance. */
  instance: string
}

/** Texts are valid from here on. */
export const OLDEST_VERSION = [1, 22, 0] as const

const isFrom = (version: readonly number[], ...from: number[]): boolean => {
  for (const [index, part] of from.entries()) {
    const ours = version[index] ?? 0
    if (ours !== part) return ours > part
  }
  return true
}

/** `address:port` as NGINX reads it; every address is one of IPv4 and one of IPv6. */
export const listenAddresses = ({ address, port }: Listen): string[] =>
  address === null
    ? [`${port}`, `[::]:${port}`]
    : [address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`]

export const httpListens = (listens: readonly Listen[], ...more: string[]): Directive[] =>
  listens.flatMap(listenAddresses).map((at) => directive('listen', at, ...more))

/** HTTP/2 was a word of `listen` before 1.25.1, and has been a directive since. */
export function httpsListens({ tls, version }: NginxPlace, ...more: string[]): Directive[] {
  if (tls === null) return []
  const separate = isFrom(version, 1, 25, 1)
  const words = separate ? ['ssl'] : ['ssl', 'http2']
  const listens = tls.listen.flatMap(listenAddresses).map((at) => directive('listen', at, ...words, ...more))
  return separate ? [...listens, directive('http2', 'on')] : listens
}
