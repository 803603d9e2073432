import type { HeaderRule } from './headers.ts'
import { isDynamic, type Pattern, readPattern } from './pattern.ts'
import type { RedirectRule } from './redirects.ts'
import type { ServingRules } from './rules.ts'

/** Rules in a shape that answers a request without reading their text again. */
export interface CompiledRules {
  headers: { pattern: Pattern; rule: HeaderRule }[]
  /** By path without a trailing slash; the first rule of a path wins. */
  staticRedirects: ReadonlyMap<string, { order: number; rule: RedirectRule }>
  /** In the order of the file. */
  dynamicRedirects: { order: number; pattern: Pattern; rule: RedirectRule }[]
  ownGzip: ReadonlySet<string>
}

const known = new WeakMap<ServingRules, CompiledRules>()

/** Compiles once for each rules object, which must not change afterwards. */
export function compiled(rules: ServingRules): CompiledRules {
  const earlier = known.get(rules)
  if (earlier) return earlier
  const fresh = compile(rules)
  known.set(rules, fresh)
  return fresh
}

function compile(rules: ServingRules): CompiledRules {
  const staticRedirects = new Map<string, { order: number; rule: RedirectRule }>()
  const dynamicRedirects: CompiledRules['dynamicRedirects'] = []
  for (const [order, rule] of rules.redirects.entries()) {
    const pattern = patternOf(rule.from)
    const path = literalPath(pattern)
    if (isDynamic(pattern)) dynamicRedirects.push({ order, pattern: withoutLastSlash(pattern), rule })
    else if (!staticRedirects.has(path)) staticRedirects.set(path, { order, rule })
  }
  return {
    headers: rules.headers.map((rule) => ({ pattern: patternOf(rule.pattern), rule })),
    staticRedirects,
    dynamicRedirects,
    ownGzip: new Set(rules.ownGzip),
  }
}

/** A trailing slash makes no difference to redirects, unless a splat decides what it belongs to. */
function withoutLastSlash(pattern: Pattern): Pattern {
  const last = pattern.before.at(-1)
  const isClosed = pattern.splat === null && last !== undefined && 'literal' in last && last.literal === ''
  return isClosed ? { ...pattern, before: pattern.before.slice(0, -1) } : pattern
}

function patternOf(text: string): Pattern {
  const read = readPattern(text)
  if ('pattern' in read) return read.pattern
  throw new Error(`A pattern that no parser lets through: ${text} ${read.problem}`)
}

function literalPath(pattern: Pattern): string {
  const path = `/${pattern.before.map((segment) => ('literal' in segment ? segment.literal : '')).join('/')}`
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
