/** Record sets as values: what we write is typed and bounded before a provider sees it (THREATS D03, D09). */
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { canonicalHostname } from '../hostname.ts'

/**
 * A zone that a provider holds: its canonical name (lower case, A-labels, no trailing dot) and the provider's own id for
 * it. The empty name is the root, which every name lies in: what `manual` holds when it names no zones.
 */
export interface Zone {
  name: string
  id: string
}

/** All records of one name and type. Names are canonical: lower case, A-labels, no trailing dot. */
export interface RecordSet {
  name: string
  /** Such as `A`. Of types that we never write the values may be opaque text. */
  type: string
  ttlSeconds: number
  /** Addresses in their canonical spelling, host names without the trailing dot, TXT as plain text; sorted, each once. */
  values: string[]
  /** Answered by the provider's own addresses instead (Cloudflare). */
  proxied?: boolean
}

/** One record set, from what was seen to what is wanted; null: nothing. */
export interface RecordChange {
  name: string
  type: string
  before: RecordSet | null
  after: RecordSet | null
}

/** What records of sites point to: this server. */
export interface DnsTarget {
  /** IPv4 and IPv6, each in its canonical spelling. */
  addresses: string[]
  /** A name that leads to this server; where it is set, records are CNAMEs to it, except where a zone begins. */
  cname: string | null
  ttlSeconds: number
}

/** The types that sites get, in the order in which they are shown. */
export const SITE_TYPES = ['A', 'AAAA', 'CNAME'] as const
export type SiteType = (typeof SITE_TYPES)[number]
/** All that we ever write; TXT are the markers. */
export type WrittenType = SiteType | 'TXT'
export type WrittenSet = RecordSet & { type: WrittenType }

/** The target with everything in its one spelling; anything else is `invalid`, with the field to blame. */
export function canonicalTarget(target: DnsTarget, field = 'dns'): DnsTarget {
  const { addresses, cname, ttlSeconds } = target
  if (addresses.length > LIMITS.dns.addresses)
    throw invalid(
      `${field}.addresses`,
      `${addresses.length} addresses are more than one record set takes.`,
      `Name at most ${LIMITS.dns.addresses}.`,
    )
  return {
    addresses: inOrder(addresses.map((address) => canonicalAddress(address, `${field}.addresses`).value)),
    cname: cname === null ? null : aliasTarget(cname, `${field}.cname`),
    ttlSeconds: checkedTtl(ttlSeconds, `${field}.ttlSeconds`),
  }
}

/** A set of ours in its one spelling: owner name, TTL and values by their type. */
export function checkedSet(set: WrittenSet): RecordSet {
  const values = inOrder(set.values.map((value) => checkedValue(set.type, value)))
  if (values.length === 0 || (set.type === 'CNAME' && values.length > 1))
    throw invalid(
      'values',
      `${shown(set.name)} ${set.type} has ${values.length} values.`,
      'A CNAME has exactly one.',
    )
  return { ...set, ttlSeconds: checkedTtl(set.ttlSeconds, 'ttlSeconds'), values }
}

function checkedValue(type: WrittenType, value: string): string {
  if (type === 'TXT') return checkedText(value)
  if (type === 'CNAME') return aliasTarget(value, 'values')
  const address = canonicalAddress(value, 'values')
  if (address.type !== type)
    throw invalid(
      'values',
      `"${address.value}" is no address for a record of the type ${type}.`,
      `It belongs into ${address.type}.`,
    )
  return address.value
}

/** An address of a server in its one spelling (RFC 5952), and the record type that holds it. */
export function canonicalAddress(text: string, field = 'address'): { type: 'A' | 'AAAA'; value: string } {
  const type = text.includes(':') ? 'AAAA' : 'A'
  const value = type === 'A' ? ipv4(text) : ipv6(text)
  if (value === null)
    throw invalid(
      field,
      `"${shown(text, 60)}" is no IP address.`,
      'Write IPv4 as four numbers from 0 to 255 without leading zeros, IPv6 without brackets and zone.',
    )
  const unfit = NO_SERVER.find(([pattern]) => pattern.test(value))
  if (unfit)
    throw invalid(field, `"${value}" is ${unfit[1]}.`, 'Write an address at which this server is reached.')
  return { type, value }
}

/** RFC 6890, RFC 4291: addresses that are nobody's, or many machines'. */
const NO_SERVER = [
  [/^0\.|^::$/, 'the address of nobody'],
  [/^(22[4-9]|23\d)\.|^ff[\da-f]{2}:/, 'a multicast address'],
  [/^(24\d|25[0-5])\./, 'of a block that is not in use'],
  [/^::ffff:/, 'an IPv4 address in IPv6 clothes: write the four numbers'],
  [/^fe[89ab][\da-f]:/, 'link-local: it means another machine on each network'],
] as const

function ipv4(text: string): string | null {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
    ? text
    : null
}

function ipv6(text: string): string | null {
  if (text.length > LIMITS.dns.addressChars || !/^[\da-f:.]+$/i.test(text)) return null
  const url = `http://[${text}]/`
  // The URL standard has the shortest spelling (RFC 5952) of a host.
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null
}

/** Where a CNAME leads: a whole name, never a wildcard. */
function aliasTarget(text: string, field: string): string {
  const { hostname, wildcard } = canonicalHostname(text, field)
  if (wildcard)
    throw invalid(
      field,
      `"${shown(hostname, 80)}" is a wildcard, to which no record can point.`,
      'Name one host.',
    )
  return hostname
}

/** Text that looks the same in every provider's syntax, in one character-string. */
function checkedText(text: string): string {
  if (text.length > LIMITS.dns.textBytes || !/^[\x20-\x7e]+$/.test(text) || /["\\]/.test(text))
    throw invalid(
      'values',
      `"${shown(text, 40)}" can't be the text of a TXT record of ours.`,
      `1 to ${LIMITS.dns.textBytes} printable ASCII characters, without quotes and backslashes.`,
    )
  return text
}

export function checkedTtl(seconds: number, field = 'ttlSeconds'): number {
  const { ttlSecondsLeast: least, ttlSecondsMost: most } = LIMITS.dns
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds
  throw invalid(
    field,
    `A TTL of ${String(seconds)} seconds is not possible.`,
    `Whole seconds from ${least} (below that every visitor waits for DNS) to ${most} (a day, for which a moved name leads to the old place).`,
  )
}

function invalid(field: string, message: string, hint: string): Fault {
  return new Fault('invalid', message, { hint, errors: [{ field, message }] })
}

const inOrder = (values: string[]): string[] => [...new Set(values)].toSorted()

/** Whether two sets say the same, apart from how long it may be remembered. */
export const sameData = (a: RecordSet | null, b: RecordSet | null): boolean =>
  a === null || b === null
    ? a === b
    : a.name === b.name &&
      a.type === b.type &&
      (a.proxied ?? false) === (b.proxied ?? false) &&
      a.values.length === b.values.length &&
      inOrder(a.values).every((value, at) => value === inOrder(b.values)[at])

/** Whether two sets are the same, TTL and all. */
export const sameSet = (a: RecordSet | null, b: RecordSet | null): boolean =>
  sameData(a, b) && a?.ttlSeconds === b?.ttlSeconds

/** A set as people read it: `docs.example.com A 203.0.113.5`. */
export const setText = ({ name, type, values }: Pick<RecordSet, 'name' | 'type' | 'values'>): string =>
  shown(`${name} ${type} ${values.join(', ')}`, 300)
