/** How the files of host names are called (DESIGN §4). */
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
