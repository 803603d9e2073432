/** Directives of an operator's own inside a server of ours: what he has added by hand, kept from then on. */
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { configText, type Foreign } from './config.ts'
import { parseConfig, type Statement } from './parse.ts'

/** Run in the order in which they stand, among ours; or ours to say. */
const REFUSED_IN_SERVER = new Set(['if', 'set', 'rewrite', 'return', 'break'])

/** Ours to say, or the say of a file that nobody here knows. */
const REFUSED = /^(include|listen|server|server_name|ssl_certificate.*|.*_by_lua_block)$/

/** What stands in the text. Throws `invalid` for what can't be read, and for what has no place inside a server of ours. */
export function extraDirectives(text: string): Foreign[] {
  if (text.length > LIMITS.nginx.extra.chars)
    throw wrong(`are longer than ${LIMITS.nginx.extra.chars} characters`)
  const parsed = parseConfig(text, 'extra')
  if ('problem' in parsed) throw wrong(`can't be read: line ${parsed.line}: ${parsed.problem}`)
  for (const { words, line } of parsed.statements)
    if (REFUSED_IN_SERVER.has(words[0] ?? '')) throw refused(words[0] ?? '', line)
  const directives = parsed.statements.map((statement) => foreign(statement, 1))
  requireWritable(directives)
  return directives
}

/** The same, in the one spelling that is kept. */
export const extraText = (directives: readonly Foreign[]): string => configText(directives)

function foreign({ words, block, line }: Statement, depth: number): Foreign {
  const [name = ''] = words
  if (REFUSED.test(name)) throw refused(name, line)
  if (depth > LIMITS.nginx.extra.depth) throw wrong(`have blocks in blocks: line ${line}`)
  return { words, inside: block && block.map((inner) => foreign(inner, depth + 1)) }
}

/** A word with a line break in it, say, which is written nowhere. */
function requireWritable(directives: readonly Foreign[]): void {
  try {
    configText(directives)
  } catch (cause) {
    throw wrong(`can't be written: ${cause instanceof Error ? shown(cause.message, 200) : ''}`, cause)
  }
}

const refused = (name: string, line: number): Fault =>
  wrong(`may not have "${shown(name, 80)}": line ${line}`)

const wrong = (message: string, cause?: unknown): Fault =>
  new Fault('invalid', `The directives of NGINX ${message}.`, {
    hint: 'What may stand there adds to the server that answers the site: headers, limits, locations.',
    ...(cause !== undefined && { cause }),
  })

export type Added = { added: string } | { why: string }

/**
 * What somebody has added to a text of ours, in the one server that answers the site; or why what stands is more than
 * that. Comments say nothing to NGINX and are not kept.
 */
export function addedDirectives(wanted: string, standing: string): Added {
  const ours = parseConfig(wanted, 'wanted')
  const stands = parseConfig(standing, 'standing')
  if ('problem' in ours) throw new Error(`A text of ours can't be read: ${ours.problem}`)
  if ('problem' in stands) return { why: `Line ${stands.line} can't be read: ${stands.problem}.` }
  if (ours.statements.length !== stands.statements.length)
    return { why: 'Something was added or taken away outside of the server that answers the site.' }
  const last = ours.statements.length - 1
  const added: Statement[] = []
  for (const [index, statement] of ours.statements.entries()) {
    const other = stands.statements[index]
    if (other === undefined) continue
    if (index < last || statement.block === null || other.block === null || !isSameHead(statement, other)) {
      if (!isSame(statement, other)) return { why: changedAt(other) }
      continue
    }
    const more = additions(statement.block, other.block)
    if ('why' in more) return more
    added.push(...more.added)
  }
  if (added.length === 0)
    return { why: 'NGINX reads the same as before: only comments or blanks are others.' }
  return addedText(added)
}

/** Whether NGINX reads the same in two texts, whatever the comments and blanks. */
export function readsAlike(one: string, other: string): boolean {
  const [a, b] = [parseConfig(one, 'one'), parseConfig(other, 'other')]
  if ('problem' in a || 'problem' in b) return false
  const whole = (statements: Statement[]) => ({ words: [], block: statements, file: '', line: 0 })
  return isSame(whole(a.statements), whole(b.statements))
}

function addedText(statements: readonly Statement[]): Added {
  try {
    const plain = statements.map(toForeign)
    return { added: extraText(extraDirectives(extraText(plain))) }
  } catch (error) {
    if (error instanceof Fault) return { why: error.message }
    return { why: 'What was added has a line break inside of a word.' }
  }
}

const toForeign = ({ words, block }: Statement): Foreign => ({ words, inside: block && block.map(toForeign) })

/** Of a block, what stands beside everything of ours, which is still there in its order. */
function additions(
  ours: readonly Statement[],
  stands: readonly Statement[],
): { added: Statement[] } | { why: string } {
  const added: Statement[] = []
  let next = 0
  for (const statement of stands) {
    const wanted = ours[next]
    if (wanted !== undefined && isSame(wanted, statement)) next += 1
    else added.push(statement)
  }
  const missing = ours[next]
  return missing === undefined ? { added } : { why: `"${headOf(missing)}" of ours is changed or gone.` }
}

const isSameHead = (one: Statement, other: Statement): boolean =>
  JSON.stringify(one.words) === JSON.stringify(other.words)

function isSame(one: Statement, other: Statement): boolean {
  if (!isSameHead(one, other) || one.block?.length !== other.block?.length) return false
  return (one.block ?? []).every((inner, index) => {
    const theirs = other.block?.[index]
    return theirs !== undefined && isSame(inner, theirs)
  })
}

const headOf = ({ words }: Statement): string => shown(words.join(' '), 80)

const changedAt = (statement: Statement): string =>
  `Something was added or changed outside of the server that answers the site: line ${statement.line}, "${headOf(statement)}".`
