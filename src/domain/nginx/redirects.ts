/**
 * `_redirects` as directives. The path goes through the rules as what a `rewrite` works on: the first one that fits
 * makes it a status, which no other rule fits, and the query a Location. Rules for one path stand in a map instead,
 * with what `firstRedirect` answers for it, so that 2,000 of them cost no more than one.
 */
import { type CompiledRules, compiled } from '../serving/compiled.ts'
import { encodePath } from '../serving/path.ts'
import { type Pattern, segmentsOf } from '../serving/pattern.ts'
import type { RedirectRule } from '../serving/redirects.ts'
import { decoded, firstRedirect } from '../serving/resolve.ts'
import type { ServingRules } from '../serving/rules.ts'
import { block, type Directive, directive, type Entry, entry, type Part, raw, variable } from './config.ts'
import { goTo, set, when } from './flow.ts'
import {
  ALL,
  literal,
  namesIn,
  type PatternRegex,
  patternRegex,
  type SplatMode,
  type TemplatePart,
  templateParts,
} from './regex.ts'
import { our, v } from './variables.ts'

export interface RedirectPlan {
  /** Stand in `http{}`. */
  maps: Directive[]
  /** Leave in `$fairlead_rule` what was found, with `!` where it is forced: a status, or a status and a path of the site. */
  find: Directive[]
  /** Redirects' statuses; those of rewrites are 200 and 404. */
  statuses(forced: boolean): number[]
  hasRewrites(forced: boolean): boolean
  /** Whether a rule answers 404 with a file. */
  hasMissing: boolean
}

/** `id` tells the variables of this site from others'. */
export function redirectPlan(rules: ServingRules, id: string): RedirectPlan {
  const all = compiled(rules)
  const { inMap, inOrder } = split(all)
  const used = rules.redirects
  const map = inMap.size === 0 ? [] : [mapOf(inMap, id)]
  return {
    maps: map,
    find:
      used.length === 0
        ? []
        : [
            ...(map.length === 0 ? [] : [set('found', [...v(`rules_${id}`), ' ', ...v('ruled')])]),
            goTo([...v('mark'), ...v('ruled')]),
            ...(map.length === 0 ? [] : [fromMap()]),
            ...inOrder.flatMap(rewrites),
            ...(inOrder.some(({ rule }) => !isRedirect(rule)) ? [withoutDoubleSlash()] : []),
            set('rule', variable('$uri')),
            set('to', variable('$args')),
          ],
    statuses: (forced) => [
      ...new Set(
        used.filter((rule) => isRedirect(rule) && rule.force === forced).map(({ status }) => status),
      ),
    ],
    hasRewrites: (forced) => used.some((rule) => !isRedirect(rule) && rule.force === forced),
    hasMissing: used.some(({ status }) => status === 404),
  }
}

const isRedirect = ({ status }: RedirectRule): boolean => status !== 200 && status !== 404

interface Rule {
  rule: RedirectRule
  pattern: Pattern
}

interface Split {
  /** Path to its rule. */
  inMap: Map<string, RedirectRule>
  inOrder: Rule[]
}

function split(all: CompiledRules): Split {
  const folded = new Map<string, number>()
  for (const path of all.staticRedirects.keys()) {
    const lower = path.toLowerCase()
    folded.set(lower, (folded.get(lower) ?? 0) + 1)
  }
  const inMap: Split['inMap'] = new Map()
  const inOrder: (Rule & { order: number })[] = all.dynamicRedirects.map((rule) => rule)
  for (const [path, { order, rule }] of all.staticRedirects) {
    const both = [path, ...(path === '/' ? [] : [`${path}/`])]
    const won = both.map((asked) =>
      ['', '?q'].map(
        (query) => firstRedirect(all, { path: asked, query, encode: encodePath })?.rule === rule,
      ),
    )
    // NGINX's maps take no notice of case, so two paths that differ by it alone are told apart by expressions.
    const isPlain = isRedirect(rule) && folded.get(path.toLowerCase()) === 1
    if (isPlain && won.every(([without, having]) => without === having))
      both.forEach((asked, index) => {
        if (won[index]?.[0]) inMap.set(asked, rule)
      })
    else inOrder.push({ order, rule, pattern: patternOf(path) })
  }
  return { inMap, inOrder: inOrder.sort((one, other) => one.order - other.order) }
}

