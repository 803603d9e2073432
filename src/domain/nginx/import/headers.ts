/** `add_header` of an operator's, as `_headers` says it. */

import { Fault } from '../../../base/fault.ts'
import type { Hsts } from '../../host-site.ts'
import { parseHeaders } from '../../serving/headers.ts'
import type { Statement } from '../parse.ts'
import { CACHE_NOTE, type ForeignHeader, type ReadServer } from './found.ts'
import { type Obstacle, obstacle } from './obstacle.ts'

const CACHED = /^(cache-control|expires|pragma)$/i

/** Those that Fairlead sends by itself in any case. */
const OURS = /^(x-content-type-options: nosniff|vary: accept-encoding)$/i

/** None for what is said elsewhere, or can't be said. */
export function headerOf(
  { notes, obstacles }: Pick<ReadServer, 'notes' | 'obstacles'>,
  statement: Statement,
): ForeignHeader[] {
  const [, name = '', value = ''] = statement.words
  if (CACHED.test(name)) {
    notes.add(CACHE_NOTE)
    return []
  }
  if (/^strict-transport-security$/i.test(name)) {
    if (hstsOf(statement) === null) obstacles.push(refused(statement, 'it is no HSTS that can be read'))
    return []
  }
  if (OURS.test(`${name}: ${value}`)) return []
  const problem = value.includes('$') ? 'its value is another one for each request' : problemOf(name, value)
  if (problem === null) return value === '' ? [] : [{ name, value }]
  obstacles.push(refused(statement, problem))
  return []
}

const refused = (statement: Statement, why: string): Obstacle =>
  obstacle(statement, { why, remedy: 'Leave it behind, and answers do not have it.', accept: 'headers' })

function problemOf(name: string, value: string): string | null {
  if (/\p{Cc}/u.test(name + value)) return 'it holds a control character'
  if (value === '') return null
  try {
    parseHeaders(`/*\n  ${name}: ${value}`)
    return null
  } catch (error) {
    if (error instanceof Fault) return error.message.replace(/^_headers line \d+: /, '').replace(/\.$/, '')
    throw error
  }
}

/** Null: it is not this header, or can't be read. */
export function hstsOf({ words: [, name = '', value = ''] }: Statement): Hsts | null {
  if (!/^strict-transport-security$/i.test(name)) return null
  const parts = value.split(';').map((part) => part.trim().toLowerCase())
  const seconds = /^max-age="?(\d{1,10})"?$/.exec(parts.find((part) => part.startsWith('max-age')) ?? '')?.[1]
  if (seconds === undefined || Number(seconds) === 0) return null
  return {
    maxAgeSeconds: Number(seconds),
    includeSubDomains: parts.includes('includesubdomains'),
    preload: parts.includes('preload'),
  }
}
