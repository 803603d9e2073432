/** What the operator's own configuration says: read by us as NGINX reads it, file by file, without our sites in it. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LIMITS } from '../../base/limits.ts'
import { parseConfig, type Statement } from '../../domain/nginx/parse.ts'
import { SHARED_FILE } from '../../domain/nginx/site.ts'

/** A directive, and where it stands. */
export interface Found {
  name: string
  args: string[]
  file: string
  line: number
}

/** A server of his, with the names that it answers to. */
export interface NamedServer {
  /** Each `server_name`, with its words. */
  names: Found[]
  /** None: NGINX's own choice, port 80. */
  listens: Found[]
  /** The words of its `ssl_protocols`; null: those of http { }. */
  protocols: string[] | null
}

export interface OperatorConfig {
  /** The first words of `user`, `pid` and `error_log`, where they are said. */
  user: string | null
  pid: string | null
  errorLog: string | null
  /** Directives of http { } that are not blocks, by name: the last one of each. */
  http: Map<string, Found>
  /** `listen` of his servers. */
  listens: Found[]
  /** Of a `listen` of his the server that it stands in. */
  serverOf: Map<Found, NamedServer>
  /** His servers that have names. */
  servers: NamedServer[]
  /** The `include` that takes in the folder of sites; null: none does. */
  include: Found | null
  /** The line of http { }; null: there is none. */
  httpBlock: Found | null
  /** Files that could not be read, each with the reason. */
  unread: string[]
  /** Each file, and when and how large it was written: as long as that is the same, so is what it says. */
  files: string[]
}

/** What is to be different from what stands. */
export interface OperatorChange {
  /** Files that are as good as gone. */
  gone: ReadonlySet<string>
  /** Files that http { } is about to take in, where they can be read. */
  come: readonly string[]
}

interface Place {
  config: string
  /** What relative paths other than those of `include` begin at. */
  prefix: string
  enabled: string
  /** DATA/nginx: whatever has the name of a file in it is ours. */
  ours: string
  change?: OperatorChange
}

/** What files were last read to say: as long as one is as it was, it is not read again. */
export type ReadFiles = Map<string, { stamp: string; statements: Statement[] }>

/** `known` remembers between two readings; whoever reads once needs none. */
export function readOperatorConfig(place: Place, known: ReadFiles = new Map()): OperatorConfig {
  return new Reader(place, known).read()
}

