/** That a text says what was meant: read back by the parser, and compared with the model. */
import { type Argument, configText, DIRECTIVES, type Foreign, type Item } from './config.ts'
import { parseConfig, type Statement } from './parse.ts'

/** The text of a file, proven. Throws when what NGINX would read is not the model: a programmer's mistake. */
export function provenText(items: readonly Item[], file: string): string {
  const text = configText(items)
  const difference = differenceOf(items, text, file)
  if (difference !== null) throw new Error(`${file} would not mean what it should: ${difference}`)
  return text
}

/** Where a text means something else than these; null: nowhere. */
export function differenceOf(items: readonly Item[], text: string, file: string): string | null {
  const parsed = parseConfig(text, file)
  if ('problem' in parsed) return `line ${parsed.line}: ${parsed.problem}`
  return levelDifference(items, parsed.statements)
}

function levelDifference(items: readonly Item[], statements: readonly Statement[]): string | null {
  if (items.length !== statements.length)
    return `${items.length} directives were meant, ${statements.length} are read`
  for (const [index, item] of items.entries()) {
    const statement = statements[index]
    const difference = statement === undefined ? 'it is not there' : itemDifference(item, statement)
    if (difference !== null) return difference
  }
  return null
}

function itemDifference(item: Item, statement: Statement): string | null {
  const at = `line ${statement.line}`
  if ('words' in item) return foreignDifference(item, statement)
  const isEntry = 'key' in item
  const [name = '', ...words] = statement.words
  if (!isEntry && item.name !== name) return `${at}: ${name} is read instead of ${item.name}`
  if (!isEntry && !DIRECTIVES.includes(item.name)) return `${at}: ${name} is none of ours`
  const wanted = isEntry ? [item.key, ...item.args] : item.args
  const actual = isEntry ? statement.words : name === 'if' ? withoutParentheses(words) : words
  if (wanted.length !== actual.length) return `${at}: ${actual.length} words are read`
  for (const [index, argument] of wanted.entries())
    if (!isSame(argument, actual[index] ?? '')) return `${at}: "${actual[index]}" is read`
  const inside = isEntry ? undefined : item.block
  if ((inside === undefined) !== (statement.block === null)) return `${at}: its block is read otherwise`
  return inside === undefined ? null : levelDifference(inside, statement.block ?? [])
}

function foreignDifference({ words, inside }: Foreign, { line, ...statement }: Statement): string | null {
  if (JSON.stringify(words) !== JSON.stringify(statement.words))
    return `line ${line}: "${statement.words.join(' ')}" is read`
  if ((inside === null) !== (statement.block === null)) return `line ${line}: its block is read otherwise`
  return inside === null ? null : levelDifference(inside, statement.block ?? [])
}

/** As ngx_http_rewrite_if_condition does: the parentheses may stand by themselves. */
function withoutParentheses(words: readonly string[]): string[] {
  const inside = [...words]
  if (!inside[0]?.startsWith('(') || !inside.at(-1)?.endsWith(')')) return []
  inside[0] = inside[0].slice(1)
  inside[inside.length - 1] = inside.at(-1)?.slice(0, -1) ?? ''
  if (inside[0] === '') inside.shift()
  if (inside.at(-1) === '' && words.at(-1) === ')') inside.pop()
  return inside
}

const isSame = (argument: Argument, word: string): boolean =>
  typeof argument !== 'string' && 'raw' in argument
    ? argument.raw === word
    : JSON.stringify(meant(argument)) === JSON.stringify(read(word))

/** Text and variables in turn: an even index is text. */
function meant(argument: Exclude<Argument, { raw: string }>): string[] {
  const turns = ['']
  for (const part of typeof argument === 'string' ? [argument] : argument)
    if (typeof part === 'string') turns[turns.length - 1] += part
    else turns.push(part.variable.slice(1), '')
  return turns
}

/** As ngx_http_script_compile takes a word apart; the name of `$` is the `$` that it stands for. */
function read(word: string): string[] {
  const turns = ['']
  let at = 0
  for (const found of word.matchAll(/\$(?:([1-9])|\{(\w+)\}|(\w+))?/g)) {
    const name = found[1] ?? found[2] ?? found[3] ?? 'no variable at all'
    turns[turns.length - 1] += word.slice(at, found.index)
    at = found.index + found[0].length
    if (name === 'fairlead_dollar') turns[turns.length - 1] += '$'
    else turns.push(name, '')
  }
  turns[turns.length - 1] += word.slice(at)
  return turns
}
