/** Record sets in their one spelling, whatever a provider writes. */
import { domainToASCII } from 'node:url'
import { quoted, textOfStrings, unquoted } from '../../base/dns/character-string.ts'
import { canonicalName, isWithin } from '../../base/dns/name.ts'
import { canonicalIp } from '../../base/dns/rdata.ts'
import { MalformedMessage } from '../../base/dns/wire.ts'
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { RecordChange, RecordSet } from '../../ports/dns.ts'

/** What drivers write; everything else is somebody else's. */
const WRITTEN = ['A', 'AAAA', 'CNAME', 'TXT']

export const keyOf = ({ name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${name} ${type}`

/** A wanted set, canonical and not proxied. Throws `invalid` for what nobody could keep. */
export function canonicalSet(set: RecordSet): RecordSet {
  const { name, type, ttlSeconds } = set
  const wrong = (what: string, hint: string) =>
    new Fault('invalid', `The record ${type} of ${shown(name, 100)} ${what}.`, { hint })
  if (!WRITTEN.includes(type)) throw wrong('is of a type that is not written', `Use ${WRITTEN.join(', ')}.`)
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > LIMITS.dnsExchange.ttlSeconds)
    throw wrong('has a TTL that is none', `Use whole seconds, at most ${LIMITS.dnsExchange.ttlSeconds}.`)
  const values = [...new Set(set.values.map((value) => canonicalValue(type, value)))].toSorted()
  if (values.length === 0) throw wrong('has no value', 'Give at least one.')
  if (type === 'CNAME' && values.length > 1) throw wrong('has several values', 'A CNAME has one.')
  return { name: canonicalName(name), type, ttlSeconds, values }
}

function canonicalValue(type: string, value: string): string {
  const canonical =
    type === 'TXT' ? text(value) : type === 'CNAME' ? target(value) : canonicalIp(typeOfIp(type), value)
  if (canonical !== null) return canonical
  throw new Fault('invalid', `${shown(value, 100)} is no value of a record of type ${type}.`, {
    hint: HINTS[type] ?? 'Correct it.',
  })
}

const typeOfIp = (type: string): 'A' | 'AAAA' => (type === 'A' ? 'A' : 'AAAA')

const HINTS: Record<string, string> = {
  A: 'Give an IPv4 address such as 192.0.2.1.',
  AAAA: 'Give an IPv6 address such as 2001:db8::1.',
  CNAME: 'Give a host name.',
  TXT: `Give text of at most ${LIMITS.dnsExchange.textBytes} bytes.`,
}

const text = (value: string): string | null =>
  value.isWellFormed() && Buffer.byteLength(value) <= LIMITS.dnsExchange.textBytes ? value : null

function target(value: string): string | null {
  const name = canonicalName(value)
  return name === '' ? null : name
}

/** Throws `invalid` for a name that does not lie in a zone. */
export function requireWithin(name: string, zone: string): void {
  if (isWithin(name, zone)) return
  throw new Fault('invalid', `${shown(name, 100)} does not lie in the zone ${zone}.`, {
    hint: 'Choose a name of this zone, or the provider that holds the zone of the name.',
  })
}

/** Every name and type once, with both sides as the provider keeps them. Throws `invalid`. */
export function canonicalChanges(
  zone: string,
  changes: readonly RecordChange[],
  asKept: (set: RecordSet) => RecordSet,
): RecordChange[] {
  for (const { name } of changes) requireWithin(canonicalName(name), zone)
  const canonical = changes.map(({ name, type, before, after }) => ({
    name: canonicalName(name),
    type,
    // What stood there may be of somebody's making, and never be ours to write.
    before: before && {
      ...before,
      name: canonicalName(before.name),
      values: [...new Set(before.values)].toSorted(),
    },
    after: after && asKept(after),
  }))
  const keys = canonical.map(keyOf)
  const isAmiss = canonical.some((change) =>
    [change.before, change.after].some((set) => set !== null && keyOf(set) !== keyOf(change)),
  )
  if (isAmiss || new Set(keys).size !== keys.length)
    throw new Error('each change is about one record set, and each record set has one change')
  return canonical
}

/** A set as somebody is told of it. */
export const described = (set: RecordSet | null): string =>
  set === null
    ? 'nothing'
    : shown(
        `${set.type} ${set.values.join(', ')} (TTL ${set.ttlSeconds}${set.proxied === true ? ', proxied' : ''})`,
        200,
      )

/** A name as a provider tells it. What is none is somebody else's, and stays as it is. */
export function toldName(text: string): string {
  // Of plain names the URL standard would make numbers and paths.
  const ascii = /[^\p{ASCII}]/u.test(text) ? domainToASCII(text) : text
  try {
    return canonicalName(ascii === '' ? text : ascii)
  } catch (thrown) {
    if (thrown instanceof Fault) return text.toLowerCase().replace(/\.$/, '')
    throw thrown
  }
}

/** The value that a record's text in master file syntax means; of types that are never written, the text itself. */
export function valueOfContent(type: string, content: string): string {
  try {
    switch (type) {
      case 'A':
      case 'AAAA':
        return canonicalIp(type, content) ?? content
      case 'CNAME':
      case 'NS':
      case 'PTR':
      case 'DNAME':
        return canonicalName(content)
      case 'MX':
        return content.replace(/\S+$/, (name) => canonicalName(name))
      case 'TXT':
        return textOfStrings(unquoted(content))
      default:
        return content
    }
  } catch (thrown) {
    // It is somebody else's, and need not be understood to be left alone.
    if (thrown instanceof MalformedMessage || thrown instanceof Fault) return content
    throw thrown
  }
}

/** A value in master file syntax, where host names end with `dot`. */
export function contentOfValue(type: string, value: string, dot: '.' | ''): string {
  if (type === 'TXT') return quoted(value)
  return type === 'CNAME' ? `${value}${dot}` : value
}
