/** Host names as people type them, in the one form that is stored, compared and handed on. */
import { parse } from 'tldts'
import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { Hostname } from './host-site.ts'
import { idnaName, type NameProblem } from './hostname/idna.ts'
import { lookalikeProblem } from './hostname/lookalikes.ts'

export interface CanonicalHostname {
  hostname: Hostname
  /** The same name in its own letters; equal to `hostname` for most. */
  unicode: string
  /** Whether it begins with `*.`, and so stands for every name below. */
  wildcard: boolean
}

/** What every canonical name looks like; not every text that looks so is one. */
export const CANONICAL_HOSTNAME =
  /^(?=.{1,253}$)(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** With any of the dots that UTS 46 maps to one. */
const WILDCARD = /^\*[.\u3002\uff0e\uff61]/

/**
 * The canonical form of a name that somebody wants to use: every spelling of one name (case, trailing dot, full width,
 * decomposed, Unicode or `xn--`) has the same, and its own canonical form is itself. Refused as `invalid`, with the label
 * and the reason: what is no host name, what only looks like another (UTS 39), names of one label, and public suffixes, below
 * which names belong to everybody. Names of private zones (`wiki.intern.lan`) are fine; so, here, are reserved ones:
 * `reservedReason` judges those. `field` is the one to blame.
 */
export function canonicalHostname(text: string, field = 'hostname'): CanonicalHostname {
  const refuse = ({ problem, hint }: NameProblem): never => {
    const message = `"${shown(text, 80)}" can't be used as a host name: its ${problem}.`
    throw new Fault('invalid', message, { hint, errors: [{ field, message }] })
  }
  const misread = textProblem(text)
  if (misread) return refuse(misread)
  const wildcard = WILDCARD.test(text)
  const name = idnaName(wildcard ? text.slice(2) : text)
  if ('problem' in name) return refuse(name)
  const problem =
    name.unicode.map(lookalikeProblem).find((found) => found !== null) ?? placeProblem(name.ascii, wildcard)
  if (problem) return refuse(problem)
  const prefix = wildcard ? '*.' : ''
  return {
    hostname: prefix + name.ascii.join('.'),
    unicode: prefix + name.unicode.join('.'),
    wildcard,
  }
}

/** A canonical name in its own letters. */
export function unicodeHostname(hostname: Hostname): string {
  const prefix = hostname.startsWith('*.') ? '*.' : ''
  const name = idnaName(hostname.slice(prefix.length))
  return 'problem' in name ? hostname : prefix + name.unicode.join('.')
}

/** What can be told before letters are looked at: something else than a host name, or far too long for one. */
function textProblem(text: string): NameProblem | null {
  if (text === '') return { problem: 'text is empty', hint: EXAMPLE }
  if (text.includes('\ufeff'))
    return { problem: 'text has a byte order mark in it', hint: 'Type the name instead of pasting it.' }
  if (text.length > LIMITS.hostname.typedChars)
    return {
      problem: `length is ${text.length} characters`,
      hint: `A host name has at most ${LIMITS.hostname.bytes} bytes.`,
    }
  if (/^\[.*\]|^[0-9a-f]*:[0-9a-f.:]*:/i.test(text)) return ADDRESS
  if (/[/?#@\\]|^[a-z][a-z0-9+.-]*:(?!\d*$)/i.test(text))
    return { problem: 'text is more than a name', hint: `Write it without "https://" and path. ${EXAMPLE}` }
  if (text.includes(':'))
    return {
      problem: 'text has a port',
      hint: 'Write it without a port: the gateway decides where it listens.',
    }
  if (/\*/.test(text.replace(WILDCARD, '')))
    return {
      problem: '"*" is not its first label',
      hint: 'Only the whole first label may be a wildcard: *.example.com.',
    }
  return null
}

const EXAMPLE = 'Such as docs.example.com.'
const ADDRESS = {
  problem: 'text is an IP address',
  hint: `Sites are told apart by name; choose one and let it point to that address. ${EXAMPLE}`,
}

/** Whether a name of such labels can be anybody's. */
function placeProblem(ascii: string[], wildcard: boolean): NameProblem | null {
  const name = ascii.join('.')
  // As the URL standard has it ("ends in a number"), after which browsers read the whole as an IPv4 address.
  if (/^(\d+|0x[\da-f]*)$/.test(ascii.at(-1) ?? ''))
    return /^[\d.]+$/.test(name)
      ? ADDRESS
      : { problem: 'last label is a number', hint: 'Browsers take such a name for an IP address.' }
  if (wildcard && name.length + 2 > LIMITS.hostname.bytes)
    return { problem: `length is over ${LIMITS.hostname.bytes} bytes`, hint: 'Choose a shorter name.' }
  if (reservedReason(name, { own: [] })) return null
  if (isPublicSuffix(name))
    return {
      problem: `suffix "${shown(name, 80)}" is a public one, below which names belong to different people`,
      hint: `Use a name of your own, such as docs.${wildcard ? 'yours.' : ''}${shown(name, 80)}.`,
    }
  if (ascii.length === 1 && !wildcard)
    return { problem: 'text has one label only', hint: 'Use at least two, such as wiki.intern.lan.' }
  return null
}

const LIST = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
}

/** By the Public Suffix List, with its private section; an unlisted last label (`lan`) is none. */
function isPublicSuffix(name: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = parse(name, LIST)
  return publicSuffix === name && (isIcann === true || isPrivate === true)
}

/** Whether a canonical name is one that is registered, and so a zone begins there. */
export const isRegistrable = (hostname: Hostname): boolean => parse(hostname, LIST).domain === hostname

/** Whether a wildcard answers for a name too, which may be a narrower wildcard. Both canonical. */
export const isBelowWildcard = (name: Hostname, wildcard: Hostname): boolean =>
  wildcard.startsWith('*.') && name !== wildcard && name.endsWith(wildcard.slice(1))

/** Names that never leave a machine (RFC 6761 §6.3 and §6.4), or are no place for sites (RFC 3172). */
const RESERVED = [
  [/(^|\.)localhost(\.localdomain)?$/, 'always means the machine itself'],
  [/(^|\.)invalid$/, 'is kept for names that must not exist'],
  [/(^|\.)arpa$/, "belongs to the internet's own machinery"],
] as const

/** For homes, by RFC 8375. */
const HOME = /\.home\.arpa$/

/**
 * Why nobody may use a canonical name, as the end of a sentence that begins with it; null: it may be used. `own`: the names
 * by which Fairlead and its machine are reached.
 */
export function reservedReason(hostname: Hostname, { own }: { own: readonly string[] }): string | null {
  const base = hostname.replace(/^\*\./, '')
  const found = HOME.test(base) ? undefined : RESERVED.find(([name]) => name.test(base))
  if (found) return found[1]
  const owned = own.map((name) => name.toLowerCase().replace(/\.$/, ''))
  return owned.includes(hostname) ? 'is the name of Fairlead itself or of its machine' : null
}
