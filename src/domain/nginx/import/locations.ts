/** `location` of an operator's: redirects, headers of a part of the site, and much that says nothing new. */
import type { Statement } from '../parse.ts'
import { type ReadServer, weigh } from './found.ts'
import { headerOf } from './headers.ts'
import { fromPattern, type HostMove, type PathMove, readReturn, readRewrite } from './moves.ts'
import { type Obstacle, obstacle, reasonFor } from './obstacle.ts'

interface Where {
  /** `=`, `^~`, `~`, `~*`, or nothing. */
  modifier: string
  path: string
}

export class LocationReader {
  readonly #found: ReadServer

  constructor(found: ReadServer) {
    this.#found = found
  }

  /** All but `location /`, which is the server's own. */
  read(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.words[0] !== 'location' || statement.block === null) continue
      const [, first = '', second] = statement.words
      const where = second === undefined ? split(first) : { modifier: first, path: second }
      if (where.modifier === '' && where.path === '/') this.#nested(statement.block)
      else this.#location(statement, where)
    }
  }

  #nested(statements: readonly Statement[]): void {
    if (statements.some(({ words: [name] }) => name === 'location')) this.read(statements)
  }

  #location(statement: Statement, where: Where): void {
    const block = statement.block ?? []
    if (isHiddenFiles(where, block) || isOfCa(this.#found, where)) return
    if (isErrorPage(this.#found, where, block)) return
    const pattern = patternOf(where)
    const [move, rest] = moveIn(block, pattern)
    if (move !== null) this.#redirect(statement, { where, pattern, move })
    else this.#files(statement, { where, pattern, block: rest })
  }

  #redirect(statement: Statement, { where, pattern, move }: Moved): void {
    const { rules, obstacles } = this.#found
    if (pattern === null || (move.kind === 'host' && !move.losesPath && move.hostname === null)) {
      obstacles.push(obstacle(statement, reasonFor('return')))
      return
    }
    const status = move.status
    const to = move.kind === 'path' ? move.to : hostTarget(move, pattern)
    // A prefix without a slash at its end means every path that begins so.
    const from = where.modifier === '=' || pattern.endsWith('*') ? pattern : `${pattern}*`
    rules.push({ from, to, status })
  }

  #files(statement: Statement, { where, pattern, block }: Files): void {
    const found = this.#found
    const isByKind = where.modifier.startsWith('~') && /^(\.\*)?\\?\.\(?[\w|?:\\]+\)?\$?$/.test(where.path)
    const unheard: Obstacle[] = []
    const heard = { ...found, obstacles: unheard }
    const headers = block.filter(({ words: [name] }) => name === 'add_header')
    for (const one of block) {
      const [name = ''] = one.words
      if (name === 'add_header' || isFamiliar(found, one)) continue
      weigh(heard, one)
    }
    if (where.modifier.startsWith('@') || where.path.startsWith('@'))
      unheard.push(obstacle(statement, reasonFor('location')))
    else if (pattern === null && !isByKind && unheard.length === 0 && headers.length > 0)
      unheard.push(obstacle(statement, { ...reasonFor('if'), accept: 'headers' }))
    found.obstacles.push(...unheard)
    if (unheard.length === 0) this.#headers(headers, isByKind ? null : pattern)
  }

  /** NGINX sends the headers of the server no more where a location has some itself. */
  #headers(statements: readonly Statement[], pattern: string | null): void {
    const found = this.#found
    const headers = statements.flatMap((one) => {
      const isSecure = /^strict-transport-security$/i.test(one.words[1] ?? '')
      return isSecure ? [] : headerOf(found, one)
    })
    if (headers.length === 0) return
    if (pattern !== null) {
      const prefix = pattern.endsWith('/') || pattern.endsWith('*') ? pattern.replace(/\*?$/, '*') : pattern
      found.headers.push({ pattern: prefix, headers })
      return
    }
    for (const one of statements)
      found.obstacles.push(
        obstacle(one, {
          why: 'headers are kept for the site and for folders, and not for kinds of files',
          remedy: 'Leave it behind; or write it in a _headers file of the site.',
          accept: 'headers',
        }),
      )
  }
}

