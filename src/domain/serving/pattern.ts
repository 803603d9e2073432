import { LIMITS } from '../../base/limits.ts'
import { readPath, type SitePath } from './path.ts'

type Segment = { literal: string } | { placeholder: string }

/**
 * A path pattern of `_headers` and `_redirects`: literal segments, `:placeholders` that fill a whole segment, and at
 * most one `*`. It is matched from both ends towards the splat, so the time is linear in the path whatever was
 * written (THREATS R16).
 */
export interface Pattern {
  before: Segment[]
  /** What stands around `*` in its own segment; null: no splat. */
  splat: { prefix: string; suffix: string } | null
  after: Segment[]
  names: string[]
}

export type Captures = ReadonlyMap<string, string>

export const isDynamic = (pattern: Pattern): boolean => pattern.splat !== null || pattern.names.length > 0

/** Reads a pattern; `problem` is a clause such as "has more than one *". */
export function readPattern(text: string): { pattern: Pattern } | { problem: string } {
  if (!text.startsWith('/')) return { problem: 'does not begin with "/"' }
  if (text.includes('?') || text.includes('#')) return { problem: 'has a query or a fragment' }
  const problem = pathProblem(text)
  if (problem !== null) return { problem }
  const pattern: Pattern = { before: [], splat: null, after: [], names: [] }
  for (const part of text.split('/').slice(1)) {
    const star = part.indexOf('*')
    if (star !== part.lastIndexOf('*') || (star !== -1 && pattern.splat !== null))
      return { problem: 'has more than one "*"' }
    if (star !== -1) {
      const [prefix, suffix] = [literal(part.slice(0, star)), literal(part.slice(star + 1))]
      if (prefix === null || suffix === null) return { problem: 'has broken percent-encoding' }
      pattern.splat = { prefix, suffix }
      continue
    }
    const segment = readSegment(part)
    if ('problem' in segment) return segment
    if ('placeholder' in segment) {
      if (pattern.names.includes(segment.placeholder))
        return { problem: `has the placeholder :${segment.placeholder} twice` }
      pattern.names.push(segment.placeholder)
    }
    const side = pattern.splat === null ? pattern.before : pattern.after
    side.push(segment)
  }
  if (pattern.splat !== null) pattern.names.push('splat')
  return { pattern }
}

/** Why a path of a rule, percent-encoded, can't be one; null: it can. */
export function pathProblem(path: string): string | null {
  const read = readPath(path)
  const text = 'path' in read ? read.path : path
  if (/\p{Cc}/u.test(text)) return 'has a control character'
  const most = LIMITS.rules.pathBytes
  return new TextEncoder().encode(text).length > most ? `has more than ${most} bytes` : null
}

function readSegment(part: string): Segment | { problem: string } {
  if (part.startsWith(':')) {
    if (!/^:[A-Za-z][A-Za-z0-9_]*$/.test(part))
      return { problem: 'has a placeholder that does not fill its segment' }
    if (part === ':splat') return { problem: 'has a placeholder named :splat, which is the name of "*"' }
    return { placeholder: part.slice(1) }
  }
  const text = literal(part)
  return text === null ? { problem: 'has broken percent-encoding' } : { literal: text }
}

function literal(part: string): string | null {
  const read = readPath(`/x${part}`)
  return 'path' in read ? read.path.slice(2) : null
}

/** What patterns are matched against; the last is '' where the path ends with a slash. */
export const segmentsOf = (path: SitePath): string[] => path.split('/').slice(1)

/** Matches exactly: a trailing slash counts. Captured values are percent-decoded. */
export function matchPattern(pattern: Pattern, segments: readonly string[]): Captures | null {
  const { before, splat, after } = pattern
  const middle = segments.length - before.length - after.length
  if (splat === null ? middle !== 0 : middle < 1) return null
  const captures = new Map<string, string>()
  const fits = (wanted: readonly Segment[], from: number): boolean =>
    wanted.every((segment, index) => {
      const actual = segments[from + index] ?? ''
      if ('literal' in segment) return segment.literal === actual
      captures.set(segment.placeholder, actual)
      return actual !== ''
    })
  if (!fits(before, 0) || !fits(after, segments.length - after.length)) return null
  if (splat === null) return captures
  const between = segments.slice(before.length, before.length + middle).join('/')
  if (between.length < splat.prefix.length + splat.suffix.length) return null
  if (!between.startsWith(splat.prefix) || !between.endsWith(splat.suffix)) return null
  return captures.set('splat', between.slice(splat.prefix.length, between.length - splat.suffix.length))
}

/** Puts captured values where `:name` stands; names that were not captured stay as they are. */
export function substitute(template: string, captures: Captures, encode: (value: string) => string): string {
  if (captures.size === 0) return template
  return template.replace(/:([A-Za-z][A-Za-z0-9_]*)/g, (whole, name: string) => {
    const value = captures.get(name)
    return value === undefined ? whole : encode(value)
  })
}

/** The names in a template that `substitute` would fill, as often as they stand there. */
export const usesOf = (template: string, pattern: Pattern): string[] =>
  [...template.matchAll(/:([A-Za-z][A-Za-z0-9_]*)/g)].flatMap(([, name = '']) =>
    pattern.names.includes(name) ? [name] : [],
  )
export const namesIn = (template: string, pattern: Pattern): Set<string> => new Set(usesOf(template, pattern))
