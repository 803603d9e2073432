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
  /** HTTPS, for the host names that have it. */
  tlsListen: Listen[]
  /** PEM files of a certificate for all host names without one of their own; then plain HTTP only leads to HTTPS. */
  tls: { certificate: string; certificateKey: string } | null
  /** For `fairlead.log`, a line of JSON for each request; null: none is written. */
  logFolder: string | null
  version: readonly [number, number, number]
  /** What NGINX was built with, as `nginx -V` says it (`http_sub_module`, …). Absent: what Debian builds. */
  modules?: readonly string[]
  /** The id of this instance. */
  instance: string
}

/** NGINX opens it by this very name: a `$` in it would make it another one for each request. */
export function requireFile(path: string): string {
  if (!path.startsWith('/') || path.includes('$')) throw new Error(`NGINX would not open ${path} as it is`)
  return path
}

/** The name of our log format. */
export const LOG_FORMAT = 'fairlead'

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
export function httpsListens(place: NginxPlace, ...more: string[]): Directive[] {
  return listensWithTls(place, place.tlsListen.flatMap(listenAddresses), ...more)
}

export function listensWithTls(
  { version, modules }: NginxPlace,
  addresses: readonly string[],
  ...more: string[]
): Directive[] {
  if (addresses.length === 0) return []
  const isKnown = modules?.includes('http_v2_module') ?? true
  const isSeparate = isFrom(version, 1, 25, 1)
  const words = isKnown && !isSeparate ? ['ssl', 'http2'] : ['ssl']
  const listens = addresses.map((at) => directive('listen', at, ...words, ...more))
  return isKnown && isSeparate ? [...listens, directive('http2', 'on')] : listens
}