class Reader {
  readonly #place: Place
  readonly #known: ReadFiles
  readonly #ours: ReadonlySet<string>
  readonly #enabled: string
  /** Where each folder really lies: thousands of sites lie in one. */
  readonly #folders = new Map<string, string>()
  readonly #found: OperatorConfig = {
    user: null,
    pid: null,
    errorLog: null,
    http: new Map(),
    listens: [],
    serverOf: new Map(),
    servers: [],
    include: null,
    httpBlock: null,
    unread: [],
    files: [],
  }

  constructor(place: Place, known: ReadFiles) {
    this.#place = place
    this.#known = known
    this.#ours = new Set(namesIn(place.ours))
    this.#enabled = real(place.enabled)
  }

  read(): OperatorConfig {
    this.#main(this.#statements(this.#place.config))
    return this.#found
  }

  #main(statements: readonly Statement[]): void {
    for (const statement of statements) {
      const [name, first = null] = statement.words
      if (name === 'user') this.#found.user = first
      else if (name === 'pid') this.#found.pid = this.#absolute(first, this.#place.prefix)
      else if (name === 'error_log') this.#found.errorLog = this.#absolute(first, this.#place.prefix)
      else if (name === 'include') this.#each(statement, (inner) => this.#main(inner))
      else if (name === 'http') {
        this.#found.httpBlock = foundAt(statement)
        this.#http(statement.block ?? [])
        for (const path of this.#place.change?.come ?? []) this.#http(this.#statements(path))
      }
    }
  }

  #http(statements: readonly Statement[]): void {
    for (const statement of statements) {
      const [name = ''] = statement.words
      if (name === 'include') {
        if (this.#takesSites(statement)) this.#found.include ??= foundAt(statement)
        this.#each(statement, (inner) => this.#http(inner))
      } else if (name === 'server') {
        const server: NamedServer = { names: [], listens: [], protocols: null }
        this.#server(statement.block ?? [], server)
        if (server.names.length > 0) this.#found.servers.push(server)
      } else if (statement.block === null) this.#found.http.set(name, foundAt(statement))
    }
  }

  #server(statements: readonly Statement[], server: NamedServer): void {
    for (const statement of statements) {
      const [name, ...args] = statement.words
      if (name === 'listen') {
        const listen = foundAt(statement)
        this.#found.listens.push(listen)
        this.#found.serverOf.set(listen, server)
        server.listens.push(listen)
      } else if (name === 'ssl_protocols') server.protocols = args
      else if (name === 'server_name') server.names.push(foundAt(statement))
      else if (name === 'include') this.#each(statement, (inner) => this.#server(inner, server))
    }
  }

  #each({ words: [, pattern = ''] }: Statement, use: (statements: Statement[]) => void): void {
    for (const path of matching(this.#absolute(pattern) ?? '', this.#isOurs)) use(this.#statements(path))
  }

  readonly #isOurs = (path: string): boolean =>
    this.#place.change?.gone.has(path) === true ||
    (this.#ours.has(basename(path)) && this.#realFolder(path) === this.#enabled)

  #realFolder(path: string): string {
    const folder = dirname(path)
    const known = this.#folders.get(folder) ?? real(folder)
    this.#folders.set(folder, known)
    return known
  }

  #takesSites({ words: [, pattern = ''] }: Statement): boolean {
    const path = this.#absolute(pattern) ?? ''
    return real(dirname(path)) === this.#enabled && wildcard(basename(path)).test(SHARED_FILE)
  }

  #statements(path: string): Statement[] {
    if (this.#found.files.length >= LIMITS.nginx.configFiles) return []
    try {
      const { size, mtimeMs, ctimeMs, ino } = statSync(path)
      const stamp = [size, mtimeMs, ctimeMs, ino].join(' ')
      this.#found.files.push(`${path} ${stamp}`)
      const known = this.#known.get(path)
      if (known?.stamp === stamp) return known.statements
      if (size > LIMITS.nginx.configFileBytes) throw new Error('it is too large')
      const parsed = parseConfig(readFileSync(path, 'utf8'), path)
      if ('problem' in parsed) throw new Error(`line ${parsed.line}: ${parsed.problem}`)
      this.#known.set(path, { stamp, statements: parsed.statements })
      return parsed.statements
    } catch (error) {
      this.#found.unread.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }

  #absolute(path: string | null, folder = dirname(this.#place.config)): string | null {
    return path === null || path.startsWith('/') || path === 'stderr' ? path : join(folder, path)
  }
}

const foundAt = ({ words: [name = '', ...args], file, line }: Statement): Found => ({
  name,
  args,
  file,
  line,
})

/** Files that a pattern of `include` means, in the order of NGINX; never those with a leading dot. */
export function matching(pattern: string, isOurs: (path: string) => boolean): string[] {
  let paths = ['/']
  for (const part of pattern.split('/').filter((text) => text !== '')) {
    paths = /[*?[]/.test(part)
      ? paths.flatMap((folder) => {
          const shape = wildcard(part)
          const names = namesIn(folder).filter((name) => shape.test(name) && !name.startsWith('.'))
          return names.toSorted().map((name) => join(folder, name))
        })
      : paths.map((folder) => join(folder, part))
  }
  return paths.filter((path) => !isOurs(path))
}

/** As glob(7) has it. */
const wildcard = (part: string): RegExp =>
  new RegExp(
    `^${part
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\[!/g, '[^')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  )

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there, or not for us: NGINX will say so itself
  }
}

export function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // it does not exist
  }
}