const patternOf = (path: string): Pattern => ({
  before: segmentsOf(path).map((literal) => ({ literal })),
  splat: null,
  after: [],
  names: [],
})

/** Each value ends with the path itself: the map does not mind its case, so what it finds is compared. */
function mapOf(inMap: Split['inMap'], id: string): Directive {
  const entries = [...inMap].map(([path, rule]): Entry => {
    const parts = locationOf(rule, [{ text: rule.to }])
    return entry(raw(path), [`${statusOf(rule)} `, ...parts.flatMap(asPart(new Map())), ` ${path}`])
  })
  return block('map', [v('path'), raw(our(`rules_${id}`))], [...entries, entry('default', '')])
}

const statusOf = ({ status, force }: RedirectRule): string => `${status}${force ? '!' : ''}`

const fromMap = (): Directive =>
  when(
    [v('found'), '~', raw(`${ALL}^([0-9]{3}!?) ([^ ]*) (.*) \\3\\z`)],
    set('rule', variable('$1')),
    set('to', variable('$2')),
    goTo(v('rule')),
    directive('set', variable('$args'), v('to')),
  )

type Piece = TemplatePart | 'query'

/** A target with the query put in where `targetOf` puts it, and without a second slash at its beginning. */
function locationOf(rule: RedirectRule, parts: readonly TemplatePart[]): Piece[] {
  const [first, ...others] = parts
  const start: readonly TemplatePart[] =
    first !== undefined && 'text' in first ? [{ text: first.text.replace(/^\/{2,}/, '/') }, ...others] : parts
  if (rule.to.includes('?')) return [...start]
  const pieces: Piece[] = []
  let passed = false
  for (const part of start) {
    const hash = 'text' in part && !passed ? part.text.indexOf('#') : -1
    if ('text' in part && hash !== -1) {
      pieces.push({ text: part.text.slice(0, hash) }, 'query', { text: part.text.slice(hash) })
      passed = true
    } else pieces.push(part)
  }
  return passed ? pieces : [...pieces, 'query']
}

const asPart =
  (groups: PatternRegex['groups']) =>
  (piece: Piece): Part[] => {
    if (piece === 'query') return [...v('query')]
    if ('text' in piece) return piece.text === '' ? [] : [piece.text]
    return [{ variable: `$${groups.get(piece.name) as 1}` }] // a digit: rules use no more than nine names
  }

/** In a rewrite `?` begins a query, so one that is meant is a variable. */
const asRewritePart =
  (groups: PatternRegex['groups']) =>
  (piece: Piece): Part[] =>
    asPart(groups)(piece).flatMap((part) =>
      typeof part === 'string'
        ? part
            .split('?')
            .flatMap((text, index) => [...(index === 0 ? [] : v('question')), ...(text === '' ? [] : [text])])
        : [part],
    )

function rewrites({ rule, pattern }: Rule): Directive[] {
  return variants(pattern, templateParts(rule.to, pattern.names)).map(({ source, groups, parts }) => {
    const self = selfRegex(rule, parts, groups)
    const regex = `${ALL}^\\??${self === null ? source : `(?=${source}\\z)${self}.*`}\\z`
    const made = isRedirect(rule)
      ? [`${statusOf(rule)}?`, ...locationOf(rule, parts).flatMap(asRewritePart(groups))]
      : [statusOf(rule), ...fileOf(parts).flatMap(asRewritePart(groups))]
    return directive('rewrite', raw(regex), [...made, '?'])
  })
}

interface Variant extends PatternRegex {
  parts: readonly TemplatePart[]
}

