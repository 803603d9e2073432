/** What is found in one `server { }` of an operator's. */
import type { Hsts, RedirectStatus } from '../../host-site.ts'
import type { Statement } from '../parse.ts'
import type { ForeignServer } from './config.ts'
import type { HostMove } from './moves.ts'
import { type Obstacle, obstacle, reasonFor, weightOf } from './obstacle.ts'

export interface ForeignHeader {
  name: string
  value: string
}

export type MissingPage = { kind: 'none' } | { kind: 'page'; path: string } | { kind: 'single-page' }

/** A line of `_redirects`. */
export interface PathRule {
  from: string
  to: string
  status: RedirectStatus
}

/** A block of `_headers`. */
export interface HeaderBlock {
  pattern: string
  headers: ForeignHeader[]
}

/** What a server does for all of its names but those with a way of their own. */
export interface ReadServer {
  server: ForeignServer
  /** Absolute; null: it says none. */
  root: string | null
  index: string[]
  /** The first words of try_files, without the last one. */
  tried: string[] | null
  missing: MissingPage
  rules: PathRule[]
  headers: HeaderBlock[]
  hsts: Hsts | null
  certificate: { certificate: string | null; certificateKey: string | null }
  /** Null: it answers with files, or with nothing at all. */
  move: HostMove | null
  /** By names as they are written in `if ($host = …)`. */
  moveOf: Map<string, HostMove>
  isNothing: boolean
  notes: Set<string>
  obstacles: Obstacle[]
}

export const CACHE_NOTE =
  "What it says of caching (expires, Cache-Control) is not kept: Fairlead's own rules take its place (fingerprinted files of a build folder for a year, all else asked about each time)."
export const TLS_NOTE =
  "What it says of TLS versions and ciphers is not kept: Mozilla's intermediate profile takes its place."

export const TO_HTTPS = 'Plain HTTP leads to HTTPS.'

/** What a directive that nobody has a use for means. */
export function weigh({ notes, obstacles }: ReadServer, statement: Statement): void {
  const [name = '', first] = statement.words
  const weight = weightOf(name)
  if (weight === 'cache') notes.add(CACHE_NOTE)
  else if (weight === 'tls') notes.add(TLS_NOTE)
  else if (weight === 'unknown' && !(first === 'off' && OFF.test(name)))
    obstacles.push(obstacle(statement, reasonFor(name)))
}

/** Which says that there is nothing of the kind. */
const OFF = /^(autoindex|auth_basic|auth_request|ssi|sub_filter.*|ssl_verify_client|ssl|limit_.*|mirror)$/
