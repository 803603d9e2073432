/** The operator's configuration whole, with every include in its place: to be understood, and not only to be written beside. */
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LIMITS } from '../../base/limits.ts'
import type { ForeignConfig } from '../../domain/nginx/import/config.ts'
import { parseConfig, type Statement } from '../../domain/nginx/parse.ts'
import { matching, namesIn, real } from './operator.ts'

export interface ForeignPlace {
  /** The main file. */
  config: string
  enabled: string
  /** DATA/nginx: links that lead there are ours. */
  ours: string
}

export const readForeignConfig = (place: ForeignPlace): ForeignConfig => new Reader(place).read()

class Reader {
  readonly #place: ForeignPlace
  readonly #names: ReadonlySet<string>
  readonly #times = new Map<string, { isByPattern: boolean; times: number }>()
  readonly #unread: string[] = []
  #read = 0
  #statements = 0

  constructor(place: ForeignPlace) {
    this.#place = place
    this.#names = new Set(namesIn(place.ours))
  }

  read(): ForeignConfig {
    const { config } = this.#place
    const main = this.#expanded(this.#file(config), [real(config)], false)
    const http = main.flatMap(({ words: [name], block }) => (name === 'http' ? (block ?? []) : []))
    const files = [...this.#times].map(([path, found]) => ({ path, ...found }))
    return { http, files, unread: this.#unread }
  }

  /** `inHttp`: what is included stands beside servers, and not in one. */
  #expanded(statements: readonly Statement[], stack: readonly string[], inHttp: boolean): Statement[] {
    return statements.flatMap((statement) => {
      const { words, block } = statement
      if (words[0] === 'include' && block === null) return this.#included(statement, stack, inHttp)
      this.#statements++
      if (block === null) return [statement]
      return [{ ...statement, block: this.#expanded(block, stack, words[0] === 'http') }]
    })
  }

  #included({ words, file, line }: Statement, stack: readonly string[], inHttp: boolean): Statement[] {
    const [, pattern = ''] = words
    const absolute = pattern.startsWith('/') ? pattern : join(dirname(this.#place.config), pattern)
    const isByPattern = /[*?[]/.test(pattern)
    return matching(absolute, this.#isOurs).flatMap((path) => {
      if (inHttp) {
        const { times } = this.#times.get(path) ?? { times: 0 }
        this.#times.set(path, { isByPattern, times: times + 1 })
      }
      const where = real(path)
      if (stack.includes(where)) {
        this.#unread.push(`${path}: it includes itself (${file}, line ${line})`)
        return []
      }
      return this.#expanded(this.#file(path), [...stack, where], inHttp)
    })
  }

  /** By where a link leads: a name alone may be that of a file of the operator's. */
  readonly #isOurs = (path: string): boolean => {
    if (!this.#names.has(basename(path))) return false
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
      ? readlinkSync(path) === join(this.#place.ours, basename(path))
      : false
  }

  #file(path: string): Statement[] {
    const { configFiles, configFileBytes, configStatements } = LIMITS.nginx
    try {
      if (++this.#read > configFiles) throw new Error(`more than ${configFiles} files are read`)
      if (this.#statements > configStatements)
        throw new Error(`more than ${configStatements} directives are read`)
      const found = statSync(path)
      if (!found.isFile()) throw new Error('it is no regular file')
      if (found.size > configFileBytes) throw new Error('it is too large')
      const parsed = parseConfig(readFileSync(path, 'utf8'), path)
      if ('problem' in parsed) throw new Error(`line ${parsed.line}: ${parsed.problem}`)
      return parsed.statements
    } catch (error) {
      if (this.#unread.length < UNREAD_MOST)
        this.#unread.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }
}

const UNREAD_MOST = 20
