/** IP addresses as numbers: whose request it is, behind which proxies, and in which blocks. Nothing is looked up. */
import { isIPv4, isIPv6 } from 'node:net'

interface Address {
  family: 4 | 6
  value: bigint
}

/** An address block (CIDR, RFC 4632). */
export interface Block extends Address {
  prefixBits: number
}

const BITS = { 4: 32, 6: 128 } as const
const MAPPED = 0xffffn << 32n

/** Null for whatever is no address. An IPv4 address in IPv6 clothes (RFC 4291 §2.5.5.2) is the IPv4 address. */
function parsed(text: string): Address | null {
  if (isIPv4(text)) return { family: 4, value: ofParts(text.split('.').map(Number), 8n) }
  if (!isIPv6(text) || text.includes('%')) return null
  const value = ofParts(groupsOf(text), 16n)
  return value >> 32n === MAPPED >> 32n ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value }
}

const ofParts = (parts: number[], bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(part), 0n)

/** The eight groups of an IPv6 address that has been found to be one. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const left = groups(head)
  if (tail === undefined) return left
  const right = groups(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

const groups = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)]
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
        return [a * 256 + b, c * 256 + d]
      })

function textOf({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  const hex = value.toString(16).padStart(32, '0')
  // The URL standard has the shortest spelling (RFC 5952) of a host.
  return new URL(`http://[${hex.replace(/(.{4})(?!$)/g, '$1:')}]/`).hostname.slice(1, -1)
}

/** An address in its one spelling; null for whatever is none. */
export function canonicalAddress(text: string): string | null {
  const address = parsed(text)
  return address && textOf(address)
}

export const isAddress = (text: string): boolean => parsed(text) !== null

/** A block such as `192.0.2.0/24`, or a single address; null for whatever is none, and for bits behind the prefix. */
export function parseBlock(text: string): Block | null {
  const [net = '', prefix, ...rest] = text.split('/')
  const address = parsed(net)
  if (!address || rest.length > 0) return null
  const most = BITS[address.family]
  if (prefix === undefined) return { ...address, prefixBits: most }
  // Of a mapped IPv4 block it would not be clear what the prefix counts.
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > most || net.includes(':') !== (most === 128))
    return null
  const prefixBits = Number(prefix)
  return masked(address, prefixBits) === address.value ? { ...address, prefixBits } : null
}

const masked = ({ family, value }: Address, prefixBits: number): bigint => {
  const free = BigInt(BITS[family] - prefixBits)
  return (value >> free) << free
}

/** The block in its one spelling; a single address without a prefix. */
export const blockText = (block: Block): string =>
  block.prefixBits === BITS[block.family] ? textOf(block) : `${textOf(block)}/${block.prefixBits}`

export function isWithin(text: string, blocks: readonly Block[]): boolean {
  const address = parsed(text)
  if (!address) return false
  return blocks.some(
    ({ family, value, prefixBits }) => family === address.family && masked(address, prefixBits) === value,
  )
}

/** Whether all of a block lies in one of these. */
export const isBlockWithin = (inner: Block, blocks: readonly Block[]): boolean =>
  blocks.some(
    ({ family, value, prefixBits }) =>
      family === inner.family && prefixBits <= inner.prefixBits && masked(inner, prefixBits) === value,
  )

const SITE_BITS = 64

/** Whom a limit counts: an IPv4 address, or the network of an IPv6 one, in which everybody has addresses to spare. */
export function sourceOf(text: string): string {
  const address = parsed(text)
  if (!address) return text
  if (address.family === 4) return textOf(address)
  return `${textOf({ family: 6, value: masked(address, SITE_BITS) })}/${SITE_BITS}`
}

/** Whether only this machine can reach what listens there. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname)

/**
 * Who is at the other end: the peer, or, when that is a trusted proxy, whom the proxies say they speak for. The header
 * is read from its end, where the nearest proxy has written; what stands before the first stranger is his own invention.
 */
export function clientAddress(peer: string, forwardedFor: string | null, trusted: readonly Block[]): string {
  let client = canonicalAddress(peer) ?? peer
  const hops = forwardedFor === null ? [] : forwardedFor.split(',').toReversed()
  for (const hop of hops) {
    if (!isWithin(client, trusted)) break
    const next = canonicalAddress(hop.trim().replace(/^\[(.*)\]$/, '$1'))
    if (next === null) break
    client = next
  }
  return client
}
