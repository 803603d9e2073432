/** The files of host names, and of what they are answered by (DESIGN §4). */
import { sha256Hex } from '../base/secrets.ts'
import type { Hostname } from './host-site.ts'
import { CANONICAL_HOSTNAME } from './hostname.ts'

const NAME_BYTES = 200
const CUT_BYTES = 180
const WILDCARD = '_wildcard'

/** The name of a host's file, without the ending. */
export function fileStem(hostname: Hostname): string {
  // A name that is no host name would be a path; what comes here has been judged (THREATS N21).
  if (!CANONICAL_HOSTNAME.test(hostname))
    throw new Error('A host name that is not canonical came to the gateway.')
  const name = hostname.replace(/^\*/, WILDCARD)
  return name.length <= NAME_BYTES ? name : `${name.slice(0, CUT_BYTES)}-${sha256Hex(hostname).slice(0, 16)}`
}

/** The host name of a file's stem; null when it was too long to stand in it whole. */
export function hostnameOfStem(stem: string): Hostname | null {
  if (stem.length === CUT_BYTES + 17 && /-[0-9a-f]{16}$/.test(stem)) return null
  return stem.replace(/^_wildcard(?=\.)/, '*')
}

/** Key and chain, as gateways read them. */
export const certificatePath = (data: string, id: string): string => `${certificatesFolder(data)}/${id}.pem`

export const certificatesFolder = (data: string): string => `${data}/certificates`

/** What a CA asks host names for: a folder each. */
export const challengesFolder = (data: string): string => `${data}/challenges`

export const challengeFolder = (data: string, hostname: Hostname): string =>
  `${challengesFolder(data)}/${fileStem(hostname)}`

/** A token (RFC 8555 §8.3), and no path whatever a CA or a visitor sends. */
export const CHALLENGE_TOKEN = /^[A-Za-z0-9_-]{1,128}$/
