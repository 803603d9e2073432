/** NGINX's own syntax as far as an operator's configuration has to be understood (ngx_conf_read_token). */
export interface ConfigNode {
  name: string
  args: string[]
  line: number
  /** What stands in its braces; null: it has none. */
  block: ConfigNode[] | null
}

interface Token {
  text: string
  line: number
  /** `;`, `{` and `}` that stand for themselves. */
  isMark: boolean
}

/** Throws for a text that ends in the middle, or closes what it has not opened. */
export function parseConfig(text: string): ConfigNode[] {
  const root: ConfigNode[] = []
  const open: ConfigNode[][] = [root]
  let words: Token[] = []
  for (const token of tokensOf(text)) {
    const at = open.at(-1)
    if (at === undefined) throw new Error(`line ${token.line} closes what was not opened`)
    if (!token.isMark) words.push(token)
    else if (token.text === '}') open.pop()
    else {
      const [first, ...rest] = words
      if (first === undefined) throw new Error(`line ${token.line} has no directive`)
      const block = token.text === '{' ? [] : null
      at.push({ name: first.text, args: rest.map((word) => word.text), line: first.line, block })
      if (block) open.push(block)
      words = []
    }
  }
  if (open.length !== 1 || words.length > 0) throw new Error('it ends in the middle')
  return root
}

const SPACE = /[ \t\r\n]+/y
const COMMENT = /#[^\n]*/y
const MARK = /[;{}]/y
const QUOTED = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y
const BARE = /(?:[^ \t\r\n;{}\\$]|\\[\s\S]|\$\{|\$)(?:[^ \t\r\n;{\\$]|\\[\s\S]|\$\{|\$)*/y

function* tokensOf(text: string): Generator<Token> {
  let line = 1
  for (let at = 0; at < text.length; ) {
    const take = (pattern: RegExp) => {
      pattern.lastIndex = at
      return pattern.exec(text)?.[0]
    }
    const skipped = take(SPACE) ?? take(COMMENT)
    const mark = skipped === undefined ? take(MARK) : undefined
    const quoted = skipped ?? mark ?? take(QUOTED)
    const found = quoted ?? take(BARE)
    if (found === undefined) throw new Error(`line ${line} can't be read`)
    if (mark !== undefined) yield { text: mark, line, isMark: true }
    else if (skipped === undefined)
      yield { text: quoted === undefined ? found : unquoted(found), line, isMark: false }
    line += found.split('\n').length - 1
    at += found.length
  }
}

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(["'\\])/g, '$1')
