import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { isDynamic, namesIn, type Pattern, pathProblem, readPattern } from './pattern.ts'
import { type RefuseLine, type RuleLine, refuseLine, ruleLines } from './text.ts'

export interface RedirectRule {
  /** Path pattern with at most one `*` and `:placeholders`. */
  from: string
  /** A path of the site (with query and fragment), or a whole http(s) URL; percent-encoded, `:name` inside. */
  to: string
  /** 301, 302, 303, 307, 308: redirect. 200, 404: answer with the file at `to`. */
  status: number
  /** `!`: even where a file exists. */
  force: boolean
}

const REDIRECTS = [301, 302, 303, 307, 308]
const STATUSES = [200, ...REDIRECTS, 404]

/**
 * Reads a bundle's `_redirects` (https://docs.netlify.com/routing/redirects/): `from to [status][!]` a line.
 * Proxying, query matches and conditions refuse the bundle as `archive_refused`, naming the line.
 * `singlePage` tells of `/* /index.html 200`, which is a setting here and no rule; as it catches everything, rules
 * below it are never reached and are left out.
 */
export function parseRedirects(text: string): { rules: RedirectRule[]; singlePage: boolean } {
  const refuse = refuseLine('_redirects')
  const rules: RedirectRule[] = []
  const counts = { static: 0, dynamic: 0 }
  for (const line of ruleLines(text, refuse)) {
    const { rule, pattern } = readRule(line, refuse)
    if (rule.from === '/*' && rule.to === '/index.html' && rule.status === 200 && !rule.force)
      return { rules, singlePage: true }
    rules.push(rule)
    const kind = isDynamic(pattern) ? 'dynamic' : 'static'
    const most = kind === 'dynamic' ? LIMITS.rules.dynamicRedirects : LIMITS.rules.staticRedirects
    counts[kind] += 1
    if (counts[kind] > most)
      refuse(line, `there are more than ${most} ${kind} rules`, 'Join rules with a splat such as /blog/*.')
  }
  return { rules, singlePage: false }
}

function readRule(line: RuleLine, refuse: RefuseLine): { rule: RedirectRule; pattern: Pattern } {
  const words = line.text.split(/\s+/)
  const comment = words.findIndex((word) => word.startsWith('#'))
  const [from = '', ...rest] = comment === -1 ? words : words.slice(0, comment)
  const pattern = requireFrom(line, from, refuse)
  const target = rest.findIndex((word) => word.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(word))
  const [to, statusWord = '301', ...conditions] = rest.slice(Math.max(target, 0))
  if (to === undefined) return refuse(line, 'it has no target', 'Write "from to", such as "/old /new 301".')
  if (target > 0)
    refuse(
      line,
      `matching by query parameters ("${shown(rest[0] ?? '', 40)}") is not supported`,
      'Match by the path alone; the query is passed on.',
    )
  if (target < 0)
    refuse(
      line,
      `the target "${shown(to, 60)}" is neither a path nor a URL`,
      'Begin it with "/" or "https://".',
    )
  if (conditions.length > 0 || /[a-z]/i.test(statusWord))
    refuse(
      line,
      `conditions ("${shown(/[a-z]/i.test(statusWord) ? statusWord : (conditions[0] ?? ''), 40)}") are not supported`,
      'Remove what stands behind the status; rules by country, language, role or cookie need a server.',
    )
  const force = statusWord.endsWith('!')
  const status = Number(force ? statusWord.slice(0, -1) : statusWord)
  if (!STATUSES.includes(status))
    refuse(
      line,
      `the status "${shown(statusWord, 20)}" is not supported`,
      `Use one of ${STATUSES.join(', ')}.`,
    )
  const isRedirect = REDIRECTS.includes(status)
  const url = requireTarget({ line, text: to, isRedirect, pattern }, refuse)
  return { rule: { from, to: url, status, force }, pattern }
}

function requireFrom(line: RuleLine, from: string, refuse: RefuseLine): Pattern {
  if (!from.startsWith('/'))
    refuse(
      line,
      `rules for one host ("${shown(from, 60)}") are not supported`,
      'Begin the path with "/"; it counts for every URL of the site.',
    )
  if (from.includes('?'))
    refuse(
      line,
      `matching by query parameters ("${shown(from, 60)}") is not supported`,
      'Match by the path alone; the query is passed on.',
    )
  const read = readPattern(from)
  if ('pattern' in read) return read.pattern
  return refuse(
    line,
    `the path "${shown(from, 60)}" ${read.problem}`,
    'Write a path such as /blog/* or /blog/:slug.',
  )
}

interface Target {
  line: RuleLine
  text: string
  isRedirect: boolean
  pattern: Pattern
}

function requireTarget({ line, text, isRedirect, pattern }: Target, refuse: RefuseLine): string {
  const what = `the target "${shown(text, 60)}"`
  for (const part of text.split(/[/?&=#]/))
    if (/^:[A-Za-z][A-Za-z0-9_]*$/.test(part) && !pattern.names.includes(part.slice(1)))
      refuse(line, `${what} uses ${part}, which its path does not have`, `Add ${part} to the path.`)
  if (namesIn(text, pattern).size > LIMITS.rules.captures)
    refuse(line, `${what} uses more than ${LIMITS.rules.captures} placeholders`, 'Use fewer, or a splat.')
  if (text.startsWith('/')) {
    const problem = pathProblem(text.split(/[?#]/, 1)[0] ?? '')
    if (problem !== null) refuse(line, `${what} ${problem}`, 'Write a shorter path without such characters.')
    if (/^\/[/\\]/.test(text))
      refuse(
        line,
        `${what} leaves the site without naming a scheme`,
        'Write https:// in front, or a single "/".',
      )
    const { pathname, search, hash } = new URL(text, 'http://site')
    return withoutDollar(`${pathname}${search}${hash}`)
  }
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return refuse(line, `${what} is no http or https URL`, 'Begin it with "/" or "https://".')
  if (!isRedirect)
    refuse(
      line,
      `proxying to another server (${what}) is not supported`,
      'Redirect there with 301 or 302, or call that server from the page.',
    )
  if (url.username !== '' || url.password !== '' || !/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/.test(url.hostname))
    refuse(
      line,
      `${what} has a host that can't be redirected to`,
      'Write a plain host name, without user or placeholder.',
    )
  return withoutDollar(url.href)
}

/** `$` begins a variable in NGINX and means the same when escaped, so it never gets that far; nor does a second `?`. */
const withoutDollar = (url: string): string =>
  url
    .replaceAll('$', '%24')
    .replace(
      /(\?[^#]*)(#.*)?$/s,
      (_, query: string, hash = '') => `?${query.slice(1).replaceAll('?', '%3F')}${hash}`,
    )
