/** One `server { }` of an operator's, as far as it is a static site or a redirect. */
import type { Statement } from '../parse.ts'
import type { ForeignServer } from './config.ts'
import { type ReadServer, TO_HTTPS, weigh } from './found.ts'
import { headerOf, hstsOf } from './headers.ts'
import { LocationReader } from './locations.ts'
import { readReturn, readRewrite } from './moves.ts'
import { obstacle, reasonFor } from './obstacle.ts'

/** `prefix`: what relative paths begin at. */
export function readServer(server: ForeignServer, prefix: string): ReadServer {
  return new ServerReader(server, prefix).read()
}

class ServerReader {
  readonly #prefix: string
  readonly #found: ReadServer
  readonly #locations: LocationReader

  constructor(server: ForeignServer, prefix: string) {
    this.#prefix = prefix
    this.#found = {
      server,
      root: null,
      index: ['index.html'],
      tried: null,
      missing: { kind: 'none' },
      rules: [],
      headers: [],
      hsts: null,
      certificate: { certificate: null, certificateKey: null },
      move: null,
      moveOf: new Map(),
      isNothing: false,
      notes: new Set(),
      obstacles: [],
    }
    this.#locations = new LocationReader(this.#found)
  }

  read(): ReadServer {
    const { server } = this.#found
    for (const statement of [...server.inherited, ...server.statements]) this.#statement(statement)
    const all = server.statements.flatMap(({ words, block }) =>
      words[0] === 'location' && words.length === 2 && words[1] === '/' ? (block ?? []) : [],
    )
    const own = headersAmong(all).length > 0 ? all : [...server.inherited, ...server.statements]
    this.#headers(own)
    for (const statement of all) this.#statement(statement)
    this.#locations.read(server.statements)
    return this.#found
  }

  #statement(statement: Statement): void {
    const [name = '', first = ''] = statement.words
    const found = this.#found
    const set = SETTERS[name]
    if (set !== undefined) set(found, statement, this.#absolute(first))
    else if (name === 'return' || name === 'rewrite') this.#move(statement)
    else if (name === 'if') this.#if(statement)
    else if (!ELSEWHERE.has(name)) weigh(found, statement)
  }

  #move(statement: Statement): void {
    const found = this.#found
    if (statement.words[0] === 'return') {
      const move = readReturn(statement)
      if (move?.kind === 'host') found.move ??= move
      else if (move?.kind === 'nothing') found.isNothing = true
      else found.obstacles.push(obstacle(statement, reasonFor('return')))
      return
    }
    const rewrite = readRewrite(statement)
    if (rewrite === null) found.obstacles.push(obstacle(statement, reasonFor('rewrite')))
    else if (rewrite.move.kind === 'host') found.move ??= rewrite.move
    else if (rewrite.from === null) found.obstacles.push(obstacle(statement, reasonFor('rewrite')))
    else found.rules.push({ from: rewrite.from, to: rewrite.move.to, status: rewrite.move.status })
  }

  /** `if ($host = name) { return 301 …; }`, as certbot writes it, or `if ($scheme …)` of the same kind. */
  #if(statement: Statement): void {
    const { words, block } = statement
    const condition = words
      .slice(1)
      .join(' ')
      .replace(/^\(|\)$/g, '')
      .trim()
    const [inside, ...more] = block ?? []
    const move = inside && more.length === 0 && inside.words[0] === 'return' ? readReturn(inside) : null
    const [, host] = /^\$(?:host|http_host) = (\S+)$/.exec(condition) ?? []
    if (host !== undefined && move?.kind === 'host') this.#found.moveOf.set(host.toLowerCase(), move)
    else if (
      /^\$(scheme (= http|!= https)|https (= ""|= ''|!= on|=))$/.test(condition) &&
      move?.kind === 'host'
    )
      this.#found.notes.add(TO_HTTPS)
    else this.#found.obstacles.push(obstacle(statement, reasonFor('if')))
  }

  #headers(statements: readonly Statement[]): void {
    const headers = headersAmong(statements).flatMap((statement) => headerOf(this.#found, statement))
    if (headers.length > 0) this.#found.headers.unshift({ pattern: '/*', headers })
    for (const statement of headersAmong(statements)) this.#found.hsts ??= hstsOf(statement)
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.#prefix}/${path}`
  }
}

const headersAmong = (statements: readonly Statement[]): Statement[] =>
  statements.filter(({ words: [name] }) => name === 'add_header')

/** Read by others, or elsewhere. */
const ELSEWHERE = new Set(['server_name', 'listen', 'location', 'add_header', 'ssl'])

type Setter = (found: ReadServer, statement: Statement, absolute: string) => void

const SETTERS: Readonly<Record<string, Setter>> = {
  root(found, statement, absolute) {
    if (absolute.includes('$'))
      found.obstacles.push(
        obstacle(statement, {
          why: 'the folder is another one for each request',
          remedy: 'Write one folder.',
        }),
      )
    else found.root = absolute.length > 1 ? absolute.replace(/\/+$/, '') : absolute
  },
  index(found, { words }) {
    found.index = words.slice(1)
  },
  try_files(found, statement) {
    readTryFiles(found, statement)
  },
  error_page(found, statement) {
    const codes = statement.words.slice(1, -1)
    const page = statement.words.at(-1) ?? ''
    const isPlain = /^\/[^$]*$/.test(page)
    if (codes.length === 1 && codes[0] === '404' && isPlain) {
      if (found.missing.kind !== 'single-page') found.missing = { kind: 'page', path: page }
    } else if (isPlain && codes.every((code) => /^50\d$/.test(code)))
      found.notes.add(`${page} is not shown for errors of a server: files make none.`)
    else if (isPlain && codes.includes('404') && codes.every((code) => /^(404|403|50\d)$/.test(code)))
      found.missing = { kind: 'page', path: page }
    else found.obstacles.push(obstacle(statement, reasonFor('error_page')))
  },
  charset(found, statement) {
    const [, charset = ''] = statement.words
    if (!/^(utf-8|off)$/i.test(charset))
      found.obstacles.push(
        obstacle(statement, {
          why: 'Fairlead calls every text UTF-8',
          remedy: 'Convert the files, or leave it behind if they say it themselves.',
          accept: 'charset',
        }),
      )
  },
  ssl_certificate(found, _, absolute) {
    found.certificate.certificate = absolute
  },
  ssl_certificate_key(found, _, absolute) {
    found.certificate.certificateKey = absolute
  },
}

const TRIED = new Set(['$uri', '$uri/', '$uri.html', '$uri/index.html', '$uri/index.htm'])

function readTryFiles(found: ReadServer, statement: Statement): void {
  const words = statement.words.slice(1)
  const last = words.at(-1) ?? ''
  const tried = words.slice(0, -1)
  const refuse = (why: string) =>
    found.obstacles.push(
      obstacle(statement, {
        why,
        remedy:
          'Fairlead looks for the path, for a page of its name, and for the index of a folder; then it shows a 404 page or the one page.',
      }),
    )
  if (tried.some((word) => !TRIED.has(word))) refuse('it looks for files in a way that Fairlead does not')
  else if (last === '=404') found.tried = tried
  else if (last === '/index.html' || last === '/') {
    found.tried = tried
    found.missing = { kind: 'single-page' }
    found.notes.add('A path with a file extension that is missing answers with 404, and not with the page.')
  } else if (TRIED.has(last)) found.tried = words
  else refuse(`what is not found goes to ${last}`)
}