interface Moved {
  where: Where
  pattern: string | null
  move: HostMove | PathMove
}

interface Files {
  where: Where
  pattern: string | null
  block: readonly Statement[]
}

/** `location =/old`. */
function split(text: string): Where {
  const [, modifier = '', path = text] = /^(=|\^~|~\*|~)(.+)$/.exec(text) ?? []
  return { modifier, path }
}

/** As `_redirects` and `_headers` write it; null: it can't be. */
function patternOf({ modifier, path }: Where): string | null {
  if (modifier === '=' || modifier === '' || modifier === '^~') {
    if (!/^\/[\x21-\x7e]*$/.test(path) || /[*:?#$]/.test(path)) return null
    return modifier !== '=' && path.endsWith('/') ? `${path}*` : path
  }
  return fromPattern(path)
}

/** Of a block that does nothing but to send visitors elsewhere. */
function moveIn(
  block: readonly Statement[],
  pattern: string | null,
): [move: HostMove | PathMove | null, rest: readonly Statement[]] {
  for (const one of block) {
    const [name] = one.words
    if (name === 'return') {
      const move = readReturn(withSplat(one, pattern))
      if (move !== null && move.kind !== 'nothing') return [move, []]
    }
    if (name === 'rewrite') {
      const rewrite = readRewrite(one)
      if (rewrite !== null) return [rewrite.move, []]
    }
  }
  return [null, block]
}

/** `$1` of a location is what its `(.*)` has caught. */
const withSplat = (statement: Statement, pattern: string | null): Statement => ({
  ...statement,
  words: statement.words.map((word) => (pattern?.endsWith('*') ? word.replace(/\$1(?=$)/, ':splat') : word)),
})

function hostTarget({ scheme, hostname, port, losesPath }: HostMove, pattern: string): string {
  const to = `${scheme ?? 'https'}://${hostname ?? ''}${port === null ? '' : `:${port}`}`
  if (hostname === null) return '/'
  return losesPath ? `${to}/` : `${to}${pattern.replace(/\*$/, ':splat')}`
}

/** `location ~ /\. { deny all; }`: Fairlead serves none of them. */
const isHiddenFiles = ({ modifier, path }: Where, block: readonly Statement[]): boolean =>
  modifier.startsWith('~') &&
  /^\^?\/?\(?\/?\\\./.test(path.replace(/^\(\^\|\/\)/, '/')) &&
  block.every(({ words: [name = ''] }) => /^(deny|return|access_log|log_not_found|allow)$/.test(name))

/** What CAs ask for is the platform's, and the rest of the folder is the site's. */
function isOfCa({ notes }: ReadServer, { path }: Where): boolean {
  if (!/^\^?\/\\?\.well-known\/acme-challenge/.test(path)) return false
  notes.add(
    'What CAs ask for (/.well-known/acme-challenge/) is answered by Fairlead from then on: a certbot that writes files there renews no more.',
  )
  return true
}

/** `location = /50x.html { root /usr/share/nginx/html; }` beside its error_page. */
function isErrorPage(found: ReadServer, { modifier, path }: Where, block: readonly Statement[]): boolean {
  const isOwn = [...found.server.statements, ...found.server.inherited].some(
    ({ words }) => words[0] === 'error_page' && words.at(-1) === path,
  )
  const isPlain = block.every(({ words: [name = ''] }) => /^(root|internal|access_log)$/.test(name))
  if (modifier !== '=' || !isOwn || !isPlain) return false
  const root = block.find(({ words: [name] }) => name === 'root')?.words[1]
  return root === undefined || root === found.root || path.startsWith('/50x')
}

/** What it says of files is what the server says of all. */
function isFamiliar(found: ReadServer, { words }: Statement): boolean {
  const [name, ...values] = words
  if (name === 'root') return (values[0] ?? '').replace(/\/+$/, '') === found.root
  if (name === 'index') return values.join(' ') === found.index.join(' ')
  if (name === 'try_files') return values.join(' ').startsWith('$uri') && values.at(-1) === '=404'
  return false
}
