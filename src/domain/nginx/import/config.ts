/** An operator's whole configuration as a value: what stands in http { }, in the order in which NGINX reads it. */
import type { Statement } from '../parse.ts'

/** A file that http { } takes in. */
export interface ForeignFile {
  path: string
  /** Whether a pattern took it in (`sites-enabled/*`): only such a file can go without NGINX missing it. */
  isByPattern: boolean
  /** How many lines of `include` took it in. */
  times: number
}

export interface ForeignConfig {
  /** Includes in their places, whatever file they came from; without what is Fairlead's own. */
  http: Statement[]
  files: ForeignFile[]
  /** Why something could not be read, each with its path. */
  unread: string[]
}

/** A `server { }` and where it stands. */
export interface ForeignServer {
  file: string
  line: number
  /** The last line that is known to be its. */
  lastLine: number
  /** What it inherits from http { }, then its own. */
  inherited: Statement[]
  statements: Statement[]
  /** As they are written. */
  names: string[]
}

/** Counts for a server that doesn't say it itself. */
const INHERITED = new Set([
  'add_header',
  'allow',
  'auth_basic',
  'auth_request',
  'autoindex',
  'deny',
  'error_page',
  'index',
  'limit_conn',
  'limit_req',
  'root',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_client_certificate',
  'ssl_verify_client',
  'sub_filter',
])

export function serversOf({ http }: ForeignConfig): ForeignServer[] {
  const inherited = http.filter(({ words: [name = ''], block }) => block === null && INHERITED.has(name))
  return http.flatMap((statement) => {
    if (statement.words[0] !== 'server' || statement.block === null) return []
    const { file, line, block } = statement
    return [
      {
        file,
        line,
        lastLine: lastLineOf(statement) + 1,
        inherited: inheritedBy(block, inherited),
        statements: block,
        names: namesOf(block),
      },
    ]
  })
}

/** A server that says one of them itself has none of those above it. */
function inheritedBy(block: readonly Statement[], above: readonly Statement[]): Statement[] {
  const own = new Set(block.map(({ words: [name = ''] }) => name))
  return above.filter(({ words: [name = ''] }) => !own.has(name))
}

export const namesOf = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ words: [name, ...names] }) => (name === 'server_name' ? names : []))

/** The braces of a block that comes from another file say nothing about this one. */
function lastLineOf({ file, line, block }: Statement): number {
  const inside = (block ?? []).filter((one) => one.file === file).map(lastLineOf)
  const ends = (block ?? []).some((one) => one.file === file && one.block !== null) ? 1 : 0
  return Math.max(line, ...inside.map((last) => last + ends))
}

/** What a file says in http { } besides its servers: others may need it. */
export const besidesServers = ({ http }: ForeignConfig, file: string): Statement[] =>
  http.filter((statement) => statement.file === file && statement.words[0] !== 'server')

/** As people find it. */
export const textOf = ({ words, block }: Statement): string => {
  const text = words.map((word) => (/[\s;{}]/.test(word) || word === '' ? `"${word}"` : word)).join(' ')
  return `${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}${block === null ? ';' : ' { … }'}`
}

const LONGEST = 120