/** One rule may need several expressions, tried in turn; in some of them nothing is left of the splat. */
function variants(pattern: Pattern, parts: readonly TemplatePart[]): Variant[] {
  const bare = withoutSplat(parts)
  const of = (source: Pattern, own: readonly TemplatePart[], mode: SplatMode = 'any'): Variant[] => {
    const regex = patternRegex(source, namesIn(own), mode)
    return regex === null ? [] : [{ ...regex, parts: own }]
  }
  if (pattern.splat === null) {
    const open =
      pattern.before.length > 1 && isEmpty(pattern.before.at(-1))
        ? pattern.before.slice(0, -1)
        : pattern.before
    return of({ ...pattern, before: open }, parts).map((variant) => ({
      ...variant,
      source: variant.source === '/' ? '/' : `${variant.source}/?`,
    }))
  }
  const wholeOf = (source: Pattern): Variant[] =>
    isExposed(parts) ? [...of(source, parts, 'unslashed'), ...of(source, bare, 'slashes')] : of(source, parts)
  const whole = wholeOf(pattern)
  // The path may lack the last slash of the pattern, or the one before its splat.
  const closed = isEmpty(pattern.after.at(-1))
    ? wholeOf({ ...pattern, after: pattern.after.slice(0, -1) })
    : []
  const { prefix, suffix } = pattern.splat
  const isLast = pattern.after.length === 0 && pattern.before.length > 0 && prefix === '' && suffix === ''
  return [...whole, ...closed, ...(isLast ? of({ ...pattern, splat: null }, bare) : [])]
}

const isEmpty = (segment: Pattern['before'][number] | undefined): boolean =>
  segment !== undefined && 'literal' in segment && segment.literal === ''

/** What a splat right after the first slash begins with would be taken for a host. */
const isExposed = ([first, second]: readonly TemplatePart[]): boolean =>
  first !== undefined &&
  'text' in first &&
  first.text === '/' &&
  second !== undefined &&
  'name' in second &&
  second.name === 'splat'

function withoutSplat(parts: readonly TemplatePart[]): TemplatePart[] {
  const kept: TemplatePart[] = []
  for (const part of parts) {
    const last = kept.at(-1)
    if ('name' in part && part.name === 'splat') continue
    if ('text' in part && last !== undefined && 'text' in last)
      kept[kept.length - 1] = { text: last.text + part.text }
    else kept.push(part)
  }
  return kept
}

/** Refuses a path that the rule would lead to itself (`leadsToItself`); null: it leads no path to itself. */
function selfRegex(
  rule: RedirectRule,
  parts: readonly TemplatePart[],
  groups: PatternRegex['groups'],
): string | null {
  if (!rule.to.startsWith('/')) return null
  let source = ''
  for (const part of pathParts(parts)) {
    if ('name' in part) source += `(?:\\g{${groups.get(part.name) ?? 0}})`
    else {
      const text = decoded(part.text)
      if (text === null) return null
      source += literal(text)
    }
  }
  const behind = rule.to.includes('?') ? '(?<=\\?)' : ''
  return `(?!${behind}${source}\\z)`
}

/** Of a target, what stands before its query and fragment. */
function pathParts(parts: readonly TemplatePart[]): TemplatePart[] {
  const kept: TemplatePart[] = []
  for (const part of parts) {
    const end = 'text' in part ? part.text.search(/[?#]/) : -1
    if ('text' in part && end !== -1) return [...kept, { text: part.text.slice(0, end) }]
    kept.push(part)
  }
  return kept
}

/** The path that a rewrite means, decoded; one that can't be decoded is a name that no file has. */
function fileOf(parts: readonly TemplatePart[]): TemplatePart[] {
  const own: TemplatePart[] = []
  for (const part of pathParts(parts)) {
    const text = 'text' in part ? decoded(part.text) : ''
    if (text === null) return [{ text: '/.' }]
    own.push('text' in part ? { text } : part)
  }
  return own
}

const withoutDoubleSlash = (): Directive =>
  directive('rewrite', raw(`${ALL}^((?:200|404)!?/.*?)//+(.*)\\z`), [
    { variable: '$1' },
    '/',
    { variable: '$2' },
  ])
