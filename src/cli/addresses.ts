import { wrongValue } from './command.ts'
import type { ListenAddress } from './context.ts'

/** `HOST:PORT`, where the host may be an IPv6 address in brackets. Throws `usage`. */
export function parseAddress(flag: string, text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text) ?? []
  const hostname = bracketed ?? plain
  const port = Number(digits)
  if (hostname === undefined || port > 65_535)
    throw wrongValue(flag, text, 'is HOST:PORT, such as 127.0.0.1:4750 or [::1]:4750')
  return { hostname, port }
}

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** Bytes of a size such as `512M` or `2GiB`; units are powers of 1,024. Throws `usage`. */
export function parseSize(flag: string, text: string): number {
  const [, digits, unit] = /^(\d{1,9})\s*([kmgt]?)(?:i?b)?$/i.exec(text) ?? []
  const factor = UNITS[unit?.toLowerCase() ?? '']
  if (digits === undefined || factor === undefined)
    throw wrongValue(flag, text, 'is a size such as 512M or 2GiB')
  return Number(digits) * factor
}

/** The address under which people reach the page. Throws `usage`. */
export function parseUrl(flag: string, text: string): string {
  const url = URL.parse(text)
  const isOrigin = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password
  if (!isOrigin || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw wrongValue(flag, text, 'is an address without a path, such as https://deploy.example.com')
  return url.origin
}
