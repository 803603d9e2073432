/** `_headers` as directives: each value is a variable, since an empty one makes no header. */
import { compiled } from '../serving/compiled.ts'
import type { ServingRules } from '../serving/rules.ts'
import { type Argument, type Directive, directive, raw } from './config.ts'
import { goTo, matching, set, when } from './flow.ts'
import { ALL, patternRegex, type SplatMode, templateParts } from './regex.ts'
import { type Ours, v } from './variables.ts'

export interface HeaderPlan {
  /** What counts before any rule does. */
  start: Directive[]
  /** Goes through the rules; `$fairlead_path` and `$fairlead_query` are set. The query itself is lost. */
  decide: Directive[]
  /** Forgets what was decided: for a path that rules say nothing of. */
  forget: Directive[]
  /** For a file with 200. */
  content: Directive[]
  /** For a file that stands in for what is missing. */
  missing: Directive[]
  /** For everything without a file. */
  other: Directive[]
}

type Rules = ReturnType<typeof compiled>['headers']

/** Stands for what the gateway sends by itself, which is known only when the file is. */
export const OWN = '='

/** Pieces of a value: NGINX reads no word of more than 4,096 bytes, and `$` takes 18 of them. */
const PIECE = /[\t -~]{1,200}/g

export interface HeaderWays {
  /** What is fingerprinted is the site's own to say. */
  hasOwnFolders: boolean
  /** What the host name adds to each answer over HTTPS; no rule says another. */
  secureHeaders: readonly Directive[]
}

export function headerPlan(rules: ServingRules, { hasOwnFolders, secureHeaders }: HeaderWays): HeaderPlan {
  const all = secureHeaders.length === 0 ? compiled(rules).headers : withoutHsts(compiled(rules).headers)
  const names = namesOf(all)
  const more = [...names].filter(([name]) => !(name in STARTS)).map(([name, { of }]) => sent(name, v(of)))
  const sniffing = sent('X-Content-Type-Options', names.has(SNIFFING) ? v('sniffing') : 'nosniff')
  const type = sent('Content-Type', v(names.has(TYPE) ? 'own_type' : 'type'))
  const isCached = names.has(CACHE)
  const cached = `${hasOwnFolders ? 'own_' : ''}${isCached ? 'cache_sent' : 'cached'}`
  const vary = sent('Vary', rules.ownGzip.length > 0 ? 'Accept-Encoding' : v('encodings'))
  const other = [
    ...secureHeaders,
    sniffing,
    sent('Cache-Control', v(isCached ? 'other_cache_sent' : 'page_cached')),
    ...more,
  ]
  const forget = [...names].map(([name, { of }]) => set(of, STARTS[name] ?? ''))
  if (isCached) forget.push(set('other_cache', OWN))
  return {
    start: forget,
    forget,
    decide: all.flatMap((rule) => decided(rule, names)),
    content: [...secureHeaders, sniffing, sent('Cache-Control', v(cached)), type, vary, ...more],
    missing: [...other, type, vary],
    other,
  }
}

const HSTS = 'strict-transport-security'

const withoutHsts = (rules: Rules): Rules =>
  rules.map(({ rule, ...rest }) => ({
    ...rest,
    rule: {
      ...rule,
      set: rule.set.filter(([name]) => name !== HSTS),
      unset: rule.unset.filter((name) => name !== HSTS),
    },
  }))

/** NGINX takes the name as it is, and puts variables into the value. */
const sent = (name: string, value: Argument): Directive => directive('add_header', raw(name), value, 'always')

const [CACHE, TYPE, SNIFFING] = ['cache-control', 'content-type', 'x-content-type-options']

/** Headers of the gateway's own that a rule may change, and how they begin. */
const STARTS: Readonly<Record<string, string>> = { [CACHE]: OWN, [TYPE]: OWN, [SNIFFING]: 'nosniff' }
const VARIABLES: Readonly<Record<string, Ours>> = { [CACHE]: 'cache', [TYPE]: 'own', [SNIFFING]: 'sniffing' }

interface Known {
  of: Ours
  /** Where another value would begin; null: no second one can come. */
  joint: Ours | null
}

type Names = ReadonlyMap<string, Known>

function namesOf(rules: Rules): Names {
  const counts = new Map<string, number>()
  for (const { rule } of rules) {
    for (const name of rule.unset) counts.set(name, counts.get(name) ?? 0)
    for (const [name] of rule.set) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return new Map(
    [...counts].map(([name, count], index) => [
      name,
      { of: VARIABLES[name] ?? `h${index}`, joint: count > 1 ? `j${index}` : null },
    ]),
  )
}

function decided({ pattern, rule }: Rules[number], names: Names): Directive[] {
  const whole = patternRegex(pattern, new Set())
  if (whole === null) return []
  const lines: Line[] = rule.set.map(([name, template]) => {
    const parts = templateParts(template, pattern.names)
    // A value that can come out empty: then it is as if the line were not there.
    const mode: SplatMode = parts.every((part) => 'name' in part && part.name === 'splat') ? 'some' : 'any'
    return { name, parts, mode, pattern }
  })
  const plain = lines.filter(({ mode }) => mode === 'any')
  const taken = rule.unset.flatMap((name) => takenAway(names, name))
  return [
    ...(taken.length + plain.length > 0
      ? [when(matching('path', whole.source), ...taken, ...plain.flatMap((line) => added(line, names)))]
      : []),
    ...lines
      .filter(({ mode }) => mode === 'some')
      .map((line) => {
        const some = patternRegex(pattern, new Set(), 'some')
        return when(matching('path', some?.source ?? ''), ...added(line, names))
      }),
  ]
}

function takenAway(names: Names, name: string): Directive[] {
  const known = names.get(name)
  if (known === undefined) return []
  const more = name === CACHE ? [set('other_cache', '')] : []
  return [set(known.of, ''), ...(known.joint === null ? [] : [set(known.joint, '')]), ...more]
}

interface Line {
  name: string
  parts: ReturnType<typeof templateParts>
  mode: SplatMode
  pattern: Rules[number]['pattern']
}

function added({ name, parts, mode, pattern }: Line, names: Names): Directive[] {
  const known = names.get(name)
  if (known === undefined) return []
  const { of, joint } = known
  const more = parts.flatMap((part): Directive[] => {
    if ('text' in part) return pieces(part.text).map((piece) => set(of, [...v(of), piece]))
    const regex = patternRegex(pattern, new Set([part.name]), mode)
    return [
      directive('rewrite', raw(`${ALL}^${regex?.source ?? ''}\\z`), ['/?', { variable: '$1' }, '?']),
      set(of, [...v(of), { variable: '$args' }]),
      goTo(v('path')),
    ]
  })
  return [
    set(of, joint === null ? '' : v(joint)),
    ...more,
    ...(joint === null ? [] : [set(joint, [...v(of), ', '])]),
  ]
}

const pieces = (text: string): string[] => text.match(PIECE) ?? []
