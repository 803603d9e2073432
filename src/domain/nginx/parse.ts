/** Reads NGINX's syntax as NGINX does (ngx_conf_read_token); shares nothing with what writes it. */

/** A directive as it stands in a file, or a line of `map`, `types`, … */
export interface Statement {
  /** Unquoted and unescaped; the first is the directive's name. */
  words: string[]
  block: Statement[] | null
  file: string
  /** 1-based: where it begins. */
  line: number
}

export interface SyntaxProblem {
  problem: string
  file: string
  line: number
}

export type Parsed = { statements: Statement[] } | SyntaxProblem

/** Reads the text of one file. */
export function parseConfig(text: string, file: string): Parsed {
  const reader = new Reader(text, file)
  try {
    return { statements: reader.statements() }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { problem: error.message, file, line: reader.line }
  }
}

/** Reads what `nginx -T` prints: every file of a configuration, in the order in which NGINX came to it. */
export function parseDump(dump: string): { file: string; parsed: Parsed }[] {
  const parts = dump.split(/^# configuration file (\/.*):\r?\n/m)
  const files: { file: string; parsed: Parsed }[] = []
  for (let index = 1; index < parts.length; index += 2) {
    const file = parts[index] ?? ''
    files.push({ file, parsed: parseConfig(parts[index + 1] ?? '', file) })
  }
  return files
}

class Unreadable extends Error {}

/** What may stand behind a quoted word. */
const ENDS = new Set([' ', '\t', '\r', '\n', ';', '{', ')'])
const BLANKS = new Set([' ', '\t', '\r', '\n'])

class Reader {
  line = 1
  readonly #text: string
  readonly #file: string
  #at = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  statements(): Statement[] {
    const top: Statement[] = []
    const open: Statement[][] = [top]
    for (;;) {
      const statement = this.#statement()
      const level = open.at(-1) ?? top
      if (statement === 'closed') {
        if (open.length === 1) throw new Unreadable('a "}" closes nothing')
        open.pop()
      } else if (statement === 'end') {
        if (open.length > 1) throw new Unreadable('the file ends inside of a block')
        return top
      } else {
        level.push(statement)
        if (statement.block !== null && !isProgram(statement)) open.push(statement.block)
      }
    }
  }

  #statement(): Statement | 'closed' | 'end' {
    const words: string[] = []
    let line = this.line
    for (;;) {
      this.#skipBlanks()
      const character = this.#text[this.#at]
      if (words.length === 0) line = this.line
      if (character === undefined) {
        if (words.length === 0) return 'end'
        throw new Unreadable('the file ends inside of a directive')
      }
      if (character === ';' || character === '{' || character === '}') {
        this.#at += 1
        if (character === '}') {
          if (words.length === 0) return 'closed'
          throw new Unreadable('a directive ends without ";"')
        }
        if (words.length === 0) throw new Unreadable(`a "${character}" stands alone`)
        const statement = { words, block: character === '{' ? [] : null, file: this.#file, line }
        if (character === '{' && isProgram(statement)) this.#skipProgram()
        return statement
      }
      words.push(character === '"' || character === "'" ? this.#quoted(character) : this.#plain())
    }
  }

  #skipBlanks(): void {
    for (; ; this.#at += 1) {
      const character = this.#text[this.#at]
      if (character === '\n') this.line += 1
      else if (character === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = (end === -1 ? this.#text.length : end) - 1
      } else if (character === undefined || !BLANKS.has(character)) return
    }
  }

  #quoted(quote: string): string {
    const start = this.#at + 1
    for (let at = start; at < this.#text.length; at++) {
      const character = this.#text[at]
      if (character === '\n') this.line += 1
      if (character === '\\') {
        at += 1
        if (this.#text[at] === '\n') this.line += 1
      } else if (character === quote) {
        const next = this.#text[at + 1]
        this.#at = at + 1
        if (next !== undefined && !ENDS.has(next))
          throw new Unreadable(`"${next}" stands right behind a quote`)
        return unescaped(this.#text.slice(start, at))
      }
    }
    throw new Unreadable('a quote is not closed')
  }

  #plain(): string {
    const start = this.#at
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? ''
      // `${` names a variable and opens no block.
      const isVariable = character === '{' && this.#at > start && this.#text[this.#at - 1] === '$'
      if (character === '\\') this.#at += 1
      else if (!isVariable && (BLANKS.has(character) || character === ';' || character === '{')) break
    }
    return unescaped(this.#text.slice(start, this.#at))
  }

  /** Past a program of another language, whose braces come in pairs. */
  #skipProgram(): void {
    for (let depth = 1; depth > 0; this.#at++) {
      const character = this.#text[this.#at]
      if (character === undefined) throw new Unreadable('the file ends inside of a program')
      if (character === '\n') this.line += 1
      if (character === '{') depth += 1
      if (character === '}') depth -= 1
    }
  }
}

const isProgram = ({ words: [name = ''] }: Statement): boolean => name.endsWith('_by_lua_block')

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  '"': '"',
  "'": "'",
  '\\': '\\',
}

/** A backslash before anything else stays, since a regular expression may want it. */
const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, character: string) => ESCAPES[character] ?? whole)
