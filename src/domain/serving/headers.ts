import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { type Pattern, readPattern, usesOf } from './pattern.ts'
import { type RefuseLine, type RuleLine, refuseLine, ruleLines } from './text.ts'

/** One rule of a `_headers` file, as Cloudflare reads it. */
export interface HeaderRule {
  /** Path pattern with at most one `*` and `:placeholders`. */
  pattern: string
  /** Names in lower case; `:name` and `:splat` in a value stand for what the pattern captured. */
  set: [name: string, value: string][]
  /** Header names after `! `, in lower case. */
  unset: string[]
}

/** Headers that say how an answer is framed or what it is: the gateway's own, since it alone knows. */
const RESERVED = new Set([
  'accept-ranges',
  'age',
  'allow',
  'alt-svc',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'date',
  'etag',
  'expect',
  'host',
  'keep-alive',
  'last-modified',
  'location',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
])

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t -~]+$/

/** What the headers of a file come to. */
interface Total {
  chars: number
  uses: number
}

/**
 * Reads a bundle's `_headers` (https://developers.cloudflare.com/workers/static-assets/headers/). Whatever can't be
 * honoured refuses the bundle as `archive_refused`, naming the line, instead of being skipped.
 */
export function parseHeaders(text: string): { rules: HeaderRule[] } {
  const refuse = refuseLine('_headers')
  const rules: { rule: HeaderRule; pattern: Pattern; line: RuleLine }[] = []
  const total: Total = { chars: 0, uses: 0 }
  for (const line of ruleLines(text, refuse)) {
    if (/^(\/|[^\s:]+:\/\/)/.test(line.text)) {
      const pattern = requirePattern(line, refuse)
      rules.push({ rule: { pattern: line.text, set: [], unset: [] }, pattern, line })
      if (rules.length > LIMITS.rules.headerRules)
        refuse(
          line,
          `there are more than ${LIMITS.rules.headerRules} rules`,
          'Join rules with a splat such as /assets/*.',
        )
      continue
    }
    const current = rules.at(-1)
    if (current === undefined)
      return refuse(
        line,
        `"${shown(line.text, 60)}" comes before any path`,
        'Write the path, such as /*, above it.',
      )
    const { rule, pattern } = current
    total.chars += line.text.length
    if (line.text.startsWith('!')) rule.unset.push(requireName(line, line.text.slice(1).trim(), refuse))
    else total.uses += usesOf(addHeader(rule, line, refuse), pattern).length
    requireBounded(total, line, refuse)
  }
  for (const { rule, line } of rules)
    if (rule.set.length + rule.unset.length === 0)
      refuse(line, `the rule for "${shown(rule.pattern, 60)}" has no headers`, 'Add a header or remove it.')
  return { rules: rules.map(({ rule }) => rule) }
}

/** What NGINX copies for one request grows with the square of either, whatever client would read such an answer. */
function requireBounded({ chars, uses }: Total, line: RuleLine, refuse: RefuseLine): void {
  const { headerChars, headerCaptures } = LIMITS.rules
  if (chars > headerChars)
    refuse(line, `the headers have more than ${headerChars} characters in all`, 'Shorten or remove some.')
  if (uses > headerCaptures)
    refuse(line, `the headers use placeholders more than ${headerCaptures} times in all`, 'Use fewer.')
}

function requirePattern(line: RuleLine, refuse: RefuseLine): Pattern {
  if (!line.text.startsWith('/'))
    refuse(
      line,
      `rules for one host ("${shown(line.text, 60)}") are not supported`,
      'Begin the path with "/"; it counts for every URL of the site.',
    )
  const read = readPattern(line.text)
  if ('problem' in read)
    refuse(
      line,
      `the path "${shown(line.text, 60)}" ${read.problem}`,
      'Write a path such as /assets/* or /blog/:slug.',
    )
  return read.pattern
}

/** The value of its line. */
function addHeader(rule: HeaderRule, line: RuleLine, refuse: RefuseLine): string {
  const colon = line.text.indexOf(':')
  if (colon === -1)
    refuse(
      line,
      `"${shown(line.text, 60)}" is no header`,
      'Write "Name: value", or "! Name" to take a header away.',
    )
  const name = requireName(line, line.text.slice(0, colon).trim(), refuse)
  const value = line.text.slice(colon + 1).trim()
  if (value === '')
    refuse(line, `the header ${name} has no value`, `Write a value, or "! ${name}" to take it away.`)
  if (!VALUE.test(value))
    refuse(line, `the value of ${name} has characters outside ASCII`, 'Percent-encode or remove them.')
  const earlier = rule.set.find(([known]) => known === name)
  if (earlier) earlier[1] = `${earlier[1]}, ${value}`
  else rule.set.push([name, value])
  return value
}

function requireName(line: RuleLine, text: string, refuse: RefuseLine): string {
  const name = text.toLowerCase()
  if (!NAME.test(name))
    refuse(
      line,
      `"${shown(text, 60)}" can't be a header's name`,
      'A name has letters, digits and "-", and no space before the ":".',
    )
  if (name === 'basic-auth')
    refuse(line, 'passwords by Basic-Auth are not supported', 'Remove the line; anybody may read this site.')
  if (RESERVED.has(name))
    refuse(line, `the header ${name} is reserved`, 'Remove the line: the gateway sets this header itself.')
  return name
}
